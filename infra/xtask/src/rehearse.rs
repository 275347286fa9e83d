//! `rehearse`: a deployment is made and updated in MiniStack by the code of `deploy`, and what it keeps is looked at.
//!
//! A builder that compiles nothing stands in for cargo-lambda: this is about stacks, not about functions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::aws::LocalAws;
use crate::cli::{DeployOptions, RehearseOptions};
use crate::deploy::{self, Tools};
use crate::error::{Failure, Result, ensure};
use crate::process;
use crate::say::Say;
use crate::stack::deploy::{SALESFORCE_BUS, STACK};
use crate::stack::ministack::MiniStack;
use crate::stub;
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Messages are left over plain http, which the queues refuse otherwise.
const PLAIN: &str = "AllowLoopback=true";
const OUTPUTS: &str = "\nOutputs:\n";
/// Waits a second for a signal that nobody gives.
const NEVER_MADE: &str = "
  NeverReady:
    Type: AWS::CloudFormation::WaitConditionHandle

  NeverMade:
    Type: AWS::CloudFormation::WaitCondition
    DependsOn: [TokensTable, AlarmTopic]
    Properties: { Handle: !Ref NeverReady, Timeout: \"1\", Count: 1 }

Outputs:
";
/// Tables in which a row is left.
const TABLES: [&str; 7] = [
    "links", "reps", "cursors", "ledger", "parked", "settings", "tokens",
];
/// Queues in which a message is left: those that nobody takes from.
const QUEUES: [&str; 3] = [
    "crm-writes-zoho-dead",
    "crm-events-dead",
    "sage-writes-dead.fifo",
];
/// Secrets that are given a value.
const SECRETS: [&str; 4] = ["zoho", "zoho-hook", "agent", "soap"];

/// Deploys what was before, leaves something in everything that keeps, updates, and looks for it.
///
/// # Errors
/// When a deployment fails that should not, or something is lost.
pub fn run(workspace: &Workspace, options: &RehearseOptions) -> Result<()> {
    let say = Say::new(false);
    let requirements = "infra/local/requirements-stack.txt";
    let venv = Venv::ready(workspace, &say, "stack", requirements)?;
    let dir = workspace.target.join("stack").join("rehearsal");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    let ministack = MiniStack::start(workspace, &venv, &dir)?;
    ministack.aws.create_bus(SALESFORCE_BUS)?;
    let rehearsal = Rehearsal {
        workspace,
        say: &say,
        environment: stub::install(&venv, &dir.join("stub"), ministack.aws.endpoint())?,
        aws: ministack.aws.clone(),
        venv,
        dir,
    };
    say.step("a creation that fails leaves nothing in the way", || {
        rehearsal.fails_and_is_made_again()
    })?;
    if let Some(revision) = &options.from {
        say.step(&format!("deploy the template of {revision}"), || {
            rehearsal.deploy_before(revision)
        })?;
    } else {
        say.step("deploy for one target", || {
            rehearsal.deploy(&["Companies=ABC", "Targets=zoho", PLAIN])?;
            rehearsal.is_protected()
        })?;
    }
    let left = rehearsal.leave()?;
    say.step("deploy again, saying nothing", || {
        rehearsal.deploy(&[])?;
        rehearsal.is_there(&left)?;
        rehearsal.is_protected()
    })?;
    say.step("add a target and a company", || {
        rehearsal.deploy(&["Targets=zoho,salesforce", "Companies=ABC,XYZ"])?;
        rehearsal.has_writers(&["zoho", "salesforce"])?;
        rehearsal.is_there(&left)
    })?;
    say.step("deploy again, saying only that it begins", || {
        rehearsal.deploy(&["ScheduleState=ENABLED"])?;
        rehearsal.has_writers(&["zoho", "salesforce"])?;
        rehearsal.is_there(&left)
    })
}

struct Rehearsal<'a> {
    workspace: &'a Workspace,
    say: &'a Say,
    environment: Vec<(String, std::ffi::OsString)>,
    aws: LocalAws,
    venv: Venv,
    dir: PathBuf,
}

impl Rehearsal<'_> {
    fn tools(&self, infra: &Path) -> Tools {
        Tools {
            venv: self.venv.clone(),
            infra: infra.to_owned(),
            built: Some(self.dir.join("built")),
            environment: Some(self.environment.clone()),
        }
    }

    /// As a person deploys, with these parameters and nobody to ask.
    fn deploy(&self, parameters: &[&str]) -> Result<()> {
        self.deploy_in(&self.workspace.file("infra"), parameters)
    }

    fn deploy_in(&self, infra: &Path, parameters: &[&str]) -> Result<()> {
        let mut sam = words(&["--no-confirm-changeset", "--no-progressbar"]);
        if !parameters.is_empty() {
            sam.push("--parameter-overrides".to_owned());
            sam.extend(words(parameters));
        }
        let tools = self.tools(infra);
        let options = DeployOptions {
            architecture: None,
            build_only: false,
            sam,
        };
        deploy::with(self.workspace, self.say, &tools, &options)
    }

    /// With a resource that never comes about, after all that keeps has been made.
    fn fails_and_is_made_again(&self) -> Result<()> {
        let infra = self.copy("failing", |name| {
            let text = std::fs::read_to_string(self.workspace.file("infra").join(name))?;
            Ok(text.replacen(OUTPUTS, NEVER_MADE, 1))
        })?;
        let first = ["Companies=ABC", "Targets=zoho"];
        let deploy = || {
            let failed = self.deploy_in(&infra, &first).err();
            failed.map_or_else(String::new, |failure| failure.to_string())
        };
        let why = deploy();
        ensure(why.contains("ROLLBACK_COMPLETE"), || {
            format!("it was not rolled back: {why:?}")
        })?;
        let told = deploy();
        ensure(told.contains("delete-stack"), || {
            format!("a stack that was rolled back was not told of: {told:?}")
        })?;
        let tables = self.tables()?;
        ensure(tables.is_empty(), || {
            format!("the creation was rolled back and left {tables:?}")
        })?;
        self.delete()
    }

    /// A folder with the template and its configuration, and sources that nobody compiles.
    fn copy(&self, to: &str, text: impl Fn(&str) -> Result<String>) -> Result<PathBuf> {
        let root = self.dir.join(to);
        let infra = root.join("infra");
        std::fs::create_dir_all(&infra)?;
        std::fs::create_dir_all(root.join("functions"))?;
        for name in ["template.yaml", "samconfig.toml"] {
            std::fs::write(infra.join(name), text(name)?)?;
        }
        Ok(infra)
    }

    fn tables(&self) -> Result<Vec<String>> {
        let found = self.dynamo("ListTables", &json!({}))?;
        let names = found.get("TableNames").and_then(Value::as_array);
        Ok(names
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect())
    }

    fn delete(&self) -> Result<()> {
        let script = "import boto3, sys\n\
                      made = boto3.client('cloudformation')\n\
                      made.delete_stack(StackName=sys.argv[1])\n\
                      made.get_waiter('stack_delete_complete').wait(StackName=sys.argv[1], WaiterConfig={'Delay': 1})\n";
        let file = self.dir.join("delete_stack.py");
        std::fs::write(&file, script)?;
        let tools = self.tools(&self.workspace.file("infra"));
        tools.python(&file, &[STACK]).map(drop)
    }

    /// The template of an earlier commit, with the parameters that it had.
    fn deploy_before(&self, revision: &str) -> Result<()> {
        let infra = self.copy("before", |name| {
            process::output(
                Command::new("git")
                    .args(["show", &format!("{revision}:infra/{name}")])
                    .current_dir(&self.workspace.root),
            )
        })?;
        let tools = self.tools(&infra);
        let parameters = words(&[
            "--parameter-overrides",
            "Companies=ABC",
            "Targets=zoho",
            "Architecture=arm64",
            "ScheduleState=DISABLED",
            PLAIN,
        ]);
        tools.build(self.say, &parameters)?;
        let unasked = words(&["--no-confirm-changeset", "--no-progressbar"]);
        tools.deploy(self.say, &[unasked, parameters].concat())
    }

    /// Leaves something in everything that keeps, and says what.
    fn leave(&self) -> Result<BTreeMap<String, String>> {
        for table in TABLES {
            let item = json!({ "pk": { "S": "left" }, "sk": { "S": table } });
            let put = json!({ "TableName": format!("{STACK}-{table}"), "Item": item });
            self.dynamo("PutItem", &put)?;
        }
        for queue in QUEUES {
            let mut message = json!({ "QueueUrl": self.queue(queue)?, "MessageBody": queue });
            if queue.ends_with(".fifo") {
                message["MessageGroupId"] = json!("left");
                message["MessageDeduplicationId"] = json!("left");
            }
            self.aws
                .json_call("sqs", "AmazonSQS.SendMessage", &message)?;
        }
        for secret in SECRETS {
            self.aws
                .put_secret(&format!("{STACK}/{secret}"), &json!({ "left": secret }))?;
        }
        self.made()
    }

    /// Ids that others know: the addresses of the APIs, and the keys that the tables are encrypted with.
    fn made(&self) -> Result<BTreeMap<String, String>> {
        let mut made = BTreeMap::new();
        for api in ["hints", "crm"] {
            let name = format!("{STACK}-{api}");
            made.insert(name.clone(), self.aws.api_url(&name)?);
        }
        for table in TABLES {
            let described = self.describe_table(table)?;
            let key = described.pointer("/Table/TableId");
            made.insert(
                table.to_owned(),
                key.map(Value::to_string).unwrap_or_default(),
            );
        }
        Ok(made)
    }

    fn is_there(&self, left: &BTreeMap<String, String>) -> Result<()> {
        for table in TABLES {
            let get = json!({
                "TableName": format!("{STACK}-{table}"),
                "Key": { "pk": { "S": "left" }, "sk": { "S": table } },
            });
            let found = self.dynamo("GetItem", &get)?;
            ensure(found.get("Item").is_some(), || {
                format!("the row in {table} is lost")
            })?;
        }
        for queue in QUEUES {
            let depth = self.aws.depth(&self.queue(queue)?)?;
            ensure(!depth.is_empty(), || {
                format!("the message in {queue} is lost")
            })?;
        }
        for secret in SECRETS {
            let found = self.aws.secret(&format!("{STACK}/{secret}"))?;
            ensure(found == json!({ "left": secret }), || {
                format!("the value of the secret {secret} is lost: {found}")
            })?;
        }
        let now = self.made()?;
        ensure(now == *left, || {
            format!("something was made anew: {left:?} are {now:?} now")
        })
    }

    /// Whether nobody deletes a table by mistake.
    fn is_protected(&self) -> Result<()> {
        for table in TABLES {
            let described = self.describe_table(table)?;
            let protected = described.pointer("/Table/DeletionProtectionEnabled");
            // MiniStack says what the template says, a text.
            let protected = protected.map(|value| value.to_string().replace('"', ""));
            ensure(protected.as_deref() == Some("true"), || {
                format!("the table {table} is not protected: {protected:?}")
            })?;
        }
        Ok(())
    }

    fn has_writers(&self, targets: &[&str]) -> Result<()> {
        for target in targets {
            let variables = self
                .aws
                .environment(&format!("{STACK}-crm-writer-{target}"))?;
            let own = ("COUNTERPART_TARGETS".to_owned(), (*target).to_owned());
            ensure(variables.contains(&own), || {
                format!("the writer of {target} writes for another")
            })?;
        }
        Ok(())
    }

    fn describe_table(&self, table: &str) -> Result<Value> {
        self.dynamo(
            "DescribeTable",
            &json!({ "TableName": format!("{STACK}-{table}") }),
        )
    }

    fn dynamo(&self, call: &str, with: &Value) -> Result<Value> {
        self.aws
            .json_call("dynamodb", &format!("DynamoDB_20120810.{call}"), with)
    }

    fn queue(&self, name: &str) -> Result<String> {
        let end = format!("/{STACK}-{name}");
        let found = self
            .aws
            .queues()?
            .into_iter()
            .find(|url| url.ends_with(&end));
        found.ok_or_else(|| Failure::new(format!("there is no queue {name}")))
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
