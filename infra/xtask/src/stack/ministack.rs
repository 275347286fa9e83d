//! MiniStack: AWS on this machine, on a free port of the loopback address.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::aws::{LocalAws, REGION, ROOT_KEY};
use crate::error::{Failure, Result, ensure};
use crate::process::{Server, last_lines};
use crate::venv::Venv;
use crate::workspace::Workspace;

/// MiniStack with the condition key that the template's policies need.
const SERVER: &str = "infra/local/ministack_server.py";

/// A running MiniStack.
pub struct MiniStack {
    /// The process.
    pub server: Server,
    /// Its AWS.
    pub aws: LocalAws,
}

impl MiniStack {
    /// Starts it with everything it writes in `dir`, and waits until it takes calls.
    ///
    /// # Errors
    /// When it does not come up within half a minute.
    pub fn start(workspace: &Workspace, venv: &Venv, dir: &Path) -> Result<Self> {
        // Between choosing the port and binding it another program may take it.
        let mut last = Failure::new("never tried");
        for _ in 0..3 {
            match Self::start_once(&workspace.file(SERVER), venv, dir) {
                Ok(started) => return Ok(started),
                Err(failure) => last = failure,
            }
        }
        Err(last.during("MiniStack does not start"))
    }

    fn start_once(server: &Path, venv: &Venv, dir: &Path) -> Result<Self> {
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let temporary = dir.join("tmp");
        std::fs::create_dir_all(&temporary)?;
        let mut command = venv.command("python");
        command
            .arg(server)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            // The policies of the template are enforced: a forgotten permission fails here, not in the cloud.
            .env("AUTH", "true")
            .env("TMPDIR", &temporary)
            .env("S3_DATA_DIR", dir.join("s3"))
            .env("STATE_DIR", dir.join("state"))
            // Two servers nobody asked for, on fixed ports.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0");
        for (name, value) in environment(&endpoint) {
            command.env(name, value);
        }
        without_callers_account(&mut command);
        let log = dir.join("ministack.log");
        let mut server = Server::start(command, &dir.join("ministack.out"), &log)?;
        let aws = LocalAws::new(&endpoint);
        let patience = Instant::now() + Duration::from_secs(30);
        while !aws.is_ready() {
            ensure(!server.has_ended() && Instant::now() < patience, || {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                format!("it did not come up\n{}", last_lines(&said, 10))
            })?;
            sleep(Duration::from_millis(50));
        }
        Ok(Self { server, aws })
    }
}

/// A port of the loopback address that nobody has at this moment.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The variables that point any AWS client at this stack.
pub fn environment(endpoint: &str) -> Vec<(String, OsString)> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", ROOT_KEY),
        ("AWS_SECRET_ACCESS_KEY", ROOT_KEY),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "127.0.0.1,localhost"),
        ("no_proxy", "127.0.0.1,localhost"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect()
}

/// Takes away what could lead a local task to the caller's real account.
pub fn without_callers_account(command: &mut Command) {
    for name in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_CA_BUNDLE",
    ] {
        command.env_remove(name);
    }
}
