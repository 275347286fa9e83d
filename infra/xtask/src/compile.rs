//! A build that tells how far it is.
//!
//! Cargo knows how many units there are, and says so in its progress bar. The bar is asked for although nobody looks at it,
//! and the count is read from it: no plan of our own could go astray. The large units come last, so that half of them is far
//! from half of the time: how far, a first build was measured for. Of a later build only the count is told.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Failure, Result};
use crate::process;
use crate::say::Say;
use crate::workspace::{Workspace, cargo};

/// How much of the time of a first build is over when so many of the units are done, both in thousandths: measured on two
/// cores, with `cargo xtask` built before, as it always is. Which units there are changes slowly, their order hardly.
const COURSE: [(u32, u32); 12] = [
    (0, 0),
    (105, 10),
    (280, 96),
    (420, 156),
    (524, 221),
    (629, 310),
    (699, 436),
    (769, 532),
    (839, 746),
    (969, 809),
    (986, 902),
    (1000, 1000),
];
/// Before this much of the time is over, in thousandths, nothing is said of the rest.
const ENOUGH: u32 = 100;
/// Lines of the compiler that are shown when it fails.
const SHOWN: usize = 60;

/// An example that does nothing. Where an example is among what is built, cargo counts the features that tests need, too.
const FEATURES_OF_TESTS: &str = "features_of_tests";

/// Builds binaries with the features that all members of the workspace and their tests need, so that what one build compiled
/// serves all others.
///
/// # Errors
/// When something does not compile, with what the compiler said.
pub fn binaries(workspace: &Workspace, say: &Say, title: &str, names: &[&str]) -> Result<()> {
    let built = workspace.target.join("debug");
    let is_first = !names.iter().any(|name| built.join(name).exists());
    let mut command = cargo();
    command
        .args(["build", "--locked", "--workspace"])
        .args(names.iter().flat_map(|name| ["--bin", name]))
        .args(["--example", FEATURES_OF_TESTS])
        .current_dir(&workspace.root);
    with_progress(&mut command, say, title, is_first)
}

fn with_progress(command: &mut Command, say: &Say, title: &str, is_first: bool) -> Result<()> {
    let began = Instant::now();
    let mut child = command
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_QUIET", "false")
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "80")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::new(format!("cargo can't be started: {error}")))?;
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        for part in Parts::of(stderr) {
            if let Some(bar) = Bar::read(&part) {
                let took = is_first.then(|| began.elapsed());
                say.note(&format!("{title}: {}", told(bar, took)));
            } else if part.trim_start().starts_with("Blocking") {
                // Another cargo is at work: nothing moves until it is done.
                say.note(&format!("{title}: {}", part.trim()));
            } else if is_report(&part) {
                said.push_str(&part);
                said.push('\n');
            }
        }
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    let why = process::last_lines(&said, SHOWN);
    Err(Failure::new(format!(
        "cargo build ended with {status}\n{why}"
    )))
}

/// What cargo writes between line ends and returns of the carriage.
struct Parts<R>(BufReader<R>);

impl<R: Read> Parts<R> {
    fn of(from: R) -> Self {
        Self(BufReader::new(from))
    }
}

impl<R: Read> Iterator for Parts<R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut part = Vec::new();
        loop {
            let (end, used) = {
                // A broken pipe is the end: the exit code tells the rest.
                let found = self.0.fill_buf().ok()?;
                if found.is_empty() {
                    let rest = String::from_utf8_lossy(&part).into_owned();
                    return (!part.is_empty()).then_some(rest);
                }
                let end = found.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                part.extend_from_slice(&found[..end.unwrap_or(found.len())]);
                (end, end.map_or(found.len(), |end| end + 1))
            };
            self.0.consume(used);
            if end.is_some() {
                return Some(String::from_utf8_lossy(&part).into_owned());
            }
        }
    }
}

/// Whether a line is the compiler's, not one of cargo's on what it does at the moment.
fn is_report(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    !line.trim().is_empty()
        && !matches!(
            word,
            "Compiling" | "Downloading" | "Downloaded" | "Finished" | "Updating" | "Blocking"
        )
}

/// How many units are done, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    done: u32,
    all: u32,
}

impl Bar {
    /// Out of `    Building [=======>     ] 143/260: aws-sdk-sqs`.
    fn read(line: &str) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("Building [")?;
        let (_, rest) = rest.split_once("] ")?;
        let (done, rest) = rest.split_once('/')?;
        let all = rest.split(|other: char| !other.is_ascii_digit()).next()?;
        Some(Self {
            done: done.parse().ok()?,
            all: all.parse().ok()?,
        })
    }
}

/// The count, and in a first build, which has taken so long, what is left.
fn told(bar: Bar, took: Option<Duration>) -> String {
    let count = format!("{} of {} units", bar.done, bar.all);
    match took.and_then(|took| left(bar, took)) {
        Some(left) => format!("{count}, about {} left", roughly(left)),
        None => count,
    }
}

/// A guess has no tenths of a second.
fn roughly(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// The time left, to the next ten seconds.
fn left(bar: Bar, took: Duration) -> Option<Duration> {
    let over = over(bar);
    if over < ENOUGH {
        return None;
    }
    let left = took * (1000 - over) / over;
    Some(Duration::from_secs(left.as_secs().next_multiple_of(10)))
}

/// How much of the time is over, in thousandths.
fn over(bar: Bar) -> u32 {
    let done = (bar.done * 1000).checked_div(bar.all).unwrap_or_default();
    let stretch = COURSE.windows(2).find_map(|pair| match pair {
        [from, to] if done <= to.0 => Some((*from, *to)),
        _ => None,
    });
    match stretch {
        Some((from, to)) => from.1 + (to.1 - from.1) * (done - from.0) / (to.0 - from.0),
        None => 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_cargos_bar_alone() {
        let bar = Bar::read("    Building [===>          ] 143/260: aws-sdk-sqs, h2").unwrap();
        assert_eq!((bar.done, bar.all), (143, 260));
        let last = Bar::read("    Building [============>] 259/260: all-functions(bin)").unwrap();
        assert_eq!((last.done, last.all), (259, 260));
        for other in ["   Compiling serde v1.0.0", "error: 3/4", "Building [", ""] {
            assert_eq!(Bar::read(other), None, "{other}");
        }
    }

    #[test]
    fn half_of_the_units_is_far_from_half_of_the_time() {
        let bar = |done| Bar { done, all: 1000 };
        assert_eq!((over(bar(0)), over(bar(1000))), (0, 1000));
        assert_eq!((over(bar(524)), over(bar(734))), (221, 484));
        let took = Duration::from_secs(60);
        assert_eq!(
            left(bar(300), Duration::from_secs(20)),
            Some(Duration::from_secs(180))
        );
        assert_eq!(left(bar(986), took), Some(Duration::from_secs(10)));
        assert_eq!(left(bar(200), took), None, "too early to tell");
    }

    #[test]
    fn what_is_left_is_told_of_a_first_build_alone() {
        let bar = Bar {
            done: 230,
            all: 286,
        };
        assert_eq!(told(bar, None), "230 of 286 units");
        let told = told(bar, Some(Duration::from_secs(60)));
        assert_eq!(told, "230 of 286 units, about 40 s left");
    }

    #[test]
    fn a_progress_bar_ends_with_a_return_and_a_line_with_a_line_end() {
        let parts: Vec<String> = Parts::of("bar 1\rbar 2\rline\nrest".as_bytes()).collect();
        assert_eq!(parts, ["bar 1", "bar 2", "line", "rest"]);
    }

    #[test]
    fn what_the_compiler_says_is_kept_and_what_cargo_does_is_not() {
        assert!(is_report("error[E0432]: unresolved import `x`"));
        assert!(is_report("warning: unused variable"));
        assert!(!is_report("   Compiling serde v1.0.0"));
        assert!(!is_report("   "));
    }
}
