//! Refuses a data folder whose database has lost all its content: an empty file counts as a new database, and a server that
//! begins with it would look like one that works.
//!
//! A first start that was interrupted leaves an empty database too, but nothing else of a server that has run.

use super::{DATA_FILE, LOGS_FILE, STORAGE_FOLDER};
use crate::domain::{Error, Result};
use std::fs;
use std::path::Path;

const BACKUPS_FOLDER: &str = "backups";
/// How many backups the error names.
const MAX_NAMED: usize = 5;

/// Fails if the database is a file of 0 bytes, and the folder has data of a server that has run.
pub(super) fn check(data_dir: &Path) -> Result<()> {
    if bytes(&data_dir.join(DATA_FILE)) != Some(0) {
        return Ok(());
    }
    let log = format!("{DATA_FILE}-wal");
    let files = [log.as_str(), LOGS_FILE].into_iter().filter(|name| bytes(&data_dir.join(name)) > Some(0));
    let folders = [STORAGE_FOLDER, BACKUPS_FOLDER].into_iter().filter(|name| !names(&data_dir.join(name)).is_empty());
    let found: Vec<&str> = files.chain(folders).collect();
    if found.is_empty() {
        return Ok(());
    }
    let mut backups = names(&data_dir.join(BACKUPS_FOLDER));
    backups.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "zip"));
    // The newest first, as far as the names tell: those that are generated end with the time.
    backups.sort_unstable_by(|a, b| b.cmp(a));
    backups.truncate(MAX_NAMED);
    let known = if backups.is_empty() { String::new() } else { format!(" (in this folder: {})", backups.join(", ")) };
    Err(Error::Internal(format!(
        "{DATA_FILE} in {} is empty (0 bytes), but the folder is not new: it also has {}. Put the lost file back, or restore a \
         backup with `steading backup restore NAME-OR-FILE`{known}. To begin with an empty database deliberately, delete \
         {DATA_FILE} first.",
        data_dir.display(),
        found.join(", "),
    )))
}

/// The size of a file, `None` if it does not exist.
fn bytes(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|metadata| metadata.len())
}

/// The names in a folder; none if it does not exist.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_database_is_refused_only_where_a_server_has_run() {
        let check = |database: Option<&str>, others: &[(&str, &str)], said: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            for (name, content) in database.map(|content| (DATA_FILE, content)).iter().chain(others) {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            let outcome = super::check(folder.path()).map_err(|error| error.to_string());
            match (&outcome, said) {
                (Ok(()), []) => {}
                (Err(text), [_, ..]) if said.iter().all(|part| text.contains(part)) => {}
                _ => panic!("{database:?} {others:?}: {outcome:?}"),
            }
        };
        let locks = [("in_use.lock", ""), ("server.lock", ""), ("disk.reserve", "000"), ("data.db-journal", "000")];
        check(None, &[], &[]);
        check(Some(""), &[], &[]);
        check(Some(""), &locks, &[]);
        check(Some(""), &[("logs.db", ""), ("data.db-wal", "")], &[]);
        check(Some("SQLite"), &[("logs.db", "SQLite")], &[]);
        check(None, &[("logs.db", "SQLite"), ("storage/a/b/c.png", "png")], &[]);
        check(Some(""), &[("logs.db", "SQLite")], &["data.db", "it also has logs.db.", "delete data.db"]);
        check(Some(""), &[("storage/a/b/c.png", "png")], &["it also has storage."]);
        check(Some(""), &[("data.db-wal", "frames")], &["it also has data.db-wal."]);
        let backups = [("backups/a_1.zip", "zip"), ("backups/a_2.zip", "zip"), ("backups/a_2.zip.attrs", "{}")];
        check(Some(""), &backups, &["it also has backups.", "(in this folder: a_2.zip, a_1.zip)"]);
    }
}
