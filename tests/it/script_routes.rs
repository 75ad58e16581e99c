//! Routes and pages of scripts in the running server.

use crate::files::eventually;
use crate::scripts::{collection, server, server_with_config, soon, text_field, titles, write_files};
use crate::server::{Answer, Client, TestServer, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read as _;
use std::time::{Duration, Instant};

const TIME: Duration = Duration::from_mins(1);

/// Sends a request, and returns the answer with its body as text.
fn send(client: &Client, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> (Answer, String) {
    let mut request = client.request(method, path).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let plain = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = plain.execute(request.build().unwrap()).unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().unwrap();
    (Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default() }, text)
}

fn get(server: &TestServer, path: &str) -> (Answer, String) {
    send(&server.anonymous(), Method::GET, path, &[], "")
}

const SHOP: &str = r#"
route("GET", "/hello/{name}", |req| #{ hello: req.params.name, page: req.query.page, agent: req.headers["x-agent"], all: req.query_all("page") });
route("GET", "/hello/me", |req| "me");
route("GET", "/files/{path...}", |req| text(req.params.path));
route("POST", "/echo", |req| json(201, #{ sum: req.json.a + req.json.b, body: req.body }));
route("POST", "/form", |req| {
    let files = req.files.map(|file| #{ name: file.name, size: file.size, type: file.type, text: file.text });
    #{ name: req.form.name, tags: req.form_all("tag"), files: files }
});
route("GET", "/page", |req| page("shop/list", #{ title: req.query.title, items: [#{ name: "Lamp", price: 19.99 }] }));
route("GET", "/go", |req| redirect("/page").cookie("basket", "1;2"));
route("GET", "/basket", |req| text(`${req.cookies.basket}`).header("X-Shop", "yes"));
route("GET", "/bad-header", |req| text("x").header("X-Shop", req.query.value));
route("POST", "/raw", #{ body: "4 MB" }, |req| bytes("image/png", req.bytes + req.bytes.slice(0, 2)));
route("DELETE", "/nothing", |req| { });
route("GET", "/refused", |req| reject(409, "Sold out."));
route("GET", "/broken", |req| { let x = (); x.y.z });
route("PUT", "/api/shop/order", |req| #{ caller: req.caller?.id, is_superuser: req.is_superuser, ip: req.ip });
"#;

const TEMPLATES: [(&str, &str); 2] = [
    (
        "templates/layout.html",
        "<html><title>{% block title %}{% endblock %}</title>{% block body %}{% endblock %}</html>",
    ),
    (
        "templates/shop/list.html",
        "{% extends \"layout.html\" %}{% block title %}{{ title }}{% endblock %}{% block body %}\
         {% for item in items %}<li>{{ item.name }}: {{ item.price }}</li>{% endfor %}{% endblock %}",
    ),
];

fn shop() -> TestServer {
    server(&[("shop.rhai", SHOP), TEMPLATES[0], TEMPLATES[1]])
}

#[test]
fn routes_answer_with_json_texts_and_pages() {
    let server = shop();
    let guest = server.anonymous();
    let (answer, _) = send(&guest, Method::GET, "/hello/a%2Fb?page=1&page=2", &[("X-Agent", "me")], "");
    assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (200, "application/json"));
    assert_eq!(answer.body, json!({"hello": "a/b", "page": "1", "agent": "me", "all": ["1", "2"]}));
    let (answer, me) = get(&server, "/hello/me");
    assert_eq!((answer.status, me.as_str()), (200, "me"), "the fixed path wins");
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(get(&server, "/files/a/b.txt").1, "a/b.txt");

    let (answer, _) = send(&guest, Method::POST, "/echo", &[], r#"{"a": 0.1, "b": 0.2}"#);
    assert_eq!((answer.status, &answer.body["sum"]), (201, &json!(0.3)));
    let (answer, _) = send(&guest, Method::POST, "/echo", &[], "{");
    assert_eq!(answer.status, 400);
    assert!(answer.message().starts_with("The body is not valid JSON"), "{}", answer.body);

    let form = &[("Content-Type", "application/x-www-form-urlencoded")];
    let (answer, _) = send(&guest, Method::POST, "/form", form, "name=007&tag=a&tag=b%26");
    assert_eq!(answer.body, json!({"name": "007", "tags": ["a", "b&"], "files": []}));
    let form = &[("Content-Type", "multipart/form-data; boundary=b")];
    let body = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAna\r\n--b\r\nContent-Disposition: form-data; \
                name=\"doc\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let (answer, _) = send(&guest, Method::POST, "/form", form, body);
    let file = json!({"name": "a.txt", "size": 5, "type": "text/plain", "text": "hello"});
    assert_eq!(answer.body, json!({"name": "Ana", "tags": [], "files": [file]}));

    let large = "0123456789".repeat(300_000);
    let (answer, text) = send(&guest, Method::POST, "/raw", &[], &large);
    assert_eq!((answer.status, text.len()), (200, large.len() + 2));
    assert!(text.starts_with(&large) && text.ends_with("01"));

    let (answer, page) = get(&server, "/page?title=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
    let title = "&lt;script&gt;alert(1)&lt;&#x2f;script&gt;";
    assert_eq!(page, format!("<html><title>{title}</title><li>Lamp: 19.99</li></html>"));
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}

#[test]
fn redirects_cookies_refusals_and_mistakes() {
    let server = shop();
    let guest = server.anonymous();
    let (answer, _) = get(&server, "/go");
    assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (303, "/page"));
    assert_eq!(answer.headers["set-cookie"], "basket=1%3B2; Path=/; SameSite=Lax; HttpOnly");
    let (answer, basket) = send(&guest, Method::GET, "/basket", &[("Cookie", "a=b; basket=1%3B2")], "");
    assert_eq!((basket.as_str(), answer.headers["x-shop"].to_str().unwrap()), ("1;2", "yes"));
    assert_eq!(get(&server, "/bad-header?value=fine").0.status, 200);
    let (answer, _) = get(&server, "/bad-header?value=a%0d%0aSet-Cookie:%20b=c");
    assert_eq!((answer.status, answer.headers.contains_key("set-cookie")), (400, false));

    let (answer, body) = send(&guest, Method::DELETE, "/nothing", &[], "");
    assert_eq!((answer.status, body.as_str()), (204, ""));
    let (answer, _) = get(&server, "/refused");
    assert_eq!(answer.body, json!({"status": 409, "message": "Sold out.", "data": {}}));
    let (answer, body) = get(&server, "/broken");
    assert_eq!((answer.status, &answer.body["data"]), (400, &json!({})));
    assert!(!body.contains("shop.rhai"), "{body}");
    assert!(server.printed("shop.rhai:17").contains("shop.rhai:17"));

    let (answer, body) = send(&guest, Method::HEAD, "/hello/me", &[], "");
    assert_eq!((answer.status, body.as_str(), answer.headers["content-length"].to_str().unwrap()), (200, "", "2"));
    let (answer, _) = send(&guest, Method::POST, "/hello/me", &[], "");
    assert_eq!(answer.status, 404, "another method is no route");
    let preflight = &[("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT")];
    let (answer, _) = send(&guest, Method::OPTIONS, "/api/shop/order", preflight, "");
    assert_eq!((answer.status, answer.headers["access-control-allow-origin"].to_str().unwrap()), (204, "*"));
    let root = server.superuser();
    let order = root.put("/api/shop/order", &json!({}));
    assert_eq!((order.status, &order.body["is_superuser"]), (200, &json!(true)), "{}", order.body);
    let logged = || {
        let logs = root.get("/api/logs?filter=data.url~'refused'");
        logs.body["items"].as_array().is_some_and(|items| !items.is_empty())
    };
    eventually("the request is logged", logged);
}

const GUARDED: &str = r#"
route("GET", "/in", #{ auth: true }, |req| req.caller.id);
route("GET", "/members", #{ auth: ["users"] }, |req| #{ me: req.caller });
route("GET", "/root", #{ superuser: true }, |req| "root");
route("GET", "/guest", #{ guest: true }, |req| "guest");
route("POST", "/small", #{ body: "1 KB" }, |req| `${req.body.len()}`);
route("GET", "/slow", #{ timeout: 2 }, |req| { loop { } });
"#;

#[test]
fn guards_and_body_limits_hold() {
    let server = server(&[("guarded.rhai", GUARDED)]);
    let (guest, user, root) = (server.anonymous(), server.user("ana"), server.superuser());
    let check = |path: &str, expected: [u16; 3]| {
        let status = |client: &Client| send(client, Method::GET, path, &[], "").0.status;
        assert_eq!([status(&guest), status(&user), status(&root)], expected, "{path}");
    };
    check("/in", [401, 200, 200]);
    check("/members", [401, 200, 403]);
    check("/root", [401, 403, 200]);
    check("/guest", [200, 400, 400]);
    let me = &user.get("/members").body["me"];
    assert!(me["id"].is_string() && me["password"].is_null() && me["tokenKey"].is_null(), "{me}");
    assert!(me["email"].is_null(), "the address is not visible: {me}");

    let small = |body: &str| send(&guest, Method::POST, "/small", &[], body);
    assert_eq!(small(&"x".repeat(1024)).1, "1024");
    assert_eq!(small(&"x".repeat(1025)).0.status, 413);
}

#[test]
fn a_loop_in_a_route_ends_and_stops_nobody_else() {
    let server = server(&[("guarded.rhai", GUARDED)]);
    let root = server.superuser();
    let record = root.create("/api/collections", &json!({"name": "things", "type": "base", "viewRule": ""}));
    let path = "/api/collections/things/records";
    let thing = root.create(path, &json!({}));
    assert!(record["id"].is_string());
    std::thread::scope(|scope| {
        let slow: Vec<_> = (0..6)
            .map(|_| {
                let client = server.anonymous();
                scope.spawn(move || send(&client, Method::GET, "/slow", &[], "").0.status)
            })
            .collect();
        let guest = server.anonymous();
        let began = Instant::now();
        let mut views = 0;
        while !slow.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            assert_eq!(guest.get(&format!("{path}/{}", text(&thing["id"]))).status, 200);
            views += 1;
        }
        // One that waited for the loops would be the only one, or the second. How many there are depends on the machine.
        assert!(views > 5, "{views} views in {:?}", began.elapsed());
        for slow in slow {
            assert_eq!(slow.join().unwrap(), 400);
        }
    });
    // By its time or by its steps, whichever this machine reaches first.
    assert!(server.printed("the script took too").contains("guarded.rhai:7"));
}

#[test]
fn a_clash_stops_the_start_and_a_reload_keeps_the_last_good_routes() {
    let refused = |files: &[(&str, &str)], expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), files);
        let output = crate::server::steading(folder.path(), &["serve", "--http=127.0.0.1:0"]);
        let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && text.contains(expected), "{expected}: {text}");
    };
    refused(&[("a.rhai", "\nroute(\"GET\", \"/api/collections/{x}\", |req| 1);")], "a.rhai:2");
    refused(&[("a.rhai", "route(\"GET\", \"/_/x\", |req| 1);")], "belong to the dashboard");
    let two =
        [("a.rhai", "route(\"GET\", \"/x/{a}\", |req| 1);"), ("b.rhai", "\nroute(\"GET\", \"/x/{b}\", |req| 1);")];
    refused(&two, "b.rhai:2");
    refused(&two, "a.rhai:1");
    refused(&[("a.rhai", "route(\"GET\", \"/x\", #{ colour: 1 }, |req| 1);")], "unknown option \"colour\"");
    refused(&[("templates/bad.html", "a\n{% if %}")], "templates/bad.html:2");

    let server = server(&[("a.rhai", "route(\"GET\", \"/one\", |req| \"old\");")]);
    let now = |path: &str| {
        let (answer, text) = get(&server, path);
        (answer.status, text)
    };
    assert_eq!(now("/one"), (200, "old".to_owned()));
    write_files(server.folder(), &[("a.rhai", "route(\"GET\", \"/two\", |req| \"new\");")]);
    eventually("the new table is in force", || now("/two") == (200, "new".to_owned()));
    assert_ne!(now("/one").0, 200);
    write_files(server.folder(), &[("a.rhai", "route(\"GET\", \"/api/health\", |req| \"mine\");")]);
    eventually("the mistake is told", || server.printed("a.rhai:1").contains("a.rhai:1"));
    assert_eq!(now("/two"), (200, "new".to_owned()));
    assert_eq!(now("/api/health").0, 200);
    assert_eq!(server.anonymous().get("/api/health").body["code"], Value::from(200));
}

const STREAMS: &str = r#"
route("GET", "/lines", |req| stream("text/csv", |out| {
    for turn in 0..3 { out.write("line " + turn + "\n"); }
    out.write("€".to_bytes());
}).header("X-Shop", "yes"));
route("GET", "/half", |req| stream("text/plain", |out| {
    out.write("half");
    throw "no more";
}));
route("GET", "/endless", #{ timeout: 60 }, |req| stream("text/plain", |out| {
    let block = "x".to_bytes();
    for i in 0..16 { block += block; }
    try { loop { out.write(block); } } catch (error) { db.create("log", #{ title: `${error}` }); }
}));
"#;

#[test]
fn an_answer_is_streamed_while_the_function_runs() {
    let server = server(&[("streams.rhai", STREAMS)]);
    collection(&server.superuser(), "log", &json!([text_field("title")]));
    let guest = server.anonymous();
    let (answer, text) = get(&server, "/lines");
    assert_eq!((answer.status, text.as_str()), (200, "line 0\nline 1\nline 2\n€"));
    assert_eq!(
        (&answer.headers["content-type"], &answer.headers["x-shop"]),
        (&"text/csv".parse().unwrap(), &"yes".parse().unwrap())
    );
    // The connection may be cut before or after the client has read the status.
    let half = guest.request(Method::GET, "/half").send().and_then(reqwest::blocking::Response::text);
    assert!(half.is_err(), "the client sees that the answer is not complete: {half:?}");
    assert!(server.printed("no more").contains("streams.rhai:8"));

    // Far more than what is kept for a client that reads slowly.
    let mut endless = guest.request(Method::GET, "/endless").send().unwrap();
    let mut first = vec![0; 1024 * 1024];
    endless.read_exact(&mut first).unwrap();
    assert!(first.iter().all(|byte| *byte == b'x'));
    drop(endless);
    let log = || titles(&guest, "log");
    soon("the function is told", || (log() == ["the client has closed the connection"]).then_some(()));
}

#[test]
fn a_route_that_describes_itself_is_in_the_description_of_the_api() {
    let route = |summary: &str| {
        format!(
            "route(\"POST\", \"/api/shop/{{id}}/{{rest...}}\", #{{ auth: true, summary: \"{summary}\", \
             request: #{{ type: \"object\" }} }}, |req| 1);\n\
             route(\"GET\", \"/root\", #{{ superuser: true, summary: \"For you.\" }}, |req| 1);\n\
             route(\"GET\", \"/quiet\", |req| 1);"
        )
    };
    let server = server(&[("a.rhai", &route("Orders a thing."))]);
    let root = server.superuser();
    let paths = |client: &Client| client.get("/api/openapi.json").body["paths"].clone();
    let all = paths(&root);
    let order = &all["/api/shop/{id}/{rest}"]["post"];
    assert_eq!(order["summary"], "Orders a thing.");
    assert_eq!(order["operationId"], "script_post_api_shop_id_rest");
    assert_eq!(order["security"], json!([{"token": []}]));
    assert_eq!(order["requestBody"]["content"]["application/json"]["schema"], json!({"type": "object"}));
    let names: Vec<&Value> = order["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["id", "rest"]);
    assert_eq!((&all["/root"]["get"]["summary"], all.get("/quiet")), (&json!("For you."), None));
    let printed = server.command(&["openapi"]).stdout;
    let printed: Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!(printed["paths"]["/api/shop/{id}/{rest}"]["post"]["summary"], "Orders a thing.");
    assert_eq!(root.patch("/api/settings", &json!({"openapi": {"public": true}})).status, 200);
    let public = paths(&server.anonymous());
    assert!(public["/api/shop/{id}/{rest}"].is_object() && public["/root"].is_null());
    write_files(server.folder(), &[("a.rhai", &route("Orders it."))]);
    eventually("the new text", || paths(&root)["/api/shop/{id}/{rest}"]["post"]["summary"] == "Orders it.");
}

#[test]
fn bodies_of_waiting_calls_are_bounded_by_their_bytes() {
    let server = server(&[(
        "held.rhai",
        "route(\"POST\", \"/held\", #{ body: \"16 MB\", timeout: 60 }, |req| {\n\
         loop { if db.exists(\"gates\", \"title = 'open'\") { break; } }\n\
         req.bytes.len });",
    )]);
    collection(&server.superuser(), "gates", &json!([text_field("title")]));
    let guest = server.anonymous();
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (guest, sender) = (guest.clone(), sender.clone());
            scope.spawn(move || {
                let answer = guest.request(Method::POST, "/held").body(vec![b'x'; 10_000_000]).send().unwrap();
                sender.send((answer.status().as_u16(), answer.text().unwrap())).unwrap();
            });
        }
        // One client may have 24 MiB of bodies, so two of these are refused while the others wait.
        for _ in 0..2 {
            let (status, _) = ended.recv_timeout(TIME).unwrap();
            assert!(matches!(status, 429 | 503), "{status}");
        }
        guest.create("/api/collections/gates/records", &json!({"title": "open"}));
        for _ in 0..2 {
            assert_eq!(ended.recv_timeout(TIME).unwrap(), (200, "10000000".to_owned()));
        }
    });
}

/// Calls of a route that was quick before run on the threads that serve requests.
const INLINE: &str = r#"
fn deeper(n) { deeper(n + 1) }
route("GET", "/quick", #{ timeout: 3 }, |req| {
    switch req.query.then {
        "loop" => { loop { } }
        "native" => { let list = []; list.pad(50000, 7); loop { let copy = list; copy.reverse(); } }
        "find" => db.first("log", "title = ''").title,
        "save" => db.create("log", #{ title: "saved" }).title,
        "transaction" => db.transaction(|db| db.create("log", #{ title: "in" }).title),
        "password" => db.create("users", #{ email: `u${random_text(10)}@example.com`, password: "1234567890" }).id.len().to_string(),
        "ask" => http_get(`http://${req.headers.host}/api/health`).json.code.to_string(),
        "stream" => stream("text/plain", |out| { db.count("log"); out.write("streamed"); }),
        "throw" => reject(409, "no"),
        "recursion" => deeper(1),
        _ => "quick",
    }
});
"#;

fn inline_server() -> TestServer {
    let server = server_with_config(
        &[("inline.rhai", INLINE)],
        "http_allow = [\"127.0.0.0/8\"]\nroute_threads = 64\nmax_operations = 1000000000000\nbefore_milliseconds = 5000\n",
    );
    let root = server.superuser();
    collection(&root, "log", &json!([text_field("title")]));
    root.create("/api/collections/log/records", &json!({"title": ""}));
    server
}

/// So many calls that the next one counts as quick.
fn warm_up(server: &TestServer) {
    for _ in 0..40 {
        assert_eq!(get(server, "/quick").1, "quick");
    }
}

#[test]
fn a_quick_route_may_wait_for_everything_that_others_may() {
    let server = inline_server();
    for (then, expected) in [
        ("find", (200, "")),
        ("save", (200, "saved")),
        ("transaction", (200, "in")),
        ("password", (200, "15")),
        ("ask", (200, "200")),
        ("stream", (200, "streamed")),
        ("throw", (409, r#"{"data":{},"message":"No.","status":409}"#)),
    ] {
        warm_up(&server);
        // On all threads that serve requests at the same time: one that waited there would keep the others from ending.
        std::thread::scope(|scope| {
            for _ in 0..threads() {
                let client = server.anonymous();
                scope.spawn(move || {
                    let (answer, text) = send(&client, Method::GET, &format!("/quick?then={then}"), &[], "");
                    assert_eq!((answer.status, text.as_str()), expected, "{then}");
                });
            }
        });
    }
    warm_up(&server);
    assert_eq!(get(&server, "/quick?then=recursion").0.status, 400, "it has as much room as on a thread of its own");
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

#[test]
fn a_quick_route_that_loops_stops_nobody_else() {
    let server = inline_server();
    let log = server.superuser().get("/api/collections/log/records").body["items"][0]["id"].clone();
    let path = format!("/api/collections/log/records/{}", text(&log));
    for then in ["loop", "native"] {
        warm_up(&server);
        std::thread::scope(|scope| {
            let slow = |client: Client| {
                scope.spawn(move || send(&client, Method::GET, &format!("/quick?then={then}"), &[], "").0.status)
            };
            let slow: Vec<_> = (0..threads()).map(|_| slow(server.anonymous())).collect();
            let guest = server.anonymous();
            let mut views = 0;
            while !slow.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                assert_eq!(guest.get(&path).status, 200);
                views += 1;
            }
            // One that waited for the loops would be the only one, or the second. How many there are depends on the machine.
            assert!(views > 5, "{views} views beside {then}");
            for slow in slow {
                assert_eq!(slow.join().unwrap(), 400, "{then}");
            }
        });
    }
    warm_up(&server);
}
