//! Endpoints that do not belong to a collection: health, batch, realtime, and superusers' operations.

use super::operation::{Operation, fields, paging, path_parameter, query_text};
use super::sign_in::object;
use super::{Audience, schemas};
use crate::domain::model::Settings;
use http::Method;
use serde_json::{Value, json};

pub(super) const TAG: &str = "server";

pub(super) fn operations(audience: Audience) -> Vec<Operation> {
    let mut operations = for_everybody();
    if audience == Audience::Superusers {
        let all =
            [settings(), collections(), super::tools::operations(), logs_and_jobs(), backups()].into_iter().flatten();
        operations.extend(all.map(Operation::needs_token));
    }
    operations
}

fn for_everybody() -> Vec<Operation> {
    let health = json!({"type": "object", "required": ["message", "code", "data"], "properties": {
        "message": {"type": "string"}, "code": {"type": "integer"}, "data": {"type": "object"},
    }});
    let stream = json!({
        "description": "A stream of events, which begins with `PB_CONNECT` and the id of the client.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    });
    let redirected = json!({"description": "The page that ends the sign-in."});
    let subscriptions = object(
        &[("clientId", text()), ("subscriptions", json!({"type": "array", "items": {"type": "string"}}))],
        &["clientId", "subscriptions"],
    );
    let oauth2 = |method: Method, id: &str| {
        Operation::new(method, "/api/oauth2-redirect", id, "Where a provider sends people back to")
            .parameters(["state", "code", "error"].map(|name| query_text(name, "")))
            .answers("307", &redirected)
            .answers("303", &redirected)
    };
    vec![
        Operation::new(Method::GET, "/api/health", "checkHealth", "Whether the server is well")
            .parameters([fields()])
            .gives("It is.", &health)
            .fails(&["400"]),
        Operation::new(Method::GET, "/api/openapi.json", "showOpenapi", "This document")
            .gives("The document.", &any_object())
            .fails(&["401", "403"]),
        Operation::new(Method::POST, "/api/batch", "sendBatch", "Several writes, all or none")
            .parameters([fields()])
            .takes(&object(&[("requests", json!({"type": "array", "items": batch_request()}))], &["requests"]))
            .gives("The answer to each.", &json!({"type": "array", "items": batch_answer()}))
            .fails(&["400", "403"]),
        Operation::new(Method::POST, "/api/files/token", "makeFileToken", "A short-lived token for protected files")
            .needs_token()
            .parameters([fields()])
            .gives("The token.", &object(&[("token", text())], &["token"])),
        Operation::new(Method::GET, "/api/realtime", "connectRealtime", "Listen to changes").answers("200", &stream),
        Operation::new(Method::POST, "/api/realtime", "subscribeRealtime", "Say which changes to listen to")
            .takes(&subscriptions)
            .gives_nothing("They are sent from now on.")
            .fails(&["400", "403", "404"]),
        oauth2(Method::GET, "finishOauth2"),
        oauth2(Method::POST, "finishOauth2ByForm"),
    ]
}

fn batch_request() -> Value {
    object(
        &[
            ("method", json!({"enum": ["POST", "PUT", "PATCH", "DELETE"]})),
            ("url", json!({"type": "string", "examples": ["/api/collections/posts/records"]})),
            ("headers", json!({"type": "object", "additionalProperties": {"type": "string"}})),
            ("body", any_object()),
        ],
        &["method", "url"],
    )
}

fn batch_answer() -> Value {
    object(
        &[("status", json!({"type": "integer"})), ("body", json!({"type": ["object", "null"]}))],
        &["status", "body"],
    )
}

fn settings() -> Vec<Operation> {
    let mut shape = schemas::like(&Settings::initial().view());
    shape["properties"]["openapi"] = object(&[("public", json!({"type": "boolean"}))], &[]);
    let post = |path: &str, id: &str, summary: &str| Operation::new(Method::POST, path, id, summary).fails(&["400"]);
    let of_apple = ["clientId", "teamId", "keyId", "privateKey"].map(|key| (key, text()));
    let of_apple: Vec<_> = of_apple.into_iter().chain([("duration", json!({"type": "integer"}))]).collect();
    let of_email = [("email", text()), ("template", text()), ("collection", text())];
    vec![
        Operation::new(Method::GET, "/api/settings", "showSettings", "The settings, without secrets")
            .parameters([fields()])
            .gives("The settings.", &shape),
        Operation::new(Method::PATCH, "/api/settings", "updateSettings", "Change some of the settings")
            .parameters([fields()])
            .takes(&shape)
            .gives("The settings as they are now.", &shape)
            .fails(&["400"]),
        post("/api/settings/test/s3", "testS3", "Try the storage of files or backups")
            .takes(&object(&[("filesystem", json!({"enum": ["storage", "backups"]}))], &["filesystem"]))
            .gives_nothing("It works."),
        post("/api/settings/test/email", "testEmail", "Send a mail to try")
            .takes(&object(&of_email, &["email", "template"]))
            .gives_nothing("It was sent."),
        post(
            "/api/settings/apple/generate-client-secret",
            "generateAppleClientSecret",
            "A secret to sign in with Apple",
        )
        .parameters([fields()])
        .takes(&object(&of_apple, &["clientId", "teamId", "keyId", "privateKey", "duration"]))
        .gives("The secret.", &object(&[("secret", text())], &["secret"])),
    ]
}

fn collections() -> Vec<Operation> {
    let collection = collection_shape();
    let shown = any_collection(&collection);
    let new = new_collection(&collection);
    let one = || path_parameter("collection", "Its id or name.");
    let of = |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary);
    let dry_run = object(&[("fields", any_array()), ("sample", any_array())], &["fields", "sample"]);
    let import =
        object(&[("collections", any_array()), ("deleteMissing", json!({"type": "boolean"}))], &["collections"]);
    let path = "/api/collections/{collection}";
    vec![
        of(Method::GET, "/api/collections", "listCollections", "List collections")
            .parameters(paging())
            .parameters([fields()])
            .gives("A page of collections.", &schemas::page_of(&shown))
            .fails(&["400"]),
        of(Method::POST, "/api/collections", "createCollection", "Create a collection")
            .parameters([fields()])
            .takes(&new)
            .gives("The collection.", &shown)
            .fails(&["400"]),
        of(Method::GET, path, "viewCollection", "One collection")
            .parameters([one(), fields()])
            .gives("The collection.", &shown)
            .fails(&["404"]),
        of(Method::PATCH, path, "updateCollection", "Change a collection")
            .parameters([one(), fields()])
            .takes(&collection)
            .gives("The collection as it is now.", &shown)
            .fails(&["400", "404"]),
        of(Method::DELETE, path, "deleteCollection", "Delete a collection with its records")
            .parameters([one()])
            .gives_nothing("It is gone.")
            .fails(&["400", "404"]),
        of(Method::DELETE, "/api/collections/{collection}/truncate", "truncateCollection", "Delete all its records")
            .parameters([one()])
            .gives_nothing("They are gone.")
            .fails(&["400", "404"]),
        of(Method::PUT, "/api/collections/import", "importCollections", "Lay definitions over those that are there")
            .takes(&import)
            .gives_nothing("They are in place.")
            .fails(&["400"]),
        of(Method::GET, "/api/collections/meta/scaffolds", "showScaffolds", "One blank collection of each type")
            .parameters([fields()])
            .gives("By type.", &any_object()),
        of(Method::GET, "/api/collections/meta/oauth2-providers", "listOauth2Providers", "Providers to sign in with")
            .parameters([fields()])
            .gives("All of them.", &any_array()),
        of(Method::POST, "/api/collections/meta/dry-run-view", "tryView", "What a view's query would give")
            .parameters([fields()])
            .takes(&object(&[("query", text())], &["query"]))
            .gives("Fields and a few records.", &dry_run)
            .fails(&["400"]),
    ]
}

fn collection_shape() -> Value {
    let rule = || json!({"type": ["string", "null"], "description": "null for superusers only, empty for everyone, else a filter."});
    object(
        &[
            ("id", text()),
            ("name", text()),
            ("type", json!({"enum": ["base", "auth", "view"]})),
            ("system", json!({"type": "boolean"})),
            ("listRule", rule()),
            ("viewRule", rule()),
            ("createRule", rule()),
            ("updateRule", rule()),
            ("deleteRule", rule()),
            ("fields", json!({"type": "array", "items": schemas::field_definition()})),
            ("viewQuery", json!({"type": "string", "description": "The SELECT of a view; its fields follow from it."})),
            ("indexes", json!({"type": "array", "items": {"type": "string"}})),
        ],
        &[],
    )
}

/// Returns the body that creates a collection. The name is required, and for a view also its query.
fn new_collection(shape: &Value) -> Value {
    let mut new = shape.clone();
    new["required"] = json!(["name"]);
    new["if"] = json!({"properties": {"type": {"const": "view"}}, "required": ["type"]});
    new["then"] = json!({"required": ["viewQuery"]});
    new
}

/// Returns the schema of a collection in responses. Stored collections may contain keys of a later version, so only the
/// usual keys are described.
fn any_collection(shape: &Value) -> Value {
    let mut shown = shape.clone();
    shown["properties"]["fields"] = json!({"type": "array", "items": any_object()});
    shown
}

fn logs_and_jobs() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary);
    let log = object(
        &[
            ("id", text()),
            ("created", schemas::reference("DateTime")),
            ("level", json!({"type": "integer"})),
            ("message", text()),
            ("data", any_object()),
        ],
        &["id", "created", "level", "message", "data"],
    );
    let hour =
        object(&[("date", schemas::reference("DateTime")), ("total", json!({"type": "integer"}))], &["date", "total"]);
    let job = object(&[("id", text()), ("expression", text())], &["id", "expression"]);
    let result = object(
        &[
            ("execTime", json!({"type": "number"})),
            ("affectedRows", json!({"type": "integer"})),
            ("columns", any_array()),
            ("rows", any_array()),
        ],
        &["execTime", "affectedRows", "columns", "rows"],
    );
    vec![
        of(Method::GET, "/api/logs", "listLogs", "List the request log")
            .parameters(paging())
            .parameters([fields()])
            .gives("A page of entries.", &schemas::page_of(&log))
            .fails(&["400"]),
        of(Method::GET, "/api/logs/stats", "countLogs", "How many entries each hour has")
            .parameters([query_text("filter", "Which entries count."), fields()])
            .gives("By hour.", &json!({"type": "array", "items": hour}))
            .fails(&["400"]),
        of(Method::GET, "/api/logs/{id}", "viewLog", "One entry")
            .parameters([path_parameter("id", "The entry's id."), fields()])
            .gives("The entry.", &log)
            .fails(&["404"]),
        of(Method::DELETE, "/api/logs", "clearLogs", "Empty the log").gives_nothing("It is empty."),
        of(Method::GET, "/api/crons", "listCrons", "List jobs")
            .parameters([fields()])
            .gives("All of them.", &json!({"type": "array", "items": job})),
        of(Method::POST, "/api/crons/{id}", "runCron", "Run a job now")
            .parameters([path_parameter("id", "The job's id.")])
            .gives_nothing("It has begun.")
            .fails(&["404"]),
        of(Method::POST, "/api/sql", "runSql", "Run an SQL statement")
            .parameters([fields()])
            .takes(&object(&[("query", text())], &["query"]))
            .gives("Rows, or how many were changed.", &result)
            .fails(&["400"]),
    ]
}

fn backups() -> Vec<Operation> {
    let of =
        |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary).fails(&["400"]);
    let key = || path_parameter("key", "The backup's file name.");
    let backup = object(
        &[("key", text()), ("modified", schemas::reference("DateTime")), ("size", json!({"type": "integer"}))],
        &["key", "modified", "size"],
    );
    let upload = object(&[("file", json!({"type": "string", "contentMediaType": "application/zip"}))], &["file"]);
    let zip = json!({
        "description": "The backup.",
        "content": {"application/zip": {"schema": {"type": "string", "contentMediaType": "application/zip"}}},
    });
    vec![
        of(Method::GET, "/api/backups", "listBackups", "List backups")
            .parameters([fields()])
            .gives("All of them.", &json!({"type": "array", "items": backup})),
        of(Method::POST, "/api/backups", "createBackup", "Make a backup")
            .takes_content(&json!({"application/json": {"schema": object(&[("name", text())], &[])}}), false)
            .gives_nothing("It is made."),
        of(Method::POST, "/api/backups/upload", "uploadBackup", "Bring a backup")
            .takes_content(&json!({"multipart/form-data": {"schema": upload}}), true)
            .gives_nothing("It is here."),
        of(Method::GET, "/api/backups/{key}", "downloadBackup", "A backup's file")
            .parameters([key()])
            .needs_file_token()
            .answers("200", &zip)
            .fails(&["404"]),
        of(Method::DELETE, "/api/backups/{key}", "deleteBackup", "Delete a backup")
            .parameters([key()])
            .gives_nothing("It is gone."),
        of(Method::POST, "/api/backups/{key}/restore", "restoreBackup", "Go back to a backup")
            .parameters([key()])
            .gives_nothing("The server restores and starts again."),
    ]
}

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn any_object() -> Value {
    json!({"type": "object"})
}

fn any_array() -> Value {
    json!({"type": "array", "items": {"type": "object"}})
}
