//! What a person reads while a task runs.
//!
//! On a terminal one line lives per step; into a pipe each step is one plain line when it starts and one when it ends.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::error::Result;

/// Where the human part of the output goes.
pub struct Say {
    to_stderr: bool,
    live: bool,
    last_note: Cell<Option<Instant>>,
}

impl Say {
    /// Speaks on stdout, or on stderr when stdout is kept for a machine.
    pub fn new(to_stderr: bool) -> Self {
        let live = if to_stderr {
            std::io::stderr().is_terminal()
        } else {
            std::io::stdout().is_terminal()
        };
        Self {
            to_stderr,
            live,
            last_note: Cell::new(None),
        }
    }

    /// One line.
    pub fn line(&self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    /// Runs one step and says how it ended and how long it took.
    ///
    /// # Errors
    /// The step's own failure, with the step's title before it.
    pub fn step<T>(&self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let started = Instant::now();
        self.last_note.set(None);
        if self.live {
            self.write(&format!("  … {title}"));
        } else {
            self.write(&format!("  ... {title}\n"));
        }
        let outcome = work();
        self.ended(title, outcome.is_ok(), started.elapsed());
        outcome.map_err(|failure| failure.during(title))
    }

    /// Says how something ended that ran beside the steps, or a step itself.
    pub fn ended(&self, title: &str, well: bool, took: Duration) {
        let (mark, plain) = if well { ("✓", "ok ") } else { ("✗", "NOT") };
        let took = seconds(took);
        if self.live {
            self.write(&format!("\r\x1b[K  {mark} {title} ({took})\n"));
        } else {
            self.write(&format!("  {plain} {title} ({took})\n"));
        }
    }

    /// How far a running step is; at most twice a second on a terminal, every ten seconds in a pipe.
    pub fn note(&self, text: &str) {
        let pause = if self.live {
            Duration::from_millis(500)
        } else {
            Duration::from_secs(10)
        };
        let now = Instant::now();
        let due = match self.last_note.get() {
            Some(last) => now.duration_since(last) >= pause,
            // A pipe hears of a short step only when it has ended.
            None => {
                self.last_note.set(Some(now));
                self.live
            }
        };
        if !due {
            return;
        }
        self.last_note.set(Some(now));
        if self.live {
            self.write(&format!("\r\x1b[K  … {text}"));
        } else {
            self.write(&format!("      {text}\n"));
        }
    }

    fn write(&self, text: &str) {
        // A closed terminal is no reason to leave a stack running: the work goes on, unheard.
        if self.to_stderr {
            let mut out = std::io::stderr().lock();
            let _unheard = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        } else {
            let mut out = std::io::stdout().lock();
            let _unheard = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}

/// A duration as a person says it.
pub fn seconds(duration: Duration) -> String {
    if duration.as_secs() >= 60 {
        format!(
            "{} min {} s",
            duration.as_secs() / 60,
            duration.as_secs() % 60
        )
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_seconds_until_a_minute_is_over() {
        assert_eq!(seconds(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn a_failed_step_names_itself() {
        let say = Say::new(true);
        let outcome: Result<()> = say.step("a step that this test lets fail", || {
            Err(crate::error::Failure::new("one missing"))
        });
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "a step that this test lets fail: one missing"
        );
    }
}
