//! Verification of e-mail addresses.

use super::mailed_link::MailedLink;
use super::scripts::Confirmed;
use crate::app::App;
use crate::app::limits::RankedClient;
use crate::domain::Result;
use crate::domain::auth::verification;
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use crate::scripts::Event;
use std::sync::Arc;

const LINK: MailedLink = MailedLink {
    name: "verification mail",
    event: Event::BeforeVerificationRequest,
    find: verification::find_unverified,
    post: verification::request,
};

/// Sends a verification link to `email`, if there is something to verify.
pub fn request(
    app: &App,
    ranked_client: RankedClient,
    info: RequestInfo,
    collection: Arc<Collection>,
    email: String,
) -> Result<()> {
    LINK.request(app, ranked_client, info, collection, email)
}

/// Marks the record that the token was made for as verified.
pub async fn confirm(
    app: &App,
    ranked_client: RankedClient,
    info: RequestInfo,
    collection: Arc<Collection>,
    token: String,
) -> Result<()> {
    let (wanted, shown) = (Arc::clone(&collection), token.clone());
    let record = app.read(move |tx| verification::check(tx, &wanted, &shown)).await?;
    let unknown_hash =
        if verification::needs_lock(&record) { Some(app.unknown_password_hash(ranked_client).await?) } else { None };
    let confirmed = Confirmed::new(app, Event::OnVerification, Event::AfterVerification, &collection, info);
    let (record, confirmed) = app
        .write(move |tx| {
            let record = verification::confirm(tx, &collection, &token, unknown_hash)?;
            confirmed.ask(tx, &record)?;
            Ok((record, confirmed))
        })
        .await?;
    LINK.used(app, &record);
    confirmed.tell(app, &record);
    Ok(())
}
