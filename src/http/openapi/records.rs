//! The record endpoints of every collection.

use super::operation::{Operation, expand, fields, paging, path_parameter, query, query_text};
use super::{Audience, schemas};
use crate::domain::fields::FieldKind;
use crate::domain::model::{Collection, RuleKind};
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations(collection: &Collection, audience: Audience) -> Vec<Operation> {
    let name = &collection.name;
    let path = format!("/api/collections/{}/records", segment(name));
    let one = format!("{path}/{{id}}");
    let record = schemas::reference(&format!("{name}Record"));
    let of = |kind: RuleKind, method: Method, path: &str, id: &str, summary: String| {
        let operation = Operation::new(method, path, format!("{id}_{name}"), summary).tag(name);
        let operation = operation.fails(&["400", "403", "404"]);
        if collection.rule(kind).is_none() { operation.needs_token() } else { operation }
    };
    let id = || path_parameter("id", "The record's id.");
    let mut operations = vec![
        (
            RuleKind::List,
            of(RuleKind::List, Method::GET, &path, "list", format!("List records of {name}"))
                .parameters(paging())
                .parameters([expand(), fields()])
                .gives("A page of records.", &schemas::page_of(&record)),
        ),
        (
            RuleKind::View,
            of(RuleKind::View, Method::GET, &one, "view", format!("Get a record of {name}"))
                .parameters([id(), expand(), fields()])
                .gives("The record.", &record),
        ),
    ];
    if !collection.is_view() {
        operations.extend([
            (
                RuleKind::Create,
                of(RuleKind::Create, Method::POST, &path, "create", format!("Create a record of {name}"))
                    .parameters([expand(), fields()])
                    .takes_content(&content(collection, audience, "Create"), true)
                    .gives("The created record.", &record),
            ),
            (
                RuleKind::Update,
                of(RuleKind::Update, Method::PATCH, &one, "update", format!("Update a record of {name}"))
                    .parameters([id(), expand(), fields()])
                    .takes_content(&content(collection, audience, "Update"), true)
                    .gives("The updated record.", &record),
            ),
            (
                RuleKind::Delete,
                of(RuleKind::Delete, Method::DELETE, &one, "delete", format!("Delete a record of {name}"))
                    .parameters([id()])
                    .gives_nothing("Deleted."),
            ),
        ]);
    }
    let is_open = |kind: RuleKind| audience == Audience::Superusers || collection.rule(kind).is_some();
    let mut operations: Vec<Operation> =
        operations.into_iter().filter(|(kind, _)| is_open(*kind)).map(|(_, operation)| operation).collect();
    if collection.fields.iter().any(|field| matches!(field.kind, FieldKind::File(_))) {
        operations.push(file(collection));
    }
    operations
}

fn content(collection: &Collection, audience: Audience, kind: &str) -> Value {
    let schema = schemas::reference(&format!("{}{kind}", collection.name));
    let mut content = json!({"application/json": {"schema": schema}});
    if let Some(form) = schemas::form(collection, audience) {
        content["multipart/form-data"] = json!({"schema": form});
    }
    content
}

fn file(collection: &Collection) -> Operation {
    let name = &collection.name;
    let path = format!("/api/files/{}/{{recordId}}/{{filename}}", segment(name));
    let answer = json!({
        "description": "The file.",
        "content": {"*/*": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}},
    });
    Operation::new(Method::GET, path, format!("file_{name}"), format!("Download a file of a record of {name}"))
        .tag(name)
        .parameters([
            path_parameter("recordId", "The record's id."),
            path_parameter("filename", "The file's name, as stored in the record."),
            query_text("thumb", "A thumbnail size that the field offers, such as `100x100`."),
            query_text("token", "A file token, for protected files."),
            query(
                "download",
                "Whether the browser should save the file instead of showing it.",
                &json!({"type": "boolean"}),
            ),
        ])
        .answers("200", &answer)
        .fails(&["404"])
}

/// Encodes a name for a path.
pub(super) fn segment(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::CONTROLS).to_string()
}
