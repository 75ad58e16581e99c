//! Names of types and properties. Collections and fields may have names that TypeScript would not take as they are.

use crate::domain::model::{Collection, Schema};
use std::collections::{HashMap, HashSet};

/// The first part of the names of each collection's types: `PostsRecord`, `PostsCreate`.
pub(super) struct TypeNames(HashMap<String, String>);

impl TypeNames {
    /// `order_1` and `order1` would be the same, so the later one is numbered. `AnyRecord` is what all records have.
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

/// A property's name, quoted where it has to be.
pub(super) fn property(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_plain { name.to_owned() } else { literal(name) }
}

/// A text between quotes.
pub(super) fn literal(text: &str) -> String {
    let json = serde_json::to_string(text).expect("texts serialise");
    let inner = json[1..json.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{inner}'")
}

/// What someone wrote, as a comment of one line.
pub(super) fn comment(text: &str) -> String {
    let text = text.replace("*/", "* /");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
