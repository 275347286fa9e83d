//! What the local stack is made from: its Python tools and its binaries, at the same time.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::binaries::Binaries;
use crate::error::{Failure, Result};
use crate::say::Say;
use crate::venv::{Order, Venv};
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "infra/local/requirements-stack.txt";

/// Installs the one while the other is built: the first waits for the network, the second for the processor.
///
/// # Errors
/// When either fails; when both do, both are told.
pub fn ready(workspace: &Workspace, say: &Say) -> Result<(Venv, Binaries)> {
    let order = Order::new(workspace, "stack", REQUIREMENTS)?;
    if order.is_done() {
        return Ok((order.run()?, Binaries::build(workspace, say)?));
    }
    let title = order.title();
    say.line(&format!("  ... {title}, meanwhile"));
    let began = Instant::now();
    let tools = thread::spawn(move || (order.run(), began.elapsed()));
    let built = Binaries::build(workspace, say);
    both(installed(say, &title, tools), built)
}

fn installed(say: &Say, title: &str, tools: JoinHandle<(Result<Venv>, Duration)>) -> Result<Venv> {
    if !tools.is_finished() {
        return say.step(title, || end_of(tools).0);
    }
    let (outcome, took) = end_of(tools);
    say.ended(title, outcome.is_ok(), took);
    outcome.map_err(|failure| failure.during(title))
}

fn end_of(tools: JoinHandle<(Result<Venv>, Duration)>) -> (Result<Venv>, Duration) {
    let ended = tools.join();
    ended.unwrap_or_else(|_panic| (Err(Failure::new("it broke off")), Duration::ZERO))
}

fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err(Failure::new(format!("{one}\n{other}"))),
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_both_fail_both_are_told() {
        let fails = |why: &str| Err::<(), _>(Failure::new(why));
        let told = both(fails("no network"), fails("no compiler")).unwrap_err();
        assert_eq!(told.to_string(), "no network\nno compiler");
        assert!(both(Ok(()), fails("no compiler")).is_err());
        assert!(both(Ok(1), Ok(2)).is_ok());
    }
}
