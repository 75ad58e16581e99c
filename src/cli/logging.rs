//! The process's own log, on standard error. (Requests are logged to the database instead.)

use super::config::{Log, LogFormat};
use crate::domain::DROPPED;
use anyhow::{Context as _, ensure};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Which lines are logged. A word that is no level would be taken for the name of a part of the program.
pub(super) fn filter(log: &Log) -> anyhow::Result<EnvFilter> {
    let wrong = || format!("log.level is \"{}\": expected error, warn, info, debug or trace", log.level);
    let is_level = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    ensure!(log.level.split(',').all(is_level), wrong());
    let of_dropped = if log.reasons { "warn" } else { "off" };
    EnvFilter::try_new(format!("{},{DROPPED}={of_dropped}", log.level)).with_context(wrong)
}

pub(super) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = filter(log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
    }
    log_panics();
    Ok(())
}

/// Logs panics. A panic is caught where it happens, and answered there.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let cause = panic.payload_as_str().unwrap_or("unknown");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(cause, place, "panic");
    }));
}
