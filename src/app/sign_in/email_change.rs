//! Changing the e-mail address of a record.

use super::scripts::{self, Confirmed};
use super::secrets;
use crate::app::App;
use crate::app::limits::{Client, Rank, RankedClient};
use crate::app::scripts::About;
use crate::domain::auth::{self, email_change};
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record};
use crate::domain::{Error, Issue, Issues, Result};
use crate::scripts::Event;
use std::sync::Arc;

/// Queues the mail to the new address, if the record may use that address.
pub async fn request(app: &App, info: &RequestInfo, record: Arc<Record>, new_email: String) -> Result<()> {
    let (asking, wanted) = (Arc::clone(&record), new_email.clone());
    app.read(move |tx| email_change::check_new_email(tx, &asking, &wanted)).await?;
    let event = Event::BeforeEmailChangeRequest;
    let asked = || scripts::event_call(event, info, &record).with("new_email", new_email.as_str());
    app.ask_scripts(event, About::Collection(&record.collection), asked).await?;
    // The address may belong to a stranger, who must not receive one mail after another.
    let key = ("email change", record.collection.id.clone(), new_email.to_lowercase());
    app.post_once(&key, move |tx, postbox| email_change::request(tx, postbox, &record, &new_email)).await
}

/// Returns the record that the token was made for, or what is wrong with the token.
pub async fn check_token(
    app: &App,
    collection: &Arc<Collection>,
    token: &str,
) -> Result<std::result::Result<Arc<Record>, Issue>> {
    let (wanted, shown) = (Arc::clone(collection), token.to_owned());
    let checked = app.read(move |tx| email_change::check_token(tx, &wanted, &shown)).await?;
    Ok(checked.map(|(record, _)| record))
}

/// Changes the address of `record`, which [`check_token`] returned for `token`.
pub async fn confirm(
    app: &App,
    client: Client,
    info: RequestInfo,
    record: &Record,
    token: String,
    password: String,
) -> Result<()> {
    let ranked_client = RankedClient { client, rank: Rank::Anyone };
    if !secrets::is_password_of(app, ranked_client, record, password).await? {
        let issues = Issues::one("password", invalid_password());
        return Err(Error::Invalid { message: auth::INVALID.into(), issues });
    }
    let collection = Arc::clone(&record.collection);
    let confirmed = Confirmed::new(app, Event::OnEmailChange, Event::AfterEmailChange, &collection, info);
    let (record, confirmed) = app
        .write(move |tx| {
            let record = email_change::confirm(tx, &collection, &token)?;
            confirmed.ask(tx, &record)?;
            Ok((record, confirmed))
        })
        .await?;
    confirmed.tell(app, &record);
    Ok(())
}

#[must_use]
pub fn invalid_password() -> Issue {
    Issue::new("validation_invalid_password", "Missing or invalid auth record password.")
}
