//! The access matrix: every route of `src/http/routes.rs` × every kind of caller × the expected status. A route without
//! a row here fails the test.
//!
//! There are six callers, in this order: a guest, someone with an expired superuser token, someone with a modified
//! superuser token, another user, the user, a superuser. The second and the third must get the guest's answer. The
//! other user must get the user's unless the row says otherwise.

use crate::server::{Client, TestServer, text};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

pub struct Row {
    pub method: &'static str,
    route: &'static str,
    /// The route with its `{…}` segments filled in.
    pub path: String,
    pub body: &'static str,
    /// The statuses for a guest, a signed-in user and a superuser.
    expected: [u16; 3],
    /// The status for another user, if it differs from the user's.
    other: Option<u16>,
}

impl Row {
    /// Method and route.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.route)
    }

    /// Whether callers other than superusers may use the route.
    pub fn is_for_others(&self) -> bool {
        let [_, user, _] = self.expected;
        // A 403 of a closed collection comes from its rule.
        user != 403 || self.path.contains("/records") || self.path.contains("otp") || self.path == "/api/batch"
    }

    /// Sets the status for another user.
    fn other(self, status: u16) -> Self {
        Self { other: Some(status), ..self }
    }
}

/// All callers are tested on a closed collection (without rules) and on `users`, whose record `ana` is the user.
#[expect(clippy::too_many_lines, reason = "one line for each route")]
pub fn rows(note: &str, ana: &str) -> Vec<Row> {
    let row = |method, route: &'static str, values: &[&str], body, expected| {
        let mut path = String::new();
        let mut values = values.iter();
        for piece in route.split_inclusive(['{', '}']) {
            match piece.strip_suffix('}') {
                Some(_) => path.push_str(values.next().unwrap_or_else(|| panic!("{route} needs more values"))),
                None => path.push_str(piece.trim_end_matches('{')),
            }
        }
        Row { method, route, path, body, expected, other: None }
    };
    let superusers_only = [401, 403, 200];
    let closed = [403, 403, 200];
    vec![
        row("GET", "/api/health", &[], "", [200, 200, 200]),
        row("GET", "/api/openapi.json", &[], "", superusers_only),
        row("GET", "/api/settings", &[], "", superusers_only),
        row("PATCH", "/api/settings", &[], "{}", superusers_only),
        row("POST", "/api/settings/test/s3", &[], r#"{"filesystem":"storage"}"#, [401, 403, 400]),
        row("POST", "/api/settings/apple/generate-client-secret", &[], "{}", [401, 403, 400]),
        row("POST", "/api/settings/test/email", &[], "{}", [401, 403, 400]),
        row("GET", "/api/collections", &[], "", superusers_only),
        row("POST", "/api/collections", &[], r#"{"name":"made","type":"base"}"#, superusers_only),
        row("PUT", "/api/collections/import", &[], r#"{"collections":[]}"#, [401, 403, 400]),
        row("GET", "/api/collections/meta/scaffolds", &[], "", superusers_only),
        row("GET", "/api/collections/meta/oauth2-providers", &[], "", superusers_only),
        row("POST", "/api/collections/meta/dry-run-view", &[], r#"{"query":"SELECT id FROM notes"}"#, superusers_only),
        row("POST", "/api/collections/preview", &[], r#"{"name":"made2"}"#, superusers_only),
        row("POST", "/api/collections/{c}/preview", &["notes"], "{}", superusers_only),
        row("PUT", "/api/collections/import/preview", &[], r#"{"collections":[]}"#, superusers_only),
        row("GET", "/api/collections/meta/rule-words", &[], "", superusers_only),
        row("POST", "/api/collections/{c}/rules/parse", &["notes"], r#"{"rule":"id = 1"}"#, superusers_only),
        row("POST", "/api/collections/{c}/rules/test", &["notes"], r#"{"kind":"create"}"#, superusers_only),
        row("GET", "/api/collections/{c}/aggregate", &["notes"], "", superusers_only),
        row("GET", "/api/collections/{c}", &["notes"], "", superusers_only),
        row("PATCH", "/api/collections/{c}", &["notes"], "{}", superusers_only),
        row("GET", "/api/collections/{c}/export", &["notes"], "", closed),
        row("GET", "/api/imports", &[], "", superusers_only),
        row("POST", "/api/imports", &[], "{}", [401, 403, 400]),
        row("GET", "/api/imports/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("PATCH", "/api/imports/{id}", &["000000000000000"], "{}", [401, 403, 404]),
        row("POST", "/api/imports/{id}/run", &["000000000000000"], "{}", [401, 403, 404]),
        row("GET", "/api/imports/{id}/undo", &["000000000000000"], "", [401, 403, 404]),
        row("POST", "/api/imports/{id}/undo", &["000000000000000"], "{}", [401, 403, 404]),
        row("DELETE", "/api/imports/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("GET", "/api/collections/{c}/records", &["notes"], "", closed),
        row("POST", "/api/collections/{c}/records", &["notes"], "{}", closed),
        row("GET", "/api/collections/{c}/records/{id}", &["notes", note], "", closed),
        row("PATCH", "/api/collections/{c}/records/{id}", &["notes", note], "{}", closed),
        row("DELETE", "/api/collections/{c}/records/{id}", &["notes", note], "", [403, 403, 204]),
        row("POST", "/api/batch", &[], r#"{"requests":[]}"#, [403, 403, 403]),
        row("GET", "/api/collections/{c}/auth-methods", &["users"], "", [200, 200, 200]),
        row(
            "POST",
            "/api/collections/{c}/auth-with-password",
            &["users"],
            r#"{"identity":"ana@example.com","password":"wrong"}"#,
            [400, 400, 400],
        ),
        row("POST", "/api/collections/{c}/auth-with-oauth2", &["users"], "{}", [403, 403, 403]),
        row("POST", "/api/collections/{c}/request-otp", &["users"], "{}", [403, 403, 403]),
        row("POST", "/api/collections/{c}/auth-with-otp", &["users"], "{}", [403, 403, 403]),
        row("POST", "/api/collections/{c}/request-verification", &["users"], "{}", [400, 400, 400]),
        row("POST", "/api/collections/{c}/confirm-verification", &["users"], "{}", [400, 400, 400]),
        row("POST", "/api/collections/{c}/request-password-reset", &["users"], "{}", [400, 400, 400]),
        row("POST", "/api/collections/{c}/confirm-password-reset", &["users"], "{}", [400, 400, 400]),
        row("POST", "/api/collections/{c}/request-email-change", &["users"], "{}", [401, 400, 403]),
        row("POST", "/api/collections/{c}/confirm-email-change", &["users"], "{}", [400, 400, 400]),
        row("POST", "/api/collections/{c}/auth-refresh", &["users"], "", [401, 200, 403]),
        row("POST", "/api/collections/{c}/impersonate/{id}", &["users", ana], "{}", superusers_only),
        row("DELETE", "/api/collections/{c}/truncate", &["notes"], "", [401, 403, 204]),
        row("DELETE", "/api/collections/{c}", &["notes"], "", [401, 403, 204]),
        row("GET", "/api/logs", &[], "", superusers_only),
        row("GET", "/api/logs/stats", &[], "", superusers_only),
        row("GET", "/api/logs/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("DELETE", "/api/logs", &[], "", [401, 403, 204]),
        row("GET", "/api/crons", &[], "", superusers_only),
        row("POST", "/api/crons/{id}", &["__pbLogsCleanup__"], "", [401, 403, 204]),
        row("GET", "/api/jobs", &[], "", superusers_only),
        row("POST", "/api/jobs", &[], r#"{"name":"none"}"#, [401, 403, 400]),
        row("GET", "/api/jobs/names", &[], "", superusers_only),
        row("POST", "/api/jobs/retry", &[], "{}", superusers_only),
        row("GET", "/api/jobs/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("POST", "/api/jobs/{id}/retry", &["000000000000000"], "", [401, 403, 404]),
        row("DELETE", "/api/jobs/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("DELETE", "/api/jobs", &[], "", superusers_only),
        row("GET", "/api/webhooks", &[], "", superusers_only),
        row("POST", "/api/webhooks", &[], "{}", [401, 403, 400]),
        row("POST", "/api/webhooks/preview", &[], "{}", [401, 403, 400]),
        row("GET", "/api/webhooks/deliveries", &[], "", superusers_only),
        row("GET", "/api/webhooks/deliveries/{id}", &["msg_none"], "", [401, 403, 404]),
        row("POST", "/api/webhooks/deliveries/{id}/replay", &["msg_none"], "", [401, 403, 404]),
        row("GET", "/api/webhooks/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("PATCH", "/api/webhooks/{id}", &["000000000000000"], "{}", [401, 403, 404]),
        row("DELETE", "/api/webhooks/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("POST", "/api/webhooks/{id}/rotate", &["000000000000000"], "{}", [401, 403, 404]),
        row("POST", "/api/webhooks/{id}/test", &["000000000000000"], "{}", [401, 403, 404]),
        row("POST", "/api/webhooks/{id}/replay", &["000000000000000"], "{}", [401, 403, 404]),
        row("GET", "/api/inbound", &[], "", superusers_only),
        row("POST", "/api/inbound", &[], "{}", [401, 403, 400]),
        row("POST", "/api/inbound/preview", &[], "{}", [401, 403, 400]),
        row("POST", "/api/inbound/{id}", &["none"], "{}", [404, 404, 404]),
        row("GET", "/api/inbound/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("PATCH", "/api/inbound/{id}", &["000000000000000"], "{}", [401, 403, 404]),
        row("DELETE", "/api/inbound/{id}", &["000000000000000"], "", [401, 403, 404]),
        row("GET", "/api/scripts", &[], "", superusers_only),
        row("POST", "/api/scripts/check", &[], r#"{"name":"a.rhai","text":""}"#, superusers_only),
        row("POST", "/api/scripts/run", &[], r#"{"text":"1"}"#, [401, 403, 403]),
        row("GET", "/api/scripts/files/{*path}", &["none.rhai"], "", [401, 403, 404]),
        row("PUT", "/api/scripts/files/{*path}", &["none.rhai"], r#"{"text":""}"#, [401, 403, 403]),
        row("DELETE", "/api/scripts/files/{*path}", &["none.rhai"], "", [401, 403, 403]),
        row("GET", "/api/backups", &[], "", superusers_only),
        row("POST", "/api/backups", &[], r#"{"name":"matrix.zip"}"#, [401, 403, 204]),
        row("POST", "/api/backups/upload", &[], "{}", [401, 403, 400]),
        row("GET", "/api/backups/{key}", &["matrix.zip"], "", [403, 403, 403]),
        row("POST", "/api/backups/{key}/restore", &["none.zip"], "", [401, 403, 400]),
        row("DELETE", "/api/backups/{key}", &["none.zip"], "", [401, 403, 400]),
        row("GET", "/api/types/ts", &[], "", superusers_only),
        row("GET", "/api/server", &[], "", superusers_only),
        row("POST", "/api/server/check", &[], "", superusers_only),
        row("GET", "/api/exposure", &[], "", superusers_only),
        row("POST", "/api/sql", &[], r#"{"query":"SELECT 1"}"#, superusers_only),
        row("GET", "/api/oauth2-redirect", &[], "", [307, 307, 307]),
        row("POST", "/api/oauth2-redirect", &[], "{}", [303, 303, 303]),
        row("GET", "/api/realtime", &[], "", [200, 200, 200]),
        row("POST", "/api/realtime", &[], r#"{"clientId":"unknown","subscriptions":[]}"#, [404, 404, 404]),
        row("POST", "/api/files/token", &[], "", [401, 200, 200]),
        row("GET", "/api/files/{c}/{id}/{name}", &["users", ana, "x"], "", [404, 404, 404]),
        row("GET", "/_", &[], "", [307, 307, 307]),
        row("GET", "/_/", &[], "", [200, 200, 200]),
        row("GET", "/_/{*path}", &["index.html"], "", [200, 200, 200]),
        // Requests that need the user's own record. The last row deletes it.
        row("GET", "/api/collections/{c}/records/{id}", &["users", ana], "", [404, 200, 200]).other(404),
        row("PATCH", "/api/collections/{c}/records/{id}", &["users", ana], "{}", [404, 200, 200]).other(404),
        row("DELETE", "/api/collections/{c}/records/{id}", &["users", ana], "", [404, 204, 404]).other(404),
    ]
}

pub fn status(client: &Client, row: &Row) -> u16 {
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let request = client.request(method, &row.path);
    let request =
        if row.body.is_empty() { request } else { request.header("content-type", "application/json").body(row.body) };
    // Not through the client, which would wait for the end of an event stream.
    request.send().unwrap().status().as_u16()
}

#[test]
fn every_route_answers_every_kind_of_caller_as_it_should() {
    let server = TestServer::start();
    let (guest, user, other, superuser) =
        (server.anonymous(), server.user("ana"), server.user("ben"), server.superuser());
    let (expired, tampered) = (expired(&superuser), tampered(&superuser));
    superuser.create("/api/collections", &json!({"name": "notes", "type": "base"}));
    let note = text(&superuser.create("/api/collections/notes/records", &json!({}))["id"]);
    for row in rows(&note, &user.id) {
        let callers = [&guest, &expired, &tampered, &other, &user, &superuser];
        let [as_guest, as_user, as_superuser] = row.expected;
        let expected = [as_guest, as_guest, as_guest, row.other.unwrap_or(as_user), as_user, as_superuser];
        let found = callers.map(|client| status(client, &row));
        assert_eq!(found, expected, "{} {}", row.method, row.path);
    }
}

/// A client whose superuser token was valid until a moment ago.
fn expired(superuser: &Client) -> Client {
    let path = format!("/api/collections/_superusers/impersonate/{}", superuser.id);
    let token = text(&superuser.create(&path, &json!({"duration": 1}))["token"]);
    let client = superuser.with_token(&token);
    let deadline = Instant::now() + Duration::from_mins(1);
    while client.get("/api/settings").status == 200 {
        assert!(Instant::now() < deadline, "the token does not expire");
    }
    client
}

/// A client with a superuser token that was modified in one place.
fn tampered(superuser: &Client) -> Client {
    let mut token = superuser.token.clone().unwrap();
    // The last letter of a signature may contain unused bits.
    let at = token.len() - 5;
    token.replace_range(at..=at, if token[at..=at] == *"A" { "B" } else { "A" });
    superuser.with_token(&token)
}

#[test]
fn every_route_has_a_row() {
    let table = include_str!("../../src/http/routes.rs");
    let routes: BTreeSet<(String, String)> = table
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Route::new(Method::"))
        .map(|rest| {
            let (method, rest) = rest.split_once(", \"").unwrap();
            (method.to_owned(), rest.split_once('"').unwrap().0.to_owned())
        })
        .collect();
    let rows: BTreeSet<_> = rows("", "").into_iter().map(|row| (row.method.to_owned(), row.route.to_owned())).collect();
    assert!(routes.len() > 10, "the table is not read any more");
    assert_eq!(routes.difference(&rows).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "routes without a row");
    assert_eq!(rows.difference(&routes).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "rows without a route");
}
