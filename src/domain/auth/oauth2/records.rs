//! Which record a proven account signs in as, and how it is linked.
//!
//! The threat here is an account made *before* its owner arrives: an attacker signs up with the address of another
//! person, sets a password, links a provider account, and waits until the owner signs in with a provider and starts to
//! use the record. Therefore, until someone has proven that the address of a record is theirs, its password, tokens and
//! other links do not survive a sign-in with a provider. A caller who is already signed in as the record keeps the
//! password, because they know it.
//!
//! An e-mail address that the provider does not vouch for ([`claimed_email`](super::Profile::claimed_email)) finds no
//! record: anyone may enter another person's address in their provider account. A record that was created with such an
//! address is not changed while the same account signs in with the same address.

use super::{Identity, creation, store};
use crate::domain::auth::identity::find_by_unique;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::files::Uploads;
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, Secrets, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a sign-in will do, as far as it is known before the write lane is entered.
#[derive(Debug)]
pub enum Plan {
    /// Nothing is written.
    SignIn(Arc<Record>),
    /// The record is linked or changed.
    Adopt,
    Create,
}

/// What was prepared outside the write lane.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The values that the client requests for a new record.
    pub create_data: Map<String, Value>,
    /// The password of a record without one. It is never shown to anyone.
    pub random_password: String,
    /// The hashes of the passwords in both.
    pub secrets: Secrets,
    /// The record to sign in as, if it was chosen in another way than by the account.
    pub record_id: Option<String>,
    /// The avatar, if there is one and it is stored as a file; `create_data` already names it.
    pub uploads: Uploads,
}

/// A record found for an identity.
struct Found {
    record: Arc<Record>,
    is_linked: bool,
    /// Whether the caller is signed in as this record.
    is_caller: bool,
}

pub fn plan(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>, identity: &Identity) -> Result<Plan> {
    let Some(found) = find(tx, request, collection, identity)? else { return Ok(Plan::Create) };
    let record = &found.record;
    if (record.is_true("verified") && found.is_linked && !record.text("email").is_empty())
        || is_own_claim(&found, identity)
    {
        return Ok(Plan::SignIn(found.record));
    }
    Ok(Plan::Adopt)
}

/// Returns the record to sign in as, linked, and whether it is new.
pub fn settle(
    tx: &WriteTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
    prepared: Prepared,
) -> Result<(Arc<Record>, bool)> {
    let found = match &prepared.record_id {
        Some(id) => {
            let record = records::find(tx, collection, id)?;
            record.map(|record| Found { record: Arc::new(record), is_linked: false, is_caller: false })
        }
        None => find(tx, request, collection, identity)?,
    };
    let (record, is_new) = match found {
        Some(found) => (adopt(tx, &found, identity, prepared).map_err(failed)?, false),
        None => (creation::create(tx, request, collection, identity, prepared)?, true),
    };
    store::ensure(tx, &record, identity).map_err(failed)?;
    Ok((record, is_new))
}

/// Returns the record that the account would sign in as.
pub fn find_account(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
) -> Result<Option<Arc<Record>>> {
    Ok(find(tx, request, collection, identity)?.map(|found| found.record))
}

/// Looks for the record by link, then by caller, then by e-mail address.
fn find(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
) -> Result<Option<Found>> {
    let caller_id = match &request.caller {
        Caller::Record(record) if record.collection.id == collection.id => Some(record.id()),
        _ => None,
    };
    let found = |record: Record, is_linked| {
        let is_caller = caller_id == Some(record.id());
        Ok(Some(Found { record: Arc::new(record), is_linked, is_caller }))
    };
    if let Some(link) = store::find(tx, collection, identity)?
        && let Some(record) = records::find(tx, collection, link.text("recordRef"))?
    {
        return found(record, true);
    }
    if let Some(id) = caller_id
        && let Some(record) = records::find(tx, collection, id)?
    {
        return found(record, false);
    }
    let email = identity.profile.email.as_str();
    if !email.is_empty()
        && let Some(record) = find_by_unique(tx, collection, "email", email)?
    {
        return found(record, false);
    }
    Ok(None)
}

/// Whether the record is linked to this account and has the address that the account claims. No other person's
/// credentials can have been added, because a claimed address links nothing by itself.
fn is_own_claim(found: &Found, identity: &Identity) -> bool {
    let Identity { profile, .. } = identity;
    let is_claimed = profile.email.is_empty() && !profile.claimed_email.is_empty();
    found.is_linked && is_claimed && is_same_address(&found.record, found.record.text("email"), &profile.claimed_email)
}

/// Makes an existing record safe to sign in as.
fn adopt(tx: &WriteTx, found: &Found, identity: &Identity, prepared: Prepared) -> Result<Arc<Record>> {
    let record = &found.record;
    if is_own_claim(found, identity) {
        return Ok(Arc::clone(record));
    }
    let is_verified = record.is_true("verified");
    let mut values = Map::new();
    if !is_verified {
        store::drop_others(tx, record, identity)?;
        if !found.is_caller {
            values.insert("password".to_owned(), prepared.random_password.into());
        }
    }
    let (own, given) = (record.text("email"), identity.profile.email.as_str());
    if own.is_empty() && !given.is_empty() {
        values.insert("email".to_owned(), given.into());
    }
    if !is_verified && (own.is_empty() || is_same_address(record, own, given)) {
        values.insert("verified".to_owned(), true.into());
    }
    if values.is_empty() {
        return Ok(Arc::clone(record));
    }
    // A changed password or address invalidates every token and every pending factor.
    records::update_unchecked(tx, record, &Submitted { values, secrets: prepared.secrets, ..Submitted::default() })
}

/// Compares two addresses of the record. Case counts as it does when the record is looked up.
fn is_same_address(record: &Record, own: &str, given: &str) -> bool {
    let ignores_case = record
        .collection
        .unique_index_on("email")
        .is_some_and(|index| index.columns.iter().any(crate::domain::model::IndexColumn::ignores_case));
    if ignores_case { own.eq_ignore_ascii_case(given) } else { own == given }
}

/// Reports a refused write as a failed sign-in.
fn failed(error: Error) -> Error {
    match error {
        Error::Invalid { issues, .. } => Error::Invalid { message: "Failed to authenticate.".into(), issues },
        other => other,
    }
}
