//! Imports and exports of files, for superusers.

use super::operation::{Operation, path_parameter, query_text};
use super::schemas::reference;
use super::shapes::{array, complete, filled_in, flag, integer, moment, nullable, object, one_of, or_null, text};
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
    let import = reference("Import");
    // A stream has no schema of OpenAPI 3.1: each event has its own.
    let events = json!({
        "description": "Events: `progress` (ImportProgress), then one `result` (ImportResult) or `error` (Error).",
        "content": {"text/event-stream": {}},
    });
    vec![
        of(Method::GET, "/api/imports", "listImports", "Your imports").gives(
            "The newest first, without columns, preview and plan.",
            &complete(&[("items", array(&reference("ImportSummary")))]),
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
            .takes(&object(&[("plan", plan()), ("dryRun", flag())], &["plan"]))
            .answers("200", &events),
        of(Method::GET, "/api/imports/{id}/undo", "inspectUndo", "What undoing an import would do and lose")
            .gives("It.", &reference("ImportUndoPreview")),
        of(Method::POST, "/api/imports/{id}/undo", "undoImport", "Undo an import")
            .takes_content(&json!({"application/json": {"schema": object(&[("force", flag())], &[])}}), false)
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

/// The schemas that these operations refer to.
pub(super) fn components() -> [(&'static str, Value); 6] {
    [
        ("ImportSummary", complete(&summary())),
        ("Import", import()),
        ("ImportPlan", filled_in(plan())),
        ("ImportProgress", complete(&[("done", integer()), ("total", integer())])),
        ("ImportResult", result()),
        ("ImportUndoPreview", undo_plan()),
    ]
}

fn summary() -> [(&'static str, Value); 7] {
    let file = complete(&[
        ("name", text()),
        ("size", integer()),
        ("format", one_of(&["csv", "json", "jsonl", "xlsx"])),
        ("encoding", or_null("string")),
        ("delimiter", or_null("string")),
        ("sheet", or_null("string")),
        ("sheets", array(&text())),
    ]);
    [
        ("id", text()),
        ("state", one_of(&["ready", "running", "done"])),
        ("created", moment()),
        ("expires", moment()),
        ("file", file),
        ("rows", integer()),
        ("result", nullable(&reference("ImportResult"))),
    ]
}

fn import() -> Value {
    let described = |schema: Value, description: &str| {
        let mut schema = schema;
        schema["description"] = description.into();
        schema
    };
    let column = complete(&[
        ("name", text()),
        ("type", described(text(), "The guess for a new field.")),
        ("reason", text()),
        ("fits", described(array(&text()), "Types that every filled cell fits.")),
        ("blank", described(integer(), "The number of empty cells.")),
        ("example", or_null("string")),
        (
            "values",
            described(json!({"type": ["array", "null"], "items": text()}), "The distinct texts, if they are few."),
        ),
    ]);
    let row = complete(&[("line", integer()), ("cells", array(&json!({}))), ("error", or_null("string"))]);
    let warning = complete(&[("code", text()), ("column", or_null("string")), ("message", text())]);
    let plan = described(nullable(&reference("ImportPlan")), "null if no plan can be suggested; a warning says why.");
    let more = [("columns", array(&column)), ("preview", array(&row)), ("warnings", array(&warning)), ("plan", plan)];
    complete(&[&summary()[..], &more].concat())
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
            ("action", one_of(&["field", "id", "skip"])),
            ("field", or_null("string")),
            ("type", or_null("string")),
            ("isNew", flag()),
            ("options", json!({"type": "object"})),
            ("relation", nullable(&relation)),
            ("decimal", json!({"enum": [".", ",", null]})),
            ("dates", json!({"enum": ["dmy", "mdy", null]})),
            ("reason", text()),
        ],
        &["action"],
    );
    object(
        &[
            ("collection", text()),
            ("isNew", flag()),
            ("mode", one_of(&["create", "update", "upsert"])),
            (
                "key",
                json!({"type": ["string", "null"], "description": "The column that finds the record, for `update` and `upsert`."}),
            ),
            ("badRows", one_of(&["stop", "skip"])),
            ("columns", array(&column)),
        ],
        &["collection", "columns"],
    )
}

fn result() -> Value {
    let nullable_list = json!({
        "type": ["array", "null"],
        "items": text(),
        "description": "The cells of the row in the order of the file. Null where they were not kept.",
    });
    let bad_row = complete(&[
        ("line", integer()),
        ("column", or_null("string")),
        ("field", or_null("string")),
        ("value", or_null("string")),
        ("reason", text()),
        ("cells", nullable_list),
    ]);
    let stopped =
        json!({"type": "boolean", "description": "More than a thousand rows were bad, and the rest was not read."});
    complete(&[
        ("collection", text()),
        ("collectionId", text()),
        ("isNew", flag()),
        ("newFields", array(&text())),
        ("columns", array(&text())),
        ("isDryRun", flag()),
        ("isImported", flag()),
        ("created", integer()),
        ("updated", integer()),
        ("badRows", array(&bad_row)),
        ("badRowCount", integer()),
        ("isStopped", stopped),
        ("undoUntil", or_null("string")),
    ])
}

fn undo_plan() -> Value {
    let counts = ["changedRecords", "references", "otherRecords", "otherValues"];
    let mut loses: Vec<(&str, Value)> = counts.map(|name| (name, integer())).into();
    loses.push(("collectionChanged", flag()));
    complete(&[
        ("isUntouched", flag()),
        ("deletes", integer()),
        ("restores", integer()),
        ("deletesCollection", flag()),
        ("removesFields", array(&text())),
        ("loses", complete(&loses)),
        ("message", text()),
    ])
}

fn undone() -> Value {
    complete(&[
        ("deleted", integer()),
        ("restored", integer()),
        ("collectionDeleted", flag()),
        ("fieldsRemoved", array(&text())),
    ])
}
