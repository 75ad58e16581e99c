//! Scripts of the owner in the running server.

use crate::server::{Answer, Client, TestServer, steading, text};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A server with these files in its folder of scripts.
pub fn server(files: &[(&str, &str)]) -> TestServer {
    // Machines of tests are busy: the usual time is too short for them.
    server_with_time(files, 5000)
}

fn server_with_time(files: &[(&str, &str)], before_milliseconds: u64) -> TestServer {
    server_with_config(files, &format!("before_milliseconds = {before_milliseconds}\n"))
}

/// [`server`] with these lines in the section of scripts.
pub fn server_with_config(files: &[(&str, &str)], section: &str) -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), files);
    std::fs::write(folder.path().join("config.toml"), format!("[scripts]\n{section}")).unwrap();
    TestServer::start_in(folder, &[])
}

/// A server whose scripts may ask this machine by HTTP.
pub fn server_with_loopback(files: &[(&str, &str)]) -> TestServer {
    server_with_config(files, "before_milliseconds = 5000\nhttp_allow = [\"127.0.0.0/8\"]\n")
}

/// A server with these files, and with lines of the section `[scripts]` of the config file.
pub fn server_with_options(files: &[(&str, &str)], options: &str) -> TestServer {
    server_with_config(files, &format!("before_milliseconds = 5000\n{options}"))
}

pub fn write_files(folder: &std::path::Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join("scripts").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Creates a collection that everybody may use.
pub fn collection(root: &Client, name: &str, fields: &Value) -> Value {
    let rules = json!({"listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": ""});
    let mut body = json!({"name": name, "type": "base", "fields": fields});
    body.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    root.create("/api/collections", &body)
}

pub fn number(name: &str) -> Value {
    json!({"name": name, "type": "number"})
}

pub fn text_field(name: &str) -> Value {
    json!({"name": name, "type": "text"})
}

pub fn records(name: &str) -> String {
    format!("/api/collections/{name}/records")
}

pub fn titles(client: &Client, name: &str) -> Vec<String> {
    let list = client.get(&format!("{}?perPage=500&sort=@rowid", records(name)));
    list.body["items"].as_array().unwrap().iter().map(|item| text(&item["title"])).collect()
}

/// Waits for something that happens soon, without anybody being told.
pub fn soon<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_mins(3);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn assert_refused(answer: &Answer, message: &str) {
    assert_eq!((answer.status, answer.message(), &answer.body["data"]), (400, message, &json!({})), "{}", answer.body);
}

const ORDERS: &str = r#"
const VAT = 0.2;

fn with_tax(net) { (net * (1 + VAT)).round(2) }

before_create("orders", |e| {
    let product = e.db.find("products", e.record.product);
    if product.stock < e.record.quantity { reject(#{ quantity: `Only ${product.stock} left.` }); }
    product.stock -= e.record.quantity;
    e.db.save(product);
    e.record.total = with_tax(product.price * e.record.quantity);
});
"#;

#[test]
fn an_order_takes_from_the_stock_and_gets_its_exact_total() {
    let server = server(&[("orders.rhai", ORDERS)]);
    let root = server.superuser();
    let products = collection(&root, "products", &json!([number("price"), number("stock")]));
    let product = json!({"name": "product", "type": "relation", "collectionId": products["id"], "maxSelect": 1});
    let total = json!({"name": "total", "type": "number", "required": true});
    collection(&root, "orders", &json!([product, number("quantity"), total]));
    let lamp = root.create(&records("products"), &json!({"price": 19.99, "stock": 5}));
    let guest = server.anonymous();

    let order = guest.create(&records("orders"), &json!({"product": lamp["id"], "quantity": 3}));
    assert_eq!(order["total"], json!(71.96), "59.97 and 20 %: 71.964");
    let stock = || guest.get(&format!("{}/{}", records("products"), text(&lamp["id"]))).body["stock"].clone();
    assert_eq!(stock(), json!(2));

    let refused = guest.post(&records("orders"), &json!({"product": lamp["id"], "quantity": 3}));
    assert_eq!((refused.status, refused.message()), (400, "Failed to create record."));
    assert_eq!(refused.body["data"], json!({"quantity": {"code": "validation_rejected", "message": "Only 2 left."}}));
    assert_eq!(stock(), json!(2), "nothing was taken");

    // The product is there, so the script takes from the stock; the whole batch fails later.
    let settings = root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    assert_eq!(settings.status, 200);
    let one = |quantity: i64| json!({"method": "POST", "url": records("orders"), "body": {"product": lamp["id"], "quantity": quantity}});
    let batch = guest.post("/api/batch", &json!({"requests": [one(1), one(2)]}));
    assert_eq!(batch.status, 400, "{}", batch.body);
    let inner = &batch.body["data"]["requests"]["1"]["response"];
    assert_eq!(inner["data"]["quantity"]["message"], json!("Only 1 left."), "{}", batch.body);
    assert_eq!(stock(), json!(2), "the first order of the batch is undone too");
    let batch = guest.post("/api/batch", &json!({"requests": [one(1), one(1)]}));
    assert_eq!((batch.status, stock()), (200, json!(0)), "{}", batch.body);
}

#[test]
fn handlers_run_in_the_order_of_files_and_lines_and_a_failure_undoes_what_they_wrote() {
    let server = server(&[
        (
            "a.rhai",
            r#"
before_create("notes", |e| e.record.title += "1");
before_create(["notes", "others"], |e| e.record.title += "2");
validate("notes", |e| if e.record.title.contains("bad") { throw "A bad title." });
on_create("notes", |e| { db.create("log", #{ title: `on ${e.record.title}` }); });
on_create("notes", |e| if e.record.title.contains("late") { reject(409, "Too late.", #{ title: #{ code: "late", message: "Late." } }) });
"#,
        ),
        (
            "b.rhai",
            r#"
before_create("*", |e| if e.collection == "notes" { e.record.title += "3"; db.create("log", #{ title: `before ${e.action} ${e.source}` }); });
before_update("notes", |e| { e.record.title = `${e.original.title}>${e.record.title} ${e.record.is_changed("title")} ${e.record.is_changed("id")}`; });
validate("notes", |e| { e.record.title = "changed"; });
"#,
        ),
        ("lib/unused.rhai", "this is no script"),
        ("c.test.rhai", "nor is this"),
        (".hidden.rhai", "nor this"),
    ]);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    collection(&root, "notes", &json!([text_field("title")]));
    collection(&root, "others", &json!([text_field("title")]));
    let guest = server.anonymous();

    // The last handler of b.rhai tries to change a record that has passed its checks.
    assert_refused(&guest.post(&records("notes"), &json!({"title": "x"})), "Failed to create record.");
    let line = server.printed("validate handler cannot change");
    assert!(line.contains("b.rhai:4:"), "{line}");
    assert!(titles(&guest, "log").is_empty(), "what the handlers wrote is undone");

    write_files(
        server.folder(),
        &[(
            "b.rhai",
            r#"
before_create("*", |e| if e.collection == "notes" { e.record.title += "3"; db.create("log", #{ title: `before ${e.action} ${e.source}` }); });
before_update("notes", |e| { e.record.title = `${e.original.title}>${e.record.title} ${e.record.is_changed("title")} ${e.record.is_changed("id")}`; });
"#,
        )],
    );
    server.printed("the scripts are loaded");
    let note = guest.create(&records("notes"), &json!({"title": "x"}));
    assert_eq!(note["title"], json!("x123"));
    assert_eq!(titles(&guest, "log"), ["before create request", "on x123"]);
    assert_eq!(guest.create(&records("others"), &json!({"title": "y"}))["title"], json!("y2"));
    let path = format!("{}/{}", records("notes"), text(&note["id"]));
    assert_eq!(guest.patch(&path, &json!({"title": "z"})).body["title"], json!("x123>z true false"));

    let refused = guest.post(&records("notes"), &json!({"title": "bad"}));
    assert_refused(&refused, "A bad title.");
    let refused = guest.post(&records("notes"), &json!({"title": "late"}));
    assert_eq!((refused.status, refused.message()), (409, "Too late."));
    assert_eq!(refused.body["data"], json!({"title": {"code": "late", "message": "Late."}}));
    assert_eq!(titles(&guest, "log").len(), 2, "nothing of the refused ones is left");
    assert_eq!(titles(&guest, "notes").len(), 1);
}

#[test]
fn a_cascade_runs_the_handlers_of_what_goes_with_it() {
    let server = server(&[(
        "delete.rhai",
        r#"
before_delete("children", |e| {
    if e.record.title == "keep" { reject("The child must stay."); }
    db.create("log", #{ title: `before child ${e.record.title} ${e.source}` });
});
before_delete("parents", |e| { db.create("log", #{ title: `before parent with ${e.record.expand("children_via_parent").len()} ${e.source}` }); });
on_delete("parents", |e| { db.create("log", #{ title: `parent ${e.source}, ${db.count("parents")} left` }); });
on_delete("children", |e| { db.create("log", #{ title: `child ${e.record.title}` }); });
before_update("friends", |e| { db.create("log", #{ title: `friend ${e.source}` }); });
"#,
    )]);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    let parents = collection(&root, "parents", &json!([text_field("title")]));
    let parent = |cascades: bool| json!({"name": "parent", "type": "relation", "collectionId": parents["id"], "cascadeDelete": cascades, "maxSelect": 1});
    collection(&root, "children", &json!([text_field("title"), parent(true)]));
    collection(&root, "friends", &json!([text_field("title"), parent(false)]));
    let guest = server.anonymous();
    let made = |title: &str| {
        let parent = text(&guest.create(&records("parents"), &json!({"title": title}))["id"]);
        guest.create(&records("children"), &json!({"title": title, "parent": parent}));
        guest.create(&records("friends"), &json!({"title": title, "parent": parent}));
        parent
    };
    let (keep, leave) = (made("keep"), made("leave"));
    let refused = guest.delete(&format!("{}/{keep}", records("parents")));
    assert_refused(&refused, "The child must stay.");
    assert!(titles(&guest, "log").is_empty());
    assert_eq!(guest.delete(&format!("{}/{leave}", records("parents"))).status, 204);
    let mut log = titles(&guest, "log");
    let (first, last) = (log.remove(0), log.pop().unwrap());
    assert_eq!(first, "before parent with 1 request");
    assert_eq!(last, "parent request, 1 left");
    log.sort();
    assert_eq!(log, ["before child leave cascade", "child leave", "friend cascade"]);
}

#[test]
fn a_script_that_runs_away_ends_with_its_file_and_line_and_nothing_half_written() {
    let server = server_with_time(
        &[(
            "runaway.rhai",
            r#"
fn deeper(n) { deeper(n + 1) }
before_create("notes", |e| {
    db.create("log", #{ title: "half" });
    switch e.record.title {
        "loop" => {
            loop { }
        }
        "recursion" => deeper(1),
        "text" => { let t = "x"; loop { t += t; } }
        "array" => { let a = []; loop { a.push("x"); } }
        "map" => { let m = #{}; let i = 0; loop { m["k" + i] = i; i += 1; } }
        "type" => 1 + #{},
        "name" => no_such_function(1),
        "field" => e.record.titel,
        "collection" => db.find("note", "x"),
        "again" => db.create("notes", #{ title: "again" }),
        "password" => { let user = db.new_record("users"); user.password = "12345678"; }
        "late" => { import "lib/x" as x; x::f(); }
        "global" => before_create("notes", |e| {}),
        _ => ()
    }
});
"#,
        )],
        1500,
    );
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    let notes = collection(&root, "notes", &json!([text_field("title")]));
    let guest = server.anonymous();
    let fine = guest.create(&records("notes"), &json!({"title": "fine"}));
    let view = format!("{}/{}", records("notes"), text(&fine["id"]));
    let logged = titles(&guest, "log").len();
    for (title, expected) in [
        ("loop", "(its loops begin in lines 7, 10, 11, 12)"),
        ("recursion", "too deeply"),
        ("text", "too large"),
        ("array", "too"),
        ("map", "too"),
        ("type", "runaway.rhai:13:"),
        ("name", "runaway.rhai:14:"),
        ("field", "did you mean \\\"title\\\"?"),
        ("collection", "did you mean \\\"notes\\\"?"),
        ("again", "more than 8 deep"),
        ("password", "a password cannot be set inside a transaction"),
        ("late", "import belongs at the top"),
        ("global", "only while the file is loaded"),
    ] {
        let asked = guest.clone();
        let body = json!({"title": title});
        let path = records("notes");
        let running = std::thread::spawn(move || asked.post(&path, &body));
        let began = Instant::now();
        assert_eq!(guest.get(&view).status, 200);
        assert!(began.elapsed() < Duration::from_secs(5), "reads wait for {title}");
        assert_refused(&running.join().unwrap(), "Failed to create record.");
        let line = server.printed("runaway.rhai:");
        assert!(line.contains(&expected.replace("\\\"", "\"")) || line.contains(expected), "{title}: {line}");
    }
    assert_eq!(titles(&guest, "log").len(), logged, "nothing half-written");
    assert_eq!(titles(&guest, "notes"), ["fine"]);
    guest.create(&records("notes"), &json!({"title": "still works"}));
    assert!(!text(&notes["id"]).is_empty());
    // The cause is in the log of requests, for superusers.
    soon("the log has the cause", || {
        let logs = root.get("/api/logs?perPage=200&filter=(data.type='script')");
        let found = logs.body["items"].as_array()?.iter().any(|item| item.to_string().contains("runaway.rhai:13:"));
        found.then_some(())
    });
}

#[test]
fn after_handlers_run_after_the_commit_and_not_for_what_was_undone() {
    let server = server(&[(
        "after.rhai",
        r#"
on_create("notes", |e| if e.record.title == "undone" { throw "No." });
after_create("notes", |e| {
    if e.record.title == "broken" { throw "for the test"; }
    if e.record.title == "user" {
        let user = db.first("users", "name = {:name}", #{ name: e.request.query.who });
        user.password = "a new password";
        db.save(user);
    }
    let made = e.db.transaction(|db| {
        db.create("log", #{ title: `${e.record.title} ${e.original == ()} ${e.request.method} ${e.request.path}` });
        db.create("log", #{ title: e.record.title })
    });
    try {
        db.transaction(|db| { db.create("log", #{ title: "undone" }); throw "back"; });
    } catch (error) {
        made.title = `${made.title} ${error}`;
        db.save(made);
    }
});
after_update("notes", |e| { db.create("log", #{ title: `${e.original.title} to ${e.record.title}` }); });
after_delete("notes", |e| { db.create("log", #{ title: `gone ${e.record.title}` }); });
"#,
    )]);
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    collection(&root, "notes", &json!([text_field("title")]));
    let guest = server.anonymous();
    let log = |count: usize| {
        soon(&format!("{count} in the log"), || Some(titles(&guest, "log")).filter(|titles| titles.len() >= count))
    };
    assert_refused(&guest.post(&records("notes"), &json!({"title": "undone"})), "No.");
    assert_eq!(guest.post(&records("notes"), &json!({"title": "broken"})).status, 200);
    let line = server.printed("for the test");
    assert!(line.contains("after.rhai:4:"), "{line}");
    let note = guest.create(&records("notes"), &json!({"title": "one"}));
    let path = format!("{}/{}", records("notes"), text(&note["id"]));
    soon("the second transaction", || (log(2)[1] == "one back").then_some(()));
    assert_eq!(log(2), ["one true POST /api/collections/notes/records", "one back"]);
    assert_eq!(guest.patch(&path, &json!({"title": "two"})).status, 200);
    assert_eq!(log(3)[2], "one to two");
    assert_eq!(guest.delete(&path).status, 204);
    assert_eq!(log(4)[3], "gone two");

    server.user("ana");
    guest.create(&format!("{}?who=ana", records("notes")), &json!({"title": "user"}));
    soon("the new password", || {
        let body = json!({"identity": "ana@example.com", "password": "a new password"});
        let answer = guest.post("/api/collections/users/auth-with-password", &body);
        (answer.status == 200).then_some(())
    });
}

#[test]
fn a_changed_file_counts_at_once_and_a_broken_one_not_at_all() {
    let server = server(&[]);
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title")]));
    let guest = server.anonymous();
    let title = || guest.create(&records("notes"), &json!({"title": "x"}))["title"].clone();
    assert_eq!(title(), json!("x"));
    let rule = |text: &str| format!("before_create(\"notes\", |e| {{\n    e.record.title = \"{text}\";\n}});\n");
    write_files(server.folder(), &[("a.rhai", &rule("one")), ("typo.rhai", "before_create(\"note\", |e| {});")]);
    soon("the new folder", || (title() == json!("one")).then_some(()));
    let warned = server.printed("there is no collection");
    assert!(warned.contains("typo.rhai:1") && warned.contains("\"note\""), "{warned}");
    write_files(server.folder(), &[("a.rhai", &rule("two"))]);
    soon("the changed file", || (title() == json!("two")).then_some(()));
    write_files(server.folder(), &[("b.rhai", "before_create(\"notes\", |e| {\n    e.record.title = ;\n});")]);
    let line = server.printed("the changed scripts are not used");
    assert!(line.contains("b.rhai:2:22"), "{line}");
    assert_eq!(title(), json!("two"));
    write_files(server.folder(), &[("a.rhai", &rule("three"))]);
    assert_eq!(title(), json!("two"), "one broken file keeps all changes from counting");
    std::fs::remove_file(server.folder().join("scripts/b.rhai")).unwrap();
    soon("the mended folder", || (title() == json!("three")).then_some(()));
}

#[test]
fn a_server_with_a_broken_script_does_not_start() {
    let check = |script: &str, expected: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), &[("rules.rhai", script), ("lib/x.rhai", "const A = 1;\nfn broken( {}\n")]);
        let output = steading(folder.path(), &["serve", "--http", "127.0.0.1:0"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{script}");
        for expected in expected {
            assert!(told.contains(expected), "{script}: {told}");
        }
    };
    check("let x = ;", &["rules.rhai:1:9"]);
    check("\n\nbefore_crate(\"notes\", |e| {});", &["rules.rhai:3:1", "before_crate"]);
    check("before_create(1, |e| {});", &["rules.rhai:1:1", "the name of a collection"]);
    check("before_create(\"notes\", |a, b| {});", &["rules.rhai:1:1", "at most one parameter"]);
    check("let all = db.list(\"users\");", &["rules.rhai:1:", "only, not while the file is loaded"]);
    check("import \"lib/x\" as x;", &["lib/x.rhai:2:"]);
    check("import \"../x\" as x;", &["rules.rhai:1:", "only files below lib/"]);
    check("import \"lib/../../x\" as x;", &["rules.rhai:1:", "only files below lib/"]);
    check("let x = eval(\"1\");", &["rules.rhai:1:9"]);
    check("loop { }", &["rules.rhai:1:", "took too"]);
}

#[test]
fn functions_see_the_constants_of_their_file_and_modules_their_own() {
    let server = server(&[
        ("lib/prices.rhai", "const FACTOR = 3;\nfn factor() { FACTOR }\nfn times(n) { n * factor() }\n"),
        (
            "a.rhai",
            r#"
import "lib/prices" as prices;
const FACTOR = 2;
const NAMES = #{ small: "S", large: ["L", "XL"] };
let counter = 0;
fn own(n) { n * FACTOR + global::FACTOR }
fn of_module(n) { prices::times(n) }
fn shadowed(FACTOR) { FACTOR }
before_create("notes", |e| {
    counter += 1;
    let parts = [own(10), prices::times(10), of_module(1), shadowed(7), NAMES.large[1], NAMES.small, counter];
    e.record.title = parts.reduce(|all, part| `${all} ${part}`, "");
});
fn named(e) { e.record.title += "!"; }
before_create("notes", named);
before_create("notes", || ());
"#,
        ),
    ]);
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title")]));
    for _ in 0..2 {
        let note = server.anonymous().create(&records("notes"), &json!({}));
        assert_eq!(note["title"], json!(" 22 30 3 7 XL S 1!"), "calls share nothing");
    }
}

#[test]
fn db_binds_values_heeds_rules_when_asked_and_reads_sql_only() {
    let server = server(&[(
        "db.rhai",
        r#"
before_create("notes", |e| {
    let all = [];
    let evil = "' || id != '";
    all.push(db.count("items", "title = {:t}", #{ t: evil }));
    all.push(db.count("items", "owner = {:owner}", #{ owner: e.caller }));
    all.push(db.acting_as(e.caller).count("items"));
    all.push(db.acting_as(()).list("items").len());
    all.push(db.list("items", "", #{}, #{ sort: "-title", limit: 2, page: 2 }).map(|item| item.title));
    let seen = 0;
    for item in db.each("items") { seen += item.price; if item.title == "b" { db.delete(item); } }
    all.push(seen);
    all.push(db.sql("SELECT title, price FROM items WHERE title = {:t}", #{ t: "a" }));
    all.push(db.exists("items", "title = 'b'"));
    for text in ["DELETE FROM items", "SELECT 1; DELETE FROM items", "UPDATE items SET title = 'x'"] {
        try { db.sql(text); all.push("ran"); } catch (error) { all.push("refused"); }
    }
    try { db.acting_as(()).create("items", #{ title: "guest" }); all.push("made"); } catch (error) { all.push("refused"); }
    let mine = db.acting_as(e.caller).create("items", #{ title: "mine", owner: e.caller.id, when: date("2026-01-31") + days(1) });
    all.push(mine.when.format("%d.%m.%Y"));
    all.push(`${mine.owner == e.caller.id} ${e.is_superuser} ${e.request.body.secret} ${type_of(e.request.headers.authorization)}`);
    e.record.data = all;
});
before_create("users", |e| { if "password" in e.request.body || "passwordConfirm" in e.request.body { throw "seen" } });
"#,
    )]);
    let root = server.superuser();
    let users = root.get("/api/collections/users").body["id"].clone();
    let owner = json!({"name": "owner", "type": "relation", "collectionId": users, "maxSelect": 1});
    let items = collection(
        &root,
        "items",
        &json!([text_field("title"), number("price"), owner, {"name": "when", "type": "date"}]),
    );
    let rules = json!({"listRule": "owner = @request.auth.id", "createRule": "@request.auth.id != ''"});
    assert_eq!(root.patch(&format!("/api/collections/{}", text(&items["id"])), &rules).status, 200);
    collection(&root, "notes", &json!([{"name": "data", "type": "json"}]));
    let ana = server.user("ana");
    for (title, price, owner) in [("a", 1.5, &ana.id), ("b", 2.25, &String::new()), ("c", 0.1, &ana.id)] {
        root.create(&records("items"), &json!({"title": title, "price": price, "owner": owner}));
    }
    let note = ana.create(&records("notes"), &json!({"secret": "told"}));
    let expected = json!([
        0, 2, 2, 1, ["a"], 3.85, [{"title": "a", "price": 1.5}], false, "refused", "refused", "refused", "refused",
        "01.02.2026", "true false told ()"
    ]);
    assert_eq!(note["data"], expected);
}

#[test]
fn an_import_runs_the_handlers_unless_told_otherwise() {
    let server = server(&[(
        "import.rhai",
        r#"
before_create("rows", |e| {
    if e.record.title == "bad" { reject(#{ title: "Not this one." }); }
    e.record.title = `${e.source} ${e.record.title}`;
});
"#,
    )]);
    let root = server.superuser();
    collection(&root, "rows", &json!([text_field("title")]));
    let import = |name: &str, rows: &str, more: &[&str]| {
        std::fs::write(server.folder().join(name), rows).unwrap();
        let output = server.command(&[&["import", name, "--into", "rows"], more].concat());
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let told = import("a.csv", "title\na\n", &[]);
    assert!(told.contains("--no-scripts leaves them out"), "{told}");
    let told = import("b.csv", "title\nb\nbad\n", &[]);
    assert!(told.contains("line 3") && told.contains("Not this one."), "{told}");
    let told = import("c.csv", "title\nbad\n", &["--no-scripts"]);
    assert!(!told.contains("handlers"), "{told}");
    assert_eq!(titles(&server.anonymous(), "rows"), ["import a", "bad"]);
}

/// A handler that guards records must not be switched off unnoticed.
#[test]
fn a_collection_is_not_renamed_while_its_handlers_would_stop() {
    let refuse = |names: &str| format!("before_create({names}, |e| {{ reject(400, \"closed\"); }});");
    let server = server(&[
        ("third.rhai", &format!("// guards\n{}", refuse("\"third\""))),
        ("fifth.rhai", &refuse("[\"fifth\", \"sixth\"]")),
    ]);
    let root = server.superuser();
    for name in ["third", "fifth", "seventh"] {
        collection(&root, name, &json!([text_field("name")]));
    }
    let rename = |old: &str, new: &str| root.patch(&format!("/api/collections/{old}"), &json!({"name": new}));
    let refused = rename("third", "fourth");
    assert_eq!(refused.status, 400, "{}", refused.body);
    let expected = "handlers of scripts are for \"third\" and would no longer run: before_create in third.rhai:2. Name both \
                    collections there first: [\"third\", \"fourth\"].";
    assert!(refused.message().ends_with(expected), "{}", refused.message());
    let preview = root.post("/api/collections/third/preview", &json!({"name": "fourth"}));
    assert_eq!(preview.body["isAllowed"], false, "{}", preview.body);
    assert_eq!(root.post(&records("third"), &json!({"name": "a"})).message(), "Closed.");
    // The way out: both names first.
    assert_eq!(rename("fifth", "sixth").status, 200);
    assert_eq!(root.post(&records("sixth"), &json!({"name": "a"})).message(), "Closed.");
    assert_eq!(rename("seventh", "eighth").status, 200);
    // Nothing is left to guard. Without a warning, nobody would know that the handler is of no use.
    assert_eq!(root.delete("/api/collections/third").status, 204);
    server.printed("third.rhai:2: the collection \"third\" was deleted, so this handler does not run any more");
}
