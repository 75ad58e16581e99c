//! `steading types ts`: generates types of the collections for clients. They come from the data folder, which is only
//! read, also next to the server; or from a running server.

use super::arguments::{Language, Remote};
use super::config::Config;
use super::{app_options, readable, write_text};
use crate::app::{self, remote};
use crate::domain::typescript;
use anyhow::Context as _;
use std::sync::Arc;

pub(super) fn run(config: &Config, language: &Language) -> anyhow::Result<()> {
    let Language::Ts { out, remote } = language;
    let schema = match remote {
        Remote { url: Some(url), token } => {
            let token = read_token(token.as_deref().unwrap_or_default())?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Arc::new(runtime.block_on(remote::schema(url, &token)).map_err(readable)?)
        }
        Remote { url: None, .. } => app::peek(&app_options(config)?).map_err(readable)?.0,
    };
    write_text(out.as_deref(), &typescript::generate(&schema))
}

/// Reads the token. `-` means the first line of standard input.
fn read_token(token: &str) -> anyhow::Result<String> {
    if token != "-" {
        return Ok(token.to_owned());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the token")?;
    Ok(line.trim().to_owned())
}
