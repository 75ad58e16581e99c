use super::*;
use crate::domain::testing::{collection, seeded};
use serde_json::json;
use std::path::Path;

/// What is found in files of these names and texts, as `file:line:column: message`.
fn found(files: &[(&str, &str)], schema: Option<&Schema>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    shown(folder.path(), schema)
}

fn shown(folder: &Path, schema: Option<&Schema>) -> Vec<String> {
    lint(&Sources::new(folder), &Limits::default(), schema).iter().map(ToString::to_string).collect()
}

fn check(line: &str, expected: &[&str]) {
    let found = found(&[("a.rhai", line)], None);
    let found: Vec<&str> = found.iter().map(|one| one.strip_prefix("a.rhai:").unwrap_or(one)).collect();
    assert_eq!(found, expected, "{line}");
}

#[test]
fn functions_that_do_not_exist_are_named_with_their_place() {
    check("on_create(\"a\", |e| xyzzy(e));", &["1:20: there is no function `xyzzy`"]);
    check("let x = rond(1.5);", &["1:9: there is no function `rond`; did you mean `round`?"]);
    check("before_crate(\"a\", |e| 1);", &["1:1: there is no function `before_crate`; did you mean `before_create`?"]);
    check("fn vat(x) { x } let y = vta(1);", &["1:25: there is no function `vta`; did you mean `vat`?"]);
    check("fn vat(x) { x } let y = vat(1, 2);", &["1:25: the function `vat` takes 1 value, not 2 values"]);
    check("fn vat(x) { x } let y = 5.vat();", &["1:27: `vat` is a function of the script: write vat(…), not .vat(…)"]);
    check("let f = |x| x; f(1);", &["1:16: `f` is a variable: write f.call(…)"]);
    check("let x = \"a\"; x.trimm();", &["1:16: there is no function `trimm`; did you mean `trim`?"]);
}

#[test]
fn functions_of_the_database_are_known_wherever_it_stands() {
    let wrong = "`db` has no function `lst`; did you mean `db.list`?";
    check("on_create(\"a\", |e| db.lst(\"b\"));", &[&format!("1:23: {wrong}")]);
    check("on_create(\"a\", |e| e.db.lst(\"b\"));", &[&format!("1:25: {wrong}")]);
    check("on_create(\"a\", |e| db.acting_as(e.caller).lst(\"b\"));", &[&format!("1:43: {wrong}")]);
    check("on_create(\"a\", |e| db.transaction(|db| db.lst(\"b\")));", &[&format!("1:43: {wrong}")]);
    check(
        "on_create(\"a\", |e| db.acting_as());",
        &["1:23: `db.acting_as` cannot be called with these arguments: write `db.acting_as(caller)`"],
    );
    // Texts have this one.
    check("on_create(\"a\", |e| db.trim());", &["1:23: `db` has no function `trim`"]);
    check("on_create(\"a\", |e| log.wran(\"b\"));", &["1:24: `log` has no function `wran`; did you mean `log.warn`?"]);
}

#[test]
fn what_may_exist_is_not_told() {
    for line in [
        "let tools = #{ shout: |x| x }; tools.shout(1);",
        "let tools = #{}; tools.shout = |x| x; tools.shout(1);",
        "let tools = #{}; tools[\"shout\"] = |x| x; tools.shout(1);",
        "let f = |x| x; f.call(1); let g = Fn(\"h\"); fn h() { this } 5.h();",
        "let db = #{ lst: |x| x }; db.lst(1);",
        "let x = [1, 2].map(|n| n * 2).filter(|n| n in 0..5); x.len(); x.len; type_of(x); print(x); -x[0];",
        "let x = 1; let y = `${x}: ${x.to_string()}`; if !y.is_empty() { debug(y) }",
        "on_create(\"a\", |e| db.list(\"logs\").map(|log| log.shown()).filter(|kv| kv.shown()));fn shown() { this }",
        "on_create([\"a\", \"b\"], |e| { e.record.title.to_upper(); e.db.count(\"a\"); now().in_zone(\"UTC\") });",
    ] {
        check(line, &[]);
    }
}

#[test]
fn functions_of_modules_are_known() {
    let files = [
        ("lib/prices.rhai", "fn of(record) { private_part(record) } fn private_part(record) { rond(1.5) }"),
        (
            "a.rhai",
            "import \"lib/prices\" as prices;\nlet x = prices::off(1);\nlet y = prices::of(1, 2);\nlet z = prices::of(1);",
        ),
        ("a.test.rhai", "test(\"x\", || { asert_eq(1, 1); assert_eq(1, 1) });"),
        ("b.rhai", "assert_eq(1, 1);"),
    ];
    assert_eq!(
        found(&files, None),
        [
            "a.rhai:2:17: lib/prices.rhai has no function `off`; did you mean `of`?",
            "a.rhai:3:17: the function `of` of lib/prices.rhai takes 1 value, not 2 values",
            "a.test.rhai:1:16: there is no function `asert_eq`; did you mean `assert_eq`?",
            "b.rhai:1:1: there is no function `assert_eq`",
            "lib/prices.rhai:1:66: there is no function `rond`; did you mean `round`?",
        ]
    );
}

#[test]
fn collections_and_fields_are_looked_up_in_the_schema() {
    let tx = seeded();
    let fields = json!([{"name": "title", "type": "text"}, {"name": "created", "type": "autodate", "onCreate": true}]);
    collection(&tx, json!({"name": "posts", "fields": fields}));
    let schema = tx.schema();
    let check = |line: &str, expected: &[&str]| {
        let found = found(&[("a.rhai", line)], Some(&schema));
        let found: Vec<&str> = found.iter().map(|one| one.strip_prefix("a.rhai:").unwrap_or(one)).collect();
        assert_eq!(found, expected, "{line}");
    };
    check("before_create(\"psts\", |e| 1);", &["1:15: there is no collection `psts`; did you mean `posts`?"]);
    check(
        "before_create([\"posts\", \"psts\"], |e| 1);",
        &["1:25: there is no collection `psts`; did you mean `posts`?"],
    );
    check("on_sign_in(\"posts\", |e| 1);", &["1:12: nobody signs in with `posts`: it is not an auth collection"]);
    check(
        "cron(\"x\", \"@daily\", || db.list(\"psts\"));",
        &["1:32: there is no collection `psts`; did you mean `posts`?"],
    );
    let field = "the collection `posts` has no field `titel`; did you mean `title`?";
    check("before_create(\"posts\", |e| e.record.titel = \"x\");", &[&format!("1:37: {field}")]);
    check("let n = 1; before_create(\"posts\", |e| print(e.record.titel + n));", &[&format!("1:54: {field}")]);
    check("cron(\"x\", \"@daily\", || db.create(\"posts\", #{ titel: 1 }));", &[&format!("1:46: {field}")]);
    let filter = "a filter or sort of `posts` cannot use `titel`; did you mean `title`?";
    check("cron(\"x\", \"@daily\", || db.list(\"posts\", \"titel = 'x'\"));", &[&format!("1:41: {filter}")]);
    check(
        "cron(\"x\", \"@daily\", || db.list(\"posts\", \"\", #{}, #{ sort: \"-titel\" }));",
        &[&format!("1:59: {filter}")],
    );
    check(
        "cron(\"x\", \"@daily\", || db.count(\"posts\", \"title = {:t}\"));",
        &["1:42: the filter is wrong at character 9: there is no value for {:t}"],
    );
    for line in [
        "before_create(\"*\", |e| e.record.whatever = 1);",
        "validate(\"posts\", |e| e.record.title); validate(\"users\", |e| e.record.email);",
        "before_create(\"posts\", |e| { let name = \"psts\"; db.list(name); e.record.title = e.record.id; });",
        "cron(\"x\", \"@daily\", || { let v = #{ t: 1 }; db.first(\"posts\", \"title = {:t} && created > @now\", v) });",
        "before_collection_create(\"later\", |e| 1);",
        "cron(\"x\", \"@daily\", || db.create(\"users\", #{ email: \"a@example.com\", password: \"12345678\" }));",
    ] {
        check(line, &[]);
    }
}

#[test]
fn the_examples_are_without_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> =
        std::fs::read_dir(root.join("scripts/examples")).unwrap().map(|one| one.unwrap().path()).collect();
    folders.push(root.join("demo/scripts"));
    assert!(folders.len() > 9);
    for folder in folders {
        assert_eq!(shown(&folder, None), [""; 0], "{}", folder.display());
    }
}
