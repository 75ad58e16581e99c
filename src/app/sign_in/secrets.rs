//! Slow work on the secrets of a record to be written. It is done before the write lane is entered.

use crate::app::App;
use crate::app::limits::RankedClient;
use crate::base::password::Hash;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result, collections};
use std::collections::HashMap;
use std::sync::Arc;

/// How many passwords one request may set and compare. Each takes about 20 ms of one core, and one request should cost
/// less than half a second. Superusers may send more.
pub const MAX_PASSWORDS: usize = 10;

/// How many more passwords a request may hash or compare.
#[derive(Debug)]
pub struct PasswordBudget {
    ranked_client: RankedClient,
    /// `None` if there is no limit.
    left: Option<usize>,
}

impl PasswordBudget {
    /// The budget of a whole request of `client`, sent by the caller of `info`.
    #[must_use]
    pub fn new(ranked_client: RankedClient, info: &RequestInfo) -> Self {
        Self { ranked_client, left: (!info.caller.is_superuser()).then_some(MAX_PASSWORDS) }
    }

    fn take(&mut self, count: usize) -> Result<()> {
        let Some(left) = &mut self.left else { return Ok(()) };
        let rest = left.checked_sub(count).ok_or_else(|| {
            Error::bad_request(format!("One request may set and check at most {MAX_PASSWORDS} passwords."))
        })?;
        *left = rest;
        Ok(())
    }
}

/// A record that is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub info: &'a RequestInfo,
    pub collection: &'a Arc<Collection>,
    /// Set on update.
    pub id: Option<&'a str>,
    /// Other writes of the same request come first, so it cannot be known yet whether this one will succeed.
    pub is_in_batch: bool,
}

/// Hashes the passwords among the values of `submitted` and compares `oldPassword`, so that the write lane does not
/// have to.
///
/// The rule is checked first: a password is compared only for a caller who may update the record, and hashed only for a
/// write that would succeed, as far as that is known by then.
pub async fn prepare_secrets(
    app: &App,
    budget: &mut PasswordBudget,
    target: Target<'_>,
    mut submitted: Submitted,
) -> Result<Submitted> {
    let Target { info, collection, id, is_in_batch } = target;
    let plain_passwords = records::plain_passwords(collection, &submitted.values);
    let old_password = records::text_of(&submitted.values, "oldPassword");
    if plain_passwords.is_empty() && old_password.is_empty() {
        return Ok(submitted);
    }
    if let Some(id) = id.filter(|_| collection.is_auth() && !old_password.is_empty()) {
        let id = id.to_owned();
        let (checked, outcome) =
            with_submitted(app, info, collection, submitted, move |tx, info, collection, submitted| {
                records::guarded_record(tx, info, collection, &id, submitted)
            })
            .await;
        submitted = checked;
        let guarded = match outcome {
            Ok(guarded) => guarded,
            // An earlier request of the batch may still make this valid; nothing was compared.
            Err(error) => match error.answer() {
                Error::NotFound(_) | Error::Forbidden(_) | Error::Invalid { .. } if is_in_batch => None,
                _ => return Err(error),
            },
        };
        if let Some(record) = guarded {
            budget.take(1)?;
            let is_match = is_password_of(app, budget.ranked_client, &record, old_password).await?;
            submitted.secrets.old_password = Some((record.text("password").to_owned(), is_match));
        }
    }
    if plain_passwords.is_empty() {
        return Ok(submitted);
    }
    budget.take(plain_passwords.len())?;
    if !is_in_batch {
        let id = id.map(ToOwned::to_owned);
        let (checked, outcome) =
            with_submitted(app, info, collection, submitted, move |tx, info, collection, submitted| match &id {
                Some(id) => records::rehearse_update(tx, info, collection, id, submitted),
                None => records::rehearse_create(tx, info, collection, submitted),
            })
            .await;
        submitted = checked;
        outcome?;
    }
    submitted.secrets.hashes = hash_all(app, budget.ranked_client, plain_passwords).await?;
    Ok(submitted)
}

pub(super) async fn hash_all(
    app: &App,
    ranked_client: RankedClient,
    plain: Vec<String>,
) -> Result<HashMap<String, Hash>> {
    let mut hashes = HashMap::new();
    for plain in plain {
        let hash = app.hash_password(ranked_client, plain.clone()).await?;
        hashes.insert(plain, hash);
    }
    Ok(hashes)
}

/// Lends `submitted` to a read, and returns it together with the read's result.
async fn with_submitted<T: Send + 'static>(
    app: &App,
    info: &RequestInfo,
    collection: &Arc<Collection>,
    submitted: Submitted,
    work: impl Fn(&ReadTx, &RequestInfo, &Arc<Collection>, &Submitted) -> Result<T> + Send + 'static,
) -> (Submitted, Result<T>) {
    let (info, collection) = (info.clone(), Arc::clone(collection));
    let submitted = Arc::new(submitted);
    let lent = Arc::clone(&submitted);
    let outcome = app.read(move |tx| work(tx, &info, &collections::current(tx, &collection)?, &lent)).await;
    (Arc::unwrap_or_clone(submitted), outcome)
}

/// Whether `plain` is the record's password. Counts as a sign-in attempt, so that no other endpoint can be used to
/// guess it.
pub(super) async fn is_password_of(
    app: &App,
    ranked_client: RankedClient,
    record: &Record,
    plain: String,
) -> Result<bool> {
    let attempt = app.lockout().begin(&counted_as(record), ranked_client.client)?;
    let stored = record.text("password").to_owned();
    let verdict = app.verify_password(ranked_client, &record.collection, plain, Some(stored)).await?;
    attempt.settle(verdict.is_match)?;
    Ok(verdict.is_match)
}

/// The identity that attempts at the record's password count against: the one its owner signs in with.
pub(super) fn counted_as(record: &Record) -> String {
    let fields = record.collection.auth.as_ref().map_or(&[][..], |auth| &auth.password_auth.identity_fields);
    let identity = fields.iter().map(|name| record.text(name)).find(|identity| !identity.is_empty());
    format!("{}/{}", record.collection.id, identity.unwrap_or_else(|| record.id()).to_lowercase())
}
