//! Functions of scripts that need the running server.

use crate::files::eventually;
use crate::inbound::hex;
use crate::scripts::{collection, records, server_with_options, text_field};
use crate::server::{Answer, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

const SHOP: &str = r#"
route("POST", "/hooks/stripe", |req| {
    let event = verify_webhook("stripe", req, env("CARGO_PKG_NAME"), #{ tolerance: days(36500) });
    if event.type == "broken" && kv.get("mended") == () { throw text(503, "Later."); }
    db.create("payments", #{ title: event.id });
    log.info("paid", #{ event: event.id });
    #{ ok: true }
});
route("POST", "/hooks/all", |req| {
    req.db.transaction(|db| {
        let event = verify_webhook("github", req, ["old", env("CARGO_PKG_NAME")]);
        if kv.get("mended") == () { reject(409, "Not yet."); }
        db.create("payments", #{ title: event.id });
    });
    "ok"
});
route("POST", "/mend", |req| { kv.set("mended", true); });
route("GET", "/kept", |req| kv.increment("calls", 1));
route("GET", "/early", |req| { throw text(404, "No such product."); });
"#;

fn post(server: &TestServer, path: &str, header: (&str, &str), body: &str) -> Answer {
    let request = server.anonymous().request(Method::POST, path).header(header.0, header.1).body(body.to_owned());
    Answer::of(request.send().unwrap())
}

fn payments(server: &TestServer) -> Vec<Value> {
    let list = server.superuser().get(&format!("{}?sort=@rowid", records("payments")));
    list.body["items"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect()
}

/// The signatures were made with another implementation of HMAC.
#[test]
fn a_webhook_is_worked_on_once_and_again_after_a_failure() {
    // Cargo sets this variable for tests: to "steading", the secret.
    let server = server_with_options(&[("shop.rhai", SHOP)], "env = [\"CARGO_PKG_NAME\"]\n");
    let root = server.superuser();
    collection(&root, "payments", &json!([text_field("title")]));
    let paid = r#"{"id":"evt_1","type":"checkout.session.completed"}"#;
    let signed = "t=1492774577,v1=c504729781ee8c3337213af721c9cd2710c37eec7670edb65d9fd1a0d8844774";
    let send = |body: &str, signature: &str| post(&server, "/hooks/stripe", ("Stripe-Signature", signature), body);
    let refused = send(&paid.replace("evt_1", "evt_2"), signed);
    assert_eq!((refused.status, refused.message()), (401, "The signature of the webhook is not valid."));
    assert_eq!(send(paid, "").status, 401);
    assert!(payments(&server).is_empty());
    let first = send(paid, signed);
    assert_eq!((first.status, &first.body), (200, &json!({"ok": true})));
    let again = send(paid, signed);
    assert_eq!((again.status, &again.body), (200, &Value::Null));
    assert_eq!(payments(&server), ["evt_1"]);

    let broken = r#"{"id":"evt_3","type":"broken"}"#;
    let signed = "t=1492774577,v1=4222fa242257db631694aafb4fd0ac80cd2864f603091f3f57f195e43ea12877";
    assert_eq!(send(broken, signed).status, 503);
    assert_eq!(send(broken, signed).status, 503, "the first attempt has failed, so this one is worked on too");
    let github = ("X-Hub-Signature-256", "sha256=edc7f755b466688b528b3af76141c04c62b6a00169963eae0322fd914319a7f7");
    assert_eq!(post(&server, "/hooks/all", github, paid).status, 409);
    assert_eq!(post(&server, "/mend", github, "").status, 204);
    assert_eq!(send(broken, signed).status, 200);
    assert_eq!(send(broken, signed).status, 200);
    assert_eq!(post(&server, "/hooks/all", github, paid).body, Value::Null);
    assert_eq!(post(&server, "/hooks/all", github, paid).status, 200);
    assert_eq!(payments(&server), ["evt_1", "evt_3", "evt_1"]);

    // What the script logs is found by its fields, and a refused webhook by its reason.
    let found = |filter: &str| {
        let filter: String = form_urlencoded(filter);
        let list = root.get(&format!("/api/logs?filter={filter}"));
        list.body["items"].as_array().unwrap().clone()
    };
    eventually("the entry", || !found("data.fields.event = 'evt_3'").is_empty());
    let entries = found("data.fields.event = 'evt_3'");
    assert_eq!((&entries[0]["message"], &entries[0]["data"]["place"]), (&json!("paid"), &json!("shop.rhai:6:9")));
    let doubts = found("data.type = 'script' && message ~ 'no signature matches'");
    assert_eq!(doubts.len(), 1, "{doubts:?}");
}

/// Ids of webhooks come from their senders, and one sender must not use up those of another.
#[test]
fn a_webhook_is_remembered_for_its_secrets() {
    let script = r#"
        route("POST", "/mine", |req| {
            let event = verify_webhook("stripe", req, ["new", "old"], #{ tolerance: days(36500) });
            db.create("payments", #{ title: event.id });
            "stored"
        });
        route("POST", "/theirs", |req| {
            let event = verify_webhook("stripe", req, "their own", #{ tolerance: days(36500) });
            db.create("payments", #{ title: event.id });
            "stored"
        });
    "#;
    let server = server_with_options(&[("shop.rhai", script)], "");
    collection(&server.superuser(), "payments", &json!([text_field("title")]));
    let body = r#"{"id":"evt_1"}"#;
    let send = |path: &str, secrets: &[&str]| {
        let signature = |secret: &&str| format!("v1={}", hex(secret, &format!("1700000000.{body}")));
        let signatures: Vec<String> = secrets.iter().map(signature).collect();
        post(&server, path, ("Stripe-Signature", &format!("t=1700000000,{}", signatures.join(","))), body).status
    };
    assert_eq!(send("/theirs", &["their own"]), 200);
    assert_eq!(send("/mine", &["new", "old"]), 200);
    assert_eq!(payments(&server), ["evt_1", "evt_1"]);
    for (path, secrets) in
        [("/theirs", &["their own"][..]), ("/mine", &["new"]), ("/mine", &["old"]), ("/mine", &["old", "new"])]
    {
        assert_eq!(send(path, secrets), 200, "{path} {secrets:?}");
    }
    assert_eq!(payments(&server).len(), 2);
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + "%" + &format!("{byte:02x}"))
}

#[test]
fn values_that_are_kept_survive_a_restart_and_a_route_may_end_early() {
    let unset = SHOP.replace("CARGO_PKG_NAME", "STEADING_NO_SUCH_VARIABLE");
    let mut server = server_with_options(&[("shop.rhai", &unset)], "env = [\"STEADING_NO_SUCH_VARIABLE\"]\n");
    let get =
        |server: &TestServer, path: &str| Answer::of(server.anonymous().request(Method::GET, path).send().unwrap());
    assert_eq!(get(&server, "/kept").body, json!(1));
    server.kill();
    server.restart();
    assert_eq!(get(&server, "/kept").body, json!(2));
    assert_eq!(get(&server, "/early").status, 404);
    // A secret that is not set is a mistake of the owner, and believes nobody.
    assert_eq!(post(&server, "/hooks/stripe", ("x", "y"), "{}").status, 400);
}

const LIBRARY: &str = r#"
route("GET", "/books", |req| db.page("books", "", #{}, #{ sort: "title", limit: 2, expand: "author.city" }));
route("GET", "/guest", |req| {
    let all = db.acting_as(()).list("books", "", #{}, #{ expand: "author.city" });
    [all[0].expand("author"), db.find("books", all[0].id, #{ expand: "author" }).expand("author.city").name]
});
route("GET", "/back", |req| db.first("cities", "", #{}, #{ sort: "name" }).expand("authors_via_city.books_via_author").map(|book| book.title));
route("POST", "/report", |req| {
    let book = db.first("books", "title = 'A'");
    book.cover = file("../cover.csv", to_csv([#{ title: "A" }]));
    db.save(book);
    #{ name: book.cover, text: book.read_file(book.cover).text }
});
route("POST", "/refused", |req| {
    let book = db.new_record("books", #{ title: "" });
    book.cover = file("lost.txt", "lost");
    db.save(book);
});
route("POST", "/inside", |req| db.transaction(|db| { db.create("books", #{ title: "T", cover: file("a.txt", "a") }) }));
route("POST", "/other", |req| db.first("books", "").read_file("../../data.db"));
route("POST", "/sign-in", |req| {
    let user = db.first("users", "email = {:email}", #{ email: req.json.email });
    if user == () || !user.check_password(req.json.password) { reject(401, "Wrong."); }
    #{ token: user.auth_token(minutes(5)), again: verify_auth_token(user.auth_token()).id, none: verify_auth_token("x.y.z") }
});
"#;

#[test]
fn records_are_expanded_and_keep_files_that_scripts_make() {
    let server = server_with_options(&[("library.rhai", LIBRARY)], "");
    let root = server.superuser();
    let id = |answer: Value| answer["id"].as_str().unwrap().to_owned();
    let relation = |name: &str, target: &str| json!({"name": name, "type": "relation", "collectionId": target});
    let cities = id(collection(&root, "cities", &json!([text_field("name")])));
    let authors = id(collection(&root, "authors", &json!([text_field("name"), relation("city", &cities)])));
    root.patch("/api/collections/authors", &json!({"viewRule": null}));
    let title = json!({"name": "title", "type": "text", "required": true});
    let cover = json!({"name": "cover", "type": "file"});
    collection(&root, "books", &json!([title, cover, relation("author", &authors)]));
    let city = id(root.create(&records("cities"), &json!({"name": "Rome"})));
    let author = id(root.create(&records("authors"), &json!({"name": "Ana", "city": city})));
    for title in ["C", "A", "B"] {
        root.create(&records("books"), &json!({"title": title, "author": author}));
    }
    let ask = |method: Method, path: &str, body: &Value| {
        Answer::of(server.anonymous().request(method, path).body(body.to_string()).send().unwrap())
    };
    let page = ask(Method::GET, "/books", &Value::Null).body;
    let titles: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["title"]).collect();
    assert_eq!(
        (titles, &page["total"], &page["pages"]),
        (vec!["A", "B"].into_iter().map(Value::from).collect::<Vec<_>>().iter().collect(), &json!(3), &json!(2))
    );
    assert_eq!(page["items"][0]["expand"]["author"]["expand"]["city"]["name"], "Rome");
    assert_eq!(ask(Method::GET, "/guest", &Value::Null).body, json!([null, "Rome"]), "guests may not view authors");
    assert_eq!(ask(Method::GET, "/back", &Value::Null).body, json!(["C", "A", "B"]));

    let report = ask(Method::POST, "/report", &Value::Null);
    let name = report.body["name"].as_str().unwrap_or_else(|| panic!("{}", report.body)).to_owned();
    assert!(name.starts_with("cover_") && Path::new(&name).extension().is_some_and(|ending| ending == "csv"), "{name}");
    assert_eq!(report.body["text"], "title\nA\n");
    let book = root.get(&format!("{}?filter=title='A'", records("books"))).body["items"][0].clone();
    let file =
        server.anonymous().request(Method::GET, &format!("/api/files/books/{}/{name}", book["id"].as_str().unwrap()));
    assert_eq!(file.send().unwrap().text().unwrap(), "title\nA\n");
    for path in ["/refused", "/inside", "/other"] {
        assert_eq!(ask(Method::POST, path, &Value::Null).status, 400, "{path}");
    }
    let kept: Vec<String> = crate::files::stored(&server);
    assert_eq!(kept.iter().filter(|path| path.contains("lost") || path.contains("staging")).count(), 0, "{kept:?}");

    root.create(
        &records("users"),
        &json!({"email": "ana@example.com", "password": "12345678", "passwordConfirm": "12345678"}),
    );
    let sign_in =
        |password: &str| ask(Method::POST, "/sign-in", &json!({"email": "ana@example.com", "password": password}));
    assert_eq!(sign_in("wrong").status, 401);
    let signed = sign_in("12345678").body;
    let token = signed["token"].as_str().unwrap().to_owned();
    let refreshed = server
        .anonymous()
        .with_token(&token)
        .request(Method::GET, &format!("{}/{}", records("users"), signed["again"].as_str().unwrap()));
    assert_eq!(refreshed.send().unwrap().status(), 200);
    assert_eq!(signed["none"], Value::Null);
}

const SEEN: &str = r#"
enrich("books", |e| {
    if e.caller == () { e.record.hide("price"); }
    e.record.show("loud", e.record.title.to_upper());
});
enrich("loops", |e| e.record.show("again", e.record.seen_by(e.caller)));
route("GET", "/page", |req| json(db.page("books", "", #{}, #{ sort: "title" }).seen_by(req.caller)));
route("GET", "/book", |req| #{
    book: db.first("books", "title = 'A'").seen_by(req.caller, #{ expand: "author", fields: "title,price,expand.author.name" }),
    number: 1
});
route("GET", "/me", |req| [db.first("users", "").seen_by(req.caller), db.first("users", "").seen_by(())]);
route("GET", "/plain", |req| db.first("books", "title = 'A'"));
route("GET", "/gone", |req| {
    let books = db.list("books");
    db.delete(books[0]);
    #{ list: books.seen_by(req.caller).len(), first: books[0].seen_by(req.caller) }
});
route("GET", "/new", |req| db.new_record("books").seen_by(req.caller));
route("GET", "/wrong", |req| db.first("books", "").seen_by("ana"));
route("GET", "/loop", |req| db.create("loops", #{ title: "x" }).seen_by(()));
"#;

#[test]
fn a_route_shows_records_as_the_caller_sees_them() {
    let server = server_with_options(&[("seen.rhai", SEEN)], "");
    let root = server.superuser();
    let authors = collection(&root, "authors", &json!([text_field("name")]));
    root.patch("/api/collections/authors", &json!({"viewRule": "@request.auth.id != ''"}));
    let author = json!({"name": "author", "type": "relation", "collectionId": authors["id"]});
    let secret = json!({"name": "secret", "type": "text", "hidden": true});
    let due = json!({"name": "due", "type": "date"});
    let price = json!({"name": "price", "type": "number"});
    collection(&root, "books", &json!([text_field("title"), price, secret, due, author]));
    collection(&root, "loops", &json!([text_field("title")]));
    let ann = root.create(&records("authors"), &json!({"name": "Ann"}));
    for title in ["A", "B"] {
        let book = json!({"title": title, "price": 5, "secret": "s", "author": ann["id"]});
        root.create(&records("books"), &book);
    }
    let (ana, guest) = (server.user("ana"), server.anonymous());
    // The same as the API says.
    for client in [&guest, &ana, &root] {
        let page = client.get("/page").body;
        let listed = client.get(&format!("{}?sort=title", records("books"))).body;
        assert_eq!((&page["items"], &page["total"]), (&listed["items"], &json!(2)));
        assert_eq!((&page["items"][0]["due"], &page["items"][0]["loud"]), (&json!(""), &json!("A")));
    }
    let keys = |book: &Value| book.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let guests = guest.get("/page").body["items"][0].clone();
    assert!(!keys(&guests).iter().any(|key| key == "price" || key == "secret"), "{guests}");
    let shown = json!({"book": {"title": "A", "expand": {}}, "number": 1});
    assert_eq!(guest.get("/book").body, shown, "guests may not see authors");
    assert_eq!(ana.get("/book").body["book"], json!({"title": "A", "price": 5, "expand": {"author": {"name": "Ann"}}}));
    let me = ana.get("/me").body;
    assert_eq!((&me[0]["email"], me[1].get("email")), (&json!("ana@example.com"), None));
    assert!(!me.to_string().contains("token") && !me.to_string().contains("password"), "{me}");
    let plain = guest.get("/plain").body;
    assert_eq!((&plain["due"], plain.get("secret"), &plain["price"]), (&json!(""), None, &json!(5)));
    for path in ["/new", "/wrong", "/loop"] {
        assert_eq!(guest.get(path).status, 400, "{path}");
    }
    assert_eq!(guest.get("/gone").body, json!({"list": 1, "first": null}));
}
