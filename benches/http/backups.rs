//! Writes while the database is backed up: what the one who waits for an answer notices of it.
//!
//! Records are created at a steady pace that leaves the machine time to spare, first as ever, then for as long as a backup
//! takes; an answer's time counts from when its request was due, so that a server that stops for a while cannot hide it.

use crate::contestant::Contestant;
use crate::folder::{self, Api};
use crate::load::{Clients, Requests};
use crate::rows;
use crate::server::Kind;
use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const NAME: &str = "backup: creates while 200 MB are backed up";
const DATABASE_BYTES: u64 = 200_000_000;
const CONNECTIONS: usize = 8;
/// Of each connection: 400 creates a second in all.
const PACE: Duration = Duration::from_millis(20);
const ROUNDS: usize = 3;
/// How long one round without a backup lasts.
const QUIET: Duration = Duration::from_secs(4);

/// What one server did.
pub struct BackedUp {
    pub kind: Kind,
    pub database_bytes: u64,
    pub quiet: Waits,
    pub during: Waits,
    /// The longest of the backups.
    pub took: Duration,
}

impl BackedUp {
    pub fn p99_ratio(&self) -> f64 {
        self.during.p99.as_secs_f64() / self.quiet.p99.as_secs_f64()
    }
}

/// How long answers took, waiting included.
pub struct Waits {
    pub requests: usize,
    pub p50: Duration,
    pub p99: Duration,
    pub longest: Duration,
}

impl Waits {
    pub fn of(mut latencies: Vec<Duration>) -> Result<Self> {
        latencies.sort_unstable();
        let requests = latencies.len();
        ensure!(requests >= 100, "{requests} answers are too few to speak of the hundredth slowest");
        Ok(Self {
            requests,
            p50: latencies[requests / 2],
            p99: latencies[requests * 99 / 100],
            longest: latencies[requests - 1],
        })
    }
}

pub async fn measure(contestant: &Contestant) -> Result<BackedUp> {
    let api = Api::superuser(contestant.server.address).await?;
    let database = contestant.data.join("data.db");
    grow(&api, &database).await?;
    let database_bytes = std::fs::metadata(&database)?.len();
    let mut clients = Clients::connect(contestant.server.address, CONNECTIONS).await?;
    let requests = Requests::new(rows::CREATE, Arc::clone(&contestant.session));
    let (mut quiet, mut during, mut took) = (Vec::new(), Vec::new(), Duration::ZERO);
    for round in 0..ROUNDS {
        let (waits, ()) = clients.steady(&requests, PACE, tokio::time::sleep(QUIET)).await?;
        quiet.extend(waits);
        let started = Instant::now();
        let name = json!({"name": format!("round_{round}.zip")});
        let (waits, made) = clients.steady(&requests, PACE, api.send(Method::POST, "/api/backups", name)).await?;
        made?;
        took = took.max(started.elapsed());
        during.extend(waits);
        api.send(Method::DELETE, &format!("/api/backups/round_{round}.zip"), Value::Null).await?;
    }
    let kind = contestant.server.kind;
    Ok(BackedUp { kind, database_bytes, quiet: Waits::of(quiet)?, during: Waits::of(during)?, took })
}

/// Large records until `database` has its size.
async fn grow(api: &Api, database: &Path) -> Result<()> {
    let collection =
        json!({"name": "ballast", "type": "base", "fields": [{"name": "text", "type": "text", "max": 100_000}]});
    api.send(Method::POST, "/api/collections", collection).await?;
    let mut serial = 0;
    while std::fs::metadata(database)?.len() < DATABASE_BYTES {
        let creates = (0..50).map(|_| {
            serial += 1;
            json!({"method": "POST", "url": "/api/collections/ballast/records", "body": {"text": folder::text(serial, 20_000)}})
        });
        let requests = creates.collect::<Vec<_>>();
        api.send(Method::POST, "/api/batch", json!({"requests": requests})).await?;
    }
    Ok(())
}
