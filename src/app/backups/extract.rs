//! Unpacks a backup file. The file is not trusted: anyone may have made it. None of it is used before all of it has been
//! checked.

use super::archive::{check_free_space, copy, open};
use super::pace::{Pace, Rest};
use super::{BackupError, reason};
use crate::app::start::peek_at;
use crate::app::{DATA_FILE, LOGS_FILE, STORAGE_FOLDER};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::migrate::{self, Target};
use crate::db::{self, Connection, DbError, WriterOptions};
use crate::domain::tx::{Start, WriteTx};
use crate::domain::{Error, webhooks};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Component, Path};
use zip::ZipArchive;

const MAX_ENTRIES: usize = 5_000_000;
/// Real data is compressed by far less. Small archives are allowed [`ALLOWANCE_BYTES`] in addition.
const MAX_RATIO: u64 = 100;
const ALLOWANCE_BYTES: u64 = 64 * 1024 * 1024;
/// Tables that every database of this program has.
const OUR_TABLES: [&str; 3] = ["_migrations", "_collections", "_params"];
/// The name of PocketBase's second database.
const FOREIGN_DATABASE: &str = "auxiliary.db";

/// Unpacks the archive at `path` into the empty folder `to` and checks its databases. Returns the names of its top-level
/// entries. The databases are migrated as well, so that a start with them cannot fail.
pub(super) fn extract(
    path: &Path,
    to: &Path,
    seal_key: Option<&SealKey>,
    pace: &mut Pace<'_>,
) -> Result<Vec<&'static str>, BackupError> {
    let mut archive = open(path)?;
    let total = check_entries(&mut archive, path, to)?;
    pace.expect(total);
    let mut found = HashSet::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let Some(top) = top_of(&name) else { continue };
        found.insert(top);
        let target = to.join(name.trim_end_matches('/'));
        if entry.is_dir() {
            fs::create_dir_all(&target)?;
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let size = entry.size();
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .open(&target)
            .map_err(|error| BackupError::from(error).of(&name))?;
        // Reads one byte more than the entry declares, to notice a wrong size.
        let written = copy(&mut (&mut entry).take(size.saturating_add(1)), &mut file, pace);
        if written.map_err(|error| BackupError::from(error).of(&name))? != size {
            return Err(BackupError::other(format!("{name}: it does not have the size that the archive declares")));
        }
        file.flush()?;
    }
    check_databases(to, &found, seal_key)?;
    Ok([DATA_FILE, LOGS_FILE, STORAGE_FOLDER].into_iter().filter(|name| found.contains(name)).collect())
}

/// Checks the directory of an archive before anything is unpacked. Returns the size it unpacks to, in bytes.
fn check_entries(archive: &mut ZipArchive<BufReader<File>>, path: &Path, to: &Path) -> Result<u64, BackupError> {
    if archive.len() > MAX_ENTRIES {
        return Err(BackupError::other(format!("it has more than {MAX_ENTRIES} entries")));
    }
    if archive.has_duplicate_names() || archive.has_overlapping_files()? {
        return Err(BackupError::other("some of its entries overlap"));
    }
    let (mut total, mut is_foreign, mut has_data) = (0_u64, false, false);
    let mut names = HashSet::with_capacity(archive.len());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        let name = entry.name()?.into_owned();
        let refuse = |why: &str| BackupError::other(format!("{name:?}: {why}"));
        if !is_plain(&name) {
            return Err(refuse("its path leads out of the backup"));
        }
        let is_link = entry.is_symlink() || !matches!(kind_bits(entry.unix_mode()), 0 | 0o040_000 | 0o100_000);
        if is_link {
            return Err(refuse("it is neither a file nor a folder"));
        }
        if entry.encrypted() {
            return Err(refuse("it is encrypted"));
        }
        if !names.insert(name.trim_end_matches('/').to_lowercase()) {
            return Err(refuse("it occurs twice"));
        }
        total = total.saturating_add(entry.size());
        is_foreign |= name == FOREIGN_DATABASE;
        has_data |= name == DATA_FILE && !entry.is_dir();
    }
    if is_foreign {
        return Err(BackupError::other(
            "it is a backup of PocketBase: unpack it, and bring the folder in with `steading import-pocketbase FOLDER`",
        ));
    }
    if !has_data {
        return Err(BackupError::other(format!("there is no {DATA_FILE} in it")));
    }
    let max = path.metadata()?.len().saturating_mul(MAX_RATIO).saturating_add(ALLOWANCE_BYTES);
    if total > max {
        return Err(BackupError::other("it unpacks to far more data than a backup contains"));
    }
    check_free_space(to, total)?;
    Ok(total)
}

/// Returns the part of the data that an entry belongs to. Other entries are not unpacked.
fn top_of(name: &str) -> Option<&'static str> {
    let top = name.split('/').next().unwrap_or_default();
    let is_inside = name.contains('/');
    match top {
        DATA_FILE if !is_inside => Some(DATA_FILE),
        LOGS_FILE if !is_inside => Some(LOGS_FILE),
        STORAGE_FOLDER if is_inside => Some(STORAGE_FOLDER),
        _ => None,
    }
}

/// Whether a path leads downwards on every system: no root, no drive, no `..`, nothing that could be read as one.
fn is_plain(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    let is_downwards = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let is_spelled_well = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    is_downwards && is_spelled_well && !name.contains(['\\', '\0', ':'])
}

fn kind_bits(mode: Option<u32>) -> u32 {
    mode.unwrap_or(0) & 0o170_000
}

fn check_databases(
    folder: &Path,
    found: &HashSet<&'static str>,
    seal_key: Option<&SealKey>,
) -> Result<(), BackupError> {
    for (name, target) in [(DATA_FILE, Target::Data), (LOGS_FILE, Target::Logs)] {
        if !found.contains(name) {
            continue;
        }
        let path = folder.join(name);
        let fails = |error: DbError| BackupError::from(error).of(name);
        let tables = check(&path).map_err(fails)?;
        let is_ours = OUR_TABLES.iter().all(|table| tables.iter().any(|found| found == table));
        if name == DATA_FILE && !is_ours {
            return Err(BackupError::other("it is not a Steading database").of(name));
        }
        rehearse(&path, target, seal_key).map_err(|error| error.of(name))?;
        db::engine(&path).close().map_err(fails)?;
        check(&path).map_err(fails)?;
        File::options().write(true).open(&path)?.sync_all()?;
    }
    Ok(())
}

fn check(path: &Path) -> Result<Vec<String>, DbError> {
    let mut rest = Rest::new();
    db::engine(path).check(Box::new(move || rest.take()))
}

/// Does what a start does. Fails for a database of a newer version, and for settings that were encrypted with another key.
fn rehearse(path: &Path, target: Target, seal_key: Option<&SealKey>) -> Result<(), BackupError> {
    let mut writer = db::engine(path).writer(WriterOptions::SCRATCH)?;
    migrate::run(writer.as_mut(), target)?;
    if target == Target::Data {
        hold_back(writer).map_err(|error| BackupError::other(reason(&error)))?;
        peek_at(path, seal_key).map_err(|error| BackupError::other(reason(&error)))?;
    }
    Ok(())
}

/// Gives up the webhooks that waited when the backup was made: they may have been sent since.
fn hold_back(writer: Box<dyn Connection>) -> Result<(), Error> {
    let (schema, counts) = Default::default();
    let start = Start { schema, now: Timestamp::now(), counts, as_of: 0, hooks: None, active_endpoints: None };
    let tx = WriteTx::begin(writer, start).map_err(|(_, error)| error)?;
    webhooks::deliveries::hold_back(&tx)?;
    tx.commit().1?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_downwards_are_plain() {
        for good in ["data.db", "storage/", "storage/c/r/a b é.txt", "storage/..a/b.."] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "../data.db",
            "storage/../../x",
            "storage/..",
            "./data.db",
            "storage//x",
            "a\\..\\b",
            "C:/x",
            "C:x",
            "storage/\0",
            "\\\\host\\x",
            "storage/./x",
        ] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
