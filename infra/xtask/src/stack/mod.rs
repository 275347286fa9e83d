//! The whole system on this machine: simulators, MiniStack and the deployed template.

pub mod crm;
pub mod deploy;
pub mod ministack;
pub mod shell;
pub mod simulators;
pub mod state;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::aws::LocalAws;
use crate::binaries::Binaries;
use crate::error::{Failure, Result};
use crate::http::Http;
use crate::prepare;
use crate::process;
use crate::say::Say;
use crate::stack::crm::Crm;
use crate::stack::deploy::{SALESFORCE_BUS, STACK};
use crate::stack::ministack::MiniStack;
use crate::stack::simulators::{Door, Simulators, text};
use crate::target::{TARGETS, titles};
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Tries calls with the rights of functions.
const TRY: &str = "infra/local/try_as_function.py";

/// What a stack is started with.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Generated customers, beside those of the demo companies.
    pub customers: u32,
    /// Seed of the generated data.
    pub seed: u64,
    /// Whether the schedules poll by themselves.
    pub scheduled: bool,
    /// Folder for everything the stack writes; emptied first.
    pub dir: PathBuf,
}

/// A running system.
pub struct Stack {
    /// AWS.
    pub aws: LocalAws,
    /// The simulated Sage 100.
    pub sage: Door,
    /// The simulated CRMs.
    pub crms: Vec<Crm>,
    /// Company codes that the agent serves.
    pub companies: Vec<String>,
    /// Base URL of the hint API.
    pub hint_url: String,
    /// Key that signs hints.
    pub hint_key: String,
    /// Base URL of what CRMs call.
    pub crm_api_url: String,
    /// What the simulators said when they started.
    pub said: Value,
    dir: PathBuf,
    counterpart: PathBuf,
    tools: Venv,
    attempts: PathBuf,
    environment: Vec<(String, OsString)>,
    ministack: MiniStack,
    simulators: Simulators,
}

impl Stack {
    /// Builds, starts, deploys, fills in the credentials and pushes the configuration.
    ///
    /// # Errors
    /// When any of these does not work; whatever was started is ended again.
    pub fn start(workspace: &Workspace, say: &Say, wanted: &Wanted) -> Result<Self> {
        let (venv, binaries) = prepare::ready(workspace, say)?;
        let dir = &wanted.dir;
        if dir.exists() {
            std::fs::remove_dir_all(dir)?;
        }
        std::fs::create_dir_all(dir)?;
        let title = format!("start the simulators of Sage 100, {}", titles());
        let simulators = say.step(&title, || {
            let binary = binaries.path("simulators");
            Simulators::start(&binary, dir, wanted.customers, wanted.seed)
        })?;
        let companies = companies(&simulators.said)?;
        let ministack = say.step("start MiniStack", || {
            let ministack = MiniStack::start(workspace, &venv, dir)?;
            // Of a partner's bus the account has only the name: it is there before the template is deployed.
            ministack.aws.create_bus(SALESFORCE_BUS)?;
            Ok(ministack)
        })?;
        say.step("deploy infra/template.yaml", || {
            deploy::deploy(
                workspace,
                &venv,
                &binaries,
                ministack.aws.endpoint(),
                dir,
                &companies,
                wanted.scheduled,
            )
        })?;
        let stack = Self::assemble(
            workspace, venv, &binaries, dir, companies, simulators, ministack,
        )?;
        say.step("fill in the secrets, push the configuration", || {
            stack.fill_secrets()?;
            stack.push_configuration(workspace)
        })?;
        Ok(stack)
    }

    fn assemble(
        workspace: &Workspace,
        tools: Venv,
        binaries: &Binaries,
        dir: &Path,
        companies: Vec<String>,
        simulators: Simulators,
        ministack: MiniStack,
    ) -> Result<Self> {
        let aws = ministack.aws.clone();
        let function = aws.environment(&format!("{STACK}-poller"))?;
        let crms = TARGETS
            .iter()
            .map(|target| Crm::new(target, &simulators, &function))
            .collect::<Result<_>>()?;
        let mut environment = ministack::environment(aws.endpoint());
        environment.extend(
            function
                .into_iter()
                .map(|(name, value)| (name, OsString::from(value))),
        );
        Ok(Self {
            hint_url: aws.api_url(&format!("{STACK}-hints"))?,
            crm_api_url: aws.api_url(&format!("{STACK}-crm"))?,
            hint_key: text(&aws.secret(&format!("{STACK}/hint"))?, "/key")?,
            sage: simulators.door("agent")?,
            crms,
            said: simulators.said.clone(),
            counterpart: binaries.path("counterpart"),
            dir: dir.to_owned(),
            tools,
            attempts: workspace.file(TRY),
            aws,
            companies,
            environment,
            ministack,
            simulators,
        })
    }

    fn fill_secrets(&self) -> Result<()> {
        for target in TARGETS {
            let secret = crm::secret(target, &self.said)?;
            self.aws
                .put_secret(&format!("{STACK}/{}", target.name), &secret)?;
        }
        let agent = json!({ "token": text(&self.said, "/agent/token")? });
        self.aws.put_secret(&format!("{STACK}/agent"), &agent)?;
        let soap = json!({
            "username": text(&self.said, "/soap/username")?,
            "password": text(&self.said, "/soap/password")?,
        });
        self.aws.put_secret(&format!("{STACK}/soap"), &soap)
    }

    fn push_configuration(&self, workspace: &Workspace) -> Result<()> {
        let template = std::fs::read_to_string(workspace.file("infra/local/sync.toml"))?;
        let file = self.dir.join("sync.toml");
        let mut said = self.said.clone();
        said["api"] = json!({ "url": self.crm_api_url });
        std::fs::write(&file, crm::fill(&template, &said)?)?;
        self.counterpart(&["config", "push", &file.to_string_lossy()])
            .map(|_said| ())
    }

    /// Runs the `counterpart` command against this stack and returns what it prints.
    ///
    /// # Errors
    /// When it ends with another code than 0.
    pub fn counterpart(&self, arguments: &[&str]) -> Result<String> {
        process::output(&mut self.command(arguments))
    }

    /// Runs the command with `--json` and reads what it prints.
    ///
    /// The command also ends with 1 when it has something to show that needs a person; that is an answer.
    ///
    /// # Errors
    /// When it refuses, or prints something else than JSON.
    pub fn counterpart_json(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = self.command(arguments);
        let done = command.arg("--json").output()?;
        let words = arguments.join(" ");
        let said: Value = serde_json::from_slice(&done.stdout).map_err(|error| {
            let why = process::last_lines(&String::from_utf8_lossy(&done.stderr), 10);
            Failure::new(format!(
                "counterpart {words} printed no JSON ({error})\n{why}"
            ))
        })?;
        match said.get("error") {
            Some(error) => Err(Failure::new(format!("counterpart {words}: {error}"))),
            None => Ok(said),
        }
    }

    /// Tries calls with the roles of functions, and says of each whether it was `allowed` or `refused`, or what AWS said.
    ///
    /// # Errors
    /// When a role cannot be taken on.
    pub fn try_as_functions(&self, attempts: &Value) -> Result<Vec<String>> {
        let file = self.path("attempts.json");
        std::fs::write(&file, attempts.to_string())?;
        let mut command = self.tools.command("python");
        command
            .arg(&self.attempts)
            .arg(&file)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        for (name, value) in ministack::environment(self.aws.endpoint()) {
            command.env(name, value);
        }
        ministack::without_callers_account(&mut command);
        Ok(serde_json::from_str(&process::output(&mut command)?)?)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.counterpart);
        command.args(arguments).current_dir(&self.dir);
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        ministack::without_callers_account(&mut command);
        command
    }

    /// Sends a signed hint and returns the status and the body of the answer.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn hint(&self, company: &str, body: &Value, unix_seconds: u64) -> Result<(u16, String)> {
        let body = body.to_string();
        let signature = crate::hint::signature(&self.hint_key, unix_seconds, &body);
        let url = format!("{}/sage/{company}/hint", self.hint_url);
        let headers = [
            ("content-type", "application/json"),
            ("counterpart-signature", signature.as_str()),
        ];
        let answer = Http::new(std::time::Duration::from_secs(60)).post(&url, &headers, &body)?;
        Ok((answer.status, answer.text))
    }

    /// One of the CRMs.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn crm(&self, name: &str) -> Result<&Crm> {
        self.crms
            .iter()
            .find(|crm| crm.target.name == name)
            .ok_or_else(|| Failure::new(format!("there is no target {name}")))
    }

    /// Posts JSON to a URL of this stack.
    ///
    /// # Errors
    /// When nobody answers, or with another status than 200 to 299.
    pub fn post(&self, url: &str, body: &Value) -> Result<Value> {
        let headers = [("content-type", "application/json")];
        let http = Http::new(std::time::Duration::from_secs(60));
        http.post(url, &headers, &body.to_string())?.json()
    }

    /// All CRMs.
    pub fn all(&self) -> Vec<&Crm> {
        self.crms.iter().collect()
    }

    /// A path in the folder of this stack.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// CPU time of all functions so far: they are processes that MiniStack starts, keeps for later events, and ends. Zero
    /// where the system has no `/proc`.
    ///
    /// # Errors
    /// When `/proc` is there and cannot be read.
    pub fn functions_cpu(&self) -> Result<std::time::Duration> {
        if !Path::new("/proc/self/stat").exists() {
            return Ok(std::time::Duration::ZERO);
        }
        crate::bench::proc::descendants_cpu(self.ministack.server.pid())
    }

    /// Lets the servers run on, and returns what ends and uses them later.
    pub fn keep(self) -> state::Kept {
        let processes = [
            ("simulators", self.simulators.server.pid()),
            ("ministack", self.ministack.server.pid()),
        ];
        let kept = state::Kept {
            processes: processes
                .into_iter()
                .map(|(name, pid)| state::Kept::process(name, pid))
                .collect(),
            endpoint: self.aws.endpoint().to_owned(),
            hint_url: self.hint_url,
            crm_api_url: self.crm_api_url,
            counterpart: self.counterpart,
            environment: self
                .environment
                .into_iter()
                .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
                .collect(),
            said: self.said,
        };
        self.simulators.server.keep();
        self.ministack.server.keep();
        kept
    }
}

fn companies(said: &Value) -> Result<Vec<String>> {
    let codes: Vec<String> = said
        .pointer("/agent/companies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|code| code.as_str().map(str::to_owned))
        .collect();
    if codes.is_empty() {
        return Err(Failure::new("the simulated agent serves no company"));
    }
    Ok(codes)
}
