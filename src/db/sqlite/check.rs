//! Looks for damage in the tables of a database that others use meanwhile.

use super::connection::error_of;
use crate::db::{Connection, DbError, Sql};
use rusqlite::Connection as Raw;

/// The table of the definitions, and all tables that have pages of their own.
pub fn parts(connection: &mut dyn Connection) -> Result<Vec<String>, DbError> {
    let mut names = vec!["sqlite_schema".to_owned()];
    let sql = Sql::new("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name");
    connection.query(&sql, &mut |row| {
        names.push(row.text(0));
        Ok(())
    })?;
    Ok(names)
}

/// Checks the pages, rows and indexes of a table. A name that is a number would be taken for the limit of the number of
/// damages, and all tables are checked then.
pub fn part(connection: &Raw, name: &str, max: usize) -> Result<Vec<String>, DbError> {
    let text = format!("PRAGMA integrity_check(\"{}\")", name.replace('"', "\"\""));
    let mut statement = connection.prepare(&text).map_err(error_of)?;
    let mut rows = statement.query([]).map_err(error_of)?;
    let mut damage = Vec::new();
    while let Some(row) = rows.next().map_err(error_of)? {
        let found: String = row.get(0).map_err(error_of)?;
        if found != "ok" {
            damage.push(found);
        }
        if damage.len() == max {
            break;
        }
    }
    Ok(damage)
}

#[cfg(test)]
mod tests {
    use crate::db::{DbError, engine, testing};
    use std::io::{Seek as _, SeekFrom, Write as _};
    use std::time::Duration;

    #[test]
    fn damage_is_found_in_its_table_and_in_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.db");
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500)";
        let mut writer = testing::writer(&path);
        let make = format!(
            "CREATE TABLE good (v); CREATE TABLE \"b \"\" d\" (v); CREATE INDEX by_v ON \"b \"\" d\" (v); {rows} INSERT INTO \"b \"\" d\" SELECT i || hex(zeroblob(200)) FROM n; {rows} INSERT INTO good SELECT i FROM n"
        );
        writer.execute_script(&make).unwrap();
        drop(writer);
        let check = |name: &str| {
            let mut reader = testing::reader(&path);
            assert_eq!(reader.checkable_parts().unwrap(), ["sqlite_schema", "b \" d", "good"]);
            reader.check_part(name, 3)
        };
        assert_eq!(check("b \" d").unwrap(), Vec::<String>::new());
        engine(&path).close().unwrap();
        // The pages of the larger table and its index are at the end of the file, before the few of the other.
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(4096 * 10)).unwrap();
        file.write_all(&[0xA5; 4096]).unwrap();
        drop(file);
        match check("b \" d") {
            Ok(damage) => assert!((1..=3).contains(&damage.len()), "{damage:?}"),
            Err(error) => assert!(matches!(error, DbError::Damaged(_)), "{error:?}"),
        }
        assert_eq!(check("good").unwrap(), Vec::<String>::new());
        assert_eq!(check("sqlite_schema").unwrap(), Vec::<String>::new());
        assert!(check("missing").is_err());
    }

    #[test]
    fn a_check_heeds_its_time() {
        let (mut writer, folder) = testing::scratch();
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)";
        writer.execute_script(&format!("CREATE TABLE t (v UNIQUE); {rows} INSERT INTO t SELECT i FROM n")).unwrap();
        let mut reader = testing::reader(&folder.path().join("data.db"));
        reader.limit_time(Some(Duration::ZERO));
        assert!(matches!(reader.check_part("t", 1), Err(DbError::Interrupted)));
        reader.limit_time(None);
        assert_eq!(reader.check_part("t", 1).unwrap(), Vec::<String>::new());
    }
}
