//! What three endpoints of webhooks cost: CPU time of a create while they listen, of sending what has waited, and of all together.
//!
//! What the side of the request costs is measured with `steading import`, without and with endpoints: a command writes events and sends
//! none. Then a server sends what waits, and at last a thousand records a second are made while everything is sent as it comes.

use crate::folder::Api;
use crate::load::Connection;
use crate::process;
use crate::server::{Kind, Place, Server};
use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub const NAME: &str = "webhooks: create with three endpoints";
const ENDPOINTS: u64 = 3;
const CONNECTIONS: u64 = 8;
const PER_SECOND: u64 = 1_000;
/// How long records are made over HTTP.
const SPAN: Duration = Duration::from_secs(8);
/// Records of an import.
const IMPORTED: u64 = 10_000;
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
    /// Creates over HTTP, nobody listens.
    pub quiet: Spent,
    /// Records of an import, without endpoints and with them.
    pub imported: [Spent; 2],
    /// Deliveries of what has waited.
    pub drain: Spent,
    /// Creates over HTTP, with everything sent meanwhile.
    pub live: Spent,
    pub peak_kib: u64,
}

impl Sent {
    /// What endpoints add to the side of the request, in µs.
    pub fn added_micros(&self) -> f64 {
        self.imported[1].micros_each() - self.imported[0].micros_each()
    }
}

pub async fn measure(place: Place) -> Result<Sent> {
    std::fs::create_dir_all(place.data())?;
    std::fs::write(place.folder.join("config.toml"), "[webhooks]\nallow = [\"127.0.0.0/8\"]\n")?;
    let mut rows = "title,total\n".to_owned();
    for number in 0..IMPORTED {
        writeln!(rows, "order {number},{number}")?;
    }
    std::fs::write(place.folder.join("rows.csv"), rows)?;
    place.upsert_superuser()?;
    let (server, _) = place.start("/api/health")?;
    let api = Api::superuser(server.address).await?;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "total", "type": "number"},
                        {"name": "created", "type": "autodate", "onCreate": true}]);
    let collection = json!({"name": "orders", "type": "base", "createRule": "", "fields": fields});
    api.send(Method::POST, "/api/collections", collection).await?;
    let quiet = create(&server).await?;
    server.stop()?;
    let unheard = import(&place)?;

    let taken = Arc::new(AtomicU64::new(0));
    let url = start_receiver(Arc::clone(&taken)).await?;
    let (server, _) = place.start("/api/health")?;
    let api = Api::superuser(server.address).await?;
    for number in 0..ENDPOINTS {
        let body = json!({"name": format!("e{number}"), "url": url, "events": ["orders.create"]});
        api.send(Method::POST, "/api/webhooks", body).await?;
    }
    server.stop()?;
    let heard = import(&place)?;

    let (server, _) = place.start("/api/health")?;
    let api = Api::superuser(server.address).await?;
    let began = Instant::now();
    all_sent(&api, &taken, ENDPOINTS * IMPORTED).await?;
    let count = taken.load(Ordering::Relaxed);
    let drain = Spent { cpu: process::cpu_time(server.pid)?, count, wall: began.elapsed() };

    let (began, before) = (Instant::now(), process::cpu_time(server.pid)?);
    let made = create(&server).await?;
    all_sent(&api, &taken, ENDPOINTS * (IMPORTED + made.count)).await?;
    let live =
        Spent { cpu: process::cpu_time(server.pid)?.saturating_sub(before), count: made.count, wall: began.elapsed() };
    let peak_kib = process::peak_kib(server.pid)?;
    Ok(Sent { kind: place.kind, quiet, imported: [unheard, heard], drain, live, peak_kib })
}

/// Imports the rows with a command, and counts its CPU time.
fn import(place: &Place) -> Result<Spent> {
    let (began, mut cpu) = (Instant::now(), Duration::ZERO);
    let mut command = place.command();
    let mut child = command.args(["import", "rows.csv", "--into", "orders", "--dir"]).arg(place.data()).spawn()?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        cpu = process::cpu_time(child.id()).unwrap_or(cpu).max(cpu);
        std::thread::sleep(Duration::from_millis(1));
    };
    ensure!(status.success(), "the import ended with {status}");
    Ok(Spent { cpu, count: IMPORTED, wall: began.elapsed() })
}

/// Waits until so many deliveries have arrived and are stored.
async fn all_sent(api: &Api, taken: &AtomicU64, count: u64) -> Result<()> {
    let began = Instant::now();
    loop {
        let webhooks = api.send(Method::GET, "/api/webhooks", json!({})).await?;
        let is_stored = |webhook: &Value| webhook["health"]["waiting"] == 0;
        let is_all_stored = webhooks["items"].as_array().is_some_and(|items| items.iter().all(is_stored));
        if taken.load(Ordering::Relaxed) >= count && is_all_stored {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "it was never sent: {webhooks}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Makes records at a steady pace.
async fn create(server: &Server) -> Result<Spent> {
    let (began, before) = (Instant::now(), process::cpu_time(server.pid)?);
    let mut clients = JoinSet::new();
    for client in 0..CONNECTIONS {
        let address = server.address;
        clients.spawn(create_on(address, client));
    }
    let mut count = 0;
    while let Some(made) = clients.join_next().await {
        count += made??;
    }
    // What is put off belongs to it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(Spent { cpu: process::cpu_time(server.pid)?.saturating_sub(before), count, wall: began.elapsed() })
}

async fn create_on(address: SocketAddr, client: u64) -> Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut pace = tokio::time::interval(Duration::from_secs(1) * CONNECTIONS as u32 / PER_SECOND as u32);
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < SPAN {
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

async fn start_receiver(taken: Arc<AtomicU64>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&taken)));
        }
    });
    Ok(url)
}

/// Answers one connection. Requests come one after the other.
async fn serve(mut stream: TcpStream, taken: Arc<AtomicU64>) {
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
            taken.fetch_add(1, Ordering::Relaxed);
            if stream.write_all(b"HTTP/1.1 204 Taken\r\n\r\n").await.is_err() {
                return;
            }
        } else if !matches!(stream.read_buf(&mut buffer).await, Ok(read) if read > 0) {
            return;
        }
    }
}
