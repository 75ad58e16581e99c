//! A consistent copy of a whole database file, made while other connections read and write.
//!
//! The copy is made page by page inside one read transaction. In WAL mode this does not block writers, and SQLite does
//! not have to restart the copy when one of them commits, as it does outside a transaction.

use super::connection::error_of;
use crate::db::{DbError, Snapshot};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Pages copied per step: 256 KiB.
const PAGES_PER_STEP: i32 = 64;
/// Virtual machine steps between two calls of `rest` while a file is checked.
const STEPS_BETWEEN_RESTS: i32 = 10_000;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The database at the time this was created.
pub struct FileSnapshot(Connection);

impl FileSnapshot {
    pub fn begin(path: &Path) -> Result<Self, DbError> {
        let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // BEGIN alone takes no snapshot; the first read does.
        connection
            .execute_batch("BEGIN")
            .and_then(|()| connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())))
            .map_err(error_of)?;
        Ok(Self(connection))
    }
}

impl Snapshot for FileSnapshot {
    fn copy_to(&self, to: &Path, rest: &mut dyn FnMut(u64, u64)) -> Result<(), DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut target = open(to, flags)?;
        target.pragma_update(None, "synchronous", "OFF").map_err(error_of)?;
        {
            let backup = Backup::new(&self.0, &mut target).map_err(error_of)?;
            loop {
                let outcome = backup.step(PAGES_PER_STEP).map_err(error_of)?;
                let progress = backup.progress();
                let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
                rest(count(progress.pagecount - progress.remaining), count(progress.pagecount));
                if outcome == StepResult::Done {
                    break;
                }
            }
        }
        // The header of the copy says that it is in WAL mode. The copy is to be a single file.
        target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(error_of)
    }
}

/// Implements [`crate::db::Engine::check`].
pub fn check_file(path: &Path, mut rest: impl FnMut() + Send + 'static) -> Result<Vec<String>, DbError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let rest = move || {
        rest();
        false
    };
    connection.progress_handler(STEPS_BETWEEN_RESTS, Some(rest)).map_err(error_of)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(error_of)?;
    if verdict != "ok" {
        return Err(DbError::Damaged(format!("the database is damaged: {verdict}")));
    }
    let mut statement = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").map_err(error_of)?;
    let names = statement.query_map([], |row| row.get(0)).map_err(error_of)?;
    names.collect::<Result<_, _>>().map_err(error_of)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, DbError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(error_of)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(error_of)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sqlite::{Pool, PoolOptions};

    #[test]
    fn a_copy_is_of_the_moment_it_was_begun_and_holds_up_no_writer() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let mut writer = Pool::open(&path, PoolOptions::SCRATCH_WRITER).unwrap().get().unwrap();
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)";
        writer
            .execute_script(&format!("CREATE TABLE t (v); {rows} INSERT INTO t SELECT randomblob(500) FROM n"))
            .unwrap();
        let snapshot = FileSnapshot::begin(&path).unwrap();
        let mut steps = 0;
        snapshot
            .copy_to(&copy, &mut |done, total| {
                steps += 1;
                assert!(done <= total);
                writer.execute_script("INSERT INTO t VALUES ('later'); COMMIT").unwrap_err();
                writer.execute_script("INSERT INTO t VALUES ('later')").unwrap();
            })
            .unwrap();
        assert!(steps > 3, "{steps}");
        assert_eq!(check_file(&copy, || {}).unwrap(), ["t"]);
        let copied: i64 =
            Connection::open(&copy).unwrap().query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(copied, 3000);
    }

    #[test]
    fn damage_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        std::fs::write(&path, b"no database at all, but long enough to look like one".repeat(100)).unwrap();
        assert!(check_file(&path, || {}).is_err());
    }
}
