//! Sign-in with a password.

use super::conclude::{SignIn, SignedIn, conclude};
use crate::app::App;
use crate::db::DbError;
use crate::domain::auth::{self, Factor};
use crate::domain::{Error, Result};
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

    let wanted = Arc::clone(&request.collection);
    let found = app.read(move |tx| auth::find_by_identity(tx, &wanted, &identity, identity_field.as_deref())).await?;
    let stored = found.as_ref().map(|record| record.text("password").to_owned());
    let ranked_client = request.ranked_client();
    let verdict = app.verify_password(ranked_client, &request.collection, password.clone(), stored.clone()).await?;
    attempt.settle(verdict.is_match)?;
    let Some(record) = found.filter(|_| verdict.is_match).map(Arc::new) else {
        return Err(Error::bad_request("Failed to authenticate."));
    };
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
