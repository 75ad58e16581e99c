//! All features that send mail, from the request to the use of the link or code, with a mail server that stores the
//! mails.

use crate::server::{Answer, Client, TestServer, text};
use crate::smtp::{ClosedPort, Sink};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const USERS: &str = "/api/collections/users";
const PASSWORD: &str = "12345678";

fn start() -> (TestServer, Sink, Client) {
    let (server, sink) = (TestServer::start(), Sink::start());
    let superuser = server.superuser();
    use_sink(&superuser, sink.port);
    (server, sink, superuser)
}

fn use_sink(superuser: &Client, port: u16) {
    let smtp = json!({"smtp": {"enabled": true, "host": "127.0.0.1", "port": port}});
    assert_eq!(superuser.patch("/api/settings", &smtp).status, 200);
}

fn change_users(superuser: &Client, patch: &Value) {
    let answer = superuser.patch(USERS, patch);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn ask(client: &Client, flow: &str, body: &Value) -> Answer {
    client.post(&format!("{USERS}/{flow}"), body)
}

fn may_sign_in(server: &TestServer, email: &str, password: &str) -> bool {
    ask(&server.anonymous(), "auth-with-password", &json!({"identity": email, "password": password})).status == 200
}

fn is_alive(client: &Client) -> bool {
    ask(client, "auth-refresh", &json!({})).status == 200
}

fn user(superuser: &Client, id: &str) -> Value {
    superuser.get(&format!("{USERS}/records/{id}")).body
}

fn token_issue(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.message()), (400, "An error occurred while validating the submitted data."));
    text(&answer.body["data"]["token"]["code"])
}

#[test]
fn an_address_is_verified_by_the_link_that_was_mailed_to_it() {
    let (server, sink, superuser) = start();
    let (guest, ana) = (server.anonymous(), server.user("ana"));
    let request = |email: &str| assert_eq!(ask(&guest, "request-verification", &json!({"email": email})).status, 204);
    request("nobody@example.com");
    request("ana@example.com");
    let mail = sink.next();
    assert_eq!((mail.to.as_slice(), mail.from.as_str()), (&["ana@example.com".to_owned()][..], "support@example.com"));
    assert_eq!(
        (mail.header("From"), mail.header("To")),
        ("Support <support@example.com>".into(), "ana@example.com".into())
    );
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.html().contains("class=\"btn\"") && !mail.plain().contains('<'), "{}", mail.source);
    let token = mail.token("confirm-verification");
    request("ana@example.com");
    sink.stays_empty();

    for wrong in ["x", &token[..token.len() - 2]] {
        let refused = ask(&guest, "confirm-verification", &json!({"token": wrong}));
        assert!(token_issue(&refused).starts_with("validation_invalid_token"));
    }
    assert_eq!(
        ask(
            &guest,
            "confirm-password-reset",
            &json!({"token": token, "password": PASSWORD, "passwordConfirm": PASSWORD})
        )
        .status,
        400
    );
    assert_eq!(user(&superuser, &ana.id)["verified"], false);
    for _ in 0..2 {
        assert_eq!(ask(&guest, "confirm-verification", &json!({"token": token})).status, 204);
    }
    assert_eq!(user(&superuser, &ana.id)["verified"], true);
    assert!(is_alive(&ana), "nothing about the password has changed");
    request("ana@example.com");
    sink.stays_empty();
}

#[test]
fn verifying_an_address_locks_out_an_earlier_sign_up_with_it() {
    let (server, sink, superuser) = start();
    let (guest, stranger) = (server.anonymous(), server.user("ana"));
    let link =
        json!({"collectionRef": "_pb_users_auth_", "recordRef": stranger.id, "provider": "github", "providerId": "7"});
    superuser.create("/api/collections/_externalAuths/records", &link);
    ask(&guest, "request-verification", &json!({"email": "ana@example.com"}));
    let token = sink.next().token("confirm-verification");
    assert_eq!(ask(&guest, "confirm-verification", &json!({"token": token})).status, 204);
    assert_eq!(superuser.get("/api/collections/_externalAuths/records").body["totalItems"], 0);
    assert!(!is_alive(&stranger));

    change_users(&superuser, &json!({"otp": {"enabled": true}}));
    let stranger = server.user("ben");
    let otp_id = text(&ask(&guest, "request-otp", &json!({"email": "ben@example.com"})).body["otpId"]);
    let code = sink.next().code();
    let signed_in = ask(&guest, "auth-with-otp", &json!({"otpId": otp_id, "password": code}));
    assert_eq!((signed_in.status, &signed_in.body["record"]["verified"]), (200, &json!(true)));
    assert!(!is_alive(&stranger) && !may_sign_in(&server, "ben@example.com", PASSWORD));
}

#[test]
fn a_forgotten_password_is_replaced_once_by_the_mailed_link() {
    let (server, sink, superuser) = start();
    let (guest, ana) = (server.anonymous(), server.user("ana"));
    for email in ["nobody@example.com", "ana@example.com", "ana@example.com"] {
        assert_eq!(ask(&guest, "request-password-reset", &json!({"email": email})).status, 204);
    }
    let token = sink.next().token("confirm-password-reset");
    sink.stays_empty();
    let confirm = |password: &str, again: &str| {
        ask(&guest, "confirm-password-reset", &json!({"token": token, "password": password, "passwordConfirm": again}))
    };
    assert_eq!(confirm("short", "short").body["data"]["password"]["params"], json!({"min": 8, "max": 255}));
    assert_eq!(
        confirm("a new password", "a new passwort").body["data"]["passwordConfirm"]["code"],
        "validation_values_mismatch"
    );
    assert!(is_alive(&ana));
    assert_eq!(confirm("a new password", "a new password").status, 204);
    assert!(!is_alive(&ana) && !may_sign_in(&server, "ana@example.com", PASSWORD));
    assert!(may_sign_in(&server, "ana@example.com", "a new password"));
    assert_eq!(user(&superuser, &ana.id)["verified"], true);
    assert_eq!(token_issue(&confirm("a third password", "a third password")), "validation_invalid_token");

    let root =
        superuser.post("/api/collections/_superusers/request-password-reset", &json!({"email": "root@example.com"}));
    assert_eq!((root.status, sink.next().to[0].as_str()), (204, "root@example.com"));
}

#[test]
fn an_account_moves_to_another_address_by_link_and_password() {
    let (server, sink, superuser) = start();
    let (guest, ana, ben) = (server.anonymous(), server.user("ana"), server.user("ben"));
    let request = |email: &str| ask(&ana, "request-email-change", &json!({"newEmail": email}));
    assert_eq!(request("ben@example.com").body["data"]["newEmail"]["code"], "validation_invalid_new_email");
    assert_eq!(request("new@example.com\r\nBcc: x@evil.com").body["data"]["newEmail"]["code"], "validation_is_email");
    assert_eq!((request("new@example.com").status, request("new@example.com").status), (204, 204));
    let mail = sink.next();
    assert_eq!(mail.to, ["new@example.com"]);
    sink.stays_empty();
    let token = mail.token("confirm-email-change");
    let confirm = |password: &str| ask(&guest, "confirm-email-change", &json!({"token": token, "password": password}));
    assert_eq!(
        confirm("wrong").body["data"],
        json!({"password": {"code": "validation_invalid_password", "message": "Missing or invalid auth record password."}})
    );

    let moved = superuser.patch(&format!("{USERS}/records/{}", ben.id), &json!({"email": "new@example.com"}));
    assert_eq!(moved.status, 200);
    assert_eq!(token_issue(&confirm(PASSWORD)), "validation_invalid_token_email");
    superuser.patch(&format!("{USERS}/records/{}", ben.id), &json!({"email": "ben@example.com"}));
    assert_eq!(confirm(PASSWORD).status, 204);
    assert!(!is_alive(&ana) && may_sign_in(&server, "new@example.com", PASSWORD));
    assert_eq!(user(&superuser, &ana.id)["verified"], true);
    assert_eq!(token_issue(&confirm(PASSWORD)), "validation_invalid_token");
}

#[test]
fn a_code_signs_in_once_and_guessing_it_is_bounded() {
    let (server, sink, superuser) = start();
    let (guest, _) = (server.anonymous(), server.user("ana"));
    assert_eq!(ask(&guest, "request-otp", &json!({"email": "ana@example.com"})).status, 403);
    change_users(&superuser, &json!({"otp": {"enabled": true, "length": 6}}));
    let request = |email: &str| text(&ask(&guest, "request-otp", &json!({"email": email})).body["otpId"]);
    let sign_in = |id: &str, code: &str| ask(&guest, "auth-with-otp", &json!({"otpId": id, "password": code}));
    let (id, made_up) = (request("ana@example.com"), request("nobody@example.com"));
    assert_eq!((id.len(), made_up.len()), (15, 15));
    let mail = sink.next();
    assert_eq!((mail.to[0].as_str(), mail.code().len()), ("ana@example.com", 6));
    let stored = superuser.get(&format!("/api/collections/_otps/records/{id}")).body;
    assert!(stored.get("password").is_none_or(|shown| *shown == ""), "{stored}");
    assert_eq!(sign_in(&id, "no").message(), "Invalid or expired OTP.");
    let signed_in = sign_in(&id, &mail.code());
    assert_eq!((signed_in.status, &signed_in.body["record"]["email"]), (200, &json!("ana@example.com")));
    assert_eq!(sign_in(&id, &mail.code()).status, 400, "it is used up");

    // Five wrong codes block one request for a code; for unknown addresses, too.
    let (attackers, own) = (request("ana@example.com"), request("ana@example.com"));
    let codes = [sink.next(), sink.next()].map(|mail| mail.code());
    let tries = |id: &str, times: usize| (0..times).map(|_| sign_in(id, "no").status).collect::<Vec<_>>();
    for id in [&attackers, &made_up] {
        assert_eq!(tries(id, 6), [400, 400, 400, 400, 400, 429]);
    }
    let refused = sign_in(&attackers, &codes[0]);
    assert_eq!((refused.status, refused.message()), (429, "Too many attempts, please try again later with a new OTP."));
    assert_eq!(
        codes.iter().filter(|code| sign_in(&own, code).status == 200).count(),
        1,
        "the owner's code is still good"
    );
    // New requests for codes do not allow unlimited guesses: earlier guesses count.
    let more = |email: &str| {
        let ids: Vec<String> = (0..4).map(|_| request(email)).collect();
        ids.iter().flat_map(|id| tries(id, 5)).filter(|status| *status == 400).count()
    };
    assert_eq!((more("ana@example.com"), more("nobody@example.com")), (10, 15));

    for email in ["ana@example.com", "nobody@example.com"] {
        let ids: Vec<_> = (0..12).map(|_| request(email)).collect();
        assert_eq!(ids[10], ids[11], "enough codes for {email}");
        assert_ne!(ids[0], ids[1]);
    }
}

#[test]
fn a_second_factor_completes_a_sign_in() {
    let (server, sink, superuser) = start();
    let guest = server.anonymous();
    let _ = server.user("ana");
    change_users(&superuser, &json!({"otp": {"enabled": true}, "mfa": {"enabled": true}}));
    let password = |more: Value| {
        let mut body = json!({"identity": "ana@example.com", "password": PASSWORD});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ask(&guest, "auth-with-password", &body)
    };
    let challenge = password(json!({}));
    assert_eq!((challenge.status, challenge.body.as_object().unwrap().len()), (401, 1));
    let mfa_id = text(&challenge.body["mfaId"]);
    assert_eq!(password(json!({"mfaId": mfa_id})).message(), "A different authentication method is required.");

    let new_code = || {
        let id = text(&ask(&guest, "request-otp", &json!({"email": "ana@example.com"})).body["otpId"]);
        (id, sink.next().code())
    };
    let code = |(id, code): &(String, String), mfa_id: &str| {
        ask(&guest, "auth-with-otp", &json!({"otpId": id, "password": code, "mfaId": mfa_id}))
    };
    let first = new_code();
    assert_eq!(code(&first, "unknown").message(), "Invalid or expired MFA session.");
    assert_eq!(code(&first, &mfa_id).message(), "Invalid or expired OTP.", "used up");
    let signed_in = code(&new_code(), &mfa_id);
    assert_eq!((signed_in.status, signed_in.body["token"].is_string()), (200, true));
    assert_eq!(password(json!({})).status, 401, "the password is still the same, and still not enough");
}

#[test]
fn a_sign_in_from_a_new_place_is_mailed_to_the_owner() {
    let (server, sink, superuser) = start();
    let _ = server.user("ana");
    let sign_in = |program: &str| {
        let body = json!({"identity": "ana@example.com", "password": PASSWORD});
        let guest = server.anonymous();
        let request = guest.request(Method::POST, &format!("{USERS}/auth-with-password"));
        assert_eq!(guest.send(request.header("user-agent", program).json(&body)).status, 200);
    };
    sign_in("<b>New</b> Browser");
    let mail = sink.next();
    assert_eq!(mail.to, ["ana@example.com"]);
    assert!(mail.html().contains(" - 127.0.0.1 &lt;b&gt;New&lt;/b&gt; Browser"), "{}", mail.html());
    sign_in("<b>New</b> Browser");
    sink.stays_empty();
    change_users(&superuser, &json!({"authAlert": {"enabled": false}}));
    sign_in("Another");
    sink.stays_empty();
}

#[test]
fn mail_waits_for_a_server_that_is_down_and_for_our_own_restart() {
    let (mut server, sink, superuser) = start();
    let (guest, _, _) = (server.anonymous(), server.user("ana"), server.user("ben"));
    let closed = ClosedPort::reserve();
    use_sink(&superuser, closed.port);
    ask(&guest, "request-verification", &json!({"email": "ana@example.com"}));
    server.printed("a mail could not be sent, and will be tried again");
    let late = Sink::start_on(closed);
    assert_eq!(late.next().to, ["ana@example.com"]);

    let closed = ClosedPort::reserve();
    use_sink(&superuser, closed.port);
    ask(&guest, "request-verification", &json!({"email": "ben@example.com"}));
    // The other mail may have failed more than once before.
    server.printed("will be tried again to=\"ben@example.com\"");
    server.kill();
    server.restart();
    let late = Sink::start_on(closed);
    let mail = late.next();
    assert_eq!(mail.to, ["ben@example.com"]);
    let confirmed =
        ask(&server.anonymous(), "confirm-verification", &json!({"token": mail.token("confirm-verification")}));
    assert_eq!(confirmed.status, 204);
    assert!(sink.take().is_empty());
}

#[test]
fn new_settings_let_waiting_mail_go_at_once_and_a_refused_reader_is_given_up() {
    let (server, sink, superuser) = start();
    let guest = server.anonymous();
    let _ = (server.user("refused"), server.user("ana"));
    ask(&guest, "request-verification", &json!({"email": "refused@example.com"}));
    let line = server.printed("a mail was given up");
    assert!(line.contains("550"), "{line}");
    let logged = superuser.get("/api/logs?filter=data.type='mail'").body;
    let (data, level) = (&logged["items"][0]["data"], &logged["items"][0]["level"]);
    assert_eq!((data["to"].as_str(), level), (Some("refused@example.com"), &json!(8)), "{logged}");
    assert!(data["error"].as_str().unwrap().contains("550") && !logged.to_string().contains("eyJ"), "{logged}");

    use_sink(&superuser, ClosedPort::forever());
    ask(&guest, "request-verification", &json!({"email": "ana@example.com"}));
    let line = server.printed("a mail could not be sent, and will be tried again");
    assert!(!line.contains("eyJ"), "no token in the log: {line}");
    let began = Instant::now();
    use_sink(&superuser, sink.port);
    assert_eq!(sink.next().to, ["ana@example.com"]);
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn no_text_of_anyone_becomes_a_header_or_html() {
    let (server, sink, superuser) = start();
    let evil = "x\r\nBcc: victim@evil.com\r\n\r\n<script>alert(1)</script>";
    let template =
        json!({"subject": "Hi {RECORD:name} {APP_NAME}", "body": "<p>{RECORD:name}|{RECORD:tokenKey}|{TOKEN}</p>"});
    change_users(&superuser, &json!({"verificationTemplate": template}));
    let meta = json!({"meta": {"appName": "Shop\r\nX-Evil: 1", "senderName": "Support\nX-Evil: 2"}});
    assert_eq!(superuser.patch("/api/settings", &meta).status, 200);
    let body = json!({"email": "ana@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "name": evil});
    server.anonymous().create(&format!("{USERS}/records"), &body);
    ask(&server.anonymous(), "request-verification", &json!({"email": "ana@example.com"}));
    let mail = sink.next();
    assert_eq!(mail.to, ["ana@example.com"]);
    let names: Vec<_> = mail.headers().iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    assert!(!names.iter().any(|name| name == "Bcc" || name == "X-Evil"), "{names:?}");
    assert!(mail.header("Subject").starts_with("Hi x Bcc: victim@evil.com"), "{}", mail.header("Subject"));
    let html = mail.html();
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script>") && html.contains("{RECORD:tokenKey}"),
        "{html}"
    );
}

#[test]
fn an_owner_can_try_the_settings_with_every_template() {
    let (_server, sink, superuser) = start();
    let try_out = |body: Value| superuser.post("/api/settings/test/email", &body);
    for (template, collection) in [
        ("verification", "users"),
        ("password-reset", "_superusers"),
        ("email-change", "users"),
        ("otp", ""),
        ("login-alert", "users"),
    ] {
        let answer = try_out(json!({"email": "me@example.com", "template": template, "collection": collection}));
        assert_eq!(answer.status, 204, "{template}: {}", answer.body);
        let mail = sink.next();
        assert_eq!(mail.to, ["me@example.com"]);
        let text = mail.plain();
        for placeholder in ["{TOKEN}", "{OTP}", "{ALERT_INFO}", "{APP_NAME}", "{APP_URL}"] {
            assert!(!text.contains(placeholder), "{template}: {text}");
        }
    }
    let refused = try_out(json!({"email": "x", "template": "x", "collection": "nope"}));
    assert_eq!((refused.status, refused.message()), (400, "Failed to send the test email."));
    let keys: Vec<_> = refused.body["data"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["collection", "email", "template"]);

    let smtp = json!({"smtp": {"username": "me", "password": "geheim", "authMethod": "LOGIN", "localName": "here.example.com"}});
    assert_eq!(superuser.patch("/api/settings", &smtp).status, 200);
    assert_eq!(try_out(json!({"email": "me@example.com", "template": "otp"})).status, 204);
    let dialog = sink.next().dialog;
    assert!(
        dialog.contains(&"EHLO here.example.com".to_owned()) && dialog.contains(&"Z2VoZWlt".to_owned()),
        "{dialog:?}"
    );

    let elsewhere = json!({"smtp": {"port": ClosedPort::forever(), "password": "geheim"}});
    assert_eq!(superuser.patch("/api/settings", &elsewhere).status, 200);
    let refused = try_out(json!({"email": "me@example.com", "template": "otp"}));
    assert!(refused.message().starts_with("Failed to send the test email. Raw error: \n"), "{}", refused.body);
    assert!(!refused.message().contains("geheim"));
}

#[test]
fn for_developing_mails_are_read_in_the_log() {
    let server = TestServer::start_with(&["--dev"]);
    let _ = server.user("ana");
    ask(&server.anonymous(), "request-verification", &json!({"email": "ana@example.com"}));
    server.printed("mail to ana@example.com, not sent");
    assert!(server.printed("Subject: ").starts_with("Subject: "));
    let link = server.printed("confirm-verification/");
    // On its own line, with the address at which the server is reached.
    assert!(link.starts_with(&format!("{}/_/#/auth/confirm-verification/eyJ", server.url)), "{link}");
    assert!(!link.contains([' ', ')']), "{link}");
}

/// The link of the next verification mail that is printed.
fn link(server: &TestServer) -> String {
    let answer = server.anonymous().post(
        "/api/collections/users/records",
        &json!({"email": "ben@example.com", "password": "12345678", "passwordConfirm": "12345678"}),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    // The link must not use the host that a client sends.
    let request = server
        .anonymous()
        .request(reqwest::Method::POST, "/api/collections/users/request-verification")
        .header("host", "evil.example.com")
        .header("x-forwarded-host", "evil.example.com")
        .header("origin", "https://evil.example.com")
        .json(&json!({"email": "ben@example.com"}));
    assert_eq!(server.anonymous().send(request).status, 204);
    let link = server.printed("confirm-verification/");
    link.split("/#/").next().unwrap().to_owned()
}

#[test]
fn links_lead_to_where_the_server_listens_until_an_owner_says_otherwise() {
    let server = TestServer::start_with(&["--dev"]);
    assert_eq!(link(&server), format!("{}/_", server.url));
    let superuser = server.superuser();
    assert_eq!(superuser.get("/api/settings").body["meta"]["appURL"], "http://localhost:8090");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "public_url = \"https://api.example.com/\"").unwrap();
    let server = TestServer::start_in(folder, &["--dev"]);
    assert_eq!(link(&server), "https://api.example.com/_");

    let server = TestServer::start_with(&["--dev"]);
    let own = json!({"meta": {"appURL": "https://shop.example.com"}});
    assert_eq!(server.superuser().patch("/api/settings", &own).status, 200);
    assert_eq!(link(&server), "https://shop.example.com/_");
}

#[test]
fn links_of_mails_lead_to_this_server_when_the_application_is_elsewhere() {
    let server = TestServer::start_with(&["--dev"]);
    let superuser = server.superuser();
    let own =
        json!({"meta": {"appURL": "https://shop.example.com"}, "mailLinks": {"baseURL": "https://api.example.com/"}});
    let saved = superuser.patch("/api/settings", &own);
    assert_eq!(saved.body["mailLinks"]["baseURL"], "https://api.example.com/");
    assert_eq!(link(&server), "https://api.example.com/_");
    let bad = superuser.patch("/api/settings", &json!({"mailLinks": {"baseURL": "nonsense"}}));
    assert_eq!(bad.body["data"]["mailLinks"]["baseURL"]["code"], "validation_is_url");
    let cleared = superuser.patch("/api/settings", &json!({"mailLinks": null}));
    assert!(cleared.body["mailLinks"].is_null(), "{}", cleared.body);
}
