//! The running system: the two doors to the database, the caches behind them, and what happens after a commit.
//!
//! [`App::read`] (in [`reads`]) and [`App::write`] are the only ways from async code to the domain. Start there. [`start`]
//! shows how an [`App`] is put together.

mod aside;
mod caches;
mod callers;
pub mod checkup;
mod console;
mod disk;
mod emptied;
mod folder_lock;
mod gate;
mod lane;
mod passwords;
mod reads;
mod schema;
mod scratch;
mod server_info;
mod start;
mod thumbs;
pub mod backups;
pub mod batch;
pub mod blobs;
pub mod crons;
mod derived;
pub mod imports;
pub mod inbound;
pub mod jobs;
pub mod limits;
pub mod logs;
pub mod pocketbase;
pub mod oauth2;
pub mod outbound;
pub mod remote;
pub mod sign_in;
pub mod realtime;
pub mod scripts;
pub mod mail;
pub mod tasks;
pub mod webhooks;
mod upkeep;
#[cfg(test)]
pub(crate) mod testing;

use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::{self, DbError, Engine, Readers};
use crate::domain::auth::installer::Installer;
use crate::domain::mail::Postbox;
use crate::domain::model::{ActiveEndpoints, INITIAL_APP_URL, Schema, Settings};
use crate::domain::tx::{Accounts, Committed, Counts, Effect, ReadTx, Start, WriteTx};
use crate::domain::{Error, Result, collections, settings, webhooks as domain_webhooks};
use arc_swap::{ArcSwap, ArcSwapOption};
use aside::Aside;
use backups::{Backups, InUse};
use blobs::{Drops, Places};
use callers::Callers;
use crons::Crons;
pub use disk::DiskView;
use disk::{Disk, Need};
pub use folder_lock::OnlyServer;
use gate::Gate;
use jobs::Jobs;
use lane::{Lane, Terms};
use limits::{Budgets, Codes, Lockout, RateLimiter, Throttle};
use logs::Logs;
use mail::Outbox;
use oauth2::Oauth2;
use passwords::{Legacy, Passwords};
use reads::{Reads, Requester};
use realtime::Realtime;
use scripts::Scripts;
pub use server_info::{ServerInfo, Sizes};
pub use start::{Options, has_data, peek};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tasks::Tasks;
use thumbs::Thumbs;
use webhooks::Webhooks;

/// The databases in the data folder.
const DATA_FILE: &str = "data.db";
const LOGS_FILE: &str = "logs.db";
/// The folder, inside the data folder, for files of records that are kept on the local disk.
const STORAGE_FOLDER: &str = "storage";

/// The running system, and the requester it is used for (see [`App::asked_by`]). Cheap to clone. Dropping the last clone
/// finishes the queued writes.
#[derive(Clone)]
pub struct App(Arc<Inner>, Requester);

struct Inner {
    started: Timestamp,
    checkups: checkup::Checkups,
    derived: derived::Derived,
    imports: imports::Imports,
    inbound: inbound::InboundState,
    data_dir: PathBuf,
    query_time: Duration,
    write_time: Duration,
    lane: Lane,
    shared: Arc<Shared>,
    passwords: Passwords,
    lockout: Lockout,
    codes: Codes,
    throttle: Throttle,
    aside: Aside,
    logs: Logs,
    oauth2: Oauth2,
    tasks: Tasks,
    places: Places,
    crons: Crons,
    jobs: Jobs,
    webhooks: Webhooks,
    thumbs: Thumbs,
    budgets: Budgets,
    backups: Backups,
    /// Released last, after the databases are closed.
    _in_use: InUse,
}

/// State that the write lane updates after a commit and every request reads.
struct Shared {
    readers: Reads,
    /// The number of reads so far. An idle lane uses it to notice that there are no reads either.
    reads: AtomicU64,
    schema: ArcSwap<Schema>,
    /// Held for reading while a transaction fixes its snapshot and takes the schema that belongs to it. Held for writing
    /// while a commit that changes the schema is made and published. This keeps a transaction from seeing new tables with
    /// old definitions.
    schema_gate: RwLock<()>,
    gate: Gate,
    settings: ArcSwap<Settings>,
    rates: RateLimiter,
    drops: Drops,
    counts: Arc<Counts>,
    callers: Callers,
    legacy: Legacy,
    installer: Installer,
    outbox: Outbox,
    jobs: jobs::Waker,
    webhooks: webhooks::Waker,
    /// The endpoints of webhooks that transactions ask. `None` without any.
    active_endpoints: ArcSwapOption<ActiveEndpoints>,
    seal_key: Option<SealKey>,
    /// See [`Options::served_at`].
    served_at: String,
    realtime: Realtime,
    disk: Arc<Disk>,
    /// Connections on which [`Realtime`] reads the state before a commit. Opened with the first subscription.
    snapshots: OnceLock<Arc<dyn Readers>>,
    scripts: Scripts,
    /// The database of everything but the request log.
    engine: Arc<dyn Engine>,
}

impl App {
    /// The current schema. Inside a transaction, use the schema of the transaction instead.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        self.0.shared.schema.load_full()
    }

    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.0.shared.settings.load_full()
    }

    /// Counts failed sign-ins and locks accounts and addresses.
    #[must_use]
    pub fn lockout(&self) -> &Lockout {
        &self.0.lockout
    }

    /// Limits how many one-time codes are sent and how often they are guessed.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.0.codes
    }

    /// Limits how often one recipient is sent the same kind of mail.
    #[must_use]
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The rate limits from the settings.
    #[must_use]
    pub fn rates(&self) -> &RateLimiter {
        &self.0.shared.rates
    }

    /// Limits on the memory and disk that all large requests and answers take together.
    #[must_use]
    pub fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }

    /// The request log. It collects entries from the beginning, and writes them from [`App::start_logs`] until it is closed.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.0.logs
    }

    pub fn start_logs(&self) {
        let shared = Arc::clone(&self.0.shared);
        let disk = Arc::clone(&shared.disk);
        self.0.logs.start(move || shared.settings.load_full(), disk);
    }

    /// Sign-in with `OAuth2` providers.
    #[must_use]
    pub fn oauth2(&self) -> &Oauth2 {
        &self.0.oauth2
    }

    /// Background tasks.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }

    /// The realtime connections.
    #[must_use]
    pub fn realtime(&self) -> &Realtime {
        &self.0.shared.realtime
    }

    /// The current settings and key, as needed to write a mail.
    #[must_use]
    pub fn postbox(&self) -> Postbox {
        let shared = &self.0.shared;
        let mut settings = self.settings();
        if settings.meta.app_url == INITIAL_APP_URL && !shared.served_at.is_empty() {
            Arc::make_mut(&mut settings).meta.app_url.clone_from(&shared.served_at);
        }
        Postbox { settings, key: shared.seal_key.clone() }
    }

    /// The key that encrypts the settings at rest, if one is configured.
    #[must_use]
    pub fn seal_key(&self) -> Option<&SealKey> {
        self.0.shared.seal_key.as_ref()
    }

    /// Returns the token of the link that creates the first superuser, or `None` if a superuser exists.
    pub async fn installer_token(&self) -> Result<Option<String>> {
        let app = self.clone();
        self.read(move |tx| app.0.shared.installer.token(tx)).await
    }

    /// Queues `work` for the write lane and waits until it is committed, together with other work that waits. An error or a
    /// panic in `work` undoes its own writes only, and so does its time limit ([`Options::write_time`]). `Ok`
    /// means that the writes are on disk.
    ///
    /// `work` runs once. What must not happen unless the commit succeeds is an [`Effect`], because the commit may fail after
    /// `work` has succeeded. An engine with several writers would run `work` again after a conflict.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.lane.run(self.terms(Need::Ordinary), work).await
    }

    /// [`App::write`] without a time limit. For work of owners on a whole collection or database: imports, schema changes.
    /// Everything else that writes waits meanwhile.
    pub async fn write_long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.lane.run(Terms { need: Need::Ordinary, time: None }, work).await
    }

    /// [`App::write`] for work that frees more disk space than it takes, or that an owner needs in order to free some:
    /// deletions, settings, sign-ins of superusers. On a full disk it may use the reserve.
    pub async fn write_making_room<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.lane.run(self.terms(Need::MakesRoom), work).await
    }

    /// [`App::write_making_room`] without a time limit, see [`App::write_long`].
    pub async fn write_long_making_room<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.lane.run(Terms { need: Need::MakesRoom, time: None }, work).await
    }

    fn terms(&self, need: Need) -> Terms {
        Terms { need, time: Some(self.0.write_time) }
    }

    /// A handle that does not keep the system alive.
    fn downgrade(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
    }

    /// Moves the write-ahead logs into the databases and gives their disk space back.
    pub async fn upkeep(&self) -> Result<()> {
        let databases = [DATA_FILE, LOGS_FILE].map(|name| db::engine(&self.0.data_dir.join(name)));
        let flush = move || databases.iter().filter(|database| database.exists()).try_for_each(|one| one.flush_log());
        self.blocking(flush).await??;
        Ok(())
    }

    /// Runs work that would block the async threads.
    #[expect(clippy::disallowed_methods, reason = "the one place where blocking work is started")]
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(format!("a task failed: {error}")))
    }
}

impl Shared {
    /// Called by the lane about every second while it is idle. Releases the memory of the reading connections if there was
    /// no read since the last call. `reads_before` is the number of reads at the last call.
    fn rest(&self, reads_before: &mut u64) {
        let reads = self.reads.load(Ordering::Relaxed);
        let is_first_quiet_look = reads == *reads_before && reads > 0;
        *reads_before = reads;
        if is_first_quiet_look {
            self.reads.store(0, Ordering::Relaxed);
            *reads_before = 0;
            self.readers.release_memory();
        }
    }

    /// The values that a new transaction starts with.
    fn start(&self) -> Start {
        Start {
            schema: self.schema.load_full(),
            now: Timestamp::now(),
            as_of: self.counts.latest(),
            counts: Arc::clone(&self.counts),
            hooks: self.scripts.hooks(),
            active_endpoints: self.active_endpoints.load_full(),
        }
    }

    /// Loads the schema and the settings again after another process, such as a command, has written to the database. The
    /// commit of `tx` publishes them.
    fn reload(&self, tx: &WriteTx) -> Result<()> {
        let schema = collections::load(tx)?;
        let settings = settings::load(tx, self.seal_key.as_ref())?;
        schema.all().iter().for_each(|collection| tx.touch(&collection.id));
        tx.set_schema(schema);
        tx.effect(Effect::SettingsChanged(Arc::new(settings)));
        domain_webhooks::refresh(tx)?;
        tx.effect(Effect::EventWritten);
        Ok(())
    }

    /// Commits, publishes what changed, and then hands it to realtime.
    fn commit(&self, tx: WriteTx) -> (Option<Box<dyn db::Connection>>, std::result::Result<(), DbError>) {
        let is_schema_changed = !Arc::ptr_eq(&tx.schema(), &self.schema.load());
        let gate = is_schema_changed.then(|| self.schema_gate.write().unwrap_or_else(PoisonError::into_inner));
        let summary = tx.with_effects(|effects| self.realtime.watch(effects, || self.snapshot()));
        self.counts.begin_commit();
        let (connection, outcome) = tx.commit();
        let outcome = outcome.map(|committed| self.publish(committed)).inspect_err(|_| self.counts.abandon_commit());
        drop(gate);
        if let Some(summary) = summary.filter(|_| outcome.is_ok()) {
            self.realtime.deliver(summary);
        }
        (connection, outcome)
    }

    /// Opens a snapshot of the state that the last commit left, if a connection is free. Never waits.
    fn snapshot(&self) -> Option<ReadTx> {
        let mut connection = self.snapshots.get()?.try_reader()?;
        connection.cancel_with(self.gate.token());
        ReadTx::begin(connection, self.start()).inspect_err(|error| tracing::warn!(%error, "no snapshot")).ok()
    }

    fn publish(&self, committed: Committed) {
        let saved = committed.effects.iter().filter_map(|effect| match effect {
            Effect::Saved(saved) => Some(Arc::clone(saved)),
            _ => None,
        });
        let saved: Vec<_> = saved.collect();
        for of_same in saved.chunk_by(|a, b| Arc::ptr_eq(&a.hooks, &b.hooks)) {
            of_same[0].hooks.committed(of_same.to_vec());
        }
        self.counts.written(committed.touched.iter().map(|(id, added)| (id.as_str(), *added)));
        match &committed.accounts {
            Accounts::These(ids) => ids.iter().for_each(|id| self.callers.forget(id)),
            Accounts::TooMany => self.callers.forget_all(),
        }
        for effect in &committed.effects {
            match effect {
                // What follows from changed records is told to realtime clients. Scripts were told above.
                Effect::RecordChanged(_) | Effect::LargeRecordChanged(_) | Effect::Saved(_) | Effect::Message(_) => {}
                Effect::MailPosted => self.outbox.wake(),
                Effect::JobEnqueued => self.jobs.wake(),
                Effect::EventWritten => self.webhooks.wake(),
                Effect::DeliveriesDue => self.webhooks.wake_for_due(),
                Effect::WebhooksChanged(endpoints) => {
                    self.active_endpoints.store(endpoints.clone());
                    self.webhooks.wake_for_change();
                }
                Effect::SchemaChanged => {
                    self.callers.forget_all();
                    self.legacy.forget();
                    self.scripts.warn_of_deleted(&self.schema.load(), &committed.schema);
                }
                Effect::SettingsChanged(settings) => {
                    self.settings.store(Arc::clone(settings));
                    // The lane also sends this effect after another process, or SQL in the console, has written.
                    self.legacy.forget();
                    self.rates.reset();
                    self.outbox.retry_all();
                    self.jobs.wake();
                }
                Effect::DropBlobs(scope) => self.drops.push(scope.clone()),
            }
        }
        self.schema.store(committed.schema);
    }
}

/// See [`App::downgrade`].
struct WeakApp(std::sync::Weak<Inner>);

impl WeakApp {
    fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(|inner| App(inner, Requester::System))
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}
