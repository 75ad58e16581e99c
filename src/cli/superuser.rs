//! `steading superuser …`: manages superusers. May run next to the server.

use super::arguments::{Credentials, SuperuserAction};
use super::config::Config;
use super::new_folder::NewFolder;
use super::{block_on, open_app, open_existing, readable, say};
use crate::app::App;
use crate::base::password::Hash;
use crate::domain::auth::superusers;
use crate::domain::tx::WriteTx;
use crate::domain::{Result, settings};
use anyhow::Context as _;
use serde_json::{Map, Value, json};

/// Returns the messages for people and for programs.
type Work = Box<dyn FnOnce(&WriteTx) -> Result<(String, Value)> + Send>;

pub(super) fn run(config: &Config, action: SuperuserAction, is_json: bool) -> anyhow::Result<()> {
    // Dropped after the app.
    let mut folder = NewFolder::of(config);
    let app = match action {
        // In an empty folder there is no superuser for these to change.
        SuperuserAction::Update(_) | SuperuserAction::Delete { .. } | SuperuserAction::Otp { .. } => {
            open_existing(config)?
        }
        SuperuserAction::Create(_) | SuperuserAction::Upsert(_) | SuperuserAction::Ips { .. } => open_app(config)?,
    };
    let key = app.seal_key().cloned();
    let work: Work = match action {
        SuperuserAction::Create(credentials) => {
            let (Credentials { email, password }, hash) = hashed(&app, credentials)?;
            Box::new(move |tx| superusers::create(tx, &email, &password, hash).map(|_| saved(&email)))
        }
        SuperuserAction::Update(credentials) => {
            let (Credentials { email, password }, hash) = hashed(&app, credentials)?;
            Box::new(move |tx| superusers::update(tx, &email, &password, hash).map(|_| saved(&email)))
        }
        SuperuserAction::Upsert(credentials) => {
            let (Credentials { email, password }, hash) = hashed(&app, credentials)?;
            Box::new(move |tx| superusers::upsert(tx, &email, &password, hash).map(|_| saved(&email)))
        }
        SuperuserAction::Delete { email } => Box::new(move |tx| {
            superusers::delete(tx, &email)?;
            Ok((format!("Removed superuser {email}."), json!({"email": email})))
        }),
        SuperuserAction::Otp { email } => {
            let asked = email.clone();
            let code = block_on(app.read(move |tx| superusers::fresh_code(tx, &asked)))?.map_err(readable)?;
            let hash = block_on(app.hash_for_command(code.clone()))?.map_err(readable)?;
            Box::new(move |tx| {
                let id = superusers::store_code(tx, &email, &code, hash)?;
                Ok((format!("One-time code for {email}: {code} (id {id})"), json!({"otpId": id, "code": code})))
            })
        }
        SuperuserAction::Ips { addresses } => Box::new(move |tx| {
            let patch = Map::from_iter([("superuserIPs".to_owned(), json!(addresses))]);
            let settings = settings::update(tx, key.as_ref(), &patch)?;
            let text = match settings.superuser_ips.as_slice() {
                [] => "Superusers may come from anywhere.".to_owned(),
                addresses => format!("Superusers may come from {} only.", addresses.join(", ")),
            };
            Ok((text, json!({"superuserIPs": settings.superuser_ips})))
        }),
    };
    let (text, json) = block_on(app.write_making_room(work))?.map_err(readable)?;
    folder.keep()?;
    say(is_json, &text, &json)
}

fn saved(email: &str) -> (String, Value) {
    (format!("Saved superuser {email}."), json!({"email": email}))
}

fn hashed(app: &App, credentials: Credentials) -> anyhow::Result<(Credentials, Hash)> {
    let credentials = read_password(credentials)?;
    let hash = block_on(app.hash_for_command(credentials.password.clone()))?.map_err(readable)?;
    Ok((credentials, hash))
}

/// Reads the password. `-` means the first line of standard input.
fn read_password(credentials: Credentials) -> anyhow::Result<Credentials> {
    if credentials.password != "-" {
        return Ok(credentials);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    Ok(Credentials { password: line.trim_end_matches(['\r', '\n']).to_owned(), ..credentials })
}
