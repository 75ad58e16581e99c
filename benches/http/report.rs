//! What is printed: plain tables, and the same as JSON.

mod json;
mod rows;

use crate::backups::{self, BackedUp};
use crate::beside::Beside;
use crate::listeners::{self, Heard};
use crate::server::Kind;
use crate::soak::{self, Soaked};
use crate::webhooks::cost::{self, Sent};
use crate::webhooks::outage::{self, Outage};
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
    /// The highest resident memory during the row, if the kernel tells.
    pub peak_kib: Option<u64>,
}

/// One row with one number of connections on folders of one size.
pub struct MeasuredRow {
    pub name: &'static str,
    /// CPU time of the peer divided by ours.
    pub goal: Option<f64>,
    pub posts: u64,
    pub connections: usize,
    pub servers: Vec<Measured>,
}

impl MeasuredRow {
    fn of(&self, kind: Kind) -> Option<&Measured> {
        self.servers.iter().find(|measured| measured.kind == kind)
    }

    /// The peer's CPU time divided by that of `kind`.
    fn ratio(&self, kind: Kind) -> Option<f64> {
        Some(self.of(Kind::Peer)?.cpu_us / self.of(kind)?.cpu_us)
    }

    fn misses_goal(&self) -> bool {
        matches!((self.ratio(Kind::Ours), self.goal), (Some(ratio), Some(goal)) if ratio < goal)
    }
}

/// Starting and memory of one server.
pub struct Footprint {
    pub kind: Kind,
    pub scripts: usize,
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
    pub sent: Vec<Sent>,
    pub outages: Vec<Outage>,
    pub footprints: Vec<Footprint>,
}

impl Report {
    pub fn table(&self) -> String {
        let mut out = String::new();
        self.write_rows(&mut out).expect("writing to a string cannot fail");
        self.write_heard(&mut out).expect("writing to a string cannot fail");
        self.write_backed_up(&mut out).expect("writing to a string cannot fail");
        self.write_beside(&mut out).expect("writing to a string cannot fail");
        self.write_soaked(&mut out).expect("writing to a string cannot fail");
        self.write_sent(&mut out).expect("writing to a string cannot fail");
        self.write_outages(&mut out).expect("writing to a string cannot fail");
        self.write_footprints(&mut out).expect("writing to a string cannot fail");
        out
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
            let [before, connected, after] = heard.memory_kib.map(megabytes_of_kib);
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
        let mut noise = None;
        for server in &self.beside {
            if noise.replace(server.noise) != Some(server.noise) {
                writeln!(
                    out,
                    "\n{}: how long a record takes in ms (p50 / p99 / longest) alone, and beside them (p99 at most 100); \
                     how many of them were answered meanwhile\n",
                    server.noise.name()
                )?;
            }
            write!(out, "{:<12}", server.kind.name())?;
            for waits in [&server.alone, &server.among] {
                let [p50, p99, longest] = [waits.p50, waits.p99, waits.longest].map(|wait| wait.as_secs_f64() * 1e3);
                write!(out, "{p50:>8.2} /{p99:>8.2} /{longest:>8.2} of {:<6}", waits.requests)?;
            }
            writeln!(out, "{:>6}", server.answered)?;
        }
        Ok(())
    }

    fn write_sent(&self, out: &mut String) -> std::fmt::Result {
        for server in &self.sent {
            let kind = server.kind.name();
            writeln!(
                out,
                "\n{}: CPU time in us of a create while nobody listens; with the receivers down (events are written and distributed; at \
                 most 1.3 times that); and with all three deliveries; each round alone, then all together\n",
                cost::NAME
            )?;
            let total = server.total();
            for (name, round) in server.rounds.iter().map(|round| (kind, round)).chain([("together", &total)]) {
                let [quiet, held, live] = [round.quiet, round.held, round.live].map(|spent| spent.micros_each());
                let (held_ratio, live_ratio) = (held / quiet, live / quiet);
                writeln!(out, "{name:<12}{quiet:>8.0}{held:>8.0} ({held_ratio:.2}){live:>8.0} ({live_ratio:.2})")?;
            }
            writeln!(
                out,
                "an event in the transaction of the change {:.1} us, which is {:.2} of a create; a delivery that has waited {:.0} us, \
                 {:.0} a second; highest memory {:.1} MB",
                server.added_micros(),
                server.added_micros() / total.quiet.micros_each(),
                server.drain.micros_each(),
                server.drain.per_second(),
                megabytes_of_kib(server.peak_kib),
            )?;
        }
        Ok(())
    }

    fn write_outages(&self, out: &mut String) -> std::fmt::Result {
        for server in &self.outages {
            writeln!(
                out,
                "\n{}: from the answer to the other receiver in ms (p50 / p99 / longest; p99 at most 1000), highest memory\n",
                outage::NAME
            )?;
            for phase in &server.phases {
                let [p50, p99, longest] = [phase.p50, phase.p99, phase.longest].map(|wait| wait.as_secs_f64() * 1e3);
                let memory = megabytes_of_kib(phase.memory_kib);
                let name = phase.name;
                writeln!(
                    out,
                    "{name:<18}{p50:>8.1} /{p99:>8.1} /{longest:>8.1} of {:<8}{memory:>8.1} MB",
                    phase.changes
                )?;
            }
            let sent = server.waited.max(1) as f64;
            writeln!(
                out,
                "{}: {} waited, sent after {:.1} s ({:.0} a second); out of order {}, lost {}, repeated {}; data.db {} MB",
                server.kind.name(),
                server.waited,
                server.drain.as_secs_f64(),
                sent / server.drain.as_secs_f64(),
                server.disordered,
                server.lost,
                server.repeated,
                server.database_bytes / 1_000_000,
            )?;
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
                    megabytes_of_kib(minute.end.memory_kib),
                    minute.end.descriptors,
                )?;
            }
            writeln!(
                out,
                "{:>6}{:>66.1} MB{:>7.1} MB{:>6}   beside a database of {:.1} MB",
                "rest",
                megabytes(server.rest.log_bytes),
                megabytes_of_kib(server.rest.memory_kib),
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
            "\nStart to the first record answered, on the folder above; resident memory idle and after the run; script files\n"
        )?;
        for footprint in &self.footprints {
            writeln!(
                out,
                "{:<12}{:>8.1} ms{:>9.1} MB{:>9.1} MB{:>6}",
                footprint.kind.name(),
                footprint.start.as_secs_f64() * 1e3,
                megabytes_of_kib(footprint.idle_kib),
                megabytes_of_kib(footprint.after_kib),
                footprint.scripts,
            )?;
        }
        Ok(())
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn megabytes_of_kib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}
