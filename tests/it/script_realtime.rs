//! Realtime messages of scripts, and what scripts are told of streams.
//!
//! To show without waiting that a message was not sent, another one follows: messages come in order.

use crate::realtime::Stream;
use crate::scripts::{collection, records, server, soon, text_field};
use crate::server::{Answer, Client, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

const SCRIPT: &str = r#"
route("POST", "/tell", |req| realtime.send(req.json.topic, req.json.message));
route("POST", "/users", |req| realtime.send("chat", req.json.text, #{ to: "users", except: req.caller }));
route("POST", "/ana", |req| realtime.send("chat", "psst", #{ to: [db.first("users", "name = 'ana'")] }));
route("POST", "/guests", |req| realtime.send("chat", "guests only", #{ except: ["users", "_superusers"] }));
route("POST", "/nobody", |req| realtime.send("chat", "nobody", #{ to: () }));
route("POST", "/unknown", |req| realtime.send("chat", "x", #{ to: "nothing" }));
route("POST", "/record", |req| realtime.send("chat", #{ user: db.first("users", "name = 'ana'") }));
route("POST", "/large", |req| realtime.send("chat", "x".repeat(300_000)));
route("POST", "/many", |req| db.transaction(|db| { for i in 0..60 { realtime.send("chat", "x".repeat(200_000)); } }));
route("POST", "/fails", |req| db.transaction(|db| { realtime.send("chat", "lost"); reject(409, "No."); }));
before_create("notes", |e| { realtime.send("chat", `before ${e.record.title}`); if e.record.title == "bad" { reject("No."); } });
after_create("notes", |e| realtime.send("chat", `after ${e.record.title}`));
validate("notes", |e| if e.record.title == "checked" { realtime.send("chat", "never"); });
after_realtime_disconnect(|e| { db.create("gone", #{ title: if e.caller == () { "a guest" } else { e.caller.name } + " " + e.client_id.len() }); });
"#;

fn post(client: &Client, path: &str, body: &Value) -> Answer {
    Answer::of(client.request(Method::POST, path).body(body.to_string()).send().unwrap())
}

fn tell(client: &Client, topic: &str, message: &Value) -> u16 {
    post(client, "/tell", &json!({"topic": topic, "message": message})).status
}

fn chat() -> (TestServer, Client) {
    let server = server(&[("chat.rhai", SCRIPT)]);
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title")]));
    collection(&root, "gone", &json!([text_field("title")]));
    (server, root)
}

/// What a client heard before the next message "end".
fn heard(root: &Client, stream: &Stream) -> Vec<Value> {
    assert_eq!(tell(root, "chat", &json!("end")), 204);
    std::iter::from_fn(|| Some(stream.next().1).filter(|data| data != "end")).collect()
}

#[test]
fn a_message_is_sent_with_the_commit_to_those_it_is_for() {
    let (server, root) = chat();
    let (ana, ben, guest) = (server.user("ana"), server.user("ben"), server.anonymous());
    let streams = [&ana, &ben, &guest].map(|client| {
        let stream = Stream::open(client);
        stream.subscribe(&["chat"]);
        stream
    });
    let all = |expected: [&[&str]; 3]| {
        for ((stream, expected), name) in streams.iter().zip(expected).zip(["ana", "ben", "guest"]) {
            // Each takes its own "end", which all of them get.
            let heard: Vec<Value> = std::iter::from_fn(|| Some(stream.next().1).filter(|data| data != "end")).collect();
            assert_eq!(heard, expected.iter().map(|text| json!(text)).collect::<Vec<_>>(), "{name}");
        }
    };
    let end = || assert_eq!(tell(&root, "chat", &json!("end")), 204);
    let ask = |client: &Client, path: &str, status: u16| {
        assert_eq!(post(client, path, &json!({"text": "hi"})).status, status, "{path}");
    };
    ask(&ana, "/users", 204);
    end();
    all([&[], &["hi"], &[]]);
    ask(&guest, "/users", 204);
    ask(&ben, "/ana", 204);
    ask(&ben, "/guests", 204);
    ask(&ben, "/nobody", 204);
    end();
    all([&["hi", "psst"], &["hi"], &["guests only"]]);
    // What fails sends nothing.
    ask(&ben, "/fails", 409);
    ask(&ben, "/unknown", 400);
    ask(&ben, "/large", 400);
    ask(&ben, "/many", 400);
    assert_eq!(root.post(&records("notes"), &json!({"title": "bad"})).status, 400);
    assert_eq!(root.post(&records("notes"), &json!({"title": "checked"})).status, 400);
    end();
    all([&[], &[], &[]]);
    root.create(&records("notes"), &json!({"title": "a"}));
    for stream in &streams {
        assert_eq!([stream.next().1, stream.next().1], [json!("before a"), json!("after a")]);
    }
    ask(&ben, "/record", 204);
    let shown = streams[2].next().1;
    assert_eq!(shown["user"]["name"], "ana");
    assert!(shown["user"].get("email").is_none() && !shown.to_string().contains("token"), "{shown}");
}

#[test]
fn a_message_cannot_pass_for_another_one() {
    let (server, root) = chat();
    let stream = Stream::open(&server.anonymous());
    let with_options = "chat?options=%7B%22query%22%3A%7B%22a%22%3A1%7D%7D";
    stream.subscribe(&["chat", with_options, "chat/7", "notes/*", "notes/abc", "@oauth2", "PB_CONNECT"]);
    for topic in [
        "notes/*",
        "notes",
        "notes/abc",
        "NOTES/*",
        " notes/*",
        "users",
        "_superusers/*",
        "@oauth2",
        "@disconnect",
        "PB_CONNECT",
        "pb_connect",
        "",
        "chat?options=1",
        "a\nb",
        "a\r\ndata:x",
        "a\u{0}",
    ] {
        assert_eq!(tell(&root, topic, &json!("forged")), 400, "{topic:?}");
    }
    let id = root.get("/api/collections/notes").body["id"].as_str().unwrap().to_owned();
    assert_eq!(tell(&root, &format!("{id}/*"), &json!("forged")), 400);
    assert_eq!(tell(&root, &"x".repeat(256), &json!("long")), 400);
    assert_eq!(tell(&root, "chat/7", &json!({"line": "a\nb\n\ndata: c"})), 204);
    assert_eq!(stream.next(), ("chat/7".to_owned(), json!({"line": "a\nb\n\ndata: c"})));
    // A subscription with options hears the same under its own name, and "chat/7" is another topic.
    assert_eq!(tell(&root, "chat", &json!(1)), 204);
    let mut names = [stream.next().0, stream.next().0];
    names.sort();
    assert_eq!(names, ["chat", with_options]);
    // A subscription that is given up hears nothing.
    stream.subscribe(&["chat"]);
    assert_eq!(tell(&root, "chat/7", &json!(2)), 204);
    assert_eq!(heard(&root, &stream), Vec::<Value>::new());
}

#[test]
fn scripts_are_told_of_streams_that_have_ended() {
    let (server, root) = chat();
    let ana = server.user("ana");
    let open = |client: &Client| {
        let answer = client.request(Method::GET, "/api/realtime").send().unwrap();
        assert_eq!(answer.status(), 200);
        answer
    };
    drop(open(&server.anonymous()));
    let found = |title: &str| {
        soon(title, || {
            let list = root.get(&format!("{}?filter=title='{title}'", records("gone")));
            list.body["items"].as_array().unwrap().first().cloned()
        })
    };
    found("a guest 40");
    let mut answer = open(&ana);
    // The client is bound to Ana when it subscribes.
    let mut first = [0; 512];
    let read = std::io::Read::read(&mut answer, &mut first).unwrap();
    let text = String::from_utf8_lossy(&first[..read]).into_owned();
    let id = text.strip_prefix("id:").unwrap().lines().next().unwrap().to_owned();
    assert_eq!(ana.post("/api/realtime", &json!({"clientId": id, "subscriptions": ["chat"]})).status, 204);
    drop(answer);
    found("ana 40");
}
