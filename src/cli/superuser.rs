//! `steading superuser …`: manages superusers. May run next to the server.

use super::arguments::{Credentials, SuperuserAction};
use super::config::Config;
use super::{block_on, open_app, open_existing, readable, say};
use crate::domain::auth::superusers;
use crate::domain::tx::WriteTx;
use crate::domain::{Result, settings};
use anyhow::Context as _;
use serde_json::{Map, Value, json};

/// Returns the messages for people and for programs.
type Work = Box<dyn FnOnce(&WriteTx) -> Result<(String, Value)> + Send>;

pub(super) fn run(config: &Config, action: SuperuserAction, is_json: bool) -> anyhow::Result<()> {
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
            let Credentials { email, password } = read_password(credentials)?;
            Box::new(move |tx| superusers::create(tx, &email, &password).map(|_| saved(&email)))
        }
        SuperuserAction::Update(credentials) => {
            let Credentials { email, password } = read_password(credentials)?;
            Box::new(move |tx| superusers::update(tx, &email, &password).map(|_| saved(&email)))
        }
        SuperuserAction::Upsert(credentials) => {
            let Credentials { email, password } = read_password(credentials)?;
            Box::new(move |tx| superusers::upsert(tx, &email, &password).map(|_| saved(&email)))
        }
        SuperuserAction::Delete { email } => Box::new(move |tx| {
            superusers::delete(tx, &email)?;
            Ok((format!("Removed superuser {email}."), json!({"email": email})))
        }),
        SuperuserAction::Otp { email } => Box::new(move |tx| {
            let (id, code) = superusers::one_time_code(tx, &email)?;
            Ok((format!("One-time code for {email}: {code} (id {id})"), json!({"otpId": id, "code": code})))
        }),
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
    say(is_json, &text, &json)
}

fn saved(email: &str) -> (String, Value) {
    (format!("Saved superuser {email}."), json!({"email": email}))
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
