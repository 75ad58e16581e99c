//! The owner's scripts, for superusers.

use super::operation::{Operation, fields, path_parameter, query_text};
use super::shapes::{array, complete, flag, integer, moment, nullable, object, one_of, text};
use http::Method;
use serde_json::{Value, json};

const FILE: &str = "/api/scripts/files/{path}";

pub(super) fn operations() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| Operation::new(method, path, id, summary);
    let path = || path_parameter("path", "The file's name, such as `orders.rhai` or `lib/prices.rhai`.");
    let kind = one_of(&["script", "module", "test", "template"]);
    let file = complete(&[
        ("name", text()),
        ("kind", kind.clone()),
        ("text", text()),
        ("hash", json!({"type": "string", "description": "Of the text."})),
    ]);
    let listed = complete(&[
        ("name", text()),
        ("kind", kind),
        ("size", json!({"type": "integer", "description": "In bytes."})),
        ("modified", moment()),
        ("handlers", array(&handler())),
    ]);
    let list = complete(&[
        ("folder", text()),
        (
            "editable",
            json!({"type": "boolean", "description": "Whether files can be changed and texts run over the API."}),
        ),
        (
            "watching",
            json!({"type": "boolean", "description": "Whether files that change are loaded while the server runs."}),
        ),
        ("loadedAt", moment()),
        ("problem", nullable(&mistake())),
        ("files", array(&listed)),
    ]);
    let new_text = json!({"type": "string", "description": "At most 1 MiB."});
    let old_hash = json!({"type": "string", "description": "Of the text that was read. Left out for a new file."});
    let renamed = json!({"type": "string", "description": "The name of the file that gets this name and text. `hash` is that of its text."});
    let run = complete(&[
        ("value", json!({"description": "Any JSON."})),
        ("output", array(&text())),
        ("problem", nullable(&mistake())),
        ("milliseconds", number()),
    ]);
    vec![
        of(Method::GET, "/api/scripts", "listScripts", "List the scripts with their handlers")
            .parameters([fields()])
            .gives("All files, and what is wrong with them.", &list),
        of(Method::POST, "/api/scripts/check", "checkScript", "Look for mistakes in a text")
            .takes(&object(&[("name", text()), ("text", new_text.clone())], &["name", "text"]))
            .gives(
                "The first mistake, or what the file would register, and names in it that stand for nothing.",
                &complete(&[
                    ("problem", nullable(&mistake())),
                    ("warnings", array(&mistake())),
                    ("handlers", array(&handler())),
                ]),
            )
            .fails(&["400"]),
        of(Method::POST, "/api/scripts/run", "runScript", "Run a text with all rights")
            .takes(&object(&[("text", new_text.clone()), ("keep", flag())], &["text"]))
            .gives("How it ended. Its writes are undone unless `keep` is true and it succeeds.", &run)
            .fails(&["400"]),
        of(Method::GET, FILE, "viewScript", "Read a file")
            .parameters([path(), fields()])
            .gives("The file.", &file)
            .fails(&["400", "404"]),
        of(Method::PUT, FILE, "writeScript", "Create, replace or rename a file")
            .parameters([path(), fields()])
            .takes(&object(&[("text", new_text), ("hash", old_hash), ("from", renamed)], &["text"]))
            .gives("The file. It is in force.", &file)
            .fails(&["400"]),
        of(Method::DELETE, FILE, "deleteScript", "Remove a file")
            .parameters([path(), query_text("hash", "Of the text that was read, if it must not have changed.")])
            .gives_nothing("Removed.")
            .fails(&["400", "404"]),
    ]
}

fn handler() -> Value {
    complete(&[
        ("kind", one_of(&["event", "route", "job", "cron"])),
        (
            "name",
            json!({"type": "string", "description": "`before_create`, `GET /path`, or the name of a job or cron."}),
        ),
        (
            "targets",
            json!({"type": "array", "items": text(), "description": "The collections of an event; `*` for all."}),
        ),
        ("line", integer()),
        ("calls", integer()),
        ("errors", integer()),
        ("totalMilliseconds", number()),
        ("maxMilliseconds", number()),
        ("lastError", nullable(&mistake())),
    ])
}

fn mistake() -> Value {
    complete(&[
        ("file", text()),
        ("line", json!({"type": "integer", "description": "From 1; 0 if not known."})),
        ("column", integer()),
        ("message", text()),
        ("at", moment()),
    ])
}

fn number() -> Value {
    json!({"type": "number"})
}
