//! What a change of the schema would do, as it is answered.

use super::schemas::reference;
use super::shapes::{array, complete, flag, integer, map_of, nullable, one_of, or_null, partly, text};
use serde_json::{Value, json};

pub(super) fn schema_preview() -> Value {
    complete(&[
        ("isAllowed", flag()),
        ("error", nullable(&reference("Error"))),
        ("losesData", flag()),
        ("isComplete", flag()),
        ("collections", array(&reference("CollectionPreview"))),
    ])
}

pub(super) fn collection_preview() -> Value {
    let requested = json!({"type": "boolean", "description": "False if it only changes with what the request names."});
    let records =
        json!({"type": ["integer", "null"], "description": "null for views, new collections and if it is unknown."});
    let rule = complete(&[("name", text()), ("before", or_null("string")), ("after", or_null("string"))]);
    let query = complete(&[("before", text()), ("after", text())]);
    partly(
        &[
            ("id", text()),
            ("name", text()),
            ("oldName", or_null("string")),
            ("type", one_of(&["base", "auth", "view"])),
            ("action", one_of(&["create", "update", "delete"])),
            ("isRequested", requested),
            ("records", records),
            ("fields", array(&field())),
            ("indexes", array(&index())),
            ("rules", array(&rule)),
        ],
        &[("viewQuery", query)],
    )
}

fn field() -> Value {
    let number = |description: &str| json!({"type": ["integer", "null"], "description": description});
    let replaces = "The type of the field of this name whose values are not taken along.";
    let example = complete(&[("id", text()), ("value", json!({})), ("code", text()), ("message", text())]);
    let violations = complete(&[("count", integer()), ("isExact", flag()), ("examples", array(&example))]);
    let option = complete(&[("name", text()), ("before", json!({})), ("after", json!({}))]);
    partly(
        &[
            ("action", one_of(&["add", "remove", "rename", "change"])),
            ("id", text()),
            ("name", text()),
            ("type", text()),
        ],
        &[
            ("oldName", text()),
            ("replaces", json!({"type": "string", "description": replaces})),
            ("options", array(&option)),
            ("filled", number("Records in which it is not empty; null if that is unknown.")),
            ("dropped", number("Values that would be lost; null if that is unknown.")),
            ("conversion", one_of(&["listToSingle", "singleToList"])),
            ("cut", number("Lists of which only the last item would stay; null if that is unknown.")),
            ("violations", violations),
        ],
    )
}

fn index() -> Value {
    let example = complete(&[("values", map_of(&json!({}))), ("count", integer()), ("ids", array(&text()))]);
    let duplicates =
        complete(&[("groups", integer()), ("records", integer()), ("isExact", flag()), ("examples", array(&example))]);
    partly(
        &[("action", one_of(&["add", "remove", "change"])), ("name", text()), ("sql", text()), ("isUnique", flag())],
        &[("duplicates", nullable(&duplicates))],
    )
}
