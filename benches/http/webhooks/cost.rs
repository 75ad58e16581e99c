//! What three endpoints of webhooks cost: CPU time of a create while they listen, and of all together.
//!
//! Rounds of creates at a steady pace are measured in turns: nobody listens; three endpoints listen whose receiver is down, so that
//! events are written and distributed, and none is sent; three endpoints listen and everything is sent meanwhile. What an event
//! costs in the transaction of the change alone is measured with `steading import`, without and with endpoints: a command writes
//! events and distributes none. A server then sends what has waited.

use super::{add_endpoint, all_sent, closed_address, create_orders, enable, prepare, receive, write};
use crate::folder::Api;
use crate::load::Connection;
use crate::process;
use crate::server::{Kind, Place, Server};
use anyhow::{Result, ensure};
use serde_json::json;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub const NAME: &str = "webhooks: create with three endpoints";
const ENDPOINTS: u64 = 3;
const CONNECTIONS: u64 = 8;
const PER_SECOND: u64 = 1_000;
/// How long records are made in one round of one kind.
const SPAN: Duration = Duration::from_secs(4);
/// Records of an import.
const IMPORTED: u64 = 10_000;

/// CPU time of a number of pieces of work.
#[derive(Clone, Copy, Default)]
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

    fn add(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.count += other.count;
        self.wall += other.wall;
    }
}

#[derive(Clone, Copy, Default)]
pub struct Round {
    /// Creates over HTTP, nobody listens.
    pub quiet: Spent,
    /// The same, and what is to be sent waits.
    pub held: Spent,
    /// The same, and everything is sent.
    pub live: Spent,
}

pub struct Sent {
    pub kind: Kind,
    pub rounds: Vec<Round>,
    /// Records of an import, without endpoints and with them.
    pub imported: [Spent; 2],
    /// Deliveries of what has waited.
    pub drain: Spent,
    pub peak_kib: u64,
}

impl Sent {
    /// All rounds together.
    pub fn total(&self) -> Round {
        let mut total = Round::default();
        for round in &self.rounds {
            total.quiet.add(round.quiet);
            total.held.add(round.held);
            total.live.add(round.live);
        }
        total
    }

    /// What endpoints add to the transaction of the change, in µs.
    pub fn added_micros(&self) -> f64 {
        self.imported[1].micros_each() - self.imported[0].micros_each()
    }
}

pub async fn measure(place: Place, rounds: usize) -> Result<Sent> {
    prepare(&place)?;
    let mut rows = "title,total\n".to_owned();
    for number in 0..IMPORTED {
        writeln!(rows, "order {number},{number}")?;
    }
    std::fs::write(place.folder.join("rows.csv"), rows)?;
    let (server, _) = place.start("/api/health")?;
    let api = Api::superuser(server.address).await?;
    create_orders(&api).await?;
    let taken = Arc::<AtomicU64>::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let open = listener.local_addr()?;
    let counter = Arc::clone(&taken);
    tokio::spawn(receive(listener, move |_| _ = counter.fetch_add(1, Ordering::Relaxed)));
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let closed = closed_address().await?;
    for number in 0..ENDPOINTS {
        up.push(add_endpoint(&api, &format!("up {number}"), &format!("http://{open}/hook"), "orders.create").await?);
        down.push(add_endpoint(&api, &format!("down {number}"), &format!("http://{closed}/"), "orders.create").await?);
    }
    enable(&api, &up, false).await?;
    enable(&api, &down, false).await?;

    let mut measured = Vec::new();
    for _ in 0..rounds {
        let quiet = create(&server, async || Ok(())).await?;
        enable(&api, &down, true).await?;
        let held = create(&server, async || Ok(())).await?;
        enable(&api, &down, false).await?;
        enable(&api, &up, true).await?;
        let live = create(&server, || all_sent(&api, &up, || true)).await?;
        enable(&api, &up, false).await?;
        measured.push(Round { quiet, held, live });
    }
    let peak_kib = process::peak_kib(server.pid)?;
    server.stop()?;

    let unheard = import(&place)?;
    switch(&place, &up, true).await?;
    let heard = import(&place)?;
    let before = taken.load(Ordering::Relaxed);
    let (server, _) = place.start("/api/health")?;
    let api = Api::superuser(server.address).await?;
    let began = Instant::now();
    let count = ENDPOINTS * IMPORTED;
    all_sent(&api, &up, || taken.load(Ordering::Relaxed) >= before + count).await?;
    let drain = Spent { cpu: process::cpu_time(server.pid)?, count, wall: began.elapsed() };
    Ok(Sent { kind: place.kind, rounds: measured, imported: [unheard, heard], drain, peak_kib })
}

async fn switch(place: &Place, endpoints: &[String], is_enabled: bool) -> Result<()> {
    let (server, _) = place.start("/api/health")?;
    enable(&Api::superuser(server.address).await?, endpoints, is_enabled).await?;
    server.stop()
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

/// Makes records at a steady pace, and waits for `end`.
async fn create(server: &Server, end: impl AsyncFnOnce() -> Result<()>) -> Result<Spent> {
    let (began, before) = (Instant::now(), process::cpu_time(server.pid)?);
    let mut clients = JoinSet::new();
    for client in 0..CONNECTIONS {
        clients.spawn(create_on(server.address, client));
    }
    let mut count = 0;
    while let Some(made) = clients.join_next().await {
        count += made??;
    }
    // What is put off belongs to it.
    tokio::time::sleep(Duration::from_millis(500)).await;
    end().await?;
    Ok(Spent { cpu: process::cpu_time(server.pid)?.saturating_sub(before), count, wall: began.elapsed() })
}

async fn create_on(address: SocketAddr, client: u64) -> Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut pace = tokio::time::interval(Duration::from_secs(1) * CONNECTIONS as u32 / PER_SECOND as u32);
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < SPAN {
        pace.tick().await;
        let body = json!({"title": format!("order {client} {count}"), "total": count});
        write(&mut connection, address, "POST", "/api/collections/orders/records", &body).await?;
        count += 1;
    }
    Ok(count)
}
