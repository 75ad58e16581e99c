//! The report as JSON.

use super::{MeasuredRow, Report};
use crate::backups::Waits;
use crate::server::Kind;
use crate::soak;
use serde_json::{Value, json};

impl Report {
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(of_row);
        let footprints = self.footprints.iter().map(|footprint| {
            json!({
                "server": footprint.kind.name(),
                "scripts": footprint.scripts,
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
                "row": server.noise.name(),
                "server": server.kind.name(),
                "alone": waits(&server.alone),
                "among": waits(&server.among),
                "answered": server.answered,
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
        let sent = self.sent.iter().map(|server| {
            let total = server.total();
            json!({
                "server": server.kind.name(),
                "quiet_us": total.quiet.micros_each(),
                "held_us": total.held.micros_each(),
                "live_us": total.live.micros_each(),
                "added_us": server.added_micros(),
                "delivery_us": server.drain.micros_each(),
                "deliveries_per_second": server.drain.per_second(),
                "peak_kib": server.peak_kib,
            })
        });
        let sent = sent.collect::<Vec<_>>();
        let outages = self.outages.iter().map(|server| {
            let phases = server.phases.iter().map(|phase| {
                json!({
                    "name": phase.name,
                    "p50_us": phase.p50.as_micros() as u64,
                    "p99_us": phase.p99.as_micros() as u64,
                    "longest_us": phase.longest.as_micros() as u64,
                    "memory_kib": phase.memory_kib,
                })
            });
            json!({
                "server": server.kind.name(),
                "phases": phases.collect::<Vec<_>>(),
                "waited": server.waited,
                "drain_seconds": server.drain.as_secs_f64(),
                "disordered": server.disordered,
                "lost": server.lost,
                "repeated": server.repeated,
            })
        });
        let outages = outages.collect::<Vec<_>>();
        json!({"webhooks": sent, "outages": outages, "rows": rows.collect::<Vec<_>>(), "listeners": heard, "backups": backed_up, "beside": beside, "soak": soaked.collect::<Vec<_>>(), "footprints": footprints.collect::<Vec<_>>()})
    }
}

fn of_row(row: &MeasuredRow) -> Value {
    let servers = row.servers.iter().map(|measured| {
        let figures = json!({
            "cpu_us": measured.cpu_us,
            "requests_per_second": measured.requests_per_second,
            "p50_us": measured.p50.as_micros() as u64,
            "p99_us": measured.p99.as_micros() as u64,
            "peak_kib": measured.peak_kib,
        });
        (measured.kind.name().to_owned(), figures)
    });
    json!({
        "row": row.name,
        "posts": row.posts,
        "connections": row.connections,
        "goal": row.goal,
        "peer_to_ours": row.ratio(Kind::Ours),
        "servers": servers.collect::<serde_json::Map<_, _>>(),
    })
}

fn at_the_end(footprint: &soak::Footprint) -> Value {
    json!({
        "log_bytes": footprint.log_bytes,
        "memory_kib": footprint.memory_kib,
        "descriptors": footprint.descriptors,
    })
}

fn waits(waits: &Waits) -> Value {
    json!({
        "requests": waits.requests,
        "p50_us": waits.p50.as_micros() as u64,
        "p99_us": waits.p99.as_micros() as u64,
        "longest_us": waits.longest.as_micros() as u64,
    })
}
