//! The reason of a refusal: in the log for superusers, in answers and on the terminal for developers, and nowhere else.

use crate::server::{Client, TestServer, text};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const POSTS: &str = "/api/collections/posts/records";

fn posts(superuser: &Client) {
    let fields = json!([
        {"name": "title", "type": "text"}, {"name": "owner", "type": "text"}, {"name": "day", "type": "date"},
        {"name": "secret", "type": "text", "hidden": true}, {"name": "paper", "type": "file", "protected": true}]);
    superuser.create(
        "/api/collections",
        &json!({"name": "posts", "type": "base", "fields": fields, "listRule": "", "viewRule": "owner = @request.auth.id",
            "createRule": "title != '' && @request.auth.id != ''", "updateRule": null, "deleteRule": "title = 'x'"}),
    );
}

/// The reason in the log for the most recent refused request of `method`. Waits until it is logged.
fn logged(superuser: &Client, method: &str) -> String {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let filter = format!("data.method='{method}'%26%26data.status>=400");
        let found = superuser.get(&format!("/api/logs?sort=-@rowid&perPage=1&filter={filter}")).body;
        if let Some(reason) = found["items"][0]["data"]["reason"].as_str() {
            return reason.to_owned();
        }
        assert!(Instant::now() < until, "no reason: {found}");
    }
}

#[test]
fn the_log_names_the_rule_and_the_part_that_failed_and_the_answer_does_not() {
    let server = TestServer::start();
    let superuser = server.superuser();
    posts(&superuser);
    let guest = server.anonymous();
    let post = superuser.create(POSTS, &json!({"title": "a", "owner": "ben"}));
    let one = format!("{POSTS}/{}", text(&post["id"]));
    // `message` fails unless the envelope has exactly its three keys.
    let check = |answer: crate::server::Answer, method: &str, status: u16, message: &str, reason: &str| {
        assert_eq!((answer.status, answer.message()), (status, message));
        assert_eq!(logged(&superuser, method), reason);
        assert_eq!(superuser.delete("/api/logs").status, 204);
    };
    check(
        guest.post(POSTS, &json!({"title": "a"})),
        "POST",
        400,
        "Failed to create record.",
        "the createRule of \"posts\" does not hold: @request.auth.id != ''; nobody is signed in",
    );
    check(
        guest.with_token("eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IngifQ.bm90IGEgdG9rZW4").post(POSTS, &json!({"title": "a"})),
        "POST",
        400,
        "Failed to create record.",
        "the createRule of \"posts\" does not hold: @request.auth.id != ''; nobody is signed in; the token that was sent is \
         not valid or has expired",
    );
    check(
        guest.get(&one),
        "GET",
        404,
        "The requested resource wasn't found.",
        "the viewRule of \"posts\" does not hold: owner = @request.auth.id; nobody is signed in",
    );
    check(
        guest.get(&format!("{POSTS}/doesnotexist000")),
        "GET",
        404,
        "The requested resource wasn't found.",
        "no record of \"posts\" has the id \"doesnotexist000\"",
    );
    check(
        guest.patch(&one, &json!({})),
        "PATCH",
        403,
        "Only superusers can perform this action.",
        "the updateRule of \"posts\" is null: only superusers may",
    );
    check(
        guest.delete(&one),
        "DELETE",
        404,
        "The requested resource wasn't found.",
        "the deleteRule of \"posts\" does not hold: title = 'x'",
    );
    check(
        guest.get(&format!("{POSTS}?filter=title='a'%26%26secret='x'")),
        "GET",
        400,
        "Something went wrong while processing your request.",
        "the filter is invalid at character 12: unknown field \"secret\", or a field that the caller may not use",
    );
    let batch = guest.post("/api/batch", &json!({"requests": []}));
    assert_eq!(batch.message(), "Batch requests are not allowed: the setting batch.enabled is off.");
}

#[test]
fn a_file_that_may_not_be_read_says_so_in_the_log() {
    let server = TestServer::start();
    let superuser = server.superuser();
    posts(&superuser);
    let form = reqwest::blocking::multipart::Form::new()
        .text("title", "a")
        .text("owner", "ben")
        .part("paper", reqwest::blocking::multipart::Part::bytes(b"secret paper".to_vec()).file_name("paper.txt"));
    let post = superuser.send(superuser.request(reqwest::Method::POST, POSTS).multipart(form)).body;
    let (id, name) = (text(&post["id"]), text(&post["paper"]));
    let guest = server.anonymous();
    assert_eq!(guest.get(&format!("/api/files/posts/{id}/{name}")).status, 404);
    let rule = "the viewRule of \"posts\" does not hold: owner = @request.auth.id; nobody is signed in";
    assert_eq!(logged(&superuser, "GET"), rule);
    assert_eq!(superuser.delete("/api/logs").status, 204);
    assert_eq!(guest.get(&format!("/api/files/posts/{id}/other.txt")).status, 404);
    assert_eq!(logged(&superuser, "GET"), format!("the record \"{id}\" of \"posts\" has no file \"other.txt\""));
}

#[test]
fn developers_read_the_reason_in_the_answer_and_on_the_terminal() {
    let server = TestServer::start_with(&["--dev"]);
    let superuser = server.superuser();
    posts(&superuser);
    let guest = server.anonymous();
    let answer = guest.post(POSTS, &json!({"title": "a"}));
    let reason = "the createRule of \"posts\" does not hold: @request.auth.id != ''; nobody is signed in";
    assert_eq!(
        answer.body,
        json!({"data": {}, "message": "Failed to create record.", "reason": reason, "status": 400})
    );
    let line = server.printed("POST /api/collections/posts/records 400");
    assert!(line.contains(" ms Failed to create record.") && line.contains(reason), "{line}");
    let hidden = guest.get(&format!("{POSTS}?filter=secret='x'"));
    assert_eq!(
        hidden.body["reason"],
        "the filter is invalid at character 1: unknown field \"secret\", or a field that the caller may not use"
    );
    assert_eq!(guest.get(POSTS).status, 200);
    server.printed("GET /api/collections/posts/records 200");
}

#[test]
fn developers_are_warned_of_what_is_dropped() {
    let server = TestServer::start_with(&["--dev"]);
    let superuser = server.superuser();
    posts(&superuser);
    superuser.create(POSTS, &json!({"titel": "a", "day": "31.1.2026"}));
    server.printed("\"31.1.2026\" was sent for \"day\" of \"posts\" and is not a date");
    server.printed("\"titel\" was sent, and \"posts\" has no such field: it is dropped");
    superuser.create(
        "/api/collections",
        &json!({"name": "members", "type": "base", "createRule": "",
            "fields": [{"name": "name", "type": "text"}, {"name": "points", "type": "number", "hidden": true}]}),
    );
    let sent = json!({"name": "Ana", "points": 7});
    assert_eq!(server.anonymous().post("/api/collections/members/records", &sent).status, 200);
    server.printed("\"points\" was sent, and the field \"points\" of \"members\" is hidden");
    let fields = json!([{"name": "title", "type": "text", "maxLength": 5}]);
    superuser.create(
        "/api/collections",
        &json!({"name": "notes", "type": "base", "fields": fields, "viewRule": "@request.auth.role = 'admin'"}),
    );
    server.printed("\"maxLength\" is not an option of the text field \"title\"");
    server.printed("no auth collection has the field \"role\" that the viewRule of \"notes\" reads");
    let list = json!({"listRule": "@request.auth.id != ''"});
    assert_eq!(superuser.patch("/api/collections/posts", &list).status, 200);
    assert_eq!(server.anonymous().get(POSTS).body["totalItems"], 0);
    server.printed("the list of \"posts\" is empty; its listRule lets through only: @request.auth.id != ''");
    let patch = |path: &str, sent: Value| assert_eq!(superuser.patch(path, &sent).status, 200, "{path} {sent}");
    let no_rules = json!({"fieldss": [], "viewQuery": "", "name": "posts"});
    patch("/api/collections/posts", no_rules);
    server.printed("\"fieldss\" was sent, and no such key belongs to a collection of this type: it is dropped");
    server.printed("\"viewQuery\" was sent, and no such key belongs to a collection of this type: it is dropped");
    patch("/api/collections/users", json!({"mfa": {"durration": 5}}));
    server.printed("\"mfa.durration\" was sent, and no such key belongs to a collection of this type: it is dropped");
    patch("/api/settings", json!({"smtp": {"hosst": "x"}}));
    server.printed("\"smtp.hosst\" was sent, and no such key belongs to the settings: it is dropped");
    // Known keys, some of which are never shown. The first warning after them is of the last request.
    patch("/api/collections/users", json!({"name": "users", "authToken": {"secret": "x".repeat(40)}}));
    patch("/api/settings", json!({"smtp": {"password": "y"}, "openapi": {"public": true}}));
    patch("/api/settings", json!({"metaa": {}}));
    let line = server.printed(" was sent, and ");
    assert!(line.contains("\"metaa\" was sent, and no such key belongs to the settings: it is dropped"), "{line}");
}

#[test]
fn no_reason_is_printed_or_returned_without_the_flag() {
    let server = TestServer::start();
    let superuser = server.superuser();
    posts(&superuser);
    superuser.create(POSTS, &json!({"titel": "a", "day": "31.1.2026"}));
    let answer = server.anonymous().post(POSTS, &json!({"title": "a"}));
    assert_eq!(answer.message(), "Failed to create record.");
    let lines = server.lines().join("\n");
    assert!(!lines.contains("titel") && !lines.contains("/api/collections/posts/records"), "{lines}");
}

#[test]
fn errors_of_form_are_explained_to_everybody() {
    let server = TestServer::start();
    let superuser = server.superuser();
    posts(&superuser);
    let guest = server.anonymous();
    let check = |path: &str, expected: &str| {
        let answer = guest.get(&format!("{POSTS}{path}"));
        assert_eq!((answer.status, answer.message()), (400, expected), "{path}");
    };
    check("?filter=title=='a'", "Invalid filter at character 6: unknown operator \"==\".");
    check("?filter=%20%20", "Invalid filter at character 3: there is no condition.");
    check("?sort=title,", "Invalid sort at character 7: a sort field is missing.");
    check("?page=two", "The parameter \"page\" must be a whole number.");
    check("?skipTotal=maybe", "The parameter \"skipTotal\" must be true or false.");
    let request = superuser.request(reqwest::Method::POST, POSTS).header("content-type", "application/json");
    let answer = superuser.send(request.body("{\"title\": \"a\",}"));
    assert_eq!(answer.status, 400);
    assert_eq!(answer.message(), "The body is not valid JSON: trailing comma at line 1 column 15.");
    let fields = json!([{"name": "title", "type": "string"}]);
    let answer = superuser.post("/api/collections", &json!({"name": "notes", "type": "base", "fields": fields}));
    let issue = &answer.body["data"]["fields"]["0"]["type"];
    assert_eq!(issue["code"], "validation_in_invalid", "{}", answer.body);
    assert!(text(&issue["message"]).contains("text, editor, number, bool"), "{}", answer.body);
    let rule = json!({"listRule": "title = 'a' && titel = 'b'"});
    let answer = superuser.patch("/api/collections/posts", &rule);
    let message = text(&answer.body["data"]["listRule"]["message"]);
    assert!(message.contains("at character 16") && message.contains("titel"), "{message}");
}

/// A body with a comma too many. PocketBase's message comes first at endpoints where it has one of its own.
#[test]
fn every_endpoint_says_where_a_body_is_no_json() {
    let server = TestServer::start();
    let superuser = server.superuser();
    posts(&superuser);
    assert_eq!(superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    let check = |client: &Client, line: &str, begin: &str| {
        let (method, path) = line.split_once(' ').unwrap();
        let request = client.request(method.parse().unwrap(), path).header("content-type", "application/json");
        let answer = client.send(request.body("{\"a\": 1,}"));
        let expected = format!("{begin}The body is not valid JSON: trailing comma at line 1 column 9.");
        assert_eq!((answer.status, answer.message()), (400, &*expected), "{line}");
    };
    let unloadable = "An error occurred while loading the submitted data. ";
    let guest = server.anonymous();
    for action in [
        "auth-with-password",
        "request-otp",
        "auth-with-otp",
        "request-verification",
        "confirm-verification",
        "request-password-reset",
        "confirm-password-reset",
        "confirm-email-change",
    ] {
        check(&guest, &format!("POST /api/collections/users/{action}"), unloadable);
    }
    check(&guest, "POST /api/batch", "Failed to read the submitted batch data. ");
    for line in [
        "PATCH /api/settings",
        "POST /api/settings/test/email",
        "POST /api/settings/test/s3",
        "POST /api/sql",
        "POST /api/backups",
        "PUT /api/collections/import",
        "POST /api/settings/apple/generate-client-secret",
    ] {
        check(&superuser, line, unloadable);
    }
    let invalid = "Failed to load the submitted data due to invalid formatting. ";
    check(&superuser, "PATCH /api/collections/posts", invalid);
    check(&superuser, "POST /api/collections", "Failed to load the collection type data due to invalid formatting. ");
    for line in [
        "POST /api/collections/posts/records",
        "POST /api/realtime",
        "POST /api/webhooks",
        "POST /api/jobs",
        "POST /api/scripts/run",
        "POST /api/scripts/check",
        "POST /api/collections/posts/rules/parse",
        "POST /api/collections/preview",
        "PUT /api/collections/import/preview",
        "POST /api/collections/posts/rules/test",
    ] {
        check(&superuser, line, "");
    }
}

/// Values of the wrong type. The answers are PocketBase's; the reason says more, and never quotes a value.
#[test]
fn developers_read_which_value_has_the_wrong_type() {
    let server = TestServer::start_with(&["--dev"]);
    let superuser = server.superuser();
    posts(&superuser);
    assert_eq!(superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    let check = |line: &str, sent: Value, expected: &str| {
        let (method, path) = line.split_once(' ').unwrap();
        let answer = superuser.send(superuser.request(method.parse().unwrap(), path).json(&sent));
        assert_eq!((answer.status, &answer.body["reason"]), (400, &json!(expected)), "{line} {sent}: {}", answer.body);
    };
    check("POST /api/realtime", json!({"clientId": 5}), "\"clientId\" must be a text");
    check("POST /api/realtime", json!({"subscriptions": [5]}), "\"subscriptions\" must be a list of texts");
    check("PATCH /api/settings", json!({"meta": {"appName": "x"}, "smtp": 5}), "\"smtp\" must be an object");
    check("PATCH /api/settings", json!({"smtp": {"password": 12345}}), "\"smtp.password\" must be a text");
    check("PATCH /api/settings", json!({"batch": {"enabled": "x"}}), "\"batch.enabled\" must be true or false");
    check(
        "PATCH /api/settings",
        json!({"rateLimits": {"rules": [5]}}),
        "\"rateLimits.rules\" must be a list with values of the right type",
    );
    check("POST /api/collections", json!({"name": 5}), "\"name\" must be a text");
    check("PATCH /api/collections/posts", json!({"listRule": 5}), "\"listRule\" must be a text or null");
    check("PATCH /api/collections/posts", json!({"fields": [5]}), "\"fields.0\" must be an object");
    check("PATCH /api/collections/posts", json!({"indexes": [5]}), "\"indexes\" must be a list of texts");
    check("PATCH /api/collections/users", json!({"mfa": {"duration": "x"}}), "\"duration\" must be a number");
    check("PATCH /api/collections/users", json!({"authRule": 5}), "\"authRule\" must be a text or null");
    check("PUT /api/collections/import", json!({"collections": 5}), "\"collections\" must be a list");
    check("PUT /api/collections/import", json!({"collections": [5]}), "\"collections\" must be a list of objects");
    check("POST /api/sql", json!({"query": 5}), "\"query\" must be a text");
    check("POST /api/batch", json!({"requests": 5}), "\"requests\" must be a list");
    check(
        "POST /api/batch",
        json!({"requests": [{"method": "GET", "url": "/x"}, {"method": 5}]}),
        "\"requests.1.method\" must be a text",
    );
    check("POST /api/backups", json!({"name": 5}), "\"name\" must be a text");
    check("POST /api/collections/users/auth-with-password", json!({"identity": []}), "\"identity\" must be a text");
    let form =
        superuser.request(reqwest::Method::POST, POSTS).header("content-type", "multipart/form-data; boundary=x");
    let broken = superuser.send(form.body("--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\ncut off"));
    assert_eq!(broken.status, 400, "{}", broken.body);
    assert!(text(&broken.body["reason"]).starts_with("the body cannot be read: "), "{}", broken.body);
}
