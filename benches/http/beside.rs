//! Records by id while guests ask for slow lists, or for scripts that never end: how long the quick ones take.
//!
//! Views are asked for at a steady pace, first alone, then beside guests who each ask for one slow thing after the other. An
//! answer's time counts from when its request was due.

use crate::backups::Waits;
use crate::contestant::Contestant;
use crate::load::{Clients, Requests};
use crate::rows;
use crate::scripted;
use crate::server::Kind;
use anyhow::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What the guests ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    SlowFilters,
    /// A handler inside a transaction and a route of [`crate::scripted`], which end when their time is over.
    RunawayScripts,
}

impl Noise {
    pub fn name(self) -> &'static str {
        match self {
            Self::SlowFilters => "beside: record by id beside 40 slow filters",
            Self::RunawayScripts => "beside: record by id beside 8 runaway scripts",
        }
    }

    fn guests(self) -> usize {
        match self {
            Self::SlowFilters => 40,
            Self::RunawayScripts => 8,
        }
    }
}

/// Calls of a route before the one that runs away: the server may take it for a quick one by then.
const QUICK_CALLS: u64 = 40;
const CONNECTIONS: usize = 8;
/// Of each connection: 400 views a second in all.
const PACE: Duration = Duration::from_millis(20);
/// How long each half lasts.
const SPAN: Duration = Duration::from_secs(8);
/// From the first slow list to the first view that counts.
const LEAD: Duration = Duration::from_secs(2);

/// What one server did.
pub struct Beside {
    pub noise: Noise,
    pub kind: Kind,
    pub alone: Waits,
    pub among: Waits,
    /// Slow things that were answered, whatever the answer.
    pub answered: u64,
}

pub async fn measure(contestant: &Contestant, noise: Noise) -> Result<Beside> {
    let address = contestant.server.address;
    let mut clients = Clients::connect(address, CONNECTIONS).await?;
    let requests = Requests::new(rows::VIEW, Arc::clone(&contestant.session));
    let (alone, ()) = clients.steady(&requests, PACE, tokio::time::sleep(SPAN)).await?;
    let answered = Arc::new(AtomicU64::new(0));
    let mut guests = JoinSet::new();
    for guest in 0..noise.guests() {
        guests.spawn(ask_on(address, noise, guest, Arc::clone(&answered)));
    }
    tokio::time::sleep(LEAD).await;
    let (beside, ()) = clients.steady(&requests, PACE, tokio::time::sleep(SPAN)).await?;
    guests.shutdown().await;
    let answered = answered.load(Ordering::Relaxed);
    let (alone, among) = (Waits::of(alone)?, Waits::of(beside)?);
    Ok(Beside { noise, kind: contestant.server.kind, alone, among, answered })
}

/// One slow thing after the other, until it is stopped.
async fn ask_on(address: SocketAddr, noise: Noise, guest: usize, answered: Arc<AtomicU64>) {
    for serial in 0_u64.. {
        // A server that refuses is asked again, as an attacker would.
        let asked = match noise {
            Noise::SlowFilters => get(address, &slow_list(guest, serial)).await,
            Noise::RunawayScripts if guest.is_multiple_of(2) => {
                ask(address, "POST", scripted::RUNAWAY_RECORDS, "{}").await
            }
            Noise::RunawayScripts => run_away(address).await,
        };
        if asked.is_err() {
            tokio::time::sleep(PACE).await;
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

async fn run_away(address: SocketAddr) -> Result<()> {
    for _ in 0..QUICK_CALLS {
        get(address, scripted::RUNAWAY_ROUTE).await?;
    }
    get(address, &format!("{}?away=1", scripted::RUNAWAY_ROUTE)).await
}

async fn get(address: SocketAddr, path: &str) -> Result<()> {
    ask(address, "GET", path, "").await
}

async fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(())
}

/// Never the same twice.
fn slow_list(guest: usize, serial: u64) -> String {
    let one = |at: usize| format!("body ~ '%{}{at}_{guest}_{serial}%'", "a_e_".repeat(15));
    let filter = (0..35).map(one).collect::<Vec<_>>().join(" || ");
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    format!("/api/collections/posts/records?filter={filter}")
}
