//! Verification of e-mail addresses.

use super::mailed_link::MailedLink;
use crate::app::App;
use crate::app::limits::RankedClient;
use crate::domain::Result;
use crate::domain::auth::verification;
use crate::domain::model::Collection;
use std::sync::Arc;

const LINK: MailedLink =
    MailedLink { name: "verification mail", find: verification::find_unverified, post: verification::request };

/// Sends a verification link to `email`, if there is something to verify.
pub fn request(app: &App, ranked_client: RankedClient, collection: Arc<Collection>, email: String) -> Result<()> {
    LINK.request(app, ranked_client, collection, email)
}

/// Marks the record that the token was made for as verified.
pub async fn confirm(app: &App, ranked_client: RankedClient, collection: Arc<Collection>, token: String) -> Result<()> {
    let (wanted, shown) = (Arc::clone(&collection), token.clone());
    let record = app.read(move |tx| verification::check(tx, &wanted, &shown)).await?;
    let unknown_hash =
        if verification::needs_lock(&record) { Some(app.unknown_password_hash(ranked_client).await?) } else { None };
    let record = app.write(move |tx| verification::confirm(tx, &collection, &token, unknown_hash)).await?;
    LINK.used(app, &record);
    Ok(())
}
