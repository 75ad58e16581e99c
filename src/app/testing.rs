//! An [`App`] for a test.

use super::limits::LockoutOptions;
use super::mail::MailOptions;
use super::realtime::Limits;
use super::{App, Options};
use std::time::Duration;

/// Must be dropped together with its folder.
pub fn app() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(&folder), folder)
}

pub fn open(folder: &tempfile::TempDir) -> App {
    App::open(&options(folder)).unwrap()
}

pub fn options(folder: &tempfile::TempDir) -> Options {
    Options {
        data_dir: folder.path().to_owned(),
        readers: 2,
        slow_reads: 3,
        cache_kib: 8 * 1024,
        query_time: Duration::from_secs(30),
        write_time: Duration::from_secs(30),
        seal_key: None,
        lockout: LockoutOptions::default(),
        realtime: Limits::default(),
        mail: MailOptions::default(),
        served_at: String::new(),
        log_bytes: super::logs::DEFAULT_MAX_MIB * 1024 * 1024,
        import_bytes: 1024 * 1024,
        webhooks: super::webhooks::WebhookOptions::default(),
        scripts: None,
    }
}
