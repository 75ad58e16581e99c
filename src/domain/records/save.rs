//! Saving: the one way in which a row of a collection is created, changed or removed.
//!
//! Every change of a record takes the same steps in the same order, for a request, a batch, an import, a
//! sign-in, a cascade, a command.
//!
//! 1. **before**: hooks of the owner may change the record, and read and write others.
//! 2. **validate**: [`check`] turns a draft into a [`Ready`], then hooks may refuse it. Without hooks, `check` needs no write
//!    transaction, so a rehearsal ends here. Changes that the server makes by itself begin with the next step, except for
//!    what hooks change in them: [`rewrite`], [`replace_hash`], [`remove`].
//! 3. **revoke**: [`revoke_tokens`] may still change the record.
//! 4. **write**: one statement. It may be refused by an index, a constraint or a trigger, and then has changed nothing.
//! 5. **effects**: [`outbox::note`] writes an event for the endpoints of webhooks, [`announce`] leaves what `app` does after the commit, and what hooks are told then.
//! 6. **on**: hooks see the stored record and may write others. Their effects follow those of the save, so that everyone hears of a record in the order of its states.
//! 7. **forget**: [`forget_factors`] changes other records that depend on this one, in the same transaction.
//!
//! Code that must run around every save belongs in one of these steps. Only step 2 may run without a write following it.
//! [`replace_hash`] runs no hooks: it changes how a password is stored and nothing that anyone sees.
//!
//! What skips the steps, because it writes many rows that nobody follows one by one: [`insert_as_stored`],
//! [`remove_older`], and what a changed definition does to a whole table (`collections::ddl`).

use super::credentials::{self, Submitted};
use super::draft::{self, Draft};
use super::files::file_names;
use super::{outbox, store, validate};
use crate::base::clock::Timestamp;
use crate::base::password::Hash;
use crate::db::Value;
use crate::domain::fields::Field;
use crate::domain::model::{BlobScope, Collection, Record};
use crate::domain::tx::{Action, Change, Effect, Moment, ReadTx, Saved, Saving, WriteTx};
use crate::domain::{Error, Result};
use serde_json::Map;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A record that may be saved: every check has passed. Only [`check`] makes one.
#[derive(Debug)]
pub struct Ready(Draft);

/// Checks the draft of a new record, or of a changed one if `stored` is given.
pub fn check(tx: &ReadTx, mut draft: Draft, stored: Option<&Record>, submitted: &Submitted) -> Result<Ready> {
    if stored.is_none() {
        // After the rule, so that the rule sees what the caller sent and no generated values.
        draft.generate_texts();
    }
    validate::validate(tx, &draft, submitted, stored)?.into_result(failed(Step::of(stored).action()))?;
    Ok(Ready(draft))
}

/// Creates or updates a record: all steps.
pub fn save(tx: &WriteTx, draft: Draft, stored: Option<&Record>, submitted: &Submitted) -> Result<Arc<Record>> {
    let step = Step::of(stored);
    let draft = before(tx, step, draft, submitted)?;
    let Ready(mut draft) = check(tx, draft, stored, submitted)?;
    step.run_hooks(tx, Moment::Validate, &mut draft.record)?;
    credentials::seal(&mut draft, &submitted.secrets)?;
    step.run(tx, draft.record)
}

/// Stores a change that the server makes by itself, without checks. If it changes credentials, tokens, pending factors and
/// known origins are revoked.
pub fn rewrite(tx: &WriteTx, stored: &Record, mut record: Record) -> Result<Arc<Record>> {
    draft::stamp(&mut record, &tx.now().to_string(), false);
    let step = Step::of(Some(stored));
    if tx.listens(Moment::Before, Action::Update, &record.collection) {
        let untouched = record.clone();
        step.run_hooks(tx, Moment::Before, &mut record)?;
        if record != untouched {
            let draft = Draft { record, body: Arc::new(Map::new()), passwords: BTreeMap::new() };
            let Ready(checked) = check(tx, draft, Some(stored), &Submitted::default())?;
            record = checked.record;
        }
    }
    step.run(tx, record)
}

/// Stores another hash of the same password. Nothing is revoked, no date changes, and no hook runs.
pub fn replace_hash(tx: &WriteTx, stored: &Record, hash: Hash) -> Result<Arc<Record>> {
    let mut record = stored.clone();
    record.set("password", String::from(hash));
    Step::Rehash { stored }.run(tx, record)
}

/// Runs what comes before the deletion of a record and of what refers to it. Returns the record as it is then, or `None` if
/// a hook has deleted it.
pub(super) fn before_removal(tx: &WriteTx, mut record: Record) -> Result<Option<Record>> {
    if !tx.listens(Moment::Before, Action::Delete, &record.collection) {
        return Ok(Some(record));
    }
    Step::Delete.run_hooks(tx, Moment::Before, &mut record)?;
    store::find(tx, &record.collection, record.id())
}

/// Removes one record. What refers or belongs to it is the matter of [`delete`](super::delete), which calls
/// [`before_removal`] first.
pub(super) fn remove(tx: &WriteTx, record: Record) -> Result<()> {
    Step::Delete.run(tx, record).map(drop)
}

/// The step before the checks. An id that a hook sets is checked like one that was sent.
fn before(tx: &WriteTx, step: Step<'_>, mut draft: Draft, submitted: &Submitted) -> Result<Draft> {
    if !tx.listens(Moment::Before, step.action(), &draft.record.collection) {
        return Ok(draft);
    }
    let id = draft.record.id().to_owned();
    step.run_hooks(tx, Moment::Before, &mut draft.record)?;
    if draft.record.id() != id {
        if !submitted.uploads.by_name.is_empty() {
            return Err(Error::Internal("a hook has changed the id of a record with new files".to_owned()));
        }
        let id = draft.record.id().to_owned();
        Arc::make_mut(&mut draft.body).insert("id".to_owned(), id.into());
    }
    Ok(draft)
}

/// What happens to a record that has passed its checks.
#[derive(Clone, Copy)]
enum Step<'a> {
    Create,
    Update {
        stored: &'a Record,
    },
    /// An update that stores another hash of the same password.
    Rehash {
        stored: &'a Record,
    },
    Delete,
}

impl<'a> Step<'a> {
    fn of(stored: Option<&'a Record>) -> Self {
        stored.map_or(Self::Create, |stored| Self::Update { stored })
    }

    fn run(self, tx: &WriteTx, mut record: Record) -> Result<Arc<Record>> {
        revoke_tokens(self, &mut record);
        self.write(tx, &record)?;
        let record = Arc::new(record);
        if tx.has_active_endpoints() {
            self.note_event(tx, &record)?;
        }
        announce(self, tx, &record);
        if tx.listens(Moment::On, self.action(), &record.collection) {
            self.run_hooks(tx, Moment::On, &mut Record::clone(&record))?;
        }
        forget_factors(self, tx, &record)?;
        Ok(record)
    }

    fn run_hooks(self, tx: &WriteTx, moment: Moment, record: &mut Record) -> Result<()> {
        let stored = match self {
            Self::Create | Self::Delete => None,
            Self::Update { stored } => Some(stored),
            Self::Rehash { .. } => return Ok(()),
        };
        let action = self.action();
        if !tx.listens(moment, action, &record.collection) {
            return Ok(());
        }
        tx.run_hooks(&mut Saving { moment, action, record, stored, spent: Duration::ZERO })
    }

    /// Tells the endpoints of webhooks, but not of another hash of the same password.
    fn note_event(self, tx: &WriteTx, record: &Record) -> Result<()> {
        match self {
            Self::Rehash { .. } => Ok(()),
            Self::Update { stored } => outbox::note(tx, Action::Update, record, Some(stored)),
            Self::Create | Self::Delete => outbox::note(tx, self.action(), record, None),
        }
    }

    fn write(self, tx: &WriteTx, record: &Record) -> Result<()> {
        let written = match self {
            Self::Create => store::insert(tx, record),
            Self::Update { stored } | Self::Rehash { stored } => store::update(tx, stored, record),
            Self::Delete => store::delete(tx, record),
        };
        written.map_err(|error| store::blame(error, &record.collection, failed(self.action())))
    }

    fn action(self) -> Action {
        match self {
            Self::Create => Action::Create,
            Self::Update { .. } | Self::Rehash { .. } => Action::Update,
            Self::Delete => Action::Delete,
        }
    }

    /// Whether the record is an account whose credentials this step replaces.
    fn revokes(self, record: &Record) -> bool {
        match self {
            Self::Update { stored } => record.collection.is_auth() && credentials::is_changed(stored, record),
            Self::Create | Self::Rehash { .. } | Self::Delete => false,
        }
    }
}

/// Ends the tokens of an account whose credentials change.
fn revoke_tokens(step: Step<'_>, record: &mut Record) {
    if step.revokes(record) {
        credentials::refresh_token_key(record);
    }
}

/// Forgets pending factors and known origins of an account whose credentials have changed.
fn forget_factors(step: Step<'_>, tx: &WriteTx, record: &Record) -> Result<()> {
    if step.revokes(record) {
        credentials::forget_factors(tx, record)?;
    }
    Ok(())
}

/// Leaves the effects of a save.
fn announce(step: Step<'_>, tx: &WriteTx, record: &Arc<Record>) {
    let drops_files = match step {
        Step::Create => false,
        Step::Update { stored } | Step::Rehash { stored } => !file_names(stored).is_subset(&file_names(record)),
        Step::Delete => record.collection.fields.iter().any(Field::is_file),
    };
    if drops_files {
        let (collection_id, record_id) = (record.collection.id.clone(), record.id().to_owned());
        tx.effect(Effect::DropBlobs(BlobScope::Record { collection_id, record_id }));
    }
    let action = step.action();
    tx.effect(Effect::RecordChanged(Change { action, record: Arc::clone(record) }));
    let is_seen = !matches!(step, Step::Rehash { .. });
    if is_seen && let Some(hooks) = tx.hooks().filter(|hooks| hooks.listens(Moment::After, action, &record.collection))
    {
        let stored = match step {
            Step::Update { stored } => Some(Arc::new(stored.clone())),
            Step::Create | Step::Rehash { .. } | Step::Delete => None,
        };
        let record = Arc::clone(record);
        let (origin, hooks, generation) = (tx.origin(), Arc::clone(hooks), tx.generation());
        tx.effect(Effect::Saved(Arc::new(Saved {
            action,
            record,
            stored,
            origin,
            is_trimmed: false,
            hooks,
            generation,
        })));
    }
}

/// The message of an answer to a save that failed.
#[must_use]
pub const fn failed(action: Action) -> &'static str {
    match action {
        Action::Create => "Failed to create record.",
        Action::Update => "Failed to update record.",
        Action::Delete => "Failed to delete record.",
    }
}

/// Inserts a row as it was stored elsewhere, without any step. `values` are in the order of the collection's fields. For
/// moving in from another installation, whose rows keep their exact form.
pub fn insert_as_stored(tx: &WriteTx, collection: &Collection, values: Vec<Value>) -> Result<()> {
    let inserted = store::insert_values(tx, collection, values.into_iter())?;
    tx.touch_rows(&collection.id, inserted);
    Ok(())
}

/// Removes the rows of the system collection `table` that belong to records of `owners` and were created before `time`,
/// in one statement and without any step. Each is a sign-in that nobody has finished in time.
pub fn remove_older(tx: &WriteTx, table: &Collection, owners: &Collection, time: Timestamp) -> Result<()> {
    store::delete_older(tx, table, owners, time)
}
