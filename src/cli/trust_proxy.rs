//! `steading trust-proxy HEADER…`: sets which headers contain a client's address. May run next to the server.

use super::config::Config;
use super::new_folder::NewFolder;
use super::{block_on, open_app, readable, say};
use crate::domain::settings;
use anyhow::Context as _;
use http::HeaderName;
use serde_json::{Map, json};

pub(super) fn run(config: &Config, headers: &[String], leftmost: bool, is_json: bool) -> anyhow::Result<()> {
    for header in headers {
        HeaderName::try_from(header).with_context(|| format!("{header:?} is not a valid header name"))?;
    }
    // Dropped after the app.
    let mut folder = NewFolder::of(config);
    let app = open_app(config)?;
    let key = app.seal_key().cloned();
    let trusted = json!({"headers": headers, "useLeftmostIP": leftmost});
    let patch = Map::from_iter([("trustedProxy".to_owned(), trusted.clone())]);
    block_on(app.write(move |tx| settings::update(tx, key.as_ref(), &patch)))?.map_err(readable)?;
    folder.keep()?;
    let text = match headers {
        [] => "No header is trusted: a client's address is the other end of its connection.".to_owned(),
        headers => format!("The address of a client is read from {}.", headers.join(", or else ")),
    };
    say(is_json, &text, &json!({"trustedProxy": trusted}))
}
