//! `kill -9` during concurrent writes: everything acknowledged is there after the restart; what was in progress is
//! there completely or not at all.

use crate::server::{Client, TestServer, text};
use reqwest::Method;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

const KILLS: usize = 50;
const WRITERS: usize = 16;
/// Number of records in a batch, which appear together or not at all.
const BATCH: usize = 5;
/// The counter that all writers increase. Each writer also has its own, numbered from 0.
const SHARED_COUNTER: usize = WRITERS;
/// Far longer than an answer takes; reached only if the server hangs.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_killed_server_keeps_every_acknowledged_write() {
    let mut server = TestServer::start();
    let token = set_up(&server);
    let mut counters = vec![0; WRITERS + 1];
    let mut acknowledged = HashSet::new();
    let mut open = 0;
    for kill in 0..KILLS {
        // Sometimes during the first writes, sometimes later.
        let client = server.anonymous();
        let write =
            move |client: &Client, writer, answered: &Sender<()>| write_until_killed(client, kill, writer, answered);
        let ledgers = write_and_kill(&mut server, &client, WRITERS, 8 + kill * 37 % 150, write);
        let ledger = ledgers.into_iter().fold(Ledger::default(), Ledger::merge);
        server.restart();
        let client = server.anonymous().with_token(&token);
        check_counters(&client, &ledger, &mut counters);
        check_records(&client, &format!("kill={kill}"), &ledger);
        check_integrity(&server.data_dir());
        acknowledged.extend(ledger.acknowledged);
        open += ledger.open.len();
    }
    let at_the_end = ids(&stored_records(&server.anonymous().with_token(&token), "kill>=0"));
    let lost: Vec<&String> = acknowledged.difference(&at_the_end).collect();
    assert!(lost.is_empty(), "lost after a later kill: {lost:?}");
    // Otherwise the kills did not interrupt anything.
    assert!(acknowledged.len() > KILLS * WRITERS && open > KILLS, "{} answered, {open} not", acknowledged.len());
}

/// Creates two open collections and enables batches. Returns the superuser's token, which survives restarts.
fn set_up(server: &TestServer) -> String {
    let superuser = server.superuser();
    let allowed =
        superuser.patch("/api/settings", &json!({"batch": {"enabled": true, "maxRequests": 50, "timeout": 30}}));
    assert_eq!(allowed.status, 200, "{}", allowed.body);
    let number = |name: &str| json!({"name": name, "type": "number"});
    superuser.create(
        "/api/collections",
        &json!({"name": "entries", "createRule": "", "fields": [number("kill"), {"name": "batch", "type": "text"}]}),
    );
    superuser.create("/api/collections", &json!({"name": "counters", "updateRule": "", "fields": [number("total")]}));
    for counter in 0..=WRITERS {
        superuser.create("/api/collections/counters/records", &json!({"id": counter_id(counter)}));
    }
    superuser.token.unwrap()
}

/// What the writers know about the time before a kill.
#[derive(Default)]
struct Ledger {
    /// Ids of records whose creation was answered.
    acknowledged: HashSet<String>,
    /// Ids of records whose creation was requested but not answered.
    open: HashSet<String>,
    /// Per counter: increments answered, and increments requested but not answered.
    increments: HashMap<usize, (i64, i64)>,
}

impl Ledger {
    fn note_created(&mut self, ids: Vec<String>, is_answered: bool) {
        if is_answered { self.acknowledged.extend(ids) } else { self.open.extend(ids) }
    }

    fn note_increment(&mut self, counter: usize, is_answered: bool) {
        let (answered, open) = self.increments.entry(counter).or_default();
        *(if is_answered { answered } else { open }) += 1;
    }

    fn merge(mut self, other: Self) -> Self {
        self.acknowledged.extend(other.acknowledged);
        self.open.extend(other.open);
        for (counter, (answered, open)) in other.increments {
            let sum = self.increments.entry(counter).or_default();
            *sum = (sum.0 + answered, sum.1 + open);
        }
        self
    }
}

/// Starts `count` writers, kills the server after a number of answers, and returns what each writer knows. A writer gets a client,
/// its number, and a sender that it tells of each answer.
pub fn write_and_kill<T: Send + 'static>(
    server: &mut TestServer,
    client: &Client,
    count: usize,
    answers: usize,
    write: impl Fn(&Client, usize, &Sender<()>) -> T + Clone + Send + 'static,
) -> Vec<T> {
    let (sender, answered) = channel();
    let writers: Vec<_> = (0..count)
        .map(|writer| {
            let (client, sender, write) = (client.clone(), sender.clone(), write.clone());
            thread::spawn(move || write(&client, writer, &sender))
        })
        .collect();
    for _ in 0..answers {
        answered.recv_timeout(PATIENCE).expect("the writers stopped before the server was killed");
    }
    server.kill();
    writers.into_iter().map(|writer| writer.join().unwrap()).collect()
}

fn write_until_killed(client: &Client, kill: usize, writer: usize, answered: &Sender<()>) -> Ledger {
    let mut ledger = Ledger::default();
    // Each starts with another kind of write, so that kills interrupt every kind.
    for turn in writer.. {
        let is_answered = match turn % 4 {
            0 => create(client, &mut ledger, kill, writer, turn),
            1 => create_batch(client, &mut ledger, kill, writer, turn),
            2 => increment(client, &mut ledger, writer),
            _ => increment(client, &mut ledger, SHARED_COUNTER),
        };
        if !is_answered {
            return ledger;
        }
        let _ = answered.send(());
    }
    unreachable!("the server is killed first")
}

fn create(client: &Client, ledger: &mut Ledger, kill: usize, writer: usize, turn: usize) -> bool {
    let id = entry_id(kill, writer, turn, 0);
    let is_answered =
        is_answered(client, Method::POST, "/api/collections/entries/records", &json!({"id": id, "kill": kill}));
    ledger.note_created(vec![id], is_answered);
    is_answered
}

fn create_batch(client: &Client, ledger: &mut Ledger, kill: usize, writer: usize, turn: usize) -> bool {
    let ids: Vec<String> = (0..BATCH).map(|part| entry_id(kill, writer, turn, part)).collect();
    let requests = ids.iter().map(|id| {
        let body = json!({"id": id, "kill": kill, "batch": ids[0]});
        json!({"method": "POST", "url": "/api/collections/entries/records", "body": body})
    });
    let body = json!({"requests": requests.collect::<Vec<_>>()});
    let is_answered = is_answered(client, Method::POST, "/api/batch", &body);
    ledger.note_created(ids, is_answered);
    is_answered
}

fn increment(client: &Client, ledger: &mut Ledger, counter: usize) -> bool {
    let path = format!("/api/collections/counters/records/{}", counter_id(counter));
    let is_answered = is_answered(client, Method::PATCH, &path, &json!({"total+": 1}));
    ledger.note_increment(counter, is_answered);
    is_answered
}

/// Whether the server was alive to answer. An error answer would be another bug.
fn is_answered(client: &Client, method: Method, path: &str, body: &Value) -> bool {
    let Ok(answer) = client.request(method, path).json(body).send() else { return false };
    let status = answer.status();
    assert!(status.is_success(), "{path} answered {status}: {:?}", answer.text());
    true
}

/// Each counter grew by at least the answered increments, and by no more than the requested ones.
fn check_counters(client: &Client, ledger: &Ledger, before: &mut [i64]) {
    for record in items(client, "/api/collections/counters/records?perPage=100") {
        let counter = (0..=WRITERS).find(|counter| record["id"] == counter_id(*counter).as_str()).unwrap();
        let total = record["total"].as_i64().unwrap();
        let (answered, open) = ledger.increments.get(&counter).copied().unwrap_or_default();
        let grown = total - before[counter];
        assert!((answered..=answered + open).contains(&grown), "counter {counter}: {grown}, not {answered} (+{open})");
        before[counter] = total;
    }
}

/// Every acknowledged record exists, no other records exist except requested ones, and batches are complete.
fn check_records(client: &Client, filter: &str, ledger: &Ledger) {
    let records = stored_records(client, filter);
    let stored = ids(&records);
    let lost: Vec<&String> = ledger.acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{filter}: acknowledged and lost: {lost:?}");
    let strange = stored.iter().find(|id| !ledger.acknowledged.contains(*id) && !ledger.open.contains(*id));
    assert_eq!(strange, None, "{filter}: nobody asked for this");
    let mut batches = HashMap::<String, usize>::new();
    for record in records.iter().filter(|record| record["batch"] != "") {
        *batches.entry(text(&record["batch"])).or_default() += 1;
    }
    let torn = batches.iter().find(|(_, count)| **count != BATCH);
    assert_eq!(torn, None, "{filter}: a part of a batch");
}

fn check_integrity(data_dir: &Path) {
    let database = Connection::open_with_flags(data_dir.join("data.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

fn stored_records(client: &Client, filter: &str) -> Vec<Value> {
    let mut records = Vec::new();
    for number in 1.. {
        let path = format!("/api/collections/entries/records?skipTotal=1&perPage=1000&page={number}&filter={filter}");
        let page = items(client, &path);
        let is_last = page.len() < 1000;
        records.extend(page);
        if is_last {
            break;
        }
    }
    records
}

fn items(client: &Client, path: &str) -> Vec<Value> {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body["items"].as_array().unwrap().clone()
}

fn ids(records: &[Value]) -> HashSet<String> {
    records.iter().map(|record| text(&record["id"])).collect()
}

fn entry_id(kill: usize, writer: usize, turn: usize, part: usize) -> String {
    format!("k{kill:03}w{writer:03}t{turn:05}{part}")
}

fn counter_id(counter: usize) -> String {
    format!("counter{counter:08}")
}
