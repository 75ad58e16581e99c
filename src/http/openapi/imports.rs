//! Imports and exports of files, for superusers.

use super::operation::{Operation, path_parameter, query_text};
use super::schemas;
use super::sign_in::object;
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| {
        let operation = Operation::new(method, path, id, summary).fails(&["400"]);
        if path.contains("{id}") {
            return operation.parameters([path_parameter("id", "The import's id.")]).fails(&["404"]);
        }
        operation
    };
    let import = import();
    let events = json!({
        "description": "Events: `progress` with `done` and `total`, then one `result` (see ImportResult) or `error`.",
        "content": {"text/event-stream": {"schema": text()}},
    });
    vec![
        of(Method::GET, "/api/imports", "listImports", "Your imports").gives(
            "The newest first, without columns, preview and plan.",
            &object(&[("items", array(&import))], &["items"]),
        ),
        of(Method::POST, "/api/imports", "createImport", "Upload a file to import")
            .takes_content(&json!({"multipart/form-data": {"schema": upload()}}), true)
            .gives("What the file holds, and a plan.", &import),
        of(Method::GET, "/api/imports/{id}", "showImport", "An import").gives("The import.", &import),
        of(Method::PATCH, "/api/imports/{id}", "rereadImport", "Read the file in another way")
            .takes(&settings())
            .gives("The import, with another plan.", &import),
        of(Method::DELETE, "/api/imports/{id}", "deleteImport", "Forget an import")
            .gives_nothing("Its file is gone. What it imported stays."),
        of(Method::POST, "/api/imports/{id}/run", "runImport", "Try an import or carry it out")
            .takes(&object(&[("plan", plan()), ("dryRun", json!({"type": "boolean"}))], &["plan"]))
            .answers("200", &events),
        of(Method::GET, "/api/imports/{id}/undo", "inspectUndo", "What undoing an import would do and lose")
            .gives("It.", &undo_plan()),
        of(Method::POST, "/api/imports/{id}/undo", "undoImport", "Undo an import")
            .takes_content(
                &json!({"application/json": {"schema": object(&[("force", json!({"type": "boolean"}))], &[])}}),
                false,
            )
            .gives("What was undone.", &undone()),
    ]
}

/// The download works by a file token in the address.
pub(super) fn export() -> Operation {
    let format = json!({
        "name": "format", "in": "query", "schema": {"enum": ["csv", "xlsx", "json", "jsonl"], "default": "csv"},
    });
    let bom = json!({
        "name": "bom", "in": "query", "description": "Start CSV with a byte order mark.", "schema": {"type": "boolean"},
    });
    let file = json!({"schema": {"type": "string"}});
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let records = json!({"schema": {"type": "array", "items": {"type": "object"}}});
    let content = json!({"text/csv": file, "application/json": records, "application/x-ndjson": file, sheet: file});
    Operation::new(Method::GET, "/api/collections/{collection}/export", "exportRecords", "Download records as a file")
        .parameters([
            path_parameter("collection", "The name or id of a collection."),
            format,
            query_text("filter", "As in lists."),
            query_text("sort", "As in lists."),
            query_text("fields", "Names of fields, separated by commas. All by default."),
            bom,
        ])
        .needs_file_token()
        .answers("200", &json!({"description": "The file.", "content": content}))
        .fails(&["400", "404"])
}

fn import() -> Value {
    let file = object(
        &[
            ("name", text()),
            ("size", integer()),
            ("format", json!({"enum": ["csv", "json", "jsonl", "xlsx"]})),
            ("encoding", or_null("string")),
            ("delimiter", or_null("string")),
            ("sheet", or_null("string")),
            ("sheets", array(&text())),
        ],
        &["name", "size", "format", "sheets"],
    );
    let column = object(
        &[
            ("name", text()),
            ("type", text()),
            ("reason", text()),
            ("fits", array(&text())),
            ("blank", integer()),
            ("example", or_null("string")),
            ("values", json!({"type": ["array", "null"], "items": text()})),
        ],
        &["name", "type", "fits"],
    );
    let row = object(
        &[("line", integer()), ("cells", json!({"type": "array"})), ("error", or_null("string"))],
        &["line", "cells"],
    );
    let warning = object(&[("code", text()), ("column", or_null("string")), ("message", text())], &["code", "message"]);
    object(
        &[
            ("id", text()),
            ("state", json!({"enum": ["ready", "running", "done"]})),
            ("created", schemas::reference("DateTime")),
            ("expires", schemas::reference("DateTime")),
            ("file", file),
            ("rows", integer()),
            ("columns", array(&column)),
            ("preview", array(&row)),
            ("warnings", array(&warning)),
            ("plan", plan()),
            ("result", json!({"anyOf": [{"type": "null"}, result()]})),
        ],
        &["id", "state", "created", "expires"],
    )
}

fn upload() -> Value {
    let mut upload = settings();
    upload["properties"]["file"] = json!({"type": "string", "contentMediaType": "application/octet-stream"});
    upload["required"] = json!(["file"]);
    upload
}

fn settings() -> Value {
    let names = ["collection", "format", "delimiter", "encoding", "sheet"];
    let mut properties: Vec<(&str, Value)> = names.map(|name| (name, or_null("string"))).into();
    properties.push(("nulls", array(&text())));
    object(&properties, &[])
}

fn plan() -> Value {
    let relation = object(&[("collection", text()), ("field", or_null("string"))], &["collection"]);
    let column = object(
        &[
            ("column", text()),
            ("action", json!({"enum": ["field", "id", "skip"]})),
            ("field", or_null("string")),
            ("type", or_null("string")),
            ("isNew", json!({"type": "boolean"})),
            ("options", json!({"type": "object"})),
            ("relation", json!({"anyOf": [{"type": "null"}, relation]})),
            ("decimal", json!({"enum": [".", ",", null]})),
            ("dates", json!({"enum": ["dmy", "mdy", null]})),
            ("reason", text()),
        ],
        &["action"],
    );
    object(
        &[
            ("collection", text()),
            ("isNew", json!({"type": "boolean"})),
            ("mode", json!({"enum": ["create", "update", "upsert"]})),
            ("key", or_null("string")),
            ("badRows", json!({"enum": ["stop", "skip"]})),
            ("columns", array(&column)),
        ],
        &["collection", "columns"],
    )
}

fn result() -> Value {
    let bad_row = object(
        &[
            ("line", integer()),
            ("column", or_null("string")),
            ("field", or_null("string")),
            ("value", or_null("string")),
            ("reason", text()),
        ],
        &["line", "reason"],
    );
    let flag = json!({"type": "boolean"});
    object(
        &[
            ("collection", text()),
            ("collectionId", text()),
            ("isNew", flag.clone()),
            ("newFields", array(&text())),
            ("isDryRun", flag.clone()),
            ("isImported", flag.clone()),
            ("created", integer()),
            ("updated", integer()),
            ("badRows", array(&bad_row)),
            ("badRowCount", integer()),
            ("isStopped", flag),
            ("undoUntil", or_null("string")),
        ],
        &["collection", "isImported", "created", "updated", "badRows"],
    )
}

fn undo_plan() -> Value {
    let counts = ["changedRecords", "references", "otherRecords", "otherValues"];
    let mut loses: Vec<(&str, Value)> = counts.map(|name| (name, integer())).into();
    loses.push(("collectionChanged", json!({"type": "boolean"})));
    object(
        &[
            ("isUntouched", json!({"type": "boolean"})),
            ("deletes", integer()),
            ("restores", integer()),
            ("deletesCollection", json!({"type": "boolean"})),
            ("removesFields", array(&text())),
            ("loses", object(&loses, &[])),
            ("message", text()),
        ],
        &["isUntouched", "deletes", "restores", "loses", "message"],
    )
}

fn undone() -> Value {
    object(
        &[
            ("deleted", integer()),
            ("restored", integer()),
            ("collectionDeleted", json!({"type": "boolean"})),
            ("fieldsRemoved", array(&text())),
        ],
        &["deleted", "restored"],
    )
}

fn text() -> Value {
    json!({"type": "string"})
}

fn integer() -> Value {
    json!({"type": "integer"})
}

fn or_null(type_name: &str) -> Value {
    json!({"type": [type_name, "null"]})
}

fn array(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}
