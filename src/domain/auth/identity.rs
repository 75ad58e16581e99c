//! From what someone typed to the record they mean.

use crate::db::Sql;
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use std::sync::Arc;

/// The record whose identity field is `identity`. Without `field_name` the collection's identity fields are tried in
/// order, `email` first for what looks like an address. Letter case counts unless the field's unique index ignores it.
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

/// The record with this e-mail address, whether or not one may sign in with it. Letter case counts as below.
pub fn find_by_email(tx: &ReadTx, collection: &Arc<Collection>, email: &str) -> Result<Option<Record>> {
    find_by_unique(tx, collection, "email", email)
}

/// The record whose field is `value`, where a unique index allows only one; letter case counts unless the index ignores
/// it.
pub(super) fn find_by_unique(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    field_name: &str,
    value: &str,
) -> Result<Option<Record>> {
    let Some(index) = collection.unique_index_on(field_name) else { return Ok(None) };
    let mut condition = Sql::default();
    condition.ident(field_name).raw(" = ").bind(value);
    if index.columns.iter().any(crate::domain::model::IndexColumn::ignores_case) {
        tx.dialect().ignore_case(&mut condition);
    }
    // Part of the usual partial index's condition, so that the engine can use it.
    condition.raw(" AND ").ident(field_name).raw(" != ''");
    records::find_by(tx, collection, &condition)
}
