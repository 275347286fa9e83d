//! The three sides, each with its own tables, its own Salesforce and its own way to AWS.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use counterpart_config::{CrmProfile, SALESFORCE};
use serde_json::{Value, json};

use super::proxy::Proxy;
use super::tables::Definitions;
use super::worker::Recipe;
use crate::aws::LocalAws;
use crate::binaries::Binaries;
use crate::error::Result;
use crate::process;
use crate::stack::crm::{fill, secret};
use crate::stack::ministack;
use crate::stack::simulators::{Door, Simulators, text};
use crate::target::{TARGETS, Target};
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Counterpart's own writer.
pub const OURS: &str = "counterpart";
/// Python by the fewest requests.
pub const BATCHED: &str = "batched";
/// Python by the libraries' guides.
pub const IDIOMATIC: &str = "idiomatic";
/// All of them, in the order in which people read of them.
pub const SIDES: [&str; 3] = [OURS, BATCHED, IDIOMATIC];

/// The CRM that all sides write.
pub const CRM: &CrmProfile = &SALESFORCE;

/// What all sides are made from.
pub struct Ground<'a> {
    /// The repository.
    pub workspace: &'a Workspace,
    /// Where everything is written.
    pub dir: &'a Path,
    /// The command and the simulators.
    pub binaries: &'a Binaries,
    /// The release build of our writer.
    pub writer: &'a Path,
    /// The peers' Python.
    pub peers: &'a Venv,
    /// The local AWS.
    pub aws: &'a LocalAws,
    /// The template's tables.
    pub tables: &'a Definitions,
}

/// One writer with what is around it.
pub struct Side {
    /// What people call it.
    pub name: &'static str,
    /// How its process is started.
    pub recipe: Recipe,
    /// Counts what it asks of AWS.
    pub proxy: Proxy,
    /// Its Salesforce.
    pub crm: Door,
    /// The name of its table of links.
    pub links: String,
    _simulators: Simulators,
}

impl Side {
    /// Sets one up: tables, a Salesforce, credentials, and for our own writer the configuration.
    ///
    /// # Errors
    /// When any of these does not work.
    pub fn set_up(ground: &Ground<'_>, name: &'static str) -> Result<Self> {
        let dir = ground.dir.join(name);
        std::fs::create_dir_all(&dir)?;
        let simulators = Simulators::start(&ground.binaries.path("simulators"), &dir, 0, 1)?;
        let tables = ground.tables.create(ground.aws, name)?;
        let proxy = Proxy::start(ground.aws.endpoint(), &tables)?;
        let wanted = json!({
            "Name": format!("{name}/{}", salesforce().name),
            "SecretString": secret(salesforce(), &simulators.said)?.to_string(),
        });
        ground
            .aws
            .json_call("secretsmanager", "secretsmanager.CreateSecret", &wanted)?;
        let own = if name == OURS {
            push_configuration(ground, &dir, &simulators.said)?;
            ours(ground)
        } else {
            peers(ground, name, &simulators.said)?
        };
        Ok(Self {
            name,
            recipe: recipe(ground, name, dir, &proxy.endpoint, own),
            crm: simulators.door(salesforce().name)?,
            links: format!("{name}-links"),
            proxy,
            _simulators: simulators,
        })
    }
}

fn salesforce() -> &'static Target {
    // The last row: `TARGETS` has both for good.
    TARGETS
        .iter()
        .find(|target| target.profile == CRM)
        .unwrap_or(&TARGETS[0])
}

type Variables = Vec<(String, OsString)>;

/// What the template gives our writer.
fn ours(ground: &Ground<'_>) -> Variables {
    let mut variables: Variables = ground
        .tables
        .names()
        .map(|table| {
            let name = format!("COUNTERPART_TABLE_{}", table.to_ascii_uppercase());
            (name, format!("{OURS}-{table}").into())
        })
        .collect();
    let others = [
        ("COUNTERPART_TARGETS", CRM.name),
        (
            "COUNTERPART_CRM_WRITES",
            "https://sqs.us-east-1.amazonaws.com/000000000000/bench-crm-writes-{target}",
        ),
        ("COUNTERPART_SECRETS_PREFIX", "counterpart/"),
        ("COUNTERPART_ALLOW_LOOPBACK", "true"),
    ];
    variables.extend(others.map(|(name, value)| (name.to_owned(), value.into())));
    variables
}

/// What the peers are told.
fn peers(ground: &Ground<'_>, name: &str, said: &Value) -> Result<Variables> {
    let code = ground.workspace.file("tests/bench/peers");
    let variables: [(&str, OsString); 8] = [
        ("PATH", ground.peers.path()),
        ("PYTHONPATH", code.clone().into()),
        // The repository stays clean; what is compiled once is kept as a deployed package keeps it.
        (
            "PYTHONPYCACHEPREFIX",
            ground.workspace.target.join("bench-pycache").into(),
        ),
        ("LAMBDA_TASK_ROOT", code.into()),
        ("LINKS_TABLE", format!("{name}-links").into()),
        ("LEDGER_TABLE", format!("{name}-ledger").into()),
        ("SALESFORCE_URL", text(said, "/salesforce/url")?.into()),
        ("SALESFORCE_SECRET", format!("{name}/salesforce").into()),
    ];
    Ok(variables
        .map(|(name, value)| (name.to_owned(), value))
        .into())
}

/// The program with the environment that Lambda gives a function, and nothing of this process's own.
fn recipe(
    ground: &Ground<'_>,
    name: &'static str,
    dir: PathBuf,
    endpoint: &str,
    own: Variables,
) -> Recipe {
    let (writer, venv) = (ground.writer.to_owned(), ground.peers.clone());
    let aws = ministack::environment(endpoint);
    let command = move || {
        let mut command = if name == OURS {
            let mut command = Command::new(&writer);
            command.env_clear();
            command
        } else {
            let mut command = venv.command("python");
            command
                .env_clear()
                .args(["-m", "awslambdaric", &format!("{name}.handler")]);
            command
        };
        command
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench-crm-writer")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
        for (name, value) in aws.iter().chain(&own) {
            command.env(name, value);
        }
        command
    };
    Recipe {
        name,
        command: Box::new(command),
        log: dir.join("writer.log"),
    }
}

fn push_configuration(ground: &Ground<'_>, dir: &Path, said: &Value) -> Result<()> {
    let template = std::fs::read_to_string(ground.workspace.file("tests/bench/sync.toml"))?;
    let file = dir.join("sync.toml");
    std::fs::write(&file, fill(&template, said)?)?;
    let mut command = Command::new(ground.binaries.path("counterpart"));
    // The agent has no part in this: its secret is not there.
    command.args(["config", "push", "--unchecked"]).arg(&file);
    for (name, value) in ministack::environment(ground.aws.endpoint()) {
        command.env(name, value);
    }
    for (name, value) in ours(ground) {
        command.env(name, value);
    }
    ministack::without_callers_account(&mut command);
    process::output(&mut command).map(drop)
}
