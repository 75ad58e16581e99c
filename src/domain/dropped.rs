//! Warnings for developers about input that is dropped without an error.

use serde_json::{Map, Value};

/// The target of these log lines. Off, unless a developer switches it on.
pub const DROPPED: &str = "dropped";

/// Logs a warning for each key of `sent` that `known` does not have, also within the objects that both have. `receiver` is what
/// would have the key, such as `a collection`.
pub fn warn_of_unknown_keys(receiver: &str, sent: &Map<String, Value>, known: impl FnOnce() -> Value) {
    if !tracing::enabled!(target: DROPPED, tracing::Level::WARN) {
        return;
    }
    for key in unknown_keys(sent, &known(), "") {
        tracing::warn!(target: DROPPED, "\"{key}\" was sent, and no such key belongs to {receiver}: it is dropped");
    }
}

fn unknown_keys(sent: &Map<String, Value>, known: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in sent {
        match (known.get(key), value) {
            (None, _) => found.push(format!("{path}{key}")),
            (Some(known @ Value::Object(_)), Value::Object(sent)) => {
                found.extend(unknown_keys(sent, known, &format!("{path}{key}.")));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_unknown_at_every_depth() {
        let known = json!({"a": {"b": {"c": 1}}, "list": [], "nothing": null});
        let check = |sent: Value, expected: &[&str]| {
            assert_eq!(unknown_keys(sent.as_object().unwrap(), &known, ""), expected, "{sent}");
        };
        check(json!({"a": {"b": {"c": 2}}, "list": [{"x": 1}], "nothing": {"x": 1}}), &[]);
        check(json!({"a": 5, "aa": 1}), &["aa"]);
        check(json!({"a": {"b": {"d": 1}, "e": {}}}), &["a.b.d", "a.e"]);
    }
}
