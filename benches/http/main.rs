//! How much CPU time a request costs: ours, the reference server, and a bare axum handler, side by side in one run.
//!
//! `cargo bench --bench http` measures every row of [`rows::ROWS`]. The reference takes part when `STEADING_PEER` names
//! its program. All servers run at once on the same data and are asked in turns, a short round each, so that what the
//! machine does meanwhile falls on all of them; the figure to trust is the **ratio of CPU times of the server
//! processes**. Requests per second and latencies are printed for information: client and server share the processors.
//!
//! Three rows are of another kind: what two thousand listeners hear of changes, and when (`--only sse`), how long writes
//! take while a large database is backed up (`--only backup`), and how long a record by id takes beside slow lists (`--only
//! beside`). A fourth runs only when it is named: what grows under ten minutes of mixed load (`--only soak`, `--minutes 10`).
//!
//! What repeats may be remembered, as it may for visitors of a site. The rows "never the same twice" show the same lists
//! when nothing is: no goal is set for them.
//!
//! Work that a server puts off (writing its request log, collecting garbage) counts too: CPU time is taken from before the
//! first round of a row until a moment after the last.
//!
//! Options go after `--`: `--quick`, `--only "record by id"`, `--servers ours,peer`, `--minutes 3`, `--json`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table")]

mod backups;
mod bare;
mod beside;
mod folder;
mod listeners;
mod load;
mod process;
mod report;
mod rows;
mod server;
mod soak;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use folder::{Api, SIGNED_IN};
use load::{Clients, Requests};
use report::{Footprint, Measured, MeasuredRow, Report};
use reqwest::Method;
use rows::{ROWS, Row, Session};
use serde_json::json;
use server::{Kind, Place, Server};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Connections kept busy.
const CONNECTIONS: usize = 16;
/// Time for a server to finish what it put off in the last round of a row.
const SETTLE: Duration = Duration::from_secs(1);

#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Args {
    /// A quarter of the rounds' time: rougher, some four minutes for the whole table
    #[arg(long)]
    quick: bool,
    /// Only rows whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Only these servers
    #[arg(long, value_delimiter = ',')]
    servers: Vec<Kind>,
    /// How long the soak takes
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the bare handler on this data folder
    #[arg(long, hide = true)]
    serve_bare: Option<PathBuf>,
    #[arg(long, hide = true, default_value = "127.0.0.1:0")]
    serve_at: SocketAddr,
    #[arg(long, hide = true)]
    naive_logs: bool,
}

/// How long a row takes.
#[derive(Clone, Copy)]
struct Pace {
    warm_up: Duration,
    rounds: usize,
    round: Duration,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(folder) = &args.serve_bare {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(bare::serve(folder, args.serve_at, args.naive_logs));
    }
    // One thread for all connections: the client must leave the processors to the servers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(run(&args))?;
    if args.json {
        println!("{:#}", report.json());
    } else {
        println!("\n{}", report.table());
    }
    Ok(())
}

async fn run(args: &Args) -> Result<Report> {
    let rows: Vec<Row> = ROWS.iter().copied().filter(|row| row.name.contains(&args.only)).collect();
    let (has_listeners, has_backups) = (listeners::NAME.contains(&args.only), backups::NAME.contains(&args.only));
    let has_beside = beside::NAME.contains(&args.only);
    let has_soak = !args.only.is_empty() && soak::NAME.contains(&args.only);
    ensure!(
        !rows.is_empty() || has_listeners || has_backups || has_beside || has_soak,
        "no row is called {:?}",
        args.only
    );
    let scratch = tempfile::tempdir()?;
    let mut soaked = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| has_soak && kind.is_complete() && takes_part(args, *kind)) {
        let Some(program) = program(kind)? else { continue };
        eprintln!("measuring {} of {}", soak::NAME, kind.name());
        let folder = scratch.path().join("soak").join(kind.name());
        soaked.push(soak::measure(Place { kind, program, folder }, args.minutes).await.context(kind.name())?);
    }
    if rows.is_empty() && !has_listeners && !has_backups && !has_beside {
        return Ok(Report { soaked, ..Report::default() });
    }
    let mut contestants = Vec::new();
    for kind in Kind::ALL {
        if !takes_part(args, kind) {
            continue;
        }
        let Some(program) = program(kind)? else { continue };
        let folder = scratch.path().join(kind.name());
        eprintln!("preparing {}", kind.name());
        contestants.push(Contestant::prepare(Place { kind, program, folder }).await?);
    }
    let pace = if args.quick {
        Pace { warm_up: Duration::from_millis(120), rounds: 3, round: Duration::from_millis(250) }
    } else {
        Pace { warm_up: Duration::from_millis(250), rounds: 5, round: Duration::from_millis(700) }
    };
    let mut measured = Vec::new();
    for row in rows {
        eprintln!("measuring {}", row.name);
        measured.push(measure(&contestants, row, pace).await.with_context(|| row.name)?);
    }
    let (mut heard, mut backed_up, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for contestant in contestants.iter().filter(|one| one.server.kind.is_complete()) {
        let name = contestant.server.kind.name();
        if has_listeners {
            eprintln!("measuring {} of {name}", listeners::NAME);
            heard.push(listeners::measure(contestant).await.context(name)?);
        }
        if has_beside {
            eprintln!("measuring {} of {name}", beside::NAME);
            beside.push(beside::measure(contestant).await.context(name)?);
        }
        if has_backups {
            eprintln!("measuring {} of {name}", backups::NAME);
            backed_up.push(backups::measure(contestant).await.context(name)?);
        }
    }
    let footprints = contestants.iter().map(Contestant::footprint).collect::<Result<_>>()?;
    Ok(Report { rows: measured, heard, backed_up, beside, soaked, footprints })
}

fn takes_part(args: &Args, kind: Kind) -> bool {
    args.servers.is_empty() || args.servers.contains(&kind)
}

/// The program of `kind`, unless it is one that is not here.
#[expect(clippy::disallowed_methods, reason = "a bench has no command line of the server's to go through")]
fn program(kind: Kind) -> Result<Option<PathBuf>> {
    Ok(match kind {
        Kind::Ours => Some(env!("CARGO_BIN_EXE_steading").into()),
        Kind::Bare | Kind::BareLogs => Some(std::env::current_exe()?),
        Kind::Peer => {
            let name = std::env::var("STEADING_PEER").unwrap_or_default();
            let found = server::locate(&name, &std::env::var("PATH").unwrap_or_default());
            if found.is_none() {
                eprintln!("no reference: STEADING_PEER names no program (it is {name:?}), so there are no ratios");
            }
            found
        }
    })
}

/// A server under measurement.
struct Contestant {
    server: Server,
    /// Its data folder.
    data: PathBuf,
    session: Session,
    start: Duration,
    idle_kib: u64,
}

impl Contestant {
    async fn prepare(mut place: Place) -> Result<Self> {
        folder::make(&mut place).await?;
        let start = median_start(&place)?;
        let (server, _) = place.start("/api/health")?;
        tokio::time::sleep(SETTLE).await;
        let idle_kib = process::memory_kib(server.pid)?;
        let mut tokens = Vec::new();
        if place.kind.is_complete() {
            let api = Api::anonymous(server.address);
            for user in 0..SIGNED_IN {
                tokens.push(api.sign_in("users", &folder::user_email(user), folder::USER_PASSWORD).await?);
            }
        }
        let session = Session { host: server.address.to_string(), tokens };
        Ok(Self { server, data: place.data(), session, start, idle_kib })
    }

    fn footprint(&self) -> Result<Footprint> {
        let after_kib = process::memory_kib(self.server.pid)?;
        Ok(Footprint { kind: self.server.kind, start: self.start, idle_kib: self.idle_kib, after_kib })
    }

    async fn set_list_rule(&self, rule: &str) -> Result<()> {
        let api = if self.server.kind.is_complete() {
            Api::superuser(self.server.address).await?
        } else {
            Api::anonymous(self.server.address)
        };
        api.send(Method::PATCH, "/api/collections/posts", json!({"listRule": rule})).await?;
        Ok(())
    }
}

/// How long it takes from starting the program to the first record it hands out.
fn median_start(place: &Place) -> Result<Duration> {
    let path = format!("/api/collections/posts/records/{}", folder::post_id(folder::POSTS / 2));
    let mut times = Vec::new();
    for _ in 0..5 {
        let (server, took) = place.start(&path)?;
        server.stop()?;
        times.push(took);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// One row for all servers, in turns.
async fn measure(contestants: &[Contestant], row: Row, pace: Pace) -> Result<MeasuredRow> {
    let mut lanes = Vec::new();
    for contestant in contestants.iter().filter(|one| row.is_bare_too || one.server.kind.is_complete()) {
        contestant.set_list_rule(row.list_rule).await?;
        lanes.push(Lane::open(contestant, row, pace).await.with_context(|| contestant.server.kind.name())?);
    }
    for _ in 0..pace.rounds {
        for lane in &mut lanes {
            lane.round(pace.round).await.with_context(|| lane.kind.name())?;
        }
    }
    tokio::time::sleep(SETTLE).await;
    let servers = lanes.into_iter().map(Lane::finish).collect::<Result<_>>()?;
    Ok(MeasuredRow { name: row.name, at_least: row.at_least, servers })
}

/// One server on one row.
struct Lane {
    kind: Kind,
    pid: u32,
    clients: Clients,
    requests: Arc<Requests>,
    cpu_before: Duration,
    wall: Duration,
    latencies: Vec<Duration>,
}

impl Lane {
    /// Connects and warms up.
    async fn open(contestant: &Contestant, row: Row, pace: Pace) -> Result<Self> {
        let mut clients = Clients::connect(contestant.server.address, CONNECTIONS).await?;
        let requests = Requests::new(row, contestant.session.clone());
        clients.round(&requests, pace.warm_up).await?;
        let pid = contestant.server.pid;
        let (wall, latencies) = (Duration::ZERO, Vec::new());
        let cpu_before = process::cpu_time(pid)?;
        Ok(Self { kind: contestant.server.kind, pid, clients, requests, cpu_before, wall, latencies })
    }

    async fn round(&mut self, span: Duration) -> Result<()> {
        let round = self.clients.round(&self.requests, span).await?;
        self.wall += round.wall;
        self.latencies.extend(round.latencies);
        Ok(())
    }

    fn finish(mut self) -> Result<Measured> {
        let requests = self.latencies.len();
        ensure!(requests > 0, "there was nothing left to ask of {}", self.kind.name());
        let cpu = process::cpu_time(self.pid)?.saturating_sub(self.cpu_before);
        self.latencies.sort_unstable();
        Ok(Measured {
            kind: self.kind,
            cpu_us: cpu.as_secs_f64() * 1e6 / requests as f64,
            requests_per_second: requests as f64 / self.wall.as_secs_f64(),
            p50: self.latencies[requests / 2],
            p99: self.latencies[requests * 99 / 100],
        })
    }
}
