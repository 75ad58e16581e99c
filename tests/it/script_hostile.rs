//! Scripts and clients that go to the limits: links out of the folder, a full queue after commits, handlers that cause each other,
//! rate limits, other users' records.

use crate::meter::Waits;
use crate::scripts::{collection, records, server, server_with_config, soon, text_field, titles};
use crate::server::{TestServer, text};
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_link_out_of_the_library_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("secret.rhai");
    std::fs::write(&outside, "const A = 1;").unwrap();
    let library = folder.path().join("scripts/lib");
    std::fs::create_dir_all(&library).unwrap();
    std::os::unix::fs::symlink(&outside, library.join("file.rhai")).unwrap();
    std::os::unix::fs::symlink(folder.path(), library.join("folder")).unwrap();
    for import in ["lib/file", "lib/folder/secret"] {
        let script = format!("import \"{import}\" as x;\nfn f() {{ x::A }}");
        std::fs::write(folder.path().join("scripts/a.rhai"), script).unwrap();
        let output = crate::server::steading(folder.path(), &["serve", "--http", "127.0.0.1:0"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{import}");
        assert!(told.contains("a.rhai:1:") && told.contains("a link that leads out of lib/"), "{told}");
    }
}

#[test]
fn an_import_over_http_runs_the_handlers() {
    let server = server(&[(
        "rules.rhai",
        r#"
before_create("books", |e| {
    if e.record.title == "bad" { reject(#{ title: "Not this one." }); }
    e.record.title = `${e.source} ${e.record.title} ${e.is_superuser}`;
});
after_create("books", |e| { db.create("log", #{ title: e.record.title }); });
"#,
    )]);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    collection(&root, "books", &json!([text_field("title")]));
    let import = |rows: &str| {
        let file = Part::bytes(rows.as_bytes().to_vec()).file_name("books.csv");
        let form = Form::new().part("file", file).text("collection", "books");
        let made = root.send(root.request(Method::POST, "/api/imports").multipart(form));
        assert_eq!(made.status, 200, "{}", made.body);
        let path = format!("/api/imports/{}/run", text(&made.body["id"]));
        let response = root.request(Method::POST, &path).json(&json!({"plan": made.body["plan"]})).send().unwrap();
        let events = response.text().unwrap();
        let last = events.trim().lines().last().unwrap().trim_start_matches("data: ").to_owned();
        serde_json::from_str::<Value>(&last).unwrap()
    };
    let refused = import("title\nbad\n");
    assert_eq!((&refused["isImported"], &refused["badRows"][0]["line"]), (&json!(false), &json!(2)), "{refused}");
    assert!(refused["badRows"][0]["reason"].as_str().unwrap().contains("Not this one."), "{refused}");
    let kept = import("title\nDune\n");
    assert_eq!(kept["isImported"], true, "{kept}");
    assert_eq!(titles(&root, "books"), ["import Dune true"]);
    soon("the handler after the commit", || (titles(&root, "log") == ["import Dune true"]).then_some(()));
}

#[test]
fn a_full_queue_after_commits_is_logged_and_counted_and_delays_no_answer() {
    const NOTES: usize = 80;
    let script = r#"
after_create("notes", |e| {
    loop { if db.exists("gates", "title = 'open'") { break; } }
    db.create("log", #{ title: "run" });
});
"#;
    // The handlers wait for as long as the test takes.
    let options = "after_seconds = 600\nmax_operations = 1000000000000\n";
    let server = server_with_config(&[("after.rhai", script)], options);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    collection(&root, "gates", &json!([text_field("title")]));
    collection(&root, "notes", &json!([{"name": "body", "type": "text", "max": 2_000_000}]));
    let guest = server.anonymous();
    let body = "x".repeat(1_000_000);
    for _ in 0..NOTES {
        assert_eq!(guest.post(&records("notes"), &json!({"body": body})).status, 200);
    }
    assert!(titles(&guest, "log").is_empty(), "all are answered before a handler has ended");
    guest.create(&records("gates"), &json!({"title": "open"}));
    let is_told = |line: &String| line.contains("handlers after commits were not run: too many wait");
    let number = |line: &String| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "handlers").unwrap();
        words[at - 1].trim_matches(|letter: char| !letter.is_ascii_digit()).parse::<usize>().unwrap()
    };
    let lost: usize = server.lines().iter().filter(|line| is_told(line)).map(number).sum();
    assert!(lost > 0 && lost < NOTES, "{lost}");
    soon("the others have run", || (titles(&guest, "log").len() == NOTES - lost).then_some(()));
}

#[test]
fn handlers_after_commits_that_cause_each_other_end() {
    let server = server(&[(
        "chain.rhai",
        r#"
before_create("notes", |e| { e.record.title += "."; });
after_create("notes", |e| {
    let next = db.create("notes", #{ title: e.record.title });
    db.transaction(|db| db.create("log", #{ title: next.title }));
});
"#,
    )]);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    collection(&root, "notes", &json!([text_field("title")]));
    server.anonymous().create(&records("notes"), &json!({"title": ""}));
    let line = server.printed("cause each other");
    assert!(line.contains("after_create(\"notes\") was not run"), "{line}");
    soon("the last handler", || (titles(&root, "log").len() == 8).then_some(()));
    let notes = titles(&root, "notes");
    let expected: Vec<String> = (1..=9).map(|dots| ".".repeat(dots)).collect();
    assert_eq!(notes, expected, "each saved with its handlers");
    // Another request begins again.
    server.anonymous().create(&records("notes"), &json!({"title": "again"}));
    soon("the second chain", || (titles(&root, "notes").len() == 18).then_some(()));
}

const SHOP: &str = r#"
route("GET", "/shop/list", |req| req.db.acting_as(req.caller).list("orders").map(|order| order.title));
route("POST", "/shop/order", |req| {
    let order = req.db.acting_as(req.caller).create("orders", #{ title: req.json.title, owner: req.json.owner });
    #{ id: order.id }
});
"#;

fn shop() -> TestServer {
    let server = server(&[("shop.rhai", SHOP)]);
    let root = server.superuser();
    let owner = json!({"name": "owner", "type": "relation", "maxSelect": 1, "collectionId": "_pb_users_auth_"});
    let orders = json!({
        "name": "orders", "type": "base", "fields": [text_field("title"), owner],
        "listRule": "owner = @request.auth.id", "createRule": "@request.auth.id != '' && owner = @request.auth.id",
    });
    root.create("/api/collections", &orders);
    server
}

#[test]
fn a_route_that_acts_as_its_caller_keeps_to_the_rules() {
    let server = shop();
    let (ana, ben, guest) = (server.user("ana"), server.user("ben"), server.anonymous());
    let order = |client: &crate::server::Client, owner: &str| {
        client.post("/shop/order", &json!({"title": owner, "owner": owner})).status
    };
    assert_eq!(order(&ana, &ana.id), 200);
    assert_eq!([order(&ana, &ben.id), order(&guest, &ana.id), order(&guest, "")], [400, 400, 400]);
    assert_eq!(ana.get("/shop/list").body, json!([ana.id]));
    assert_eq!((ben.get("/shop/list").body, guest.get("/shop/list").body), (json!([]), json!([])));
}

#[test]
fn rate_limits_count_requests_to_routes() {
    let server = shop();
    let root = server.superuser();
    let rules = json!([{"label": "GET /shop/list", "duration": 600, "maxRequests": 2}]);
    let set = root.patch("/api/settings", &json!({"rateLimits": {"enabled": true, "rules": rules}}));
    assert_eq!(set.status, 200, "{}", set.body);
    let guest = server.anonymous();
    let statuses: Vec<u16> = (0..4).map(|_| guest.get("/shop/list").status).collect();
    assert_eq!(statuses, [200, 200, 429, 429]);
    assert_ne!(guest.post("/shop/order", &json!({})).status, 429, "another route");
}

#[test]
fn reads_do_not_wait_for_handlers_that_run_away() {
    const KINDS: [&str; 4] = ["throw", "loop", "recursion", "allocation"];
    let server = server(&[(
        "runaway.rhai",
        r#"
fn deeper(n) { deeper(n + 1) }
before_create("notes", |e| {
    db.create("log", #{ title: "half" });
    switch e.record.title {
        "throw" => throw "no",
        "loop" => { loop { db.count("log"); } }
        "recursion" => { loop { try { deeper(1); } catch { } } }
        "allocation" => { loop { try { let t = "x"; loop { t += t; } } catch { } } }
        _ => ()
    }
});
"#,
    )]);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    collection(&root, "notes", &json!([text_field("title")]));
    let guest = server.anonymous();
    let note = guest.create(&records("notes"), &json!({"title": "fine"}));
    let view = format!("{}/{}", records("notes"), text(&note["id"]));
    for kind in KINDS {
        let mut waits = Waits::start();
        std::thread::scope(|scope| {
            let client = server.anonymous();
            let running = scope.spawn(move || client.post(&records("notes"), &json!({"title": kind})).status);
            while !running.is_finished() || waits.count() < 20 {
                waits.ask(|| assert_eq!(guest.get(&view).status, 200));
            }
            assert_eq!(running.join().unwrap(), 400, "{kind}");
        });
        // A handler may hold the lane of writes for up to 5 seconds.
        waits.check(Duration::from_secs(1), kind);
    }
    assert_eq!(titles(&guest, "log"), ["half"], "of the note that was stored");
    guest.create(&records("notes"), &json!({"title": "still works"}));
}
