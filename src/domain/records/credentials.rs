//! What auth collections ask beyond their fields' own checks: who may set a password, an e-mail address, `verified`.
//!
//! Hashing takes tens of milliseconds, so it happens before the write transaction: [`plain_passwords`] tells what to
//! hash, and [`Secrets`] carries the results in.

use super::draft::Draft;
use super::{satisfies, store, would_satisfy};
use crate::base::password;
use crate::domain::caller::RequestInfo;
use crate::domain::fields::FieldKind;
use crate::domain::model::{Collection, Record};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Issue, Issues, Result};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// What was hashed and compared before the transaction.
#[derive(Debug, Default)]
pub struct Secrets {
    /// Hashes by plain text.
    pub hashes: HashMap<String, String>,
    /// The stored hash that the old password was compared with, and whether it matched.
    pub old_password: Option<(String, bool)>,
}

/// The values of a write, with their secrets prepared.
#[derive(Debug, Default)]
pub struct Submitted {
    pub values: Map<String, Value>,
    pub secrets: Secrets,
}

impl Submitted {
    #[must_use]
    pub fn new(values: Map<String, Value>) -> Self {
        Self { values, secrets: Secrets::default() }
    }
}

impl Secrets {
    /// The prepared hash, or one made now: the schema may have changed since the preparation.
    fn hash(&self, plain: &str) -> String {
        self.hashes.get(plain).cloned().unwrap_or_else(|| password::hash(plain))
    }

    fn is_old_password(&self, plain: &str, stored: &str) -> bool {
        match &self.old_password {
            Some((compared_with, is_match)) if compared_with == stored => *is_match,
            _ => password::verify(plain, stored).is_match,
        }
    }
}

/// The texts of `values` that would be stored hashed in this collection and pass their field's own checks.
#[must_use]
pub fn plain_passwords(collection: &Collection, values: &Map<String, Value>) -> Vec<String> {
    collection
        .fields
        .iter()
        .filter(|field| matches!(field.kind, FieldKind::Password(_)))
        .filter_map(|field| {
            let value = values.get(&field.name)?;
            field.validate(value).ok()?;
            value.as_str().filter(|plain| !plain.is_empty()).map(ToOwned::to_owned)
        })
        .collect()
}

/// Puts the hashes of the submitted passwords into the record. To be called after validation.
pub fn seal(draft: &mut Draft, secrets: &Secrets) {
    for (at, plain) in &draft.passwords {
        let hash = if plain.is_empty() { String::new() } else { secrets.hash(plain) };
        draft.record.values[*at] = Value::String(hash);
    }
}

/// Whether the caller may set this record's credentials: a superuser, or whom the manage rule names.
fn is_manager(tx: &ReadTx, request: &RequestInfo, record: &Record, is_create: bool) -> Result<bool> {
    if request.caller.is_superuser() {
        return Ok(true);
    }
    let collection = &record.collection;
    let Some(rule) = collection.auth.as_ref().and_then(|auth| auth.manage_rule.as_deref()) else { return Ok(false) };
    if !is_create {
        return satisfies(tx, request, collection, record.id(), Some(rule));
    }
    would_satisfy(tx, request, record, rule)
}

/// The checks of a new auth record.
pub fn check_create(
    tx: &ReadTx,
    request: &RequestInfo,
    draft: &Draft,
    submitted: &Map<String, Value>,
) -> Result<Issues> {
    let mut issues = Issues::new();
    if draft.record.is_true("verified") && !is_manager(tx, request, &draft.record, true)? {
        issues.add("verified", Issue::values_mismatch());
    }
    let password = text_of(submitted, "password");
    let confirmation = text_of(submitted, "passwordConfirm");
    if password.is_empty() {
        issues.add("password", Issue::required());
    }
    check_confirmation(&mut issues, password, confirmation);
    Ok(issues)
}

/// The checks of a change to a stored auth record.
pub fn check_update(
    tx: &ReadTx,
    request: &RequestInfo,
    stored: &Record,
    draft: &Draft,
    submitted: &Submitted,
) -> Result<Issues> {
    let mut issues = Issues::new();
    let [password, confirmation, old] =
        ["password", "passwordConfirm", "oldPassword"].map(|key| text_of(&submitted.values, key));
    let is_email_changed = draft.record.text("email") != stored.text("email");
    let is_verified_changed = draft.record.is_true("verified") != stored.is_true("verified");
    let is_password_asked = !(password.is_empty() && confirmation.is_empty());
    let is_guarded = is_email_changed || is_verified_changed || is_password_asked;
    let is_manager = is_guarded && is_manager(tx, request, stored, false)?;

    if is_email_changed && !is_manager {
        issues.add("email", Issue::values_mismatch());
    }
    if is_verified_changed && !is_manager {
        issues.add("verified", Issue::values_mismatch());
    }
    if password.is_empty() && !(confirmation.is_empty() && old.is_empty()) {
        issues.add("password", Issue::required());
    }
    if is_password_asked || !old.is_empty() {
        check_confirmation(&mut issues, password, confirmation);
    }
    if is_password_asked && !is_manager {
        if old.is_empty() {
            issues.add("oldPassword", Issue::required());
        } else if !submitted.secrets.is_old_password(old, stored.text("password")) {
            issues
                .add("oldPassword", Issue::new("validation_invalid_old_password", "Missing or invalid old password."));
        }
    }
    Ok(issues)
}

fn check_confirmation(issues: &mut Issues, password: &str, confirmation: &str) {
    if confirmation.is_empty() {
        issues.add("passwordConfirm", Issue::required());
    } else if confirmation != password {
        issues.add("passwordConfirm", Issue::values_mismatch());
    }
}

fn text_of<'a>(values: &'a Map<String, Value>, key: &str) -> &'a str {
    values.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether the credentials differ, so that every token and pending factor of the record must die.
#[must_use]
pub fn is_changed(stored: &Record, record: &Record) -> bool {
    ["password", "email"].iter().any(|name| stored.get(name) != record.get(name))
}

/// A new token key: every token of the record dies with the old one.
pub fn refresh_token_key(record: &mut Record) {
    record.set("tokenKey", crate::base::ids::random(50, crate::base::ids::ALPHANUMERIC));
}

/// Deletes pending second factors, codes and known origins of a record whose credentials changed.
pub fn forget_factors(tx: &WriteTx, record: &Record) -> Result<()> {
    forget(tx, record, &["_mfas", "_otps", "_authOrigins"])
}

/// Deletes the links to providers' accounts, and says whether there were any.
pub fn forget_links(tx: &WriteTx, record: &Record) -> Result<bool> {
    let schema = tx.schema();
    let Some(links) = schema.by_name("_externalAuths") else { return Ok(false) };
    Ok(store::delete_belongings(tx, links, record)? > 0)
}

/// Deletes all rows of system collections that belong to an auth record.
pub fn forget_all(tx: &WriteTx, record: &Record) -> Result<()> {
    forget(tx, record, &["_externalAuths", "_mfas", "_otps", "_authOrigins"])
}

fn forget(tx: &WriteTx, record: &Record, names: &[&str]) -> Result<()> {
    let schema = tx.schema();
    for name in names {
        if let Some(belongings) = schema.by_name(name) {
            store::delete_belongings(tx, belongings, record)?;
        }
    }
    Ok(())
}

/// Superusers are verified by definition.
pub fn normalise(collection: &Arc<Collection>, record: &mut Record) {
    if collection.is_superusers() {
        record.set("verified", true);
    }
}
