//! The running system: the database's two doors, the caches behind them, and what happens after a commit.
//!
//! [`App::read`] (in [`reads`]) and [`App::write`] are the only ways from async code to the domain. Start there; how it all
//! comes to be is in [`start`].

mod anchor;
mod aside;
mod caches;
mod callers;
mod checkpoints;
mod console;
mod disk;
mod gate;
mod lane;
mod passwords;
mod reads;
mod scratch;
mod start;
mod thumbs;
pub mod backups;
pub mod batch;
pub mod blobs;
pub mod crons;
mod derived;
pub mod limits;
pub mod logs;
pub mod pocketbase;
pub mod oauth2;
pub mod remote;
pub mod sign_in;
pub mod realtime;
pub mod mail;
pub mod tasks;
#[cfg(test)]
pub(crate) mod testing;

use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::DbError;
use crate::db::sqlite::{self, Pool};
use crate::domain::auth::installer::Installer;
use crate::domain::auth::token::Kind;
use crate::domain::caller::Caller;
use crate::domain::mail::Postbox;
use crate::domain::model::{INITIAL_APP_URL, Schema, Settings};
use crate::domain::tx::{Committed, Counts, Effect, ReadTx, Start, WriteTx};
use crate::domain::{Error, Result, auth, collections, settings};
use arc_swap::ArcSwap;
use aside::Aside;
use backups::{Backups, InUse};
use blobs::{Drops, Places};
use callers::Callers;
use crons::Crons;
pub use disk::DiskView;
use disk::{Disk, Need};
use gate::Gate;
use lane::Lane;
use limits::{Budgets, Codes, Lockout, RateLimiter, Throttle};
use logs::Logs;
use mail::Outbox;
use oauth2::Oauth2;
use passwords::{Legacy, Passwords};
use reads::{Asker, Reads};
use realtime::Realtime;
pub use start::{Options, has_data, peek};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tasks::Tasks;
pub use thumbs::ThumbRequest;
use thumbs::Thumbs;

/// The databases of a data folder.
const DATA_FILE: &str = "data.db";
const LOGS_FILE: &str = "logs.db";
/// Beside them: the files of records, while they are kept on the local disk.
const STORAGE_FOLDER: &str = "storage";

/// The running system, and on whose behalf it is used, see [`App::asked_by`]. Cheap to clone; the last clone's drop
/// finishes queued writes.
#[derive(Clone)]
pub struct App(Arc<Inner>, Asker);

struct Inner {
    derived: derived::Derived,
    data_dir: PathBuf,
    query_time: Duration,
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
    thumbs: Thumbs,
    budgets: Budgets,
    backups: Backups,
    /// Given back last, when the databases are closed.
    _in_use: InUse,
}

/// What the write lane updates after a commit and everyone reads.
struct Shared {
    readers: Reads,
    /// The one connection of the lane's anchor.
    anchorage: Pool,
    /// How many reads there were, so that an idle lane notices when nobody reads either.
    reads: AtomicU64,
    schema: ArcSwap<Schema>,
    /// Held for reading while a transaction fixes its snapshot and takes the schema that belongs to it; held for
    /// writing while a commit that changes the schema is made and published. So nobody meets new tables with old
    /// definitions.
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
    seal_key: Option<SealKey>,
    /// See [`Options::served_at`].
    served_at: String,
    realtime: Realtime,
    disk: Arc<Disk>,
    /// Connections for [`Realtime`]'s looks at what was before a commit. None are open before anyone subscribes.
    snapshots: OnceLock<Pool>,
    /// `data.db`.
    path: PathBuf,
}

impl App {
    /// The schema as of now. Inside a transaction, ask the transaction instead.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        self.0.shared.schema.load_full()
    }

    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.0.shared.settings.load_full()
    }

    /// Who failed to sign in too often lately.
    #[must_use]
    pub fn lockout(&self) -> &Lockout {
        &self.0.lockout
    }

    /// How many one-time codes are sent, and how often they are guessed.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.0.codes
    }

    /// Who was sent which mail lately.
    #[must_use]
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Who asks too often, by the settings' rules.
    #[must_use]
    pub fn rates(&self) -> &RateLimiter {
        &self.0.shared.rates
    }

    /// What large requests and answers may take together.
    #[must_use]
    pub fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }

    /// The request log. It collects, and writes from [`App::start_logs`] until it is closed.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.0.logs
    }

    pub fn start_logs(&self) {
        let shared = Arc::clone(&self.0.shared);
        let disk = Arc::clone(&shared.disk);
        self.0.logs.start(move || shared.settings.load_full(), disk);
    }

    /// The providers people sign in with.
    #[must_use]
    pub fn oauth2(&self) -> &Oauth2 {
        &self.0.oauth2
    }

    /// Work beside the requests.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }

    /// Who is connected to hear of changes.
    #[must_use]
    pub fn realtime(&self) -> &Realtime {
        &self.0.shared.realtime
    }

    /// What it takes to write mails, as of now.
    #[must_use]
    pub fn postbox(&self) -> Postbox {
        let shared = &self.0.shared;
        let mut settings = self.settings();
        if settings.meta.app_url == INITIAL_APP_URL && !shared.served_at.is_empty() {
            Arc::make_mut(&mut settings).meta.app_url.clone_from(&shared.served_at);
        }
        Postbox { settings, key: shared.seal_key.clone() }
    }

    /// What seals the settings at rest.
    #[must_use]
    pub fn seal_key(&self) -> Option<&SealKey> {
        self.0.shared.seal_key.as_ref()
    }

    /// The token of the link that makes the first superuser; `None` once there is one.
    pub async fn installer_token(&self) -> Result<Option<String>> {
        let app = self.clone();
        self.read(move |tx| app.0.shared.installer.token(tx)).await
    }

    /// Queues `work` for the write lane and waits until it is committed, together with whatever else was waiting. Its
    /// failure, or panic, undoes its own writes only. `Ok` means on disk.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.lane.run(Need::Ordinary, work).await
    }

    /// [`App::write`] for work that frees more than it takes, or that an owner needs in order to free something: deletions,
    /// settings, sign-ins of superusers. On a full disk it may use the reserve.
    pub async fn write_making_room<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.lane.run(Need::MakesRoom, work).await
    }

    /// Who the token says is asking. A token that is malformed, expired or revoked makes the caller anonymous: that is
    /// no error by itself.
    pub async fn authenticate(&self, token: &str) -> Caller {
        self.authenticate_as(token, Kind::Auth).await
    }

    /// The same for a token that is put into the URL of a file.
    pub async fn authenticate_for_files(&self, token: &str) -> Caller {
        self.authenticate_as(token, Kind::File).await
    }

    async fn authenticate_as(&self, token: &str, kind: Kind) -> Caller {
        let shared = &self.0.shared;
        let now = Timestamp::now();
        // Only tokens for signing in are remembered, so that one of another kind is never taken for one.
        let is_sign_in = kind == Kind::Auth;
        if let Some(record) = shared.callers.proven(token, now).filter(|_| is_sign_in) {
            return auth::token::as_caller(record);
        }
        let Some(claims) = auth::token::peek(token, kind) else { return Caller::Anonymous };
        // The version is read first: a write in between makes what is remembered look older than it is.
        let version = shared.callers.version(&claims.id);
        let is_installer = Installer::is_claimed(&claims);
        let record = match shared.callers.get(&claims) {
            Some(record) => Some(record),
            None if is_installer => {
                let app = self.clone();
                self.read(move |tx| app.0.shared.installer.record(tx)).await.unwrap_or_default()
            }
            None => {
                let wanted = claims.clone();
                let found = self.read(move |tx| auth::find_token_record(tx, &wanted)).await.unwrap_or_default();
                found.inspect(|record| shared.callers.remember(&claims, record, version))
            }
        };
        let Some(record) = record else { return Caller::Anonymous };
        let caller = auth::token::caller_of(token, kind, record, now);
        if let Some(record) = caller.record().filter(|_| is_sign_in && !is_installer) {
            shared.callers.remember_proven(token, &claims, record, version);
        }
        caller
    }

    /// Gives the disk space back that the databases need no longer.
    pub async fn upkeep(&self) -> Result<()> {
        let files = [DATA_FILE, LOGS_FILE].map(|name| self.0.data_dir.join(name));
        self.blocking(move || files.iter().filter(|file| file.exists()).try_for_each(|file| sqlite::checkpoint(file)))
            .await??;
        Ok(())
    }

    /// Runs work that would hold up the async threads.
    #[expect(clippy::disallowed_methods, reason = "this is the place the others are pointed to")]
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(format!("a task failed: {error}")))
    }
}

impl Shared {
    /// Called by the lane about every second while it has nothing to do. When nobody has read since the last call either,
    /// the readers give their memory back. `reads_before` is the count of reads as of the last call.
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

    /// What a transaction that begins now starts from.
    fn start(&self) -> Start {
        Start {
            schema: self.schema.load_full(),
            now: Timestamp::now(),
            as_of: self.counts.latest(),
            counts: Arc::clone(&self.counts),
        }
    }

    /// Reads anew what is remembered of the database: another process, such as a command, has written to it. The
    /// commit of `tx` publishes it.
    fn reload(&self, tx: &WriteTx) -> Result<()> {
        let schema = collections::load(tx)?;
        let settings = settings::load(tx, self.seal_key.as_ref())?;
        schema.all().iter().for_each(|collection| tx.touch(&collection.id));
        tx.set_schema(schema);
        tx.effect(Effect::SettingsChanged(Arc::new(settings)));
        Ok(())
    }

    /// Commits and publishes what changed, before anyone is told.
    fn commit(&self, tx: WriteTx) -> (Option<Box<dyn crate::db::Connection>>, std::result::Result<(), DbError>) {
        let is_schema_changed = !Arc::ptr_eq(&tx.schema(), &self.schema.load());
        let gate = is_schema_changed.then(|| self.schema_gate.write().unwrap_or_else(PoisonError::into_inner));
        let news = tx.with_effects(|effects| self.realtime.watch(effects, || self.snapshot()));
        let (connection, outcome) = tx.commit();
        let outcome = outcome.map(|committed| self.publish(committed));
        drop(gate);
        if let Some(news) = news.filter(|_| outcome.is_ok()) {
            self.realtime.tell(news);
        }
        (connection, outcome)
    }

    /// The database as the last commit left it, if a connection for that is free. Never waits.
    fn snapshot(&self) -> Option<ReadTx> {
        let mut connection = self.snapshots.get()?.try_get()?;
        connection.cancel_with(self.gate.token());
        ReadTx::begin(connection, self.start()).inspect_err(|error| tracing::warn!(%error, "no snapshot")).ok()
    }

    fn publish(&self, committed: Committed) {
        self.counts.written(committed.touched.iter().map(String::as_str));
        for effect in &committed.effects {
            match effect {
                Effect::RecordChanged(change) => {
                    if change.record.collection.is_auth() {
                        self.callers.forget(change.record.id());
                    }
                }
                // Never of an auth collection.
                Effect::LargeRecordChanged(_) => {}
                Effect::MailPosted => self.outbox.wake(),
                Effect::SchemaChanged => {
                    self.callers.forget_all();
                    self.legacy.forget();
                }
                Effect::SettingsChanged(settings) => {
                    self.settings.store(Arc::clone(settings));
                    // Also how the lane says that another process, or SQL of a superuser's, has written.
                    self.legacy.forget();
                    self.rates.reset();
                    self.outbox.retry_all();
                }
                Effect::DropBlobs(scope) => self.drops.push(scope.clone()),
            }
        }
        self.schema.store(committed.schema);
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}
