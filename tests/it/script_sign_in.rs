//! Events of scripts around sign-ins, and what happens to the server itself.

use crate::realtime::Stream;
use crate::scripts::{collection, records, server, soon, text_field};
use crate::server::{Answer, Client, PASSWORD, TestServer, text};
use crate::smtp::Sink;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};

const USERS: &str = "/api/collections/users";

/// A server with a collection `seen`, into which scripts write what they see.
fn start(script: &str) -> (TestServer, Client) {
    let helper = "fn note(text) { db.create(\"seen\", #{ title: text }); }\n";
    let server = server(&[("a.rhai", &format!("{helper}{script}"))]);
    let root = server.superuser();
    collection(&root, "seen", &json!([text_field("title")]));
    (server, root)
}

fn sign_in(client: &Client, identity: &str, password: &str) -> Answer {
    client.post(&format!("{USERS}/auth-with-password"), &json!({"identity": identity, "password": password}))
}

fn seen(root: &Client) -> Vec<String> {
    let list = root.get(&format!("{}?perPage=500&sort=@rowid", records("seen")));
    list.body["items"].as_array().unwrap().iter().map(|item| text(&item["title"])).collect()
}

/// Waits until this was noted.
fn wait_for(root: &Client, note: &str) {
    soon(note, || seen(root).iter().any(|title| title == note).then_some(()));
}

#[test]
fn a_sign_in_is_looked_up_refused_and_told_about() {
    let (server, root) = start(
        r#"
before_password_sign_in("users", |e| {
    if e.identity.starts_with("nick:") { e.record = db.first("users", "name = {:nick}", #{ nick: e.identity.sub_string(5) }); }
    if e.identity == "closed@example.com" { reject(403, "This account is closed."); }
});
on_sign_in("users", |e| {
    if e.record.name == "late" { db.create("seen", #{ title: "undone" }); reject(403, "Come back tomorrow."); }
    e.meta = #{ method: e.method, greeting: `Hello ${e.record.name}` };
    note(`in ${e.record.name} ${e.method} ${e.caller == ()}`);
});
on_refresh("users", |e| if e.record.name == "ben" { reject("Sign in again.") });
after_sign_in("users", |e| note(`after ${e.record.name} ${e.method}`));
on_impersonation("users", |e| note(`as ${e.record.name} by ${e.caller.email}`));
"#,
    );
    let guest = server.anonymous();
    let (ana, ben) = (server.user("ana"), server.user("ben"));
    let by_nick = sign_in(&guest, "nick:ana", PASSWORD);
    assert_eq!((by_nick.status, &by_nick.body["record"]["id"]), (200, &json!(ana.id)), "{}", by_nick.body);
    assert_eq!(by_nick.body["meta"], json!({"method": "password", "greeting": "Hello ana"}));
    let failed = |answer: &Answer| assert_eq!((answer.status, answer.message()), (400, "Failed to authenticate."));
    failed(&sign_in(&guest, "nick:ana", "wrong password"));
    failed(&sign_in(&guest, "nick:nobody", PASSWORD));

    // A refusal before the password is compared is told to its owner only.
    server.anonymous().post(
        &format!("{USERS}/records"),
        &json!({"email": "closed@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}),
    );
    failed(&sign_in(&guest, "closed@example.com", "wrong password"));
    let closed = sign_in(&guest, "closed@example.com", PASSWORD);
    assert_eq!((closed.status, closed.message()), (403, "This account is closed."));

    root.post(
        &format!("{USERS}/records"),
        &json!({"email": "late@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "name": "late"}),
    );
    failed(&sign_in(&guest, "late@example.com", "wrong password"));
    let late = sign_in(&guest, "late@example.com", PASSWORD);
    assert_eq!((late.status, late.message()), (403, "Come back tomorrow."));

    let refreshed = ana.post(&format!("{USERS}/auth-refresh"), &json!({}));
    assert_eq!((refreshed.status, &refreshed.body["meta"]["method"]), (200, &json!("refresh")), "{}", refreshed.body);
    let refused = ben.post(&format!("{USERS}/auth-refresh"), &json!({}));
    assert_eq!((refused.status, refused.message()), (400, "Sign in again."));
    let acting = root.post(&format!("{USERS}/impersonate/{}", ana.id), &json!({}));
    assert_eq!((acting.status, &acting.body["meta"]["method"]), (200, &json!("impersonation")));

    wait_for(&root, "after ana password");
    let seen = seen(&root);
    for expected in ["in ana password true", "in ana refresh false", "as ana by root@example.com"] {
        assert!(seen.iter().any(|title| title == expected), "{expected}: {seen:?}");
    }
    assert!(!seen.iter().any(|title| title == "undone" || title.starts_with("after late")), "{seen:?}");
}

#[test]
fn guessing_one_account_by_many_names_is_bounded() {
    let (server, _) = start(r#"before_password_sign_in("users", |e| e.record = db.first("users", "name = 'ana'"));"#);
    let _ = server.user("ana");
    let guest = server.anonymous();
    let tries: Vec<u16> = (0..30).map(|at| sign_in(&guest, &format!("name{at}@example.com"), "wrong").status).collect();
    assert!(tries.iter().all(|status| matches!(status, 400 | 429)), "{tries:?}");
    // The account is locked by now, and the right password under yet another name tells nothing.
    assert_ne!(sign_in(&guest, "other@example.com", PASSWORD).status, 200, "{tries:?}");
}

#[test]
fn mails_links_and_codes_have_their_events() {
    let sink = Sink::start();
    let (server, root) = start(
        r#"
before_mail("*", |e| {
    if e.purpose == "verification" { e.subject = `For ${e.record.name}`; e.html += "<p>Bye.</p>"; }
    if e.purpose == "password-reset" && e.record.name == "mute" { reject("no"); }
    if e.purpose == "password-reset" && e.record.name == "redirected" { e.to = "guardian@example.com"; }
});
before_verification_request("users", |e| if e.email == "never@example.com" { reject("no") });
before_password_reset_request("users", |e| if e.record == () { e.record = db.first("users", "name = 'ana'"); });
on_verification("users", |e| note(`verified ${e.record.name}`));
after_verification("users", |e| note(`after verified ${e.record.name}`));
on_password_reset("users", |e| if e.record.name == "redirected" { reject("Ask your guardian."); });
after_password_reset("users", |e| note(`reset ${e.record.name}`));
before_email_change_request("users", |e| if e.new_email.ends_with("@spam.example") { reject("Not there.") });
on_email_change("users", |e| note(`moved to ${e.record.email}`));
before_code_request("users", |e| if e.email == "alias@example.com" { e.record = db.first("users", "name = 'ana'"); });
on_code_sign_in("users", |e| note(`code of ${e.record.name}`));
"#,
    );
    let smtp = json!({"smtp": {"enabled": true, "host": "127.0.0.1", "port": sink.port}});
    assert_eq!(root.patch("/api/settings", &smtp).status, 200);
    root.patch(USERS, &json!({"otp": {"enabled": true, "length": 6}, "authAlert": {"enabled": false}}));
    let guest = server.anonymous();
    let ask = |flow: &str, body: &Value| guest.post(&format!("{USERS}/{flow}"), body);
    let ana = server.user("ana");
    for name in ["never", "mute", "redirected"] {
        server.user(name);
    }

    assert_eq!(ask("request-verification", &json!({"email": "never@example.com"})).status, 204);
    assert_eq!(ask("request-verification", &json!({"email": "ana@example.com"})).status, 204);
    let mail = sink.next();
    assert_eq!((mail.to.as_slice(), mail.header("Subject")), (&["ana@example.com".to_owned()][..], "For ana".into()));
    assert!(mail.html().contains("<p>Bye.</p>"));
    assert_eq!(ask("confirm-verification", &json!({"token": mail.token("confirm-verification")})).status, 204);
    wait_for(&root, "after verified ana");
    assert!(seen(&root).contains(&"verified ana".to_owned()));

    for email in ["mute@example.com", "unknown@example.com", "redirected@example.com"] {
        assert_eq!(ask("request-password-reset", &json!({"email": email})).status, 204);
    }
    let mut mails = [sink.next(), sink.next()];
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    sink.stays_empty();
    assert_eq!([&mails[0].to[0], &mails[1].to[0]], ["ana@example.com", "guardian@example.com"]);
    let confirm = |token: String| {
        let body = json!({"token": token, "password": "another one", "passwordConfirm": "another one"});
        ask("confirm-password-reset", &body)
    };
    let refused = confirm(mails[1].token("confirm-password-reset"));
    assert_eq!((refused.status, refused.message()), (400, "Ask your guardian."));
    assert_eq!(sign_in(&guest, "redirected@example.com", PASSWORD).status, 200, "the password is as it was");
    assert_eq!(confirm(mails[0].token("confirm-password-reset")).status, 204);
    wait_for(&root, "reset ana");

    let ana = server.sign_in("users", "ana@example.com", "another one").with_token(&{
        let answer = sign_in(&ana, "ana@example.com", "another one");
        text(&answer.body["token"])
    });
    let request = |email: &str| ana.post(&format!("{USERS}/request-email-change"), &json!({"newEmail": email}));
    assert_eq!(request("ana@spam.example").message(), "Not there.");
    assert_eq!(request("new@example.com").status, 204);
    let token = sink.next().token("confirm-email-change");
    assert_eq!(ask("confirm-email-change", &json!({"token": token, "password": "another one"})).status, 204);
    assert!(seen(&root).contains(&"moved to new@example.com".to_owned()));

    let id = text(&ask("request-otp", &json!({"email": "alias@example.com"})).body["otpId"]);
    let mail = sink.next();
    assert_eq!(mail.to, ["new@example.com"]);
    assert_eq!(ask("auth-with-otp", &json!({"otpId": id, "password": mail.code()})).status, 200);
    assert!(seen(&root).contains(&"code of ana".to_owned()));
}

#[test]
fn files_realtime_and_batches_have_their_events() {
    let (server, root) = start(
        r#"
before_file_download("docs", |e| if e.record.title == "secret" { reject(403, "Not this one.") });
before_file_token("users", |e| if e.record.name == "ben" { reject("No tokens.") });
before_realtime_connect(|e| if e.request.query.banned == "1" { reject(403, "No.") });
before_realtime_subscribe(|e| e.subscriptions = e.subscriptions.filter(|topic| !topic.starts_with("docs/")));
before_realtime_message("notes", |e| {
    if e.caller == () { e.message.record.title = "***"; }
    if e.record.title == "hidden" && !e.is_superuser { e.message = (); }
});
before_batch(|e| if e.requests.len() > 1 { reject(429, "One at a time.") });
"#,
    );
    let file = json!({"name": "file", "type": "file"});
    collection(&root, "docs", &json!([text_field("title"), file]));
    collection(&root, "notes", &json!([text_field("title")]));
    collection(&root, "fence", &json!([text_field("title")]));
    let (guest, ana, ben) = (server.anonymous(), server.user("ana"), server.user("ben"));
    let upload = |title: &str| {
        let part = Part::text("content").file_name("a.txt");
        root.send(
            root.request(reqwest::Method::POST, &records("docs"))
                .multipart(Form::new().text("title", title.to_owned()).part("file", part)),
        )
        .body
    };
    let get = |doc: &Value| {
        guest.request(reqwest::Method::GET, &format!("/api/files/docs/{}/{}", text(&doc["id"]), text(&doc["file"])))
    };
    let (open, secret) = (upload("open"), upload("secret"));
    let sent = get(&open).send().unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(sent.headers()["cache-control"], "private, no-cache", "a cache would answer those who are refused");
    let refused = guest.send(get(&secret));
    assert_eq!((refused.status, refused.message()), (403, "Not this one."));
    assert_eq!(ana.post("/api/files/token", &json!({})).status, 200);
    assert_eq!(ben.post("/api/files/token", &json!({})).message(), "No tokens.");

    assert_eq!(guest.get("/api/realtime?banned=1").status, 403);
    let streams = [&guest, &ana, &root].map(Stream::open);
    for stream in &streams {
        stream.subscribe(&["notes/*", "docs/*"]);
    }
    root.create(&records("notes"), &json!({"title": "shown"}));
    root.create(&records("notes"), &json!({"title": "hidden"}));
    upload("another");
    root.create(&records("fence"), &json!({}));
    let heard = streams.each_ref().map(|stream| {
        stream.heard_in_full().into_iter().map(|(_, data)| text(&data["record"]["title"])).collect::<Vec<_>>()
    });
    assert_eq!(heard, [vec!["***"], vec!["shown"], vec!["shown", "hidden"]]);

    root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    let one = json!({"method": "POST", "url": records("notes"), "body": {"title": "x"}});
    assert_eq!(guest.post("/api/batch", &json!({"requests": [one]})).status, 200);
    let refused = guest.post("/api/batch", &json!({"requests": [one, one]}));
    assert_eq!((refused.status, refused.message()), (429, "One at a time."));
}

#[test]
fn what_superusers_do_and_the_start_and_stop_have_their_events() {
    let (mut server, root) = start(
        r#"
before_settings_change(|e| {
    if e.changes.contains("meta") && e.changes.meta.appName == "no" { reject("Not this name.") }
    if e.changes.contains("meta") { e.changes.meta.appName += "!"; }
});
after_settings_change(|e| note(`settings ${e.settings.meta.appName}`));
before_collection_create("*", |e| if e.name.starts_with("tmp") { reject("No temporary ones.") });
before_collection_update("plans", |e| if e.changes.contains("listRule") && e.changes.listRule == "" { reject("Plans are not public.") });
before_collection_delete("seen", |e| reject("We need that."));
after_collection_create("*", |e| note(`created ${e.name}`));
after_collection_delete("*", |e| note(`deleted ${e.name}`));
before_collection_import(|e| if e.delete_missing { reject("Nothing is deleted that way.") });
before_backup(|e| if e.name == "no.zip" { reject("Not now.") });
after_backup(|e| note(`backup ${e.name}`));
before_restore(|e| reject("Never."));
after_start(|| if db.count("_superusers") > 0 { try { note("started") } catch { } });
before_stop(|| note("stopping"));
"#,
    );
    let settings = |name: &str| root.patch("/api/settings", &json!({"meta": {"appName": name}}));
    assert_eq!((settings("no").status, settings("no").message().to_owned()), (400, "Not this name.".to_owned()));
    assert_eq!(settings("Shop").body["meta"]["appName"], json!("Shop!"));
    wait_for(&root, "settings Shop!");
    let make = |name: &str| root.post("/api/collections", &json!({"name": name, "type": "base", "fields": []}));
    assert_eq!(make("tmp1").message(), "No temporary ones.");
    assert_eq!(make("plans").status, 200);
    wait_for(&root, "created plans");
    let change = |rule: Value| root.patch("/api/collections/plans", &json!({"listRule": rule}));
    assert_eq!((change(json!("")).status, change(json!("id != ''")).status), (400, 200));
    assert_eq!(root.delete("/api/collections/seen").message(), "We need that.");
    assert_eq!(root.delete("/api/collections/plans").status, 204);
    wait_for(&root, "deleted plans");
    let import = root.put("/api/collections/import", &json!({"collections": [], "deleteMissing": true}));
    assert_eq!(import.message(), "Nothing is deleted that way.");
    let backup = |name: &str| root.post("/api/backups", &json!({"name": name}));
    assert_eq!((backup("no.zip").message().to_owned(), backup("yes.zip").status), ("Not now.".to_owned(), 204));
    wait_for(&root, "backup yes.zip");
    assert_eq!(root.post("/api/backups/yes.zip/restore", &json!({})).message(), "Never.");

    assert!(server.stop().success());
    server.restart();
    let root = server.superuser();
    wait_for(&root, "started");
    assert!(seen(&root).contains(&"stopping".to_owned()), "{:?}", seen(&root));
}

#[test]
fn a_second_factor_is_told_about_and_can_be_refused() {
    let (server, root) = start(
        r#"
on_second_factor("users", |e| {
    note(`factor of ${e.record.name} after ${e.method}`);
    if e.record.name == "ben" { reject(403, "Not from here."); }
});
"#,
    );
    server.user("ana");
    server.user("ben");
    let asks_twice = json!({"mfa": {"enabled": true}, "otp": {"enabled": true}});
    let changed = root.patch("/api/collections/users", &asks_twice);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let guest = server.anonymous();
    let half = sign_in(&guest, "ana@example.com", PASSWORD);
    assert_eq!(half.status, 401, "{}", half.body);
    assert!(!text(&half.body["mfaId"]).is_empty(), "{}", half.body);
    let refused = sign_in(&guest, "ben@example.com", PASSWORD);
    assert_eq!((refused.status, refused.message()), (403, "Not from here."));
    assert_eq!(sign_in(&guest, "ben@example.com", "wrong password").status, 400, "only who knows the password is told");
    // What a refused sign-in has begun is undone, with what the handler has written.
    assert_eq!(root.get("/api/collections/_mfas/records").body["totalItems"], 1);
    assert_eq!(seen(&root), ["factor of ana after password"]);
}
