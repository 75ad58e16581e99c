//! System tables: embedded, checksummed, append-only migrations. `migrations/README.md` says how to write one.

use super::{Connection, DbError, Sql};
use crate::base::clock::Timestamp;
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

#[derive(RustEmbed)]
#[folder = "migrations/"]
struct Files;

/// Which database to migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Data,
    Logs,
}

impl Target {
    fn folder(self) -> &'static str {
        match self {
            Self::Data => "sqlite/",
            Self::Logs => "sqlite-logs/",
        }
    }
}

/// Runs the migrations that have not run yet, each file in its own transaction, and returns their names.
///
/// Returns an error if the database's history differs from the embedded files: a file was edited after it ran, or a
/// newer version of the program added one that is unknown here.
pub fn run(connection: &mut dyn Connection, target: Target) -> Result<Vec<String>, DbError> {
    connection.execute_script(
        "CREATE TABLE IF NOT EXISTS _migrations (file TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, applied TEXT NOT NULL)",
    )?;
    let files = files(target);
    let mut applied = applied(connection)?;
    if applied.is_empty() && has_collections(connection)? {
        return Err(DbError::Other(
            "the table _migrations is empty although this database is not new: restore a backup \
             (steading backup list shows what there is)"
                .to_owned(),
        ));
    }
    let mut ran = Vec::new();
    for (name, text) in files {
        let checksum = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        match applied.remove(&name) {
            Some(known) if known == checksum => {}
            Some(_) => {
                return Err(DbError::Other(format!(
                    "this database was made by a different build (its migration {name} is not the one in this program): \
                     start it with that build, or restore a backup"
                )));
            }
            None => {
                apply(connection, &name, &text, &checksum)?;
                ran.push(name);
            }
        }
    }
    match applied.keys().min() {
        None => Ok(ran),
        Some(name) => Err(DbError::Other(format!(
            "this database was made by a newer version (migration {name} is unknown here): upgrade the program"
        ))),
    }
}

/// Which migrations a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub count: usize,
    /// The name of the last one.
    pub latest: String,
}

pub fn history(connection: &mut dyn Connection) -> Result<History, DbError> {
    let applied = applied(connection)?;
    Ok(History { count: applied.len(), latest: applied.into_keys().max().unwrap_or_default() })
}

fn files(target: Target) -> Vec<(String, String)> {
    let mut files: Vec<_> = Files::iter()
        .filter_map(|path| {
            let name = path.strip_prefix(target.folder())?.strip_suffix(".sql")?.to_owned();
            let file = Files::get(&path)?;
            Some((name, String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    files.sort();
    files
}

fn applied(connection: &mut dyn Connection) -> Result<HashMap<String, String>, DbError> {
    let mut applied = HashMap::new();
    connection.query(&Sql::new("SELECT file, checksum FROM _migrations"), &mut |row| {
        applied.insert(row.text(0), row.text(1));
        Ok(())
    })?;
    Ok(applied)
}

fn has_collections(connection: &mut dyn Connection) -> Result<bool, DbError> {
    let mut sql = Sql::default();
    connection.dialect().find_relation(&mut sql, "_collections");
    let mut is_found = false;
    connection.query(&sql, &mut |_| {
        is_found = true;
        Ok(())
    })?;
    Ok(is_found)
}

fn apply(connection: &mut dyn Connection, name: &str, text: &str, checksum: &str) -> Result<(), DbError> {
    connection.begin_write()?;
    let mut note = Sql::new("INSERT INTO _migrations (file, checksum, applied) VALUES (");
    note.bind(name).raw(", ").bind(checksum).raw(", ").bind(Timestamp::now().to_string()).raw(")");
    let outcome = connection.execute_script(text).and_then(|()| connection.execute(&note)).map(drop);
    let outcome = match outcome {
        Ok(()) => connection.commit(),
        Err(error) => {
            connection.rollback();
            Err(error)
        }
    };
    outcome.map_err(|error| DbError::Other(format!("migration {name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing;

    #[test]
    fn every_file_runs_once() {
        let (mut connection, _folder) = testing::scratch();
        assert!(run(connection.as_mut(), Target::Data).unwrap().contains(&"0001_collections_and_params".to_owned()));
        assert!(run(connection.as_mut(), Target::Data).unwrap().is_empty());
    }

    #[test]
    fn an_edited_or_unknown_migration_is_refused() {
        let (mut connection, _folder) = testing::scratch();
        run(connection.as_mut(), Target::Data).unwrap();
        connection.execute_script("INSERT INTO _migrations VALUES ('9999_future', 'x', '')").unwrap();
        let error = run(connection.as_mut(), Target::Data).unwrap_err().to_string();
        assert!(error.contains("newer version"), "{error}");
        connection
            .execute_script("DELETE FROM _migrations WHERE file > '9'; UPDATE _migrations SET checksum = 'x'")
            .unwrap();
        let error = run(connection.as_mut(), Target::Data).unwrap_err().to_string();
        assert!(error.contains("different build"), "{error}");
        connection.execute_script("DELETE FROM _migrations").unwrap();
        let error = run(connection.as_mut(), Target::Data).unwrap_err().to_string();
        assert!(error.contains("restore a backup"), "{error}");
    }
}
