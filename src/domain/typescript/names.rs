//! Names of types and properties. Names of collections and fields are not always valid in TypeScript.

use crate::domain::model::{Collection, Schema};
use std::collections::{HashMap, HashSet};

/// For each collection, the prefix of its type names: `Posts` in `PostsRecord` and `PostsCreate`.
pub(super) struct TypeNames(HashMap<String, String>);

impl TypeNames {
    /// If two names become equal, as `order_1` and `order1` do, the later one gets a number. `AnyRecord` is the base of
    /// all records.
    pub fn of(schema: &Schema) -> Self {
        let mut taken = HashSet::from(["Any".to_owned()]);
        let mut names = HashMap::new();
        for collection in schema.all() {
            let name = pascal_case(&collection.name);
            let mut numbered = (2..).map(|number| format!("{name}_{number}"));
            let free = std::iter::once(name.clone()).chain(numbered.by_ref()).find(|name| taken.insert(name.clone()));
            names.insert(collection.id.clone(), free.unwrap_or(name));
        }
        Self(names)
    }

    pub fn get(&self, collection: &Collection) -> &str {
        self.0.get(&collection.id).map_or("Any", String::as_str)
    }
}

fn pascal_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        text.push_str(letters.as_str());
    }
    if text.starts_with(|first: char| first.is_alphabetic()) { text } else { format!("T{text}") }
}

/// The name of a property, quoted if necessary.
pub(super) fn property(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_plain { name.to_owned() } else { literal(name) }
}

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    let json = serde_json::to_string(text).expect("texts serialise");
    let inner = json[1..json.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{inner}'")
}

/// An owner's text, made safe for a comment on one line.
pub(super) fn comment(text: &str) -> String {
    let text = text.replace("*/", "* /");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
