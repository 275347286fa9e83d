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

/// The same in nanoseconds instead of ticks, of the threads that are there: for a process so young that none has ended.
///
/// # Errors
/// When there is no such process.
pub fn young_cpu(pid: i32) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        match scheduled(&text) {
            Some(time) => sum += time,
            // A kernel without such counts.
            None => return cpu(pid),
        }
    }
    Ok(sum)
}

fn scheduled(schedstat: &str) -> Option<Duration> {
    let nanoseconds = schedstat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// CPU time of everything that a process has started, and that those have started, ended or not: not its own.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn descendants_cpu(ancestor: i32) -> Result<Duration> {
    let mut stats = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        // A process may end meanwhile.
        stats.extend(std::fs::read_to_string(entry.path().join("stat")));
    }
    Ok(below(&stats, ancestor))
}

fn below(stats: &[String], ancestor: i32) -> Duration {
    let mut sum = Duration::ZERO;
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        for stat in stats {
            // What has ended was added to its parent's count when the parent took note of it.
            if pid_of(stat) == Some(parent) {
                sum += ticks(stat, CHILDREN).unwrap_or_default();
            }
            if parent_of(stat) == Some(parent) {
                sum += ticks(stat, OWN).unwrap_or_default();
                parents.extend(pid_of(stat));
            }
        }
    }
    sum
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

fn pid_of(stat: &str) -> Option<i32> {
    stat.split_whitespace().next()?.parse().ok()
}

fn parent_of(stat: &str) -> Option<i32> {
    behind_name(stat)?.split_whitespace().nth(1)?.parse().ok()
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
        assert_eq!((pid_of(STAT), parent_of(STAT)), (Some(42), Some(1)));
        assert_eq!(ticks("42 (x) S 1", OWN), None);
    }

    #[test]
    fn children_count_whether_they_have_ended_or_not_and_so_do_theirs() {
        let stat = |pid: i32, parent: i32, own: u32, ended: u32| {
            format!("{pid} (x) S {parent} 1 1 0 -1 0 0 0 0 0 {own} 0 {ended} 0 20 0")
        };
        let stats = [
            stat(1, 0, 1_000, 1_000),
            stat(7, 1, 500, 40),
            stat(8, 7, 3, 0),
            stat(9, 8, 20, 1),
            stat(10, 1, 700, 0),
        ];
        assert_eq!(below(&stats, 7), TICK * (40 + 3 + 20 + 1));
    }

    #[test]
    fn time_on_a_processor_comes_first_in_schedstat() {
        assert_eq!(scheduled("1500 20 3\n"), Some(Duration::from_nanos(1_500)));
        assert_eq!(scheduled(""), None);
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
