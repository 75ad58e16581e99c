//! `steading openapi`: prints this server's API as OpenAPI 3.1, with the routes of scripts that describe themselves. It only reads the data
//! folder and the scripts, and may run next to the server.

use super::config::Config;
use super::{app_options, readable, write_text};
use crate::app;
use crate::http::openapi::{Audience, document};
use crate::scripts::{self, Sources};
use std::path::Path;

pub(super) fn run(config: &Config, out: Option<&Path>) -> anyhow::Result<()> {
    let (schema, settings) = app::peek(&app_options(config)?).map_err(readable)?;
    let options = config.scripts.options();
    let sources = Sources::new(&options.folder);
    let set = scripts::load(&sources, &options.limits, &scripts::closed_host())
        .map_err(|error| anyhow::anyhow!("the scripts cannot be used: {error}"))?;
    let document = document(&schema, &settings, &set.described_routes(), Audience::Superusers, &settings.meta.app_url);
    write_text(out, &format!("{}\n", serde_json::to_string_pretty(&document)?))
}
