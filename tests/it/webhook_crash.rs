//! `kill -9` around webhooks: every committed change arrives at least once, none that was undone, and a repetition has the same id.

use crate::crash::write_and_kill;
use crate::receiver::Receiver;
use crate::scripts::{records, soon};
use crate::server::{Client, text};
use crate::webhooks::{endpoint, orders, server};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Sender;

const KILLS: usize = 50;
const WRITERS: usize = 16;

/// What the writers know.
#[derive(Default)]
struct Ledger {
    /// What was answered with success: the type of the event and the id of the record.
    done: BTreeSet<(String, String)>,
    /// Ids of records in batches that were refused.
    undone: BTreeSet<String>,
    /// How many requests were not answered.
    open: usize,
}

#[test]
fn events_survive_kills_and_keep_their_ids() {
    let (mut server, receiver) = (server(), Receiver::start());
    let root = server.superuser();
    orders(&root);
    assert_eq!(root.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    endpoint(&root, &receiver, &json!({"concurrency": 8}));
    let token = root.token.unwrap();
    let mut known = Ledger::default();
    for kill in 0..KILLS {
        let client = server.anonymous().with_token(&token);
        let write =
            move |client: &Client, writer, answered: &Sender<()>| write_until_killed(client, kill, writer, answered);
        let ledgers = write_and_kill(&mut server, &client, WRITERS, 8 + kill * 7 % 41, write);
        for ledger in ledgers {
            known.done.extend(ledger.done);
            known.undone.extend(ledger.undone);
            known.open += ledger.open;
        }
        server.restart();
    }
    let root = server.anonymous().with_token(&token);
    soon("everything is sent", || {
        let left = "SELECT (SELECT COUNT(*) FROM _outbox) + (SELECT COUNT(*) FROM _deliveries WHERE state <> 'succeeded') AS left";
        let answer = root.post("/api/sql", &json!({"query": left}));
        (answer.body["rows"][0][0] == "0").then_some(())
    });

    let mut ids = BTreeMap::<(String, String), BTreeSet<String>>::new();
    for request in receiver.received() {
        let event = request.json();
        let key = (text(&event["type"]), text(&event["data"]["record"]["id"]));
        ids.entry(key).or_default().insert(request.id());
    }
    let lost: Vec<_> = known.done.iter().filter(|key| !ids.contains_key(*key)).collect();
    assert!(lost.is_empty(), "these were committed and never sent: {lost:?}");
    let undone: Vec<_> = ids.keys().filter(|(_, id)| known.undone.contains(id)).collect();
    assert!(undone.is_empty(), "these were undone and sent: {undone:?}");
    let strange: Vec<_> = ids.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(strange.is_empty(), "a repetition has another id: {strange:?}");
    let stored: BTreeSet<String> = stored(&root);
    let of_create = ids.keys().filter(|(event, _)| event == "orders.create").map(|(_, id)| id.clone());
    assert_eq!(of_create.collect::<BTreeSet<_>>(), stored, "what was sent is what is stored");
    // Otherwise the kills did not interrupt anything.
    assert!(known.done.len() > 2 * KILLS && known.open > KILLS, "{} {}", known.done.len(), known.open);
}

fn write_until_killed(client: &Client, kill: usize, writer: usize, answered: &Sender<()>) -> Ledger {
    let mut ledger = Ledger::default();
    let at = records("orders");
    for turn in 0.. {
        let id = |part: char| format!("k{kill:03}w{writer:02}t{turn:06}{part}");
        let [first, second] = ['a', 'b'].map(id);
        // A batch that fails at its end undoes its beginning.
        let create = |id: &str| json!({"method": "POST", "url": at, "body": {"id": id, "title": "undone"}});
        let undone = json!({"requests": [create(&second), create(&second)]});
        ledger.undone.insert(second);
        let steps = [
            (Method::POST, at.clone(), json!({"id": first, "title": "done"}), 200, Some("orders.create")),
            (Method::POST, "/api/batch".to_owned(), undone, 400, None),
            (Method::PATCH, format!("{at}/{first}"), json!({"total": turn + 1}), 200, Some("orders.update")),
        ];
        for (method, path, body, expected, event) in steps {
            if send(client, method, &path, &body, expected).is_none() {
                ledger.open += 1;
                return ledger;
            }
            ledger.done.extend(event.map(|event| (event.to_owned(), first.clone())));
            let _ = answered.send(());
        }
    }
    unreachable!("the server is killed first")
}

/// `None` if the server was killed before it answered. Another status is a bug.
fn send(client: &Client, method: Method, path: &str, body: &Value, expected: u16) -> Option<()> {
    let answer = client.request(method, path).json(body).send().ok()?;
    let status = answer.status().as_u16();
    let text = answer.text().ok()?;
    assert_eq!(status, expected, "{path}: {text}");
    Some(())
}

fn stored(client: &Client) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for page in 1.. {
        let answer = client.get(&format!("{}?perPage=1000&skipTotal=1&fields=id&page={page}", records("orders")));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.body["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| text(&item["id"])));
        if items.len() < 1000 {
            break;
        }
    }
    found
}
