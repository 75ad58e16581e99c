//! A new password for someone who forgot theirs.

use super::mailed_link::MailedLink;
use crate::app::App;
use crate::domain::auth::{self, password_reset};
use crate::domain::model::Collection;
use crate::domain::{Issue, Result};
use std::sync::Arc;

const LINK: MailedLink =
    MailedLink { name: "password reset mail", find: auth::find_by_email, post: password_reset::request };

/// Has a link sent to `email`, if it is known.
pub async fn request(app: &App, collection: Arc<Collection>, email: String) {
    LINK.request(app, collection, email).await;
}

/// What is wrong with the token, if anything.
pub async fn check_token(
    app: &App,
    collection: &Arc<Collection>,
    token: &str,
) -> Result<std::result::Result<(), Issue>> {
    let (wanted, shown) = (Arc::clone(collection), token.to_owned());
    app.read(move |tx| password_reset::check_token(tx, &wanted, &shown)).await
}

/// Sets the password, which was checked before, of the record that the token was made for.
pub async fn confirm(app: &App, collection: Arc<Collection>, token: String, password: String) -> Result<()> {
    let hash = app.hash_password(password).await?;
    let record = app.write(move |tx| password_reset::confirm(tx, &collection, &token, hash)).await?;
    LINK.used(app, &record);
    Ok(())
}
