//! The words of the language of rules and filters with a schema, for editors that complete them.

use super::names::back_relations;
use super::path::has_elements;
use crate::base::clock::Timestamp;
use crate::db::Value as DbValue;
use crate::domain::caller::Context;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::filter::{MACROS, Modifier, Relation, macro_value};
use crate::domain::model::{Collection, Schema};
use serde_json::{Value, json};

/// Describes everything that may be named in a rule, in the API's form.
#[must_use]
pub fn words(schema: &Schema, now: Timestamp) -> Value {
    let collections: Vec<Value> = schema.all().iter().map(|collection| of_collection(schema, collection)).collect();
    let auths = schema.all().iter().filter(|collection| collection.is_auth()).map(|collection| &collection.name);
    let macros = MACROS.map(|name| {
        let value = macro_value(name, now).and_then(|term| term.as_constant().cloned());
        match value {
            Some(DbValue::Integer(number)) => json!({"name": name, "type": "number", "value": number}),
            Some(DbValue::Text(text)) => json!({"name": name, "type": "date", "value": text}),
            _ => json!({"name": name, "type": "date", "value": null}),
        }
    });
    let operators = ["", "?"].map(|any| Relation::ALL.map(|relation| format!("{any}{}", relation.as_str()))).concat();
    json!({
        "collections": collections,
        "authCollections": auths.collect::<Vec<_>>(),
        "request": [
            {"name": "@request.context", "type": "text", "choices": Context::ALL.map(Context::as_str)},
            {"name": "@request.method", "type": "text", "choices": ["GET", "POST", "PATCH", "PUT", "DELETE"]},
            {"name": "@request.auth.", "type": "record"},
            {"name": "@request.body.", "type": "body"},
            {"name": "@request.query.", "type": "map"},
            {"name": "@request.headers.", "type": "map"},
        ],
        "macros": macros,
        "functions": [
            {"name": "geoDistance", "arguments": ["lonA", "latA", "lonB", "latB"], "result": "number"},
            {"name": "strftime", "arguments": ["format", "time", "modifier…"], "result": "text"},
        ],
        "operators": operators,
        "joins": ["&&", "||"],
        "bodyModifiers": ["isset", "changed", "each", "length", "lower"],
    })
}

fn of_collection(schema: &Schema, collection: &Collection) -> Value {
    let fields = collection.shown_fields().filter(|field| !collection.is_credential(field));
    let back: Vec<Value> = back_relations(schema, collection)
        .into_iter()
        .filter_map(|name| {
            let back = schema.back_relation(collection, &name)?;
            let (of, field) = (&back.collection.name, &back.field().name);
            Some(json!({"name": name, "collection": of, "field": field, "isMultiple": !back.is_single}))
        })
        .collect();
    json!({
        "id": collection.id, "name": collection.name, "type": collection.kind.as_str(),
        "fields": fields.map(|field| of_field(schema, field)).collect::<Vec<_>>(),
        "backRelations": back,
    })
}

fn of_field(schema: &Schema, field: &Field) -> Value {
    let mut modifiers = Vec::new();
    if has_elements(field) {
        modifiers.extend(field.is_multiple().then_some(Modifier::Each));
        modifiers.push(Modifier::Length);
    }
    modifiers.push(Modifier::Lower);
    let target = field.relation_target().and_then(|id| schema.by_id(id)).map(|target| &target.name);
    let mut json = json!({
        "name": field.name, "type": field.type_name(), "isHidden": field.is_hidden, "isMultiple": field.is_multiple(),
        "target": target, "modifiers": modifiers.into_iter().map(Modifier::as_str).collect::<Vec<_>>(),
    });
    if let FieldKind::Select(options) = &field.kind {
        json["choices"] = json!(options.values);
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::check_rule;
    use crate::domain::testing::{collection, seeded};

    /// Everything that an editor proposes can be used.
    #[test]
    fn every_word_compiles() {
        let tx = seeded();
        let posts = collection(
            &tx,
            json!({"name": "posts", "fields": [{"name": "title", "type": "text"}, {"name": "tags", "type": "select", "values": ["a", "b"],
                   "maxSelect": 2}, {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"}]}),
        );
        let schema = tx.schema();
        let words = words(&schema, tx.now());
        let compiles = |text: &str, on: &std::sync::Arc<Collection>| {
            assert!(check_rule(&schema, on, text, tx.dialect()).is_ok(), "{text}");
        };
        for of in words["collections"].as_array().unwrap() {
            let on = schema.find(of["name"].as_str().unwrap()).unwrap();
            for field in of["fields"].as_array().unwrap() {
                let name = field["name"].as_str().unwrap();
                compiles(&format!("{name} = 1"), on);
                for modifier in field["modifiers"].as_array().unwrap() {
                    compiles(&format!("{name}:{} = 1", modifier.as_str().unwrap()), on);
                }
            }
            for back in of["backRelations"].as_array().unwrap() {
                compiles(&format!("{}.id = 1", back["name"].as_str().unwrap()), on);
            }
        }
        for one in words["macros"].as_array().unwrap() {
            compiles(&format!("title = {}", one["name"].as_str().unwrap()), &posts);
        }
        for operator in words["operators"].as_array().unwrap() {
            compiles(&format!("title {} 'x'", operator.as_str().unwrap()), &posts);
        }
        let users = schema.find("users").unwrap();
        compiles("posts_via_owner.title ?= 'x'", users);
        assert!(!words.to_string().contains("tokenKey"));
        let posts = words["collections"].as_array().unwrap().iter().find(|one| one["name"] == "posts").unwrap();
        assert_eq!(posts["fields"][2]["choices"], json!(["a", "b"]));
        assert_eq!(posts["fields"][3]["target"], "users");
    }
}
