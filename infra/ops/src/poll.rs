//! `counterpart poll`: the deployed poller is asked now, for all that changed or for named keys, and what came is printed.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_config::SyncConfig;
use counterpart_delivery::pause::{Pausing, Scope};
use counterpart_delivery::ports::{Clock as _, Ledger, Settings as _};
use counterpart_delivery::{Totals, hint, signature};
use counterpart_domain::{Class, Company, Entity, Fault, SageKey, TargetName};
use counterpart_runtime::Deployment;
use serde_json::{Value, json};

use crate::output::{Answer, Refusal, Style, printable};
use crate::pauses::what_is_on;
use crate::signed::Call;
use crate::unknown::unknown;

/// A poll may take the function's whole five minutes.
const LONGEST: Duration = Duration::from_secs(330);
/// How long it is looked on while the writers are at work, and how often.
const LOOK_ON: u32 = 40;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The company.
    pub company: Company,
    /// The entity.
    pub entity: Entity,
    /// Only these keys; none: whatever changed.
    pub keys: Vec<String>,
}

impl Wanted {
    /// By what was typed.
    ///
    /// # Errors
    /// `E_UNKNOWN` for a company or entity that there is not, with those that there are; `E_KEY` for a key that is none, or
    /// too many of them; `E_NOT_POLLED` for an entity that no target takes.
    pub fn read(
        config: &SyncConfig,
        company: Company,
        entity: &str,
        keys: &[String],
    ) -> Result<Self, Refusal> {
        if !config.companies.contains_key(&company) {
            return Err(unknown(
                "company",
                company.as_str(),
                config.companies.keys(),
            ));
        }
        let Ok(entity) = entity.parse::<Entity>() else {
            let known: Vec<&str> = Entity::ALL.iter().map(|entity| entity.name()).collect();
            return Err(Refusal::new(
                "E_UNKNOWN",
                format!("There is no entity {}.", printable(entity)),
                format!("There is: {}.", known.join(", ")),
            ));
        };
        if entity.goes_to_crm() && config.targets_of(&company, entity).next().is_none() {
            return Err(Refusal::new(
                "E_NOT_POLLED",
                format!(
                    "No target in the sync.toml in force takes the {entity} records of {company}."
                ),
                format!("Write a table [targets.NAME.{entity}] and push it."),
            ));
        }
        if keys.len() > hint::MOST_KEYS {
            return Err(Refusal::new(
                "E_KEY",
                format!("{} keys are too many at once.", keys.len()),
                format!("Name at most {} of them.", hint::MOST_KEYS),
            ));
        }
        let own = format!("{company}:");
        let keys = keys.iter().map(|key| {
            let local = key.strip_prefix(&own).unwrap_or(key);
            let key = SageKey::new(&company, entity, local);
            let key = key.map_err(|error| {
                let example = format!("Write it as Sage 100 has it, such as {own}01-ABF.");
                Refusal::new(
                    "E_KEY",
                    format!("{} is no key of a {entity}: {error}.", printable(local)),
                    example,
                )
            });
            Ok(key?.local)
        });
        Ok(Self {
            keys: keys.collect::<Result<_, Refusal>>()?,
            company,
            entity,
        })
    }
}

/// Asks the poller, and looks on while the writers are at work.
///
/// # Errors
/// `E_PAUSED` when it is paused; when the function cannot be invoked, or does not take it.
pub async fn poll(
    deployment: &Deployment,
    config: &SyncConfig,
    wanted: &Wanted,
    style: Style,
) -> Result<Answer, Refusal> {
    let pauses = deployment.store.pauses().await?;
    let pausing = Pausing {
        pauses: &pauses,
        config,
        now: deployment.clock.now(),
    };
    may_be_read(wanted, &pausing)?;
    let event = if wanted.keys.is_empty() {
        json!({"company": wanted.company, "entity": wanted.entity})
    } else {
        hint_of(deployment, config, wanted).await?
    };
    let said = invoke(deployment, &event).await?;
    let report = report_of(&said)?;
    let mut totals = BTreeMap::new();
    if let Some(run) = report.get("run").and_then(Value::as_str) {
        totals = look_on(&*deployment.store, config, wanted, run).await?;
    }
    Ok(answer(wanted, &report, &totals, style))
}

/// The poller would read nothing in a pause, and says little to whoever sends it keys.
fn may_be_read(wanted: &Wanted, pausing: &Pausing<'_>) -> Result<(), Refusal> {
    let (company, entity) = (&wanted.company, wanted.entity);
    if pausing.hold(&Scope::polls(company, entity)).is_none() {
        return Ok(());
    }
    let mut remedy = what_is_on(pausing);
    if pausing.pauses.on(pausing.now).next().is_some() {
        remedy.push_str("\n`counterpart resume ID` ends a pause.");
    }
    Err(Refusal::new(
        "E_PAUSED",
        format!(
            "{company} {entity} is paused: nothing was read. What changes meanwhile is read afterwards."
        ),
        remedy,
    ))
}

/// The event that the gateway makes of a signed hint.
async fn hint_of(
    deployment: &Deployment,
    config: &SyncConfig,
    wanted: &Wanted,
) -> Result<Value, Fault> {
    let company = &wanted.company;
    let rules = config.companies.get(company).ok_or_else(|| {
        let what = format!("Company {company} is not in sync.toml.");
        Fault::new(Class::Configuration, "E_COMPANY_UNKNOWN", what)
    })?;
    let key = deployment.hint_key(rules).await?;
    let body = json!({"entity": wanted.entity, "keys": wanted.keys}).to_string();
    let signed = signature::sign(&key, body.as_bytes(), deployment.clock.now());
    let signed = signed.map_err(|error| {
        Fault::new(Class::Bug, "E_HINT_SIGN", "The hint cannot be signed.").with_detail(error)
    })?;
    Ok(json!({
        "version": "2.0", "rawPath": format!("/sage/{company}/hint"), "pathParameters": {"company": company},
        "headers": {"counterpart-signature": signed}, "requestContext": {"http": {"method": "POST"}},
        "body": body, "isBase64Encoded": false,
    }))
}

async fn invoke(deployment: &Deployment, event: &Value) -> Result<Value, Refusal> {
    let stack = deployment.environment.secrets_prefix.trim_end_matches('/');
    let function = format!("{stack}-poller");
    let call = Call {
        service: "lambda",
        method: "POST",
        path: format!("/2015-03-31/functions/{function}/invocations"),
        body: event.to_string(),
        longest: LONGEST,
    };
    let reply = call.send(deployment).await.map_err(|fault| {
        Refusal::new(
            "E_POLL",
            format!(
                "The function {function} could not be asked: {}",
                fault.detail
            ),
            "The credentials of this command need the right lambda:InvokeFunction for it.",
        )
    })?;
    let said: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    if reply.function_failed {
        let why = said.get("errorMessage").and_then(Value::as_str);
        return Err(Refusal::new(
            "E_POLL",
            format!(
                "The poller ended with an error: {}",
                why.unwrap_or("it did not say why")
            ),
            "Its log says more.",
        ));
    }
    Ok(said)
}

/// The report of a poll, or of a hint behind its HTTP answer.
fn report_of(said: &Value) -> Result<Value, Refusal> {
    let Some(status) = said.get("statusCode").and_then(Value::as_u64) else {
        return Ok(said.clone());
    };
    let body = said.get("body").and_then(Value::as_str).unwrap_or_default();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    if status == 202 {
        return Ok(body);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if status == 503 {
        // Whoever sends keys from outside is not told what is out of order here.
        return Err(Refusal::new(
            "E_POLL",
            "The poller could not read these keys now.",
            "`counterpart doctor` says whether Sage 100 can be read, and the poller's log what stopped it. The next poll on the schedule reads what changed.",
        ));
    }
    Err(Refusal::new(
        text("code"),
        format!("The poller did not take the keys: {}", text("message")),
        "Its log says more.",
    ))
}

/// What became of the run's records, per target, as far as that is known within a while.
async fn look_on(
    store: &impl Ledger,
    config: &SyncConfig,
    wanted: &Wanted,
    run: &str,
) -> Result<BTreeMap<TargetName, Totals>, Fault> {
    let targets = || config.targets_of(&wanted.company, wanted.entity);
    let mut totals = BTreeMap::new();
    for _ in 0..LOOK_ON {
        for (target, _, _) in targets() {
            totals.insert(target.clone(), store.totals(run, target).await?);
        }
        if totals.values().all(|totals| totals.in_flight == 0) {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(totals)
}

fn answer(
    wanted: &Wanted,
    report: &Value,
    totals: &BTreeMap<TargetName, Totals>,
    style: Style,
) -> Answer {
    let (company, entity) = (&wanted.company, wanted.entity);
    let (missing, failed) = (list(report, "missing"), list(report, "failed"));
    let mut lines = vec![came(wanted, report)];
    let paused = report.pointer("/paused/message").and_then(Value::as_str);
    lines.extend(paused.map(str::to_owned));
    let stopped = report.get("complete") == Some(&Value::Bool(false));
    let stopped_by_itself =
        stopped && failed.is_empty() && paused.is_none() && report.get("fault").is_none();
    if stopped_by_itself && report.get("busy_until").is_none_or(Value::is_null) {
        lines.push("There is more: the next poll goes on.".into());
    }
    for key in missing.iter().filter_map(Value::as_str) {
        lines.push(format!("  {key} is not in Sage 100."));
    }
    for failed in &failed {
        let text = |pointer: &str| failed.pointer(pointer).and_then(Value::as_str);
        let text = |pointer: &str| text(pointer).unwrap_or_default();
        lines.push(format!(
            "  {} could not be served: {}: {}",
            text("/target"),
            text("/fault/code"),
            text("/fault/message")
        ));
    }
    let mut text = lines.iter().map(printable).collect::<Vec<_>>().join("\n");
    if !totals.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(totals, style));
    }
    let totals: BTreeMap<String, Value> = totals
        .iter()
        .map(|(target, totals)| (target.to_string(), json!(totals)))
        .collect();
    Answer {
        text,
        json: json!({"company": company, "entity": entity, "report": report, "targets": totals}),
        well: failed.is_empty()
            && missing.is_empty()
            && paused.is_none()
            && report.get("fault").is_none(),
    }
}

fn list(report: &Value, name: &str) -> Vec<Value> {
    let found = report.get(name).and_then(Value::as_array);
    found.cloned().unwrap_or_default()
}

/// What came, in a sentence.
fn came(wanted: &Wanted, report: &Value) -> String {
    let Wanted {
        company,
        entity,
        keys,
    } = wanted;
    let number = |name: &str| {
        let found = report.get(name).and_then(Value::as_u64);
        found.unwrap_or_default()
    };
    if let Some(until) = report.get("busy_until").and_then(Value::as_str) {
        return format!(
            "{company} {entity}: a poll is at work already, until {until} at the latest; nothing was done."
        );
    }
    if let Some(fault) = report.get("fault") {
        let text = |name: &str| fault.get(name).and_then(Value::as_str).unwrap_or_default();
        return format!(
            "{company} {entity}: the poll was stopped by {}: {} The next one goes on.",
            text("code"),
            text("message")
        );
    }
    if !keys.is_empty() {
        return format!(
            "{company} {entity}: {} of {} keys read.",
            number("accepted"),
            keys.len()
        );
    }
    format!(
        "{company} {entity}: {} seen in {}; {} sent to the CRMs, {} unchanged, {} left out, {} unreadable and parked.",
        counted(number("seen"), "record"),
        counted(number("pages"), "page"),
        number("sent"),
        number("unchanged"),
        number("excluded"),
        number("parked")
    )
}

/// `1 page`, `2 pages`
fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn table(totals: &BTreeMap<TargetName, Totals>, style: Style) -> String {
    let row = |(target, totals): (&TargetName, &Totals)| {
        let counts = [
            totals.created,
            totals.updated,
            totals.unchanged,
            totals.excluded,
            totals.superseded,
            totals.parked,
            totals.waiting,
            totals.in_flight,
        ];
        let mut row = vec![target.to_string()];
        row.extend(counts.map(|count| count.to_string()));
        row
    };
    let header = [
        "target",
        "created",
        "updated",
        "unchanged",
        "excluded",
        "superseded",
        "parked",
        "waiting",
        "in_flight",
    ];
    let rows = totals.iter().map(row).collect();
    style.table(&header, rows, &[1, 2, 3, 4, 5, 6, 7, 8])
}

#[cfg(test)]
mod tests;
