//! Reads collections from their API form, of this server or another. They are not validated again.

use super::complete::parse_indexes;
use super::input::{Draft, read_fields};
use crate::domain::model::Schema;
use crate::domain::{Error, Result};
use serde_json::Value;
use std::sync::Arc;

/// Returns the schema that `items` describe. Fails only if they cannot be parsed.
pub fn read(items: &[Value]) -> Result<Schema> {
    let unreadable = || Error::bad_request("This is not a list of collections.");
    let mut collections = Vec::with_capacity(items.len());
    for item in items {
        let item = item.as_object().ok_or_else(unreadable)?;
        let mut draft = Draft::of_type(item)?;
        draft.merge(item)?;
        // Saving ignores the fields of a view, because they follow from its query.
        if let Some(Value::Array(fields)) = item.get("fields") {
            draft.new.fields = read_fields(fields)?;
        }
        parse_indexes(&mut draft);
        collections.push(Arc::new(draft.new));
    }
    Ok(Schema::new(collections))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::collections::view;
    use crate::domain::testing::{collection, seeded};
    use crate::domain::typescript;
    use serde_json::json;

    #[test]
    fn what_the_api_shows_gives_the_same_types() {
        let tx = seeded();
        let posts = collection(
            &tx,
            json!({"name": "posts", "fields": [{"name": "title", "type": "text"},
                {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"}],
                "indexes": ["CREATE UNIQUE INDEX one ON posts (author)"]}),
        );
        collection(&tx, json!({"name": "shown", "type": "view", "viewQuery": "SELECT id, title FROM posts"}));
        let shown: Vec<Value> = tx.schema().all().iter().map(|one| view(one)).collect();
        let read = read(&shown).unwrap();
        assert_eq!(typescript::generate(&read), typescript::generate(&tx.schema()));
        assert!(read.by_id(&posts.id).unwrap().unique_index_on("author").is_some());
        assert!(super::read(&[json!(5)]).is_err() && super::read(&[json!({"name": "a", "type": 5})]).is_err());
    }
}
