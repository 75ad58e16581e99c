//! The rows of the table in plain text: one table for many connections and one for a single one, for each number of posts;
//! then what grows with the number of posts, and what is not as it should be.

use super::{Measured, MeasuredRow, Report, megabytes_of_kib, number};
use crate::folder::{MANY_POSTS, POSTS};
use crate::rows::{HANDLED, UNHANDLED};
use crate::server::Kind;
use std::fmt::{Result, Write as _};

const NAME_WIDTH: usize = 43;
/// With one connection, our median may be longer than the peer's by this factor before it is reported.
const LATENCY_TOLERANCE: f64 = 1.05;

impl Report {
    pub(super) fn write_rows(&self, out: &mut String) -> Result {
        for posts in [POSTS, MANY_POSTS] {
            for is_sequential in [false, true] {
                self.write_section(out, posts, is_sequential)?;
            }
        }
        self.write_growth(out)?;
        self.write_handler_cost(out)?;
        self.write_verdict(out)
    }

    fn write_section(&self, out: &mut String, posts: u64, is_sequential: bool) -> Result {
        let is_here = |row: &&MeasuredRow| row.posts == posts && (row.connections == 1) == is_sequential;
        let rows: Vec<&MeasuredRow> = self.rows.iter().filter(is_here).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let connections = if is_sequential { "one connection" } else { "16 connections" };
        writeln!(
            out,
            "{posts} rows, {connections}: server CPU per request in us; the peer's divided by ours, the goal, the peer's \
             divided by the bare handler's; highest memory in MB; median and 99th percentile of latencies in ms\n"
        )?;
        writeln!(
            out,
            "{:<NAME_WIDTH$}{:>10}{:>10}{:>10} |{:>7}{:>6} {:>7} |{:>7}{:>7} | {:>15} {:>15} {:>15}",
            "", "ours", "peer", "bare", "ratio", "goal", "bare", "ours", "peer", "ours", "peer", "bare"
        )?;
        for row in rows {
            write!(out, "{:<NAME_WIDTH$}", row.name)?;
            for kind in Kind::ALL {
                write!(out, "{:>10}", number(row.of(kind).map(|server| server.cpu_us), 1))?;
            }
            let mark = if row.misses_goal() { '!' } else { ' ' };
            write!(out, " |{:>7}{:>6}{mark}", number(row.ratio(Kind::Ours), 1), number(row.goal, 0))?;
            write!(out, "{:>7} |", number(row.ratio(Kind::Bare), 1))?;
            for kind in [Kind::Ours, Kind::Peer] {
                let peak = row.of(kind).and_then(|server| server.peak_kib).map(megabytes_of_kib);
                write!(out, "{:>7}", number(peak, 0))?;
            }
            write!(out, " |")?;
            for kind in Kind::ALL {
                write!(out, " {:>15}", row.of(kind).map_or("-".to_owned(), latencies))?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    }

    /// CPU time with a million posts divided by that with 100,000.
    fn write_growth(&self, out: &mut String) -> Result {
        let large: Vec<&MeasuredRow> = self.rows.iter().filter(|row| row.posts == MANY_POSTS).collect();
        if large.is_empty() {
            return Ok(());
        }
        writeln!(out, "From {POSTS} to {MANY_POSTS} rows: server CPU per request in us, and its growth\n")?;
        writeln!(
            out,
            "{:<NAME_WIDTH$}{:>6}{:>10}{:>10}{:>8} |{:>10}{:>10}{:>8}",
            "", "conn.", "ours", "", "growth", "peer", "", "growth"
        )?;
        for row in large {
            let small = |other: &&MeasuredRow| {
                other.name == row.name && other.connections == row.connections && other.posts == POSTS
            };
            let Some(small) = self.rows.iter().find(small) else { continue };
            write!(out, "{:<NAME_WIDTH$}{:>6}", row.name, row.connections)?;
            for (kind, end) in [(Kind::Ours, " |"), (Kind::Peer, "")] {
                let [before, after] = [small, row].map(|row| row.of(kind).map(|server| server.cpu_us));
                let growth = before.zip(after).map(|(before, after)| after / before);
                write!(out, "{:>10}{:>10}{:>8}{end}", number(before, 1), number(after, 1), number(growth, 2))?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    }

    /// What an empty handler adds to a create.
    fn write_handler_cost(&self, out: &mut String) -> Result {
        for handled in self.rows.iter().filter(|row| row.name == HANDLED.name) {
            let is_same = |row: &&MeasuredRow| row.name == UNHANDLED.name && row.connections == handled.connections;
            let Some(unhandled) = self.rows.iter().find(is_same) else { continue };
            for kind in [Kind::Ours, Kind::Peer] {
                let Some((with, without)) = handled.of(kind).zip(unhandled.of(kind)) else { continue };
                let (name, percent) = (kind.name(), 100.0 * (with.cpu_us / without.cpu_us - 1.0));
                writeln!(
                    out,
                    "an empty handler adds {percent:.0} % to a create of {name}, {} conn.",
                    handled.connections
                )?;
            }
        }
        Ok(())
    }

    /// The rows that miss their goal, and those that are slower than the peer's.
    fn write_verdict(&self, out: &mut String) -> Result {
        for row in self.rows.iter().filter(|row| row.misses_goal()) {
            let (ratio, goal) = (number(row.ratio(Kind::Ours), 1), number(row.goal, 0));
            writeln!(out, "misses its goal: {row}: {ratio} of {goal}")?;
        }
        for row in &self.rows {
            if row.ratio(Kind::Ours).is_some_and(|ratio| ratio < 1.0) {
                writeln!(out, "SLOWER than the peer: {row}: ratio {}", number(row.ratio(Kind::Ours), 2))?;
            }
            let medians = row.of(Kind::Ours).zip(row.of(Kind::Peer)).map(|(ours, peer)| [ours.p50, peer.p50]);
            if let Some([ours, peer]) = medians
                && row.connections == 1
                && ours.as_secs_f64() > peer.as_secs_f64() * LATENCY_TOLERANCE
            {
                writeln!(out, "answers LATER than the peer: {row}: median {ours:.1?}, the peer's {peer:.1?}")?;
            }
        }
        Ok(())
    }
}

fn latencies(server: &Measured) -> String {
    let [p50, p99] = [server.p50, server.p99].map(|latency| latency.as_secs_f64() * 1e3);
    format!("{p50:.2}/{p99:.2}")
}

impl std::fmt::Display for MeasuredRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> Result {
        write!(f, "{} ({} rows, {} conn.)", self.name, self.posts, self.connections)
    }
}
