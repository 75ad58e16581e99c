//! `steading config`: prints each setting of the process, its value and where it comes from.

use super::config::Sources;
use super::say;
use serde_json::{Map, Value, json};

pub(super) fn run(sources: &Sources, is_json: bool) -> anyhow::Result<()> {
    // Reports invalid values instead of printing them.
    sources.config()?;
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
