//! `/api/scripts`: superusers look at the scripts, change them and try things out.

use crate::scripts::{collection, number, records, server_with_config, soon, text_field, write_files};
use crate::server::{Answer, Client, TestServer, text};
use serde_json::{Value, json};

const GOOD: &str = "before_create(\"notes\", |e| { e.record.title += \"!\"; });\n";

fn editable(files: &[(&str, &str)]) -> (TestServer, Client) {
    let server = server_with_config(files, "before_milliseconds = 5000\neditable = true\n");
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title"), number("count")]));
    (server, root)
}

fn file(name: &str) -> String {
    format!("/api/scripts/files/{name}")
}

fn on_disk(server: &TestServer, name: &str) -> Option<String> {
    std::fs::read_to_string(server.folder().join("scripts").join(name)).ok()
}

fn put(client: &Client, name: &str, body: &str, hash: &Value) -> Answer {
    client.put(&file(name), &json!({"text": body, "hash": hash}))
}

fn run(root: &Client, body: &str, keep: bool) -> Value {
    let answer = root.post("/api/scripts/run", &json!({"text": body, "keep": keep}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn the_list_has_files_handlers_and_what_became_of_their_calls() {
    let (server, root) = editable(&[
        ("a.rhai", GOOD),
        (
            "b.rhai",
            "import \"lib/x\" as x;\n\nbefore_create([\"notes\", \"others\"], |e| { if e.record.title.starts_with(\"bad\") { let y = 1 + (); } });\n\
             before_update(\"*\", |e| reject(\"no\"));\nroute(\"GET\", \"/hello/{name}\", |req| text(`hello ${req.params.name}`));\n",
        ),
        ("lib/x.rhai", "fn one() { 1 }"),
        ("b.test.rhai", "test(\"x\", || {});"),
        ("templates/page.html", "<p>{{ x }}</p>"),
        (".hidden.rhai", "no"),
        ("notes.txt", "no"),
    ]);
    let guest = server.anonymous();
    let note = guest.create(&records("notes"), &json!({"title": "x"}));
    assert_eq!(guest.post(&records("notes"), &json!({"title": "bad"})).status, 400);
    assert_eq!(guest.patch(&format!("{}/{}", records("notes"), text(&note["id"])), &json!({"title": "y"})).status, 400);
    assert_eq!(guest.get("/hello/ana").status, 200);

    let view = root.get("/api/scripts").body;
    assert_eq!((&view["editable"], &view["watching"], &view["problem"]), (&json!(true), &json!(true), &Value::Null));
    assert!(text(&view["folder"]).ends_with("scripts") && text(&view["folder"]).starts_with('/'), "{view}");
    let names: Vec<_> = view["files"].as_array().unwrap().iter().map(|file| [&file["name"], &file["kind"]]).collect();
    let expected = [
        ["a.rhai", "script"],
        ["b.rhai", "script"],
        ["b.test.rhai", "test"],
        ["lib/x.rhai", "module"],
        ["templates/page.html", "template"],
    ];
    assert_eq!(json!(names), json!(expected));
    assert_eq!(view["files"][0]["size"], json!(GOOD.len()));
    let handlers = &view["files"][1]["handlers"];
    let about = |at: usize| {
        let handler = &handlers[at];
        json!([
            handler["kind"],
            handler["name"],
            handler["targets"],
            handler["line"],
            handler["calls"],
            handler["errors"]
        ])
    };
    assert_eq!(about(0), json!(["event", "before_create", ["notes", "others"], 3, 2, 1]));
    assert_eq!(about(1), json!(["event", "before_update", ["*"], 4, 1, 0]), "a refusal is no error");
    assert_eq!(about(2), json!(["route", "GET /hello/{name}", [], 5, 1, 0]));
    let last = &handlers[0]["lastError"];
    assert_eq!((&last["file"], &last["line"]), (&json!("b.rhai"), &json!(3)), "{last}");
    assert!(text(&last["message"]).contains('+') && text(&last["at"]).len() > 20, "{last}");
    assert!(handlers[1]["lastError"].is_null());
    let most = handlers[0]["maxMilliseconds"].as_f64().unwrap();
    assert!(most > 0.0 && most <= handlers[0]["totalMilliseconds"].as_f64().unwrap());
}

#[test]
fn a_file_is_read_changed_and_removed_and_the_change_is_in_force() {
    let (server, root) = editable(&[("a.rhai", GOOD)]);
    let read = root.get(&file("a.rhai")).body;
    assert_eq!((&read["kind"], &read["text"]), (&json!("script"), &json!(GOOD)));
    let create = |title: &str| text(&root.create(&records("notes"), &json!({"title": title}))["title"]);
    assert_eq!(create("x"), "x!");

    let other = GOOD.replace('!', "?");
    assert_eq!(put(&root, "a.rhai", &other, &Value::Null).status, 409, "it is not new");
    assert_eq!(put(&root, "a.rhai", &other, &json!("0000")).status, 409);
    assert_eq!(put(&root, "new.rhai", &other, &read["hash"]).status, 409, "it was removed meanwhile");
    assert_eq!(on_disk(&server, "a.rhai").unwrap(), GOOD);

    let written = put(&root, "a.rhai", &other, &read["hash"]);
    assert_eq!((written.status, &written.body["text"]), (200, &json!(other)), "{}", written.body);
    assert_eq!(create("x"), "x?", "without waiting for the watcher");
    assert_eq!(put(&root, "a.rhai", GOOD, &read["hash"]).status, 409, "somebody else has changed it");
    assert_eq!(root.get(&file("a.rhai")).body["hash"], written.body["hash"]);

    assert_eq!(put(&root, "lib/prices/net.rhai", "const VAT = 0.2; fn vat() { VAT }", &Value::Null).status, 200);
    assert_eq!(
        put(
            &root,
            "b.rhai",
            "import \"lib/prices/net\" as net;\nbefore_create(\"notes\", |e| { e.record.count = net::vat(); });",
            &Value::Null
        )
        .status,
        200
    );
    assert_eq!(root.create(&records("notes"), &json!({}))["count"], json!(0.2));
    let refused = root.delete(&file("lib/prices/net.rhai"));
    assert!(refused.status == 400 && refused.message().contains("b.rhai"), "{}", refused.body);
    assert_eq!(root.delete(&format!("{}?hash=00", file("b.rhai"))).status, 409);
    assert_eq!(root.delete(&file("b.rhai")).status, 204);
    assert_eq!(root.delete(&file("lib/prices/net.rhai")).status, 204);
    assert_eq!(root.delete(&file("b.rhai")).status, 404);
    assert_eq!(root.create(&records("notes"), &json!({}))["count"], json!(0));
    let left: Vec<_> =
        std::fs::read_dir(server.folder().join("scripts")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.iter().filter(|name| name.to_string_lossy().ends_with(".tmp")).count(), 0, "{left:?}");
}

#[test]
fn a_broken_text_is_refused_with_its_place_and_nothing_is_written() {
    let (server, root) = editable(&[("a.rhai", GOOD), ("r.rhai", "route(\"GET\", \"/x\", |req| text(\"x\"));")]);
    let refused = |name: &str, body: &str, expected: &str, line: i64| {
        let answer = put(&root, name, body, &Value::Null);
        let issue = &answer.body["data"]["text"];
        assert_eq!(
            (answer.status, &issue["code"]),
            (400, &json!("validation_invalid_script")),
            "{name}: {}",
            answer.body
        );
        assert!(text(&issue["message"]).contains(expected), "{issue}");
        assert_eq!((&issue["params"]["file"], &issue["params"]["line"]), (&json!(name), &json!(line)), "{issue}");
        assert_eq!(on_disk(&server, name), None);
        let checked = root.post("/api/scripts/check", &json!({"name": name, "text": body})).body;
        assert_eq!((&checked["problem"]["line"], &checked["handlers"]), (&json!(line), &json!([])), "{checked}");
    };
    refused("b.rhai", "\nlet x = ;", "x", 2);
    refused("b.rhai", "befor_create(\"notes\", |e| {});", "befor_create", 1);
    refused("b.rhai", "\n\nloop { }", "too", 3);
    refused("s.rhai", "route(\"GET\", \"/x\", |req| text(\"x\"));", "same requests", 1);
    refused("s.rhai", "route(\"GET\", \"/api/scripts\", |req| text(\"x\"));", "", 1);
    refused("lib/unused.rhai", "fn one( {", "", 1);
    refused("b.test.rhai", "\ntest(\"x\", || {", "", 2);
    refused("templates/a.html", "<p>\n{% if %}", "", 2);

    let good = root.post("/api/scripts/check", &json!({"name": "b.rhai", "text": "validate(\"notes\", |e| {});"})).body;
    assert_eq!((&good["problem"], &good["handlers"][0]["name"]), (&Value::Null, &json!("validate")));
    assert_eq!(good["warnings"], json!([]));
    let text = "validate(\"notes\", |e| {\n    db.lst(\"notse\", e.record.titel);\n});";
    let doubtful = root.post("/api/scripts/check", &json!({"name": "b.rhai", "text": text})).body;
    let told = |at: usize| (doubtful["warnings"][at]["line"].clone(), doubtful["warnings"][at]["message"].clone());
    assert_eq!(told(0), (json!(2), json!("`db` has no function `lst`; did you mean `db.list`?")));
    assert_eq!(
        told(1),
        (json!(2), json!("the collection `notes` has no field `titel`; did you mean `title`?")),
        "{doubtful}"
    );
    assert!(doubtful["problem"].is_null() && doubtful["handlers"][0]["name"] == "validate", "{doubtful}");
    assert_eq!(on_disk(&server, "b.rhai"), None);

    // A file that is broken on the disk does not keep others from being corrected, and is corrected itself.
    write_files(server.folder(), &[("z.rhai", "broken("), ("y.rhai", "broken too(")]);
    soon("the mistake is noticed", || root.get("/api/scripts").body["problem"]["file"].as_str().map(ToOwned::to_owned));
    let current = root.get(&file("y.rhai")).body["hash"].clone();
    assert_eq!(put(&root, "y.rhai", "still broken(", &current).status, 400);
    assert_eq!(put(&root, "y.rhai", GOOD, &current).status, 200);
    let current = root.get(&file("z.rhai")).body["hash"].clone();
    assert_eq!(put(&root, "z.rhai", "", &current).status, 200);
    assert!(root.get("/api/scripts").body["problem"].is_null());
    assert_eq!(root.create(&records("notes"), &json!({"title": "x"}))["title"], json!("x!!"));
}

#[test]
fn a_file_is_renamed_with_its_text_if_all_others_can_be_used_then() {
    let (server, root) = editable(&[
        ("a.rhai", "import \"lib/x\" as x;\nbefore_create(\"notes\", |e| x::mark(e.record));"),
        ("lib/x.rhai", MARK),
    ]);
    let hash = |name: &str| root.get(&file(name)).body["hash"].clone();
    let rename = |from: &str, to: &str, text: &str, hash: Value| {
        root.put(&file(to), &json!({"from": from, "text": text, "hash": hash}))
    };
    let text = text_of(&root, "a.rhai");
    assert_eq!(rename("a.rhai", "b.rhai", &text, json!("another")).status, 409, "somebody has changed it");
    let renamed = rename("a.rhai", "b.rhai", &text, hash("a.rhai"));
    assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("b.rhai")), "{}", renamed.body);
    assert_eq!((on_disk(&server, "a.rhai"), on_disk(&server, "b.rhai")), (None, Some(text.clone())));
    let names: Vec<Value> =
        root.get("/api/scripts").body["files"].as_array().unwrap().iter().map(|file| file["name"].clone()).collect();
    assert_eq!(names, [json!("b.rhai"), json!("lib/x.rhai")]);
    assert_eq!(root.create(&records("notes"), &json!({"title": "x"}))["title"], json!("x!!"));

    let needed = rename("lib/x.rhai", "lib/y.rhai", MARK, hash("lib/x.rhai"));
    assert_eq!(
        (needed.status, &needed.body["data"]["text"]["params"]["file"]),
        (400, &json!("b.rhai")),
        "{}",
        needed.body
    );
    let taken = rename("b.rhai", "lib/x.rhai", &text, hash("b.rhai"));
    assert_eq!(taken.body["data"]["name"]["code"], json!("validation_not_unique"), "{}", taken.body);
    assert_eq!(rename("none.rhai", "c.rhai", "", Value::Null).status, 404);
    assert_eq!(rename("../config.toml", "c.rhai", "", Value::Null).status, 404);
    assert_eq!(rename("b.rhai", "c.txt", &text, hash("b.rhai")).status, 400);
    assert_eq!(on_disk(&server, "lib/x.rhai").as_deref(), Some(MARK));
    let changed = rename("b.rhai", "orders.rhai", &format!("{text}\n// later"), hash("b.rhai"));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert!(on_disk(&server, "orders.rhai").is_some_and(|text| text.ends_with("// later")));
}

const MARK: &str = "fn mark(record) { record.title += \"!!\"; }";

fn text_of(root: &Client, name: &str) -> String {
    root.get(&file(name)).body["text"].as_str().unwrap().to_owned()
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let (server, root) = editable(&[("a.rhai", GOOD)]);
    let secret = server.folder().join("secret.rhai");
    std::fs::write(&secret, "secret").unwrap();
    let scripts = server.folder().join("scripts");
    std::fs::create_dir(scripts.join("lib")).unwrap();
    std::fs::create_dir(scripts.join("folder.rhai")).unwrap();
    let has_links = cfg!(unix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(&secret, scripts.join("lib/link.rhai")).unwrap();
        symlink(server.folder(), scripts.join("lib/out")).unwrap();
        symlink("/dev/zero", scripts.join("lib/zero.rhai")).unwrap();
    }
    for name in [
        "..%2Fsecret.rhai",
        "lib%2F..%2F..%2Fsecret.rhai",
        "%2Fetc%2Fpasswd",
        ".hidden.rhai",
        "lib/.hidden.rhai",
        ".steading%2Fx.rhai",
        "config.toml",
        "other/x.rhai",
        "a.rhai%00",
        "a.rhai%0A.rhai",
        "lib%5C..%5C..%5Csecret.rhai",
        "nul.rhai",
        "C:%5Cx.rhai",
        "lib/",
        "a.RHAI",
    ] {
        assert_eq!(root.get(&file(name)).status, 404, "{name}");
        let answer = put(&root, name, "", &Value::Null);
        assert_eq!(
            (answer.status, &answer.body["data"]["name"]["code"]),
            (400, &json!("validation_invalid_name")),
            "{name}"
        );
        assert_eq!(root.delete(&file(name)).status, 404, "{name}");
        assert_eq!(root.post("/api/scripts/check", &json!({"name": name, "text": ""})).status, 400, "{name}");
    }
    for name in
        ["lib/link.rhai", "lib/out/secret.rhai", "lib/out/new.rhai", "lib/zero.rhai"].into_iter().filter(|_| has_links)
    {
        assert_eq!(root.get(&file(name)).status, 400, "{name}");
        assert_eq!(put(&root, name, "", &Value::Null).status, 400, "{name}");
        assert_eq!(root.delete(&file(name)).status, 400, "{name}");
    }
    assert_eq!(put(&root, "folder.rhai", "", &Value::Null).status, 400);
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret");
    assert!(!server.folder().join("new.rhai").exists());

    let large = "/".repeat(1024 * 1024 + 1);
    assert_eq!(
        put(&root, "b.rhai", &large, &Value::Null).body["data"]["text"]["code"],
        json!("validation_length_too_long")
    );
    assert_eq!(root.post("/api/scripts/run", &json!({"text": large})).status, 400);
    for body in [json!({}), json!({"text": 1}), json!({"text": "", "hash": 1}), json!({"text": null})] {
        assert_eq!(root.put(&file("b.rhai"), &body).status, 400, "{body}");
    }
    assert_eq!(on_disk(&server, "b.rhai"), None);
}

#[test]
fn nothing_is_changed_or_run_unless_the_config_file_allows_it() {
    let server = server_with_config(&[("a.rhai", GOOD)], "");
    let (root, user, guest) = (server.superuser(), server.user("ana"), server.anonymous());
    assert_eq!(root.get("/api/scripts").body["editable"], json!(false));
    let hash = root.get(&file("a.rhai")).body["hash"].clone();
    for answer in [
        put(&root, "a.rhai", "", &hash),
        put(&root, "b.rhai", "", &Value::Null),
        root.delete(&file("a.rhai")),
        root.post("/api/scripts/run", &json!({"text": "1"})),
    ] {
        assert_eq!(answer.status, 403);
        assert!(answer.message().contains("editable = true"), "{}", answer.body);
    }
    assert_eq!(on_disk(&server, "a.rhai").unwrap(), GOOD);
    for (client, status) in [(&guest, 401), (&user, 403)] {
        for path in ["/api/scripts", &file("a.rhai")] {
            let answer = client.get(path);
            assert!(answer.status == status && !answer.body.to_string().contains("before_create"), "{}", answer.body);
        }
        assert_eq!(client.post("/api/scripts/check", &json!({"name": "a.rhai", "text": ""})).status, status);
    }
}

#[test]
fn the_console_runs_a_text_and_keeps_its_writes_only_if_it_is_told_to() {
    let (server, root) = editable(&[
        (
            "a.rhai",
            "before_create(\"notes\", |e| { print(`handler ${e.record.title}`); if e.record.title == \"no\" { reject(\"Not this.\"); } });",
        ),
        ("lib/x.rhai", "const N = 2; fn twice(n) { n * N }"),
    ]);
    let outcome = run(
        &root,
        "import \"lib/x\" as x;\nconst VAT = 0.2;\nfn with_tax(n) { n * (1 + VAT) }\nprint(\"begin\");\ndb.create(\"notes\", #{ title: \"x\", count: x::twice(21) });\n\
         let note = db.first(\"notes\", \"\");\n#{ tax: with_tax(10), note: note, count: db.count(\"notes\") }",
        false,
    );
    assert_eq!(outcome["problem"], Value::Null, "{outcome}");
    assert_eq!(outcome["output"], json!(["begin", "handler x"]));
    assert_eq!((&outcome["value"]["tax"], &outcome["value"]["count"]), (&json!(12), &json!(1)), "{outcome}");
    assert_eq!(outcome["value"]["note"]["count"], json!(42));
    assert!(outcome["milliseconds"].as_f64().unwrap() > 0.0);
    let count = || root.get(&records("notes")).body["totalItems"].clone();
    assert_eq!(count(), json!(0), "the writes are undone");

    assert_eq!(run(&root, "db.create(\"notes\", #{ title: \"kept\" }).title", true)["value"], json!("kept"));
    assert_eq!(count(), json!(1));
    let failed =
        run(&root, "db.create(\"notes\", #{ title: \"a\" });\ndb.create(\"notes\", #{ title: \"no\" });", true);
    assert_eq!(count(), json!(1), "a failure undoes all");
    assert!(text(&failed["problem"]["message"]).contains("Not this."), "{failed}");
    assert_eq!((&failed["problem"]["file"], &failed["problem"]["line"]), (&json!("console"), &json!(2)), "{failed}");

    for (body, expected, line) in [
        ("let x = ;", "", 1),
        ("\nnone()", "none", 2),
        ("let t = \"\";\nloop { t += \"x\"; }", "its loop begins in line 2", 2),
        ("before_create(\"notes\", |e| {});", "belongs in a file", 1),
        ("import \"../x\" as x;", "lib", 1),
        ("\neval(\"1\")", "eval", 2),
    ] {
        let outcome = run(&root, body, true);
        assert!(text(&outcome["problem"]["message"]).contains(expected), "{body}: {outcome}");
        if !body.contains("loop") {
            assert_eq!(outcome["problem"]["line"], json!(line), "{body}: {outcome}");
        }
    }
    let flood = run(&root, "for i in 0..20000 { print(i); }", false);
    let lines = flood["output"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[1000]), (1001, &json!("… and 19000 more")));
    assert_eq!(run(&root, "|x| x", false)["problem"], Value::Null);
    assert_eq!(run(&root, "", false)["value"], Value::Null);
    assert_eq!(server.anonymous().create(&records("notes"), &json!({"title": "after"}))["title"], json!("after"));
    assert!(server.lines().iter().all(|line| !line.contains("handler x")), "its output is not in the log");
}

#[test]
fn the_lines_of_scripts_are_found_in_the_log_as_they_come() {
    let (server, root) = editable(&[(
        "a.rhai",
        "before_create(\"notes\", |e| { print(`saving ${e.record.title}`); if e.record.title == \"bad\" { let x = 1 + (); } });",
    )]);
    let guest = server.anonymous();
    guest.create(&records("notes"), &json!({"title": "x"}));
    let lines = |after: &str| {
        let filter = format!("data.type = 'script' && id > '{after}'");
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("filter", &filter)
            .append_pair("sort", "id")
            .finish();
        let list = root.get(&format!("/api/logs?{query}"));
        assert_eq!(list.status, 200, "{}", list.body);
        list.body["items"].as_array().unwrap().clone()
    };
    let first = soon("the first line", || Some(lines("")).filter(|lines| !lines.is_empty()));
    let message = |line: &Value| (text(&line["message"]), text(&line["data"]["file"]), line["level"].as_i64().unwrap());
    assert_eq!(message(&first[0]), ("saving x".to_owned(), "a.rhai".to_owned(), 0));
    guest.post(&records("notes"), &json!({"title": "bad"}));
    let last = text(&first[0]["id"]);
    let more = soon("the failure", || Some(lines(&last)).filter(|lines| lines.len() == 2));
    assert_eq!(message(&more[0]).0, "saving bad");
    let (failure, file, level) = message(&more[1]);
    assert!(failure.starts_with("before_create(\"notes\"): ") && file == "a.rhai" && level == 8, "{failure}");
    assert!(text(&more[1]["data"]["place"]).starts_with("a.rhai:1:"));

    write_files(server.folder(), &[("a.rhai", "broken(")]);
    let last = text(&more[1]["id"]);
    let broken = soon("the broken file", || Some(lines(&last)).filter(|lines| !lines.is_empty()));
    assert!(
        message(&broken[0]).0.starts_with("The changed scripts are not used") && message(&broken[0]).1 == "a.rhai",
        "{broken:?}"
    );
}
