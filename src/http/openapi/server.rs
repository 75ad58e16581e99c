//! Endpoints that do not belong to a collection: health, batch, realtime, and superusers' operations.

use super::operation::{Operation, fields, paging, path_parameter, query_text};
use super::shapes::{any_object, array, complete, flag, integer, moment, nullable, object, or_null, text};
use super::{Audience, collections, imports, inbound, jobs, schemas, scripts, settings, tools, webhooks};
use http::Method;
use serde_json::{Value, json};

pub(super) const TAG: &str = "server";

pub(super) fn operations(audience: Audience) -> Vec<Operation> {
    let mut operations = for_everybody();
    if audience == Audience::Superusers {
        let all = [
            settings::operations(),
            collections::operations(),
            imports::operations(),
            tools::operations(),
            logs_and_crons(),
            jobs::operations(),
            webhooks::operations(),
            inbound::operations(),
            scripts::operations(),
            backups(),
            server(),
        ];
        operations.extend(all.into_iter().flatten().map(Operation::needs_token));
        operations.push(imports::export().needs_token());
    }
    operations
}

fn for_everybody() -> Vec<Operation> {
    let health = complete(&[("message", text()), ("code", integer()), ("data", health())]);
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
        inbound::receive(),
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

/// What is known of the server's state. Empty but for superusers.
fn health() -> Value {
    object(
        &[
            ("canBackup", flag()),
            ("realIP", json!({"type": "string", "description": "The address of the client as the server sees it."})),
            (
                "possibleProxyHeader",
                json!({"type": "string", "description": "A header of a reverse proxy that was sent; empty if none was."}),
            ),
            ("disk", disk()),
            ("logs", complete(&[("damagedFile", damaged_file())])),
        ],
        &[],
    )
}

fn damaged_file() -> Value {
    let text =
        "The name of the damaged request log that was set aside since the server started; null if there was none.";
    json!({"type": ["string", "null"], "description": text})
}

fn disk() -> Value {
    let free = json!({"type": ["integer", "null"], "description": "In bytes; null if it is unknown."});
    complete(&[("isFull", flag()), ("freeBytes", free), ("reserveBytes", bytes("In bytes."))])
}

fn bytes(description: &str) -> Value {
    json!({"type": "integer", "description": description})
}

/// Versions, sizes and the check of the running server.
fn server() -> Vec<Operation> {
    let in_bucket = || json!({"type": ["integer", "null"], "description": "In bytes; null if they are in a bucket."});
    let sizes = complete(&[
        ("database", bytes("In bytes.")),
        ("unused", bytes("The part of the database that is free for further rows, in bytes.")),
        ("writeAheadLog", bytes("In bytes.")),
        ("requestLog", bytes("In bytes.")),
        ("files", in_bucket()),
        ("backups", in_bucket()),
        ("isComplete", json!({"type": "boolean", "description": "False if there were too many files to count."})),
    ]);
    let info = complete(&[
        ("version", text()),
        ("engine", json!({"type": "string", "description": "The database engine and its version."})),
        ("migrations", complete(&[("count", integer()), ("latest", text())])),
        ("started", moment()),
        ("uptime", json!({"type": "integer", "description": "In seconds."})),
        ("sizes", sizes),
        ("disk", disk()),
        ("check", schemas::reference("DatabaseCheck")),
    ]);
    let of = |method: Method, path: &str, id: &str, summary: &str| {
        Operation::new(method, path, id, summary).parameters([fields()])
    };
    vec![
        of(Method::GET, "/api/server", "showServer", "Versions, sizes and the check of the running server")
            .gives("The state of the server.", &info),
        of(Method::POST, "/api/server/check", "startCheck", "Check the database for damage").gives(
            "The check under way. A second check is not started while it runs.",
            &schemas::reference("DatabaseCheck"),
        ),
    ]
}

fn check() -> Value {
    let running = complete(&[("started", moment()), ("done", integer()), ("total", integer())]);
    let damage = json!({"type": "array", "items": text(), "description": "In the words of the engine."});
    let unchecked =
        json!({"type": "array", "items": text(), "description": "Tables that could not be read to their end in time."});
    let last = complete(&[
        ("started", moment()),
        ("finished", moment()),
        ("tables", integer()),
        ("damage", damage),
        ("unchecked", unchecked),
    ]);
    complete(&[("running", nullable(&running)), ("last", nullable(&last))])
}

/// The schemas that these operations refer to.
pub(super) fn components() -> [(&'static str, Value); 2] {
    let level = json!({"type": "integer", "description": "-4 debug, 0 info, 4 warning, 8 error."});
    let log = complete(&[
        ("id", text()),
        ("created", moment()),
        ("level", level),
        ("message", text()),
        ("data", any_object()),
    ]);
    [("LogEntry", log), ("DatabaseCheck", check())]
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

fn logs_and_crons() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary);
    let log = schemas::reference("LogEntry");
    let hour = complete(&[("date", moment()), ("total", integer())]);
    let zone = json!({"type": "string", "description": "The time zone of the expression. UTC if there is none."});
    let about = |about: &str| json!({"type": "boolean", "description": about});
    let run = complete(&[("started", moment()), ("milliseconds", integer()), ("error", text())]);
    let job = object(
        &[
            ("id", text()),
            ("expression", text()),
            ("zone", zone),
            ("catchUp", about("Whether it runs once for the runs that it has missed.")),
            ("running", about("Whether it runs now.")),
            ("lastRun", run.clone()),
            ("lastSuccess", run),
        ],
        &["id", "expression"],
    );
    let column = complete(&[("name", text()), ("type", text()), ("nullable", flag())]);
    let milliseconds = json!({"type": "integer", "description": "In milliseconds."});
    let result = complete(&[
        ("execTime", milliseconds),
        ("affectedRows", integer()),
        ("columns", array(&column)),
        ("rows", array(&array(&or_null("string")))),
    ]);
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
    let size = json!({"type": "integer", "description": "In bytes."});
    let backup = complete(&[("key", text()), ("modified", moment()), ("size", size)]);
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
