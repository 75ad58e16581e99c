//! The resource use of the server's process, as counted by the operating system.

use crate::server::TestServer;
use std::fs;
use std::time::Duration;

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

fn cpu_time(process_id: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may contain anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<Vec<u32>, _>>().ok()?;
    Some(TICK * times.iter().sum::<u32>())
}
