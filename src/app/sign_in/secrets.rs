//! The slow work on the secrets of a record that is written, done before the write lane is entered.

use crate::app::App;
use crate::domain::Result;
use crate::domain::model::Collection;
use crate::domain::records::{self, Secrets};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Hashes and compares passwords before the write lane is entered, where they would hold everyone up. `id` is the
/// record's on update.
pub async fn prepare_secrets(
    app: &App,
    collection: &Arc<Collection>,
    id: Option<&str>,
    values: &Map<String, Value>,
) -> Result<Secrets> {
    let mut secrets = Secrets::default();
    for plain in records::plain_passwords(collection, values) {
        let hash = app.hash_password(plain.clone()).await?;
        secrets.hashes.insert(plain, hash);
    }
    let old_password = records::text_of(values, "oldPassword");
    if let (false, Some(id), true) = (old_password.is_empty(), id, collection.is_auth()) {
        let (collection, id) = (Arc::clone(collection), id.to_owned());
        let stored = app.read(move |tx| records::find(tx, &collection, &id)).await?;
        if let Some(stored) = stored.map(|record| record.text("password").to_owned()) {
            let verdict = app.verify_password(old_password, Some(stored.clone())).await?;
            secrets.old_password = Some((stored, verdict.is_match));
        }
    }
    Ok(secrets)
}
