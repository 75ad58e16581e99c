//! Password guessing at every place that compares a password, and floods of requests that hash one.

use crate::meter::cpu_time;
use crate::server::{Answer, Client, PASSWORD, SUPERUSER, TestServer};
use reqwest::Method;
use reqwest::blocking::Client as Http;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const USERS: &str = "/api/collections/users";

fn sign_in(client: &Client, identity: &str, password: &str) -> Answer {
    client.post(&format!("{USERS}/auth-with-password"), &json!({"identity": identity, "password": password}))
}

/// The statuses of `count` simultaneous requests.
fn at_once(count: usize, send: impl Fn(usize) -> u16 + Sync) -> Vec<u16> {
    let send = &send;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|at| scope.spawn(move || send(at))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|found| **found == status).count()
}

#[test]
fn guesses_sent_in_parallel_are_bounded_like_guesses_sent_in_turn() {
    let server = TestServer::start();
    server.user("ana");
    let guest = server.anonymous();
    let statuses = at_once(60, |at| sign_in(&guest, "ana@example.com", &format!("wrong {at}")).status);
    assert_eq!((count(&statuses, 400), count(&statuses, 429)), (10, 50), "{statuses:?}");
}

#[test]
fn a_hundred_sign_ins_at_the_same_moment_all_succeed() {
    let server = TestServer::start();
    server.user("ana");
    let guest = server.anonymous();
    let statuses = at_once(100, |_| sign_in(&guest, "ana@example.com", PASSWORD).status);
    assert_eq!(count(&statuses, 200), 100, "{statuses:?}");
}

fn change_password(client: &Client, id: &str, old_password: &str) -> Answer {
    let change = json!({"password": "87654321", "passwordConfirm": "87654321", "oldPassword": old_password});
    client.patch(&format!("{USERS}/records/{id}"), &change)
}

#[test]
fn an_old_password_is_guessed_no_faster_than_a_sign_in() {
    let server = TestServer::start();
    let (ana, ben) = (server.user("ana"), server.user("ben"));
    for _ in 0..10 {
        let refused = change_password(&ana, &ana.id, "wrong");
        assert_eq!(refused.body["data"]["oldPassword"]["code"], "validation_invalid_old_password");
    }
    let locked = change_password(&ana, &ana.id, PASSWORD);
    assert_eq!((locked.status, locked.message()), (429, "Too many failed attempts. Try again later."));
    assert!(locked.headers.contains_key("retry-after"));
    assert_eq!(sign_in(&server.anonymous(), "ana@example.com", PASSWORD).status, 429, "it is the same counter");
    assert_eq!(change_password(&ben, &ben.id, PASSWORD).status, 200);
}

#[test]
fn an_old_password_is_not_checked_for_other_callers() {
    let server = TestServer::start();
    let (ana, ben) = (server.user("ana"), server.user("ben"));
    for client in [&ben, &server.anonymous()] {
        for id in [ana.id.as_str(), "doesnotexist000"] {
            let statuses: Vec<u16> =
                [PASSWORD].repeat(12).iter().map(|old| change_password(client, id, old).status).collect();
            assert_eq!(statuses, [404; 12]);
        }
    }
    assert_eq!(sign_in(&server.anonymous(), "ana@example.com", PASSWORD).status, 200, "nothing was counted");
    // Comparing a password takes ten times as long as the rest, and would reveal which ids exist.
    let time = |id: &str| {
        let began = Instant::now();
        let path = format!("{USERS}/records/{id}");
        assert_eq!(ben.patch(&path, &json!({"oldPassword": PASSWORD, "name": "x"})).status, 404);
        began.elapsed()
    };
    let times: Vec<_> = (0..40).map(|_| (time(&ana.id), time("doesnotexist000"))).collect();
    let (of_known, of_unknown) = times.into_iter().unzip();
    let ratio = median(of_known) / median(of_unknown);
    assert!((0.25..4.0).contains(&ratio), "{ratio}");
}

fn allow_batches(server: &TestServer) -> Client {
    let superuser = server.superuser();
    assert_eq!(superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    superuser
}

#[test]
fn a_batch_is_no_other_way_to_guess() {
    let server = TestServer::start();
    allow_batches(&server);
    let ana = server.user("ana");
    let change = json!({"method": "PATCH", "url": format!("{USERS}/records/{}", ana.id), "body":
        {"password": "87654321", "passwordConfirm": "87654321", "oldPassword": "wrong"}});
    let guess = |times: usize| ana.post("/api/batch", &json!({"requests": vec![change.clone(); times]}));
    // Each change compares one password and sets another. The limit is ten per request.
    assert_eq!((guess(5).status, guess(5).status), (400, 400));
    assert_eq!(sign_in(&server.anonymous(), "ana@example.com", PASSWORD).status, 429);
    // A rule that an earlier request of the batch makes true cannot bypass the counter: then no password is compared.
    let superuser = server.superuser();
    let ben = server.user("ben");
    let rule = json!({"updateRule": "name = 'open' || @request.body.name = 'open'"});
    assert_eq!(superuser.patch(USERS, &rule).status, 200);
    let url = format!("{USERS}/records/{}", ben.id);
    let secret = json!({"password": "87654321", "passwordConfirm": "87654321", "oldPassword": PASSWORD});
    let both = json!({"requests": [{"method": "PATCH", "url": url, "body": {"name": "open"}},
        {"method": "PATCH", "url": url, "body": secret}]});
    let refused = server.anonymous().post("/api/batch", &both);
    let issue = &refused.body["data"]["requests"]["1"]["response"]["data"]["oldPassword"]["code"];
    assert_eq!((refused.status, issue), (400, &json!("validation_invalid_old_password")), "{}", refused.body);
    assert_eq!(sign_in(&server.anonymous(), "ben@example.com", PASSWORD).status, 200);
}

#[test]
fn one_request_hashes_few_passwords_unless_a_superuser_sends_it() {
    let server = TestServer::start();
    let superuser = allow_batches(&server);
    let sign_ups = |count: usize, name: &str| {
        let sign_up = |at: usize| {
            json!({"method": "POST", "url": format!("{USERS}/records"), "body":
                {"email": format!("{name}{at}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD}})
        };
        json!({"requests": (0..count).map(sign_up).collect::<Vec<Value>>()})
    };
    let guest = server.anonymous();
    let refused = guest.post("/api/batch", &sign_ups(11, "a"));
    let response = &refused.body["data"]["requests"]["10"]["response"];
    assert_eq!(refused.status, 400);
    assert_eq!(response["message"], "One request may set and check at most 10 passwords.", "{}", refused.body);
    assert_eq!(guest.post("/api/batch", &sign_ups(10, "b")).status, 200);
    assert_eq!(superuser.post("/api/batch", &sign_ups(20, "c")).status, 200);
    assert_eq!(superuser.get(&format!("{USERS}/records?perPage=1")).body["totalItems"], 30);
}

/// Sends as if through a local proxy that the settings do not name.
fn through_proxy(server: &TestServer, collection: &str, identity: &str, password: &str) -> Answer {
    let guest = server.anonymous();
    let request = guest.request(Method::POST, &format!("/api/collections/{collection}/auth-with-password"));
    let request = request.header("X-Forwarded-For", "203.0.113.7");
    guest.send(request.json(&json!({"identity": identity, "password": password})))
}

#[test]
fn behind_a_proxy_that_is_not_configured_mistakes_of_one_do_not_lock_out_all() {
    let server = TestServer::start();
    let wrong = |times: usize| {
        for _ in 0..times {
            assert_eq!(through_proxy(&server, "_superusers", SUPERUSER.0, "wrong").status, 400);
        }
    };
    let (identity, password) = SUPERUSER;
    wrong(20);
    assert_eq!(through_proxy(&server, "_superusers", identity, password).status, 200);
    let warning = server.printed("trustedProxy.headers");
    assert!(warning.contains("X-Forwarded-For"), "{warning}");
    // Guessing is still limited, and the success above has not reset the counter.
    wrong(30);
    assert_eq!(through_proxy(&server, "_superusers", identity, password).status, 429);
    // Once the proxy is configured, only the guessing client is locked out.
    let server = TestServer::start();
    let trusted = json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}});
    assert_eq!(server.superuser().patch("/api/settings", &trusted).status, 200);
    for _ in 0..10 {
        assert_eq!(through_proxy(&server, "_superusers", identity, "wrong").status, 400);
    }
    assert_eq!(through_proxy(&server, "_superusers", identity, password).status, 429);
    server.superuser();
}

#[test]
fn an_imported_hash_signs_in_and_is_replaced() {
    let server = TestServer::start();
    let superuser = server.superuser();
    let ana = server.user("ana");
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let sql = format!("UPDATE users SET password = '{hash}' WHERE id = '{}'", ana.id);
    assert_eq!(superuser.post("/api/sql", &json!({"query": sql})).status, 200);
    let stored = || {
        let query = json!({"query": format!("SELECT substr(password, 1, 9) FROM users WHERE id = '{}'", ana.id)});
        superuser.post("/api/sql", &query).body["rows"][0][0].clone()
    };
    assert_eq!(sign_in(&server.anonymous(), "ana@example.com", "wrong").status, 400);
    assert!(stored().as_str().unwrap().starts_with("$2"));
    assert_eq!(sign_in(&server.anonymous(), "ana@example.com", PASSWORD).status, 200);
    assert_eq!(stored(), "$argon2id");
    assert_eq!(sign_in(&server.anonymous(), "ana@example.com", PASSWORD).status, 200);
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[test]
fn an_unknown_identity_takes_as_long_as_a_wrong_password() {
    let server = TestServer::start();
    let names: Vec<String> = (0..12).map(|at| format!("user{at}")).collect();
    for name in &names {
        server.user(name);
    }
    let (superuser, guest) = (server.superuser(), server.anonymous());
    // Comparing a password is work for the processor. The time it takes does not depend on what else the machine does.
    let began = Instant::now();
    let now = || cpu_time(server.process_id()).unwrap_or_else(|| began.elapsed());
    let time = |identity: &str| {
        let before = now();
        assert_eq!(sign_in(&guest, identity, "a wrong password").status, 400);
        now().saturating_sub(before)
    };
    let check = |what: &str, known: &[String]| {
        let (mut of_known, mut of_unknown) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..4 {
            for name in known {
                of_known += time(&format!("{name}@example.com"));
                of_unknown += time(&format!("nobody-{what}-{name}@example.com"));
            }
        }
        let ratio = of_known.as_secs_f64() / of_unknown.as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{what}: {of_known:?} and {of_unknown:?}");
    };
    check("argon2", &names[..6]);
    // With one imported account, sign-ins to the other accounts take as long.
    let hash = bcrypt::hash(PASSWORD, 9).unwrap();
    let sql = format!("UPDATE users SET password = '{hash}' WHERE email = 'user11@example.com'");
    assert_eq!(superuser.post("/api/sql", &json!({"query": sql})).status, 200);
    check("beside bcrypt", &names[6..11]);
    check("bcrypt", &names[11..]);
}

/// A client that connects from another loopback address.
fn from_address(address: [u8; 4]) -> Http {
    Http::builder().local_address(IpAddr::from(address)).timeout(Duration::from_mins(1)).build().unwrap()
}

#[test]
fn a_flood_of_sign_ups_delays_its_own_network() {
    const FLOOD: usize = 400;
    let server = TestServer::start();
    server.user("ana");
    let (flooder, done) = (from_address([127, 0, 0, 2]), AtomicUsize::new(0));
    let url = format!("{}{USERS}/records", server.url);
    let sign_up = |at: usize| {
        let body = json!({"email": format!("{at}@flood.example"), "password": PASSWORD, "passwordConfirm": PASSWORD});
        let answer = flooder.post(&url).json(&body).send().unwrap();
        let (status, retry_after) = (answer.status().as_u16(), answer.headers().get("retry-after").cloned());
        assert_eq!(status == 429, retry_after.is_some());
        if status == 200 {
            done.fetch_add(1, Ordering::Relaxed);
        }
        status
    };
    let statuses = std::thread::scope(|scope| {
        let flood = scope.spawn(|| at_once(FLOOD, sign_up));
        while done.load(Ordering::Relaxed) < 5 {
            std::thread::yield_now();
        }
        for _ in 0..3 {
            let before = done.load(Ordering::Relaxed);
            assert_eq!(sign_in(&server.anonymous(), "ana@example.com", PASSWORD).status, 200);
            let meanwhile = done.load(Ordering::Relaxed) - before;
            assert!(meanwhile < 60, "{meanwhile} sign-ups went before one sign-in");
        }
        flood.join().unwrap()
    });
    let (made, refused) = (count(&statuses, 200), count(&statuses, 429));
    assert_eq!(made + refused, FLOOD, "{statuses:?}");
    assert!(made >= 256, "{made}");
}

#[test]
fn a_password_of_digits_signs_in_by_form() {
    let server = TestServer::start();
    let guest = server.anonymous();
    let digits = "10000000000000000000";
    let form = |path: &str, values: &[(&str, &str)]| {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
        let request = guest.request(Method::POST, &format!("{USERS}/{path}")).body(text);
        guest.send(request.header("content-type", "application/x-www-form-urlencoded")).status
    };
    let sign_up = [("email", "ana@example.com"), ("password", digits), ("passwordConfirm", digits)];
    assert_eq!(form("records", &sign_up), 200);
    assert_eq!(form("auth-with-password", &[("identity", "ana@example.com"), ("password", digits)]), 200);
    assert_eq!(sign_in(&guest, "ana@example.com", digits).status, 200);
}
