//! One start of one function.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::api::RuntimeApi;
use super::build::Binary;
use crate::binaries::ALL_FUNCTIONS;
use crate::error::{Failure, Result};

/// How long a function may take to come to its first poll.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one start showed.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    /// From just before the process was made to its first poll.
    pub init: Duration,
    /// The most memory that it had resident until then, in bytes.
    pub peak: u64,
}

/// Ends the process whatever happens.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _already = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Starts a function, waits for its first poll, looks at its memory, and ends it.
///
/// # Errors
/// When it ends or reports a failure instead, takes too long, or calls AWS before it polls.
pub fn start_once(binary: &Binary, api: &RuntimeApi) -> Result<Started> {
    let name = &binary.name;
    // What an earlier one still had on its way.
    while api.asked.try_recv().is_ok() {}
    let mut command = command(binary, api)?;
    let began = Instant::now();
    let child = command.spawn();
    let child = child.map_err(|error| Failure::new(format!("{name} can't be started: {error}")))?;
    let mut child = Ended(child);
    let asked = loop {
        match api.asked.recv_timeout(Duration::from_millis(100)) {
            Ok(asked) => break asked,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new("the Runtime API has ended"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(status) = child.0.try_wait()? {
            return Err(Failure::new(format!(
                "{name} ended before its first poll: {status}"
            )));
        }
        if began.elapsed() > PATIENCE {
            return Err(Failure::new(format!(
                "{name} did not poll within {PATIENCE:?}"
            )));
        }
    };
    if !asked
        .line
        .starts_with("GET /2018-06-01/runtime/invocation/next ")
    {
        return Err(Failure::new(format!(
            "{name} asked for {} instead of its first event: {}",
            asked.line, asked.body
        )));
    }
    let peak = peak(child.0.id())?;
    if api.aws.accept().is_ok() {
        return Err(Failure::new(format!(
            "{name} called AWS before its first poll"
        )));
    }
    Ok(Started {
        init: asked.at.duration_since(began),
        peak,
    })
}

/// The environment that Lambda and the template give a function, with nothing of this process's own.
fn command(binary: &Binary, api: &RuntimeApi) -> Result<Command> {
    let mut command = Command::new(&binary.path);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", &binary.name)
        .env("_HANDLER", handler(&binary.name))
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "measure")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "measure")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "measure")
        .env("AWS_SECRET_ACCESS_KEY", "measure")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(
            "AWS_ENDPOINT_URL",
            format!("http://{}", api.aws.local_addr()?),
        )
        .env("COUNTERPART_TARGETS", "zoho,salesforce")
        .env(
            "COUNTERPART_CRM_WRITES",
            "https://sqs.us-east-1.amazonaws.com/1/measure-crm-writes-{target}",
        )
        .env("COUNTERPART_SECRETS_PREFIX", "measure/");
    for table in [
        "LINKS", "REPS", "CURSORS", "LEDGER", "PARKED", "SETTINGS", "TOKENS",
    ] {
        command.env(
            format!("COUNTERPART_TABLE_{table}"),
            format!("measure-{}", table.to_lowercase()),
        );
    }
    Ok(command)
}

/// Which function a binary is to be: the one that holds all is measured as the writer.
fn handler(name: &str) -> &str {
    match name {
        ALL_FUNCTIONS => "crm-writer",
        own => own,
    }
}

/// The highest resident size of a process so far, in bytes.
fn peak(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
    let status = status.map_err(|error| {
        Failure::new(format!(
            "memory is read from /proc, as Linux has it: {error}"
        ))
    })?;
    high_water(&status).ok_or_else(|| Failure::new("the process's status names no VmHWM"))
}

fn high_water(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        let status = "Name:\tpoller\nVmPeak:\t   99 kB\nVmHWM:\t    8400 kB\nVmRSS:\t  12 kB\n";
        assert_eq!(high_water(status), Some(8_601_600));
        assert_eq!(high_water("VmRSS: 12 kB"), None);
    }
}
