//! What backups may be called, and the right to use a name: two that come at once under one name must not both be told
//! that theirs is kept.

use crate::app::App;
use crate::app::blobs::BlobError;
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::domain::auth::INVALID;
use crate::domain::files::snake;
use crate::domain::{Issue, Issues, Result};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const LONGEST_NAME: usize = 150;
/// Of the app's name, in a backup's.
const LONGEST_APP_NAME: usize = 50;

/// Names of backups that are on their way to their place.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<Mutex<HashSet<String>>>);

impl Names {
    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to store a backup under a name.
pub(super) struct Naming {
    pub name: String,
    taken_from: Names,
}

impl Drop for Naming {
    fn drop(&mut self) {
        self.taken_from.lock().remove(&self.name);
    }
}

impl App {
    /// `None` where a backup of this name is there, or on its way. Until the claim is dropped no other can be stored under it.
    pub(super) async fn claim_name(&self, name: &str) -> std::result::Result<Option<Naming>, BlobError> {
        let names = &self.0.backups.names;
        if !names.lock().insert(name.to_owned()) {
            return Ok(None);
        }
        let naming = Naming { name: name.to_owned(), taken_from: names.clone() };
        Ok(self.find_backup(name).await?.is_none().then_some(naming))
    }

    /// `pb_backup_acme_20261121045737.zip`, and some letters more where that is taken.
    pub(super) async fn claim_usual_name(&self, prefix: &str) -> std::result::Result<Option<Naming>, BlobError> {
        let mut app_name = snake(&self.settings().meta.app_name);
        app_name.truncate(LONGEST_APP_NAME);
        let stem = format!("{prefix}{app_name}_{}", Timestamp::now().civil().strftime("%Y%m%d%H%M%S"));
        if let Some(naming) = self.claim_name(&format!("{stem}.zip")).await? {
            return Ok(Some(naming));
        }
        self.claim_name(&format!("{stem}_{}.zip", ids::random(5, ids::LOWER_ALPHANUMERIC))).await
    }
}

/// What a backup that is made here may be called.
pub(super) fn check_new_name(name: &str) -> Result<()> {
    let stem = name.strip_suffix(".zip").unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let issue = if name.is_empty() {
        return Ok(());
    } else if name.chars().count() > LONGEST_NAME {
        Issue::length(1, LONGEST_NAME)
    } else if stem.is_empty() || !stem.bytes().all(is_plain) {
        Issue::match_invalid()
    } else {
        return Ok(());
    };
    Issues::one("name", issue).into_result(INVALID)
}

/// What any backup may be called: one part of a path that no system reads as something else.
pub(super) fn is_name(name: &str) -> bool {
    let is_free = !name.contains(['/', '\\', ':', '#']) && !name.contains(char::is_control);
    (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.starts_with('.') && is_free
}
