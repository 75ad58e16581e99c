//! `steading openapi`: prints this server's API as OpenAPI 3.1. It only reads the data folder, and may run next to the
//! server.

use super::config::Config;
use super::{app_options, readable, write_text};
use crate::app;
use crate::http::openapi::{Audience, document};
use std::path::Path;

pub(super) fn run(config: &Config, out: Option<&Path>) -> anyhow::Result<()> {
    let (schema, settings) = app::peek(&app_options(config)?).map_err(readable)?;
    let document = document(&schema, &settings, &[], Audience::Superusers, &settings.meta.app_url);
    write_text(out, &format!("{}\n", serde_json::to_string_pretty(&document)?))
}
