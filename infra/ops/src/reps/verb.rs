//! `counterpart reps …` over a deployment.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use counterpart_config::SyncConfig;
use counterpart_domain::{Fault, TargetName, bounded};
use counterpart_runtime::Deployment;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Plan, Proposals, coverage, proposals, users};
use crate::cli::{CountFrom, RepsCommand};
use crate::output::{Answer, Refusal, Style, printable};
use crate::systems::{agents, crms};
use crate::unknown::unknown;

/// What is said when a mapping was written.
const WRITTEN: &str = "Written. The records concerned follow with the next poll of the customers.";

/// Does what the command line asks.
///
/// # Errors
/// When it cannot be done.
pub async fn run(
    command: RepsCommand,
    deployment: &Deployment,
    config: &Arc<SyncConfig>,
    json: bool,
) -> Result<Answer, Refusal> {
    let store = &*deployment.store;
    let style = Style::of_stdout();
    match command {
        RepsCommand::List => {
            let lines = Box::pin(super::lines(store, config)).await?;
            let mut answer = super::list(&lines, style);
            let coverage = Box::pin(coverage::of_links(store, config)).await?;
            answer.text.push('\n');
            answer.text.push_str(&coverage::sentences(&coverage));
            Ok(answer)
        }
        RepsCommand::Export => {
            let csv = super::export(&Box::pin(super::lines(store, config)).await?)?;
            Ok(Answer::well(csv.clone(), json!({"csv": csv})))
        }
        RepsCommand::Import {
            file,
            dry_run,
            allow_removals,
            unchecked,
        } => {
            Box::pin(import(
                deployment,
                config,
                &file,
                &Consent {
                    dry_run,
                    allow_removals,
                    unchecked,
                },
                json,
            ))
            .await
        }
        RepsCommand::Match {
            target,
            csv,
            accept,
            min_score,
        } => {
            let found = Box::pin(find(deployment, config, target)).await?;
            if csv {
                return found.into_csv();
            }
            let least = accept.then_some(min_score);
            Box::pin(found.settle(deployment, config, least, json, style)).await
        }
        RepsCommand::Coverage { from } => Box::pin(cover(deployment, config, from, style)).await,
    }
}

/// What a person said to an import beforehand.
struct Consent {
    dry_run: bool,
    allow_removals: bool,
    unchecked: bool,
}

/// Says something before the rest. A reader that has seen enough (`| head`) is no error.
fn say(text: &str) {
    let _closed = writeln!(std::io::stdout(), "{text}");
}

async fn import(
    deployment: &Deployment,
    config: &SyncConfig,
    file: &Path,
    consent: &Consent,
    json: bool,
) -> Result<Answer, Refusal> {
    let store = &*deployment.store;
    let bytes = super::read_bytes(file)?;
    let rows = match super::parse(&bytes, config) {
        Ok(rows) => rows,
        Err(wrong) => return Ok(super::wrong(&printable(file.display().to_string()), &wrong)),
    };
    let plan = super::plan(store, &rows).await?;
    let looked = users::look_up(deployment, config, &plan).await;
    // What is about to happen is said before it happens.
    if !json {
        say(&format!("{}{}", looked.text(), plan.text()));
    }
    let answer = |text: &str, written: bool| {
        let mut json = with_written(&plan, written);
        let (strangers, unread) = looked.json();
        if let Value::Object(json) = &mut json {
            json.insert("strangers".into(), strangers);
            json.insert("unread".into(), unread);
        }
        Answer::well(text.into(), json)
    };
    if consent.dry_run {
        return Ok(answer("Nothing was written (--dry-run).", false));
    }
    if !looked.strangers.is_empty() && !consent.unchecked {
        let ids: Vec<String> = looked
            .strangers
            .iter()
            .map(|(target, rep, user)| format!("{user} for {rep} in {target}"))
            .collect();
        return Err(Refusal::new(
            "E_REPS_USER_UNKNOWN",
            format!(
                "No active users of the CRM: {}; nothing was written.",
                bounded(ids.join(", "), 400)
            ),
            "Spreadsheets round long ids: keep that column as text. Or say --unchecked.",
        ));
    }
    if plan.removals() > 0 && !consent.allow_removals {
        return Err(Refusal::new(
            "E_REPS_REMOVALS",
            format!(
                "{} rows with a blank user_id would take a mapping away; nothing was written.",
                plan.removals()
            ),
            "Fill the ids in, leave the rows out, or say --allow-removals.",
        ));
    }
    if plan.changes.is_empty() {
        return Ok(answer("Nothing to write.", false));
    }
    super::apply(store, &deployment.clock, &plan).await?;
    Ok(answer(WRITTEN, true))
}

fn with_written(plan: &Plan, written: bool) -> Value {
    let mut json = plan.json();
    if let Value::Object(json) = &mut json {
        json.insert("written".into(), written.into());
    }
    json
}

/// The proposals of all targets, and the targets whose users nobody told.
struct Matches {
    proposals: Vec<Proposals>,
    silent: Vec<(TargetName, Fault)>,
}

async fn find(
    deployment: &Deployment,
    config: &SyncConfig,
    only: Option<TargetName>,
) -> Result<Matches, Refusal> {
    if let Some(only) = &only
        && !config.targets.contains_key(only)
    {
        return Err(unknown("target", only.as_str(), config.targets.keys()));
    }
    let wanted = |name: &&TargetName| only.as_ref().is_none_or(|only| only == *name);
    let targets: Vec<&TargetName> = config.targets.keys().filter(wanted).collect();
    let crms = crms(deployment, config, &targets).await;
    let asked = join_all(crms.iter().map(async |(name, crm)| {
        let found = proposals::proposals(&*deployment.store, crm, config, name).await;
        (name.clone(), found)
    }))
    .await;
    let mut matches = Matches {
        proposals: Vec::new(),
        silent: Vec::new(),
    };
    for (name, found) in asked {
        match found {
            Ok(found) => matches.proposals.push(found),
            Err(fault) => matches.silent.push((name, fault)),
        }
    }
    Ok(matches)
}

impl Matches {
    fn into_csv(self) -> Result<Answer, Refusal> {
        // A file that leaves a target out would look whole.
        if let Some((name, fault)) = self.silent.into_iter().next() {
            return Err(Refusal::new(
                &fault.code,
                format!("{name}: {}", fault.message),
                "Mend that, or ask for the others with --target.",
            ));
        }
        let csv = proposals::csv(&self.proposals)?;
        Ok(Answer::well(csv.clone(), json!({"csv": csv})))
    }

    /// Shows what was found, and saves what is good enough where that was asked for.
    async fn settle(
        self,
        deployment: &Deployment,
        config: &SyncConfig,
        least: Option<u8>,
        json: bool,
        style: Style,
    ) -> Result<Answer, Refusal> {
        let store = &*deployment.store;
        // Without --accept the plan says what an accepting of everything that is sure would touch.
        let rows = proposals::accepted(&self.proposals, least.unwrap_or(super::proposals::SURE));
        let mut plan = super::plan(store, &rows).await?;
        // Who was mapped by somebody else meanwhile is left alone too.
        plan.changes.retain(|change| change.before.is_none());
        let mut said = proposals::table(&self.proposals, style);
        for (name, fault) in &self.silent {
            said.push_str(&format!(
                "{name}: {}: {}\n",
                fault.code,
                printable(&fault.message)
            ));
        }
        let mut written = false;
        match least {
            Some(_) if plan.changes.is_empty() => said.push_str("Nothing to write.\n"),
            Some(_) => {
                // What is about to happen is said before it happens.
                if !json {
                    say(&format!("{said}{}", plan.text()));
                    said.clear();
                }
                super::apply(store, &deployment.clock, &plan).await?;
                written = true;
                said.push_str(WRITTEN);
                said.push('\n');
            }
            None if self.proposals.iter().all(|one| one.pairs.is_empty()) => {
                said.push_str(
                    "No salesperson is known yet: they come with the first poll of the entity salesperson.\n",
                );
            }
            None if plan.changes.is_empty() => {
                said.push_str("Nothing was saved; nothing is sure enough for --accept.\n");
            }
            None => said.push_str(&format!(
                "Nothing was saved. `--accept` would do this:\n{}\n",
                plan.text()
            )),
        }
        let coverage = coverage::of_links(store, config).await?;
        said.push_str(&coverage::sentences(&coverage));
        let silent: Vec<Value> = self
            .silent
            .iter()
            .map(|(name, fault)| json!({"target": name, "code": fault.code, "message": fault.message}))
            .collect();
        let coverage: Vec<Value> = coverage.iter().map(coverage::Coverage::json).collect();
        Ok(Answer {
            text: said,
            json: json!({"pairs": proposals::json(&self.proposals), "plan": with_written(&plan, written),
                         "coverage": coverage, "unread": silent}),
            well: self.silent.is_empty(),
        })
    }
}

async fn cover(
    deployment: &Deployment,
    config: &SyncConfig,
    from: CountFrom,
    style: Style,
) -> Result<Answer, Refusal> {
    let store = &*deployment.store;
    if from == CountFrom::Links {
        let coverage = coverage::of_links(store, config).await?;
        return Ok(coverage::answer(&coverage, &[], style));
    }
    let agents = agents(deployment, config).await;
    let asked = join_all(agents.iter().map(async |(company, agent)| {
        let found = match agent {
            Ok(agent) => coverage::of_company(store, agent, config, company).await,
            Err(fault) => Err(fault.clone()),
        };
        (company.clone(), found)
    }))
    .await;
    let (mut found, mut silent) = (Vec::new(), Vec::new());
    for (company, asked) in asked {
        match asked {
            Ok(coverage) => found.extend(coverage),
            Err(fault) => silent.push((company, fault)),
        }
    }
    Ok(coverage::answer(&found, &silent, style))
}
