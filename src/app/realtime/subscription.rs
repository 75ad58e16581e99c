//! A subscription: `posts/*?options={"query":{…},"headers":{…}}`, parsed once when it is submitted.

use crate::base::picker::Picker;
use crate::domain::caller::Lookup;
use crate::domain::records::{Expand, Shape};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One subscription of one client.
#[derive(Debug)]
pub(super) struct Subscription {
    /// The text as it was submitted. It is the event name, by which clients find their listener.
    pub text: Arc<str>,
    pub topic: Topic,
    pub options: Options,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Every record of the collection with this name or id.
    Every(String),
    One {
        collection: String,
        record_id: String,
    },
}

/// The options behind `?options=`. Everything is empty if there are none or they are malformed.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// The text that the options were parsed from. Identifies equal options.
    pub key: Arc<str>,
    pub filter: String,
    pub expand: String,
    pub fields: String,
    pub shape: Shape,
    pub query: Option<Arc<dyn Lookup>>,
    pub headers: Option<Arc<dyn Lookup>>,
}

impl Subscription {
    pub fn parse(text: &str) -> Self {
        let (topic, query) = text.split_once('?').unwrap_or((text, ""));
        Self { text: text.into(), topic: Topic::parse(topic), options: Options::parse(query) }
    }
}

impl Topic {
    pub fn parse(text: &str) -> Self {
        match text.split_once('/') {
            // A name without `/*` is the old form.
            None | Some((_, "*")) => Self::Every(text.trim_end_matches("/*").to_owned()),
            Some((collection, id)) => Self::One { collection: collection.to_owned(), record_id: id.to_owned() },
        }
    }
}

impl Options {
    /// Whether there are no options.
    pub fn is_empty(&self) -> bool {
        self.key.is_empty() && self.query.is_none() && self.headers.is_none()
    }

    fn parse(query: &str) -> Self {
        let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "options");
        let Some((_, text)) = given else { return Self::default() };
        let Ok(Value::Object(options)) = serde_json::from_str(&text) else { return Self::default() };
        let (Some(query), Some(headers)) =
            (texts(&options, "query", str::to_owned), texts(&options, "headers", header))
        else {
            return Self::default();
        };
        let of_query = |name: &str| query.0.get(name).cloned().unwrap_or_default();
        let (filter, expand, fields) = (of_query("filter"), of_query("expand"), of_query("fields"));
        let shape = Shape {
            expand: Expand::parse(&expand),
            // A malformed list selects nothing: the whole record is sent.
            fields: Picker::parse(&fields).unwrap_or_default(),
        };
        let (query, headers) = (query.lookup(), headers.lookup());
        Self { key: text.into(), filter, expand, fields, shape, query, headers }
    }
}

#[derive(Debug, Default)]
struct Texts(BTreeMap<String, String>);

impl Texts {
    fn lookup(self) -> Option<Arc<dyn Lookup>> {
        (!self.0.is_empty()).then(|| Arc::new(self) as Arc<dyn Lookup>)
    }
}

impl Lookup for Texts {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// Returns the texts in the object under `key`, or `None` if the value is not an object.
fn texts(options: &Map<String, Value>, key: &str, name: impl Fn(&str) -> String) -> Option<Texts> {
    let members = match options.get(key) {
        None | Some(Value::Null) => return Some(Texts::default()),
        Some(Value::Object(members)) => members,
        Some(_) => return None,
    };
    Some(Texts(members.iter().map(|(key, value)| (name(key), plain(value))).collect()))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// The name under which rules read a header.
fn header(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_come_in_three_forms() {
        let check = |text: &str, expected: Topic| assert_eq!(Subscription::parse(text).topic, expected, "{text}");
        let every = |name: &str| Topic::Every(name.to_owned());
        let one = |name: &str, id: &str| Topic::One { collection: name.to_owned(), record_id: id.to_owned() };
        check("posts/*", every("posts"));
        check("posts", every("posts"));
        check("posts/*?options=%7B%7D", every("posts"));
        check("posts/abc?x=1", one("posts", "abc"));
        check("posts/*/x", one("posts", "*/x"));
        check(" posts/*", every(" posts"));
        check("@oauth2", every("@oauth2"));
        check("", every(""));
    }

    #[test]
    fn options_are_read_as_far_as_they_can_be() {
        let read = |json: &str| {
            let encoded: String = form_urlencoded::byte_serialize(json.as_bytes()).collect();
            Subscription::parse(&format!("posts/*?options={encoded}")).options
        };
        let options =
            read(r#"{"query":{"filter":"a = 1","fields":"id","expand":"b","n":5},"headers":{"X-Tok-En":"t"}}"#);
        assert_eq!((&*options.filter, &*options.fields, &*options.expand), ("a = 1", "id", "b"));
        assert_eq!(options.query.unwrap().get("n").as_deref(), Some("5"));
        assert_eq!(options.headers.unwrap().get("x_tok_en").as_deref(), Some("t"));
        for bad in ["nope", "[]", r#"{"query":5}"#, r#"{"query":{"filter":null},"headers":null}"#] {
            let options = read(bad);
            assert_eq!((&*options.filter, options.headers.is_none()), ("", true), "{bad}");
        }
        assert!(read(r#"{"query":{"fields":"title:bad("}}"#).shape.fields.keeps_everything());
    }
}
