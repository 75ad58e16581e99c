//! Sign-in with an account of an `OAuth2` provider.

use super::conclude::{Proof, SignIn, SignedIn, conclude};
use super::scripts;
use super::secrets::hash_all;
use crate::app::App;
use crate::app::blobs::Placement;
use crate::app::oauth2::{Code, Exchanged};
use crate::app::scripts::About;
use crate::base::ids;
use crate::domain::Result;
use crate::domain::auth::Factor;
use crate::domain::auth::oauth2::{self, Identity, Plan, Prepared};
use crate::domain::caller::RequestInfo;
use crate::domain::collections::current;
use crate::domain::fields::FieldKind;
use crate::domain::files::Uploads;
use crate::domain::model::{Collection, OauthProvider, Record};
use crate::domain::records::{self, Secrets, Submitted};
use crate::scripts::Event;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// The password is never shown to anyone, so it need not be convenient.
const RANDOM_PASSWORD_LENGTH: usize = 30;

/// What the provider's redirect gave the browser, as the client sends it.
#[derive(Debug)]
pub struct Grant {
    pub provider: OauthProvider,
    pub code: Code,
    /// The values that the client requests for a new record.
    pub create_data: Map<String, Value>,
}

pub async fn sign_in(app: &App, request: SignIn, grant: Grant) -> Result<SignedIn> {
    let Grant { provider, code, create_data } = grant;
    let exchanged = app.oauth2().exchange(request.ranked_client(), &provider, &code).await?;
    let (record, is_new) = settle(app, &request, &exchanged, create_data).await?;
    let proof = Proof { factor: Factor::Oauth2, meta: Some(meta(exchanged, is_new)) };
    conclude(app, request, record, proof).await
}

/// Returns the record to sign in as. Slow work is done before the write lane is entered.
async fn settle(
    app: &App,
    request: &SignIn,
    exchanged: &Exchanged,
    create_data: Map<String, Value>,
) -> Result<(Arc<Record>, bool)> {
    let identity = &exchanged.identity;
    // Rules see the request without its body, which belongs to the sign-in and not to the record.
    let info = RequestInfo { body: Arc::default(), ..request.info.clone() };
    let collection = &request.collection;
    let (asked, wanted, whom) = (info.clone(), Arc::clone(collection), identity.clone());
    let plan = app.read(move |tx| oauth2::plan(tx, &asked, &wanted, &whom)).await?;
    let Decided { plan, record_id, create_data } = decide(app, request, exchanged, plan, create_data).await?;
    if let Plan::SignIn(record) = plan {
        return Ok((record, false));
    }
    let random_password = ids::random(RANDOM_PASSWORD_LENGTH, ids::ALPHANUMERIC);
    // All that may be needed, because another request may create, change or delete the record meanwhile.
    let mut passwords = records::plain_passwords(collection, &create_data);
    passwords.push(random_password.clone());
    let hashes = hash_all(app, request.ranked_client(), passwords).await?;
    let secrets = Secrets { hashes, ..Secrets::default() };
    let mut prepared = Prepared { create_data, random_password, secrets, record_id, ..Prepared::default() };
    let files = match plan {
        Plan::Create => add_avatar(app, &info, collection, identity, &mut prepared).await?,
        Plan::SignIn(_) | Plan::Adopt => Vec::new(),
    };
    let (collection, identity) = (Arc::clone(collection), identity.clone());
    app.write_with_files(files, move |tx| {
        let collection = current(tx, &collection)?;
        oauth2::settle(tx, &info, &collection, &identity, prepared)
    })
    .await
}

/// What is done, with what scripts have to say.
struct Decided {
    plan: Plan,
    /// The account that a script has chosen.
    record_id: Option<String>,
    create_data: Map<String, Value>,
}

/// Asks the scripts about the account that the provider has named.
async fn decide(
    app: &App,
    request: &SignIn,
    exchanged: &Exchanged,
    plan: Plan,
    create_data: Map<String, Value>,
) -> Result<Decided> {
    let (event, collection) = (Event::BeforeProviderSignIn, &request.collection);
    let about = About::Collection(collection);
    if app.event_handlers(&[event], about).is_none() {
        return Ok(Decided { plan, record_id: None, create_data });
    }
    let (info, wanted, whom) = (request.info.clone(), Arc::clone(collection), exchanged.identity.clone());
    let found = app.read(move |tx| oauth2::find_account(tx, &info, &wanted, &whom)).await?;
    let profile = &exchanged.identity.profile;
    let user = json!({
        "id": profile.id, "name": profile.name, "username": profile.username, "email": profile.any_email(),
        "avatar_url": profile.avatar_url, "raw": exchanged.raw_user,
        "access_token": exchanged.access_token, "refresh_token": exchanged.refresh_token,
    });
    let before = found.as_ref().map(|record| record.id().to_owned());
    let call = || {
        scripts::lookup(event, collection, found.clone())
            .asked_by(&request.info)
            .with("provider", exchanged.identity.provider)
            .with("user", user)
            .with("is_new", found.is_none())
            .with_settable("create_data", Value::Object(create_data.clone()))
    };
    let output = app.ask_scripts(event, about, call).await?.unwrap_or_default();
    let create_data = match output.value("create_data") {
        Some(Value::Object(data)) => data,
        Some(Value::Null) => Map::new(),
        _ => create_data,
    };
    match output.record_id("record") {
        id if id == before => Ok(Decided { plan, record_id: None, create_data }),
        Some(id) => Ok(Decided { plan: Plan::Adopt, record_id: Some(id), create_data }),
        // An account cannot be created while another one is linked to the same user.
        None => Ok(Decided { plan, record_id: None, create_data }),
    }
}

/// Fetches the provider's picture for a new record that stores it as a file. A picture that cannot be fetched or does
/// not fit the field is left out.
async fn add_avatar(
    app: &App,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
    prepared: &mut Prepared,
) -> Result<Vec<Placement>> {
    let url = identity.profile.avatar_url.as_str();
    let name = collection.auth.as_ref().map_or("", |auth| auth.oauth2.mapped_fields.avatar_url.as_str());
    let field = collection.field(name).filter(|field| request.caller.is_superuser() || !field.is_hidden);
    let Some(FieldKind::File(options)) = field.map(|field| &field.kind) else { return Ok(Vec::new()) };
    if url.is_empty() || prepared.create_data.contains_key(name) {
        return Ok(Vec::new());
    }
    let max_bytes = u64::try_from(options.effective_max_size()).unwrap_or(0);
    let Some(avatar) = app.oauth2().fetch_avatar(url, max_bytes).await else { return Ok(Vec::new()) };
    let mut staging = app.stage()?;
    staging.write(&avatar.bytes).await?;
    let file = staging.finish(&avatar.name).await?;

    let mut submitted = Submitted::new(std::mem::take(&mut prepared.create_data));
    let record_id = submitted.settle_id(collection);
    let by_name = HashMap::from([(file.name.clone(), file.upload.clone())]);
    let uploads = Uploads { record_id: record_id.clone(), by_name };
    let value = json!([file.name]);
    let is_fine = uploads.check_files(options, &value).is_ok();
    prepared.create_data = submitted.values;
    if !is_fine {
        return Ok(Vec::new());
    }
    prepared.create_data.insert(name.to_owned(), value);
    prepared.uploads = uploads;
    Ok(vec![Placement::new(&collection.id, &record_id, file)])
}

fn meta(exchanged: Exchanged, is_new: bool) -> Value {
    let Exchanged { identity: Identity { profile, .. }, access_token, refresh_token, expiry, raw_user } = exchanged;
    json!({
        "id": profile.id, "name": profile.name, "username": profile.username, "email": profile.any_email(),
        "avatarURL": profile.avatar_url, "avatarUrl": profile.avatar_url,
        "accessToken": access_token, "refreshToken": refresh_token,
        "expiry": expiry.map(|expiry| expiry.to_string()).unwrap_or_default(),
        "rawUser": raw_user, "isNew": is_new,
    })
}
