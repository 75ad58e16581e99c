//! Tools for superusers: rules and filters, sums, previews of changes, what is open to whom.

use super::operation::{Operation, path_parameter, query_text};
use super::server::{any_object, text};
use super::sign_in::object;
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let many = || json!({"type": "array", "items": any_object()});
    let one = || path_parameter("collection", "Its id or name.");
    let nullable = |schema: Value| json!({"anyOf": [schema, {"type": "null"}]});
    let parsed = object(
        &[
            ("tree", nullable(any_object())),
            ("error", nullable(fault())),
            ("warnings", json!({"type": "array", "items": fault()})),
        ],
        &["tree", "error", "warnings"],
    );
    let values = json!({"type": "object", "additionalProperties": {"type": ["number", "string", "null"]}});
    let sums = object(&[("totalItems", json!({"type": "integer"})), ("values", values)], &["totalItems", "values"]);
    let preview = |method: Method, path: &str, id: &str, summary: &str| {
        Operation::new(method, path, id, summary)
            .takes(&any_object())
            .gives("What it would do to definitions and records, or why it would be refused.", &preview_answer())
            .fails(&["400"])
    };
    let exposed = object(
        &[("callers", many()), ("signUp", json!({"type": "array", "items": text()})), ("collections", many())],
        &["callers", "signUp", "collections"],
    );
    vec![
        Operation::new(Method::GET, "/api/exposure", "showExposure", "Which actions are open to whom, and what may surprise")
            .gives("Callers, and each collection with its actions, fields, files and warnings.", &exposed),
        preview(Method::POST, "/api/collections/preview", "previewNewCollection", "What creating a collection would do"),
        preview(
            Method::POST,
            "/api/collections/{collection}/preview",
            "previewCollection",
            "What changing a collection would do to its records",
        )
        .parameters([one()])
        .fails(&["404"]),
        preview(Method::PUT, "/api/collections/import/preview", "previewImport", "What importing definitions would do"),
        Operation::new(
            Method::GET,
            "/api/collections/meta/rule-words",
            "listRuleWords",
            "What rules and filters may name, for editors",
        )
        .gives("Collections with fields, macros, functions, operators.", &any_object()),
        Operation::new(
            Method::POST,
            "/api/collections/{collection}/rules/parse",
            "parseRule",
            "The parts of a rule or filter, and what is wrong with it",
        )
        .parameters([one()])
        .takes(&object(&[("rule", text())], &["rule"]))
        .gives("The tree, or the error with its place.", &parsed)
        .fails(&["400", "404"]),
        Operation::new(
            Method::POST,
            "/api/collections/{collection}/rules/test",
            "testRule",
            "Try a rule for one caller and one record, and explain it",
        )
        .parameters([one()])
        .takes(&trial())
        .gives("The verdict, and each part with its values.", &verdict(nullable(any_object())))
        .fails(&["400", "404"]),
        Operation::new(
            Method::GET,
            "/api/collections/{collection}/aggregate",
            "aggregateRecords",
            "Sums, averages and counts over what a filter selects",
        )
        .parameters([
            one(),
            query_text("filter", "A filter, such as `title ~ 'abc' && created > '2026-01-01'`."),
            query_text("fields", "Fields with functions, such as `price:sum,id:count`: `count`, `filled`, `empty`, `distinct`, `sum`, `avg`, `min`, `max`."),
        ])
        .gives("The number of records, and the values by `field:function`.", &sums)
        .fails(&["400", "404"]),
    ]
}

fn preview_answer() -> Value {
    let flag = || json!({"type": "boolean"});
    let collections = json!({"type": "array", "items": any_object()});
    object(
        &[
            ("isAllowed", flag()),
            ("error", json!({"anyOf": [super::schemas::reference("Error"), {"type": "null"}]})),
            ("losesData", flag()),
            ("isComplete", flag()),
            ("collections", collections),
        ],
        &["isAllowed", "error", "losesData", "isComplete", "collections"],
    )
}

/// What is wrong in a text, and where, in UTF-16 code units.
fn fault() -> Value {
    let number = || json!({"type": "integer", "minimum": 0});
    object(
        &[("message", text()), ("offset", number()), ("length", number()), ("suggestion", text())],
        &["message", "offset", "length"],
    )
}

fn trial() -> Value {
    let texts = || json!({"type": "object", "additionalProperties": {"type": "string"}});
    let caller = json!({"anyOf": [
        {"enum": ["guest", "superuser"]},
        object(&[("collection", text()), ("id", text())], &["collection", "id"]),
    ]});
    object(
        &[
            ("kind", json!({"enum": ["list", "view", "create", "update", "delete", "manage", "auth", "mfa"]})),
            (
                "rule",
                json!({"type": ["string", "null"], "description": "Instead of the stored rule; null for superusers only."}),
            ),
            ("caller", caller),
            ("record", text()),
            ("body", any_object()),
            ("query", texts()),
            ("headers", texts()),
            ("method", json!({"enum": ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]})),
            (
                "context",
                json!({"enum": ["default", "oauth2", "otp", "password", "realtime", "protectedFile", "expand", "batch"]}),
            ),
        ],
        &["kind"],
    )
}

fn verdict(tree: Value) -> Value {
    object(
        &[
            ("allowed", json!({"type": "boolean"})),
            ("because", json!({"enum": ["superuser", "open", "closed", "rule", "missing"]})),
            ("rule", json!({"type": ["string", "null"]})),
            ("reason", json!({"type": ["string", "null"]})),
            ("status", json!({"type": ["integer", "null"]})),
            ("tree", tree),
            ("isComplete", json!({"type": "boolean"})),
            ("warnings", json!({"type": "array", "items": fault()})),
            ("issues", any_object()),
        ],
        &["allowed", "because", "rule", "reason", "status", "tree", "isComplete", "warnings"],
    )
}
