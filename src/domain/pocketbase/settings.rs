//! The source's settings, which have the same format as ours.

use super::Source;
use crate::base::seal::SealKey;
use crate::domain::model::Settings;
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Issues, Result, settings};
use serde_json::{Map, Value};

/// What happened to the source's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsOutcome {
    Brought,
    /// They are encrypted, and no key was given.
    Sealed,
    /// There are none, or they were not requested.
    LeftOut,
}

/// Returns the source's settings as they are stored; `None` if they are encrypted and there is no `key`.
pub(super) fn read(source: &mut Source, key: Option<&SealKey>) -> Result<Option<Map<String, Value>>> {
    let text = source.settings()?.unwrap_or_default();
    // Encrypted text is base64, which a JSON column may hold with or without quotes.
    let text = text.trim().trim_matches('"');
    let opened = match key {
        _ if text.starts_with('{') || text.is_empty() => text.to_owned(),
        Some(key) => key.open(text).ok_or_else(|| {
            Error::bad_request("The settings of the source cannot be decrypted with this encryption key.")
        })?,
        None => return Ok(None),
    };
    match serde_json::from_str(if opened.is_empty() { "{}" } else { &opened }) {
        Ok(Value::Object(document)) => Ok(Some(document)),
        _ => Err(Error::bad_request("The source's settings cannot be read.")),
    }
}

/// Whether uploads are stored in a bucket instead of next to the database.
pub(super) fn uses_s3(document: &Map<String, Value>) -> bool {
    let settings: Option<Settings> = serde_json::from_value(Value::Object(document.clone())).ok();
    settings.is_some_and(|settings| settings.s3.enabled)
}

/// Applies the settings. They decide who may do what, so if one is refused here, the whole move fails instead of
/// dropping it silently.
pub(super) fn apply(tx: &WriteTx, key: Option<&SealKey>, document: &Map<String, Value>) -> Result<()> {
    settings::update(tx, key, document).map(drop).map_err(|error| match error {
        Error::Invalid { issues, .. } => Error::Invalid {
            message: "A setting of the source is refused here; correct it there, or import with --skip-settings."
                .into(),
            issues: Issues::clone(&issues),
        },
        other => other,
    })
}
