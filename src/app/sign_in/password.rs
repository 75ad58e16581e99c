//! Sign-in with a password.

use super::conclude::{SignIn, SignedIn, conclude};
use super::{scripts, secrets};
use crate::app::App;
use crate::app::limits::Attempt;
use crate::app::scripts::About;
use crate::db::DbError;
use crate::domain::auth::{self, Factor};
use crate::domain::model::Record;
use crate::domain::{Error, Result};
use crate::scripts::Event;
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug)]
pub struct Credentials {
    pub identity: String,
    pub password: String,
    /// The only field to look the identity up in, if set.
    pub identity_field: Option<String>,
}

/// A wrong password and an unknown identity cannot be told apart: not by the message, the lockout or the response time.
pub async fn sign_in(app: &App, request: SignIn, credentials: Credentials) -> Result<SignedIn> {
    let Credentials { identity, password, identity_field } = credentials;
    let counted_as = format!("{}/{}", request.collection.id, identity.to_lowercase());
    let attempt = app.lockout().begin(&counted_as, request.client)?;

    let (wanted, looked_up, field) = (Arc::clone(&request.collection), identity.clone(), identity_field.clone());
    let found = app.read(move |tx| auth::find_by_identity(tx, &wanted, &looked_up, field.as_deref())).await?;
    let Chosen { record: found, attempt: own_attempt, refusal } =
        choose(app, &request, found, &identity, identity_field.as_deref(), &password).await;
    let stored = found.as_ref().map(|record| record.text("password").to_owned());
    let ranked_client = request.ranked_client();
    let verdict = app.verify_password(ranked_client, &request.collection, password.clone(), stored.clone()).await?;
    own_attempt.map_or(Ok(()), |own| own.settle(verdict.is_match))?;
    attempt.settle(verdict.is_match)?;
    let Some(record) = found.filter(|_| verdict.is_match).map(Arc::new) else {
        return Err(Error::bad_request("Failed to authenticate."));
    };
    // Told to those who know the password only: others would learn from it whether there is an account.
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    if verdict.needs_rehash {
        let hash = app.hash_password(ranked_client.admitted(), password).await?;
        let (record, old) = (Arc::clone(&record), stored.unwrap_or_default());
        match app.write(move |tx| auth::upgrade_hash(tx, &record, &old, hash)).await {
            // The hash is upgraded at the next sign-in instead.
            Err(Error::Db(DbError::DiskFull)) => {}
            outcome => outcome?,
        }
    }
    conclude(app, request, record, Factor::Password.into()).await
}

/// The account to sign in to, as far as scripts have a say in it.
struct Chosen<'a> {
    record: Option<Record>,
    /// Under the account's own name, if a script has found it by another one. Otherwise one account could be guessed at by many names.
    attempt: Option<Attempt<'a>>,
    refusal: Option<Error>,
}

async fn choose<'a>(
    app: &'a App,
    request: &SignIn,
    found: Option<Record>,
    identity: &str,
    field: Option<&str>,
    password: &str,
) -> Chosen<'a> {
    let (event, collection) = (Event::BeforePasswordSignIn, &request.collection);
    let before = found.clone().map(Arc::new);
    let call = || {
        scripts::lookup(event, collection, before.clone())
            .asked_by(&request.info)
            .with("identity", identity)
            .with("identity_field", field.map_or(Value::Null, Value::from))
            .with("password", password)
    };
    let unchanged = |refusal| Chosen { record: found.clone(), attempt: None, refusal };
    let id = match app.ask_scripts(event, About::Collection(collection), call).await {
        Ok(None) => return unchanged(None),
        Ok(Some(output)) => output.record_id("record"),
        Err(refusal) => return unchanged(Some(refusal)),
    };
    if id.as_deref() == before.as_ref().map(|record| record.id()) {
        return unchanged(None);
    }
    let record = match app.chosen(collection, id).await {
        Ok(record) => record,
        Err(error) => return unchanged(Some(error)),
    };
    let Some(record) = record else { return Chosen { record: None, attempt: None, refusal: None } };
    // A lock of the account must look like a wrong password here, or it would tell which account a name leads to.
    match app.lockout().begin(&secrets::counted_as(&record), request.client) {
        Ok(attempt) => Chosen { record: Some(record), attempt: Some(attempt), refusal: None },
        Err(_) => Chosen { record: None, attempt: None, refusal: None },
    }
}
