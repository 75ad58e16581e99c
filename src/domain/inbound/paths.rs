//! JSON paths (RFC 9535) whose cost is bounded, because they are applied to what others send.
//!
//! Each part of a path that visits many values, or multiplies them, may occur only a few times. So a path visits each value of a document a
//! few times at most. There are no functions.

use serde_json::Value;
use serde_json_path::JsonPath;

const MAX_CHARS: usize = 300;
/// Each doubles the values that are found at most.
const MAX_COMMAS: usize = 3;

/// A path that may be applied to any document.
#[derive(Clone, Debug)]
pub struct Path(JsonPath);

impl Path {
    /// The error says what is wrong, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > MAX_CHARS {
            return Err(format!("A path must not be longer than {MAX_CHARS} characters."));
        }
        check_cost(text)?;
        JsonPath::parse(text).map(Self).map_err(|error| {
            format!("This is not a path: {}. Example: $.data.items[0].name.", error.to_string().trim_end_matches('.'))
        })
    }

    /// Everything that the path leads to, in order.
    pub fn find<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        self.0.query(document).all()
    }

    /// The first text or number that the path leads to, as text.
    pub fn text(&self, document: &Value) -> Option<String> {
        self.find(document).into_iter().find_map(text_of)
    }
}

/// A text or number that is not empty, as text.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Counts the costly parts. The text need not be a path.
fn check_cost(text: &str) -> Result<(), String> {
    let (mut descents, mut filters, mut roots, mut commas) = (0, 0, 0, 0);
    let mut quote = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(_), '\\') => _ = letters.next(),
            (Some(open), letter) => quote = quote.filter(|_| letter != open),
            (None, '\'' | '"') => quote = Some(letter),
            (None, '.') if letters.peek() == Some(&'.') => descents += 1,
            (None, '?') => filters += 1,
            (None, '$') => roots += 1,
            (None, ',') => commas += 1,
            (None, '(') => return Err("Functions and parentheses are not possible in a path.".to_owned()),
            (None, _) => {}
        }
    }
    if descents > 1 {
        return Err("A path must not have \"..\" more than once.".to_owned());
    }
    if filters > 1 || roots > 1 {
        return Err("A path must not have more than one filter, which begins with @.".to_owned());
    }
    if commas > MAX_COMMAS {
        return Err(format!("A path must not have more than {MAX_COMMAS} commas."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fmt::Write as _;

    fn found(path: &str, document: &Value) -> Value {
        Path::parse(path)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
            .find(document)
            .into_iter()
            .cloned()
            .collect()
    }

    #[test]
    fn paths_lead_to_values() {
        let document =
            json!({"a": {"b": [1, {"c": "x"}, null]}, "event-data": {"id": 7}, "$": 1, "it's, (a) \"..\" ?, $": 2});
        for (path, expected) in [
            ("$", json!([document])),
            ("$.a.b[0]", json!([1])),
            ("$.a.b[1].c", json!(["x"])),
            ("$.a.b[-1]", json!([null])),
            ("$.a.b[0,1].c", json!(["x"])),
            ("$.a.b[0:2]", json!([1, {"c": "x"}])),
            ("$.a.b[*].c", json!(["x"])),
            ("$..c", json!(["x"])),
            ("$['event-data'].id", json!([7])),
            ("$.a.b[?@.c=='x'].c", json!(["x"])),
            ("$.missing.c", json!([])),
            ("$['$']", json!([1])),
            (r#"$['it\'s, (a) ".." ?, $']"#, json!([2])),
        ] {
            assert_eq!(found(path, &document), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_or_may_be_costly_is_refused() {
        for path in [
            "",
            "a",
            "a.b",
            "$.",
            "$.a b",
            "$[",
            "$..*..*",
            "$..a..b",
            "$..*[?@..b]",
            "$[?@[?@.a]]",
            "$[?@.a][?@.b]",
            "$[?@.a==$.b]",
            "$[?match(@.a, '(a{99}){99}')]",
            "$[?(((@.a)))]",
            "$[?count($..*)>1]",
            "$[0,0][0,0][0,0][0,0]",
            "$[*,*,*,*,*]",
            &format!("${}", ".a".repeat(150)),
        ] {
            let error = Path::parse(path).unwrap_err();
            assert!(error.ends_with('.'), "{path}: {error}");
        }
    }

    /// The costliest paths that are possible, on the documents for which they are worst.
    #[test]
    fn a_path_finds_each_value_a_few_times_at_most() {
        let flat = Value::Array(vec![Value::Array(Vec::new()); 20_000]);
        let mut deep = String::new();
        for _ in 0..100 {
            let _ = write!(deep, "[{}", "0,".repeat(100));
        }
        deep.push('0');
        deep.push_str(&"]".repeat(100));
        let deep: Value = serde_json::from_str(&deep).unwrap();
        for document in [&flat, &deep] {
            for path in ["$..*", "$..[*,*,*,*]", "$[*,*][*,*][*,*]", "$..[?@==@]", "$..[?@.*.*.*.*]"] {
                let count = Path::parse(path).unwrap().find(document).len();
                assert!(count <= 80_000 + 8, "{path}: {count}");
            }
        }
    }
}
