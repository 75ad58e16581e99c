//! Checks of the database for damage, on a superuser's request, while the server goes on.
//!
//! A check goes through the database part by part. It reads on a connection of its own and a thread of low priority, and
//! each part has a snapshot of its own, which ends early when the write-ahead log has to start over: then the part is read
//! again. So a large database hinders nobody. A part that gets no chance to be read to its end within its time counts as
//! not checked. The result is kept in memory, and the log tells of damage.

use super::App;
use super::logs::LEVEL_ERROR;
use super::reads::Threads;
use crate::base::clock::Timestamp;
use crate::db::{Canceller, Connection, DbError, ReaderOptions, Readers};
use crate::domain::{Error, Result};
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a check may take, and each part of it. What is left then is not checked.
const TIME: Duration = Duration::from_mins(15);
const PART_TIME: Duration = Duration::from_mins(5);
/// How many damages of one part, and of the database, are told.
const MAX_PER_PART: usize = 10;
const MAX_DAMAGE: usize = 50;

/// The checks of this process: at most one at a time, and the result of the last.
pub(super) struct Checkups {
    state: Mutex<State>,
    threads: Threads,
}

#[derive(Clone, Debug, Default)]
struct State {
    running: Option<Running>,
    last: Option<Checkup>,
}

/// A check under way.
#[derive(Clone, Debug)]
pub struct Running {
    pub started: Timestamp,
    /// How many parts have been checked, and how many there are. 0 of 0 in the beginning.
    pub done: usize,
    pub total: usize,
}

/// The result of a check.
#[derive(Clone, Debug)]
pub struct Checkup {
    pub started: Timestamp,
    pub finished: Timestamp,
    pub parts: usize,
    /// In the words of the engine.
    pub damage: Vec<String>,
    /// Tables that could not be read to their end in time.
    pub unchecked: Vec<String>,
}

impl Checkup {
    /// Adds what was found in a part.
    fn note(&mut self, part: &str, found: Result<Vec<String>>) -> Result<()> {
        match found {
            Ok(damage) => self.damage.extend(damage),
            // What cannot be read is damaged.
            Err(Error::Db(error @ (DbError::Damaged(_) | DbError::Other(_) | DbError::Corrupt { .. }))) => {
                self.damage.push(format!("{part}: {error}"));
            }
            // There is no such table any more.
            Err(Error::Db(DbError::Statement(_))) => self.parts -= 1,
            Err(Error::Db(_)) => self.unchecked.push(part.to_owned()),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Default for Checkups {
    fn default() -> Self {
        Self { state: Mutex::default(), threads: Threads::new(1) }
    }
}

impl Checkups {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a check, also after a panic.
struct Claim(App);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.0.checkups.lock().running = None;
    }
}

impl App {
    /// The check under way, and the result of the last one since the server started.
    #[must_use]
    pub fn checkup(&self) -> (Option<Running>, Option<Checkup>) {
        let state = self.0.checkups.lock().clone();
        (state.running, state.last)
    }

    /// Starts a check of the database, unless one is under way.
    pub fn start_checkup(&self) {
        let started = Timestamp::now();
        {
            let mut state = self.0.checkups.lock();
            if state.running.is_some() {
                return;
            }
            state.running = Some(Running { started, done: 0, total: 0 });
        }
        let claim = Claim(self.clone());
        self.tasks().spawn("check of the database", async move {
            let app = &claim.0;
            match app.check_database(started).await {
                Ok(Some(checkup)) => app.0.checkups.lock().last = Some(checkup),
                // The server stops.
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "the check of the database failed"),
            }
            drop(claim);
        });
    }

    /// Returns `None` if the server stops meanwhile.
    async fn check_database(&self, started: Timestamp) -> Result<Option<Checkup>> {
        let readers = self.0.shared.engine.readers(ReaderOptions::SINGLE)?;
        let until = Instant::now() + TIME;
        let mut checkup = Checkup { started, finished: started, parts: 0, damage: Vec::new(), unchecked: Vec::new() };
        let parts = match self.read_aside(PART_TIME, &readers, |connection| connection.checkable_parts()).await {
            // The definitions of the tables cannot be read.
            Err(Error::Db(error @ (DbError::Damaged(_) | DbError::Other(_)))) => {
                checkup.damage.push(error.to_string());
                Vec::new()
            }
            found => found?,
        };
        checkup.parts = parts.len();
        for (done, part) in parts.iter().enumerate() {
            if let Some(running) = &mut self.0.checkups.lock().running {
                (running.done, running.total) = (done, parts.len());
            }
            let time = PART_TIME.min(until.saturating_duration_since(Instant::now()));
            let name = part.clone();
            let check = move |connection: &mut dyn Connection| connection.check_part(&name, MAX_PER_PART);
            let found = if time.is_zero() {
                Err(Error::Db(DbError::Interrupted))
            } else {
                self.read_aside(time, &readers, check).await
            };
            if self.tasks().stopping().is_cancelled() {
                return Ok(None);
            }
            checkup.note(part, found)?;
        }
        checkup.damage.truncate(MAX_DAMAGE);
        checkup.finished = Timestamp::now();
        if !checkup.damage.is_empty() {
            let data = json!({"type": "checkup", "damage": checkup.damage});
            self.logs().note(LEVEL_ERROR, "The database is damaged", data);
            tracing::error!(damage = ?checkup.damage, "the database is damaged: restore a backup");
        }
        Ok(Some(checkup))
    }

    /// Runs a read on the thread for checks until the server stops.
    async fn read_aside<T: Send + 'static>(
        &self,
        time: Duration,
        readers: &Arc<dyn Readers>,
        work: impl Fn(&mut dyn Connection) -> std::result::Result<T, DbError> + Send + 'static,
    ) -> Result<T> {
        let (app, readers) = (self.clone(), Arc::clone(readers));
        let canceller = Canceller::default();
        let token = canceller.token();
        let read = move || app.read_for(time, &*readers, Some(&token), |tx| tx.with(&work));
        let outcome = self.0.checkups.threads.run(read);
        tokio::select! {
            outcome = outcome => outcome?,
            () = self.tasks().stopping().cancelled_owned() => {
                canceller.cancel();
                Err(Error::Db(DbError::Interrupted))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{DATA_FILE, testing};
    use crate::db;
    use std::io::{Seek as _, SeekFrom, Write as _};

    async fn finished(app: &App) -> Checkup {
        while app.checkup().0.is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app.checkup().1.expect("a result")
    }

    #[test]
    fn a_table_that_is_deleted_meanwhile_is_no_damage() {
        let now = Timestamp::now();
        let mut checkup = Checkup { started: now, finished: now, parts: 5, damage: Vec::new(), unchecked: Vec::new() };
        let mut note = |part: &str, error: DbError| checkup.note(part, Err(Error::Db(error))).unwrap();
        note("gone", DbError::Statement("no such table: gone".to_owned()));
        note("large", DbError::Interrupted);
        note("waiting", DbError::Busy);
        note("spoilt", DbError::Damaged("database disk image is malformed".to_owned()));
        assert_eq!(checkup.damage, ["spoilt: database disk image is malformed"]);
        assert_eq!((checkup.unchecked, checkup.parts), (vec!["large".to_owned(), "waiting".to_owned()], 4));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_table_that_is_not_there_is_an_error_of_the_statement() {
        let (app, _folder) = testing::app();
        let found = app.read(|tx| tx.with(|connection| connection.check_part("missing", 1))).await;
        assert!(matches!(found, Err(Error::Db(DbError::Statement(_)))), "{found:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_sound_database_has_no_damage_and_a_second_request_joins_the_first() {
        let (app, _folder) = testing::app();
        app.start_checkup();
        let began = app.checkup().0.map(|running| running.started);
        app.start_checkup();
        if let Some(running) = app.checkup().0 {
            assert_eq!(Some(running.started), began);
        }
        let checkup = finished(&app).await;
        assert!(checkup.parts > 5 && checkup.damage.is_empty() && checkup.unchecked.is_empty(), "{checkup:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn damage_is_reported_and_the_server_goes_on() {
        let (app, folder) = testing::app();
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)";
        let make = format!("CREATE TABLE spoilt (v); {rows} INSERT INTO spoilt SELECT i || hex(zeroblob(200)) FROM n");
        app.write(move |tx| tx.with(|connection| connection.execute_script(&make))).await.unwrap();
        drop(app);
        let path = folder.path().join(DATA_FILE);
        db::engine(&path).close().unwrap();
        // The rows were written last, so they are at the end of the file.
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::End(-20 * 4096)).unwrap();
        file.write_all(&[0xA5; 4096]).unwrap();
        drop(file);
        let app = testing::open(&folder);
        app.start_checkup();
        let checkup = finished(&app).await;
        assert!(!checkup.damage.is_empty() && checkup.unchecked.is_empty(), "{checkup:?}");
        assert!(app.server_info().await.is_ok());
    }
}
