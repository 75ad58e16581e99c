//! Password resets.

use super::mailed_link::MailedLink;
use crate::app::App;
use crate::app::limits::RankedClient;
use crate::domain::auth::{self, password_reset};
use crate::domain::model::Collection;
use crate::domain::{Issue, Result};
use std::sync::Arc;

const LINK: MailedLink =
    MailedLink { name: "password reset mail", find: auth::find_by_email, post: password_reset::request };

/// Sends a reset link to `email`, if the address is known.
pub fn request(app: &App, ranked_client: RankedClient, collection: Arc<Collection>, email: String) -> Result<()> {
    LINK.request(app, ranked_client, collection, email)
}

/// Returns what is wrong with the token, if anything.
pub async fn check_token(
    app: &App,
    collection: &Arc<Collection>,
    token: &str,
) -> Result<std::result::Result<(), Issue>> {
    let (wanted, shown) = (Arc::clone(collection), token.to_owned());
    app.read(move |tx| password_reset::check_token(tx, &wanted, &shown)).await
}

/// Sets the password of the record that the token was made for. The caller has checked the password.
pub async fn confirm(
    app: &App,
    ranked_client: RankedClient,
    collection: Arc<Collection>,
    token: String,
    password: String,
) -> Result<()> {
    let hash = app.hash_password(ranked_client, password).await?;
    let record = app.write(move |tx| password_reset::confirm(tx, &collection, &token, hash)).await?;
    LINK.used(app, &record);
    Ok(())
}
