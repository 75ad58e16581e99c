//! The request log: entries are pushed to a list in memory, and one thread writes them to `logs.db` in batches.
//!
//! Logging must cost a request as little as possible, so [`Logs::push`] takes a lock for a moment and returns: no wake-up,
//! no formatting, no file. If entries arrive faster than they can be written, the newest are dropped and counted. The server
//! does not depend on the file: while it cannot be opened or written, or the disk is nearly full, the server goes on without
//! a log. A file that is damaged is set aside, and a new one begun. The file has a maximum size. The oldest entries are
//! removed for new ones.

mod damaged;
mod entry;
mod read;
mod redact;
mod store;

pub use entry::{LEVEL_DEBUG, LEVEL_ERROR, LEVEL_INFO, LEVEL_WARNING, LogEntry, MAX_CLIENT_TEXT, RequestEntry};
pub use read::{HourView, ListInput, LogView};

use super::disk::Disk;
use crate::base::clock::Timestamp;
use crate::db::{DbError, Readers};
use crate::domain::model::{LogSettings, Settings};
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Row, Store};
use tokio::sync::oneshot;

/// The default maximum size of the file, in MiB.
pub const DEFAULT_MAX_MIB: u64 = 128;
/// Entries are written when this many wait, or after [`FLUSH_EVERY`].
const BATCH: usize = 200;
const FLUSH_EVERY: Duration = Duration::from_secs(3);
/// Some megabytes. More than arrive while a slow disk writes one batch.
const MAX_WAITING: usize = 10_000;
/// How long a reader waits for entries that are still in memory.
const FLUSH_TIME: Duration = Duration::from_secs(2);

/// The request log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Logs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// The maximum size of the file together with its write-ahead log.
    max_bytes: u64,
    waiting: Mutex<Waiting>,
    /// Notified when a batch is full and when the log closes.
    wakeup: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Opened by the first read.
    readers: Mutex<Option<Arc<dyn Readers>>>,
    set_aside: Mutex<SetAside>,
}

/// The damaged files of this process.
#[derive(Clone, Debug, Default)]
struct SetAside {
    count: u64,
    /// The name of the last one.
    name: Option<String>,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<LogEntry>,
    orders: Vec<Order>,
    dropped: u64,
    is_closing: bool,
}

/// A task for the writing thread, done after everything that waits is written.
#[derive(Debug)]
struct Order {
    kind: OrderKind,
    done: oneshot::Sender<Result<(), DbError>>,
}

#[derive(Debug)]
enum OrderKind {
    /// Nothing more. Used before a read.
    Flush,
    /// Removes entries that are older than the settings allow.
    Clean,
    DeleteAll,
    /// Sets the file aside, because a read found that it is damaged. Nothing is done unless `count` files have been set aside
    /// so far: otherwise the damage was in an earlier file.
    SetAside {
        count: u64,
        cause: String,
    },
}

impl Logs {
    /// A log that collects entries. Nothing is written before [`Logs::start`].
    #[must_use]
    pub fn new(path: PathBuf, max_bytes: u64) -> Self {
        Self(Arc::new(Inner {
            path,
            max_bytes,
            waiting: Mutex::default(),
            wakeup: Condvar::new(),
            thread: Mutex::default(),
            readers: Mutex::default(),
            set_aside: Mutex::default(),
        }))
    }

    /// Starts the writing thread. It calls `settings` for each batch and asks `disk` for room.
    pub(super) fn start(&self, settings: impl Fn() -> Arc<Settings> + Send + 'static, disk: Arc<Disk>) {
        let log = self.clone();
        let spawned =
            std::thread::Builder::new().name("request-log".to_owned()).spawn(move || log.run(settings, &disk));
        match spawned {
            Ok(thread) => *self.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread),
            Err(error) => tracing::error!(%error, "the request log could not be started"),
        }
    }

    pub fn push(&self, entry: LogEntry) {
        let mut waiting = self.waiting();
        if waiting.entries.len() >= MAX_WAITING {
            waiting.dropped += 1;
            return;
        }
        waiting.entries.push(entry);
        // Only the entry that fills a batch wakes the thread, because waking it costs more than the rest of this function.
        if waiting.entries.len() == BATCH {
            drop(waiting);
            self.0.wakeup.notify_one();
        }
    }

    /// Pushes a [`LogEntry::of_event`].
    pub fn note(&self, level: i64, message: impl Into<String>, data: serde_json::Value) {
        self.push(LogEntry::of_event(level, message, data));
    }

    /// Waits until everything pushed so far can be read, for [`FLUSH_TIME`] at most.
    pub async fn flush(&self) {
        let _ = tokio::time::timeout(FLUSH_TIME, self.order(OrderKind::Flush)).await;
    }

    /// Removes entries that are older than the settings allow.
    pub async fn clean(&self) -> Result<(), DbError> {
        self.order(OrderKind::Clean).await
    }

    /// Removes everything pushed so far.
    pub async fn delete_all(&self) -> Result<(), DbError> {
        self.order(OrderKind::DeleteAll).await
    }

    /// The name of the damaged file that was set aside last, if this has happened since the server started.
    #[must_use]
    pub fn damaged_file(&self) -> Option<String> {
        self.set_aside().name.clone()
    }

    async fn order(&self, kind: OrderKind) -> Result<(), DbError> {
        let (done, outcome) = oneshot::channel();
        self.waiting().orders.push(Order { kind, done });
        self.0.wakeup.notify_one();
        outcome.await.map_err(|_| DbError::Closed)?
    }

    /// Writes what is left and ends the thread. Blocks.
    pub fn close(&self) {
        self.waiting().is_closing = true;
        self.0.wakeup.notify_one();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the request log ended with a panic");
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_aside(&self) -> MutexGuard<'_, SetAside> {
        self.0.set_aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, settings: impl Fn() -> Arc<Settings>, disk: &Disk) {
        let mut writer = Writer { log: self, disk, store: None, is_cleaned: false, trouble: None };
        writer.begin();
        loop {
            let batch = self.next_batch();
            let settings = &settings().logs;
            writer.write(&batch, settings);
            for order in batch.orders {
                let outcome = match order.kind {
                    OrderKind::Flush => Ok(()),
                    OrderKind::Clean => writer.clean(settings),
                    OrderKind::DeleteAll => writer.delete_all(),
                    OrderKind::SetAside { count, cause } => writer.set_aside(count, &cause),
                };
                // The receiver may be gone.
                let _ = order.done.send(outcome);
            }
            if batch.is_closing {
                return;
            }
        }
    }

    /// Sleeps until there is something to do, then takes everything that waits.
    fn next_batch(&self) -> Waiting {
        let waiting = self.waiting();
        let is_idle =
            |waiting: &mut Waiting| waiting.entries.len() < BATCH && waiting.orders.is_empty() && !waiting.is_closing;
        let outcome = self.0.wakeup.wait_timeout_while(waiting, FLUSH_EVERY, is_idle);
        let (mut waiting, _) = outcome.unwrap_or_else(PoisonError::into_inner);
        let is_closing = waiting.is_closing;
        Waiting { is_closing, ..std::mem::take(&mut *waiting) }
    }
}

/// The writing thread's access to the file.
struct Writer<'a> {
    log: &'a Logs,
    disk: &'a Disk,
    store: Option<Store>,
    /// Whether entries were removed that had expired while no server ran.
    is_cleaned: bool,
    /// Why the last entries were not written. Logged when it begins and when it ends.
    trouble: Option<String>,
}

impl Writer<'_> {
    /// Opens the file, so that damage is noticed at the start.
    fn begin(&mut self) {
        let opened = self.on_store(|_| Ok(()));
        self.tell(opened.map_err(|error| error.to_string()));
    }

    fn write(&mut self, batch: &Waiting, settings: &LogSettings) {
        if batch.dropped > 0 {
            tracing::warn!(entries = batch.dropped, "requests came faster than they could be logged");
        }
        let is_wanted = |entry: &&LogEntry| settings.max_days > 0 && entry.level >= settings.min_level;
        if !batch.entries.iter().any(|entry| is_wanted(&entry)) {
            return;
        }
        let rows = || batch.entries.iter().filter(is_wanted).map(|entry| entry.to_row(settings)).collect();
        let outcome =
            if self.disk.has_room() { self.insert(rows, settings) } else { Err("the disk is full".to_owned()) };
        self.tell(outcome);
    }

    /// Logs when trouble begins and when it ends.
    fn tell(&mut self, outcome: std::result::Result<(), String>) {
        match outcome {
            Ok(()) if self.trouble.take().is_some() => tracing::info!("requests are logged again"),
            Ok(()) => {}
            Err(trouble) if self.trouble.is_some() => self.trouble = Some(trouble),
            Err(trouble) => {
                tracing::error!(error = trouble, path = %self.log.0.path.display(), "requests are not logged");
                self.trouble = Some(trouble);
            }
        }
    }

    fn insert(&mut self, rows: impl Fn() -> Vec<Row>, settings: &LogSettings) -> std::result::Result<(), String> {
        let dropped = self.on_store(|store| store.insert(rows())).map_err(|error| error.to_string())?;
        if dropped > 0 {
            return Err(format!("{dropped} entries did not fit into the file"));
        }
        if !self.is_cleaned {
            self.clean(settings).map_err(|error| error.to_string())?;
            self.is_cleaned = true;
        }
        Ok(())
    }

    /// Removes entries that are older than `settings` allow.
    fn clean(&mut self, settings: &LogSettings) -> Result<(), DbError> {
        let seconds = settings.max_days.saturating_mul(24 * 60 * 60);
        self.remove(|store| store.delete_before(Timestamp::now().plus_seconds(-seconds)))
    }

    fn delete_all(&mut self) -> Result<(), DbError> {
        self.remove(Store::delete_all)
    }

    fn remove(&mut self, work: impl Fn(&mut Store) -> Result<(), DbError>) -> Result<(), DbError> {
        let disk = self.disk;
        let _lent = disk.lend_if_needed();
        self.on_store(|store| {
            work(store)?;
            store.shrink(disk.free())
        })
    }

    /// Runs `work`. If the file is damaged, it is set aside and `work` runs on a new one.
    fn on_store<T>(&mut self, work: impl Fn(&mut Store) -> Result<T, DbError>) -> Result<T, DbError> {
        match self.store().and_then(&work) {
            Err(DbError::Damaged(cause)) => {
                let count = self.log.set_aside().count;
                self.set_aside(count, &cause)?;
                self.store().and_then(work)
            }
            outcome => outcome,
        }
    }

    fn store(&mut self) -> Result<&mut Store, DbError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&self.log.0.path, self.log.0.max_bytes)?,
        };
        Ok(self.store.insert(store))
    }

    fn set_aside(&mut self, count: u64, cause: &str) -> Result<(), DbError> {
        if self.log.set_aside().count != count {
            return Ok(());
        }
        self.store = None;
        *self.log.0.readers.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let moved = damaged::set_aside(&self.log.0.path);
        let name = moved.map_err(|error| DbError::Other(format!("{cause}; and it cannot be set aside: {error}")))?;
        tracing::error!(cause, kept_as = name, "the request log is damaged: a new one is begun");
        self.log.note(
            LEVEL_ERROR,
            "The request log was damaged",
            json!({"type": "log", "error": cause, "keptAs": name}),
        );
        *self.log.set_aside() = SetAside { count: count + 1, name: Some(name) };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::net::IpAddr;
    use std::path::Path;

    const MAX_BYTES: u64 = 16 * 1024 * 1024;

    fn request(url: &str) -> RequestEntry {
        let address = IpAddr::from([127, 0, 0, 1]);
        RequestEntry { url: url.to_owned(), ..RequestEntry::new("GET", address, address) }
    }

    fn entry(path: &str) -> LogEntry {
        LogEntry::of_request(request(path))
    }

    /// Writes `entries` under `settings` and returns the messages in the file.
    fn written(entries: Vec<LogEntry>, settings: LogSettings) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.db");
        let logs = Logs::new(path.clone(), MAX_BYTES);
        for entry in entries {
            logs.push(entry);
        }
        let settings = Arc::new(Settings { logs: settings, ..Settings::initial() });
        logs.start(move || Arc::clone(&settings), Disk::enter(folder.path()));
        logs.close();
        let rows = Store::open(&path, MAX_BYTES).unwrap().all();
        assert!(rows.iter().all(|(id, _)| id.len() == 15) && rows.is_sorted_by(|a, b| a.0 < b.0), "{rows:?}");
        rows.into_iter().map(|(_, message)| message).collect()
    }

    fn settings() -> LogSettings {
        Settings::initial().logs
    }

    #[test]
    fn closing_writes_everything_that_waits_in_order() {
        let entries = (0..500).map(|number| entry(&format!("/api/{number:03}"))).collect();
        let messages = written(entries, settings());
        assert_eq!(
            (messages.len(), messages[0].as_str(), messages[499].as_str()),
            (500, "GET /api/000", "GET /api/499")
        );
    }

    #[test]
    fn ids_go_on_where_they_were_even_when_the_clock_goes_back() {
        let future = Timestamp::now().plus_seconds(3600);
        let entries = vec![LogEntry { created: future, ..entry("/api/a") }, entry("/api/b")];
        assert_eq!(written(entries, settings()), ["GET /api/a", "GET /api/b"]);
    }

    #[test]
    fn what_the_settings_do_not_want_is_not_kept() {
        let failed = LogEntry { level: 8, ..entry("/api/b") };
        let check = |settings, expected: &[&str]| {
            assert_eq!(written(vec![entry("/api/a"), failed.clone()], settings), expected);
        };
        check(LogSettings { min_level: 4, ..settings() }, &["GET /api/b"]);
        check(LogSettings { max_days: 0, ..settings() }, &[]);
    }

    #[test]
    fn old_entries_are_cleaned_away() {
        let old = LogEntry { created: Timestamp::now().plus_seconds(-6 * 24 * 60 * 60), ..entry("/api/old") };
        assert_eq!(written(vec![old, entry("/api/new")], settings()), ["GET /api/new"]);
    }

    #[test]
    fn a_flood_is_dropped_and_counted() {
        let logs = Logs::new(PathBuf::from("unused"), MAX_BYTES);
        for _ in 0..MAX_WAITING + 3 {
            logs.push(entry("/api/a"));
        }
        let waiting = logs.waiting();
        assert_eq!((waiting.entries.len(), waiting.dropped), (MAX_WAITING, 3));
    }

    #[test]
    fn the_file_stays_within_its_limit_and_keeps_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.db");
        let settings = settings();
        let mut store = Store::open(&path, MAX_BYTES).unwrap();
        // One of the longest entries that a client can cause.
        let row = |number: usize| {
            let long = format!("/api/{number:05}?{}", "x".repeat(5000));
            let request = RequestEntry { referer: long.clone(), user_agent: long.clone(), ..request(&long) };
            LogEntry::of_request(request).to_row(&settings)
        };
        let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |metadata| metadata.len());
        let mut largest = 0;
        for batch in 0..40 {
            let rows: Vec<Row> = (0..500).map(|number| row(batch * 500 + number)).collect();
            assert!(rows.iter().all(|row| row.message.len() + row.data.len() < 4096));
            assert_eq!(store.insert(rows).unwrap(), 0);
            largest = largest.max(bytes("logs.db") + bytes("logs.db-wal"));
        }
        assert!(largest <= MAX_BYTES && largest > MAX_BYTES / 4, "{largest}");
        let kept = store.all();
        assert!(kept.len() > 1000 && kept.len() < 10_000, "{}", kept.len());
        assert!(kept.last().unwrap().1.starts_with("GET /api/19999?"), "{:?}", kept.last());
        let oldest = 20_000 - kept.len();
        assert!(kept[0].1.starts_with(&format!("GET /api/{oldest:05}?")), "{:?}", kept[0]);
        // An empty file gives its space back.
        store.delete_all().unwrap();
        store.shrink(u64::MAX).unwrap();
        assert!(bytes("logs.db") + bytes("logs.db-wal") < 200_000);
    }

    #[test]
    fn a_reader_that_stays_makes_entries_be_dropped_and_not_the_file_grow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.db");
        let settings = settings();
        let mut store = Store::open(&path, MAX_BYTES).unwrap();
        store.insert(vec![entry("/api/first").to_row(&settings)]).unwrap();
        let mut reader = crate::db::testing::reader(&path);
        reader.begin_read().unwrap();
        let batch = || (0..1000).map(|_| entry(&"x".repeat(1000)).to_row(&settings)).collect::<Vec<_>>();
        let mut dropped = 0;
        for _ in 0..10 {
            dropped += store.insert(batch()).unwrap();
        }
        let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(dropped > 0 && bytes("logs.db") + bytes("logs.db-wal") <= MAX_BYTES);
        drop(reader);
        assert_eq!(store.insert(batch()).unwrap(), 0);
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_nothing_is_lost() {
        let make = |spoil: &dyn Fn(&Path)| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("logs.db");
            Store::open(&path, MAX_BYTES).unwrap().insert(vec![entry("/api/old").to_row(&settings())]).unwrap();
            crate::db::engine(&path).close().unwrap();
            spoil(&path);
            let spoilt = fs::read(&path).unwrap();
            let logs = Logs::new(path.clone(), MAX_BYTES);
            logs.start(|| Arc::new(Settings::initial()), Disk::enter(folder.path()));
            logs.push(entry("/api/new"));
            logs.close();
            let name = logs.damaged_file().expect("a damaged file");
            // A file that is a database may have been changed by the attempt to open it.
            assert_eq!(fs::read(folder.path().join(name)).unwrap().len(), spoilt.len());
            let messages: Vec<String> =
                Store::open(&path, MAX_BYTES).unwrap().all().into_iter().map(|row| row.1).collect();
            assert!(messages.contains(&"GET /api/new".to_owned()), "{messages:?}");
            assert!(!messages.contains(&"GET /api/old".to_owned()), "{messages:?}");
        };
        let run =
            |text: &'static str| move |path: &Path| crate::db::testing::writer(path).execute_script(text).unwrap();
        make(&|path| {
            fs::write(path, "this is no database, and it is longer than the header of one is: ".repeat(9)).unwrap();
        });
        make(&|path| {
            let length = fs::metadata(path).unwrap().len();
            fs::File::options().write(true).open(path).unwrap().set_len(length - 4096).unwrap();
        });
        make(&run("DROP TABLE _logs"));
        make(&run("DROP TABLE _migrations"));
        make(&run("DELETE FROM _migrations"));
        make(&run("ALTER TABLE _logs DROP COLUMN level"));
    }

    #[test]
    fn a_file_that_is_damaged_while_the_server_runs_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.db");
        let mut store = Store::open(&path, MAX_BYTES).unwrap();
        crate::db::testing::writer(&path).execute_script("DROP TABLE _logs").unwrap();
        let outcome = store.insert(vec![entry("/api/a").to_row(&settings())]);
        assert!(matches!(outcome, Err(DbError::Damaged(_))), "{outcome:?}");
    }

    #[test]
    fn a_file_that_cannot_be_opened_stops_nothing() {
        let logs = Logs::new(PathBuf::from("/nowhere/logs.db"), MAX_BYTES);
        logs.start(|| Arc::new(Settings::initial()), Disk::enter(Path::new("/nowhere")));
        logs.push(entry("/api/a"));
        logs.close();
    }
}
