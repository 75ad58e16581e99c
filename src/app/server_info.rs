//! What a superuser may know of the running server: versions, and how much disk space its data takes.

use super::{App, LOGS_FILE, STORAGE_FOLDER};
use crate::base::clock::Timestamp;
use crate::db::{self, migrate};
use crate::domain::Result;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long files may be counted. A folder may hold millions.
const COUNT_TIME: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct ServerInfo {
    pub version: &'static str,
    /// Name and version.
    pub engine: String,
    /// The name of the last migration of the system tables, and how many there are.
    pub migrations: migrate::History,
    pub started: Timestamp,
    pub sizes: Sizes,
}

/// In bytes.
#[derive(Debug)]
pub struct Sizes {
    pub database: u64,
    /// The part of the database that is free for further rows.
    pub unused: u64,
    pub write_ahead_log: u64,
    pub request_log: u64,
    /// `None` if they are in a bucket.
    pub files: Option<u64>,
    pub backups: Option<u64>,
    /// False if there were too many files to count. The numbers are too small then.
    pub is_complete: bool,
}

impl App {
    pub async fn server_info(&self) -> Result<ServerInfo> {
        let (engine, migrations, database) = self
            .read(|tx| {
                tx.with(|connection| Ok((connection.version()?, migrate::history(connection)?, connection.size()?)))
            })
            .await?;
        let log = self.0.shared.engine.disk_use().log_bytes;
        let request_log = db::engine(&self.0.data_dir.join(LOGS_FILE)).disk_use();
        let settings = self.settings();
        let local = |is_in_bucket: bool, folder: &str| (!is_in_bucket).then(|| self.0.data_dir.join(folder));
        let folders = [local(settings.s3.enabled, STORAGE_FOLDER), local(settings.backups.s3.enabled, "backups")];
        let ([files, backups], is_complete) = self.blocking(move || count(folders)).await?;
        Ok(ServerInfo {
            version: env!("CARGO_PKG_VERSION"),
            engine,
            migrations,
            started: self.0.started,
            sizes: Sizes {
                database: database.bytes,
                unused: database.unused_bytes,
                write_ahead_log: log,
                request_log: request_log.file_bytes + request_log.log_bytes,
                files,
                backups,
                is_complete,
            },
        })
    }
}

fn count(folders: [Option<PathBuf>; 2]) -> ([Option<u64>; 2], bool) {
    let until = Instant::now() + COUNT_TIME;
    let mut is_complete = true;
    let sizes = folders.map(|folder| {
        folder.map(|folder| {
            let (bytes, is_whole) = folder_bytes(&folder, until);
            is_complete &= is_whole;
            bytes
        })
    });
    (sizes, is_complete)
}

/// The size of all files in a folder, and whether all were counted until `until`. What cannot be read counts as empty.
fn folder_bytes(folder: &Path, until: Instant) -> (u64, bool) {
    let (mut bytes, mut folders) = (0, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if Instant::now() > until {
                return (bytes, false);
            }
            // Does not follow links, so that a circle of them ends.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += metadata.len();
            }
        }
    }
    (bytes, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_folders_of_folders_are_counted_until_the_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["one", "a/two", "a/b/three"] {
            std::fs::write(folder.path().join(name), [0; 100]).unwrap();
        }
        let later = Instant::now() + Duration::from_mins(1);
        assert_eq!(folder_bytes(folder.path(), later), (300, true));
        assert_eq!(folder_bytes(&folder.path().join("missing"), later), (0, true));
        let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        assert!(!folder_bytes(folder.path(), past).1);
    }
}
