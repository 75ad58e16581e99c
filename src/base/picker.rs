//! The `fields` query parameter: which keys of a JSON answer to keep, and which texts to shorten.
//!
//! [`Picker::apply`] filters a finished value. A streaming writer calls [`Picker::child`] for each key before it
//! writes the value, and so never reads data that is not wanted.

use super::plain_text;
use serde_json::Value;
use std::collections::BTreeMap;

/// Far deeper than any answer. Limits the nesting that a hostile path can cause.
const MAX_DEPTH: usize = 64;

/// The keys to keep at one level, and what to keep below them. The default keeps everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picker {
    children: BTreeMap<String, Branch>,
    /// What `*` says about keys that have no entry.
    others: Option<Keep>,
}

/// What to do with the value under one key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Child<'a> {
    Dropped,
    Whole,
    /// Texts are shortened; other values are kept whole.
    Excerpt(Excerpt),
    /// Objects, and objects in arrays, are filtered; other values are kept whole.
    Part(&'a Picker),
}

/// The first characters of a text, with its HTML removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt {
    max: usize,
    has_ellipsis: bool,
}

/// The parameter is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickerError {
    #[error("a parenthesis is not closed")]
    Parenthesis,
    #[error("unknown modifier")]
    UnknownModifier,
    #[error("excerpt takes a length above 0 and optionally true or false")]
    ExcerptArguments,
    #[error("the path is too deep")]
    TooDeep,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Keep {
    Whole,
    Excerpt(Excerpt),
}

#[derive(Clone, Debug, PartialEq)]
enum Branch {
    Leaf(Keep),
    Node(Picker),
}

impl Picker {
    /// Parses `title, expand.author.name, body:excerpt(200,true)`. An input of only commas and blanks keeps
    /// everything.
    pub fn parse(text: &str) -> Result<Self, PickerError> {
        let mut picker = Self::default();
        for entry in split_entries(text)? {
            let (path, keep) = match entry.split_once(':') {
                Some((path, modifier)) => (path, Keep::Excerpt(Excerpt::parse(modifier)?)),
                None => (entry, Keep::Whole),
            };
            let path = path.strip_suffix('.').unwrap_or(path);
            if path.split('.').count() > MAX_DEPTH {
                return Err(PickerError::TooDeep);
            }
            picker.add(path, keep);
        }
        Ok(picker)
    }

    #[must_use]
    pub fn keeps_everything(&self) -> bool {
        self.children.is_empty() && matches!(self.others, None | Some(Keep::Whole))
    }

    /// What to do with the value under `name`.
    #[must_use]
    pub fn child(&self, name: &str) -> Child<'_> {
        if self.keeps_everything() {
            return Child::Whole;
        }
        match self.children.get(name) {
            Some(Branch::Node(picker)) => Child::Part(picker),
            Some(Branch::Leaf(keep)) => keep.into(),
            None => self.others.as_ref().map_or(Child::Dropped, Child::from),
        }
    }

    /// Returns `value` without the keys that are not wanted.
    #[must_use]
    pub fn apply(&self, value: Value) -> Value {
        if self.keeps_everything() {
            return value;
        }
        match value {
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.apply(item)).collect()),
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .filter_map(|(key, value)| {
                        let value = self.child(&key).apply(value)?;
                        Some((key, value))
                    })
                    .collect(),
            ),
            scalar => scalar,
        }
    }

    /// [`Self::apply`] for serialised JSON. Input that is not JSON is returned unchanged.
    #[must_use]
    pub fn apply_to_text(&self, json: Vec<u8>) -> Vec<u8> {
        if self.keeps_everything() {
            return json;
        }
        serde_json::from_slice(&json).map_or(json, |value| self.apply(value).to_string().into_bytes())
    }

    fn add(&mut self, path: &str, keep: Keep) {
        let Some((name, rest)) = path.split_once('.') else {
            if path == "*" {
                self.others = Some(keep);
            } else {
                self.children.insert(path.to_owned(), Branch::Leaf(keep));
            }
            return;
        };
        match self.children.entry(name.to_owned()).or_insert_with(|| Branch::Node(Self::default())) {
            Branch::Node(picker) => picker.add(rest, keep),
            // The whole value was requested as well, which includes its parts.
            Branch::Leaf(_) => {}
        }
    }
}

impl Child<'_> {
    /// Returns `None` if the value is dropped.
    #[must_use]
    pub fn apply(self, value: Value) -> Option<Value> {
        match self {
            Self::Dropped => None,
            Self::Whole => Some(value),
            Self::Excerpt(excerpt) => Some(match value {
                Value::String(text) => Value::String(excerpt.of(&text)),
                other => other,
            }),
            Self::Part(picker) => Some(picker.apply(value)),
        }
    }
}

impl From<&Keep> for Child<'_> {
    fn from(keep: &Keep) -> Self {
        match keep {
            Keep::Whole => Self::Whole,
            Keep::Excerpt(excerpt) => Self::Excerpt(*excerpt),
        }
    }
}

impl Excerpt {
    /// The text of `html`, shortened. `...` is appended if requested and something was cut off.
    #[must_use]
    pub fn of(self, html: &str) -> String {
        let (mut text, is_cut) = plain_text::excerpt(html, self.max);
        if is_cut && self.has_ellipsis {
            text.push_str("...");
        }
        text
    }

    /// Parses `excerpt(200)` or `excerpt(200, true)`.
    fn parse(modifier: &str) -> Result<Self, PickerError> {
        let (name, rest) = modifier.split_once('(').unwrap_or((modifier, ""));
        if name.trim() != "excerpt" {
            return Err(PickerError::UnknownModifier);
        }
        let arguments = rest.trim_end().strip_suffix(')').ok_or(PickerError::ExcerptArguments)?;
        let mut arguments = arguments.split(',').map(str::trim);
        let max = arguments.next().and_then(|text| text.parse().ok()).filter(|max| *max > 0);
        let max = max.ok_or(PickerError::ExcerptArguments)?;
        let has_ellipsis = matches!(arguments.next(), Some("true" | "TRUE" | "True" | "t" | "T" | "1"));
        match arguments.next() {
            None => Ok(Self { max, has_ellipsis }),
            Some(_) => Err(PickerError::ExcerptArguments),
        }
    }
}

/// Splits at commas outside parentheses, trims blanks, and skips empty entries.
fn split_entries(text: &str) -> Result<Vec<&str>, PickerError> {
    let mut entries = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                entries.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(PickerError::Parenthesis);
    }
    entries.push(&text[start..]);
    Ok(entries.into_iter().map(str::trim).filter(|entry| !entry.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({
            "t": "child", "n": 12345, "l": ["aa", "bb"], "e": "<p>Hello <b>bold</b>&nbsp;&amp; x</p>",
            "j": {"a": {"b": 1, "c": "text"}, "k": [{"x": 1, "y": 2}, {"x": 3}, 5]},
            "expand": {"r": {"t": "First post", "n": 1}, "rm": [{"t": "First post", "n": 2}]},
        })
    }

    #[test]
    fn paths_pick_through_objects_and_arrays() {
        let check = |fields: &str, expected: Value| {
            assert_eq!(Picker::parse(fields).unwrap().apply(record()), expected, "{fields}");
        };
        check("", record());
        check(" , ,", record());
        check("*", record());
        check("*,nope", record());
        check("t", json!({"t": "child"}));
        check("  t , n,,", json!({"t": "child", "n": 12345}));
        check("t\n,n", json!({"t": "child", "n": 12345}));
        check("t,t", json!({"t": "child"}));
        check("nope", json!({}));
        check("T", json!({}));
        check("t.x.y", json!({"t": "child"}));
        check("t.", json!({"t": "child"}));
        check(".t", json!({}));
        check("*.t", json!({}));
        check("'t'", json!({}));
        check("t)", json!({}));
        check("t n", json!({}));
        check("j.a.b", json!({"j": {"a": {"b": 1}}}));
        check("j.a.b.c", json!({"j": {"a": {"b": 1}}}));
        check("j.k.x", json!({"j": {"k": [{"x": 1}, {"x": 3}, 5]}}));
        check("j.k", json!({"j": {"k": [{"x": 1, "y": 2}, {"x": 3}, 5]}}));
        check("expand..r", json!({"expand": {}}));
        check("expand. r .t", json!({"expand": {}}));
        check("expand.r.t,expand.rm.n", json!({"expand": {"r": {"t": "First post"}, "rm": [{"n": 2}]}}));
        check(
            "expand.r.*,expand.rm.t",
            json!({"expand": {"r": {"t": "First post", "n": 1}, "rm": [{"t": "First post"}]}}),
        );
        check("expand,expand.r.t", json!({"expand": record()["expand"]}));
        check("expand.r.t,expand", json!({"expand": record()["expand"]}));
    }

    #[test]
    fn a_star_keeps_the_keys_that_are_not_named() {
        let picked = Picker::parse("*,expand.r.t").unwrap().apply(record());
        assert_eq!(picked["expand"], json!({"r": {"t": "First post"}}));
        assert_eq!(picked["n"], json!(12345));
    }

    #[test]
    fn excerpts_shorten_texts_only() {
        let check = |fields: &str, expected: Value| {
            assert_eq!(Picker::parse(fields).unwrap().apply(record()), expected, "{fields}");
        };
        check("t:excerpt(3)", json!({"t": "chi"}));
        check("t:excerpt(3,true)", json!({"t": "chi..."}));
        check("t: excerpt ( 3 , true )", json!({"t": "chi..."}));
        check("t:excerpt(3,false)", json!({"t": "chi"}));
        check("t:excerpt(3,x)", json!({"t": "chi"}));
        check("t:excerpt(+3,1)", json!({"t": "chi..."}));
        check("t:excerpt(2147483648,true)", json!({"t": "child"}));
        check("e:excerpt(8,true)", json!({"e": "Hello bo..."}));
        check("n:excerpt(2),l:excerpt(1)", json!({"n": 12345, "l": ["aa", "bb"]}));
        check("t,t:excerpt(3)", json!({"t": "chi"}));
        check("t:excerpt(3),t", json!({"t": "child"}));
        check("expand.*:excerpt(2)", json!({"expand": record()["expand"]}));
        check("expand.r.*:excerpt(2)", json!({"expand": {"r": {"t": "Fi", "n": 1}}}));
        check("expand.rm.*,expand.rm.t:excerpt(1)", json!({"expand": {"rm": [{"t": "F", "n": 2}]}}));
        check("t :excerpt(3)", json!({}));
    }

    #[test]
    fn malformed_modifiers_are_refused() {
        use PickerError::{ExcerptArguments, Parenthesis, TooDeep, UnknownModifier};
        let check = |fields: &str, expected| assert_eq!(Picker::parse(fields), Err(expected), "{fields}");
        for arguments in ["", "()", "(a)", "(-1)", "(0)", "(0,true)", "(3,true,1)", "(3.5)", "(\"3\")", "(,3)", "(1e1)"]
        {
            check(&format!("t:excerpt{arguments}"), ExcerptArguments);
        }
        check("t:excerpt(99999999999999999999)", ExcerptArguments);
        check("t:excerpt(3):excerpt(2)", ExcerptArguments);
        check("t:excerpt(3", Parenthesis);
        check("(t", Parenthesis);
        check("a(,t", Parenthesis);
        check("t:", UnknownModifier);
        check("t:EXCERPT(3)", UnknownModifier);
        check("t:nope(3)", UnknownModifier);
        check(&"a.".repeat(5000), TooDeep);
    }

    #[test]
    fn a_writer_can_ask_about_each_key() {
        let picker = Picker::parse("t,e:excerpt(5),expand.r.t").unwrap();
        assert_eq!(picker.child("t"), Child::Whole);
        assert_eq!(picker.child("n"), Child::Dropped);
        assert_eq!(picker.child("e"), Child::Excerpt(Excerpt { max: 5, has_ellipsis: false }));
        let Child::Part(expand) = picker.child("expand") else { panic!("expand is picked from") };
        assert_eq!(expand.child("rm"), Child::Dropped);
        assert_eq!(Picker::default().child("anything"), Child::Whole);
    }
}
