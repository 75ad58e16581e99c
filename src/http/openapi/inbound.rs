//! Webhooks that are received.

use super::operation::{Operation, path_parameter};
use super::schemas::reference;
use super::shapes::{any_object, array, complete, flag, integer, map_of, moment, object, one_of, partly, text};
use crate::domain::inbound::providers::Provider;
use http::Method;
use serde_json::{Value, json};

/// For anyone.
pub(super) fn receive() -> Operation {
    let summary = "Receive a webhook of another service";
    Operation::new(Method::POST, "/api/inbound/{id}", "receiveInbound", summary)
        .describe("Verified with the endpoint's secrets over the raw body, which has at most 1 MiB.")
        .parameters([path_parameter("id", "The name of the endpoint.")])
        .takes_content(&json!({"*/*": {"schema": {}}}), true)
        .gives(
            "Accepted. Providers that expect another answer get that.",
            &partly(&[], &[("ok", flag()), ("record", text()), ("duplicate", flag()), ("ignored", flag())]),
        )
        .gives_nothing("Accepted, for providers that expect no content.")
        .fails(&["400", "401", "404"])
}

/// For superusers.
pub(super) fn operations() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary);
    let id = || [path_parameter("id", "The id.")];
    let inbound = reference("Inbound");
    vec![
        of(Method::GET, "/api/inbound", "listInbound", "List the endpoints that receive webhooks")
            .gives("All endpoints, by name.", &complete(&[("items", array(&inbound))])),
        of(Method::POST, "/api/inbound", "createInbound", "Add an endpoint that receives webhooks")
            .takes(&input(&["name", "provider", "collection", "secrets"]))
            .gives("The endpoint.", &inbound)
            .fails(&["400"]),
        of(Method::POST, "/api/inbound/preview", "previewInbound", "Show what would be stored, without storing it")
            .takes(&json!({"allOf": [input(&[]), object(&[
                ("id", json!({"type": "string", "description": "A stored endpoint, whose values count where they are left out."})),
                ("sample", json!({"type": "string", "description": "The body of a request."})),
                ("contentType", text()),
                ("headers", map_of(&text())),
            ], &[])]}))
            .gives("What would be stored.", &reference("InboundPreview"))
            .fails(&["400", "404"]),
        of(Method::GET, "/api/inbound/{id}", "viewInbound", "Get an endpoint that receives webhooks")
            .parameters(id())
            .gives("The endpoint.", &inbound)
            .fails(&["404"]),
        of(Method::PATCH, "/api/inbound/{id}", "updateInbound", "Change an endpoint that receives webhooks")
            .parameters(id())
            .takes(&input(&[]))
            .gives("The endpoint.", &inbound)
            .fails(&["400", "404"]),
        of(Method::DELETE, "/api/inbound/{id}", "deleteInbound", "Remove an endpoint that receives webhooks")
            .parameters(id())
            .gives_nothing("Removed.")
            .fails(&["404"]),
    ]
}

pub(super) fn components() -> Vec<(&'static str, Value)> {
    vec![("Inbound", endpoint()), ("InboundPreview", preview())]
}

/// A time, or an empty text.
fn perhaps() -> Value {
    json!({"type": "string", "description": "A time in UTC, or empty."})
}

/// What may be sent and is shown again.
fn config() -> Vec<(&'static str, Value)> {
    let entry = partly(
        &[("field", text())],
        &[
            ("path", json!({"type": "string", "description": "A JSON path, such as `$.data.id`."})),
            ("value", json!({"description": "A constant in place of a path. Any JSON."})),
        ],
    );
    vec![
        ("name", json!({"type": "string", "description": "The end of the address: small letters, digits, hyphens."})),
        ("provider", one_of(&Provider::names())),
        ("enabled", flag()),
        ("collection", text()),
        ("mapping", array(&entry)),
        ("idPath", text()),
        ("idField", text()),
        ("eventPath", text()),
        ("onlyEvents", array(&text())),
        ("rawField", text()),
        (
            "updateBy",
            json!({"type": "string", "description": "A record with the same value in this field is changed."}),
        ),
        ("rememberDays", json!({"type": "integer", "minimum": 0, "maximum": 365, "default": 7})),
        ("toleranceSeconds", json!({"type": "integer", "minimum": 1, "maximum": 604_800})),
        ("url", text()),
        ("header", text()),
        ("algorithm", one_of(&["sha256", "sha1", "sha512"])),
        ("encoding", one_of(&["hex", "base64"])),
        ("prefix", text()),
    ]
}

fn input(required: &[&str]) -> Value {
    let secret = json!({"anyOf": [
        {"type": "string", "description": "A new secret."},
        object(&[("id", json!({"type": "string", "description": "A stored secret, which is kept."}))], &["id"]),
    ]});
    let mut properties = config();
    properties.push(("secrets", array(&secret)));
    object(&properties, required)
}

fn endpoint() -> Value {
    let mut properties = vec![("id", text())];
    properties.extend(config());
    properties.extend([
        ("problem", json!({"type": "string", "description": "Why nothing can be stored at the moment, or empty."})),
        ("secrets", array(&complete(&[("id", text()), ("created", moment())]))),
        ("lastReceived", perhaps()),
        ("received24h", integer()),
        ("failed24h", integer()),
        ("refused24h", integer()),
        ("lastError", text()),
        ("lastErrorAt", perhaps()),
        ("lastRefused", text()),
        ("lastRefusedAt", perhaps()),
        ("created", moment()),
        ("updated", moment()),
    ]);
    complete(&properties)
}

fn preview() -> Value {
    let entry = [("field", text()), ("matches", integer()), ("value", json!({})), ("error", text())];
    complete(&[
        ("outcome", one_of(&["stored", "ignored", "answered", "failed"])),
        ("event", text()),
        ("eventId", text()),
        ("record", json!({"type": ["object", "null"], "additionalProperties": true})),
        ("updates", json!({"type": "string", "description": "The id of the record that would be changed, or empty."})),
        ("mapping", array(&complete(&entry))),
        ("errors", any_object()),
        ("sampleError", text()),
    ])
}
