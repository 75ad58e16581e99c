//! Names of backups, and claims on them: of two backups that arrive at the same time under one name, only one may be stored.

use crate::app::App;
use crate::app::blobs::BlobError;
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::domain::auth::INVALID;
use crate::domain::files::snake;
use crate::domain::model::BlobKey;
use crate::domain::{Issue, Issues, Result};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MAX_NAME: usize = 150;
/// The maximum length of the app's name within a generated name.
const MAX_APP_NAME: usize = 50;

/// Names of backups that are being stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<Mutex<HashSet<BlobKey>>>);

impl Names {
    fn lock(&self) -> MutexGuard<'_, HashSet<BlobKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to store a backup under a name.
pub(super) struct Naming {
    pub key: BlobKey,
    taken_from: Names,
}

impl Drop for Naming {
    fn drop(&mut self) {
        self.taken_from.lock().remove(&self.key);
    }
}

impl App {
    /// Claims a name. `None` if it is invalid, or if a backup of this name exists or is being stored. Until the claim is dropped no other backup
    /// can be stored under the name.
    pub(super) async fn claim_name(&self, name: &str) -> std::result::Result<Option<Naming>, BlobError> {
        let Some(key) = backup_key(name) else { return Ok(None) };
        let names = &self.0.backups.names;
        if !names.lock().insert(key.clone()) {
            return Ok(None);
        }
        let naming = Naming { key, taken_from: names.clone() };
        Ok(self.find_backup(name).await?.is_none().then_some(naming))
    }

    /// Claims a generated name: `pb_backup_acme_20261121045737.zip`, or one with a random suffix if that is taken.
    pub(super) async fn claim_generated_name(&self, prefix: &str) -> std::result::Result<Option<Naming>, BlobError> {
        let mut app_name = snake(&self.settings().meta.app_name);
        app_name.truncate(MAX_APP_NAME);
        let stem = format!("{prefix}{app_name}_{}", Timestamp::now().civil().strftime("%Y%m%d%H%M%S"));
        if let Some(naming) = self.claim_name(&format!("{stem}.zip")).await? {
            return Ok(Some(naming));
        }
        self.claim_name(&format!("{stem}_{}.zip", ids::random(5, ids::LOWER_ALPHANUMERIC))).await
    }
}

/// Checks the name for a backup that is made here.
pub(super) fn check_new_name(name: &str) -> Result<()> {
    let stem = name.strip_suffix(".zip").unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let issue = if name.is_empty() {
        return Ok(());
    } else if name.chars().count() > MAX_NAME {
        Issue::length(1, MAX_NAME)
    } else if stem.is_empty() || !stem.bytes().all(is_plain) {
        Issue::match_invalid()
    } else {
        return Ok(());
    };
    Issues::one("name", issue).into_result(INVALID)
}

/// Returns the key of a backup, or `None` if no backup may have this name: it must be one path component on every
/// system.
pub(super) fn backup_key(name: &str) -> Option<BlobKey> {
    let is_free = !name.contains(['/', '\\', ':', '#']) && !name.contains(char::is_control);
    let is_name = (1..=MAX_NAME).contains(&name.chars().count()) && !name.starts_with('.') && is_free;
    BlobKey::parse(name).filter(|_| is_name)
}
