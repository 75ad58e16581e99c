//! What scripts start by themselves in the running server: jobs, crons, mails, and requests to other servers.

use crate::scripts::{collection, records, server, server_with_loopback, soon, text_field, titles, write_files};
use crate::server::{Client, TestServer, text};
use crate::smtp::Sink;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

const TIME: std::time::Duration = std::time::Duration::from_mins(1);

/// A server with a collection `notes`.
fn with_notes(files: &[(&str, &str)]) -> (TestServer, Client) {
    let server = server(files);
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title")]));
    (server, root)
}

fn enqueue(root: &Client, name: &str, payload: &Value) -> String {
    text(&root.create("/api/jobs", &json!({"name": name, "payload": payload}))["id"])
}

fn job(root: &Client, id: &str) -> Value {
    root.get(&format!("/api/jobs/{id}")).body
}

#[test]
fn a_job_runs_after_its_commit_and_never_for_a_write_that_was_undone() {
    let (server, root) = with_notes(&[(
        "orders.rhai",
        r#"
before_create("orders", |e| {
    enqueue("note", #{ title: e.record.title, half: 5 });
    if e.record.title == "bad" { reject("no"); }
});
job("note", |payload, info| {
    db.create("notes", #{ title: `${payload.title} ${payload.half / 2 == 2.5} ${info.attempt} ${info.id.len()}` });
});
"#,
    )]);
    collection(&root, "orders", &json!([text_field("title")]));
    let guest = server.anonymous();
    assert_eq!(guest.post(&records("orders"), &json!({"title": "bad"})).status, 400);
    guest.create(&records("orders"), &json!({"title": "good"}));
    soon("the job is done", || (!titles(&guest, "notes").is_empty()).then_some(()));
    soon("the queue is empty", || (root.get("/api/jobs").body["totalItems"] == 0).then_some(()));
    assert_eq!(titles(&guest, "notes"), ["good true 1 15"]);
}

#[test]
fn a_job_that_fails_runs_again_with_its_id_and_one_that_gives_up_does_not() {
    let (_server, root) = with_notes(&[(
        "jobs.rhai",
        r#"
job("flaky", #{ attempts: 5, concurrency: 2, timeout: 20 }, |payload, info| {
    db.create("notes", #{ title: `${info.id} ${info.attempt}` });
    if info.attempt == 1 { throw "not yet"; }
    if info.attempt == 2 { let nothing = (); nothing.field; }
});
job("hopeless", |payload| {
    give_up(`nobody is called ${payload}`);
});
job("endless", #{ timeout: 0.2, attempts: 1 }, |payload| {
    loop { db.count("notes"); }
});
"#,
    )]);
    let id = enqueue(&root, "flaky", &json!(null));
    let failed = |attempt: i64| {
        soon("the attempt has failed", || {
            let job = job(&root, &id);
            (job["attempts"] == attempt && job["state"] == "waiting").then_some(job)
        })
    };
    let first = failed(1);
    assert_eq!((&first["maxAttempts"], text(&first["error"]).contains("not yet")), (&json!(5), true), "{first}");
    assert!(text(&first["error"]).starts_with("jobs.rhai:4:"), "{first}");
    root.post(&format!("/api/jobs/{id}/retry"), &json!({}));
    let second = failed(2);
    assert!(text(&second["error"]).starts_with("jobs.rhai:5:"), "{second}");
    root.post(&format!("/api/jobs/{id}/retry"), &json!({}));
    soon("the third attempt succeeds", || (root.get(&format!("/api/jobs/{id}")).status == 404).then_some(()));
    let expected: Vec<String> = (1..=3).map(|attempt| format!("{id} {attempt}")).collect();
    assert_eq!(titles(&root, "notes"), expected);

    let given_up = |name: &str, reason: &str| {
        let id = enqueue(&root, name, &json!("Eve"));
        let job = soon("the job is given up", || Some(job(&root, &id)).filter(|job| job["state"] == "failed"));
        assert!(job["attempts"] == 1 && text(&job["error"]).contains(reason), "{job}");
    };
    given_up("hopeless", "nobody is called Eve");
    given_up("endless", "took too long");
}

#[test]
fn jobs_and_crons_follow_their_files() {
    let rules = |word: &str| {
        format!(
            "job(\"say\", |p| {{ db.create(\"notes\", #{{ title: \"{word}\" }}); }});\ncron(\"{word}\", \"@daily\", || {{}});"
        )
    };
    let (server, root) = with_notes(&[("a.rhai", &rules("one"))]);
    enqueue(&root, "say", &json!(null));
    soon("the first job", || (titles(&root, "notes") == ["one"]).then_some(()));
    write_files(server.folder(), &[("a.rhai", &rules("two"))]);
    let ids = || -> Vec<String> {
        root.get("/api/crons").body.as_array().unwrap().iter().map(|cron| text(&cron["id"])).collect()
    };
    soon("the changed file", || (ids()[0] == "two").then_some(()));
    assert!(!ids().contains(&"one".to_owned()));
    enqueue(&root, "say", &json!(null));
    soon("the second job", || (titles(&root, "notes") == ["one", "two"]).then_some(()));
    std::fs::remove_file(server.folder().join("scripts/a.rhai")).unwrap();
    soon("the file is gone", || (!ids().contains(&"two".to_owned())).then_some(()));
    let refused = root.post("/api/jobs", &json!({"name": "say"}));
    assert_eq!((refused.status, &refused.body["data"]["name"]["code"]), (400, &json!("validation_unknown_job")));
}

#[test]
fn a_cron_is_listed_with_its_zone_and_runs_when_it_is_asked_to() {
    let (_server, root) = with_notes(&[(
        "crons.rhai",
        r#"
cron("tidy", "0 7 1 1 *", #{ zone: "Europe/Vienna" }, || {
    db.create("notes", #{ title: "tidied" });
});
cron("broken", "0 0 1 1 *", || {
    db.find("notes", "none");
});
"#,
    )]);
    let crons = root.get("/api/crons").body;
    assert_eq!(crons[0], json!({"id": "tidy", "expression": "0 7 1 1 *", "zone": "Europe/Vienna"}));
    assert_eq!(crons[1], json!({"id": "broken", "expression": "0 0 1 1 *"}));
    assert_eq!(root.post("/api/crons/tidy", &json!({})).status, 204);
    soon("the cron has run", || (titles(&root, "notes") == ["tidied"]).then_some(()));
    assert_eq!(root.post("/api/crons/broken", &json!({})).status, 204);
    let entry = soon("the failure is logged", || {
        let found = root.get("/api/logs?filter=data.type='cron'").body["items"][0].clone();
        found.is_object().then_some(found)
    });
    assert_eq!(entry["message"], "Cron job broken failed");
    assert!(text(&entry["data"]["error"]).contains("crons.rhai:6:"), "{entry}");
}

#[test]
fn a_mail_is_sent_if_its_transaction_commits_and_its_values_are_escaped() {
    let (server, root) = with_notes(&[
        (
            "mails.rhai",
            r#"
before_create("notes", |e| {
    mail("ana@example.com", "note", #{ title: e.record.title });
    if e.record.title == "bad" { reject("no"); }
});
after_create("notes", |e| {
    mail(["ben@example.com", "cleo@example.com"], "Plain <b>", `Title: ${e.record.title}`);
});
"#,
        ),
        ("templates/mails/layout.html", "Subject: New: {{ title }}\n<h1>{% block body %}{% endblock %}</h1>"),
        ("templates/mails/note.html", "{% extends \"mails/layout.html\" %}{% block body %}{{ title }}{% endblock %}"),
    ]);
    let sink = Sink::start();
    let smtp = json!({"smtp": {"enabled": true, "host": "127.0.0.1", "port": sink.port}});
    assert_eq!(root.patch("/api/settings", &smtp).status, 200);
    let guest = server.anonymous();
    assert_eq!(guest.post(&records("notes"), &json!({"title": "bad"})).status, 400);
    guest.create(&records("notes"), &json!({"title": "A & <i>B</i>"}));
    let mut mails: Vec<_> = (0..3).map(|_| sink.next()).collect();
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    let to: Vec<&str> = mails.iter().map(|mail| mail.to[0].as_str()).collect();
    assert_eq!(to, ["ana@example.com", "ben@example.com", "cleo@example.com"], "each has a mail of its own");
    assert!(mails.iter().all(|mail| mail.to.len() == 1));
    assert!(mails[0].source.contains("Subject: New: A & <i>B</i>\r\n"), "{}", mails[0].source);
    assert!(mails[0].source.contains("<h1>A &amp; &lt;i&gt;B&lt;"), "{}", mails[0].source);
    assert!(mails[1].source.contains("Subject: Plain <b>\r\n"), "{}", mails[1].source);
    assert!(sink.take().is_empty(), "nothing of what was undone");
}

#[test]
fn a_mail_has_attachments_and_answers_go_where_the_script_says() {
    let (server, root) = with_notes(&[(
        "mails.rhai",
        r#"
before_create("notes", |e| {
    if !is_email(e.record.title) { reject(#{ title: "No address." }); }
    mail(#{
        to: "ana@example.com",
        reply_to: e.record.title,
        subject: "Report",
        text: "See the files.",
        attachments: [#{ name: "totals.csv", content: "a;b" }, #{ name: "Größe.bin", content: to_bytes("xyz"), type: "image/png" }],
    });
});
after_create("notes", |e| {
    if e.record.title != "ben@example.com" { return; }
    let large = "0123456789abcdef";
    for doubling in 0..17 { large += large; }
    large += "x";
    let wrong = [
        #{ reply_to: "nobody" },
        #{ attachments: "totals.csv" },
        #{ attachments: [#{ name: "", content: "x" }] },
        #{ attachments: [#{ name: "x", content: 5 }] },
        #{ attachments: [#{ name: "x", content: "x", size: 1 }] },
        #{ attachments: [#{ name: "x", content: large }] },
    ];
    let problems = 0;
    for options in wrong {
        try { mail(#{ to: "ana@example.com", subject: "No", text: "x" } + options); } catch { problems += 1; }
    }
    db.create("notes", #{ title: `problems${problems}@example.com` });
});
"#,
    )]);
    let sink = Sink::start();
    let smtp = json!({"smtp": {"enabled": true, "host": "127.0.0.1", "port": sink.port}});
    assert_eq!(root.patch("/api/settings", &smtp).status, 200);
    let guest = server.anonymous();
    assert_eq!(guest.post(&records("notes"), &json!({"title": "ben"})).body["data"]["title"]["message"], "No address.");
    guest.create(&records("notes"), &json!({"title": "ben@example.com"}));
    let mail = sink.next().source;
    for line in [
        "Reply-To: ben@example.com",
        "Content-Type: text/csv; charset=utf-8",
        "Content-Disposition: attachment; filename=\"totals.csv\"",
        "Content-Type: image/png",
    ] {
        assert!(mail.contains(&format!("\r\n{line}\r\n")), "{line} in {mail}");
    }
    assert!(mail.contains("\r\n\r\na;b\r\n"), "{mail}");
    soon("all are refused", || titles(&guest, "notes").contains(&"problems6@example.com".to_owned()).then_some(()));
}

/// A server that answers each request with JSON and hands over what it was sent.
fn echo() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(TIME)).unwrap();
            let mut sent = Vec::new();
            let mut chunk = [0; 4096];
            loop {
                let text = String::from_utf8_lossy(&sent).to_lowercase();
                let length =
                    text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if body.is_some_and(|body| body >= length.unwrap_or(0)) {
                    break;
                }
                let read = stream.read(&mut chunk).unwrap();
                assert!(read > 0, "{text}");
                sent.extend_from_slice(&chunk[..read]);
            }
            let body = r#"{"price": 0.1, "list": [1]}"#;
            let head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Shop: yes\r\nConnection: close\r\n";
            write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            if sender.send(String::from_utf8_lossy(&sent).into_owned()).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

const ASKING: &str = r#"
route("POST", "/ask", |req| {
    try {
        let answer = http(req.json);
        let sum = if answer.json == () { () } else { answer.json.price + 0.2 };
        return #{ status: answer.status, ok: answer.ok, shop: answer.headers["x-shop"], sum: sum };
    } catch (error) { return #{ error: `${error}` }; }
});
before_create("notes", |e| {
    http_post("http://127.0.0.1:1/", e.record);
});
"#;

#[test]
fn scripts_ask_servers_of_this_network_only_if_they_are_listed_and_never_in_a_transaction() {
    let (port, sent) = echo();
    let url = format!("http://127.0.0.1:{port}/orders?a=b");
    let ask = |server: &TestServer, request: Value| server.anonymous().post("/ask", &request).body;
    let closed = server(&[("ask.rhai", ASKING)]);
    let refused = ask(&closed, json!({"url": url}));
    assert!(text(&refused["error"]).contains("127.0.0.1 is not public"), "{refused}");
    assert!(sent.try_recv().is_err(), "nothing was sent");
    drop(closed);

    let open = server_with_loopback(&[("ask.rhai", ASKING)]);
    let answer = ask(&open, json!({"url": url, "method": "post", "json": {"n": 0.3}, "headers": {"X-Key": "k"}}));
    assert_eq!(answer, json!({"status": 201, "ok": true, "shop": "yes", "sum": 0.3}));
    let request = sent.recv_timeout(TIME).unwrap().to_lowercase();
    assert!(request.starts_with("post /orders?a=b http/1.1\r\n"), "{request}");
    assert!(request.contains("x-key: k\r\n") && request.contains("content-type: application/json\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"n\":0.3}"), "{request}");
    ask(&open, json!({"url": url, "method": "PUT", "form": {"a b": "ü&"}}));
    assert!(sent.recv_timeout(TIME).unwrap().ends_with("\r\n\r\na+b=%C3%BC%26"));
    for (request, expected) in [
        (json!({"url": "file:///etc/passwd"}), "the scheme is file"),
        (json!({"url": url, "method": "BREW"}), "the method must be one of"),
        (json!({"url": url, "json": 1, "body": "x"}), "one of `json`, `form` and `body`"),
        (json!({"url": url, "headers": {"X-A": "1\r\nX-B: 2"}}), "no answer"),
        (json!({"uri": url}), "unknown option \"uri\""),
    ] {
        let answer = ask(&open, request.clone());
        assert!(text(&answer["error"]).contains(expected), "{request}: {answer}");
    }
    assert!(sent.try_recv().is_err(), "none of these was sent");

    let root = open.superuser();
    collection(&root, "notes", &json!([text_field("title")]));
    assert_eq!(root.post(&records("notes"), &json!({"title": "x"})).status, 400);
    let line = open.printed("not possible inside a transaction");
    assert!(line.contains("ask.rhai:10:"), "{line}");
}
