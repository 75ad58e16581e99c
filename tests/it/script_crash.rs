//! `kill -9` around jobs of scripts: no job of a committed write is lost, none of an undone write runs, and a job that runs again
//! has the same id.

use crate::crash::write_and_kill;
use crate::scripts::{collection, records, server, soon, text_field};
use crate::server::{Client, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Sender;

const KILLS: usize = 50;
const WRITERS: usize = 4;

const SCRIPT: &str = r#"
before_create("orders", |e| {
    enqueue("work", #{ order: e.record.id, title: e.record.title });
    if e.record.title == "undone" { reject("no"); }
});
job("work", #{ concurrency: 4, attempts: 100 }, |payload, info| {
    db.create("runs", #{ job: info.id, order: payload.order, title: payload.title });
});
"#;

/// What the writers know.
#[derive(Default)]
struct Ledger {
    /// Ids of orders whose creation was answered.
    orders: BTreeSet<String>,
    /// Ids of jobs that were added over HTTP and answered.
    jobs: BTreeSet<String>,
    /// How many requests were not answered.
    open: usize,
}

#[test]
fn jobs_survive_kills_and_keep_their_ids() {
    let mut server = server(&[("jobs.rhai", SCRIPT)]);
    let root = server.superuser();
    collection(&root, "orders", &json!([text_field("title")]));
    collection(&root, "runs", &json!([text_field("job"), text_field("order"), text_field("title")]));
    let token = root.token.unwrap();
    let mut known = Ledger::default();
    for kill in 0..KILLS {
        let client = server.anonymous().with_token(&token);
        let write =
            move |client: &Client, writer, answered: &Sender<()>| write_until_killed(client, kill, writer, answered);
        let ledgers = write_and_kill(&mut server, &client, WRITERS, 4 + kill * 7 % 23, write);
        for ledger in ledgers {
            known.orders.extend(ledger.orders);
            known.jobs.extend(ledger.jobs);
            known.open += ledger.open;
        }
        server.restart();
    }
    let root = server.anonymous().with_token(&token);
    soon("the queue is worked off", || (root.get("/api/jobs").body["totalItems"] == 0).then_some(()));

    let runs = all(&root, "runs");
    let stored: BTreeSet<String> = all(&root, "orders").iter().map(|order| text(&order["id"])).collect();
    let mut jobs_of = BTreeMap::<String, BTreeSet<String>>::new();
    for run in &runs {
        jobs_of.entry(text(&run["order"])).or_default().insert(text(&run["job"]));
    }
    let lost: Vec<&String> = known.orders.iter().filter(|order| !jobs_of.contains_key(*order)).collect();
    assert!(lost.is_empty(), "jobs of these orders were lost: {lost:?}");
    let done: BTreeSet<String> = runs.iter().map(|run| text(&run["job"])).collect();
    let lost: Vec<&String> = known.jobs.difference(&done).collect();
    assert!(lost.is_empty(), "jobs that were added over HTTP were lost: {lost:?}");
    let strange: Vec<_> = jobs_of.iter().filter(|(_, jobs)| jobs.len() > 1).collect();
    assert!(strange.is_empty(), "a repetition has another id: {strange:?}");
    let of_orders = runs.iter().filter(|run| run["title"] == "order");
    let undone: Vec<_> = of_orders.filter(|run| !stored.contains(&text(&run["order"]))).collect();
    assert!(undone.is_empty(), "jobs of orders that do not exist: {undone:?}");
    assert!(runs.iter().all(|run| run["title"] != "undone"), "a job of an order that was refused");
    // Otherwise the kills did not interrupt anything.
    assert!(known.orders.len() > KILLS && known.jobs.len() > KILLS / 2 && known.open > KILLS / 2, "{}", known.open);
}

fn write_until_killed(client: &Client, kill: usize, writer: usize, answered: &Sender<()>) -> Ledger {
    let mut ledger = Ledger::default();
    // Each starts with another kind of write, so that kills interrupt every kind.
    for turn in writer.. {
        let id = format!("k{kill:03}w{writer:02}t{turn:07}");
        let answer = match turn % 4 {
            0 | 2 => send(client, &records("orders"), &json!({"id": id, "title": "order"}), 200),
            1 => send(client, &records("orders"), &json!({"id": id, "title": "undone"}), 400),
            _ => send(client, "/api/jobs", &json!({"name": "work", "payload": {"order": id, "title": "job"}}), 200),
        };
        let Some(body) = answer else {
            ledger.open += 1;
            return ledger;
        };
        match turn % 4 {
            0 | 2 => _ = ledger.orders.insert(id),
            1 => {}
            _ => _ = ledger.jobs.insert(text(&body["id"])),
        }
        let _ = answered.send(());
    }
    unreachable!("the server is killed first")
}

/// The answer, `None` if the server was killed before. Another status is a bug.
fn send(client: &Client, path: &str, body: &Value, expected: u16) -> Option<Value> {
    let answer = client.request(Method::POST, path).json(body).send().ok()?;
    let status = answer.status().as_u16();
    let text = answer.text().ok()?;
    assert_eq!(status, expected, "{path}: {text}");
    serde_json::from_str(&text).ok()
}

fn all(client: &Client, name: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for page in 1.. {
        let answer = client.get(&format!("{}?perPage=1000&skipTotal=1&page={page}", records(name)));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.body["items"].as_array().unwrap().clone();
        let is_last = items.len() < 1000;
        found.extend(items);
        if is_last {
            break;
        }
    }
    found
}
