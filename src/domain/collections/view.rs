//! Collections in their API form: every key, and no secret.

use super::blank;
use crate::base::ids;
use crate::domain::fields::Field;
use crate::domain::model::{AuthOptions, Collection, CollectionKind};
use serde_json::{Map, Value, json};

#[must_use]
pub fn view(collection: &Collection) -> Value {
    let fields = collection.shown_fields().map(Field::to_json).map(Value::Object).collect::<Vec<_>>();
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("id", json!(collection.id));
    put("name", json!(collection.name));
    put("type", json!(collection.kind.as_str()));
    put("system", json!(collection.is_system));
    put("listRule", json!(collection.rules.list));
    put("viewRule", json!(collection.rules.view));
    put("createRule", json!(collection.rules.create));
    put("updateRule", json!(collection.rules.update));
    put("deleteRule", json!(collection.rules.delete));
    put("fields", Value::Array(fields));
    put("indexes", json!(collection.indexes));
    put("created", json!(collection.created));
    put("updated", json!(collection.updated));
    if collection.is_view() {
        put("viewQuery", json!(collection.view_query));
    }
    if let Some(auth) = &collection.auth {
        object.append(&mut without_secrets(auth));
    }
    Value::Object(object)
}

/// [`view`] with the secrets, which only the server may see.
pub(super) fn with_secrets(collection: &Collection) -> Value {
    let mut object = view(collection);
    if let (Some(object), Some(auth)) = (object.as_object_mut(), &collection.auth) {
        object.append(&mut auth_options(auth));
    }
    object
}

/// Returns a new collection of each kind, as a starting point for forms.
#[must_use]
pub fn scaffolds() -> Value {
    let mut auth = blank::collection(CollectionKind::Auth);
    auth.indexes = blank::auth_indexes("", &ids::random(10, ids::LOWER_ALPHANUMERIC)).into();
    json!({
        "base": view(&blank::collection(CollectionKind::Base)),
        "auth": view(&auth),
        "view": view(&blank::collection(CollectionKind::View)),
    })
}

/// Returns all options, including secrets, as they are stored.
pub(super) fn auth_options(auth: &AuthOptions) -> Map<String, Value> {
    match serde_json::to_value(auth) {
        Ok(Value::Object(object)) => object,
        _ => unreachable!("options of texts, numbers and lists serialise to an object"),
    }
}

fn without_secrets(auth: &AuthOptions) -> Map<String, Value> {
    let mut object = auth_options(auth);
    for (name, _) in auth.tokens() {
        if let Some(Value::Object(token)) = object.get_mut(name) {
            token.remove("secret");
        }
    }
    let providers = object.get_mut("oauth2").and_then(|oauth2| oauth2.get_mut("providers"));
    for provider in providers.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(provider) = provider {
            provider.remove("clientSecret");
        }
    }
    object
}
