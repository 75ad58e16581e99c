//! Sustained load: eight clients create, change, delete, read and list for some minutes while others listen. What counts
//! is what grows: the write-ahead log, memory, descriptors, and the time that answers take.
//!
//! As many records are deleted as are created, so that each minute works on the same amount of data and a falling rate
//! is a defect of the server. Runs on a folder of its own and only when it is named.

use crate::folder::{self, Api};
use crate::listeners::Listener;
use crate::load::Connection;
use crate::process;
use crate::server::{Kind, Place};
use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::json;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

pub const NAME: &str = "soak: mixed load on 20,000 records, 20 listeners";
const CLIENTS: u64 = 8;
const LISTENERS: usize = 20;
const RECORDS_EACH: u64 = 2_500;
/// Time between two looks at the log's size.
const SAMPLE: Duration = Duration::from_millis(100);
/// Time without requests before the last look.
const REST: Duration = Duration::from_secs(10);
const PATH: &str = "/api/collections/soak/records";

/// What one server did.
pub struct Soaked {
    pub kind: Kind,
    pub minutes: Vec<Minute>,
    pub database_bytes: u64,
    /// After [`REST`].
    pub rest: Footprint,
}

/// One minute of load.
pub struct Minute {
    pub requests: usize,
    pub read_p99: Duration,
    pub write_p99: Duration,
    pub longest: Duration,
    /// The largest size of the log's file.
    pub max_log_bytes: u64,
    pub end: Footprint,
}

pub struct Footprint {
    pub log_bytes: u64,
    pub memory_kib: u64,
    pub descriptors: usize,
}

impl Footprint {
    fn of(pid: u32, log: &Path) -> Result<Self> {
        Ok(Self {
            log_bytes: log_bytes(log),
            memory_kib: process::memory_kib(pid)?,
            descriptors: process::descriptors(pid)?,
        })
    }
}

/// What the clients have measured since the last look.
#[derive(Default)]
struct Latencies {
    reads: Vec<Duration>,
    writes: Vec<Duration>,
}

pub async fn measure(mut place: Place, minutes: u32) -> Result<Soaked> {
    std::fs::create_dir_all(place.data())?;
    place.upsert_superuser()?;
    let (server, _) = place.start("/api/health")?;
    place.program = server.program()?;
    let (address, pid) = (server.address, server.pid);
    let api = Api::superuser(address).await?;
    fill(&api).await?;

    let http = reqwest::Client::new();
    let mut listening = JoinSet::new();
    for _ in 0..LISTENERS {
        let listener = Listener::open(address, &http, "soak/*").await?;
        listening.spawn(listener.drain());
    }
    let (latencies, is_over) = (Arc::<Mutex<Latencies>>::default(), Arc::<AtomicBool>::default());
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client::open(address, number).await?;
        clients.spawn(client.run(Arc::clone(&latencies), Arc::clone(&is_over)));
    }
    let (database, log) = (place.data().join("data.db"), place.data().join("data.db-wal"));
    let mut measured = Vec::new();
    for number in 1..=minutes {
        let minute = watch(pid, &log, &latencies, &mut clients).await?;
        eprintln!("minute {number}: {} requests, log {} MB", minute.requests, minute.max_log_bytes / 1_000_000);
        measured.push(minute);
    }
    is_over.store(true, Ordering::Relaxed);
    while let Some(done) = clients.join_next().await {
        done??;
    }
    tokio::time::sleep(REST).await;
    let database_bytes = std::fs::metadata(database)?.len();
    Ok(Soaked { kind: place.kind, minutes: measured, database_bytes, rest: Footprint::of(pid, &log)? })
}

/// One minute. Ends early with the failure of a client.
async fn watch(
    pid: u32,
    log: &Path,
    latencies: &Mutex<Latencies>,
    clients: &mut JoinSet<Result<()>>,
) -> Result<Minute> {
    let mut samples = tokio::time::interval(SAMPLE);
    let end = Instant::now() + Duration::from_mins(1);
    let mut max_log_bytes = 0;
    while Instant::now() < end {
        tokio::select! {
            _ = samples.tick() => max_log_bytes = max_log_bytes.max(log_bytes(log)),
            Some(ended) = clients.join_next() => ended?.context("a client of the soak")?,
        }
    }
    let Latencies { mut reads, mut writes } =
        std::mem::take(&mut *latencies.lock().unwrap_or_else(PoisonError::into_inner));
    let (read_p99, write_p99) = (p99(&mut reads), p99(&mut writes));
    let longest = reads.last().max(writes.last()).copied().unwrap_or_default();
    let requests = reads.len() + writes.len();
    Ok(Minute { requests, read_p99, write_p99, longest, max_log_bytes, end: Footprint::of(pid, log)? })
}

fn log_bytes(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |metadata| metadata.len())
}

/// Sorts as well.
fn p99(latencies: &mut [Duration]) -> Duration {
    latencies.sort_unstable();
    latencies.get(latencies.len() * 99 / 100).copied().unwrap_or_default()
}

/// The collection, open to everybody, and the records that are there from the beginning.
async fn fill(api: &Api) -> Result<()> {
    api.send(Method::PATCH, "/api/settings", json!({"batch": {"enabled": true, "maxRequests": 100, "timeout": 30}}))
        .await?;
    let collection = json!({
        "name": "soak", "type": "base", "listRule": "", "viewRule": "",
        "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [
            {"name": "title", "type": "text"},
            {"name": "body", "type": "text"},
            {"name": "views", "type": "number"},
            {"name": "created", "type": "autodate", "onCreate": true},
        ],
        "indexes": ["CREATE INDEX idx_soak_created ON soak (created)"],
    });
    api.send(Method::POST, "/api/collections", collection).await?;
    let all: Vec<_> = (0..CLIENTS).flat_map(|client| (0..RECORDS_EACH).map(move |at| serial(client, at))).collect();
    for some in all.chunks(100) {
        let creates = some.iter().map(|serial| json!({"method": "POST", "url": PATH, "body": record(*serial)}));
        let requests = creates.collect::<Vec<_>>();
        api.send(Method::POST, "/api/batch", json!({"requests": requests})).await?;
    }
    Ok(())
}

/// The n-th record of a client.
fn serial(client: u64, at: u64) -> u64 {
    at * CLIENTS + client
}

fn record(serial: u64) -> serde_json::Value {
    let folder::Post { title, body, views, .. } = folder::Post::number(serial);
    json!({"id": folder::post_id(serial), "title": title, "body": body, "views": views})
}

/// One connection and the records that it alone changes.
struct Client {
    number: u64,
    connection: Connection,
    host: String,
    /// Serial numbers, oldest first.
    own: VecDeque<u64>,
    created: u64,
    turn: u64,
}

impl Client {
    async fn open(address: SocketAddr, number: u64) -> Result<Self> {
        let own = (0..RECORDS_EACH).map(|at| serial(number, at)).collect();
        let connection = Connection::open(address).await?;
        // Each begins elsewhere in the mix.
        Ok(Self { number, connection, host: address.to_string(), own, created: RECORDS_EACH, turn: number * 13 })
    }

    async fn run(mut self, latencies: Arc<Mutex<Latencies>>, is_over: Arc<AtomicBool>) -> Result<()> {
        while !is_over.load(Ordering::Relaxed) {
            self.turn += 1;
            // Strides through the hundred shares, so that the kinds of requests alternate.
            let share = self.turn * 37 % 100;
            let sent = Instant::now();
            match share {
                0..11 => self.create().await?,
                11..21 => self.update().await?,
                21..32 => self.delete().await?,
                32..60 => self.view().await?,
                60..75 => self.list("sort=-created&perPage=30").await?,
                _ => self.search().await?,
            }
            let took = sent.elapsed();
            let mut latencies = latencies.lock().unwrap_or_else(PoisonError::into_inner);
            if share < 32 { latencies.writes.push(took) } else { latencies.reads.push(took) }
        }
        Ok(())
    }

    async fn create(&mut self) -> Result<()> {
        let serial = serial(self.number, self.created);
        self.created += 1;
        self.send("POST", PATH, &record(serial).to_string(), 200).await?;
        self.own.push_back(serial);
        Ok(())
    }

    async fn update(&mut self) -> Result<()> {
        let path = format!("{PATH}/{}", self.any());
        let body = json!({"title": folder::text(self.turn, 30), "views": self.turn});
        self.send("PATCH", &path, &body.to_string(), 200).await
    }

    async fn delete(&mut self) -> Result<()> {
        let oldest = self.own.pop_front().context("no record is left to delete")?;
        self.send("DELETE", &format!("{PATH}/{}", folder::post_id(oldest)), "", 204).await
    }

    async fn view(&mut self) -> Result<()> {
        let path = format!("{PATH}/{}", self.any());
        self.send("GET", &path, "", 200).await
    }

    /// A filter that no index helps, another one each time.
    async fn search(&mut self) -> Result<()> {
        let text = format!("views > {} && title ~ \"abc\"", self.turn * 7_919 % folder::MAX_VIEWS);
        let filter: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        self.list(&format!("filter={filter}")).await
    }

    async fn list(&mut self, query: &str) -> Result<()> {
        self.send("GET", &format!("{PATH}?{query}"), "", 200).await
    }

    /// The id of a record of this client.
    fn any(&self) -> String {
        let at = (self.turn * 61_379) as usize % self.own.len();
        folder::post_id(self.own[at])
    }

    async fn send(&mut self, method: &str, path: &str, body: &str, wanted_status: u16) -> Result<()> {
        let content_type = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let (host, length) = (&self.host, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\n{content_type}Content-Length: {length}\r\n\r\n{body}"
        );
        self.connection.exchange(request.as_bytes(), wanted_status).await
    }
}
