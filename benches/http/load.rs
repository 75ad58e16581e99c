//! The load client: keep-alive connections that send prepared requests and check every status. It shares the machine
//! with the server it measures, so it does as little as it can: raw TCP, and only as much HTTP/1.1 as finds the end of
//! an answer.

use crate::rows::{Row, Session};
use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Where the requests of one row for one server come from.
pub struct Requests {
    row: Row,
    session: Arc<Session>,
    serial: AtomicU64,
}

impl Requests {
    pub fn new(row: Row, session: Arc<Session>) -> Arc<Self> {
        Arc::new(Self { row, session, serial: AtomicU64::new(0) })
    }

    /// `None` once they are used up.
    fn next(&self) -> Option<Vec<u8>> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        (serial < self.row.max_requests).then(|| (self.row.request)(&self.session, serial))
    }
}

/// What one round measured on the client's side.
pub struct Round {
    pub wall: Duration,
    pub latencies: Vec<Duration>,
}

pub struct Clients(Vec<Connection>);

impl Clients {
    pub async fn connect(address: SocketAddr, connections: usize) -> Result<Self> {
        let mut all = Vec::new();
        for _ in 0..connections {
            all.push(Connection::open(address).await?);
        }
        Ok(Self(all))
    }

    /// Keeps every connection busy for `span`, then lets what is under way finish.
    pub async fn round(&mut self, requests: &Arc<Requests>, span: Duration) -> Result<Round> {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in self.0.drain(..) {
            let requests = Arc::clone(requests);
            tasks.spawn(async move {
                let mut latencies = Vec::new();
                while started.elapsed() < span {
                    let Some(request) = requests.next() else { break };
                    let sent = Instant::now();
                    connection.exchange(&request, requests.row.status).await?;
                    latencies.push(sent.elapsed());
                }
                Ok((connection, latencies))
            });
        }
        let latencies = self.gather(tasks).await?;
        Ok(Round { wall: started.elapsed(), latencies })
    }

    /// Sends a request each `pace` over a connection of its own until it fails. May be dropped at any time.
    pub async fn drip(address: SocketAddr, requests: &Requests, pace: Duration) -> anyhow::Error {
        let drip = async {
            let mut connection = Connection::open(address).await?;
            let mut ticks = tokio::time::interval(pace);
            while let Some(request) = requests.next() {
                ticks.tick().await;
                connection.exchange(&request, requests.row.status).await?;
            }
            Ok(())
        };
        let failed: Result<()> = drip.await;
        failed.err().unwrap_or_else(|| anyhow::anyhow!("there are no more requests"))
    }

    /// Every connection sends a request each `pace`, or as soon as it is free after that, until `end` comes to pass. Says
    /// how long answers took since their requests were due.
    pub async fn steady<T>(
        &mut self,
        requests: &Arc<Requests>,
        pace: Duration,
        end: impl Future<Output = T>,
    ) -> Result<(Vec<Duration>, T)> {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let (apart, mut start) = (pace / self.0.len() as u32, tokio::time::Instant::now());
        for mut connection in self.0.drain(..) {
            let (requests, is_over) = (Arc::clone(requests), Arc::clone(&is_over));
            let mut pace = tokio::time::interval_at(start, pace);
            start += apart;
            tasks.spawn(async move {
                let mut latencies = Vec::new();
                loop {
                    let due = pace.tick().await;
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let Some(request) = requests.next() else { break };
                    connection.exchange(&request, requests.row.status).await?;
                    latencies.push(due.elapsed());
                }
                Ok((connection, latencies))
            });
        }
        let ended = end.await;
        is_over.store(true, Ordering::Relaxed);
        Ok((self.gather(tasks).await?, ended))
    }

    /// Takes the connections back, and what they measured.
    async fn gather(&mut self, mut tasks: JoinSet<Result<(Connection, Vec<Duration>)>>) -> Result<Vec<Duration>> {
        let mut all = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (connection, latencies) = done??;
            self.0.push(connection);
            all.extend(latencies);
        }
        Ok(all)
    }
}

/// One keep-alive connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and reads the whole answer. Fails where its status is another one.
    pub async fn exchange(&mut self, request: &[u8], wanted_status: u16) -> Result<()> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let status = loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(status) = complete_answer(&self.buffer)? {
                break status;
            }
        };
        if status != wanted_status {
            bail!(
                "status {status} where {wanted_status} was due\n> {}\n< {}",
                String::from_utf8_lossy(&request[..request.len().min(600)]),
                String::from_utf8_lossy(&self.buffer[..self.buffer.len().min(600)]),
            );
        }
        Ok(())
    }
}

/// The status of the answer in `bytes` once all of it is there.
fn complete_answer(bytes: &[u8]) -> Result<Option<u16>> {
    let Some(head_end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..head_end])?;
    let body = &bytes[head_end + 4..];
    let status = head.get(9..12).context("no status line")?.parse::<u16>()?;
    let is_complete = match header(head, "content-length") {
        Some(length) => body.len() >= length.parse::<usize>()?,
        None if header(head, "transfer-encoding").is_some() => is_last_chunk_there(body)?,
        None => true,
    };
    Ok(is_complete.then_some(status))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn is_last_chunk_there(mut body: &[u8]) -> Result<bool> {
    loop {
        let Some(line_end) = find(body, b"\r\n") else { return Ok(false) };
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line_end])?, 16)?;
        let Some(rest) = body.get(line_end + 2 + size + 2..) else { return Ok(false) };
        if size == 0 {
            return Ok(true);
        }
        body = rest;
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
