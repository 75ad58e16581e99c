//! Sign-in with a one-time code sent by mail.

use super::conclude::{SignIn, SignedIn, conclude_in};
use super::scripts::{self, Scripts, Told};
use crate::app::App;
use crate::app::limits::{CodeId, RankedClient};
use crate::domain::Result;
use crate::domain::auth::{Factor, otp};
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use crate::scripts::Event;
use std::sync::Arc;
use std::time::Duration;

/// Returns the id of a code for `email` and sends the code later. Every address gets an id immediately, known or not,
/// so that neither the answer nor its timing tells which it is.
pub fn request(
    app: &App,
    ranked_client: RankedClient,
    info: RequestInfo,
    collection: Arc<Collection>,
    email: String,
) -> Result<String> {
    // Reserve a place before promising an id, so that every promised id gets its code.
    let place = app.join_aside(ranked_client)?;
    let seconds = collection.auth.as_ref().map_or(0, |auth| auth.otp.duration);
    let lifetime = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    Ok(match app.codes().ask(&collection.id, &email, lifetime) {
        CodeId::Again(id) => id,
        CodeId::New(id) => {
            let (system, otp_id) = (app.clone(), id.clone());
            let work = async move { issue(&system, ranked_client, &info, collection, email, otp_id).await };
            app.aside(place, "one-time code", work);
            id
        }
    })
}

async fn issue(
    app: &App,
    ranked_client: RankedClient,
    info: &RequestInfo,
    collection: Arc<Collection>,
    email: String,
    otp_id: String,
) -> Result<()> {
    let code = otp::fresh_code(&collection);
    let (wanted, address) = (Arc::clone(&collection), email.clone());
    let found = app.read(move |tx| otp::find_recipient(tx, &wanted, &address)).await?;
    let lookup = scripts::Lookup { event: Event::BeforeCodeRequest, collection: &collection, info, email: &email };
    let found = match lookup.ask(app, found).await {
        scripts::Choice::Unchanged(found) => found,
        // Another account, which may have too many codes already.
        scripts::Choice::Other(record) => {
            let wanted = Arc::clone(&collection);
            app.read(move |tx| otp::find_recipient(tx, &wanted, record.text("email"))).await?
        }
    };
    let Some(record) = found else { return Ok(()) };
    let hash = app.hash_password(ranked_client.admitted(), code.clone()).await?;
    let postbox = app.postbox();
    app.write(move |tx| otp::issue(tx, &postbox, &record, &otp_id, &code, hash)).await
}

pub async fn sign_in(app: &App, request: SignIn, otp_id: String, code: String) -> Result<SignedIn> {
    let (wanted, id) = (Arc::clone(&request.collection), otp_id.clone());
    let found = app.read(move |tx| otp::find(tx, &wanted, &id)).await?;
    let owner = found.as_ref().map(|pending| (request.collection.id.as_str(), pending.record.id()));
    if !app.codes().allow_attempt(&otp_id, owner, request.client) {
        return Err(otp::too_many_attempts());
    }
    // In addition to the account's own limit: one client may try the codes of many accounts.
    let attempt = app.lockout().begin(&format!("otp/{otp_id}"), request.client)?;
    let ranked_client = request.ranked_client();
    let stored = found.as_ref().map(|pending| pending.hash().to_owned());
    let is_match = app.verify_code(ranked_client, code, stored).await?;
    attempt.settle(is_match)?;
    let Some(pending) = found.filter(|_| is_match) else { return Err(otp::refusal()) };
    let unknown_hash =
        if pending.needs_lock() { Some(app.unknown_password_hash(ranked_client.admitted()).await?) } else { None };
    let (postbox, scripts) = (app.postbox(), Scripts::of(app, &request.collection));
    let outcome: Result<_> = app
        .write(move |tx| {
            let record = otp::redeem(tx, &pending, unknown_hash)?;
            // The code is used up, whatever the collection's rule or a second factor decide.
            Ok(tx.savepoint(|| {
                scripts.ask(tx, Event::OnCodeSignIn, &request.info, &record, "otp")?;
                let signed_in = conclude_in(tx, &postbox, &request, &record, &Factor::Otp.into(), &scripts)?;
                Ok((signed_in, Told::of(&request.info, &record, "otp")))
            }))
        })
        .await?;
    outcome.map(|(signed_in, told)| {
        told.tell(app, &signed_in);
        signed_in
    })
}
