//! The simulators of the Sage agent and of the CRMs, as a process of their own.

use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Failure, Result, ensure};
use crate::http::Http;
use crate::process::{Server, last_lines};
use crate::target::TARGETS;

/// Running simulators.
pub struct Simulators {
    /// The process.
    pub server: Server,
    /// What they said when they started: addresses and credentials.
    pub said: Value,
}

impl Simulators {
    /// Starts the agent, the SOAP service and all CRMs on free ports.
    ///
    /// # Errors
    /// When they do not say their addresses within a minute.
    pub fn start(binary: &Path, dir: &Path, customers: u32, seed: u64) -> Result<Self> {
        let mut command = Command::new(binary);
        command
            .args(["--agent", "127.0.0.1:0", "--soap", "127.0.0.1:0"])
            .args(["--customers", &customers.to_string()])
            .args(["--seed", &seed.to_string()]);
        for target in TARGETS {
            command.args([&format!("--{}", target.name), "127.0.0.1:0"]);
        }
        let (out, err) = (dir.join("simulators.out"), dir.join("simulators.log"));
        let mut server = Server::start(command, &out, &err)?;
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let text = std::fs::read_to_string(&out).unwrap_or_default();
            if let Some((line, _)) = text.split_once('\n') {
                let said = serde_json::from_str(line)?;
                return Ok(Self { server, said });
            }
            ensure(!server.has_ended() && Instant::now() < patience, || {
                let why = std::fs::read_to_string(&err).unwrap_or_default();
                format!("the simulators do not start\n{}", last_lines(&why, 10))
            })?;
            sleep(Duration::from_millis(50));
        }
    }

    /// The door of one system.
    ///
    /// # Errors
    /// When the start line lacks an address.
    pub fn door(&self, system: &str) -> Result<Door> {
        Ok(Door {
            http: Http::new(Duration::from_secs(60)),
            base: text(&self.said, &format!("/{system}/url"))?,
        })
    }
}

/// A text in a JSON document, by pointer.
///
/// # Errors
/// When it is missing or not a text.
pub fn text(document: &Value, pointer: &str) -> Result<String> {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("{pointer} is missing")))
}

/// The control door of one simulated system.
#[derive(Clone, Debug)]
pub struct Door {
    http: Http,
    base: String,
}

impl Door {
    /// Counts of calls by operation and status.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub fn stats(&self) -> Result<Value> {
        self.get("/_sim/stats")
    }

    /// All records of a module or object (CRMs) or an entity (Sage).
    ///
    /// # Errors
    /// When the simulator does not answer or has no such module.
    pub fn records(&self, module: &str) -> Result<Value> {
        self.get(&format!("/_sim/records/{module}"))
    }

    /// The records of a module that hold a Sage key.
    ///
    /// # Errors
    /// As [`Self::records`].
    pub fn records_of(&self, module: &str, key: &str) -> Result<Value> {
        let encoded: String = key
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        self.get(&format!("/_sim/records/{module}?key={encoded}"))
    }

    /// An edit as a person at the system's screen makes it.
    ///
    /// # Errors
    /// When the simulator refuses it.
    pub fn edit(&self, body: &Value) -> Result<Value> {
        self.post("/_sim/edit", body)
    }

    /// Rules that make calls fail.
    ///
    /// # Errors
    /// When the simulator refuses them.
    pub fn faults(&self, body: &Value) -> Result<Value> {
        self.post("/_sim/faults", body)
    }

    /// Any other question.
    ///
    /// # Errors
    /// When the simulator does not answer as documented.
    pub fn get(&self, path: &str) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        let answer = self.http.get(&url, &[])?;
        answer.json().map_err(|failure| failure.during(path))
    }

    /// Any other order.
    ///
    /// # Errors
    /// When the simulator refuses it.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        let headers = [("content-type", "application/json")];
        let answer = self.http.post(&url, &headers, &body.to_string())?;
        answer.json().map_err(|failure| failure.during(path))
    }
}
