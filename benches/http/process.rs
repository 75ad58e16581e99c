//! A server as the operating system sees it: its CPU time and memory, whatever language it is written in.

use anyhow::{Context, Result};
use std::fs;
use std::time::Duration;

/// The kernel counts in hundredths of a second in `/proc`, on every platform Linux runs on today.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time a process has used so far, user and system, of all its threads, also of those that have ended.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the server is gone")?;
    // The second field is the program's name in brackets, in which anything may stand.
    let (_, fields) = stat.rsplit_once(')').context("no name in /proc/PID/stat")?;
    let times: Vec<u32> = fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(TICK * times.iter().sum::<u32>())
}

/// Resident memory in KiB.
pub fn memory_kib(pid: u32) -> Result<u64> {
    status_kib(pid, "VmRSS:")
}

/// The highest resident memory in KiB since the process started, or since [`reset_peak`].
pub fn peak_kib(pid: u32) -> Result<u64> {
    status_kib(pid, "VmHWM:")
}

/// Sets [`peak_kib`] back to what is resident now. `false` where the kernel does not allow it.
pub fn reset_peak(pid: u32) -> bool {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
}

fn status_kib(pid: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("not in /proc/PID/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// How many file descriptors are open.
pub fn descriptors(pid: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd")).context("the server is gone")?.count())
}

/// The process that does the work: `pid`, or what it started where it is only a wrapper script.
pub fn innermost(pid: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    match children.split_whitespace().next().and_then(|child| child.parse().ok()) {
        Some(child) => innermost(child),
        None => pid,
    }
}

/// The program a process runs.
pub fn program(pid: u32) -> Result<std::path::PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).context("the server is gone")
}
