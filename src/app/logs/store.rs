//! The table of `logs.db`.

use super::LogEntry;
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::db::migrate::{self, Target};
use crate::db::sqlite::{Pool, PoolOptions};
use crate::db::{Connection, DbError, Sql};
use std::path::Path;

/// Removed at a time, so that a large clean-up never holds the file for long.
const CLEAN_STEP: i64 = 5_000;

/// The only writing connection to the file. A crash may lose the last entries; that is cheaper than a sync per batch.
pub(super) fn open(path: &Path) -> Result<Box<dyn Connection>, DbError> {
    let options = PoolOptions { is_read_only: false, connections: 1, cache_kib: 512, is_durable: false };
    let mut connection = Pool::open(path, options)?.get()?;
    migrate::run(connection.as_mut(), Target::Logs)?;
    Ok(connection)
}

pub(super) fn in_transaction(
    connection: &mut dyn Connection,
    work: impl FnOnce(&mut dyn Connection) -> Result<(), DbError>,
) -> Result<(), DbError> {
    connection.execute(&Sql::new("BEGIN IMMEDIATE"))?;
    let outcome = work(connection).and_then(|()| connection.execute(&Sql::new("COMMIT")));
    if outcome.is_err() {
        // Fails where the engine has rolled back by itself, which is what is wanted.
        let _ = connection.execute(&Sql::new("ROLLBACK"));
    }
    outcome.map(|_| ())
}

pub(super) fn insert(connection: &mut dyn Connection, entry: &LogEntry, data: &str) -> Result<(), DbError> {
    let mut sql = Sql::new("INSERT INTO _logs (id, level, message, data, created) VALUES (");
    sql.bind(id(entry.created)).raw(", ").bind(entry.level).raw(", ").bind(entry.message()).raw(", ");
    sql.bind(data).raw(", ").bind(entry.created.to_string()).raw(")");
    connection.execute(&sql).map(|_| ())
}

pub(super) fn delete_before(connection: &mut dyn Connection, time: Timestamp) -> Result<(), DbError> {
    let mut sql = Sql::new("DELETE FROM _logs WHERE id IN (SELECT id FROM _logs WHERE created < ");
    sql.bind(time.to_string()).raw(" LIMIT ").integer(CLEAN_STEP).raw(")");
    while connection.execute(&sql)? > 0 {}
    Ok(())
}

/// 15 characters like every id: the time to the millisecond in base 36, then six random ones. New rows land at the end of
/// the index, which makes writing them cheap.
fn id(created: Timestamp) -> String {
    const TIME_CHARACTERS: usize = 9;
    let mut digits = [b'0'; TIME_CHARACTERS];
    let mut rest = created.millis().max(0);
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % 36) as usize];
        rest /= 36;
    }
    let mut id = String::from_utf8_lossy(&digits).into_owned();
    id.push_str(&ids::random(15 - TIME_CHARACTERS, ids::LOWER_ALPHANUMERIC));
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let id_at = |millis| id(Timestamp::from_millis(millis));
        assert!(id_at(1_700_000_000_000) < id_at(1_700_000_000_001));
        assert!(id_at(0) < id_at(1));
        assert_eq!(id_at(1_700_000_000_000).len(), 15);
    }
}
