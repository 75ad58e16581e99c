use super::*;
use crate::domain::collections::{self, Missing};
use crate::domain::testing::{TestTx, collection, object, record, seeded};
use serde_json::json;

fn shown(tx: &TestTx, change: &SchemaChange) -> Preview {
    let before = tx.schema();
    let found = preview(tx, change, &crate::db::scratch).unwrap_or_else(|error| panic!("{error}"));
    assert!(Arc::ptr_eq(&before, &tx.schema()), "the schema is as before");
    found
}

fn update(tx: &TestTx, name: &str, input: Value) -> Preview {
    shown(tx, &SchemaChange::Update(name.to_owned(), object(input)))
}

fn of<'p>(preview: &'p Preview, name: &str) -> &'p Value {
    preview.collections.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{preview:?}"))
}

fn part<'p>(collection: &'p Value, list: &str, name: &str) -> &'p Value {
    let parts = collection[list].as_array().unwrap();
    parts.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{collection}"))
}

/// Three books with tags, of which one is blank.
fn shop() -> TestTx {
    let tx = seeded();
    collection(
        &tx,
        json!({"name": "books", "fields": [
            {"name": "title", "type": "text"}, {"name": "note", "type": "text"}, {"name": "pages", "type": "number"},
            {"name": "tags", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3}, {"name": "one", "type": "select", "values": ["x", "y"]}],
            "indexes": ["CREATE INDEX idx_pages ON books (pages)"], "listRule": "title = 'x'"}),
    );
    record(&tx, "books", json!({"title": "One", "note": "n", "pages": 10, "tags": ["a", "b"], "one": "x"}));
    record(&tx, "books", json!({"title": "one", "note": "", "pages": 200, "tags": ["c"]}));
    record(&tx, "books", json!({"title": "One"}));
    tx
}

/// The fields of books as the API shows them, changed by `change`.
fn fields(tx: &TestTx, change: impl Fn(&mut Vec<Value>)) -> Value {
    let books = collections::find(tx, "books").unwrap();
    let mut fields: Vec<Value> = books.fields.iter().map(|field| Value::Object(field.to_json())).collect();
    change(&mut fields);
    json!({"fields": fields})
}

#[test]
fn removed_and_converted_values_are_counted() {
    let tx = shop();
    let change = fields(&tx, |fields| {
        fields.retain(|field| field["name"] != "note");
        for field in fields.iter_mut() {
            match field["name"].as_str().unwrap() {
                "title" => field["name"] = "headline".into(),
                "tags" => field["maxSelect"] = 1.into(),
                "one" => field["maxSelect"] = 2.into(),
                _ => {}
            }
        }
        fields.push(json!({"name": "note", "type": "number"}));
        fields.push(json!({"name": "isbn", "type": "text", "required": true}));
    });
    let preview = update(&tx, "books", change);
    assert!(preview.error.is_none() && preview.loses_data && preview.is_complete, "{preview:?}");
    let books = of(&preview, "books");
    assert_eq!(
        (&books["action"], &books["isRequested"], &books["records"]),
        (&json!("update"), &json!(true), &json!(3))
    );
    let removed = books["fields"].as_array().unwrap().iter().find(|one| one["action"] == "remove").unwrap();
    assert_eq!((&removed["name"], &removed["filled"], &removed["dropped"]), (&json!("note"), &json!(1), &json!(1)));
    let added =
        books["fields"].as_array().unwrap().iter().find(|one| one["action"] == "add" && one["name"] == "note").unwrap();
    assert_eq!(added["replaces"], "text");
    let renamed = part(books, "fields", "headline");
    assert_eq!((&renamed["action"], &renamed["oldName"]), (&json!("rename"), &json!("title")));
    let tags = part(books, "fields", "tags");
    assert_eq!((&tags["conversion"], &tags["filled"], &tags["cut"]), (&json!("listToSingle"), &json!(2), &json!(1)));
    assert_eq!(tags["options"], json!([{"name": "maxSelect", "before": 3, "after": 1}]));
    assert_eq!(part(books, "fields", "one")["conversion"], "singleToList");
    let isbn = part(books, "fields", "isbn");
    assert_eq!(
        (&isbn["violations"]["count"], &isbn["violations"]["examples"][0]["code"]),
        (&json!(3), &json!("validation_required"))
    );
    // The rule follows the new name.
    assert_eq!(books["rules"], json!([{"name": "listRule", "before": "title = 'x'", "after": "headline = 'x'"}]));
    // The real change does what the preview says.
    let old = collections::find(&tx, "books").unwrap();
    assert_eq!(old.rules.list.as_deref(), Some("title = 'x'"));
}

#[test]
fn records_that_could_not_be_saved_again_are_counted() {
    let tx = shop();
    let change = fields(&tx, |fields| {
        for field in fields.iter_mut() {
            match field["name"].as_str().unwrap() {
                "title" => field["pattern"] = "^[A-Z]".into(),
                "note" => field["required"] = true.into(),
                "pages" => field["max"] = 100.into(),
                "tags" => field["values"] = json!(["a", "b", "d"]),
                "one" => field["presentable"] = true.into(),
                _ => {}
            }
        }
    });
    let preview = update(&tx, "books", change);
    assert!(preview.error.is_none() && !preview.loses_data, "{preview:?}");
    let books = of(&preview, "books");
    let count = |name: &str| part(books, "fields", name)["violations"]["count"].clone();
    assert_eq!(
        [count("title"), count("note"), count("pages"), count("tags")],
        [json!(1), json!(2), json!(1), json!(1)]
    );
    assert!(part(books, "fields", "one").get("violations").is_none());
    let example = &part(books, "fields", "title")["violations"]["examples"][0];
    assert_eq!((&example["value"], &example["code"]), (&json!("one"), &json!("validation_invalid_format")));
}

#[test]
fn a_unique_index_over_duplicates_is_refused_as_the_real_change_is() {
    let tx = shop();
    let books = collections::find(&tx, "books").unwrap();
    let check = |index: &str, expected: Option<(i64, i64)>| {
        let input = json!({"indexes": [index, "CREATE INDEX idx_pages ON books (pages)"]});
        let preview = update(&tx, "books", input.clone());
        let real = tx.savepoint(|| {
            let done = collections::update(&tx, &books, &object(input.clone())).map(drop);
            done.and(Err::<(), _>(Error::not_found()))
        });
        let is_refused = matches!(real, Err(Error::Invalid { .. }));
        assert_eq!(
            (preview.error.is_some(), is_refused),
            (expected.is_some(), expected.is_some()),
            "{index}: {preview:?} {real:?}"
        );
        let found = &part(of(&preview, "books"), "indexes", "u")["duplicates"];
        let expected = expected.unwrap_or_default();
        assert_eq!((found["groups"].as_i64().unwrap(), found["records"].as_i64().unwrap()), expected, "{index}");
        if let (Some(Error::Invalid { issues, .. }), Err(Error::Invalid { issues: real, .. })) = (&preview.error, &real)
        {
            let code = |issues: &Issues| issues.to_json()["indexes"]["0"]["code"].clone();
            assert_eq!(code(issues), code(real), "{index}");
            let examples = found["examples"].as_array().unwrap();
            assert!(!examples.is_empty() && examples[0]["ids"].as_array().unwrap().len() == 2, "{found}");
        }
    };
    check("CREATE UNIQUE INDEX u ON books (title)", Some((1, 2)));
    check("CREATE UNIQUE INDEX u ON books (title COLLATE NOCASE)", Some((1, 3)));
    check("CREATE UNIQUE INDEX u ON books (title, pages)", None);
    check("CREATE UNIQUE INDEX u ON books (title) WHERE pages > 0", None);
    check("CREATE UNIQUE INDEX u ON books (LOWER(title))", Some((1, 3)));
    check("CREATE UNIQUE INDEX u ON books (pages)", None);
    check("CREATE UNIQUE INDEX u ON books (note)", Some((1, 2)));
}

#[test]
fn errors_are_those_of_the_real_change() {
    let tx = shop();
    let tags =
        collection(&tx, json!({"name": "shelf", "type": "view", "viewQuery": "SELECT id, title, note FROM books"}));
    assert!(tags.is_view());
    let check = |change: SchemaChange| {
        let preview = shown(&tx, &change);
        let real = tx.savepoint(|| {
            match &change {
                SchemaChange::Create(input) => collections::create(&tx, input).map(drop),
                SchemaChange::Update(name, input) => {
                    collections::update(&tx, &collections::find(&tx, name).unwrap(), input).map(drop)
                }
                SchemaChange::Import(items, missing) => collections::import(&tx, items, *missing).map(drop),
            }
            .and(Err::<(), _>(Error::not_found()))
        });
        let told = |error: &Error| match error.answer() {
            Error::Invalid { message, issues } => format!("{message} {}", issues.to_json()),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            told(&preview.error.unwrap_or_else(|| panic!("{change:?}"))),
            told(&real.unwrap_err()),
            "{change:?}"
        );
        assert!(preview.collections.is_empty());
    };
    let update = |name: &str, input: Value| SchemaChange::Update(name.to_owned(), object(input));
    check(SchemaChange::Create(object(json!({"name": "bad name", "listRule": "nope = 1"}))));
    check(SchemaChange::Create(object(json!({"name": "books"}))));
    check(SchemaChange::Create(object(json!({"name": "v", "type": "view", "viewQuery": "SELECT nope FROM books"}))));
    check(SchemaChange::Create(object(json!({"name": "_params"}))));
    check(SchemaChange::Create(object(json!({"type": 5}))));
    check(update("books", json!({"listRule": "titel = 1"})));
    check(update("books", json!({"indexes": ["CREATE INDEX x ON books (nope)"]})));
    // A view breaks.
    let without = fields(&tx, |fields| fields.retain(|field| field["name"] != "note"));
    check(update("books", without));
    check(SchemaChange::Import(Vec::new(), Missing::Keep));
    check(SchemaChange::Import(
        vec![json!({"name": "x", "fields": [{"name": "y", "type": "nothing"}]})],
        Missing::Keep,
    ));
    // Another collection of the same name is imported in the place of one with records.
    check(SchemaChange::Import(vec![json!({"id": "other00000", "name": "books", "fields": []})], Missing::Delete));
}

#[test]
fn an_import_names_what_it_deletes_and_what_follows() {
    let tx = shop();
    collection(&tx, json!({"name": "shelf", "type": "view", "viewQuery": "SELECT id, title FROM books"}));
    let books = collections::find(&tx, "books").unwrap();
    let import = |items: Vec<Value>, missing| shown(&tx, &SchemaChange::Import(items, missing));
    let found = import(vec![json!({"name": "fresh", "fields": [{"name": "a", "type": "text"}]})], Missing::Delete);
    assert!(found.loses_data && found.error.is_none(), "{found:?}");
    assert_eq!((&of(&found, "fresh")["action"], &of(&found, "fresh")["isRequested"]), (&json!("create"), &json!(true)));
    let gone = of(&found, "books");
    assert_eq!((&gone["action"], &gone["isRequested"], &gone["records"]), (&json!("delete"), &json!(false), &json!(3)));
    let renamed = import(vec![json!({"id": books.id, "name": "novels"})], Missing::Keep);
    assert_eq!(of(&renamed, "novels")["oldName"], "books");
    let shelf = of(&renamed, "shelf");
    assert_eq!(
        (&shelf["isRequested"], &shelf["viewQuery"]["after"]),
        (&json!(false), &json!("SELECT id, title FROM \"novels\""))
    );
    assert!(!renamed.loses_data);
}

#[test]
fn a_new_view_is_checked_against_the_rows() {
    let tx = shop();
    let create = |query: &str| {
        shown(&tx, &SchemaChange::Create(object(json!({"name": "v", "type": "view", "viewQuery": query}))))
    };
    assert!(create("SELECT id, title FROM books").error.is_none());
    let refused = create("SELECT NULLIF(note, '') AS id FROM books").error;
    assert!(matches!(refused, Some(Error::Invalid { .. })), "{refused:?}");
    assert!(tx.schema().by_name("v").is_none());
}
