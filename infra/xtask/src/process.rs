//! Child processes, each in a process group of its own, none of which outlives this tool unless it is told to.
//!
//! A group is ended as a whole (a server's own children with it), on drop, on failure and on ^C.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, waitpgid};

use crate::error::{Failure, Result};

static RUNNING: Mutex<Vec<i32>> = Mutex::new(Vec::new());

/// Ends every group that is still running when the person presses ^C or the session is told to stop.
///
/// # Errors
/// When the handler can't be installed.
pub fn end_children_on_signal() -> Result<()> {
    adopt_orphans();
    ctrlc::set_handler(|| {
        let groups = RUNNING.lock().map(|list| list.clone()).unwrap_or_default();
        for group in groups {
            end_group(group);
        }
        std::process::exit(130);
    })
    .map_err(|error| Failure::new(format!("the signal handler can't be installed: {error}")))
}

/// Makes this process the parent of what its children leave behind, so that [`end_group`] can clear it away. Where the
/// system has no such thing, its first process does it.
#[cfg(target_os = "linux")]
fn adopt_orphans() {
    let own = rustix::process::getpid();
    // Without it the orphans go to the system's first process: just as dead, only not cleared away by us.
    let _without = rustix::process::set_child_subreaper(Some(own));
}

#[cfg(not(target_os = "linux"))]
fn adopt_orphans() {}

/// A server that runs until this value is dropped, or kept.
pub struct Server {
    child: Child,
    group: i32,
    kept: bool,
}

impl Server {
    /// Starts a command with its output in the two files.
    ///
    /// # Errors
    /// When the files can't be written or the program can't be started.
    pub fn start(mut command: Command, stdout: &Path, stderr: &Path) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(File::create(stdout)?)
            .stderr(File::create(stderr)?)
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::new(format!("{program} can't be started: {error}")))?;
        let group = i32::try_from(child.id())
            .map_err(|_too_large| Failure::new("a process id beyond any the system gives"))?;
        if let Ok(mut list) = RUNNING.lock() {
            list.push(group);
        }
        Ok(Self {
            child,
            group,
            kept: false,
        })
    }

    /// The id of the process and of its group.
    pub fn pid(&self) -> i32 {
        self.group
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)) | Err(_))
    }

    /// Lets it run on after this tool has ended.
    pub fn keep(mut self) {
        self.kept = true;
        forget(self.group);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        end_group(self.group);
        let _ended = self.child.wait();
        forget(self.group);
    }
}

fn forget(group: i32) {
    if let Ok(mut list) = RUNNING.lock() {
        list.retain(|other| *other != group);
    }
}

/// Asks a group to end, and ends it after five seconds.
pub fn end_group(group: i32) {
    let Some(pid) = Pid::from_raw(group) else {
        return;
    };
    if kill_process_group(pid, Signal::TERM).is_err() {
        return;
    }
    let patience = Instant::now() + Duration::from_secs(5);
    while Instant::now() < patience && !is_gone(group) {
        sleep(Duration::from_millis(50));
    }
    if !is_gone(group) {
        // Already gone is what was wanted.
        let _gone = kill_process_group(pid, Signal::KILL);
        while Instant::now() < patience + Duration::from_secs(1) && !is_gone(group) {
            sleep(Duration::from_millis(50));
        }
    }
    // The dead that are ours to bury: the server itself and the orphans it left.
    while let Ok(Some(_buried)) = waitpgid(pid, WaitOptions::NOHANG) {}
}

/// Whether every process of the group has ended; a zombie has.
fn is_gone(group: i32) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Pid::from_raw(group)
            .is_none_or(|pid| rustix::process::test_kill_process_group(pid).is_err());
    };
    !entries.flatten().any(|entry| {
        std::fs::read_to_string(entry.path().join("stat"))
            .ok()
            .and_then(|stat| group_of(&stat))
            .is_some_and(|(state, of)| of == group && state != 'Z')
    })
}

/// State and process group out of a line of `/proc/<pid>/stat`.
fn group_of(stat: &str) -> Option<(char, i32)> {
    // The name stands in brackets and may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let group = fields.nth(1)?.parse().ok()?;
    Some((state, group))
}

/// When the process started, in clock ticks since boot: with the pid it names one process for ever.
pub fn started_at(pid: i32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

/// Runs a command to its end with its output on this tool's stderr.
///
/// # Errors
/// When it can't be started or ends with another code than 0.
pub fn run(command: &mut Command) -> Result<()> {
    command.stdout(std::io::stderr());
    run_aloud(command)
}

/// Runs a command to its end with its output where this tool's goes.
///
/// # Errors
/// As [`run`].
pub fn run_aloud(command: &mut Command) -> Result<()> {
    let program = said(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| Failure::new(format!("{program} can't be started: {error}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{program} ended with {status}")))
    }
}

/// Runs a command to its end and returns its stdout.
///
/// # Errors
/// As [`run`], with the last lines of what it said on stderr.
pub fn output(command: &mut Command) -> Result<String> {
    let program = said(command);
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("{program} can't be started: {error}")))?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&done.stderr);
    let all = format!("{stdout}\n{stderr}");
    Err(Failure::new(format!(
        "{program} ended with {}\n{}",
        done.status,
        last_lines(&all, 15)
    )))
}

/// The last lines of a log.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(count))
        .map(|line| format!("    {line}\n"))
        .collect()
}

fn said(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    match command.get_args().next() {
        Some(first) => format!("{program} {}", first.to_string_lossy()),
        None => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_read_past_a_name_with_brackets() {
        assert_eq!(group_of("42 (a) b) (c) S 1 77 77 0 -1"), Some(('S', 77)));
    }

    #[test]
    fn a_dropped_server_and_its_children_are_gone() {
        let dir = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & wait"]);
        let server = Server::start(command, &dir.join("out"), &dir.join("err")).unwrap();
        let pid = server.pid();
        assert!(!is_gone(pid));
        drop(server);
        assert!(is_gone(pid));
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_failing_command_brings_its_last_words() {
        let failure = output(Command::new("sh").args(["-c", "echo first; echo why >&2; exit 3"]))
            .unwrap_err();
        let said = failure.to_string();
        assert!(
            said.contains("exit status: 3") && said.contains("why"),
            "{said}"
        );
    }
}
