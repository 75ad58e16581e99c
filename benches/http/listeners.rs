//! Realtime: two thousand clients listen to one collection while records are created in it. What counts is that everyone
//! hears of each exactly once, how long that takes, and what so many connections cost.
//!
//! Records are created at a steady pace and not one after the other as fast as they go: a queue that builds up would
//! measure nothing but its own length.

use crate::contestant::{Contestant, SETTLE};
use crate::folder::Api;
use crate::process;
use crate::server::Kind;
use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub const NAME: &str = "sse: 200 creates, 2,000 listeners";
const LISTENERS: usize = 2000;
const CREATES: usize = 200;
const PACE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);

/// What one server did.
pub struct Heard {
    pub kind: Kind,
    pub delivered: usize,
    pub expected: usize,
    /// From sending the request that creates a record to reading its event.
    pub p50: Duration,
    pub p99: Duration,
    pub cpu_us_per_event: f64,
    /// Resident memory before anyone listens, with everyone connected, and after the last event.
    pub memory_kib: [u64; 3],
}

pub async fn measure(contestant: &Contestant) -> Result<Heard> {
    let (address, pid) = (contestant.server.address, contestant.server.pid);
    let api = Api::superuser(address).await?;
    let collection = json!({
        "name": "heard", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "number", "type": "number"}, {"name": "text", "type": "text"}],
    });
    api.send(Method::POST, "/api/collections", collection).await?;
    let before = process::memory_kib(pid)?;
    let sent = Arc::new(Mutex::new(Vec::with_capacity(CREATES)));
    let http = reqwest::Client::new();
    let mut listening = JoinSet::new();
    for _ in 0..LISTENERS {
        let listener = Listener::open(address, &http, "heard/*").await?;
        listening.spawn(listener.listen(Arc::clone(&sent)));
    }
    tokio::time::sleep(SETTLE).await;
    let connected = process::memory_kib(pid)?;

    let cpu_before = process::cpu_time(pid)?;
    let mut pace = tokio::time::interval(PACE);
    for number in 0..CREATES {
        pace.tick().await;
        sent.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        let body = json!({"number": number, "text": "Something worth telling everyone about. ".repeat(5)});
        api.send(Method::POST, "/api/collections/heard/records", body).await?;
    }
    let mut latencies = Vec::with_capacity(LISTENERS * CREATES);
    while let Some(heard) = listening.join_next().await {
        latencies.extend(heard??);
    }
    let cpu = process::cpu_time(pid)?.saturating_sub(cpu_before);
    let after = process::memory_kib(pid)?;
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "nobody heard anything");
    Ok(Heard {
        kind: contestant.server.kind,
        delivered: latencies.len(),
        expected: LISTENERS * CREATES,
        p50: latencies[latencies.len() / 2],
        p99: latencies[latencies.len() * 99 / 100],
        cpu_us_per_event: cpu.as_secs_f64() * 1e6 / latencies.len() as f64,
        memory_kib: [before, connected, after],
    })
}

/// A client that listens to one topic.
pub struct Listener {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Listener {
    pub async fn open(address: SocketAddr, http: &reqwest::Client, topic: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let head = format!("GET /api/realtime HTTP/1.1\r\nHost: {address}\r\nUser-Agent: bench\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut listener = Self { stream, buffer: Vec::with_capacity(4 * 1024) };
        let id = loop {
            ensure!(listener.stream.read_buf(&mut listener.buffer).await? > 0, "the stream ended");
            let text = String::from_utf8_lossy(&listener.buffer);
            if let Some((_, rest)) = text.split_once("\"clientId\":\"")
                && let Some((id, _)) = rest.split_once('"')
            {
                break id.to_owned();
            }
        };
        let body = json!({"clientId": id, "subscriptions": [topic]});
        let answer = http.post(format!("http://{address}/api/realtime")).json(&body).send().await?;
        ensure!(answer.status() == 204, "subscribing answered {}", answer.status());
        listener.buffer.clear();
        Ok(listener)
    }

    /// Reads until the stream ends.
    pub async fn drain(mut self) -> Result<()> {
        while self.stream.read_buf(&mut self.buffer).await? > 0 {
            self.buffer.clear();
        }
        Ok(())
    }

    /// How long each event took to come. Ends when all are there, or none has come for long; one that comes twice is a
    /// failure.
    async fn listen(mut self, sent: Arc<Mutex<Vec<Instant>>>) -> Result<Vec<Duration>> {
        let mut latencies = Vec::with_capacity(CREATES);
        let mut seen = [false; CREATES];
        while latencies.len() < CREATES {
            match tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await {
                Ok(read) => ensure!(read? > 0, "the stream ended"),
                Err(_) => break,
            }
            let now = Instant::now();
            while let Some(number) = self.next_event()? {
                ensure!(!std::mem::replace(&mut seen[number], true), "the event of record {number} came twice");
                latencies.push(now - sent.lock().unwrap_or_else(PoisonError::into_inner)[number]);
            }
        }
        Ok(latencies)
    }

    /// The number in the next whole event of the buffer, which is taken out.
    fn next_event(&mut self) -> Result<Option<usize>> {
        let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") else { return Ok(None) };
        let event = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end + 2);
        let (_, rest) = event.split_once("\"number\":").with_context(|| format!("not an event: {event}"))?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Ok(Some(digits.parse()?))
    }
}
