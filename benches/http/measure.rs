//! One row on all servers: first with many connections, then with one. The servers are asked in turns, a short round each. Rows that are
//! compared with each other take turns as well: the processors of a busy machine are faster at one time than at another.

use crate::contestant::Contestant;
use crate::load::{Clients, Requests};
use crate::process;
use crate::report::{Measured, MeasuredRow};
use crate::rows::{Row, UPDATE};
use crate::server::Kind;
use anyhow::{Context as _, Result, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Between two of the writes that arrive beside a row.
const WRITE_PACE: Duration = Duration::from_millis(100);

/// How long a row takes.
#[derive(Clone, Copy)]
pub struct Pace {
    pub warm_up: Duration,
    pub rounds: usize,
    pub round: Duration,
    /// Time for the servers to finish what they put off in the last round.
    pub settle: Duration,
}

/// With one connection only complete servers are measured: the bare handler shows what is possible under load.
///
/// `rows` are one, or those that are compared with each other. CPU time between rounds counts for a row alone, and not for one of several:
/// nobody could tell whose it is.
pub async fn measure(contestants: &[Contestant], rows: &[Row], pace: Pace) -> Result<Vec<MeasuredRow>> {
    let mut taking_part = Vec::new();
    for row in rows {
        for contestant in contestants.iter().filter(|one| row.is_bare_too || one.server.kind.is_complete()) {
            contestant.set_list_rule(row.list_rule).await?;
            taking_part.push((contestant, *row, Requests::new(*row, Arc::clone(&contestant.session))));
        }
    }
    let mut measured = Vec::new();
    for is_many in [true, false] {
        let mut lanes = Vec::new();
        for (contestant, row, requests) in &taking_part {
            if is_many || contestant.server.kind.is_complete() {
                let connections = if is_many { row.connections } else { 1 };
                let lane = Lane::open(contestant, Arc::clone(requests), *row, connections, pace).await;
                lanes.push(lane.with_context(|| contestant.server.kind.name())?);
            }
        }
        for _ in 0..pace.rounds {
            for lane in &mut lanes {
                lane.round(pace.round).await.with_context(|| lane.kind.name())?;
            }
        }
        tokio::time::sleep(pace.settle).await;
        let posts = contestants.first().map_or(0, |contestant| contestant.session.posts);
        for row in rows {
            let connections = if is_many { row.connections } else { 1 };
            let own = lanes.extract_if(.., |lane| lane.row == row.name);
            let servers = own.map(|lane| lane.finish(rows.len() > 1)).collect::<Result<_>>()?;
            measured.push(MeasuredRow {
                name: row.name,
                goal: row.goal.filter(|_| is_many),
                posts,
                connections,
                servers,
            });
        }
    }
    Ok(measured)
}

/// One server on one row.
struct Lane {
    row: &'static str,
    kind: Kind,
    pid: u32,
    address: SocketAddr,
    clients: Clients,
    requests: Arc<Requests>,
    /// What arrives beside.
    writes: Option<Arc<Requests>>,
    has_peak: bool,
    cpu_before: Duration,
    /// Of the rounds alone.
    cpu_in_rounds: Duration,
    wall: Duration,
    latencies: Vec<Duration>,
}

impl Lane {
    /// Connects and warms up.
    async fn open(
        contestant: &Contestant,
        requests: Arc<Requests>,
        row: Row,
        connections: usize,
        pace: Pace,
    ) -> Result<Self> {
        let (address, pid) = (contestant.server.address, contestant.server.pid);
        let writes = row.has_writes_beside.then(|| Requests::new(UPDATE, Arc::clone(&contestant.session)));
        let mut lane = Self {
            row: row.name,
            kind: contestant.server.kind,
            pid,
            address,
            clients: Clients::connect(address, connections).await?,
            requests,
            writes,
            has_peak: process::reset_peak(pid),
            cpu_before: Duration::ZERO,
            cpu_in_rounds: Duration::ZERO,
            wall: Duration::ZERO,
            latencies: Vec::new(),
        };
        lane.round(pace.warm_up).await?;
        (lane.wall, lane.latencies) = (Duration::ZERO, Vec::new());
        (lane.cpu_before, lane.cpu_in_rounds) = (process::cpu_time(pid)?, Duration::ZERO);
        Ok(lane)
    }

    async fn round(&mut self, span: Duration) -> Result<()> {
        let before = process::cpu_time(self.pid)?;
        let asking = self.clients.round(&self.requests, span);
        let round = match &self.writes {
            None => asking.await?,
            Some(writes) => tokio::select! {
                round = asking => round?,
                error = Clients::drip(self.address, writes, WRITE_PACE) => return Err(error.context("the writes beside")),
            },
        };
        self.cpu_in_rounds += process::cpu_time(self.pid)?.saturating_sub(before);
        self.wall += round.wall;
        self.latencies.extend(round.latencies);
        Ok(())
    }

    fn finish(mut self, is_one_of_several: bool) -> Result<Measured> {
        let requests = self.latencies.len();
        ensure!(requests > 0, "there was nothing left to ask of {}", self.kind.name());
        let cpu = if is_one_of_several {
            self.cpu_in_rounds
        } else {
            process::cpu_time(self.pid)?.saturating_sub(self.cpu_before)
        };
        self.latencies.sort_unstable();
        Ok(Measured {
            kind: self.kind,
            cpu_us: cpu.as_secs_f64() * 1e6 / requests as f64,
            requests_per_second: requests as f64 / self.wall.as_secs_f64(),
            p50: self.latencies[requests / 2],
            p99: self.latencies[requests * 99 / 100],
            peak_kib: if self.has_peak { Some(process::peak_kib(self.pid)?) } else { None },
        })
    }
}
