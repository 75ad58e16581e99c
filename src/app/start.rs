//! Starting the system: opens the data folder, migrates the databases and loads the schema. Start with [`App::open`].

use super::aside::Aside;
use super::backups::{Backups, InUse};
use super::blobs::{Drops, Places};
use super::caches::Caches;
use super::callers::Callers;
use super::checkup::Checkups;
use super::crons::Crons;
use super::derived::Derived;
use super::disk::Disk;
use super::gate::Gate;
use super::imports::Imports;
use super::jobs::{Jobs, Waker};
use super::lane::Lane;
use super::limits::{Budgets, Codes, Lockout, LockoutOptions, RateLimiter, Throttle};
use super::logs::Logs;
use super::mail::{MailOptions, Outbox};
use super::oauth2::Oauth2;
use super::passwords::Legacy;
use super::passwords::Passwords;
use super::reads::{Reads, Requester};
use super::realtime::{self, Realtime};
use super::scripts::{ScriptOptions, Scripts};
use super::tasks::Tasks;
use super::thumbs::Thumbs;
use super::webhooks::{WebhookOptions, Webhooks};
use super::{App, DATA_FILE, Inner, LOGS_FILE, Shared, emptied};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::migrate::{self, Target};
use crate::db::{self, DbError, LogKeeping, ReaderOptions, WriterOptions};
use crate::domain::auth::installer::Installer;
use crate::domain::model::{Schema, Settings};
use crate::domain::tx::{ReadTx, Start, WriteTx};
use crate::domain::{Error, Result, collections, settings, webhooks};
use arc_swap::{ArcSwap, ArcSwapOption};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

/// The options the system is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of `data.db` and all other data. Created if it is missing.
    pub data_dir: PathBuf,
    /// Connections for reads that take some milliseconds at most.
    pub readers: u32,
    /// How many slow reads may run at the same time.
    pub slow_reads: u32,
    /// How much all caches together may hold in memory, approximately, in KiB.
    pub cache_kib: u64,
    /// How long the statements of one read may run.
    pub query_time: Duration,
    /// How long one write may hold the lane, see [`App::write`].
    pub write_time: Duration,
    /// Encrypts the settings at rest.
    pub seal_key: Option<SealKey>,
    pub lockout: LockoutOptions,
    pub realtime: realtime::Limits,
    pub mail: MailOptions,
    /// The address that this server is reached at, as far as the process knows. Used for links in mails until an owner
    /// sets `meta.appURL`. Never taken from a request: a guest could choose where another user's link leads.
    pub served_at: String,
    /// How large the request log may become on disk, in bytes.
    pub log_bytes: u64,
    /// How large a file that is imported over HTTP may be, in bytes.
    pub import_bytes: u64,
    pub webhooks: WebhookOptions,
    /// The owner's scripts. `None` to run none.
    pub scripts: Option<ScriptOptions>,
}

impl App {
    /// Opens the data folder: migrates the system tables, seeds an empty database, loads the schema.
    pub fn open(options: &Options) -> Result<Self> {
        std::fs::create_dir_all(&options.data_dir).map_err(|error| {
            Error::Internal(format!("cannot create the folder {}: {error}", options.data_dir.display()))
        })?;
        // Must happen before a database is opened: a restore may still have to put them in place.
        let in_use = InUse::enter(&options.data_dir)
            .map_err(|error| Error::Internal(format!("cannot open {}: {error}", options.data_dir.display())))?;
        emptied::check(&options.data_dir)?;
        let disk = Disk::enter(&options.data_dir);
        let engine = db::engine(&options.data_dir.join(DATA_FILE));
        let connections = Reads::connections(options.readers, options.slow_reads);
        let caches = Caches::share(options.cache_kib, connections);
        let writer = WriterOptions { cache_kib: caches.writer_kib, is_durable: true, log: LogKeeping::Upkeep };
        let mut connection = engine.writer(writer)?;
        migrate::run(connection.as_mut(), Target::Data)?;

        let counts = Arc::new(caches.counts());
        let start = Start {
            schema: Arc::default(),
            now: Timestamp::now(),
            counts: Arc::clone(&counts),
            as_of: 0,
            hooks: None,
            active_endpoints: None,
        };
        let tx = WriteTx::begin(connection, start).map_err(|(_, error)| error)?;
        prepare(&tx)?;
        let settings = settings::load(&tx, options.seal_key.as_ref())?;
        let endpoints = webhooks::active_endpoints(&tx)?;
        let (connection, committed) = tx.commit();
        let schema = committed?.schema;
        let connection = connection.ok_or(DbError::Closed)?;

        // Loaded before the first write: a rule that is missing would let writes through.
        let scripts = Scripts::open(options.scripts.as_ref(), &schema)?;
        let shared = Arc::new(Shared {
            readers: Reads::open(&*engine, options.slow_reads, connections, caches)?,
            reads: AtomicU64::new(0),
            schema: ArcSwap::new(schema),
            schema_gate: RwLock::new(()),
            gate: Gate::default(),
            settings: ArcSwap::from_pointee(settings),
            rates: RateLimiter::default(),
            drops: Drops::default(),
            counts,
            callers: Callers::with_room(caches.callers_bytes),
            legacy: Legacy::default(),
            installer: Installer::default(),
            outbox: Outbox::new(options.mail),
            jobs: Waker::default(),
            webhooks: super::webhooks::Waker::default(),
            active_endpoints: ArcSwapOption::new(endpoints),
            seal_key: options.seal_key.clone(),
            served_at: options.served_at.clone(),
            realtime: Realtime::new(options.realtime),
            snapshots: OnceLock::new(),
            scripts,
            disk,
            engine,
        });
        let lane = Lane::start(connection, Arc::clone(&shared))?;
        let logs = Logs::new(options.data_dir.join(LOGS_FILE), options.log_bytes);
        let inner = Inner {
            started: Timestamp::now(),
            checkups: Checkups::default(),
            derived: Derived::default(),
            imports: Imports::new(options.import_bytes),
            inbound: super::inbound::InboundState::default(),
            data_dir: options.data_dir.clone(),
            query_time: options.query_time,
            write_time: options.write_time,
            lane,
            shared,
            passwords: Passwords::default(),
            lockout: Lockout::new(options.lockout),
            places: Places::new(&options.data_dir),
            tasks: Tasks::new(logs.clone()),
            logs,
            crons: Crons::default(),
            jobs: Jobs::default(),
            webhooks: Webhooks::open(&options.webhooks)?,
            oauth2: Oauth2::default(),
            codes: Codes::default(),
            throttle: Throttle::default(),
            aside: Aside::default(),
            thumbs: Thumbs::default(),
            budgets: Budgets::default(),
            backups: Backups::default(),
            _in_use: in_use,
        };
        let app = Self(Arc::new(inner), Requester::System);
        app.0.shared.scripts.connect(&app);
        Ok(app)
    }
}

/// Whether the folder holds a database.
#[must_use]
pub fn has_data(data_dir: &Path) -> bool {
    db::engine(&data_dir.join(DATA_FILE)).exists()
}

/// Returns the schema and settings of a data folder without changing it. Fails if it has no data.
pub fn peek(options: &Options) -> Result<(Arc<Schema>, Settings)> {
    if !has_data(&options.data_dir) {
        return Err(Error::bad_request(format!("There is no data in {} yet.", options.data_dir.display())));
    }
    emptied::check(&options.data_dir)?;
    peek_at(&options.data_dir.join(DATA_FILE), options.seal_key.as_ref())
}

pub(super) fn peek_at(path: &Path, seal_key: Option<&SealKey>) -> Result<(Arc<Schema>, Settings)> {
    let connection = db::engine(path).readers(ReaderOptions::SINGLE)?.reader()?;
    let start = Start {
        schema: Arc::default(),
        now: Timestamp::now(),
        counts: Arc::default(),
        as_of: 0,
        hooks: None,
        active_endpoints: None,
    };
    let tx = ReadTx::begin(connection, start)?;
    let found = (Arc::new(collections::load(&tx)?), settings::load(&tx, seal_key)?);
    tx.end()?;
    Ok(found)
}

/// Seeds an empty database, or loads the schema of an existing one.
pub(super) fn prepare(tx: &WriteTx) -> Result<()> {
    tx.set_schema(collections::load(tx)?);
    collections::seed(tx)
}
