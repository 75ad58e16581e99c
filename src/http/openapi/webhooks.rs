//! Webhooks, for superusers.

use super::operation::{Operation, page, path_parameter, per_page, query_text};
use super::schemas::{self, reference};
use super::shapes::{array, complete, flag, integer, map_of, moment, object, one_of, partly, text};
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| {
        let operation = Operation::new(method, path, id, summary);
        if path.contains("{id}") {
            return operation.parameters([path_parameter("id", "The id.")]).fails(&["404"]);
        }
        operation
    };
    let optional = |schema: &Value| json!({"application/json": {"schema": schema}});
    let (webhook, delivery) = (reference("Webhook"), reference("WebhookDelivery"));
    let event = [("event", text()), ("record", text())];
    vec![
        of(Method::GET, "/api/webhooks", "listWebhooks", "List the endpoints of webhooks")
            .gives("All endpoints, by name.", &complete(&[("items", array(&webhook))])),
        of(Method::POST, "/api/webhooks", "createWebhook", "Add an endpoint")
            .takes(&input(&["name", "url", "events"]))
            .gives("The endpoint, with the secret that is not shown again.", &with_secret())
            .fails(&["400"]),
        of(Method::POST, "/api/webhooks/preview", "previewWebhook", "Show what would be sent, without sending it")
            .takes(&json!({"allOf": [
                input(&[]),
                object(&[("id", text()), ("event", text()), ("record", text())], &[]),
            ]}))
            .gives(
                "The request, without secrets.",
                &complete(&[("headers", map_of(&text())), ("body", text()), ("matches", flag())]),
            )
            .fails(&["400", "404"]),
        of(Method::GET, "/api/webhooks/deliveries", "listWebhookDeliveries", "List deliveries")
            .parameters([page(), per_page()])
            .parameters([
                query_text("webhook", "Only those of the endpoint with this id."),
                query_text("state", "Only those in this state: waiting, running, succeeded or failed."),
                query_text("event", "Only those of this event, such as `orders.create`."),
                query_text("record", "Only those of the record with this id."),
                query_text("search", "Only those with this text in the id, record, event, error or payload."),
            ])
            .gives("A page of deliveries, the latest first.", &schemas::page_of(&delivery))
            .fails(&["400"]),
        of(Method::GET, "/api/webhooks/deliveries/{id}", "viewWebhookDelivery", "Get a delivery")
            .gives("The delivery with its attempts.", &detail()),
        of(Method::POST, "/api/webhooks/deliveries/{id}/replay", "replayWebhookDelivery", "Send a delivery again")
            .gives("The delivery, which is due now.", &detail())
            .fails(&["400"]),
        of(Method::GET, "/api/webhooks/{id}", "viewWebhook", "Get an endpoint").gives("The endpoint.", &webhook),
        of(Method::PATCH, "/api/webhooks/{id}", "updateWebhook", "Change an endpoint")
            .takes(&input(&[]))
            .gives("The endpoint.", &webhook)
            .fails(&["400"]),
        of(Method::DELETE, "/api/webhooks/{id}", "deleteWebhook", "Remove an endpoint, with its deliveries")
            .gives_nothing("Removed."),
        of(Method::POST, "/api/webhooks/{id}/rotate", "rotateWebhook", "Replace the secret of an endpoint")
            .takes_content(
                &optional(&object(
                    &[
                        ("overlapHours", json!({"type": "integer", "minimum": 0, "maximum": 168, "default": 24})),
                        ("signature", one_of(&["v1", "v1a"])),
                        ("url", text()),
                        ("headers", map_of(&text())),
                    ],
                    &[],
                )),
                false,
            )
            .gives("The endpoint, with the secret that is not shown again.", &with_secret())
            .fails(&["400"]),
        of(Method::POST, "/api/webhooks/{id}/test", "testWebhook", "Send an event that has not happened")
            .takes_content(&optional(&object(&event, &[])), false)
            .gives("The delivery with its attempt.", &detail())
            .fails(&["400"]),
        of(Method::POST, "/api/webhooks/{id}/replay", "replayWebhook", "Send deliveries of an endpoint again")
            .takes_content(&optional(&object(&[("state", one_of(&["failed", "all"])), ("since", text())], &[])), false)
            .gives("How many.", &complete(&[("replayed", integer())]))
            .fails(&["400"]),
    ]
}

pub(super) fn components() -> Vec<(&'static str, Value)> {
    vec![("Webhook", webhook()), ("WebhookDelivery", complete(&delivery())), ("WebhookAttempt", attempt())]
}

/// A time, or an empty text.
fn perhaps() -> Value {
    json!({"type": "string", "description": "A time in UTC, or empty."})
}

/// What may be sent and is shown again.
fn config() -> Vec<(&'static str, Value)> {
    let formats = ["json", "slack", "discord", "teams", "email", "template"];
    vec![
        ("name", text()),
        ("url", json!({"type": "string", "description": "Shown without what follows the host."})),
        ("enabled", flag()),
        ("events", array(&text())),
        ("filter", text()),
        ("changed", array(&text())),
        ("fields", text()),
        ("expand", text()),
        (
            "headers",
            json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "Values are shown as ***."}),
        ),
        ("format", one_of(&formats)),
        ("template", text()),
        ("contentType", text()),
        ("order", one_of(&["record", "none"])),
        ("concurrency", json!({"type": "integer", "minimum": 1, "maximum": 16})),
        ("timeoutSeconds", json!({"type": "integer", "minimum": 1, "maximum": 30})),
        ("signature", one_of(&["v1", "v1a"])),
    ]
}

fn input(required: &[&str]) -> Value {
    object(&config(), required)
}

fn shown() -> Vec<(&'static str, Value)> {
    let mut properties = vec![("id", text())];
    properties.extend(config());
    properties.extend([
        ("disabledReason", one_of(&["", "gone", "failing"])),
        ("publicKey", text()),
        ("secrets", array(&complete(&[("created", moment()), ("expires", perhaps())]))),
        (
            "health",
            complete(&[
                ("state", one_of(&["ok", "failing", "paused", "idle"])),
                ("failingSince", perhaps()),
                ("nextTry", perhaps()),
                ("waiting", integer()),
                ("succeeded24h", integer()),
                ("failed24h", integer()),
                ("lastStatus", integer()),
                ("lastAt", perhaps()),
            ]),
        ),
        ("created", moment()),
        ("updated", moment()),
    ]);
    properties
}

fn webhook() -> Value {
    complete(&shown())
}

fn with_secret() -> Value {
    let mut properties = shown();
    properties.push(("secret", text()));
    complete(&properties)
}

fn delivery() -> Vec<(&'static str, Value)> {
    vec![
        ("id", text()),
        ("webhook", text()),
        ("event", text()),
        ("collection", text()),
        ("record", text()),
        ("state", one_of(&["waiting", "running", "succeeded", "failed"])),
        ("attemptCount", integer()),
        ("status", integer()),
        ("error", text()),
        ("nextTry", perhaps()),
        ("created", moment()),
        ("finished", perhaps()),
        ("test", flag()),
    ]
}

fn detail() -> Value {
    let own = [("payload", json!({"description": "Any JSON."})), ("attempts", array(&reference("WebhookAttempt")))];
    partly(&[delivery(), own.to_vec()].concat(), &[])
}

fn attempt() -> Value {
    complete(&[
        ("number", integer()),
        ("at", moment()),
        ("durationMs", integer()),
        ("status", integer()),
        ("error", text()),
        ("request", complete(&[("method", text()), ("url", text()), ("headers", map_of(&text())), ("body", text())])),
        ("response", complete(&[("headers", map_of(&text())), ("body", text()), ("isCut", flag())])),
    ])
}
