//! A build that tells how far it is.
//!
//! Cargo knows how many units there are, and says so in its progress bar. The bar is asked for although nobody looks at it,
//! and the count is read from it: no plan of our own could go astray. The time left is what the units so far came to on
//! average, and is said to be no more than that.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Failure, Result};
use crate::process;
use crate::say::{Say, seconds};
use crate::workspace::{Workspace, cargo};

/// Before this much is done the pace says nothing.
const ENOUGH: u32 = 20;
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
    let mut command = cargo();
    command
        .args(["build", "--locked", "--workspace"])
        .args(names.iter().flat_map(|name| ["--bin", name]))
        .args(["--example", FEATURES_OF_TESTS])
        .current_dir(&workspace.root);
    with_progress(&mut command, say, title)
}

fn with_progress(command: &mut Command, say: &Say, title: &str) -> Result<()> {
    let mut child = command
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "80")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::new(format!("cargo can't be started: {error}")))?;
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        let mut pace = Pace::default();
        for part in Parts::of(stderr) {
            if let Some(bar) = Bar::read(&part) {
                say.note(&format!("{title}: {}", pace.told(bar, Instant::now())));
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

/// How quickly units are done. What was there from an earlier build does not count.
#[derive(Default)]
struct Pace {
    began: Option<(Instant, u32)>,
}

impl Pace {
    fn told(&mut self, bar: Bar, now: Instant) -> String {
        let (began, first) = *self.began.get_or_insert((now, bar.done));
        let count = format!("{} of {}", bar.done, bar.all);
        match left(bar, first, now.duration_since(began)) {
            Some(left) => format!("{count}, at this pace {} more", seconds(left)),
            None => count,
        }
    }
}

/// The time left at the pace so far.
fn left(bar: Bar, first: u32, took: Duration) -> Option<Duration> {
    let done = bar.done.checked_sub(first)?;
    (done >= ENOUGH).then(|| took * bar.all.saturating_sub(bar.done) / done)
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
    fn time_left_follows_from_what_was_built_in_this_run() {
        let bar = Bar {
            done: 150,
            all: 250,
        };
        let took = Duration::from_secs(30);
        assert_eq!(left(bar, 100, took), Some(Duration::from_secs(60)));
        assert_eq!(left(bar, 140, took), None, "too few to tell");
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
