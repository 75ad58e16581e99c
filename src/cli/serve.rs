//! `steading serve`: opens the data folder, listens, and runs until it is asked to stop.

use super::arguments::Flags;
use super::config::{Config, Sources, cores, variable_names};
use super::{app_options, has_data, logging, open, readable, say};
use crate::app::{App, OnlyServer};
use crate::http::{Edge, EdgeOptions, Origins, Public, Server, ServerOptions};
use crate::scripts::{STACK_BYTES, note_room};
use anyhow::{Context as _, bail};
use serde_json::json;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Blocking threads in addition to the database readers, for files and password hashes.
const OTHER_BLOCKING_THREADS: usize = 32;
/// The exit code that shells expect from an interrupted program.
const EXIT_INTERRUPTED: i32 = 130;
/// A limit on open files below this is too low for a public server.
const FEW_FILES: u64 = 4096;
/// How long background work may continue at shutdown.
const LAST_WORK_TIME: Duration = Duration::from_secs(5);

pub(super) fn run(sources: &Sources, flags: &Flags, domains: &[String]) -> anyhow::Result<()> {
    if !domains.is_empty() || flags.foreign.wants_https() {
        bail!("serving HTTPS is not supported yet: put a proxy in front, and start with --http alone");
    }
    let config = &sources.config()?;
    let problems = config.problems();
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    logging::start(&config.log)?;
    for warning in flags.foreign.warnings().into_iter().chain(sources.unknown_variables(config, variable_names())) {
        tracing::warn!("{warning}");
    }
    raise_open_files();
    // Read now, because a newer version may replace the file later.
    let program = std::env::current_exe();
    let server = bind(config)?;
    let is_new = !has_data(config);
    let mut options = app_options(config)?;
    options.scripts = Some(config.scripts.options());
    if options.served_at.is_empty() {
        options.served_at = base_url(server.address());
    }
    // Before the database is opened: a newer version would change it under the server that runs.
    let _only_server = enter(&options.data_dir)?;
    let app = open(&options)?;
    let reading_threads = config.limits.readers() + config.limits.slow_reads();
    // A call of a route that takes long keeps its thread, and another one takes the place of that.
    let route_threads = options.scripts.as_ref().map_or(0, |scripts| scripts.route_threads + 1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores())
        .max_blocking_threads(reading_threads as usize + route_threads + OTHER_BLOCKING_THREADS)
        // Short calls of scripts run on these threads.
        .thread_stack_size(STACK_BYTES)
        .on_thread_start(note_room)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(server, app.clone(), config, Announcing { is_json: flags.json, is_new }));
    runtime.shutdown_timeout(LAST_WORK_TIME);
    app.logs().close();
    let is_restart = app.restart_wanted().is_cancelled();
    drop(app);
    outcome?;
    if is_restart { start_again(&program?) } else { Ok(()) }
}

/// Makes this process the one that serves the folder, which is created if it does not exist.
fn enter(data_dir: &Path) -> anyhow::Result<OnlyServer> {
    std::fs::create_dir_all(data_dir).with_context(|| format!("cannot create the folder {}", data_dir.display()))?;
    let only = OnlyServer::enter(data_dir).with_context(|| format!("cannot use the folder {}", data_dir.display()))?;
    only.with_context(|| {
        let folder = data_dir.display();
        format!("another server uses the folder {folder}: stop it first, or name another folder with --dir")
    })
}

/// Replaces this process by a new one with the same arguments and the same process id, so that a supervisor sees no
/// change.
#[cfg(unix)]
fn start_again(program: &Path) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let error = Command::new(program).args(std::env::args_os().skip(1)).exec();
    Err(error).with_context(|| format!("cannot start {} again", program.display()))
}

#[cfg(not(unix))]
fn start_again(program: &Path) -> anyhow::Result<()> {
    let started = Command::new(program).args(std::env::args_os().skip(1)).spawn();
    started.map(drop).with_context(|| format!("cannot start {} again", program.display()))
}

/// Raises the limit on open files, because every connection is one. The usual limit of 1024 exists for programs that
/// cannot handle more. It is raised up to the hard limit.
#[cfg(unix)]
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    let wanted = rustix::process::Rlimit { current: before.maximum, ..before };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < FEW_FILES => {
            tracing::warn!(limit, "the limit of open files is low, and every connection needs one: see `ulimit -n`");
        }
        _ => {}
    }
}

#[cfg(not(unix))]
fn raise_open_files() {}

fn bind(config: &Config) -> anyhow::Result<Server> {
    let address = config.address()?;
    Server::bind(address).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => "another program is using this port; stop it, or choose another with --http",
            io::ErrorKind::PermissionDenied => "this port needs more rights; choose one above 1023 with --http",
            io::ErrorKind::AddrNotAvailable => "this machine does not have this address",
            _ => return anyhow::Error::new(error).context(format!("cannot listen on {address}")),
        };
        anyhow::anyhow!("cannot listen on {address}: {hint}")
    })
}

/// How the start is announced.
#[derive(Clone, Copy)]
struct Announcing {
    is_json: bool,
    /// Whether the data folder was created by this start.
    is_new: bool,
}

async fn serve(server: Server, app: App, config: &Config, announcing: Announcing) -> anyhow::Result<()> {
    let limits = &config.limits;
    let edge = Edge::new(
        app.clone(),
        EdgeOptions {
            origins: Origins::new(config.origins.clone()),
            public: Public { folder: config.folders.public.clone(), has_index_fallback: config.index_fallback },
            tells_reasons: config.log.reasons,
            request_time: Duration::from_secs(limits.request_seconds),
            body_time: Duration::from_secs(limits.body_seconds),
        },
    );
    let options = ServerOptions {
        header_time: Duration::from_secs(limits.header_seconds),
        stall_time: Duration::from_secs(limits.stall_seconds),
        grace_time: Duration::from_secs(limits.stop_seconds),
    };
    app.start_disk();
    app.start_logs();
    app.start_crons();
    app.start_realtime();
    app.start_mail();
    app.start_files();
    app.start_backups();
    app.start_imports();
    app.start_jobs();
    app.start_webhooks();
    app.start_inbound();
    app.start_scripts();
    warn_of_proxy(server.address().ip(), &app);
    let stopped = stop_signal(app.restart_wanted().cancelled_owned())?;
    announce(&base_url(server.address()), &app, config, announcing).await?;
    app.tell_of_start();
    let live = app.clone();
    let stop = async move {
        stopped.await;
        // Otherwise their streams would stay open until the grace time is over.
        live.realtime().close();
    };
    server.serve(edge, options, stop).await.context("the server failed")?;
    app.tell_of_stop(LAST_WORK_TIME).await;
    app.tasks().stop(LAST_WORK_TIME).await;
    app.finish_scripts(LAST_WORK_TIME).await;
    tracing::info!("stopped");
    Ok(())
}

/// Warns if the settings have a host with HTTPS that this process does not serve: there must be a proxy in front of it.
/// Until the proxy is trusted, all its clients count as one address.
fn warn_of_proxy(listening: IpAddr, app: &App) {
    let settings = app.settings();
    if listening.is_loopback()
        && settings.meta.app_url.starts_with("https://")
        && settings.trusted_proxy.headers.is_empty()
    {
        tracing::warn!(
            app_url = settings.meta.app_url,
            "meta.appURL is an https address, so there must be a proxy, and it is not trusted: all its clients count as one \
             address. Set trustedProxy.headers to the header in which it sends the address of its client, such as \
             X-Forwarded-For"
        );
    }
}

/// Printed instead of logged: the installer's link is a credential, and only for the person at the terminal.
async fn announce(base: &str, app: &App, config: &Config, announcing: Announcing) -> anyhow::Result<()> {
    let token = app.installer_token().await.map_err(readable)?;
    let installer = token.map(|token| format!("{base}/_/#/pbinstall/{token}"));
    let mut text = format!("Server started at {base}\n├─ REST API:  {base}/api/\n└─ Dashboard: {base}/_/");
    if let Some(link) = &installer {
        let folder = config.folders.data.display();
        let begins = if announcing.is_new {
            format!("Made the folder {folder} for the data. Next")
        } else {
            "There is no superuser yet".to_owned()
        };
        let _ = writeln!(text, "\n\n{begins}: open this link within 30 minutes to create the first superuser");
        text.push_str(link);
        text.push_str("\nor run: steading superuser create EMAIL PASSWORD");
    }
    say(
        announcing.is_json,
        &text,
        &json!({"url": base, "api": format!("{base}/api/"), "dashboard": format!("{base}/_/"), "installer": installer}),
    )
}

fn base_url(address: SocketAddr) -> String {
    // A browser cannot open the unspecified address.
    let shown = if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    };
    format!("http://{shown}")
}

/// Completes at the first request to stop, or with `restart`. A second request ends the process immediately.
fn stop_signal(restart: impl Future<Output = ()>) -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::listen()?;
    Ok(async move {
        tokio::select! {
            () = signals.next() => tracing::info!("stopping: waiting for open requests to finish"),
            () = restart => tracing::info!("restarting with the restored backup"),
        }
        tokio::spawn(async move {
            signals.next().await;
            std::process::exit(EXIT_INTERRUPTED);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a signal handler there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
