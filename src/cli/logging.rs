//! The process's own log, on standard error. (Requests are logged to the database instead.)

use super::config::{Log, LogFormat};
use crate::domain::DROPPED;
use anyhow::Context as _;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

pub(super) fn start(log: &Log) -> anyhow::Result<()> {
    let of_dropped = if log.reasons { "warn" } else { "off" };
    let filter = EnvFilter::try_new(format!("{},{DROPPED}={of_dropped}", log.level))
        .with_context(|| format!("log.level is \"{}\": expected error, warn, info, debug or trace", log.level))?;
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
