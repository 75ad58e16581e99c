//! Creates a record for a provider account that signs in for the first time.

use super::{Identity, Prepared};
use crate::domain::auth::identity::find_by_unique;
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::fields::FieldKind;
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Creates the record the same way as any client would, so that the create rule decides. The record is verified if its
/// address is the one the provider vouches for.
pub fn create(
    tx: &WriteTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
    prepared: Prepared,
) -> Result<Arc<Record>> {
    let Prepared { create_data, random_password, secrets, uploads, record_id: _ } = prepared;
    let mut values = create_data;
    fill_in(tx, collection, identity, &mut values)?;
    if !has_text(&values, "password") {
        values.insert("password".to_owned(), random_password.clone().into());
        values.insert("passwordConfirm".to_owned(), random_password.into());
    }
    let request = RequestInfo { context: Context::Oauth2, ..request.clone() };
    let record = records::create(tx, &request, collection, &Submitted { values, secrets, uploads })?;
    if record.is_true("verified") || record.text("email") != identity.profile.email {
        return Ok(record);
    }
    let mut verified = Record::clone(&record);
    verified.set("verified", true);
    records::rewrite(tx, &record, verified)
}

/// Fills in what the provider reports, except for values that the client has set.
fn fill_in(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    identity: &Identity,
    values: &mut Map<String, Value>,
) -> Result<()> {
    let profile = &identity.profile;
    if !has_text(values, "email") {
        if profile.email.is_empty() {
            refuse_taken(tx, collection, &profile.claimed_email)?;
        }
        values.insert("email".to_owned(), profile.any_email().into());
    }
    let Some(mapped) = collection.auth.as_ref().map(|auth| &auth.oauth2.mapped_fields) else { return Ok(()) };
    let mut set = |field_name: &str, value: &str| {
        if !field_name.is_empty() && !value.is_empty() && !values.contains_key(field_name) {
            values.insert(field_name.to_owned(), value.into());
        }
    };
    set(&mapped.id, &profile.id);
    set(&mapped.name, &profile.name);
    if is_free(tx, collection, &mapped.username, &profile.username)? {
        set(&mapped.username, &profile.username);
    }
    let is_file = collection.field(&mapped.avatar_url).is_some_and(|field| matches!(field.kind, FieldKind::File(_)));
    if !is_file {
        set(&mapped.avatar_url, &profile.avatar_url);
    }
    Ok(())
}

/// Fails if a record has an address that the provider does not vouch for: it may belong to a different person.
fn refuse_taken(tx: &ReadTx, collection: &Arc<Collection>, claimed_email: &str) -> Result<()> {
    if claimed_email.is_empty() || find_by_unique(tx, collection, "email", claimed_email)?.is_none() {
        return Ok(());
    }
    let text = "An account with this email exists already. Sign in to it first, then link this provider to it.";
    let issues = Issues::one("email", Issue::new("validation_not_unique", text));
    Err(Error::Invalid { message: "Failed to create record.".into(), issues })
}

/// Whether a new record may have this user name. It was not chosen for this server, so one that does not fit is left
/// out.
fn is_free(tx: &ReadTx, collection: &Arc<Collection>, field_name: &str, username: &str) -> Result<bool> {
    let Some(field) = collection.field(field_name) else { return Ok(false) };
    let fits = field.validate(&field.modify(crate::domain::fields::Modifier::Set, &field.zero(), &username.into()));
    Ok(fits.is_ok() && find_by_unique(tx, collection, field_name, username)?.is_none())
}

fn has_text(values: &Map<String, Value>, key: &str) -> bool {
    values.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}
