//! Finds the record that a typed identity names.

use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use std::sync::Arc;

/// Finds the record whose identity field is `identity`. Without `field_name`, the collection's identity fields are
/// tried in order, with `email` first if the text looks like an address. Matching is case-sensitive unless the field's
/// unique index ignores case.
pub fn find_by_identity(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    identity: &str,
    field_name: Option<&str>,
) -> Result<Option<Record>> {
    let Some(auth) = collection.auth.as_ref().filter(|auth| auth.password_auth.enabled) else {
        let message = "The collection is not configured to allow password authentication.";
        return Err(Error::Forbidden(message.into()));
    };
    let mut fields: Vec<&str> = auth.password_auth.identity_fields.iter().map(String::as_str).collect();
    if let Some(wanted) = field_name.filter(|name| !name.is_empty()) {
        if !fields.contains(&wanted) {
            return Err(Error::Invalid {
                message: "An error occurred while validating the submitted data.".into(),
                issues: Issues::one("identityField", Issue::in_invalid()),
            });
        }
        fields = vec![wanted];
    } else if identity.contains('@') {
        fields.sort_by_key(|name| *name != "email");
    }
    for field_name in fields {
        if let Some(record) = find_by_unique(tx, collection, field_name, identity)? {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// Finds the record with this e-mail address, whether or not `email` is an identity field. Matching is case-sensitive
/// unless the field's unique index ignores case.
pub fn find_by_email(tx: &ReadTx, collection: &Arc<Collection>, email: &str) -> Result<Option<Record>> {
    find_by_unique(tx, collection, "email", email)
}

/// Finds the record whose field is `value`, if a unique index covers the field. Matching is case-sensitive unless the
/// index ignores case.
pub(super) fn find_by_unique(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    field_name: &str,
    value: &str,
) -> Result<Option<Record>> {
    if collection.unique_index_on(field_name).is_none() {
        return Ok(None);
    }
    records::find_by_value(tx, collection, field_name, value)
}
