//! `steading types ts`: types of the collections, for clients. The data folder is only read, also while the server runs.

use super::arguments::Language;
use super::config::Config;
use super::{app_options, readable, write_text};
use crate::app;
use crate::domain::typescript;

pub(super) fn run(config: &Config, language: &Language) -> anyhow::Result<()> {
    let (schema, _) = app::peek(&app_options(config)?).map_err(readable)?;
    match language {
        Language::Ts { out } => write_text(out.as_deref(), &typescript::generate(&schema)),
    }
}
