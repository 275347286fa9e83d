//! What Linux says of a process: CPU time and memory.

use std::time::Duration;

use crate::error::{Failure, Result};

/// A tick of `/proc/<pid>/stat`, which is a hundredth of a second on every processor that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of a process so far, in its own code and in the kernel, all of its threads together.
///
/// # Errors
/// When there is no such process.
pub fn cpu(pid: i32) -> Result<Duration> {
    let ticks = ticks(&read(pid, "stat")?, OWN);
    ticks.ok_or_else(|| Failure::new("/proc has another form here: CPU time is not found"))
}

/// CPU time of the processes that the members of a group have started and seen to their end, from the start of the group.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn ended_children_cpu(group: i32) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        // A process may end meanwhile.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if group_of(&stat) == Some(group) {
            sum += ticks(&stat, CHILDREN).unwrap_or_default();
        }
    }
    Ok(sum)
}

/// Memory that a process has resident, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn resident(pid: i32) -> Result<u64> {
    status(pid, "VmRSS:")
}

/// The most that it had resident since its start, or since [`forget_peak`].
///
/// # Errors
/// When there is no such process.
pub fn peak(pid: i32) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// Lets the peak begin anew at what is resident now.
///
/// # Errors
/// When the process is none of ours.
pub fn forget_peak(pid: i32) -> Result<()> {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5")
        .map_err(|error| Failure::new(format!("the peak of memory cannot be reset: {error}")))
}

fn read(pid: i32, file: &str) -> Result<String> {
    std::fs::read_to_string(format!("/proc/{pid}/{file}")).map_err(|error| {
        Failure::new(format!(
            "CPU time and memory are read from /proc, as Linux has it: {error}"
        ))
    })
}

/// Places of the two counts behind the name: `utime` and `stime`, `cutime` and `cstime`.
const OWN: usize = 11;
const CHILDREN: usize = 13;

fn ticks(stat: &str, place: usize) -> Option<Duration> {
    let mut counts = behind_name(stat)?.split_whitespace().skip(place);
    let user: u32 = counts.next()?.parse().ok()?;
    let kernel: u32 = counts.next()?.parse().ok()?;
    Some(TICK * (user + kernel))
}

fn group_of(stat: &str) -> Option<i32> {
    behind_name(stat)?.split_whitespace().nth(2)?.parse().ok()
}

/// The name stands in brackets and may hold anything, brackets too.
fn behind_name(stat: &str) -> Option<&str> {
    stat.rsplit_once(')').map(|(_, rest)| rest)
}

fn status(pid: i32, name: &str) -> Result<u64> {
    kilobytes(&read(pid, "status")?, name)
        .ok_or_else(|| Failure::new(format!("the process's status names no {name}")))
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From proc(5): pid, name, state, ppid, pgrp, session, tty, tpgid, flags, four faults, utime, stime, cutime, cstime.
    const STAT: &str =
        "42 (a) b) S 1 77 77 0 -1 4194560 10 20 30 40 150 25 300 12 20 0 3 0 12345 1 2";

    #[test]
    fn times_are_read_past_a_name_with_brackets() {
        assert_eq!(ticks(STAT, OWN), Some(Duration::from_millis(1_750)));
        assert_eq!(ticks(STAT, CHILDREN), Some(Duration::from_millis(3_120)));
        assert_eq!(group_of(STAT), Some(77));
        assert_eq!(ticks("42 (x) S 1", OWN), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t    8400 kB\nVmRSS:\t  12 kB\n";
        assert_eq!(kilobytes(status, "VmHWM:"), Some(8_601_600));
        assert_eq!(kilobytes(status, "VmRSS:"), Some(12_288));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_used_something() {
        let own = i32::try_from(std::process::id()).unwrap();
        let started = std::time::Instant::now();
        while started.elapsed() < Duration::from_millis(50) {}
        assert!(cpu(own).unwrap() > Duration::ZERO);
        assert!(resident(own).unwrap() > 0);
        forget_peak(own).unwrap();
        assert!(peak(own).unwrap() > 0);
    }
}
