//! A writer's process, between its Runtime API and the services that it calls.

use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::runtime_api::{Call, RuntimeApi, event};
use crate::error::{Failure, Result};
use crate::process::{Server, last_lines};

/// How long a start may take, and how long an event.
const PATIENCE: Duration = Duration::from_secs(180);

/// How a writer is started.
pub struct Recipe {
    /// What people call it.
    pub name: &'static str,
    /// The program with its arguments and its environment, but for where its Runtime API is.
    pub command: Box<dyn Fn() -> Command>,
    /// Where it writes what it says.
    pub log: std::path::PathBuf,
}

/// A running writer that waits for an event.
pub struct Worker {
    name: &'static str,
    server: Server,
    api: RuntimeApi,
    waits: Sender<Vec<u8>>,
    log: std::path::PathBuf,
    events: u64,
    /// From just before the process was made to its first poll.
    pub first_poll: Duration,
}

impl Worker {
    /// Starts one and waits for its first poll.
    ///
    /// # Errors
    /// When it ends or reports a failure instead.
    pub fn start(recipe: &Recipe) -> Result<Self> {
        let api = RuntimeApi::start()?;
        let mut command = (recipe.command)();
        command.env("AWS_LAMBDA_RUNTIME_API", api.address.to_string());
        let began = Instant::now();
        let mut server = Server::start(command, &recipe.log.with_extension("out"), &recipe.log)?;
        let (at, waits) = match call(recipe.name, &api, &mut server, &recipe.log)? {
            Call::Next { at, event } => (at, event),
            other => return Err(unexpected(recipe.name, &other)),
        };
        Ok(Self {
            name: recipe.name,
            first_poll: at.duration_since(began),
            server,
            api,
            waits,
            log: recipe.log.clone(),
            events: 0,
        })
    }

    /// The process.
    pub fn pid(&self) -> i32 {
        self.server.pid()
    }

    /// Hands over an event, and waits for the answer and for the next poll. Returns the answer, and how long it took.
    ///
    /// # Errors
    /// When the process ends, or reports a failure, or takes longer than Lambda would let it.
    pub fn invoke(&mut self, body: &str) -> Result<(Value, Duration)> {
        self.events += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.events);
        let began = Instant::now();
        self.waits
            .send(event(&id, body)?)
            .map_err(|_gone| Failure::new(format!("{} no longer waits for events", self.name)))?;
        let mut answer = None;
        loop {
            match call(self.name, &self.api, &mut self.server, &self.log)? {
                Call::Answer { at, body } => {
                    answer = Some((serde_json::from_slice(&body)?, at.duration_since(began)));
                }
                Call::Next { event, .. } => {
                    self.waits = event;
                    return answer.ok_or_else(|| {
                        Failure::new(format!("{} polled again without an answer", self.name))
                    });
                }
                failed @ Call::Failed(_) => return Err(unexpected(self.name, &failed)),
            }
        }
    }
}

fn call(name: &str, api: &RuntimeApi, server: &mut Server, log: &std::path::Path) -> Result<Call> {
    let began = Instant::now();
    loop {
        match api.calls.recv_timeout(Duration::from_millis(200)) {
            Ok(call) => return Ok(call),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new("the Runtime API has ended"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let why = if server.has_ended() {
            "has ended"
        } else if began.elapsed() > PATIENCE {
            "took too long"
        } else {
            continue;
        };
        let said = std::fs::read_to_string(log).unwrap_or_default();
        return Err(Failure::new(format!(
            "{name} {why}\n{}",
            last_lines(&said, 15)
        )));
    }
}

fn unexpected(name: &str, call: &Call) -> Failure {
    match call {
        Call::Failed(why) => Failure::new(format!("{name} failed: {why}")),
        Call::Answer { .. } => Failure::new(format!("{name} answered before it was asked")),
        Call::Next { .. } => Failure::new(format!("{name} polled twice")),
    }
}
