//! How much CPU time a request costs: our server, PocketBase, and a bare axum handler, side by side in one run.
//!
//! `cargo bench --bench http` measures every row of [`rows::ROWS`], with many connections and with one. PocketBase takes part
//! when `STEADING_PEER` names its program; another build of ours may be named instead, to compare before and after. All
//! servers run at the same time on the same data and are asked in turns, a short round each, so that what the machine does
//! meanwhile falls on all of them. The figure to trust is the **ratio of CPU times of the server processes**. Requests per
//! second and latencies are printed for information: client and server share the processors.
//!
//! Beside CPU time the report shows the highest resident memory during each row. Some rows are measured again on a folder
//! with a million rows, which shows what grows with the number of rows: a row that an index answers should not. The report
//! names the rows that miss their goal, and those in which ours is slower than the peer.
//!
//! The rows of scripts run in a folder of their own, whose server has [`scripted::FILES`] script files; the footprints show
//! what these take.
//!
//! Three rows are of another kind: what two thousand listeners hear of changes, and when (`--only sse`), how long writes
//! take while a large database is backed up (`--only backup`), and how long a record by id takes beside slow lists and beside
//! scripts that run away (`--only beside`). Two run only when they are named: what grows under ten minutes of mixed load (`--only
//! soak`, `--minutes 10`), and what endpoints of webhooks cost (`--only webhooks`).
//!
//! Work that a server puts off (writing its request log, collecting garbage) counts too: CPU time is taken from before the
//! first round of a row until a moment after the last.
//!
//! Options go after `--`: `--quick`, `--only "record by id"`, `--servers ours,peer`, `--no-million`, `--minutes 3`, `--json`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table")]

mod backups;
mod bare;
mod beside;
mod contestant;
mod documents;
mod folder;
mod listeners;
mod load;
mod measure;
mod process;
mod report;
mod rows;
mod scripted;
mod server;
mod soak;
mod webhooks;

use anyhow::{Context, Result, ensure};
use beside::Noise;
use clap::Parser;
use contestant::{Contestant, SETTLE};
use folder::{MANY_POSTS, POSTS};
use measure::{Pace, measure};
use report::{MeasuredRow, Report};
use rows::{ROWS, Row};
use server::{Kind, Place};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use webhooks::{cost, outage};

#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Args {
    /// Shorter and rougher: some four minutes for the whole table, the rows of another kind only by name
    #[arg(long)]
    quick: bool,
    /// Only rows whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Only these servers
    #[arg(long, value_delimiter = ',')]
    servers: Vec<Kind>,
    /// Leave the folder with a million rows out
    #[arg(long)]
    no_million: bool,
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
}

impl Args {
    fn pace(&self) -> Pace {
        if self.quick {
            let (warm_up, round) = (Duration::from_millis(120), Duration::from_millis(250));
            Pace { warm_up, rounds: 3, round, settle: Duration::from_millis(500) }
        } else {
            let (warm_up, round) = (Duration::from_millis(200), Duration::from_millis(400));
            Pace { warm_up, rounds: 5, round, settle: SETTLE }
        }
    }

    fn wants(&self, kind: Kind) -> bool {
        self.servers.is_empty() || self.servers.contains(&kind)
    }

    /// Whether a row of another kind is to be measured.
    fn wants_special(&self, name: &str) -> bool {
        name.contains(&self.only) && !(self.quick && self.only.is_empty())
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(folder) = &args.serve_bare {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(bare::serve(folder, args.serve_at));
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
    let wanted = ROWS.iter().copied().filter(|row| row.name.contains(&args.only));
    let (scripted, rows): (Vec<Row>, Vec<Row>) = wanted.partition(|row| row.is_scripted);
    let special = [listeners::NAME, backups::NAME, Noise::SlowFilters.name()];
    let is_special = special.iter().any(|name| args.wants_special(name));
    let has_runaways = args.wants_special(Noise::RunawayScripts.name());
    let is_named = |name: &str| !args.only.is_empty() && name.contains(&args.only);
    let (has_soak, has_webhooks) = (is_named(soak::NAME), is_named(cost::NAME));
    let has_outage = is_named(outage::NAME);
    let is_any = !rows.is_empty()
        || !scripted.is_empty()
        || is_special
        || has_runaways
        || has_soak
        || has_webhooks
        || has_outage;
    ensure!(is_any, "no row is called {:?}", args.only);
    let scratch = tempfile::tempdir()?;
    let mut report = Report::default();
    if has_soak {
        soak(args, scratch.path(), &mut report).await?;
    }
    if has_webhooks && let Some(program) = program(Kind::Ours)? {
        eprintln!("measuring {}", cost::NAME);
        let folder = scratch.path().join("webhooks");
        let rounds = if args.quick { 3 } else { 7 };
        report.sent.push(cost::measure(Place { kind: Kind::Ours, program, folder }, rounds).await?);
    }
    if has_outage && let Some(program) = program(Kind::Ours)? {
        eprintln!("measuring {}", outage::NAME);
        let folder = scratch.path().join("outage");
        report.outages.push(outage::measure(Place { kind: Kind::Ours, program, folder }).await?);
    }
    if !rows.is_empty() || is_special {
        let folder = scratch.path().join("rows");
        let contestants = prepare(args, &folder, POSTS, &Kind::ALL, false).await?;
        // First, because the rows delete records that these ask for.
        measure_special(args, &contestants, &mut report).await?;
        report.rows = measure_all(&contestants, &rows, args.pace()).await?;
        report.footprints = contestants.iter().map(Contestant::footprint).collect::<Result<_>>()?;
        drop(contestants);
        std::fs::remove_dir_all(folder)?;
    }
    if !scripted.is_empty() || has_runaways {
        let folder = scratch.path().join("scripted");
        let contestants = prepare(args, &folder, POSTS, &[Kind::Ours, Kind::Peer], true).await?;
        report.rows.extend(measure_all(&contestants, &scripted, args.pace()).await?);
        for ours in contestants.iter().filter(|one| has_runaways && one.server.kind == Kind::Ours) {
            eprintln!("measuring {}", Noise::RunawayScripts.name());
            report.beside.push(beside::measure(ours, Noise::RunawayScripts).await?);
        }
        report.footprints.extend(contestants.iter().map(Contestant::footprint).collect::<Result<Vec<_>>>()?);
        drop(contestants);
        std::fs::remove_dir_all(folder)?;
    }
    let scaled: Vec<Row> = rows.into_iter().filter(|row| row.is_scaled && !args.no_million).collect();
    if !scaled.is_empty() {
        let folder = scratch.path().join("million");
        let contestants = prepare(args, &folder, MANY_POSTS, &[Kind::Ours, Kind::Peer], false).await?;
        report.rows.extend(measure_all(&contestants, &scaled, args.pace()).await?);
    }
    Ok(report)
}

async fn prepare(
    args: &Args,
    scratch: &Path,
    posts: u64,
    kinds: &[Kind],
    has_scripts: bool,
) -> Result<Vec<Contestant>> {
    let mut contestants = Vec::new();
    for kind in kinds.iter().copied().filter(|kind| args.wants(*kind)) {
        let Some(program) = program(kind)? else { continue };
        let folder = scratch.join(kind.name());
        eprintln!("preparing {} with {posts} rows", kind.name());
        contestants.push(Contestant::prepare(Place { kind, program, folder }, posts, has_scripts).await?);
    }
    Ok(contestants)
}

async fn measure_all(contestants: &[Contestant], rows: &[Row], pace: Pace) -> Result<Vec<MeasuredRow>> {
    let mut measured = Vec::new();
    for rows in rows.chunk_by(|_, next| next.is_compared) {
        for row in rows {
            eprintln!("measuring {}", row.name);
        }
        measured.extend(measure(contestants, rows, pace).await.with_context(|| rows[0].name)?);
    }
    Ok(measured)
}

/// The rows of another kind, one server after the other.
async fn measure_special(args: &Args, contestants: &[Contestant], report: &mut Report) -> Result<()> {
    for contestant in contestants.iter().filter(|one| one.server.kind.is_complete()) {
        let name = contestant.server.kind.name();
        if args.wants_special(listeners::NAME) {
            eprintln!("measuring {} of {name}", listeners::NAME);
            report.heard.push(listeners::measure(contestant).await.context(name)?);
        }
        if args.wants_special(Noise::SlowFilters.name()) {
            eprintln!("measuring {} of {name}", Noise::SlowFilters.name());
            report.beside.push(beside::measure(contestant, Noise::SlowFilters).await.context(name)?);
        }
        if args.wants_special(backups::NAME) {
            eprintln!("measuring {} of {name}", backups::NAME);
            report.backed_up.push(backups::measure(contestant).await.context(name)?);
        }
    }
    Ok(())
}

async fn soak(args: &Args, scratch: &Path, report: &mut Report) -> Result<()> {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_complete() && args.wants(*kind)) {
        let Some(program) = program(kind)? else { continue };
        eprintln!("measuring {} of {}", soak::NAME, kind.name());
        let folder = scratch.join("soak").join(kind.name());
        report.soaked.push(soak::measure(Place { kind, program, folder }, args.minutes).await.context(kind.name())?);
    }
    Ok(())
}

/// The program of `kind`, unless it is one that is not here.
#[expect(clippy::disallowed_methods, reason = "a bench has no command line of the server's to go through")]
fn program(kind: Kind) -> Result<Option<PathBuf>> {
    Ok(match kind {
        Kind::Ours => Some(env!("CARGO_BIN_EXE_steading").into()),
        Kind::Bare => Some(std::env::current_exe()?),
        Kind::Peer => {
            let name = std::env::var("STEADING_PEER").unwrap_or_default();
            let found = server::locate(&name, &std::env::var("PATH").unwrap_or_default());
            if found.is_none() {
                eprintln!("no peer: STEADING_PEER names no program (it is {name:?}), so there are no ratios");
            }
            found
        }
    })
}
