//! Records by id while guests ask for slow lists: how long the quick ones take.
//!
//! Views are asked for at a steady pace, first alone, then beside guests who each ask for one slow list after the other. An
//! answer's time counts from when its request was due.

use crate::backups::Waits;
use crate::contestant::Contestant;
use crate::load::{Clients, Requests};
use crate::rows;
use crate::server::Kind;
use anyhow::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub const NAME: &str = "beside: record by id beside 40 slow filters";
const GUESTS: usize = 40;
const CONNECTIONS: usize = 8;
/// Of each connection: 400 views a second in all.
const PACE: Duration = Duration::from_millis(20);
/// How long each half lasts.
const SPAN: Duration = Duration::from_secs(8);
/// From the first slow list to the first view that counts.
const LEAD: Duration = Duration::from_secs(2);

/// What one server did.
pub struct Beside {
    pub kind: Kind,
    pub alone: Waits,
    pub among: Waits,
    /// Slow lists that were answered, whatever the answer.
    pub answered: u64,
}

pub async fn measure(contestant: &Contestant) -> Result<Beside> {
    let address = contestant.server.address;
    let mut clients = Clients::connect(address, CONNECTIONS).await?;
    let requests = Requests::new(rows::VIEW, Arc::clone(&contestant.session));
    let (alone, ()) = clients.steady(&requests, PACE, tokio::time::sleep(SPAN)).await?;
    let answered = Arc::new(AtomicU64::new(0));
    let mut guests = JoinSet::new();
    for guest in 0..GUESTS {
        guests.spawn(ask_on(address, guest, Arc::clone(&answered)));
    }
    tokio::time::sleep(LEAD).await;
    let (beside, ()) = clients.steady(&requests, PACE, tokio::time::sleep(SPAN)).await?;
    guests.shutdown().await;
    let answered = answered.load(Ordering::Relaxed);
    Ok(Beside { kind: contestant.server.kind, alone: Waits::of(alone)?, among: Waits::of(beside)?, answered })
}

/// One slow list after the other, never the same twice, until it is stopped.
async fn ask_on(address: SocketAddr, guest: usize, answered: Arc<AtomicU64>) {
    for serial in 0_u64.. {
        // A server that refuses is asked again, as an attacker would.
        if ask(address, &slow_list(guest, serial)).await.is_err() {
            tokio::time::sleep(PACE).await;
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

async fn ask(address: SocketAddr, path: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(())
}

fn slow_list(guest: usize, serial: u64) -> String {
    let one = |at: usize| format!("body ~ '%{}{at}_{guest}_{serial}%'", "a_e_".repeat(15));
    let filter = (0..35).map(one).collect::<Vec<_>>().join(" || ");
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    format!("/api/collections/posts/records?filter={filter}")
}
