//! Endpoints that do not belong to a collection: health, batch, realtime, and superusers' operations.

use super::operation::{Operation, fields, paging, path_parameter, query_text};
use super::sign_in::object;
use super::{Audience, auth_options, imports, schemas};
use crate::domain::model::Settings;
use http::Method;
use serde_json::{Value, json};

pub(super) const TAG: &str = "server";

pub(super) fn operations(audience: Audience) -> Vec<Operation> {
    let mut operations = for_everybody();
    if audience == Audience::Superusers {
        let all =
            [settings(), collections(), imports::operations(), super::tools::operations(), logs_and_jobs(), backups()];
        let all = all.into_iter().flatten();
        operations.extend(all.map(Operation::needs_token));
        operations.push(imports::export().needs_token());
    }
    operations
}

fn for_everybody() -> Vec<Operation> {
    let health = json!({"type": "object", "required": ["message", "code", "data"], "properties": {
        "message": {"type": "string"}, "code": {"type": "integer"}, "data": {"type": "object"},
    }});
    let stream = json!({
        "description": "A stream of events. The first is `PB_CONNECT` and holds the id of the client.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    });
    let redirected = json!({"description": "The page that ends the sign-in."});
    let subscriptions = object(
        &[("clientId", text()), ("subscriptions", json!({"type": "array", "items": {"type": "string"}}))],
        &["clientId", "subscriptions"],
    );
    let oauth2 = |method: Method, id: &str| {
        Operation::new(method, "/api/oauth2-redirect", id, "Target of a sign-in provider's redirect")
            .parameters(["state", "code", "error"].map(|name| query_text(name, "")))
            .answers("307", &redirected)
            .answers("303", &redirected)
    };
    vec![
        Operation::new(Method::GET, "/api/health", "checkHealth", "Check that the server works")
            .parameters([fields()])
            .gives("The server works.", &health)
            .fails(&["400"]),
        Operation::new(Method::GET, "/api/openapi.json", "showOpenapi", "This document")
            .gives("The document.", &any_object())
            .fails(&["401", "403"]),
        Operation::new(Method::POST, "/api/batch", "sendBatch", "Run several writes in one transaction")
            .parameters([fields()])
            .takes(&object(&[("requests", json!({"type": "array", "items": batch_request()}))], &["requests"]))
            .gives("The response to each.", &json!({"type": "array", "items": batch_answer()}))
            .fails(&["400", "403"]),
        Operation::new(
            Method::POST,
            "/api/files/token",
            "makeFileToken",
            "Get a short-lived token for protected files",
        )
        .needs_token()
        .parameters([fields()])
        .gives("The token.", &object(&[("token", text())], &["token"])),
        Operation::new(Method::GET, "/api/realtime", "connectRealtime", "Open a stream of realtime events")
            .answers("200", &stream),
        Operation::new(Method::POST, "/api/realtime", "subscribeRealtime", "Set the subscriptions of a stream")
            .takes(&subscriptions)
            .gives_nothing("Subscribed.")
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
        Operation::new(Method::GET, "/api/settings", "showSettings", "Get the settings, without secrets")
            .parameters([fields()])
            .gives("The settings.", &shape),
        Operation::new(Method::PATCH, "/api/settings", "updateSettings", "Change some of the settings")
            .parameters([fields()])
            .takes(&shape)
            .gives("The updated settings.", &shape)
            .fails(&["400"]),
        post("/api/settings/test/s3", "testS3", "Test the storage of files or backups")
            .takes(&object(&[("filesystem", json!({"enum": ["storage", "backups"]}))], &["filesystem"]))
            .gives_nothing("The storage works."),
        post("/api/settings/test/email", "testEmail", "Send a test mail")
            .takes(&object(&of_email, &["email", "template"]))
            .gives_nothing("Sent."),
        post(
            "/api/settings/apple/generate-client-secret",
            "generateAppleClientSecret",
            "Generate a client secret for signing in with Apple",
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
        of(Method::GET, path, "viewCollection", "Get a collection")
            .parameters([one(), fields()])
            .gives("The collection.", &shown)
            .fails(&["404"]),
        of(Method::PATCH, path, "updateCollection", "Update a collection")
            .parameters([one(), fields()])
            .takes(&collection)
            .gives("The updated collection.", &shown)
            .fails(&["400", "404"]),
        of(Method::DELETE, path, "deleteCollection", "Delete a collection with its records")
            .parameters([one()])
            .gives_nothing("Deleted.")
            .fails(&["400", "404"]),
        of(
            Method::DELETE,
            "/api/collections/{collection}/truncate",
            "truncateCollection",
            "Delete all records of a collection",
        )
        .parameters([one()])
        .gives_nothing("Deleted.")
        .fails(&["400", "404"]),
        of(Method::PUT, "/api/collections/import", "importCollections", "Create or update several collections")
            .takes(&import)
            .gives_nothing("Imported.")
            .fails(&["400"]),
        of(Method::GET, "/api/collections/meta/scaffolds", "showScaffolds", "Get an empty collection of each type")
            .parameters([fields()])
            .gives("The collections by type.", &any_object()),
        of(
            Method::GET,
            "/api/collections/meta/oauth2-providers",
            "listOauth2Providers",
            "List the supported sign-in providers",
        )
        .parameters([fields()])
        .gives("All providers.", &any_array()),
        of(Method::POST, "/api/collections/meta/dry-run-view", "tryView", "Run a view's query without saving it")
            .parameters([fields()])
            .takes(&object(&[("query", text())], &["query"]))
            .gives("The fields and the first records.", &dry_run)
            .fails(&["400"]),
    ]
}

/// Returns the schema of a collection of any type. Options of auth collections are ignored for the others.
fn collection_shape() -> Value {
    let rule = || json!({"type": ["string", "null"], "description": "null for superusers only, empty for everyone, else a filter."});
    let mut shape = object(
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
            (
                "viewQuery",
                json!({"type": "string", "description": "The SELECT statement of a view. Its fields are derived from it."}),
            ),
            ("indexes", json!({"type": "array", "items": {"type": "string"}})),
        ],
        &[],
    );
    if let Some(properties) = shape["properties"].as_object_mut() {
        properties.extend(auth_options::properties());
    }
    shape
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
        of(Method::GET, "/api/logs/stats", "countLogs", "Count the log entries of each hour")
            .parameters([query_text("filter", "A filter for the entries to count."), fields()])
            .gives("The counts by hour.", &json!({"type": "array", "items": hour}))
            .fails(&["400"]),
        of(Method::GET, "/api/logs/{id}", "viewLog", "Get a log entry")
            .parameters([path_parameter("id", "The entry's id."), fields()])
            .gives("The entry.", &log)
            .fails(&["404"]),
        of(Method::DELETE, "/api/logs", "clearLogs", "Delete all log entries").gives_nothing("Deleted."),
        of(Method::GET, "/api/crons", "listCrons", "List scheduled jobs")
            .parameters([fields()])
            .gives("All jobs.", &json!({"type": "array", "items": job})),
        of(Method::POST, "/api/crons/{id}", "runCron", "Run a job now")
            .parameters([path_parameter("id", "The job's id.")])
            .gives_nothing("Started.")
            .fails(&["404"]),
        of(Method::POST, "/api/sql", "runSql", "Run an SQL statement")
            .parameters([fields()])
            .takes(&object(&[("query", text())], &["query"]))
            .gives("The rows, or the number of changed rows.", &result)
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
            .gives("All backups.", &json!({"type": "array", "items": backup})),
        of(Method::POST, "/api/backups", "createBackup", "Create a backup")
            .takes_content(&json!({"application/json": {"schema": object(&[("name", text())], &[])}}), false)
            .gives_nothing("Created."),
        of(Method::POST, "/api/backups/upload", "uploadBackup", "Upload a backup")
            .takes_content(&json!({"multipart/form-data": {"schema": upload}}), true)
            .gives_nothing("Uploaded."),
        of(Method::GET, "/api/backups/{key}", "downloadBackup", "Download a backup")
            .parameters([key()])
            .needs_file_token()
            .answers("200", &zip)
            .fails(&["404"]),
        of(Method::DELETE, "/api/backups/{key}", "deleteBackup", "Delete a backup")
            .parameters([key()])
            .gives_nothing("Deleted."),
        of(Method::POST, "/api/backups/{key}/restore", "restoreBackup", "Restore a backup")
            .parameters([key()])
            .gives_nothing("The server restores the backup and restarts."),
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
