//! Which record a proven account signs in as, and how it gets there.
//!
//! The danger here is an account made *before* its owner came: someone signs up with the address of another, sets a
//! password, links an account of their own, and waits until the owner signs in with a provider and fills it with life.
//! So as long as nobody has proven that the address of a record is theirs, its password, its tokens and its other links
//! do not survive a sign-in with a provider. A caller who is signed in as the record keeps the password: they are the one
//! who knows it.
//!
//! An e-mail address that the provider does not vouch for ([`claimed_email`](super::Profile::claimed_email)) finds no record:
//! anybody may write the address of another into their account there. A record that was made with one is left in peace
//! while the same account signs in with the same address.

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

/// What a sign-in will do, as far as can be told before the write lane is entered.
#[derive(Debug)]
pub enum Plan {
    /// Nothing is to be written.
    SignIn(Arc<Record>),
    /// The record is linked or changed; with a password that nobody knows, where so said.
    Adopt {
        needs_password: bool,
    },
    Create,
}

/// What was prepared outside the write lane. What a changed plan asks for beyond it is made there.
#[derive(Debug, Default)]
pub struct Prepared {
    /// What the client wants a new record to hold.
    pub create_data: Map<String, Value>,
    /// For whoever has none: nobody gets to know it.
    pub random_password: String,
    /// The hashes of both.
    pub secrets: Secrets,
    /// The avatar, if there is one and it is kept as a file; `create_data` names it already.
    pub uploads: Uploads,
}

/// A record found for an identity.
struct Found {
    record: Arc<Record>,
    is_linked: bool,
    /// Whoever asks is signed in as it.
    is_caller: bool,
}

pub fn plan(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>, identity: &Identity) -> Result<Plan> {
    let Some(found) = find(tx, request, collection, identity)? else { return Ok(Plan::Create) };
    let record = &found.record;
    let is_verified = record.is_true("verified");
    if (is_verified && found.is_linked && !record.text("email").is_empty()) || is_own_claim(&found, identity) {
        return Ok(Plan::SignIn(found.record));
    }
    Ok(Plan::Adopt { needs_password: !is_verified && !found.is_caller })
}

/// The record to sign in as, linked, and whether it is new.
pub fn settle(
    tx: &WriteTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
    prepared: Prepared,
) -> Result<(Arc<Record>, bool)> {
    let (record, is_new) = match find(tx, request, collection, identity)? {
        Some(found) => (adopt(tx, &found, identity, prepared).map_err(failed)?, false),
        None => (creation::create(tx, request, collection, identity, prepared)?, true),
    };
    store::ensure(tx, &record, identity).map_err(failed)?;
    Ok((record, is_new))
}

/// By link, by who is signed in, by e-mail: in this order.
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

/// Whether the record is linked to this account and has the address that the account claims: nobody else's credentials can
/// have come between, as a claimed address links nothing by itself.
fn is_own_claim(found: &Found, identity: &Identity) -> bool {
    let Identity { profile, .. } = identity;
    let is_claimed = profile.email.is_empty() && !profile.claimed_email.is_empty();
    found.is_linked && is_claimed && is_same_address(&found.record, found.record.text("email"), &profile.claimed_email)
}

/// Makes a record that exists already safe to sign in as.
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
    // Another password or address ends every token and forgets every pending factor.
    records::update_unchecked(tx, record, &Submitted { values, secrets: prepared.secrets, ..Submitted::default() })
}

/// Letter case counts as it does for finding the record.
fn is_same_address(record: &Record, own: &str, given: &str) -> bool {
    let ignores_case = record
        .collection
        .unique_index_on("email")
        .is_some_and(|index| index.columns.iter().any(crate::domain::model::IndexColumn::ignores_case));
    if ignores_case { own.eq_ignore_ascii_case(given) } else { own == given }
}

/// What is refused here is the sign-in, whatever was about to be written.
fn failed(error: Error) -> Error {
    match error {
        Error::Invalid { issues, .. } => Error::Invalid { message: "Failed to authenticate.".into(), issues },
        other => other,
    }
}
