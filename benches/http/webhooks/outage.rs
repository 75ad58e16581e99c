//! A receiver that is down while a hundred thousand changes are made: memory, the deliveries of another receiver, and catching up.
//!
//! The server pauses the endpoint after some failures. That the outage takes an hour is not waited for: what counts is how much has
//! gathered. When the receiver is back, the owner switches the endpoint off and on, which ends the pause.

use super::{add_endpoint, all_sent, closed_address, create_orders, enable, prepare, receive, write};
use crate::folder::Api;
use crate::load::Connection;
use crate::process;
use crate::server::{Kind, Place};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub const NAME: &str = "webhooks: a receiver is down for 100,000 changes";
const CONNECTIONS: u64 = 8;
const PER_SECOND: u64 = 1_000;
/// Changes while both receivers work, while one is down, and while it catches up.
const BEFORE: u64 = 10_000;
const DURING: u64 = 100_000;
const AFTER: u64 = 10_000;
const RECORDS_EACH: u64 = 250;
const SAMPLE: Duration = Duration::from_millis(250);

/// A stretch of time.
pub struct Phase {
    pub name: &'static str,
    /// From the answer to a change until the receiver that works hears of it.
    pub p50: Duration,
    pub p99: Duration,
    pub longest: Duration,
    pub changes: usize,
    /// Resident memory: the highest in this phase.
    pub memory_kib: u64,
}

pub struct Outage {
    pub kind: Kind,
    pub phases: Vec<Phase>,
    /// What waited when the receiver came back, and how long that took to send.
    pub waited: u64,
    pub drain: Duration,
    /// Deliveries that came after a later one of the same record, that never came, and that came twice. Of both receivers.
    pub disordered: u64,
    pub lost: u64,
    pub repeated: u64,
    pub database_bytes: u64,
}

/// What has happened, by record.
#[derive(Default)]
struct Log {
    answered: Mutex<HashMap<(String, u64), Instant>>,
    late: Mutex<Vec<Duration>>,
    /// In the order of arrival, at each receiver.
    arrived: [Mutex<HashMap<String, Vec<u64>>>; 2],
}

impl Log {
    fn note(&self, receiver: usize, body: &[u8]) {
        let now = Instant::now();
        let event: Value = serde_json::from_slice(body).unwrap_or_default();
        let record = &event["data"]["record"];
        let (id, total) = (record["id"].as_str().unwrap_or_default().to_owned(), record["total"].as_u64().unwrap_or(0));
        if receiver == 0 {
            // It may arrive before the answer is read.
            let answered = lock(&self.answered).remove(&(id.clone(), total));
            lock(&self.late).push(answered.map_or(Duration::ZERO, |at| now.saturating_duration_since(at)));
        }
        lock(&self.arrived[receiver]).entry(id).or_default().push(total);
    }

    fn arrived(&self, receiver: usize) -> u64 {
        lock(&self.arrived[receiver]).values().map(|of_one| of_one.len() as u64).sum()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub async fn measure(place: Place) -> Result<Outage> {
    prepare(&place)?;
    let (server, _) = place.start("/api/health")?;
    let (address, pid) = (server.address, server.pid);
    let api = Api::superuser(address).await?;
    create_orders(&api).await?;
    let mut makers = JoinSet::new();
    for client in 0..CONNECTIONS {
        makers.spawn(make(address, client));
    }
    while let Some(done) = makers.join_next().await {
        done??;
    }
    let log = Arc::<Log>::default();
    let (working, failing) = (TcpListener::bind("127.0.0.1:0").await?, closed_address().await?);
    let url = format!("http://{}/", working.local_addr()?);
    let noted = Arc::clone(&log);
    tokio::spawn(receive(working, move |body| noted.note(0, body)));
    let steady = [add_endpoint(&api, "works", &url, "orders.update").await?];
    let mut writers = Writers { address, log: Arc::clone(&log), pid, turn: 0 };
    let mut phases = vec![writers.phase("both work", BEFORE).await?];

    let broken = [add_endpoint(&api, "down", &format!("http://{failing}/"), "orders.update").await?];
    phases.push(writers.phase("one is down", DURING).await?);

    let listener =
        TcpListener::bind(failing).await.context("somebody has taken the port of the receiver that is down")?;
    let noted = Arc::clone(&log);
    tokio::spawn(receive(listener, move |body| noted.note(1, body)));
    let began = Instant::now();
    enable(&api, &broken, false).await?;
    enable(&api, &broken, true).await?;
    phases.push(writers.phase("it catches up", AFTER).await?);
    let expected = DURING + AFTER;
    all_sent(&api, &broken, || log.arrived(1) >= expected).await?;
    let drain = began.elapsed();
    all_sent(&api, &steady, || true).await?;

    let mut outage = Outage {
        kind: place.kind,
        phases,
        waited: DURING,
        drain,
        disordered: 0,
        lost: 0,
        repeated: 0,
        database_bytes: std::fs::metadata(place.data().join("data.db"))?.len(),
    };
    for (receiver, expected) in [(0, BEFORE + DURING + AFTER), (1, DURING + AFTER)] {
        let mut found = 0;
        for of_one in lock(&log.arrived[receiver]).values_mut() {
            outage.disordered += of_one.windows(2).filter(|pair| pair[0] > pair[1]).count() as u64;
            let count = of_one.len();
            of_one.sort_unstable();
            of_one.dedup();
            found += of_one.len() as u64;
            outage.repeated += (count - of_one.len()) as u64;
        }
        outage.lost += expected.saturating_sub(found);
    }
    Ok(outage)
}

fn id_of(client: u64, number: u64) -> String {
    format!("order{client:02}{number:08}")
}

async fn make(address: SocketAddr, client: u64) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    for number in 0..RECORDS_EACH {
        let body = json!({"id": id_of(client, number), "title": format!("order {number}"), "total": 0});
        write(&mut connection, address, "POST", "/api/collections/orders/records", &body).await?;
    }
    Ok(())
}

struct Writers {
    address: SocketAddr,
    log: Arc<Log>,
    pid: u32,
    /// How many changes each client has made.
    turn: u64,
}

impl Writers {
    /// Makes `changes`, waits for the working receiver, and looks at memory meanwhile.
    async fn phase(&mut self, name: &'static str, changes: u64) -> Result<Phase> {
        lock(&self.log.late).clear();
        let (from, each) = (self.turn, changes / CONNECTIONS);
        self.turn += each;
        let mut clients = JoinSet::new();
        for client in 0..CONNECTIONS {
            clients.spawn(change(self.address, client, from, each, Arc::clone(&self.log)));
        }
        let (mut samples, mut memory_kib) = (tokio::time::interval(SAMPLE), 0);
        loop {
            tokio::select! {
                done = clients.join_next() => match done {
                    Some(done) => done??,
                    None => break,
                },
                _ = samples.tick() => memory_kib = memory_kib.max(process::memory_kib(self.pid)?),
            }
        }
        let began = Instant::now();
        while (lock(&self.log.late).len() as u64) < each * CONNECTIONS && began.elapsed() < super::PATIENCE {
            samples.tick().await;
            memory_kib = memory_kib.max(process::memory_kib(self.pid)?);
        }
        let mut late = std::mem::take(&mut *lock(&self.log.late));
        late.sort_unstable();
        let at = |share: usize| late.get(late.len() * share / 100).or(late.last()).copied().unwrap_or_default();
        Ok(Phase { name, p50: at(50), p99: at(99), longest: at(100), changes: late.len(), memory_kib })
    }
}

/// Changes the records of one client in turn.
async fn change(address: SocketAddr, client: u64, from: u64, count: u64, log: Arc<Log>) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    let mut pace = tokio::time::interval(Duration::from_secs(1) * CONNECTIONS as u32 / PER_SECOND as u32);
    for turn in from..from + count {
        pace.tick().await;
        let (id, total) = (id_of(client, turn % RECORDS_EACH), turn / RECORDS_EACH + 1);
        let path = format!("/api/collections/orders/records/{id}");
        write(&mut connection, address, "PATCH", &path, &json!({"total": total})).await?;
        lock(&log.answered).insert((id, total), Instant::now());
    }
    Ok(())
}
