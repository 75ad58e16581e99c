//! Operations on collections, for superusers.

use super::auth_options;
use super::operation::{Operation, fields, paging, path_parameter};
use super::schemas::{self, reference};
use super::shapes::{any_object, array, complete, filled_in, flag, object, text};
use http::Method;
use serde_json::{Map, Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let shown = reference("Collection");
    let one = || path_parameter("collection", "Its id or name.");
    let of = |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary);
    let dry_run = complete(&[("fields", array(&reference("Field"))), ("sample", array(&any_object()))]);
    let provider = complete(&[("name", text()), ("displayName", text()), ("logo", text())]);
    let path = "/api/collections/{collection}";
    vec![
        of(Method::GET, "/api/collections", "listCollections", "List collections")
            .parameters(paging())
            .parameters([fields()])
            .gives("A page of collections.", &schemas::page_of(&shown))
            .fails(&["400"]),
        of(Method::POST, "/api/collections", "createCollection", "Create a collection")
            .parameters([fields()])
            .takes(&new_collection())
            .gives("The collection.", &shown)
            .fails(&["400"]),
        of(Method::GET, path, "viewCollection", "Get a collection")
            .parameters([one(), fields()])
            .gives("The collection.", &shown)
            .fails(&["404"]),
        of(Method::PATCH, path, "updateCollection", "Update a collection")
            .parameters([one(), fields()])
            .takes(&changed_collection())
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
            .takes(&import())
            .gives_nothing("Imported.")
            .fails(&["400"]),
        of(Method::GET, "/api/collections/meta/scaffolds", "showScaffolds", "Get an empty collection of each type")
            .parameters([fields()])
            .gives("The collections by type.", &complete(&["base", "auth", "view"].map(|kind| (kind, shown.clone())))),
        of(
            Method::GET,
            "/api/collections/meta/oauth2-providers",
            "listOauth2Providers",
            "List the supported sign-in providers",
        )
        .parameters([fields()])
        .gives("All providers.", &array(&provider)),
        of(Method::POST, "/api/collections/meta/dry-run-view", "tryView", "Run a view's query without saving it")
            .parameters([fields()])
            .takes(&object(&[("query", text())], &["query"]))
            .gives("The fields and the first records.", &dry_run)
            .fails(&["400"]),
    ]
}

/// The schemas that these operations refer to.
pub(super) fn components() -> [(&'static str, Value); 3] {
    [("FieldInput", schemas::field_input()), ("Field", schemas::stored_field()), ("Collection", shown_collection())]
}

/// The body that imports collections.
pub(super) fn import() -> Value {
    object(&[("collections", array(&any_object())), ("deleteMissing", flag())], &["collections"])
}

/// The body that changes a collection of any type. Options of auth collections are ignored for the others.
pub(super) fn changed_collection() -> Value {
    let mut properties = usual_properties(&reference("FieldInput"));
    properties.extend(auth_options::properties());
    json!({"type": "object", "properties": properties})
}

/// The body that creates a collection. The name is required, and for a view also its query.
pub(super) fn new_collection() -> Value {
    let mut new = changed_collection();
    new["required"] = json!(["name"]);
    new["if"] = json!({"properties": {"type": {"const": "view"}}, "required": ["type"]});
    new["then"] = json!({"required": ["viewQuery"]});
    new
}

/// A collection in responses. Stored collections may contain keys of a later version. A view has a query, and an auth
/// collection has its options.
fn shown_collection() -> Value {
    let mut properties = usual_properties(&reference("Field"));
    let mut required: Vec<String> = properties.keys().filter(|key| *key != "viewQuery").cloned().collect();
    for key in ["created", "updated"] {
        properties.insert(key.to_owned(), reference("DateTime"));
        required.push(key.to_owned());
    }
    properties.extend(auth_options::properties().into_iter().map(|(key, schema)| (key, filled_in(schema))));
    json!({"type": "object", "required": required, "properties": properties})
}

fn usual_properties(field: &Value) -> Map<String, Value> {
    let rule = || json!({"type": ["string", "null"], "description": "null for superusers only, empty for everyone, else a filter."});
    let properties = json!({
        "id": text(),
        "name": text(),
        "type": {"enum": ["base", "auth", "view"]},
        "system": flag(),
        "listRule": rule(),
        "viewRule": rule(),
        "createRule": rule(),
        "updateRule": rule(),
        "deleteRule": rule(),
        "fields": array(field),
        "viewQuery": {"type": "string", "description": "The SELECT statement of a view. Its fields are derived from it."},
        "indexes": array(&text()),
    });
    properties.as_object().cloned().unwrap_or_default()
}
