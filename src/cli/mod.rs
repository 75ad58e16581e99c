//! The command line: commands (one file each), the environment, the config file, and the assembly of the other parts.
//!
//! Only this floor reads the environment and writes to the terminal. Results go to standard output, errors and the log
//! to standard error. A failure ends with an exit code other than 0.

mod arguments;
mod backup;
mod config;
mod export;
mod files;
mod import;
mod import_pocketbase;
mod logging;
mod new_folder;
mod openapi;
mod progress;
mod scripts;
mod serve;
mod show_config;
mod superuser;
mod trust_proxy;
mod types;

use crate::app::{self, App};
use crate::domain::{Error, Issue, Issues};
use anyhow::Context as _;
use arguments::{Arguments, Command};
use clap::Parser as _;
use config::{Config, Sources};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Runs the program with its command line arguments.
#[must_use]
pub fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of our output has closed it, as in `steading config | head`.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // If even standard error is closed, nothing can be reported.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { flags, command } = arguments;
    let sources = Sources::read(&flags)?;
    match command.unwrap_or(Command::Serve { domains: Vec::new() }) {
        Command::Serve { domains } => serve::run(&sources, &flags, &domains),
        Command::Superuser { action } => superuser::run(&sources.config()?, action, flags.json),
        Command::TrustProxy { headers, leftmost } => {
            trust_proxy::run(&sources.config()?, &headers, leftmost, flags.json)
        }
        Command::Import(arguments) => import::run(&sources.config()?, &arguments, flags.json),
        Command::ImportPocketbase(arguments) => import_pocketbase::run(sources.config()?, &arguments, flags.json),
        Command::Export(arguments) => export::run(&sources.config()?, &arguments, flags.json),
        Command::Backup { action } => backup::run(&sources.config()?, &action, flags.json),
        Command::Files { action } => files::run(&sources.config()?, &action, flags.json),
        Command::Scripts { action } => scripts::run(&sources.config()?, action, flags.json),
        Command::Openapi { out } => openapi::run(&sources.config()?, out.as_deref()),
        Command::Types { language } => types::run(&sources.config()?, &language),
        Command::Config => show_config::run(&sources, flags.json),
    }
}

/// Opens the data folder of the configuration. If there is none, it is created: see [`NewFolder`](new_folder::NewFolder).
fn open_app(config: &Config) -> anyhow::Result<App> {
    open(&app_options(config)?)
}

/// Does the same as [`open_app`], for commands that run the owner's scripts.
fn open_app_with_scripts(config: &Config) -> anyhow::Result<App> {
    let options = app::Options { scripts: Some(config.scripts.options()), ..app_options(config)? };
    open(&options)
}

fn open(options: &app::Options) -> anyhow::Result<App> {
    App::open(options).map_err(|error| {
        let is_of_database = matches!(error, Error::Db(_));
        let error = readable(error);
        if !is_of_database {
            return error;
        }
        let folder = options.data_dir.display();
        error.context(format!(
            "cannot open the database in {folder}; if it is damaged, `steading backup restore` brings one back"
        ))
    })
}

/// Does the same as [`open_app`], for commands that must not create a data folder.
fn open_existing(config: &Config) -> anyhow::Result<App> {
    if !has_data(config) {
        anyhow::bail!(
            "There is no data in {} yet: start the server there first, or name the folder with --dir.",
            config.folders.data.display()
        );
    }
    open_app(config)
}

fn has_data(config: &Config) -> bool {
    app::has_data(&config.folders.data)
}

fn app_options(config: &Config) -> anyhow::Result<app::Options> {
    Ok(app::Options {
        data_dir: config.folders.data.clone(),
        readers: config.limits.readers(),
        slow_reads: config.limits.slow_reads(),
        cache_kib: config.limits.cache_mib.saturating_mul(1024),
        query_time: config.limits.query_time(),
        write_time: config.limits.write_time(),
        seal_key: config.seal_key()?,
        lockout: config.lockout.options(),
        realtime: config.realtime.limits(),
        mail: config.log.mail_options(),
        served_at: config.served_at()?,
        log_bytes: config.limits.request_log_mib.saturating_mul(1024 * 1024),
        import_bytes: config.limits.import_mib.saturating_mul(1024 * 1024),
        webhooks: config.webhooks.options(),
        scripts: None,
    })
}

/// Converts a domain error for a person at the terminal. They own the machine, so causes are shown.
fn readable(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid { message, issues } if issues.is_empty() => anyhow::Error::msg(message),
        Error::Invalid { message, issues } => {
            anyhow::Error::msg([message.into_owned(), listed(&issues)].join(" ").trim().to_owned())
        }
        Error::NoRoom(message) => anyhow::Error::msg(message),
        Error::Internal(cause) => anyhow::Error::msg(cause),
        Error::Refused { answer, .. } => readable(*answer),
        Error::Rejected(rejection) => anyhow::Error::msg(rejection.to_string()),
        Error::Unauthenticated(_)
        | Error::Forbidden(_)
        | Error::NotFound(_)
        | Error::TooManyRequests { .. }
        | Error::TooBusy
        | Error::Db(_) => anyhow::Error::new(error),
    }
}

/// Formats issues as `email: Must be a valid email address. password: …`.
fn listed(issues: &Issues) -> String {
    let one = |(key, issue): (&String, &Issue)| match issue {
        Issue::Value { message, .. } => format!("{key}: {message}"),
        Issue::Response { message, .. } => format!("{key}: {message}"),
        Issue::Nested(inner) => format!("{key}: {}", listed(inner)),
    };
    issues.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Prints a result: `text` for people, or `json` for programs.
fn say(is_json: bool, text: &str, json: &Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if is_json {
        writeln!(out, "{json}")?;
    } else {
        writeln!(out, "{text}")?;
    }
    Ok(out.flush()?)
}

/// Writes a text to `file`, or to standard output. A file that already has this content is not written, so that tools
/// that watch it are not triggered.
fn write_text(file: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(file) = file else {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        return Ok(out.flush()?);
    };
    if std::fs::read(file).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Runs `work` on a small runtime, for commands that use the database and end.
fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(work))
}
