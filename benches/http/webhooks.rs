//! What three endpoints of webhooks cost: CPU time of a create while they listen, and of sending what has waited.
//!
//! A thousand records a second are made: first while nobody listens, then while three endpoints do whose receiver is down, so that
//! what is measured is the side of the request and the distribution. Then the receiver comes back, and the backlog is sent. At last
//! records are made while everything is sent as it comes.

use crate::folder::Api;
use crate::load::Connection;
use crate::process;
use crate::server::{Kind, Place};
use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub const NAME: &str = "webhooks: create with three endpoints";
const ENDPOINTS: u64 = 3;
const CONNECTIONS: u64 = 8;
const PER_SECOND: u64 = 1_000;
/// How long records are made in each phase.
const SPAN: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_mins(5);

/// CPU time of a number of pieces of work.
#[derive(Clone, Copy)]
pub struct Spent {
    pub cpu: Duration,
    pub count: u64,
    pub wall: Duration,
}

impl Spent {
    pub fn micros_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.count.max(1) as f64
    }

    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.wall.as_secs_f64()
    }
}

pub struct Sent {
    pub kind: Kind,
    /// Creates, nobody listens.
    pub quiet: Spent,
    /// Creates, three endpoints listen and are down.
    pub listening: Spent,
    /// Deliveries of what has waited.
    pub drain: Spent,
    /// Creates, with everything sent meanwhile.
    pub live: Spent,
    pub peak_kib: u64,
}

/// Answers 204, or 500 while it is down, and counts.
#[derive(Default)]
struct Receiver {
    is_down: AtomicBool,
    taken: AtomicU64,
}

pub async fn measure(place: Place) -> Result<Sent> {
    std::fs::create_dir_all(place.data())?;
    std::fs::write(place.folder.join("config.toml"), "[webhooks]\nallow = [\"127.0.0.0/8\"]\n")?;
    place.upsert_superuser()?;
    let (server, _) = place.start("/api/health")?;
    let api = Api::superuser(server.address).await?;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "total", "type": "number"},
                        {"name": "created", "type": "autodate", "onCreate": true}]);
    let collection = json!({"name": "orders", "type": "base", "createRule": "", "fields": fields});
    api.send(Method::POST, "/api/collections", collection).await?;
    let quiet = create(&server, SPAN).await?;

    let receiver = Arc::new(Receiver::default());
    receiver.is_down.store(true, Ordering::Relaxed);
    let url = start_receiver(Arc::clone(&receiver)).await?;
    let mut ids = Vec::new();
    for number in 0..ENDPOINTS {
        let body = json!({"name": format!("e{number}"), "url": url, "events": ["orders.create"]});
        let made = api.send(Method::POST, "/api/webhooks", body).await?;
        ids.push(made["id"].as_str().context("no id")?.to_owned());
    }
    create(&server, Duration::from_millis(200)).await?;
    wait_until(&api, |webhook| webhook["health"]["state"] == "paused").await?;
    process::reset_peak(server.pid);
    let listening = create(&server, SPAN).await?;

    receiver.is_down.store(false, Ordering::Relaxed);
    receiver.taken.store(0, Ordering::Relaxed);
    let (began, before) = (Instant::now(), process::cpu_time(server.pid)?);
    for id in &ids {
        for is_enabled in [false, true] {
            api.send(Method::PATCH, &format!("/api/webhooks/{id}"), json!({"enabled": is_enabled})).await?;
        }
    }
    wait_until(&api, |webhook| webhook["health"]["waiting"] == 0).await?;
    let count = receiver.taken.load(Ordering::Relaxed);
    let drain = Spent { cpu: process::cpu_time(server.pid)? - before, count, wall: began.elapsed() };
    ensure!(count >= ENDPOINTS * listening.count, "{count} deliveries of {} records", listening.count);

    let (began, before) = (Instant::now(), process::cpu_time(server.pid)?);
    let made = create(&server, SPAN).await?;
    wait_until(&api, |webhook| webhook["health"]["waiting"] == 0).await?;
    let live = Spent { cpu: process::cpu_time(server.pid)? - before, count: made.count, wall: began.elapsed() };
    Ok(Sent { kind: place.kind, quiet, listening, drain, live, peak_kib: process::peak_kib(server.pid)? })
}

/// Makes records at a steady pace.
async fn create(server: &crate::server::Server, span: Duration) -> Result<Spent> {
    let (began, before) = (Instant::now(), process::cpu_time(server.pid)?);
    let mut clients = JoinSet::new();
    for client in 0..CONNECTIONS {
        let address = server.address;
        clients.spawn(async move { create_on(address, client, span).await });
    }
    let mut count = 0;
    while let Some(made) = clients.join_next().await {
        count += made??;
    }
    // What is put off belongs to it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(Spent { cpu: process::cpu_time(server.pid)? - before, count, wall: began.elapsed() })
}

async fn create_on(address: SocketAddr, client: u64, span: Duration) -> Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut pace = tokio::time::interval(Duration::from_secs(1) * CONNECTIONS as u32 / PER_SECOND as u32);
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < span {
        pace.tick().await;
        let body = json!({"title": format!("order {client} {count}"), "total": count}).to_string();
        let request = format!(
            "POST /api/collections/orders/records HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.exchange(request.as_bytes(), 200).await?;
        count += 1;
    }
    Ok(count)
}

async fn wait_until(api: &Api, is_there: impl Fn(&Value) -> bool) -> Result<()> {
    let began = Instant::now();
    loop {
        let webhooks = api.send(Method::GET, "/api/webhooks", json!({})).await?;
        if webhooks["items"].as_array().is_some_and(|items| items.iter().all(&is_there)) {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "it never came to pass: {webhooks}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn start_receiver(receiver: Arc<Receiver>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&receiver)));
        }
    });
    Ok(url)
}

/// Answers one connection. Requests come one after the other.
async fn serve(mut stream: TcpStream, receiver: Arc<Receiver>) {
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let end = buffer.windows(4).position(|window| window == b"\r\n\r\n");
        let length = end.and_then(|end| {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            Some(end + 4 + length?)
        });
        if length.is_some_and(|length| buffer.len() >= length) {
            buffer.clear();
            let answer: &[u8] = if receiver.is_down.load(Ordering::Relaxed) {
                b"HTTP/1.1 500 Down\r\nContent-Length: 0\r\n\r\n"
            } else {
                receiver.taken.fetch_add(1, Ordering::Relaxed);
                b"HTTP/1.1 204 Taken\r\n\r\n"
            };
            if stream.write_all(answer).await.is_err() {
                return;
            }
        } else if !matches!(stream.read_buf(&mut buffer).await, Ok(read) if read > 0) {
            return;
        }
    }
}
