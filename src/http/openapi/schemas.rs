//! Schemas: of fields, of records in responses and requests, and of what all responses share.

use super::Audience;
use crate::domain::fields::{Field, FieldKind, TextOptions};
use crate::domain::model::Collection;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const MAX_TEXT: i64 = 5000;

pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Returns `{"items": […], "page": …}` with items of the schema `item`.
pub(super) fn page_of(item: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["items", "page", "perPage", "totalItems", "totalPages"],
        "properties": {
            "items": {"type": "array", "items": item},
            "page": {"type": "integer"},
            "perPage": {"type": "integer"},
            "totalItems": {"type": "integer", "description": "-1 with `skipTotal`."},
            "totalPages": {"type": "integer", "description": "-1 with `skipTotal`."},
        },
    })
}

/// Returns the schemas that do not depend on the collections.
pub(super) fn shared() -> Map<String, Value> {
    let moment = r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}Z)?$";
    let schemas = json!({
        "Error": {
            "type": "object",
            "required": ["data", "message", "status"],
            "properties": {
                "status": {"type": "integer"},
                "message": {"type": "string"},
                "data": {"type": "object", "description": "Problems by field: `code`, `message` and sometimes `params`."},
            },
        },
        "DateTime": {"type": "string", "pattern": moment, "description": "A time in UTC; empty if not set.",
            "examples": ["2026-01-02 03:04:05.006Z"]},
        "GeoPoint": {
            "type": "object",
            "required": ["lon", "lat"],
            "properties": {
                "lon": {"type": "number", "minimum": -180, "maximum": 180},
                "lat": {"type": "number", "minimum": -90, "maximum": 90},
            },
        },
    });
    schemas.as_object().cloned().unwrap_or_default()
}

/// Adds `postsRecord`, `postsCreate` and `postsUpdate` for a collection `posts`.
pub(super) fn of_collection(schemas: &mut Map<String, Value>, collection: &Collection, audience: Audience) {
    let name = &collection.name;
    schemas.insert(format!("{name}Record"), record(collection, audience));
    if !collection.is_view() {
        schemas.insert(format!("{name}Create"), input(collection, audience, true));
        schemas.insert(format!("{name}Update"), input(collection, audience, false));
    }
}

fn fields(collection: &Collection, audience: Audience) -> impl Iterator<Item = &Field> {
    collection
        .fields
        .iter()
        .filter(move |field| !collection.is_credential(field) && (audience == Audience::Superusers || !field.is_hidden))
}

fn record(collection: &Collection, audience: Audience) -> Value {
    let mut properties = Map::new();
    let mut required = vec!["collectionId".to_owned(), "collectionName".to_owned()];
    properties.insert("collectionId".to_owned(), json!({"type": "string"}));
    properties.insert("collectionName".to_owned(), json!({"const": collection.name}));
    for field in fields(collection, audience) {
        let is_private = collection.is_auth() && field.name == "email";
        if !field.is_hidden && !is_private {
            required.push(field.name.clone());
        }
        properties.insert(field.name.clone(), described(shown(field), field));
    }
    properties.insert("expand".to_owned(), json!({"type": "object", "description": "The expanded relations."}));
    json!({"type": "object", "required": required, "properties": properties})
}

fn described(mut schema: Value, field: &Field) -> Value {
    if !field.help.is_empty() && schema.get("$ref").is_none() {
        schema["description"] = field.help.as_str().into();
    }
    schema
}

fn shown(field: &Field) -> Value {
    let list = |items: Value| json!({"type": "array", "items": items});
    match &field.kind {
        FieldKind::Text(_) | FieldKind::Editor(_) | FieldKind::Email(_) | FieldKind::Url(_) => {
            json!({"type": "string"})
        }
        FieldKind::Number(_) => json!({"type": "number"}),
        FieldKind::Bool => json!({"type": "boolean"}),
        FieldKind::Date(_) | FieldKind::Autodate(_) => reference("DateTime"),
        FieldKind::Select(options) if field.is_multiple() => list(json!({"enum": distinct(&options.values)})),
        FieldKind::Select(options) => {
            let mut values = distinct(&options.values);
            values.push("");
            values.dedup();
            json!({"enum": values})
        }
        FieldKind::Relation(_) | FieldKind::File(_) if field.is_multiple() => list(json!({"type": "string"})),
        FieldKind::Relation(_) | FieldKind::File(_) => json!({"type": "string"}),
        FieldKind::Json(_) => json!({}),
        FieldKind::GeoPoint => reference("GeoPoint"),
        FieldKind::Password(_) => json!({"const": ""}),
    }
}

/// Returns the body that creates or changes a record.
fn input(collection: &Collection, audience: Audience, is_new: bool) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if collection.is_auth() {
        credentials(&mut properties, is_new);
        if is_new {
            required.extend(["password", "passwordConfirm"].map(ToOwned::to_owned));
        }
    }
    for field in fields(collection, audience).filter(|field| is_new || field.name != "id") {
        let Some(schema) = sent(field) else { continue };
        if is_new && is_needed(field) {
            required.push(field.name.clone());
        }
        for (key, schema) in modifiers(field, &schema) {
            properties.insert(key, schema);
        }
        properties.insert(field.name.clone(), described(schema, field));
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn credentials(properties: &mut Map<String, Value>, is_new: bool) {
    let text = || json!({"type": "string", "format": "password"});
    properties.insert("password".to_owned(), text());
    properties.insert("passwordConfirm".to_owned(), text());
    if !is_new {
        properties.insert("oldPassword".to_owned(), text());
    }
}

fn is_needed(field: &Field) -> bool {
    let is_generated = matches!(&field.kind, FieldKind::Text(options) if !options.autogenerate_pattern.is_empty());
    field.is_required && !is_generated
}

/// Returns `None` for fields that the server sets itself.
fn sent(field: &Field) -> Option<Value> {
    let list = |one: &Value| json!({"anyOf": [one, {"type": "array", "items": one}]});
    Some(match &field.kind {
        FieldKind::Text(options) => text(options),
        FieldKind::Editor(_) | FieldKind::Password(_) => json!({"type": "string"}),
        FieldKind::Email(_) => json!({"type": "string", "format": "email"}),
        FieldKind::Url(_) => json!({"type": "string", "format": "uri"}),
        FieldKind::Number(options) => json!({"type": if options.only_int { "integer" } else { "number" }}),
        FieldKind::Bool => json!({"type": "boolean"}),
        FieldKind::Date(_) => json!({"type": "string", "examples": ["2026-01-02 03:04:05.006Z"]}),
        FieldKind::Autodate(_) => return None,
        FieldKind::Select(options) if field.is_multiple() => list(&json!({"enum": distinct(&options.values)})),
        FieldKind::Select(options) => json!({"enum": distinct(&options.values)}),
        FieldKind::Relation(_) if field.is_multiple() => {
            list(&json!({"type": "string", "description": "A record's id."}))
        }
        FieldKind::Relation(_) => json!({"type": "string", "description": "A record's id."}),
        FieldKind::File(_) if field.is_multiple() => {
            json!({"type": "array", "items": {"type": "string"}, "description": "Names of files to keep; new ones are sent as form data."})
        }
        FieldKind::File(_) => {
            json!({"type": ["string", "null"], "description": "The file's name, or null to remove it; a new one is sent as form data."})
        }
        FieldKind::Json(_) => json!({}),
        FieldKind::GeoPoint => reference("GeoPoint"),
    })
}

fn text(options: &TextOptions) -> Value {
    let most = if options.max > 0 { options.max } else { MAX_TEXT };
    let mut schema = json!({"type": "string", "maxLength": most});
    if !options.pattern.is_empty() {
        // The patterns use another dialect than JSON Schema, so they are only described in text.
        schema["description"] = format!("Must match `{}`.", options.pattern.as_str()).into();
    }
    schema
}

fn modifiers(field: &Field, schema: &Value) -> Vec<(String, Value)> {
    let name = &field.name;
    match &field.kind {
        FieldKind::Number(_) => vec![
            (format!("{name}+"), json!({"type": "number", "description": "Added to the stored value."})),
            (format!("{name}-"), json!({"type": "number", "description": "Subtracted from the stored value."})),
        ],
        FieldKind::Select(_) | FieldKind::Relation(_) if field.is_multiple() => vec![
            (format!("{name}+"), schema.clone()),
            (format!("+{name}"), schema.clone()),
            (format!("{name}-"), schema.clone()),
        ],
        FieldKind::File(_) => vec![(format!("{name}-"), json!({"description": "Names of files to remove."}))],
        _ => Vec::new(),
    }
}

/// Returns the schema of a field's definition in requests: one shape for each type, with its options.
pub(super) fn field_input() -> Value {
    let shapes: Vec<Value> = FieldKind::NAMES.iter().map(|kind| of_type(kind)).collect();
    json!({"oneOf": shapes})
}

/// Returns the schema of a field's definition in answers: the keys of all types together, and others of later versions.
pub(super) fn stored_field() -> Value {
    let mut merged: Map<String, Value> = Map::new();
    for kind in FieldKind::NAMES {
        let shape = of_type(kind);
        for (key, schema) in shape["properties"].as_object().into_iter().flatten() {
            match merged.get_mut(key) {
                None => drop(merged.insert(key.clone(), schema.clone())),
                Some(known) if known == schema => {}
                Some(known) => *known = json!({"type": types_of(known).union(&types_of(schema)).collect::<Vec<_>>()}),
            }
        }
    }
    merged.insert("type".to_owned(), json!({"enum": FieldKind::NAMES}));
    let always = ["id", "name", "type", "system", "hidden", "presentable"];
    json!({"type": "object", "required": always, "properties": merged})
}

fn types_of(schema: &Value) -> BTreeSet<String> {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        Value::String(one) => BTreeSet::from([one.clone()]),
        _ => BTreeSet::new(),
    }
}

fn of_type(kind: &str) -> Value {
    // The options are those that are stored for a field of the type.
    let sample: Map<String, Value> =
        [("type".to_owned(), kind.into()), ("name".to_owned(), "x".into())].into_iter().collect();
    let stored = Field::from_json(&sample).map(|field| field.to_json()).unwrap_or_default();
    let mut properties = Map::new();
    for (key, value) in &stored {
        let schema = match (key.as_str(), value) {
            ("type", _) => json!({"const": kind}),
            // For numbers and dates, null means no limit.
            ("min" | "max", Value::Null) => json!({"type": ["number", "null"]}),
            ("min" | "max" | "minSelect" | "maxSelect" | "maxSize" | "cost", Value::Number(_)) => {
                json!({"type": "integer", "minimum": 0})
            }
            (_, Value::Null) => json!({"type": ["array", "null"], "items": {"type": "string"}}),
            (_, value) => like(value),
        };
        properties.insert(key.clone(), schema);
    }
    json!({"type": "object", "required": ["name", "type"], "properties": properties})
}

/// A select may list a value twice, but the `enum` of a schema may not.
fn distinct(values: &[String]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::with_capacity(values.len());
    for value in values {
        if !found.contains(&value.as_str()) {
            found.push(value);
        }
    }
    found
}

/// Returns the body of a form with files: the files themselves, and everything else as JSON.
pub(super) fn form(collection: &Collection, audience: Audience) -> Option<Value> {
    let mut properties = Map::new();
    for field in fields(collection, audience).filter(|field| matches!(field.kind, FieldKind::File(_))) {
        let file = json!({"type": "string", "contentMediaType": "application/octet-stream"});
        let schema = if field.is_multiple() { json!({"type": "array", "items": file}) } else { file };
        properties.insert(field.name.clone(), schema);
    }
    if properties.is_empty() {
        return None;
    }
    properties.insert(
        "@jsonPayload".to_owned(),
        json!({"type": "string", "description": "The other fields, as a JSON object."}),
    );
    Some(json!({"type": "object", "properties": properties}))
}

/// Derives a schema from an example.
pub(super) fn like(example: &Value) -> Value {
    match example {
        Value::Null => json!({}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_f64() => json!({"type": "number"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Array(items) => {
            json!({"type": "array", "items": items.first().map_or_else(|| json!({"type": "string"}), like)})
        }
        Value::Object(map) => {
            let properties: Map<String, Value> = map.iter().map(|(key, value)| (key.clone(), like(value))).collect();
            json!({"type": "object", "properties": properties})
        }
    }
}
