//! Tools for superusers: rules and filters, sums, previews of changes, what is open to whom.

use super::operation::{Operation, path_parameter, query_text};
use super::schemas::reference;
use super::shapes::{
    any_object, array, complete, flag, integer, map_of, nullable, object, one_of, or_null, partly, text,
};
use super::{collections, previews};
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let one = || path_parameter("collection", "Its id or name.");
    let sums =
        complete(&[("totalItems", integer()), ("values", map_of(&json!({"type": ["number", "string", "null"]})))]);
    let preview = |method: Method, path: &str, id: &str, summary: &str, body: &Value| {
        Operation::new(method, path, id, summary)
            .takes(body)
            .gives(
                "What it would do to definitions and records, or why it would be refused.",
                &reference("SchemaPreview"),
            )
            .fails(&["400"])
    };
    vec![
        Operation::new(Method::GET, "/api/types/ts", "showTypes", "The collections as TypeScript for the JavaScript SDK")
            .parameters([query_text("collection", "The id or name of a collection, for its types alone.")])
            .answers("200", &json!({"description": "The types.", "content": {"text/plain": {"schema": text()}}}))
            .fails(&["404"]),
        Operation::new(Method::GET, "/api/exposure", "showExposure", "Which actions are open to whom, and what may surprise")
            .gives("Callers, and each collection with its actions, fields, files and warnings.", &reference("Exposure")),
        preview(
            Method::POST,
            "/api/collections/preview",
            "previewNewCollection",
            "What creating a collection would do",
            &collections::new_collection(),
        ),
        preview(
            Method::POST,
            "/api/collections/{collection}/preview",
            "previewCollection",
            "What changing a collection would do to its records",
            &collections::changed_collection(),
        )
        .parameters([one()])
        .fails(&["404"]),
        preview(
            Method::PUT,
            "/api/collections/import/preview",
            "previewImport",
            "What importing definitions would do",
            &collections::import(),
        ),
        Operation::new(
            Method::GET,
            "/api/collections/meta/rule-words",
            "listRuleWords",
            "What rules and filters may name, for editors",
        )
        .gives("Collections with fields, macros, functions, operators.", &reference("RuleWords")),
        Operation::new(
            Method::POST,
            "/api/collections/{collection}/rules/parse",
            "parseRule",
            "The parts of a rule or filter, and what is wrong with it",
        )
        .parameters([one()])
        .takes(&object(&[("rule", text())], &["rule"]))
        .gives("The tree, or the error with its place.", &parsed())
        .fails(&["400", "404"]),
        Operation::new(
            Method::POST,
            "/api/collections/{collection}/rules/test",
            "testRule",
            "Try a rule for one caller and one record, and explain it",
        )
        .parameters([one()])
        .takes(&trial())
        .gives("The verdict, and each part with its values.", &verdict())
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

/// The schemas that these operations refer to.
pub(super) fn components() -> Vec<(&'static str, Value)> {
    vec![
        ("SchemaPreview", previews::schema_preview()),
        ("CollectionPreview", previews::collection_preview()),
        ("Exposure", exposure()),
        ("ExposedCollection", exposed_collection()),
        ("RuleWords", rule_words()),
        ("RuleFault", fault()),
        ("RuleNode", node()),
        ("RuleOperand", operand()),
    ]
}

fn exposure() -> Value {
    complete(&[
        ("callers", array(&complete(&[("key", text()), ("collection", or_null("string"))]))),
        ("signUp", array(&text())),
        ("collections", array(&reference("ExposedCollection"))),
    ])
}

fn exposed_collection() -> Value {
    let access = |values: &[&str]| {
        let mut access = map_of(&one_of(values));
        access["description"] = "By the key of the caller.".into();
        access
    };
    let of_rule = || access(&["open", "closed", "conditional"]);
    let parts = json!({"type": "object", "additionalProperties": text(),
        "description": "What is left of the rule for a caller, where that is shorter."});
    let action = partly(
        &[
            ("action", one_of(&["list", "view", "create", "update", "delete", "manage", "auth"])),
            ("rule", or_null("string")),
            ("access", of_rule()),
        ],
        &[("parts", parts)],
    );
    let visibility = one_of(&["shown", "hidden", "never", "owner"]);
    let file = complete(&[
        ("field", text()),
        ("isProtected", flag()),
        ("access", access(&["open", "closed", "conditional", "link"])),
    ]);
    let auth = complete(&[
        ("password", flag()),
        ("oauth2", array(&text())),
        ("otp", flag()),
        ("mfa", flag()),
        ("signUp", of_rule()),
    ]);
    let warning = partly(
        &[
            ("code", text()),
            ("severity", one_of(&["high", "medium", "info"])),
            ("action", or_null("string")),
            ("caller", or_null("string")),
            ("message", text()),
        ],
        &[("field", text()), ("source", text())],
    );
    complete(&[
        ("id", text()),
        ("name", text()),
        ("type", one_of(&["base", "auth", "view"])),
        ("system", flag()),
        ("actions", array(&action)),
        ("fields", array(&complete(&[("name", text()), ("type", text()), ("visibility", visibility)]))),
        ("files", array(&file)),
        ("auth", nullable(&auth)),
        ("warnings", array(&warning)),
    ])
}

fn rule_words() -> Value {
    let field = partly(
        &[
            ("name", text()),
            ("type", text()),
            ("isHidden", flag()),
            ("isMultiple", flag()),
            ("target", json!({"type": ["string", "null"], "description": "The collection that a relation points to."})),
            ("modifiers", array(&text())),
        ],
        &[("choices", array(&text()))],
    );
    let back = complete(&[("name", text()), ("collection", text()), ("field", text()), ("isMultiple", flag())]);
    let collection = complete(&[
        ("id", text()),
        ("name", text()),
        ("type", text()),
        ("fields", array(&field)),
        ("backRelations", array(&back)),
    ]);
    let value = json!({"type": ["string", "number", "null"]});
    let function = complete(&[("name", text()), ("arguments", array(&text())), ("result", text())]);
    complete(&[
        ("collections", array(&collection)),
        ("authCollections", array(&text())),
        ("request", array(&partly(&[("name", text()), ("type", text())], &[("choices", array(&text()))]))),
        ("macros", array(&complete(&[("name", text()), ("type", text()), ("value", value)]))),
        ("functions", array(&function)),
        ("operators", array(&text())),
        ("joins", array(&text())),
        ("bodyModifiers", array(&text())),
    ])
}

/// What is wrong in a text, and where.
fn fault() -> Value {
    let place = || json!({"type": "integer", "minimum": 0, "description": "In UTF-16 code units."});
    partly(&[("message", text()), ("offset", place()), ("length", place())], &[("suggestion", text())])
}

/// What every part of a rule has: its text and where that is.
fn placed() -> [(&'static str, Value); 3] {
    let place = || json!({"type": "integer", "minimum": 0, "description": "In UTF-16 code units."});
    [("text", text()), ("offset", place()), ("length", place())]
}

fn node() -> Value {
    let operator = [&placed()[..], &[("relation", text()), ("isAny", flag())]].concat();
    let holds = json!({"type": ["boolean", "null"], "description": "Of a test: null if it was not evaluated."});
    partly(
        &[&[("type", one_of(&["all", "any", "comparison"]))], &placed()[..]].concat(),
        &[
            ("holds", holds),
            ("parts", array(&reference("RuleNode"))),
            ("operator", complete(&operator)),
            ("left", reference("RuleOperand")),
            ("right", reference("RuleOperand")),
        ],
    )
}

fn operand() -> Value {
    let kinds = ["field", "request", "collection", "macro", "function", "text", "number", "bool", "null"];
    let path = complete(&[("collection", text()), ("field", text()), ("fieldType", text()), ("isMultiple", flag())]);
    let values = json!({"type": ["array", "null"], "items": {},
        "description": "Of a test: what the side is for the record and caller; null if that is unknown or secret."});
    partly(
        &[&[("type", one_of(&kinds))], &placed()[..]].concat(),
        &[
            ("name", text()),
            ("modifier", or_null("string")),
            ("path", nullable(&path)),
            ("value", json!({"type": ["string", "number", "boolean", "null"]})),
            ("arguments", array(&reference("RuleOperand"))),
            ("values", values),
            ("isCut", flag()),
        ],
    )
}

fn parsed() -> Value {
    complete(&[
        ("tree", nullable(&reference("RuleNode"))),
        ("error", nullable(&reference("RuleFault"))),
        ("warnings", array(&reference("RuleFault"))),
    ])
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

fn verdict() -> Value {
    let issues = json!({"type": "object", "description": "Of create and update: what is wrong with the body."});
    partly(
        &[
            ("allowed", flag()),
            ("because", one_of(&["superuser", "open", "closed", "rule", "missing"])),
            ("rule", or_null("string")),
            ("reason", or_null("string")),
            ("status", or_null("integer")),
            ("tree", nullable(&reference("RuleNode"))),
            ("isComplete", flag()),
            ("warnings", array(&reference("RuleFault"))),
        ],
        &[("issues", issues)],
    )
}
