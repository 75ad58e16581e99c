//! `steading config`: prints each setting of the process, its value and where it comes from. Fails if a server could not start
//! with them.

use super::config::{Sources, variable_names};
use super::say;
use anyhow::bail;
use serde_json::{Map, Value, json};
use std::io::{self, Write as _};

pub(super) fn run(sources: &Sources, is_json: bool) -> anyhow::Result<()> {
    // Reports invalid values instead of printing them.
    let config = sources.config()?;
    let problems = config.problems();
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    if let Some(warning) = sources.unknown_variables(&config, variable_names()) {
        writeln!(io::stderr(), "warning: {warning}")?;
    }
    let mut lines = Vec::new();
    let mut map = Map::new();
    for (key, sourced) in sources.iter() {
        lines.push((format!("{key} = {}", sourced.value), sourced.origin.to_string()));
        let value: Value = serde_json::to_value(&sourced.value)?;
        map.insert(key.clone(), json!({"value": value, "origin": sourced.origin.to_string()}));
    }
    let width = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
    let text: Vec<String> = lines.iter().map(|(text, origin)| format!("{text:width$}  # {origin}")).collect();
    say(is_json, &text.join("\n"), &Value::Object(map))
}
