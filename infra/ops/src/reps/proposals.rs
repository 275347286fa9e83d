//! What `reps match` found, over all targets and companies.

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Crm, RepMapping, Reps};
use counterpart_domain::{Fault, TargetName};
use serde_json::{Value, json};

use super::file::{EXTRA, Row, cell};
use super::pairing::{Candidate, Found, Pair, pair};
use crate::output::{Refusal, Style, printable};
use crate::within::within;

/// The score from which on `--accept` takes a proposal where nothing else is said.
pub(super) const SURE: u8 = 90;
/// The longest wait for a CRM's list of users.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);

/// The pairs of one target, over its companies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposals {
    /// The target.
    pub target: TargetName,
    /// One per salesperson.
    pub pairs: Vec<Pair>,
    /// How many active users the CRM has.
    pub users: usize,
}

/// Pairs the salespersons of a target with its users.
///
/// # Errors
/// When the store cannot be read, or the CRM does not tell its users.
pub async fn proposals(
    store: &impl Reps,
    crm: &impl Crm,
    config: &SyncConfig,
    target: &TargetName,
) -> Result<Proposals, Fault> {
    let users = within(LONGEST, crm.users()).await?;
    let mut pairs = Vec::new();
    let companies = config
        .targets
        .get(target)
        .map(|target| target.companies.as_slice());
    for company in companies.unwrap_or_default() {
        let stored = store.reps(target, company).await?;
        let mut reps = store.salespersons(company).await?;
        reps.sort_by(|one, other| one.rep.cmp(&other.rep));
        pairs.extend(pair(&reps, &users, &stored));
    }
    Ok(Proposals {
        target: target.clone(),
        pairs,
        users: users.len(),
    })
}

/// The proposals that are good enough, as rows of an import.
#[must_use]
pub fn accepted(all: &[Proposals], least: u8) -> Vec<Row> {
    let rows = all.iter().flat_map(|proposals| {
        proposals
            .pairs
            .iter()
            .filter_map(move |pair| match &pair.found {
                Found::Proposed(candidate) if candidate.score >= least => Some(Row {
                    line: 0,
                    target: proposals.target.clone(),
                    rep: pair.rep.rep.clone(),
                    user: Some(RepMapping {
                        rep: pair.rep.rep.clone(),
                        user_id: candidate.user.id.clone(),
                        user_name: candidate.user.name.clone(),
                    }),
                }),
                _ => None,
            })
    });
    rows.collect()
}

/// What was found, in a few words: user, score, why.
fn told(found: &Found) -> (String, String, String) {
    let user = |candidate: &Candidate| format!("{} ({})", candidate.user.name, candidate.user.id);
    match found {
        Found::Proposed(candidate) => (
            user(candidate),
            candidate.score.to_string(),
            candidate.reason.clone(),
        ),
        Found::Ambiguous(candidates, why) => {
            let users: Vec<String> = candidates.iter().map(user).collect();
            let score = candidates.first().map(|one| one.score.to_string());
            (
                format!("? {}", users.join(" or ")),
                score.unwrap_or_default(),
                format!("undecided: {why}"),
            )
        }
        Found::Nobody => (
            "(nobody fits)".into(),
            String::new(),
            "no user with this e-mail address or a like name".into(),
        ),
        Found::Mapped(mapping, objection) => (
            format!("{} ({})", mapping.user_name, mapping.user_id),
            String::new(),
            match objection {
                Some(objection) => format!("mapped already, but {objection}"),
                None => "mapped already".into(),
            },
        ),
    }
}

/// The table for people. Those that are mapped and well are only counted.
#[must_use]
pub fn table(all: &[Proposals], style: Style) -> String {
    let mut rows = Vec::new();
    let (mut well, mut users) = (0, Vec::new());
    for proposals in all {
        users.push(format!(
            "{}: {} active users",
            proposals.target, proposals.users
        ));
        for pair in &proposals.pairs {
            if matches!(pair.found, Found::Mapped(_, None)) {
                well += 1;
                continue;
            }
            let (user, score, why) = told(&pair.found);
            rows.push(vec![
                proposals.target.to_string(),
                pair.rep.rep.to_string(),
                pair.rep.name.clone(),
                user,
                score,
                why,
            ]);
        }
    }
    let mut text = String::new();
    if !rows.is_empty() {
        let header = ["target", "salesperson", "name", "user", "score", "why"];
        text = style.table(&header, rows, &[4]);
        text.push('\n');
    }
    text.push_str(&format!(
        "{well} mapped already and left alone. {}.\n",
        printable(users.join("; "))
    ));
    text
}

/// For programs.
#[must_use]
pub fn json(all: &[Proposals]) -> Value {
    let user = |candidate: &Candidate| {
        json!({"user_id": candidate.user.id.0, "user_name": candidate.user.name, "email": candidate.user.email,
               "score": candidate.score, "reason": candidate.reason})
    };
    let pairs = all.iter().flat_map(|proposals| {
        proposals.pairs.iter().map(move |pair| {
            let (state, users, reason) = match &pair.found {
                Found::Proposed(candidate) => ("proposed", vec![user(candidate)], candidate.reason.clone()),
                Found::Ambiguous(candidates, why) => ("ambiguous", candidates.iter().map(user).collect(), why.clone()),
                Found::Nobody => ("nobody", Vec::new(), String::new()),
                Found::Mapped(mapping, objection) => (
                    if objection.is_some() { "disagrees" } else { "mapped" },
                    vec![json!({"user_id": mapping.user_id.0, "user_name": mapping.user_name})],
                    objection.clone().unwrap_or_default(),
                ),
            };
            json!({"target": proposals.target, "company": pair.rep.rep.company, "salesperson": pair.rep.rep.rep,
                   "name": pair.rep.name, "email": pair.rep.email, "state": state, "users": users, "reason": reason})
        })
    });
    pairs.collect()
}

/// The file for a person to look through and for `reps import` to read back: those that are not mapped yet. A user is
/// filled in only where one was proposed.
///
/// # Errors
/// When it cannot be written.
pub fn csv(all: &[Proposals]) -> Result<String, Refusal> {
    let bug =
        |error: String| Refusal::new("E_CSV", format!("The file cannot be written: {error}."), "");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |row: [&str; 7]| {
        writer
            .write_record(row)
            .map_err(|error| bug(error.to_string()))
    };
    let [score, reason] = EXTRA;
    write([
        "company",
        "salesperson",
        "target",
        "user_id",
        "user_name",
        score,
        reason,
    ])?;
    for proposals in all {
        for pair in &proposals.pairs {
            if matches!(pair.found, Found::Mapped(..)) {
                continue;
            }
            let (shown, score, why) = told(&pair.found);
            let (id, name) = match &pair.found {
                Found::Proposed(candidate) => {
                    (candidate.user.id.0.clone(), candidate.user.name.clone())
                }
                _ => (String::new(), pair.rep.name.clone()),
            };
            let why = match &pair.found {
                Found::Ambiguous(..) => format!("{why}: {shown}"),
                _ => why,
            };
            let rep = &pair.rep.rep;
            write([
                rep.company.as_str(),
                &cell(&rep.rep),
                proposals.target.as_str(),
                &id,
                &cell(&name),
                &score,
                &cell(&why),
            ])?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| bug(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| bug(error.to_string()))
}
