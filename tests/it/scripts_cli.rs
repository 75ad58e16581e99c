//! `steading scripts`: check, test, run, new.

use crate::scripts::{collection, number, records, server_with_config, text_field, write_files};
use crate::server::{steading, text};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn all(output: &Output) -> String {
    format!("{}{}", out(output), String::from_utf8_lossy(&output.stderr))
}

/// A file of collections beside the scripts.
fn schema(folder: &Path) -> String {
    let fields = json!([
        {"name": "title", "type": "text", "required": true}, {"name": "total", "type": "number"},
        {"name": "paid", "type": "bool"}, {"name": "created", "type": "autodate", "onCreate": true},
    ]);
    let collections = json!([
        {"name": "orders", "type": "base", "fields": fields, "createRule": "@request.auth.id != ''"},
        {"name": "log", "type": "base", "fields": [{"name": "title", "type": "text"}]},
    ]);
    let path = folder.join("schema.json");
    std::fs::write(&path, collections.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn check_tells_every_mistake_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let missing = steading(folder.path(), &["scripts", "check"]);
    assert!(!missing.status.success() && all(&missing).contains("--scripts"), "{}", all(&missing));
    write_files(folder.path(), &[("a.rhai", "before_create(\"x\", |e| {});"), ("a.test.rhai", "test(\"x\", || {});")]);
    let good = steading(folder.path(), &["scripts", "check"]);
    assert!(good.status.success() && out(&good).contains("1 script with 1 handler"), "{}", all(&good));
    write_files(
        folder.path(),
        &[
            ("b.rhai", "\nlet x = ;"),
            ("c.rhai", "unknown_thing(1);"),
            ("lib/d.rhai", "\n\nfn one( {"),
            ("e.test.rhai", "before_create(\"x\", |e| {});"),
            ("templates/f.html", "{% if %}"),
            ("g.rhai", "\nroute(\"GET\", \"/hello/:id/of/:name?\", |req| json(req.params));"),
        ],
    );
    let bad = steading(folder.path(), &["scripts", "check"]);
    assert_eq!(bad.status.code(), Some(1));
    let told = out(&bad);
    for place in ["b.rhai:2:", "c.rhai:1:1:", "lib/d.rhai:3:", "e.test.rhai:1:1:", "templates/f.html:1:"] {
        assert!(told.lines().any(|line| line.starts_with(place)), "{place}: {told}");
    }
    let of_route = told.lines().find(|line| line.starts_with("g.rhai:2:1: ")).unwrap_or_else(|| panic!("{told}"));
    assert!(of_route.contains("a parameter is written {id}, as in /hello/{id}/of/{name}"), "{of_route}");
    let as_json = steading(folder.path(), &["scripts", "check", "--json"]);
    let value: Value = serde_json::from_str(&out(&as_json)).unwrap();
    assert_eq!(value["problems"].as_array().unwrap().len(), 6);
    assert!(!folder.path().join("data").exists(), "nothing is made");
}

#[test]
fn check_names_functions_collections_and_fields_that_do_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let script = "import \"lib/prices\" as prices;\n\
                  before_create(\"orders\", |e| e.record.total = prices::off(e.record));\n\
                  after_create(\"ordrs\", |e| db.lst(\"orders\"));\n\
                  after_update(\"orders\", |e| db.count(\"orders\", \"titel = 'x'\"));\n\
                  fn unused() { db.create(\"log\", #{ tile: \"x\" }) }";
    write_files(
        folder.path(),
        &[
            ("a.rhai", script),
            ("lib/prices.rhai", "fn of(record) { 1 }"),
            ("a.test.rhai", "test(\"x\", || asert(true));"),
        ],
    );
    let told = |arguments: &[&str]| {
        let output = steading(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{}", all(&output));
        out(&output).lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let functions = [
        "a.rhai:2:54: lib/prices.rhai has no function `off`; did you mean `of`?",
        "a.rhai:3:30: `db` has no function `lst`; did you mean `db.list`?",
        "a.test.rhai:1:14: there is no function `asert`; did you mean `assert`?",
    ];
    assert_eq!(told(&["scripts", "check"]), functions, "without collections");
    let schema = schema(folder.path());
    assert_eq!(
        told(&["scripts", "check", "--schema", &schema]),
        [
            functions[0],
            "a.rhai:3:14: there is no collection `ordrs`; did you mean `orders`?",
            functions[1],
            "a.rhai:4:47: a filter or sort of `orders` cannot use `titel`; did you mean `title`?",
            "a.rhai:5:35: the collection `log` has no field `tile`; did you mean `title`?",
            functions[2],
        ]
    );
    let as_json = steading(folder.path(), &["scripts", "check", "--json"]);
    let value: Value = serde_json::from_str(&out(&as_json)).unwrap();
    assert_eq!((&value["problems"][0]["file"], &value["problems"][0]["line"]), (&json!("a.rhai"), &json!(2)));
}

#[test]
fn errors_are_told_in_the_words_of_the_guide() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("db.lst(\"orders\")", "there is no function `lst` for a database with a text; did you mean `list`?"),
        (
            "db.find(\"orders\")",
            "the function `find` cannot be called for a database with a text: write `db.find(collection, id)`",
        ),
        (
            "vat(1, 2)",
            "the function `vat` of the script takes one value, and cannot be called for a whole number with a whole number",
        ),
        ("#{} - []", "`-` cannot be used between a map and an array"),
        ("let x = \"yes\"; if x { 1 }", "true or false is needed here, and this is a text"),
        ("now().x", "a date has no `x`"),
        ("[1, 2][1.5]", "a whole number is needed here, and this is a number: write .to_int()"),
        ("let n = 5; for x in n { }", "`for` goes through an array"),
    ];
    let written = cases.iter().enumerate().map(|(at, (line, _))| format!("test(\"{at}\", || {{ {line} }});\n"));
    let text = format!("fn vat(x) {{ x }}\n{}", written.collect::<Vec<_>>().concat());
    write_files(folder.path(), &[("a.rhai", ""), ("a.test.rhai", &text)]);
    let output = steading(folder.path(), &["scripts", "test", "--schema", &schema(folder.path()), "--json"]);
    let value: Value = serde_json::from_str(&out(&output)).unwrap();
    for (at, (line, expected)) in cases.iter().enumerate() {
        let message = text_of(&value["tests"][at]["problem"]["message"]);
        assert!(message.starts_with(expected), "{line}: {message}");
        let told = value["tests"].to_string();
        assert!(
            !["&str", "ImmutableString", "i64", "Function not found"].iter().any(|word| told.contains(word)),
            "{told}"
        );
    }
}

const GUARDED: &str = r#"
before_create("log", |e| if e.source != "script" { reject(403, "Entries are written by scripts."); });
before_create("orders", |e| { db.create("log", #{ title: `${e.source} ${if e.caller == () { "nobody" } else { e.caller.email }}` }); });
route("POST", "/pass-on", |req| req.db.acting_as(req.caller).create(req.json.into, #{ title: req.json.title }));
route("POST", "/write", |req| { req.db.create("log", #{ title: "by the script" }); no_content() });
"#;

const GUARD_TESTS: &str = r#"
test("what a client sends is no work of a script", || {
    let ana = db.create("users", #{ email: "ana@example.com", password: "a long password" });
    assert_eq(ask("POST", "/write").status, 204);
    let answer = ask("POST", "/pass-on", #{ caller: ana, body: #{ into: "log", title: "forged" } });
    assert_eq([answer.status, answer.json.message], [403, "Entries are written by scripts."]);
    let refusal = assert_rejected(|| db.acting_as(ana).create("log", #{ title: "forged" }));
    assert_eq(refusal.status, 403);
    assert_eq(db.list("log").map(|entry| entry.title), ["by the script"]);
});
test("the caller is the one whose rules apply, and handlers write as scripts", || {
    let ana = db.create("users", #{ email: "ana@example.com", password: "a long password" });
    db.acting_as(ana).create("orders", #{ title: "one" });
    db.create("orders", #{ title: "two" });
    assert_eq(db.list("log").map(|entry| entry.title), ["request ana@example.com", "script nobody"]);
});
"#;

#[test]
fn saves_under_the_rules_of_a_caller_count_as_requests() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &[("a.rhai", GUARDED), ("a.test.rhai", GUARD_TESTS)]);
    let collections = json!([
        {"name": "orders", "type": "base", "fields": [text_field("title")], "createRule": "@request.auth.id != ''"},
        {"name": "log", "type": "base", "fields": [text_field("title")], "createRule": "", "viewRule": ""},
    ]);
    let schema = folder.path().join("schema.json");
    std::fs::write(&schema, collections.to_string()).unwrap();
    let output = steading(folder.path(), &["scripts", "test", "--schema", schema.to_str().unwrap()]);
    assert!(output.status.success() && out(&output).contains("2 tests: 2 ok"), "{}", all(&output));
}

const MAIL_TESTS: &str = r#"
test("mails keep their lines, and a subject is one line", || {
    mail("a@example.com", "Plain\r\nBcc: x@example.com", "Dear Ana,\nyour order:\n- a lamp\n- a chair\n\nBye");
    mail("a@example.com", "note.txt", #{ name: "Ana\n<b>" });
    mail("a@example.com", "question", #{ name: "Ana\nSubject: other\n\n<b>" });
    let sent = mails();
    assert_eq(sent.map(|one| one.subject), ["Plain  Bcc: x@example.com", "For Ana <b>", "From Ana Subject: other <b>"]);
    assert(sent[0].text.starts_with("Dear Ana,\nyour order:\n- a lamp\n- a chair\n\nBye"), sent[0].text);
    assert(sent[0].html.contains("Dear Ana,<br>\nyour order:<br>\n- a lamp<br>\n- a chair</p>"), sent[0].html);
    assert(sent[1].html.contains("<p>Dear Ana<br>\n&lt;b&gt;,<br>\nthanks.</p>"), sent[1].html);
    assert(sent[2].html.contains("Hello Ana\nSubject: other\n\n&lt;b&gt;."), sent[2].html);
});
"#;

#[test]
fn mails_keep_their_lines_and_subjects_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    write_files(
        folder.path(),
        &[
            ("a.rhai", ""),
            ("a.test.rhai", MAIL_TESTS),
            ("templates/mails/note.txt", "Subject: For {{ name }}\nDear {{ name }},\nthanks.\n"),
            ("templates/mails/question.html", "Subject: From {{ name }}\nHello {{ name }}."),
        ],
    );
    let output = steading(folder.path(), &["scripts", "test", "--schema", &schema(folder.path())]);
    assert!(output.status.success(), "{}", all(&output));
}

const SCRIPT: &str = r#"
before_create("orders", |e| {
    if e.record.total < 0 { reject(#{ total: "Not less than nothing." }); }
    e.record.total = (e.record.total * 1.2).round(2);
});
after_create("orders", |e| {
    mail("boss@example.com", "A new order", `It is ${e.record.title}.`);
    enqueue("sync", #{ id: e.record.id });
    realtime.send("orders-today", #{ title: e.record.title }, #{ to: "users", except: e.caller });
    db.create("log", #{ title: `after ${e.record.title}` });
});
job("sync", |payload, info| {
    let answer = http_post("https://crm.example.com/orders", #{ id: payload.id });
    if !answer.ok { throw `the CRM answered ${answer.status}`; }
    db.update("orders", payload.id, #{ paid: answer.json.paid });
});
cron("clean", "@daily", || {
    for order in db.each("orders", "created < {:limit}", #{ limit: now() - days(7) }) { db.delete(order); }
});
route("GET", "/orders/{id}", #{ auth: true }, |req| json(#{ title: db.find("orders", req.params.id).title, who: req.caller.email }));
route("POST", "/echo", |req| { if req.json.n == 0 { reject(409, "No."); } json(201, #{ n: req.json.n, q: req.query.q }) });
"#;

const TESTS: &str = r#"
fn order(values) { db.create("orders", #{ title: "a" } + values) }

test("money is exact", || {
    assert_eq(order(#{ total: 19.99 }).total, 23.99);
    assert_eq(db.count("orders"), 1);
});
test("each test begins with nothing", || assert_eq(db.count("orders"), 0));
test("refusals tell the field", || {
    let refusal = assert_rejected(|| order(#{ total: -1 }));
    assert_eq(refusal.data.total.message, "Not less than nothing.");
    assert_eq(refusal.status, 400);
    assert_eq(messages(), []);
    let refusal = assert_rejected(|| db.create("orders", #{ total: 1 }));
    assert_eq(refusal.data.title.code, "validation_required");
    assert_rejected(|| db.acting_as(()).create("orders", #{ title: "guest" }));
    let ana = db.create("users", #{ email: "ana@example.com", password: "a long password" });
    assert_eq(db.acting_as(ana).create("orders", #{ title: "ana" }).title, "ana");
});
test("what follows a save happens, and the queue waits", || {
    let sent = [];
    let status = 503;
    fake_http("POST", "https://crm.example.com/*", |request| if http_calls().len() < 2 { #{ status: 503 } } else { #{ json: #{ paid: true } } });
    let order = order(#{ total: 10 });
    assert_eq(mails().map(|mail| `${mail.to} ${mail.subject} ${mail.text.contains("It is a.")}`), ["boss@example.com A new order true"]);
    assert(db.exists("log", "title = 'after a'"));
    assert_eq(messages().map(|message| [message.topic, message.data, message.to.len(), message.except]), [["orders-today", #{ title: "a" }, 1, []]]);
    assert_eq(jobs().map(|job| job.name), ["sync"]);
    assert_eq(jobs()[0].payload, #{ id: order.id });
    let done = run_jobs();
    assert_eq(done.len(), 1);
    assert(!done[0].ok && done[0].error.contains("503"), done[0].error);
    assert_eq(run_jobs().len(), 0);
    advance("1 hour");
    assert(run_jobs()[0].ok);
    assert(db.find("orders", order.id).paid);
    assert_eq(http_calls()[0].json, #{ id: order.id });
    assert_eq(jobs(), []);
});
test("time stands still", || {
    set_clock("2026-12-24 18:00:00");
    let old = order(#{ total: 1 });
    assert_eq(old.created, "2026-12-24 18:00:00.000Z");
    assert_eq(now(), date("2026-12-24 18:00:00"));
    advance("6 days");
    run_cron("clean");
    assert_eq(db.count("orders"), 1);
    advance(days(2));
    run_cron("clean");
    assert_eq(db.count("orders"), 0);
});
test("routes", || {
    let order = order(#{ total: 1 });
    assert_eq(ask("GET", `/orders/${order.id}`).status, 401);
    let ana = db.create("users", #{ email: "ana@example.com", password: "a long password" });
    let answer = ask("GET", `/orders/${order.id}`, #{ caller: ana });
    assert_eq([answer.status, answer.json], [200, #{ title: "a", who: "ana@example.com" }]);
    let answer = ask("POST", "/echo?q=1", #{ body: #{ n: 5 } });
    assert_eq([answer.status, answer.json, answer.headers["content-type"]], [201, #{ n: 5, q: "1" }, "application/json"]);
    assert_eq(ask("POST", "/echo", #{ body: #{ n: 0 } }).json.message, "No.");
});
"#;

#[test]
fn tests_run_on_a_scratch_copy_with_fakes_for_everything_outside() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &[("orders.rhai", SCRIPT), ("orders.test.rhai", TESTS)]);
    std::fs::write(folder.path().join("config.toml"), "[scripts]\nbefore_milliseconds = 5000\n").unwrap();
    let schema = schema(folder.path());
    let output = steading(folder.path(), &["scripts", "test", "--schema", &schema]);
    assert!(output.status.success(), "{}", all(&output));
    assert!(out(&output).contains("orders.test.rhai\n  ok      money is exact"), "{}", out(&output));
    assert!(out(&output).contains("6 tests: 6 ok, 0 failed"), "{}", out(&output));
    assert!(!folder.path().join("data").exists(), "nothing is made");
    let one = steading(folder.path(), &["scripts", "test", "stands", "--schema", &schema, "--json"]);
    let value: Value = serde_json::from_str(&out(&one)).unwrap();
    assert_eq!((&value["ok"], &value["tests"][0]["name"]), (&json!(1), &json!("time stands still")));
    let none = steading(folder.path(), &["scripts", "test", "nothing-like-it", "--schema", &schema]);
    assert!(!none.status.success(), "{}", all(&none));
}

const FILE_SCRIPT: &str = r#"
route("POST", "/report", |req| {
    let report = db.new_record("reports", #{ title: req.json.title });
    report.file = file("../../a report.csv", to_csv([#{ title: "A" }]));
    db.save(report);
    json(201, #{ id: report.id, file: report.file })
});
after_create("reports", |e| if e.record.file != "" { print(db.find("reports", e.record.id).read_file(e.record.file).len()); });
"#;

const FILE_TESTS: &str = r#"
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("a file is stored with its record and read again", || {
    let made = ask("POST", "/report", #{ body: #{ title: "a" } }).json;
    let report = db.find("reports", made.id);
    assert(report.file.starts_with("a_report_") && report.file.ends_with(".csv"), report.file);
    assert_eq(report.read_file(report.file).text, "title\nA\n");
    assert_eq(ask("POST", "/report", #{ body: #{ title: "" } }).status, 400);
    assert_eq(db.count("reports"), 1);
});
test("the type of a file is checked by its content, and images have thumbnails", || {
    let refusal = assert_rejected(|| db.create("reports", #{ title: "b", image: file("a.png", "no image") }));
    assert_eq(refusal.data.image.code, "validation_invalid_mime_type");
    let kept = db.create("reports", #{ title: "c", image: file("a.png", base64_decode(PIXEL)) });
    let thumb = kept.read_file(kept.image, "100x100");
    assert(thumb.len() > 0 && thumb != kept.read_file(kept.image), "a thumbnail was made");
    assert_eq(kept.read_file(kept.image, "7x7"), kept.read_file(kept.image));
    kept.image = ();
    db.save(kept);
    assert_eq(db.find("reports", kept.id).image, "");
});
test("files of another test are gone", || assert_eq(db.count("reports"), 0));
test("passwords are compared", || {
    let ana = db.create("users", #{ email: "ana@example.com", password: "a long password" });
    assert(ana.check_password("a long password"));
    assert(!ana.check_password("another password"));
    assert_eq(verify_auth_token(ana.auth_token()).id, ana.id);
});
"#;

#[test]
fn tests_keep_files_and_compare_passwords() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &[("reports.rhai", FILE_SCRIPT), ("reports.test.rhai", FILE_TESTS)]);
    std::fs::write(folder.path().join("config.toml"), "[scripts]\nbefore_milliseconds = 5000\n").unwrap();
    let fields = json!([
        {"name": "title", "type": "text", "required": true}, {"name": "file", "type": "file"},
        {"name": "image", "type": "file", "mimeTypes": ["image/png"]},
    ]);
    let schema = folder.path().join("schema.json");
    std::fs::write(&schema, json!([{"name": "reports", "type": "base", "fields": fields}]).to_string()).unwrap();
    let output = steading(folder.path(), &["scripts", "test", "--schema", schema.to_str().unwrap()]);
    assert!(output.status.success(), "{}", all(&output));
    assert!(out(&output).contains("4 tests: 4 ok, 0 failed"), "{}", out(&output));
}

const PAYPAL: &str = r#"
route("POST", "/paypal", |req| {
    let event = verify_webhook("paypal", req, ["OTHER", "8PT597110X687430L"], #{ roots: db.first("roots", "").pem });
    db.create("payments", #{ title: event.id });
    #{ ok: true }
});
route("POST", "/system", |req| { verify_webhook("paypal", req, "8PT597110X687430L"); });
route("POST", "/inside", |req| db.transaction(|db| { verify_webhook("paypal", req, "8PT597110X687430L"); }));
"#;

/// The signature was made with OpenSSL, over `id|time|id of the webhook|CRC-32 of the body`.
const PAYPAL_TESTS: &str = r#"
const BODY = `{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}`;
const URL = "https://api.paypal.com/v1/notifications/certs/CERT-1";
const SIGNATURE = "tbZGQTqkHtW3vNfW8VrLlVKeZeKVwkrjEHSTQMzJu1bgcCqY4q6pANkDV2gjMW6lF4dGeSCV4PLjkWfTlAYXXymtbDaBZmGqZHwCD3wL1uuuZFkGqXZ76qnc37tLK7o/M3S4Hfy5h+Rj9kQZ/WW3lN4lwFnrfp+csbejuUf8UBqzVlThG3K/X3aEOSDYkGJOtV27NNXhJUO4RkU7mOn9howRi8MAOoQ3bH26ANeH258srQF8wJvtqw32RINV3bcorCxupVVIUyR4CX2GQea4wavyw0ZJ0/IU4exOCFlQ9RYo72NhBKsDu05ItBG+PLlTJI8fjLYmJZl2+L9LpdFugA==";
const CHAIN = `@CHAIN@`;
const ROOT = `@ROOT@`;

fn headers() {
    #{ "paypal-transmission-id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55", "paypal-transmission-time": "2026-11-22T10:00:00Z",
       "paypal-transmission-sig": SIGNATURE, "paypal-auth-algo": "SHA256withRSA", "paypal-cert-url": URL }
}
fn send(path, headers) { ask("POST", path, #{ body: BODY, headers: headers }) }

test("a payment is believed once, and its certificate fetched once", || {
    set_clock("2026-11-23 10:00:00");
    db.create("roots", #{ pem: ROOT });
    fake_http("GET", URL, #{ body: CHAIN });
    let first = send("/paypal", headers());
    assert_eq([first.status, first.json], [200, #{ ok: true }]);
    assert_eq(db.list("payments").map(|payment| payment.title), ["WH-1"]);
    let again = send("/paypal", headers());
    assert_eq([again.status, db.count("payments"), http_calls().len()], [200, 1, 1]);
    let forged = ask("POST", "/paypal", #{ body: BODY.replace("WH-1", "WH-2"), headers: headers() });
    assert_eq([forged.status, db.count("payments"), http_calls().len()], [401, 1, 1]);
    let other = headers();
    other["paypal-transmission-id"] = "another";
    assert_eq(send("/paypal", other).status, 401);
    assert_eq(send("/system", headers()).status, 401);
    advance("5 days");
    assert_eq(send("/paypal", headers()).status, 401);
});
test("nothing is fetched for what cannot be PayPal's", || {
    set_clock("2026-11-23 10:00:00");
    db.create("roots", #{ pem: ROOT });
    for pair in [
        ["paypal-cert-url", "https://evil.example/v1/notifications/certs/CERT-1"], ["paypal-cert-url", "http://127.0.0.1/v1/notifications/certs/CERT-1"],
        ["paypal-auth-algo", "none"], ["paypal-transmission-time", "yesterday"], ["paypal-transmission-sig", "%"], ["paypal-transmission-id", ""],
    ] {
        let changed = headers();
        changed[pair[0]] = pair[1];
        assert(send("/paypal", changed).status == 401, pair[0]);
    }
    assert_eq(http_calls().len(), 0);
    assert_eq(send("/inside", headers()).status, 400);
});
test("a certificate of another service, and none", || {
    set_clock("2026-11-23 10:00:00");
    db.create("roots", #{ pem: ROOT });
    fake_http("GET", URL, #{ body: `@OTHER@` });
    assert_eq(send("/paypal", headers()).status, 401);
});
test("PayPal does not answer", || {
    set_clock("2026-11-23 10:00:00");
    db.create("roots", #{ pem: ROOT });
    fake_http("GET", URL, #{ status: 503 });
    assert_eq(send("/paypal", headers()).status, 400);
    fake_http("GET", URL, #{ body: CHAIN });
    assert_eq(send("/paypal", headers()).status, 200);
});
"#;

#[test]
fn a_webhook_of_paypal_is_believed_with_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let pem = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/base/test_certificates").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let tests = PAYPAL_TESTS.replace("@CHAIN@", &pem("paypal.pem")).replace("@OTHER@", &pem("other.pem"));
    let tests = tests.replace("@ROOT@", &pem("root.pem"));
    write_files(folder.path(), &[("paypal.rhai", PAYPAL), ("paypal.test.rhai", &tests)]);
    let fields = |name: &str| json!([{"name": name, "type": "text"}]);
    let collections = json!([
        {"name": "payments", "type": "base", "fields": fields("title")},
        {"name": "roots", "type": "base", "fields": fields("pem")},
    ]);
    let schema = folder.path().join("schema.json");
    std::fs::write(&schema, collections.to_string()).unwrap();
    let output = steading(folder.path(), &["scripts", "test", "--schema", schema.to_str().unwrap()]);
    assert!(output.status.success(), "{}", all(&output));
}

#[test]
fn a_test_that_fails_says_where_and_what() {
    let folder = tempfile::tempdir().unwrap();
    let tests = [
        ("differs", "assert_eq(db.create(\"orders\", #{ title: \"a\", total: 1 }).total, 5);", "2:", "expected: 5\n"),
        ("caught", "try { assert(1 == 2, \"it is not\"); } catch { }", "2:", "it is not"),
        ("not refused", "assert_rejected(|| 7);", "2:", "nothing was refused"),
        (
            "a mistake is no refusal",
            "assert_rejected(|| db.create(\"orders\", #{ title: \"broken\" }));",
            "",
            "orders.rhai:1:",
        ),
        (
            "no fake",
            "try { http_get(\"https://example.com/x\"); } catch { }",
            "",
            "no fake_http for GET https://example.com/x",
        ),
        ("after", "db.create(\"orders\", #{ title: \"after\" });", "", "after_create(\"orders\")"),
        ("endless", "loop { }", "", "too many steps"),
        ("unknown", "db.create(\"nothing\", #{});", "2:", "nothing"),
        ("late", "test(\"inner\", || {});", "2:", "while the file is loaded"),
        ("job", "enqueue(\"sync\", 1); assert(run_jobs()[0].ok);", "2:", "the condition does not hold"),
    ];
    let script = "before_create(\"orders\", |e| if e.record.title == \"broken\" { let x = 1 + (); });\n\
                  after_create(\"orders\", |e| if e.record.title == \"after\" { print(\"printed by it\"); let x = 1 + (); });\n\
                  job(\"sync\", |n| 1 / (n - 1));";
    let written = tests.iter().map(|(name, body, ..)| format!("test(\"{name}\", || {{\n{body}\n}});\n"));
    let text = written.collect::<Vec<_>>().concat();
    let count = tests.len();
    // Each test has three lines, so only the line within it is told below.
    write_files(folder.path(), &[("orders.rhai", script), ("a.test.rhai", &text), ("b.test.rhai", "test(\"x\", |")]);
    let output = steading(folder.path(), &["scripts", "test", "--schema", &schema(folder.path()), "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", all(&output));
    let value: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((&value["ok"], &value["failed"]), (&json!(0), &json!(count + 1)), "{value}");
    for (at, (name, _, line, expected)) in tests.iter().enumerate() {
        let found = &value["tests"][at];
        assert_eq!(found["name"], json!(name));
        let problem = &found["problem"];
        let message = format!("{}:{}: {}", text_of(&problem["file"]), problem["line"], text_of(&problem["message"]));
        assert!(message.contains(expected), "{name}: {message}");
        if !line.is_empty() {
            assert_eq!(problem["line"], json!(at * 3 + 2), "{name}: {message}");
        }
    }
    assert!(value["tests"][5]["output"].to_string().contains("printed by it"), "{value}");
    let why = text_of(&value["tests"][count - 1]["output"][0]);
    assert!(why.starts_with("failed: orders.rhai:3:") && why.contains("job(\"sync\")"), "{why}");
    let plain = steading(folder.path(), &["scripts", "test", "differs", "--schema", &schema(folder.path())]);
    assert!(out(&plain).contains("  FAILED  differs\n          a.test.rhai:2:"), "{}", out(&plain));
    assert!(all(&plain).contains("error: 2 tests failed"), "{}", all(&plain));
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn run_tries_a_file_on_the_data_and_tests_see_its_collections_without_records() {
    let mut server = server_with_config(
        &[("a.rhai", "after_create(\"notes\", |e| { db.update(\"notes\", e.record.id, #{ n: 7 }); });")],
        "before_milliseconds = 5000\n",
    );
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title"), number("n")]));
    root.create(&records("notes"), &json!({"title": "first"}));
    write_files(
        server.folder(),
        &[("a.test.rhai", "test(\"empty\", || { assert_eq(db.count(\"notes\"), 0); db.create(\"notes\", #{}); });")],
    );
    let tested = server.command(&["scripts", "test"]);
    assert!(tested.status.success(), "beside the running server: {}", all(&tested));
    let file = server.folder().join("try.rhai");
    std::fs::write(
        &file,
        "print(\"begin\");\ndb.create(\"notes\", #{ title: \"tried\" });\n#{ count: db.count(\"notes\") }",
    )
    .unwrap();
    let file = file.to_str().unwrap().to_owned();
    server.stop();
    let tried = server.command(&["scripts", "run", &file]);
    assert!(
        tried.status.success() && out(&tried).starts_with("begin\n") && out(&tried).contains("\"count\": 2"),
        "{}",
        all(&tried)
    );
    assert!(server.command(&["scripts", "run", &file, "--keep"]).status.success());
    std::fs::write(&file, "\ndb.create(\"notes\", #{ title: \"lost\" });\nnothing()").unwrap();
    let failed = server.command(&["scripts", "run", &file, "--keep"]);
    assert!(failed.status.code() == Some(1) && all(&failed).contains("try.rhai:3:1: "), "{}", all(&failed));
    server.restart();
    let root = server.superuser();
    let list = root.get(&records("notes")).body;
    let found: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| (text(&item["title"]), item["n"].clone())).collect();
    assert_eq!(list["totalItems"], json!(2), "{list}");
    assert!(found.contains(&("tried".to_owned(), json!(7))), "the handler after the commit has run: {list}");
}

#[test]
fn new_makes_a_script_and_its_test_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let made = steading(folder.path(), &["scripts", "new", "orders"]);
    assert!(made.status.success(), "{}", all(&made));
    let read = |name: &str| std::fs::read_to_string(folder.path().join("scripts").join(name)).unwrap();
    assert!(read("orders.rhai").contains("before_create(\"orders\"") && read("orders.test.rhai").contains("test("));
    assert!(read(".steading/steading.d.rhai").contains("fn before_create("));
    assert!(steading(folder.path(), &["scripts", "check"]).status.success());
    let tested = steading(folder.path(), &["scripts", "test", "orders", "--schema", &schema(folder.path())]);
    assert!(tested.status.success(), "{}", all(&tested));
    std::fs::write(folder.path().join("scripts/orders.rhai"), "mine").unwrap();
    let again = steading(folder.path(), &["scripts", "new", "orders.rhai"]);
    assert!(!again.status.success() && all(&again).contains("exists already"), "{}", all(&again));
    std::fs::remove_file(folder.path().join("scripts/orders.rhai")).unwrap();
    assert!(!steading(folder.path(), &["scripts", "new", "orders"]).status.success(), "its test is there");
    assert!(read("orders.test.rhai").contains("test("));
    for name in ["../orders", "lib/x", "a/b", ".hidden", "", "x.test", "a\"b"] {
        let refused = steading(folder.path(), &["scripts", "new", name]);
        assert!(!refused.status.success(), "{name}: {}", all(&refused));
    }
    assert!(!folder.path().join("orders.rhai").exists());
}
