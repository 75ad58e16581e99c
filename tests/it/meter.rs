//! The resource use of the server's process, as counted by the operating system.

use crate::server::{Client, TestServer};
use std::fs;
use std::time::{Duration, Instant};

/// The kernel counts in hundredths of a second in `/proc`.
const TICK: Duration = Duration::from_millis(10);

/// Measures a process, from the creation of the meter on. Requires `/proc`.
pub struct Meter {
    process_id: u32,
    memory_before_kib: u64,
    cpu_before: Duration,
}

/// The resources used since the start of the measurement.
#[derive(Debug)]
pub struct Cost {
    /// The peak of resident memory, relative to the start.
    pub memory_kib: u64,
    /// Of all threads, user and system.
    pub cpu: Duration,
}

impl Meter {
    /// Returns `None` if the kernel does not provide the values, or does not allow resetting the peak.
    pub fn start(server: &TestServer) -> Option<Self> {
        let process_id = server.process_id();
        // Writing 5 resets VmHWM to the current value: proc(5).
        fs::write(format!("/proc/{process_id}/clear_refs"), "5").ok()?;
        Some(Self {
            process_id,
            memory_before_kib: status_kib(process_id, "VmRSS:")?,
            cpu_before: cpu_time(process_id)?,
        })
    }

    pub fn finish(self) -> Cost {
        let highest = peak_kib(self.process_id).expect("the server is gone");
        let cpu = cpu_time(self.process_id).expect("the server is gone");
        Cost { memory_kib: highest.saturating_sub(self.memory_before_kib), cpu: cpu.saturating_sub(self.cpu_before) }
    }
}

/// The peak of resident memory of a process. `None` if the kernel does not provide it.
pub fn peak_kib(process_id: u32) -> Option<u64> {
    status_kib(process_id, "VmHWM:")
}

fn status_kib(process_id: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// How long all threads of a process have computed. `None` if the kernel does not tell.
pub fn cpu_time(process_id: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may contain anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<Vec<u32>, _>>().ok()?;
    Some(TICK * times.iter().sum::<u32>())
}

/// How long requests to a server wait, next to requests to an idle server on the same machine: what those wait is the machine's
/// doing.
pub struct Waits {
    idle: TestServer,
    idle_client: Client,
    asked: Vec<Duration>,
    usual: Vec<Duration>,
}

impl Waits {
    pub fn start() -> Self {
        let idle = TestServer::start();
        Self { idle_client: idle.anonymous(), idle, asked: Vec::new(), usual: Vec::new() }
    }

    pub fn count(&self) -> usize {
        self.asked.len()
    }

    /// Sends a request, then one to the idle server.
    pub fn ask(&mut self, send: impl FnOnce()) {
        let began = Instant::now();
        send();
        self.asked.push(began.elapsed());
        let began = Instant::now();
        assert_eq!(self.idle_client.get("/api/health").status, 200);
        self.usual.push(began.elapsed());
    }

    /// Fails if of a hundred requests more than one or two took longer than `max`, and more than the machine explains.
    pub fn check(mut self, max: Duration, what: &str) -> String {
        let [p99, idle] = [&mut self.asked, &mut self.usual].map(|times| {
            times.sort_unstable();
            times[(times.len() * 99 / 100).saturating_sub(1)]
        });
        let summary = format!("{what}: p99 {p99:?} of {}, {idle:?} at an idle server", self.asked.len());
        assert!(p99 < max + 3 * idle, "{summary}");
        drop(self.idle);
        summary
    }
}
