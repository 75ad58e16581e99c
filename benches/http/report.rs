//! What is printed: one plain table like the one the goals are written in, and the same as JSON.

use crate::backups::{self, BackedUp, Waits};
use crate::beside::{self, Beside};
use crate::listeners::{self, Heard};
use crate::server::Kind;
use crate::soak::{self, Soaked};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// One row for one server.
pub struct Measured {
    pub kind: Kind,
    /// Server CPU time per request, in microseconds.
    pub cpu_us: f64,
    pub requests_per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

pub struct MeasuredRow {
    pub name: &'static str,
    pub at_least: Option<f64>,
    pub servers: Vec<Measured>,
}

impl MeasuredRow {
    fn of(&self, kind: Kind) -> Option<&Measured> {
        self.servers.iter().find(|measured| measured.kind == kind)
    }

    fn cpu_us(&self, kind: Kind) -> Option<f64> {
        self.of(kind).map(|measured| measured.cpu_us)
    }

    /// The reference's CPU time divided by that of `kind`.
    fn ratio(&self, kind: Kind) -> Option<f64> {
        Some(self.cpu_us(Kind::Peer)? / self.cpu_us(kind)?)
    }
}

/// Starting and memory of one server.
pub struct Footprint {
    pub kind: Kind,
    pub start: Duration,
    pub idle_kib: u64,
    pub after_kib: u64,
}

#[derive(Default)]
pub struct Report {
    pub rows: Vec<MeasuredRow>,
    pub heard: Vec<Heard>,
    pub backed_up: Vec<BackedUp>,
    pub beside: Vec<Beside>,
    pub soaked: Vec<Soaked>,
    pub footprints: Vec<Footprint>,
}

impl Report {
    pub fn table(&self) -> String {
        let mut out = String::new();
        self.write_cpu(&mut out).expect("writing to a string cannot fail");
        self.write_rates(&mut out).expect("writing to a string cannot fail");
        self.write_heard(&mut out).expect("writing to a string cannot fail");
        self.write_backed_up(&mut out).expect("writing to a string cannot fail");
        self.write_beside(&mut out).expect("writing to a string cannot fail");
        self.write_soaked(&mut out).expect("writing to a string cannot fail");
        self.write_footprints(&mut out).expect("writing to a string cannot fail");
        out
    }

    fn write_cpu(&self, out: &mut String) -> std::fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "Server CPU per request in us, and the reference's divided by each (higher is better)\n")?;
        writeln!(
            out,
            "{:<45}{:>9}{:>11}{:>9}{:>11} |{:>10}{:>10}{:>8}{:>11}",
            "", "ours", "reference", "bare", "bare+logs", "ref/ours", "at least", "/bare", "/bare+logs"
        )?;
        for row in &self.rows {
            write!(out, "{:<45}", row.name)?;
            for (kind, width) in Kind::ALL.into_iter().zip([9, 11, 9, 11]) {
                write!(out, "{:>width$}", number(row.cpu_us(kind), 1))?;
            }
            let ratio = row.ratio(Kind::Ours);
            let is_short = matches!((ratio, row.at_least), (Some(ratio), Some(at_least)) if ratio < at_least);
            write!(out, " |{:>10}", number(ratio, 1))?;
            write!(out, "{:>9}{}", number(row.at_least, 0), if is_short { '!' } else { ' ' })?;
            writeln!(out, "{:>8}{:>11}", number(row.ratio(Kind::Bare), 1), number(row.ratio(Kind::BareLogs), 1))?;
        }
        Ok(())
    }

    fn write_rates(&self, out: &mut String) -> std::fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\nFor information: requests per second, and how long one takes (p50 / p99 in ms), waiting included\n"
        )?;
        for row in &self.rows {
            write!(out, "{:<45}", row.name)?;
            for measured in &row.servers {
                let (p50, p99) = (measured.p50.as_secs_f64() * 1e3, measured.p99.as_secs_f64() * 1e3);
                let rate = measured.requests_per_second;
                write!(out, "  {} {rate:.0}/s {p50:.2}/{p99:.2}", measured.kind.name())?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn write_heard(&self, out: &mut String) -> std::fmt::Result {
        if self.heard.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\n{}: events delivered; from create to event (p50 / p99 in ms); server CPU per event in us; \
             resident memory before, with all connected, and after\n",
            listeners::NAME
        )?;
        for heard in &self.heard {
            let (p50, p99) = (heard.p50.as_secs_f64() * 1e3, heard.p99.as_secs_f64() * 1e3);
            let [before, connected, after] = heard.memory_kib.map(|kib| kib as f64 / 1024.0);
            writeln!(
                out,
                "{:<12}{:>8} of {}  {p50:>8.1}/{p99:<8.1}{:>6.1} us  {before:>6.1} {connected:>6.1} {after:>6.1} MB",
                heard.kind.name(),
                heard.delivered,
                heard.expected,
                heard.cpu_us_per_event,
            )?;
        }
        Ok(())
    }

    fn write_backed_up(&self, out: &mut String) -> std::fmt::Result {
        if self.backed_up.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\n{}: how long an answer takes in ms (p50 / p99 / longest) without a backup, and during one; \
             the second p99 divided by the first (at most 2); how long a backup took\n",
            backups::NAME
        )?;
        for server in &self.backed_up {
            write!(out, "{:<12}", server.kind.name())?;
            for waits in [&server.quiet, &server.during] {
                let [p50, p99, longest] = [waits.p50, waits.p99, waits.longest].map(|wait| wait.as_secs_f64() * 1e3);
                write!(out, "{p50:>8.2} /{p99:>8.2} /{longest:>8.2} of {:<6}", waits.requests)?;
            }
            let (ratio, took) = (server.p99_ratio(), server.took.as_secs_f64());
            writeln!(out, "{ratio:>8.1}{took:>8.1} s, {} MB", server.database_bytes / 1_000_000)?;
        }
        Ok(())
    }

    fn write_beside(&self, out: &mut String) -> std::fmt::Result {
        if self.beside.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\n{}: how long a record takes in ms (p50 / p99 / longest) alone, and beside them (p99 at most 100); \
             slow lists answered meanwhile\n",
            beside::NAME
        )?;
        for server in &self.beside {
            write!(out, "{:<12}", server.kind.name())?;
            for waits in [&server.alone, &server.among] {
                let [p50, p99, longest] = [waits.p50, waits.p99, waits.longest].map(|wait| wait.as_secs_f64() * 1e3);
                write!(out, "{p50:>8.2} /{p99:>8.2} /{longest:>8.2} of {:<6}", waits.requests)?;
            }
            writeln!(out, "{:>6}", server.answered)?;
        }
        Ok(())
    }

    fn write_soaked(&self, out: &mut String) -> std::fmt::Result {
        for server in &self.soaked {
            writeln!(out, "\n{}, {}\n", soak::NAME, server.kind.name())?;
            writeln!(
                out,
                "{:>6}{:>10}{:>12}{:>12}{:>12}{:>10}{:>10}{:>10}{:>6}",
                "minute", "requests", "read p99", "write p99", "longest", "log max", "log", "memory", "fds"
            )?;
            for (number, minute) in server.minutes.iter().enumerate() {
                let [reads, writes, longest] =
                    [minute.read_p99, minute.write_p99, minute.longest].map(|time| time.as_secs_f64() * 1e3);
                writeln!(
                    out,
                    "{:>6}{:>10}{reads:>9.1} ms{writes:>9.1} ms{longest:>9.0} ms{:>7.1} MB{:>7.1} MB{:>7.1} MB{:>6}",
                    number + 1,
                    minute.requests,
                    megabytes(minute.max_log_bytes),
                    megabytes(minute.end.log_bytes),
                    minute.end.memory_kib as f64 / 1024.0,
                    minute.end.descriptors,
                )?;
            }
            writeln!(
                out,
                "{:>6}{:>66.1} MB{:>7.1} MB{:>6}   beside a database of {:.1} MB",
                "rest",
                megabytes(server.rest.log_bytes),
                server.rest.memory_kib as f64 / 1024.0,
                server.rest.descriptors,
                megabytes(server.database_bytes),
            )?;
        }
        Ok(())
    }

    fn write_footprints(&self, out: &mut String) -> std::fmt::Result {
        if self.footprints.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\nStart to the first record answered, on the folder above; resident memory idle and after the run\n"
        )?;
        for footprint in &self.footprints {
            writeln!(
                out,
                "{:<12}{:>8.1} ms{:>9.1} MB{:>9.1} MB",
                footprint.kind.name(),
                footprint.start.as_secs_f64() * 1e3,
                footprint.idle_kib as f64 / 1024.0,
                footprint.after_kib as f64 / 1024.0,
            )?;
        }
        Ok(())
    }

    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let servers = row.servers.iter().map(|measured| {
                let figures = json!({
                    "cpu_us": measured.cpu_us,
                    "requests_per_second": measured.requests_per_second,
                    "p50_us": measured.p50.as_micros() as u64,
                    "p99_us": measured.p99.as_micros() as u64,
                });
                (measured.kind.name().to_owned(), figures)
            });
            json!({
                "row": row.name,
                "at_least": row.at_least,
                "reference_to_ours": row.ratio(Kind::Ours),
                "servers": servers.collect::<serde_json::Map<_, _>>(),
            })
        });
        let footprints = self.footprints.iter().map(|footprint| {
            json!({
                "server": footprint.kind.name(),
                "start_ms": footprint.start.as_secs_f64() * 1e3,
                "idle_kib": footprint.idle_kib,
                "after_kib": footprint.after_kib,
            })
        });
        let heard = self.heard.iter().map(|heard| {
            json!({
                "server": heard.kind.name(),
                "delivered": heard.delivered,
                "expected": heard.expected,
                "p50_us": heard.p50.as_micros() as u64,
                "p99_us": heard.p99.as_micros() as u64,
                "cpu_us_per_event": heard.cpu_us_per_event,
                "memory_kib": heard.memory_kib,
            })
        });
        let heard = heard.collect::<Vec<_>>();
        let backed_up = self.backed_up.iter().map(|server| {
            json!({
                "server": server.kind.name(),
                "database_bytes": server.database_bytes,
                "quiet": waits(&server.quiet),
                "during": waits(&server.during),
                "p99_ratio": server.p99_ratio(),
                "took_ms": server.took.as_secs_f64() * 1e3,
            })
        });
        let backed_up = backed_up.collect::<Vec<_>>();
        let beside = self.beside.iter().map(|server| {
            json!({
                "server": server.kind.name(),
                "alone": waits(&server.alone),
                "among": waits(&server.among),
                "slow_lists_answered": server.answered,
            })
        });
        let beside = beside.collect::<Vec<_>>();
        let soaked = self.soaked.iter().map(|server| {
            let minutes = server.minutes.iter().map(|minute| {
                json!({
                    "requests": minute.requests,
                    "read_p99_us": minute.read_p99.as_micros() as u64,
                    "write_p99_us": minute.write_p99.as_micros() as u64,
                    "longest_us": minute.longest.as_micros() as u64,
                    "max_log_bytes": minute.max_log_bytes,
                    "end": at_the_end(&minute.end),
                })
            });
            json!({
                "server": server.kind.name(),
                "minutes": minutes.collect::<Vec<_>>(),
                "database_bytes": server.database_bytes,
                "rest": at_the_end(&server.rest),
            })
        });
        json!({"rows": rows.collect::<Vec<_>>(), "listeners": heard, "backups": backed_up, "beside": beside, "soak": soaked.collect::<Vec<_>>(), "footprints": footprints.collect::<Vec<_>>()})
    }
}

fn at_the_end(footprint: &soak::Footprint) -> Value {
    json!({
        "log_bytes": footprint.log_bytes,
        "memory_kib": footprint.memory_kib,
        "descriptors": footprint.descriptors,
    })
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn waits(waits: &Waits) -> Value {
    json!({
        "requests": waits.requests,
        "p50_us": waits.p50.as_micros() as u64,
        "p99_us": waits.p99.as_micros() as u64,
        "longest_us": waits.longest.as_micros() as u64,
    })
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}
