//! All salespersons, mapped or not.

use std::collections::BTreeMap;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{RepMapping, Reps};
use counterpart_domain::{Fault, RepKey, TargetName};
use serde_json::{Value, json};

use super::file::cell;
use crate::output::{Answer, Refusal, Style};

/// One salesperson in one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepLine {
    /// The target.
    pub target: TargetName,
    /// The salesperson.
    pub rep: RepKey,
    /// The name in Sage; none where Sage has not shown this salesperson.
    pub name: Option<String>,
    /// The CRM user.
    pub user: Option<RepMapping>,
}

/// Every salesperson that Sage has shown or that is mapped, per target.
///
/// # Errors
/// When the store cannot be read.
pub async fn lines(store: &impl Reps, config: &SyncConfig) -> Result<Vec<RepLine>, Fault> {
    let mut lines = Vec::new();
    for (name, target) in &config.targets {
        for company in &target.companies {
            let mut reps: BTreeMap<RepKey, (Option<String>, Option<RepMapping>)> = BTreeMap::new();
            for row in store.salespersons(company).await? {
                reps.entry(row.rep).or_default().0 = Some(row.name);
            }
            for mapping in store.reps(name, company).await? {
                let rep = mapping.rep.clone();
                reps.entry(rep).or_default().1 = Some(mapping);
            }
            lines.extend(reps.into_iter().map(|(rep, (sage, user))| RepLine {
                target: name.clone(),
                rep,
                name: sage,
                user,
            }));
        }
    }
    Ok(lines)
}

fn user_id(line: &RepLine) -> String {
    line.user
        .as_ref()
        .map(|user| user.user_id.to_string())
        .unwrap_or_default()
}

fn user_name(line: &RepLine) -> String {
    line.user
        .as_ref()
        .map(|user| user.user_name.clone())
        .unwrap_or_default()
}

/// The list.
#[must_use]
pub fn list(lines: &[RepLine], style: Style) -> Answer {
    let json: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({"target": line.target, "company": line.rep.company, "salesperson": line.rep.rep, "name": line.name,
                   "user_id": line.user.as_ref().map(|user| &user.user_id.0),
                   "user_name": line.user.as_ref().map(|user| &user.user_name)})
        })
        .collect();
    if lines.is_empty() {
        return Answer::well(
            "No salesperson is known yet: they come with the first poll of the entity salesperson."
                .into(),
            Value::Array(json),
        );
    }
    let unmapped = lines.iter().filter(|line| line.user.is_none()).count();
    let rows = lines
        .iter()
        .map(|line| {
            vec![
                line.target.to_string(),
                line.rep.company.to_string(),
                line.rep.rep.clone(),
                line.name
                    .clone()
                    .unwrap_or_else(|| "(not seen in Sage)".into()),
                if line.user.is_some() {
                    user_id(line)
                } else {
                    "(not mapped)".into()
                },
                user_name(line),
            ]
        })
        .collect();
    let mut text = style.table(
        &[
            "target",
            "company",
            "salesperson",
            "name",
            "user id",
            "user",
        ],
        rows,
        &[],
    );
    text.push_str(&format!(
        "\n{} salespersons, {unmapped} not mapped.",
        lines.len()
    ));
    Answer::well(text, Value::Array(json))
}

/// The file that `reps import` takes. A salesperson that is not mapped stands there with its name in Sage in place of the
/// user's, so that it can be filled in.
///
/// # Errors
/// When it cannot be written.
pub fn export(lines: &[RepLine]) -> Result<String, Refusal> {
    let bug =
        |error: String| Refusal::new("E_CSV", format!("The file cannot be written: {error}."), "");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |row: [&str; 5]| {
        writer
            .write_record(row)
            .map_err(|error| bug(error.to_string()))
    };
    write(["company", "salesperson", "target", "user_id", "user_name"])?;
    for line in lines {
        let name = match &line.user {
            Some(user) => user.user_name.clone(),
            None => line.name.clone().unwrap_or_default(),
        };
        write([
            line.rep.company.as_str(),
            &cell(&line.rep.rep),
            line.target.as_str(),
            &user_id(line),
            &cell(&name),
        ])?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| bug(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| bug(error.to_string()))
}
