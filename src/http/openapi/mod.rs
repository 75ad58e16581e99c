//! `GET /api/openapi.json`: describes the API of this server, including its collections, as OpenAPI 3.1.
//!
//! [`document`] combines the endpoints of every collection (`records`), those of auth collections (`sign_in`), and the
//! rest (`server`). An operation is included only if `routes.rs` has a route for it; a test checks that every route is
//! included.

mod auth_options;
mod collections;
mod imports;
mod inbound;
mod jobs;
mod operation;
mod previews;
mod records;
mod schemas;
mod script_routes;
mod scripts;
mod server;
mod settings;
mod shapes;
mod sign_in;
mod tools;
mod webhooks;

use super::router::{Access, Router};
use super::{ApiError, json_body, routes};
use crate::app::App;
use crate::domain::caller::Caller;
use crate::domain::model::{Collection, Schema, Settings};
use crate::scripts::DescribedRoute;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use operation::Operation;
use serde_json::{Map, Value, json};

/// The audience of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Superusers,
    /// Contains nothing that only superusers may see or do.
    Public,
}

pub(super) async fn show(State(app): State<App>, caller: Caller) -> Result<Response, ApiError> {
    if !app.settings().openapi.public {
        Access::Superusers.check(&caller)?;
    }
    let (name, audience) =
        if caller.is_superuser() { ("openapi", Audience::Superusers) } else { ("public openapi", Audience::Public) };
    let routes = app.described_routes();
    let make = |schema: &Schema, settings: &Settings| {
        document(schema, settings, &routes, audience, "/").to_string().into_bytes()
    };
    let body = app.derived(name, make);
    Ok(json_body(StatusCode::OK, body.to_vec()))
}

/// Builds the document. `address` is where the server is reached.
#[must_use]
pub fn document(
    schema: &Schema,
    settings: &Settings,
    routes: &[DescribedRoute],
    audience: Audience,
    address: &str,
) -> Value {
    let mut components = schemas::shared();
    if audience == Audience::Superusers {
        components.extend(of_superusers().map(|(name, schema)| (name.to_owned(), schema)));
    }
    let mut operations = server::operations(audience);
    let mut tags = vec![json!({"name": server::TAG, "description": "Endpoints that do not belong to one collection."})];
    for collection in schema.all().iter().filter(|collection| is_shown(collection, audience)) {
        tags.push(json!({"name": collection.name, "description": describe(collection)}));
        schemas::of_collection(&mut components, collection, audience);
        operations.extend(records::operations(collection, audience));
        if collection.is_auth() {
            operations.extend(sign_in::operations(collection, audience));
        }
    }
    let mut paths = paths(operations);
    script_routes::add(&mut paths, routes, audience);
    if routes.iter().any(|route| script_routes::is_shown(route, audience)) {
        tags.push(json!({"name": script_routes::TAG, "description": "Routes of this server's own scripts."}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": settings.meta.app_name,
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Generated from the collections of this server. The API is compatible with the clients of PocketBase.",
        },
        "servers": [{"url": address}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": operation::shared_responses(),
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "The token that signing in gives, with or without `Bearer` before it.",
                },
                "fileToken": {
                    "type": "apiKey", "in": "query", "name": "token",
                    "description": "A short-lived token of `POST /api/files/token`; here, a superuser's.",
                },
            },
        },
    })
}

/// The schemas of superusers' operations. Their names never end in `Record`, `Create` or `Update`, as those of collections do.
fn of_superusers() -> impl Iterator<Item = (&'static str, Value)> {
    std::iter::once(("Settings", settings::component()))
        .chain(collections::components())
        .chain(imports::components())
        .chain(tools::components())
        .chain(webhooks::components())
        .chain(inbound::components())
        .chain(server::components())
}

fn paths(operations: Vec<Operation>) -> Value {
    let router = Router::new(routes::all());
    let mut paths = Map::new();
    for operation in operations {
        if router.find(&operation.method, &operation.path).is_none() {
            continue;
        }
        let method = operation.method.as_str().to_lowercase();
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(method, operation.into_json());
        }
    }
    Value::Object(paths)
}

/// The public document contains the collections that callers other than superusers can use.
fn is_shown(collection: &Collection, audience: Audience) -> bool {
    let rules = &collection.rules;
    let is_open =
        [&rules.list, &rules.view, &rules.create, &rules.update, &rules.delete].into_iter().any(Option::is_some);
    let has_sign_in = collection.auth.as_ref().is_some_and(|auth| auth.auth_rule.is_some());
    audience == Audience::Superusers || (!collection.is_system && (is_open || has_sign_in))
}

fn describe(collection: &Collection) -> String {
    let name = &collection.name;
    match collection.kind.as_str() {
        "view" => format!("Records of the view `{name}`, which are only read."),
        "auth" => format!("Records of `{name}`, which users sign in as."),
        _ => format!("Records of `{name}`."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::FieldKind;
    use crate::domain::model::RuleKind;
    use crate::domain::testing::{collection, seeded};
    use http::Method;
    use std::collections::BTreeSet;

    fn of(audience: Audience) -> (Value, std::sync::Arc<Schema>) {
        let tx = seeded();
        collection(&tx, json!({"name": "closed", "type": "base", "fields": [{"name": "a", "type": "text"}]}));
        collection(
            &tx,
            json!({"name": "posts", "type": "base", "listRule": "", "fields": [
                {"name": "title", "type": "text", "required": true},
                {"name": "hidden_note", "type": "text", "hidden": true},
            ]}),
        );
        let every_way =
            json!({"name": "people", "type": "auth", "otp": {"enabled": true}, "oauth2": {"enabled": true}});
        collection(&tx, every_way);
        let schema = tx.schema();
        (document(&schema, &Settings::initial(), &[], audience, "/"), schema)
    }

    #[test]
    fn every_route_is_described() {
        let (document, _) = of(Audience::Superusers);
        let router = Router::new(routes::all());
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                described.insert((method.to_string(), router.find(&method, path).unwrap().route.path));
            }
        }
        let missing: Vec<_> = routes::all()
            .into_iter()
            .filter(|route| !route.path.starts_with("/_"))
            .map(|route| (route.method.to_string(), route.path))
            .filter(|route| !described.contains(route))
            .collect();
        assert_eq!(missing, [], "routes that src/http/openapi says nothing about");
    }

    #[test]
    fn the_fields_of_a_new_collection_are_described_by_type() {
        let (document, _) = of(Audience::Superusers);
        let post = &document["paths"]["/api/collections"]["post"];
        let new = &post["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(new["required"], json!(["name"]));
        assert_eq!(new["properties"]["viewQuery"]["type"], "string");
        assert_eq!(new["then"]["required"], json!(["viewQuery"]), "{new}");
        let shapes = document["components"]["schemas"]["FieldInput"]["oneOf"].as_array().unwrap();
        let of_type = |name: &str| {
            let found = shapes.iter().find(|shape| shape["properties"]["type"]["const"] == name);
            &found.unwrap_or_else(|| panic!("no shape of {name}"))["properties"]
        };
        assert_eq!(shapes.len(), FieldKind::NAMES.len());
        assert_eq!(of_type("select")["values"]["type"], "array");
        assert_eq!(of_type("relation")["collectionId"]["type"], "string");
        assert_eq!(of_type("text")["max"]["type"], "integer");
        assert_eq!(of_type("number")["max"]["type"], json!(["number", "null"]));
        assert!(of_type("text")["collectionId"].is_null());
        let change = &document["paths"]["/api/collections/{collection}"]["patch"]["requestBody"];
        assert!(change["content"]["application/json"]["schema"]["required"].is_null());
    }

    #[test]
    fn the_options_of_auth_collections_are_described_by_type() {
        let (document, schema) = of(Audience::Superusers);
        let body =
            &document["paths"]["/api/collections"]["post"]["requestBody"]["content"]["application/json"]["schema"];
        let options = &body["properties"];
        assert_eq!(options["authRule"]["type"], json!(["string", "null"]));
        assert_eq!(options["passwordAuth"]["properties"]["identityFields"]["items"]["type"], "string");
        assert_eq!(options["mfa"]["properties"]["rule"]["type"], "string");
        assert_eq!(options["otp"]["properties"]["emailTemplate"]["properties"]["subject"]["type"], "string");
        assert_eq!(options["authToken"]["properties"]["duration"]["type"], "integer");
        assert_eq!(options["authToken"]["properties"]["secret"]["writeOnly"], true);
        let provider = &options["oauth2"]["properties"]["providers"]["items"]["properties"];
        assert_eq!(provider["pkce"]["type"], json!(["boolean", "null"]));
        assert_eq!(provider["clientSecret"]["writeOnly"], true);
        let users = crate::domain::collections::view(schema.by_name("users").unwrap());
        let unknown: Vec<_> = users.as_object().unwrap().keys().filter(|key| options[key.as_str()].is_null()).collect();
        assert_eq!(unknown, ["created", "updated"], "what the server answers beyond what may be sent");
    }

    #[test]
    fn references_lead_somewhere_and_ids_are_unique() {
        let (document, _) = of(Audience::Superusers);
        let mut ids = BTreeSet::new();
        let mut values = vec![&document];
        while let Some(value) = values.pop() {
            match value {
                Value::Object(map) => {
                    if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
                    }
                    if let Some(id) = map.get("operationId").and_then(Value::as_str) {
                        assert!(ids.insert(id), "{id}");
                    }
                    values.extend(map.values());
                }
                Value::Array(items) => values.extend(items),
                _ => {}
            }
        }
    }

    #[test]
    fn the_public_document_has_nothing_that_only_superusers_may_see() {
        let (document, schema) = of(Audience::Public);
        let posts = schema.by_name("posts").unwrap();
        assert!(posts.rule(RuleKind::Create).is_none());
        let text = document.to_string();
        for secret in ["closed", "hidden_note", "_superusers", "/api/settings", "tokenKey"] {
            assert!(!text.contains(secret), "{secret}");
        }
        assert!(document["paths"]["/api/collections/posts/records"]["get"].is_object());
        assert!(document["paths"]["/api/collections/posts/records"]["post"].is_null());
    }
}
