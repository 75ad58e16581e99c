//! Rate limits: which labels in the settings apply to which requests. Other limits are tested in `edge.rs`.

use crate::access::{rows, status};
use crate::server::{Client, TestServer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The tags of the routes that have some. All others are matched by path only.
const TAGS: [(&str, &[&str]); 18] = [
    ("GET /api/collections/{c}/records", &["list"]),
    ("POST /api/collections/{c}/records", &["create"]),
    ("GET /api/collections/{c}/records/{id}", &["view"]),
    ("PATCH /api/collections/{c}/records/{id}", &["update"]),
    ("DELETE /api/collections/{c}/records/{id}", &["delete"]),
    ("GET /api/collections/{c}/auth-methods", &["listAuthMethods"]),
    ("POST /api/collections/{c}/auth-with-password", &["authWithPassword", "auth"]),
    ("POST /api/collections/{c}/auth-with-oauth2", &["authWithOAuth2", "auth"]),
    ("POST /api/collections/{c}/auth-with-otp", &["authWithOTP", "auth"]),
    ("POST /api/collections/{c}/request-otp", &["requestOTP"]),
    ("POST /api/collections/{c}/request-verification", &["requestVerification"]),
    ("POST /api/collections/{c}/confirm-verification", &["confirmVerification"]),
    ("POST /api/collections/{c}/request-password-reset", &["requestPasswordReset"]),
    ("POST /api/collections/{c}/confirm-password-reset", &["confirmPasswordReset"]),
    ("POST /api/collections/{c}/request-email-change", &["requestEmailChange"]),
    ("POST /api/collections/{c}/confirm-email-change", &["confirmEmailChange"]),
    ("POST /api/collections/{c}/auth-refresh", &["authRefresh"]),
    ("GET /api/files/{c}/{id}/{name}", &["file"]),
];

fn set_rules(superuser: &Client, rules: &Value) {
    let answer = superuser.patch("/api/settings", &json!({"rateLimits": {"enabled": true, "rules": rules}}));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Rules that allow one request each.
fn limit(superuser: &Client, labels: &[String]) {
    let rule = |label: &String| json!({"label": label, "duration": 600, "maxRequests": 1});
    set_rules(superuser, &labels.iter().map(rule).collect());
}

#[test]
fn every_route_is_counted_by_its_tags_and_its_path_and_by_nothing_else() {
    let server = TestServer::start();
    let (guest, superuser) = (server.anonymous(), server.superuser());
    superuser.create("/api/collections", &json!({"name": "notes", "type": "base"}));
    let rows = rows("unknown", "unknown");
    let missing = TAGS.iter().find(|(route, _)| !rows.iter().any(|row| row.name() == *route));
    assert_eq!(missing, None, "no such route");
    for mut row in rows {
        // Without a body, nobody is signed in and no mail is sent, so other limits do not apply.
        row.body = if row.method == "GET" { "" } else { "{}" };
        let name = row.name();
        let tags = TAGS.iter().find(|(route, _)| *route == name).map_or(&[][..], |(_, tags)| tags);
        let collection = row.path.split('/').nth(3).unwrap_or_default();
        let folder = &row.path[..=row.path.rfind('/').unwrap()];
        let by_path =
            [row.path.clone(), format!("{}/", row.path), format!("{} {}", row.method, row.path), folder.to_owned()];
        let by_tag = tags.iter().flat_map(|tag| [format!("*:{tag}"), format!("{collection}:{tag}")]);
        for label in by_path.into_iter().chain(by_tag) {
            limit(&superuser, std::slice::from_ref(&label));
            assert_ne!(status(&guest, &row), 429, "{name} by {label}");
            assert_eq!(status(&guest, &row), 429, "{name} by {label}");
        }
        let others = TAGS.iter().flat_map(|(_, tags)| *tags).filter(|tag| !tags.contains(tag));
        let others: BTreeSet<String> = others.map(|tag| format!("*:{tag}")).collect();
        let other_method = if row.method == "PUT" { "POST" } else { "PUT" };
        let other_paths = [format!("{other_method} {}", row.path), format!("{}x", row.path)];
        limit(&superuser, &others.into_iter().chain(other_paths).collect::<Vec<_>>());
        let statuses = [status(&guest, &row), status(&guest, &row)];
        assert!(!statuses.contains(&429), "{name} by a label of another route");
    }
}

/// The rule of a path applies however the client writes the path.
#[test]
fn a_rule_by_path_is_not_avoided_by_another_spelling() {
    let server = TestServer::start();
    let (guest, superuser) = (server.anonymous(), server.superuser());
    let made = superuser.create("/api/collections", &json!({"name": "notes", "type": "base", "listRule": ""}));
    let by_id = format!("/api/collections/{}/records", made["id"].as_str().unwrap());
    limit(&superuser, &["/api/collections/notes/records".to_owned()]);
    let ask = |path: &str| guest.get(path).status;
    assert_eq!(ask("/api/collections/notes/records"), 200);
    for path in [
        "/api/collections/%6eotes/records",
        "/api/collections/n%6Ftes/records",
        "/api/collections/NOTES/records",
        &by_id,
    ] {
        assert_eq!(ask(path), 429, "{path}");
    }
    limit(&superuser, &["/api/inbound/shop".to_owned()]);
    let send = |path: &str| guest.post(path, &json!({})).status;
    assert_eq!(["/api/inbound/shop", "/api/inbound/%73hop"].map(send), [404, 429]);
}

#[test]
fn rate_limits_count_by_rule_or_by_collection_and_route() {
    let server = TestServer::start();
    let (guest, superuser) = (server.anonymous(), server.superuser());
    let statuses = |path: &str, times: usize| (0..times).map(|_| guest.get(path).status).collect::<Vec<_>>();

    set_rules(&superuser, &json!([{"label": "/api/", "duration": 600, "maxRequests": 2}]));
    assert_eq!(statuses("/api/health", 3), [200, 200, 429]);
    assert_eq!(guest.get("/api/nope").message(), "Too Many Requests.", "routes share the counter of a rule");
    assert_eq!(statuses("/api/collections/users/records", 3), [200, 200, 429], "a collection has its own");
    assert_eq!(statuses("/api/collections/_superusers/records", 2), [403, 403]);
    assert_eq!(superuser.get("/api/health").status, 200, "superusers are exempt");

    limit(&superuser, &["users:list".to_owned()]);
    assert_eq!(statuses("/api/collections/USERS/records", 2), [200, 429], "saving resets the counters");
    assert_eq!(statuses("/api/health", 2), [200, 200]);
}

#[test]
fn each_request_of_a_batch_counts_as_if_it_had_come_alone() {
    let server = TestServer::start();
    let (guest, superuser) = (server.anonymous(), server.superuser());
    let open = json!({"name": "notes", "type": "base", "createRule": "", "updateRule": "", "deleteRule": ""});
    superuser.create("/api/collections", &open);
    assert_eq!(superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    let notes = "/api/collections/notes/records";
    let note = format!("{notes}/upserted0000001");
    let send = |method: &str, url: &str| {
        let request = json!({"method": method, "url": url, "body": {"id": "upserted0000001"}});
        let answer = guest.post("/api/batch", &json!({"requests": [request]}));
        let inner = &answer.body["data"]["requests"]["0"]["response"]["status"];
        if answer.status == 200 { 200 } else { inner.as_u64().unwrap() }
    };

    limit(&superuser, &["notes:update".to_owned()]);
    assert_eq!(send("PUT", notes), 200, "it is created");
    assert_eq!(send("PUT", notes), 200, "it is changed");
    assert_eq!(send("PUT", notes), 429, "it would be changed");
    assert_eq!(send("PATCH", &note), 429);
    assert_eq!(guest.patch(&note, &json!({})).status, 429, "a batch is no second allowance");

    for label in ["*:delete", "/api/collections/notes/", "DELETE /api/collections/notes/records/upserted0000001"] {
        limit(&superuser, &[label.to_owned()]);
        assert_ne!(send("DELETE", &note), 429, "{label}");
        assert_eq!(send("DELETE", &note), 429, "{label}");
    }

    limit(&superuser, &["/api/batch".to_owned()]);
    let empty = || guest.post("/api/batch", &json!({"requests": []})).status;
    assert_eq!([empty(), empty()], [400, 429], "the call itself counts too");
}
