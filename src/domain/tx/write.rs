//! A transaction that writes.

use super::hooks::HookState;
use super::read::ReadTx;
use super::{Action, Committed, Effect, Hooks, MAX_HOOK_DEPTH, Message, Origin, Saved, Saving, Source, Start};
use crate::db::{Connection, DbError, Sql};
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::model::{ActiveEndpoints, Collection, Record, Schema};
use crate::domain::{Error, Result};
use serde_json::{Map, Value};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

/// How many bytes of changed records a transaction keeps for its effects. One request can change many large records: in
/// a batch, or by deleting a record that they all refer to.
pub(super) const MAX_KEPT_BYTES: usize = 8 * 1024 * 1024;

/// How many bytes of messages to realtime clients a transaction sends.
pub(super) const MAX_MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// A transaction that may write. Derefs to [`ReadTx`] for everything that only reads.
#[derive(Clone)]
pub struct WriteTx {
    read: ReadTx,
}

impl Deref for WriteTx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.read
    }
}

impl WriteTx {
    /// Takes the write lock immediately, so that no other writer can outdate what was read before a write.
    pub fn begin(
        mut connection: Box<dyn Connection>,
        start: Start,
    ) -> std::result::Result<Self, (Box<dyn Connection>, DbError)> {
        match connection.begin_write() {
            Ok(()) => Ok(Self { read: ReadTx::around(connection, start, true, true) }),
            Err(error) => Err((connection, error)),
        }
    }

    /// Commits. Returns the connection and what must be done now. On failure everything is rolled back.
    pub fn commit(self) -> (Option<Box<dyn Connection>>, std::result::Result<Committed, DbError>) {
        if let Some(cause) = self.lost() {
            return (self.rollback(), Err(cause));
        }
        let mut connection = match self.take() {
            Ok(connection) => connection,
            Err(error) => return (None, Err(error)),
        };
        if let Err(error) = connection.commit() {
            return (Some(connection), Err(error));
        }
        let mut state = self.state();
        if state.has_events {
            state.effects.push(Effect::EventWritten);
        }
        let committed = Committed {
            effects: std::mem::take(&mut state.effects),
            schema: Arc::clone(&state.schema),
            touched: std::mem::take(&mut state.touched),
            accounts: std::mem::take(&mut state.accounts),
        };
        drop(state);
        (Some(connection), Ok(committed))
    }

    /// Rolls back and returns the connection.
    #[must_use]
    pub fn rollback(self) -> Option<Box<dyn Connection>> {
        let mut connection = self.take().ok()?;
        connection.rollback();
        Some(connection)
    }

    pub fn execute(&self, sql: &Sql) -> Result<usize> {
        self.with(|connection| connection.execute(sql))
    }

    /// Adds an effect that takes place after the commit. Dropped on rollback.
    pub fn effect(&self, effect: Effect) {
        let mut state = self.state();
        match effect {
            Effect::RecordChanged(change) if state.is_quiet => {
                // Accounts are not told one by one either, but who is signed in is read again.
                let concerns_callers = change.record.collection.is_auth() && change.action != Action::Create;
                if concerns_callers && !matches!(state.effects.last(), Some(Effect::SchemaChanged)) {
                    state.effects.push(Effect::SchemaChanged);
                }
            }
            Effect::RecordChanged(change) => {
                state.kept_bytes += change.record.text_bytes();
                // Accounts of auth collections are few, and their new state decides who is signed in.
                let is_kept = state.kept_bytes <= MAX_KEPT_BYTES || change.record.collection.is_auth();
                state.effects.push(if is_kept {
                    Effect::RecordChanged(change)
                } else {
                    Effect::LargeRecordChanged(Arc::new(change.record.without_values()))
                });
            }
            Effect::Saved(saved) => {
                state.kept_bytes += saved.bytes();
                let saved = if state.kept_bytes > MAX_KEPT_BYTES {
                    let record = Arc::new(saved.record.without_values());
                    let (origin, hooks) = (Arc::clone(&saved.origin), Arc::clone(&saved.hooks));
                    let generation = saved.generation;
                    Arc::new(Saved {
                        action: saved.action,
                        record,
                        stored: None,
                        origin,
                        is_trimmed: true,
                        hooks,
                        generation,
                    })
                } else {
                    saved
                };
                state.effects.push(Effect::Saved(saved));
            }
            other => state.effects.push(other),
        }
    }

    /// Leaves one [`Effect::EventWritten`], however often it is called.
    pub fn note_event(&self) {
        self.state().has_events = true;
    }

    /// Sends a message to realtime clients after the commit. Fails if the transaction sends too much.
    pub fn send(&self, message: Message) -> Result<()> {
        let mut state = self.state();
        state.message_bytes += message.bytes();
        if state.message_bytes > MAX_MESSAGE_BYTES {
            let limit = MAX_MESSAGE_BYTES / 2 / 1024 / 1024;
            return Err(Error::bad_request(format!("a transaction sends at most {limit} MiB of realtime messages")));
        }
        state.effects.push(Effect::Message(Arc::new(message)));
        Ok(())
    }

    /// Whether more than half of [`MAX_KEPT_BYTES`] or [`MAX_MESSAGE_BYTES`] is used. The lane then commits before it takes another piece.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let state = self.state();
        state.kept_bytes > MAX_KEPT_BYTES / 2 || state.message_bytes > MAX_MESSAGE_BYTES / 2
    }

    /// Runs `look` on the effects added so far.
    pub fn with_effects<T>(&self, look: impl FnOnce(&[Effect]) -> T) -> T {
        look(&self.state().effects)
    }

    /// Runs `work` without noting which records it changes. For bulk work, whose records would fill the memory, and
    /// whose changes no listener follows one by one.
    pub fn quietly<T>(&self, work: impl FnOnce() -> T) -> T {
        let _loud_again = Loud(self);
        self.state().is_quiet = true;
        work()
    }

    /// Notes that records of a collection changed, so that what is remembered of it is dropped after the commit. The
    /// number of rows added or removed is not known.
    pub fn touch(&self, collection_id: &str) {
        self.note_touched(collection_id, None);
    }

    /// Like [`WriteTx::touch`], for a known number of rows `added`. Negative if rows were removed.
    pub fn touch_rows(&self, collection_id: &str, added: i64) {
        self.note_touched(collection_id, Some(added));
    }

    /// Notes that the rows of a collection were changed by a statement that does not tell which: what is remembered of them is dropped, and
    /// who is signed in is read again.
    pub fn touch_unknown(&self, collection: &Collection) {
        self.touch(&collection.id);
        if collection.is_auth() {
            self.state().effects.push(Effect::SchemaChanged);
        }
    }

    /// Like [`WriteTx::touch_rows`], for a record that was written.
    pub fn touch_record(&self, record: &Record, added: i64) {
        self.touch_rows(&record.collection.id, added);
        if record.collection.is_auth() {
            self.state().accounts.add(record.id());
        }
    }

    fn note_touched(&self, collection_id: &str, added: Option<i64>) {
        let mut state = self.state();
        match state.touched.get_mut(collection_id) {
            Some(so_far) => *so_far = so_far.zip(added).map(|(so_far, added)| so_far + added),
            None => drop(state.touched.insert(collection_id.to_owned(), added)),
        }
    }

    /// Replaces the schema for the rest of this transaction, and for all others after its commit.
    pub fn set_schema(&self, schema: Schema) {
        let mut state = self.state();
        state.schema = Arc::new(schema);
        state.effects.push(Effect::SchemaChanged);
    }

    /// Replaces the endpoints that listen to changes, for the rest of this transaction and for all others after its commit.
    pub fn set_active_endpoints(&self, endpoints: Option<Arc<ActiveEndpoints>>) {
        self.note_active_endpoints(endpoints.is_some());
        let mut state = self.state();
        state.active_endpoints.clone_from(&endpoints);
        state.effects.push(Effect::WebhooksChanged(endpoints));
    }

    /// Runs `work` so that its failure undoes its own writes, effects and schema change, and nothing else. If the
    /// engine rolls back the whole transaction meanwhile, this fails even if `work` did not, see [`ReadTx::lost`].
    pub fn savepoint<T, E: From<Error>>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let (schema, endpoints, effects, bytes, touched) = {
            let state = self.state();
            let (schema, endpoints) = (Arc::clone(&state.schema), state.active_endpoints.clone());
            let bytes = (state.kept_bytes, state.message_bytes);
            (schema, endpoints, state.effects.len(), bytes, state.touched.clone())
        };
        let outcome = self.read.savepoint(work);
        if outcome.is_err() {
            let mut state = self.state();
            state.schema = schema;
            self.note_active_endpoints(endpoints.is_some());
            state.active_endpoints = endpoints;
            state.effects.truncate(effects);
            (state.kept_bytes, state.message_bytes) = bytes;
            state.touched = touched;
        }
        outcome
    }
}

/// Hooks.
impl WriteTx {
    /// Begins a piece of work. The time limit of hooks counts for all its saves together, or for each of them if it `is_long`. What is
    /// noted on whose behalf the transaction writes is forgotten.
    pub fn begin_piece(&self, is_long: bool) {
        if self.hooks().is_some() || self.has_active_endpoints() {
            self.state().hooks = HookState { is_long, ..HookState::default() };
        }
    }

    /// The same transaction with other hooks: the code of the owner that writes through it may be older than the hooks that are in force, and
    /// must not meet newer ones. `generation` is that of the saves: see [`Saved::generation`]. To be called at the beginning of a piece of work.
    #[must_use]
    pub fn under(&self, hooks: Option<Arc<dyn Hooks>>, generation: u8) -> Self {
        if self.hooks().is_none() {
            // Without hooks, `begin_piece` leaves what the piece before has noted.
            self.state().hooks = HookState::default();
        }
        self.state().hooks.generation = generation;
        Self { read: self.read.with_hooks(hooks) }
    }

    /// See [`Saved::generation`].
    #[must_use]
    pub fn generation(&self) -> u8 {
        self.state().hooks.generation
    }

    /// Notes, until the guard is dropped, that records are written for the caller of `request`, who sent `body`. A script that writes under
    /// the rules of a caller does the same: what it passes on may be what a client sent.
    pub fn on_behalf_of(&self, request: &RequestInfo, body: &Arc<Map<String, Value>>) -> Acting<'_> {
        let source = if request.context == Context::Batch { Source::Batch } else { Source::Request };
        self.acting(|| Origin { source, request: Some(request.clone()), body: Arc::clone(body) })
    }

    /// Notes, until the guard is dropped, what the cause of writes is. The request remains that of the code around it.
    pub fn because_of(&self, source: Source) -> Acting<'_> {
        let is_noted = self.hooks().is_some() || self.has_active_endpoints();
        let request = is_noted.then(|| self.origin().request.clone()).flatten();
        self.acting(|| Origin { source, request, body: Arc::default() })
    }

    fn acting(&self, origin: impl FnOnce() -> Origin) -> Acting<'_> {
        if self.hooks().is_none() && !self.has_active_endpoints() {
            return Acting { tx: self, before: None, is_noted: false };
        }
        Acting { tx: self, before: self.state().hooks.origin.replace(Arc::new(origin())), is_noted: true }
    }

    /// On whose behalf the transaction writes at the moment.
    #[must_use]
    pub fn origin(&self) -> Arc<Origin> {
        self.state().hooks.origin.clone().unwrap_or_default()
    }

    /// Runs the hooks that listen to this point of a save. The caller has asked [`ReadTx::listens`]. Fails if hooks call each other too
    /// deeply. Their time counts for the piece of work.
    pub fn run_hooks(&self, saving: &mut Saving<'_>) -> Result<()> {
        let Some(hooks) = self.hooks() else { return Ok(()) };
        let depth = {
            let state = &mut self.state().hooks;
            if state.depth >= MAX_HOOK_DEPTH {
                return Err(Error::bad_request(format!(
                    "Handlers call each other more than {MAX_HOOK_DEPTH} deep: saving or deleting a record in a handler runs the \
                     handlers of that record."
                )));
            }
            saving.spent = state.spent;
            state.depth += 1;
            state.depth
        };
        let _ended = Deeper { tx: self, depth, began: Instant::now() };
        hooks.run(self, saving)
    }
}

/// Restores on whose behalf a transaction wrote before.
#[must_use]
pub struct Acting<'a> {
    tx: &'a WriteTx,
    before: Option<Arc<Origin>>,
    /// Nothing is noted if neither hooks nor endpoints of webhooks could ask.
    is_noted: bool,
}

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        if self.is_noted {
            self.tx.state().hooks.origin = self.before.take();
        }
    }
}

/// Ends [`WriteTx::run_hooks`], also after a panic.
struct Deeper<'a> {
    tx: &'a WriteTx,
    depth: u8,
    began: Instant,
}

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        let hooks = &mut self.tx.state().hooks;
        hooks.depth = self.depth - 1;
        // The time of inner hooks is part of that of the outermost.
        if hooks.depth == 0 && !hooks.is_long {
            hooks.spent += self.began.elapsed();
        }
    }
}

/// Ends [`WriteTx::quietly`], also after a panic.
struct Loud<'a>(&'a WriteTx);

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        self.0.state().is_quiet = false;
    }
}
