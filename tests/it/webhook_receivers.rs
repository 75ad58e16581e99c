//! Receivers of webhooks that are slow, broken, hostile or gone.

use crate::receiver::{Receiver, Reply};
use crate::scripts::{records, soon};
use crate::server::{Client, text};
use crate::smtp::ClosedPort;
use crate::webhooks::{endpoint, orders, server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How many changes are made beside the bad receivers.
const CHANGES: usize = 100;

/// The first delivery of an endpoint that has had an attempt.
fn tried(root: &Client, endpoint: &Value) -> Value {
    let query = format!("/api/webhooks/deliveries?perPage=500&webhook={}", text(&endpoint["id"]));
    let found = soon("an attempt", || {
        let items = root.get(&query).body["items"].as_array().unwrap().clone();
        items.into_iter().find(|one| one["attemptCount"] != 0)
    });
    root.get(&format!("/api/webhooks/deliveries/{}", text(&found["id"]))).body
}

/// How many milliseconds after the change each delivery of an endpoint was begun.
fn delays(root: &Client, endpoint: &Value) -> Vec<i64> {
    let query = "SELECT a.at - d.created FROM _deliveries d JOIN _attempts a ON a.delivery = d.seq AND a.number = 1 WHERE d.webhook = ";
    let answered = soon("the attempts are stored", || {
        let answer = root.post("/api/sql", &json!({"query": format!("{query}'{}'", text(&endpoint["id"]))}));
        let rows = answer.body["rows"].as_array().unwrap_or_else(|| panic!("{}", answer.body)).clone();
        (rows.len() >= CHANGES).then_some(rows)
    });
    answered.iter().map(|row| text(&row[0]).parse().unwrap()).collect()
}

fn named(root: &Client, name: &str, url: &str, seconds: u64) -> Value {
    let body = json!({"name": name, "url": url, "events": ["orders.*"], "timeoutSeconds": seconds});
    root.create("/api/webhooks", &body)
}

#[test]
fn a_bad_receiver_is_noticed_and_delays_no_other() {
    let server = server();
    let root = server.superuser();
    orders(&root);
    let [good, bystander] = [Receiver::start(), Receiver::start()];
    let elsewhere = vec![("location", format!("{}/inside", bystander.url))];
    let redirecting = Receiver::answering(move |_| Reply::With(307, elsewhere.clone(), String::new()));
    let [slow, stuck, garbage, endless] = [Reply::Nothing, Reply::Nothing, Reply::Garbage, Reply::Endless]
        .map(|reply| Receiver::answering(move |_| reply.clone()));
    let gone = Receiver::answering(|_| Reply::Status(410));
    let closed = format!("http://127.0.0.1:{}", ClosedPort::forever());
    named(&root, "stuck", &stuck.url, 30);
    let slow = named(&root, "slow", &slow.url, 10);
    let garbage = named(&root, "garbage", &garbage.url, 5);
    let endless = named(&root, "endless", &endless.url, 20);
    let redirecting = named(&root, "redirecting", &redirecting.url, 5);
    let gone = named(&root, "gone", &gone.url, 5);
    let closed = named(&root, "closed", &closed, 5);
    // Names are looked up with the request: nobody has this one.
    let nobody = named(&root, "nobody", "http://receiver.invalid/", 5);
    let good_one = named(&root, "good", &good.url, 5);

    for number in 0..CHANGES {
        root.create(&records("orders"), &json!({"title": number.to_string()}));
        std::thread::sleep(Duration::from_millis(20));
    }
    soon("all at the good one", || (good.count() == CHANGES).then_some(()));
    let mut late = delays(&root, &good_one);
    late.sort_unstable();
    // The time between the change and the request is taken from the server's own log, so that neither this process, which must wait for
    // its turn on a busy machine, nor the requests of other tests count. A machine that stands still for a moment delays a few: so nine
    // of ten must be quick. If one receiver delayed another, all would be late, by ten seconds at least and up to thirty.
    assert_eq!(late.len(), CHANGES);
    let (median, ninth) = (late[CHANGES / 2], late[CHANGES * 9 / 10]);
    assert!(
        ninth < 5000,
        "of {CHANGES} deliveries half began {median} ms after their change, nine of ten {ninth} ms: {late:?}"
    );

    let outcome = |endpoint: &Value| {
        let delivery = tried(&root, endpoint);
        (text(&delivery["state"]), delivery["status"].as_i64().unwrap(), text(&delivery["attempts"][0]["error"]))
    };
    assert_eq!(outcome(&slow), ("waiting".to_owned(), 0, "it took longer than 10 seconds".to_owned()));
    let (state, status, error) = outcome(&garbage);
    assert_eq!((state.as_str(), status, error.is_empty()), ("waiting", 0, false));
    assert_eq!(
        outcome(&redirecting),
        ("waiting".to_owned(), 307, "the answer is 307: redirects are not followed".to_owned())
    );
    assert_eq!(bystander.count(), 0);
    assert_eq!(outcome(&gone), ("failed".to_owned(), 410, "the answer is 410".to_owned()));
    let shown = root.get(&format!("/api/webhooks/{}", text(&gone["id"]))).body;
    assert_eq!((&shown["enabled"], &shown["disabledReason"]), (&json!(false), &json!("gone")));
    for unreachable in [&closed, &nobody] {
        let (state, status, error) = outcome(unreachable);
        assert_eq!((state.as_str(), status, error.is_empty()), ("waiting", 0, false));
    }
    let long = tried(&root, &endless);
    assert_eq!((&long["state"], &long["attempts"][0]["response"]["isCut"]), (&json!("succeeded"), &json!(true)));
    assert_eq!(long["attempts"][0]["response"]["body"].as_str().unwrap().len(), 64 * 1024);
}

#[test]
fn a_receiver_that_was_down_gets_everything_in_order() {
    const RECORDS: usize = 60;
    let (server, receiver) = (server(), Receiver::answering(|_| Reply::Status(500)));
    let root = server.superuser();
    orders(&root);
    let made = endpoint(&root, &receiver, &json!({"concurrency": 16}));
    let at = format!("/api/webhooks/{}", text(&made["id"]));
    for number in 0..RECORDS {
        let id = format!("order{number:010}");
        root.create(&records("orders"), &json!({"id": id, "total": 0}));
        for total in 1..4 {
            assert_eq!(root.patch(&format!("{}/{id}", records("orders")), &json!({"total": total})).status, 200);
        }
    }
    let paused = soon("it is paused", || Some(root.get(&at).body).filter(|shown| shown["health"]["state"] == "paused"));
    assert_ne!(paused["health"]["nextTry"], "", "{paused}");
    let refused = receiver.count();
    assert!(refused < RECORDS, "{refused} requests before it was left alone");
    receiver.answer(|_| Reply::Status(204));
    // The owner does not wait for the next try.
    for is_enabled in [false, true] {
        assert_eq!(root.patch(&at, &json!({"enabled": is_enabled})).status, 200);
    }
    let failed = json!({"state": "failed"});
    assert_eq!(root.post(&format!("{at}/replay"), &failed).body, json!({"replayed": 0}), "nothing was given up");
    soon("it has caught up", || (root.get(&at).body["health"]["succeeded24h"] == 4 * RECORDS).then_some(()));
    let mut totals = BTreeMap::<String, Vec<i64>>::new();
    for request in receiver.received() {
        let record = &request.json()["data"]["record"];
        totals.entry(text(&record["id"])).or_default().push(record["total"].as_i64().unwrap());
    }
    assert_eq!(totals.len(), RECORDS);
    // The first change of a record may have been refused several times.
    totals.values_mut().for_each(Vec::dedup);
    assert!(totals.values().all(|of_one| *of_one == [0, 1, 2, 3]), "{totals:?}");
}

#[test]
fn the_server_itself_cannot_be_asked_unless_it_is_listed() {
    let server = crate::server::TestServer::start();
    let root = server.superuser();
    orders(&root);
    let refused = |url: &str| {
        let answer = root.post("/api/webhooks", &json!({"name": url, "url": url, "events": ["orders.create"]}));
        assert_eq!((answer.status, answer.body["data"]["url"].is_object()), (400, true), "{url}: {}", answer.body);
    };
    for url in [
        &server.url,
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:8090/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://2130706433/",
        "http://10.0.0.1/",
    ] {
        refused(url);
    }
    // What a name stands for is known when it is asked.
    let made = named(&root, "name", &server.url.replace("127.0.0.1", "localhost"), 5);
    root.create(&records("orders"), &json!({"title": "a"}));
    let delivery = tried(&root, &made);
    assert!(text(&delivery["error"]).contains("is not public"), "{delivery}");
    assert_eq!((&delivery["status"], &delivery["attempts"][0]["response"]["body"]), (&json!(0), &json!("")));
}
