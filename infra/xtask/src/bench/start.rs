//! From the start of a process to its first poll for an event.

use serde::Serialize;

use super::amount::{megabytes, rounded};
use super::proc;
use super::worker::{Recipe, Worker};
use crate::error::Result;

/// Starts of each; one more comes first, to bring the files into memory.
pub const STARTS: usize = 9;

/// The middle of several starts.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Start {
    /// From just before the process was made to its first poll.
    pub first_poll_ms: f64,
    /// CPU time by then.
    pub cpu_ms: f64,
    /// Memory that is resident then.
    pub rss_mb: f64,
}

/// Starts all of them in turns.
///
/// # Errors
/// When one does not come to its first poll.
pub fn all(recipes: &[&Recipe]) -> Result<Vec<Start>> {
    let mut samples = vec![Vec::new(); recipes.len()];
    for round in 0..=STARTS {
        for turn in 0..recipes.len() {
            let at = (turn + round) % recipes.len();
            let worker = Worker::start(recipes[at])?;
            let sample = [
                worker.first_poll.as_secs_f64() * 1_000.0,
                proc::young_cpu(worker.pid())?.as_secs_f64() * 1_000.0,
                megabytes(proc::resident(worker.pid())?),
            ];
            if round > 0 {
                samples[at].push(sample);
            }
        }
    }
    Ok(samples.iter().map(|samples| middle(samples)).collect())
}

fn middle(samples: &[[f64; 3]]) -> Start {
    let [first_poll_ms, cpu_ms, rss_mb] = [0, 1, 2].map(|at| {
        let mut column: Vec<f64> = samples.iter().map(|sample| sample[at]).collect();
        column.sort_by(f64::total_cmp);
        rounded(column.get(column.len() / 2).copied().unwrap_or(0.0), 1)
    });
    Start {
        first_poll_ms,
        cpu_ms,
        rss_mb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_taken_of_each_figure_by_itself() {
        let start = middle(&[[3.0, 10.0, 7.04], [1.0, 30.0, 9.0], [2.0, 20.0, 8.0]]);
        assert_eq!(
            (start.first_poll_ms, start.cpu_ms, start.rss_mb),
            (2.0, 20.0, 8.0)
        );
    }
}
