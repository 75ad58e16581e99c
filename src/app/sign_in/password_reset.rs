//! Password resets.

use super::mailed_link::MailedLink;
use super::scripts::Confirmed;
use crate::app::App;
use crate::app::limits::RankedClient;
use crate::domain::auth::{self, password_reset};
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use crate::domain::{Issue, Result};
use crate::scripts::Event;
use std::sync::Arc;

const LINK: MailedLink = MailedLink {
    name: "password reset mail",
    event: Event::BeforePasswordResetRequest,
    find: auth::find_by_email,
    post: password_reset::request,
};

/// Sends a reset link to `email`, if the address is known.
pub fn request(
    app: &App,
    ranked_client: RankedClient,
    info: RequestInfo,
    collection: Arc<Collection>,
    email: String,
) -> Result<()> {
    LINK.request(app, ranked_client, info, collection, email)
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
    info: RequestInfo,
    collection: Arc<Collection>,
    token: String,
    password: String,
) -> Result<()> {
    let hash = app.hash_password(ranked_client, password).await?;
    let confirmed = Confirmed::new(app, Event::OnPasswordReset, Event::AfterPasswordReset, &collection, info);
    let (record, confirmed) = app
        .write(move |tx| {
            let record = password_reset::confirm(tx, &collection, &token, hash)?;
            confirmed.ask(tx, &record)?;
            Ok((record, confirmed))
        })
        .await?;
    LINK.used(app, &record);
    confirmed.tell(app, &record);
    Ok(())
}
