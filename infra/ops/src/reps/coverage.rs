//! How many salespersons are mapped, and how many customers that covers.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{EntityConfig, SyncConfig};
use counterpart_delivery::ports::{Links, Reps, Sage};
use counterpart_domain::{Company, Entity, Fault, RepKey, TargetName};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::customers::{Customers, of_agent, touched};
use crate::output::{Answer, Style, printable};

/// Reps that are counted at once.
const AT_ONCE: usize = 8;

/// Where the number of customers comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The customers seen so far, by the links table.
    Links,
    /// All customers of the company, read from the agent.
    Agent,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Agent => "agent",
        }
    }

    const fn of(self) -> &'static str {
        match self {
            Self::Links => "the customers seen so far",
            Self::Agent => "open customers",
        }
    }
}

/// The coverage of one company in one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The target.
    pub target: TargetName,
    /// The company.
    pub company: Company,
    /// Salespersons that Sage has shown, or that customers name.
    pub reps: usize,
    /// Those that are mapped.
    pub mapped: usize,
    /// Customers whose rep is mapped.
    pub covered: usize,
    /// Reps that are not mapped, with their customers; those with most first.
    pub unmapped: Vec<(String, usize)>,
    /// All customers that go to the target.
    pub customers: Customers,
    /// Where they were counted.
    pub source: Source,
}

impl Coverage {
    /// `41 of 43 reps, 97.8 % of open customers`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let all = self.customers.with_rep();
        let share = share(self.covered, all).map_or_else(
            || match self.source {
                Source::Links => "no customers with a rep seen so far".to_owned(),
                Source::Agent => "no open customer names a rep".to_owned(),
            },
            |share| format!("{share} % of {}", self.source.of()),
        );
        let mut text = format!(
            "{} {}: {} of {} reps, {share}",
            self.target, self.company, self.mapped, self.reps
        );
        if self.customers.without_rep > 0 {
            text.push_str(&format!("; {} name no rep", self.customers.without_rep));
        }
        if self.customers.unreadable > 0 {
            text.push_str(&format!(
                "; {} could not be read",
                self.customers.unreadable
            ));
        }
        text
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let unmapped: Vec<Value> = self
            .unmapped
            .iter()
            .map(|(rep, customers)| json!({"salesperson": rep, "customers": customers}))
            .collect();
        json!({"target": self.target, "company": self.company, "reps": self.reps, "mapped": self.mapped,
               "customers": self.customers.with_rep(), "covered": self.covered,
               "percent": share(self.covered, self.customers.with_rep()),
               "without_rep": self.customers.without_rep, "unreadable": self.customers.unreadable,
               "unmapped": unmapped, "from": self.source.name()})
    }
}

/// A percentage with one digit, cut: 100.0 means all. None of nothing.
fn share(part: usize, all: usize) -> Option<String> {
    let tenths = (part * 1000).checked_div(all)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

fn owners(config: &SyncConfig, company: &Company) -> BTreeMap<TargetName, EntityConfig> {
    config
        .targets_of(company, Entity::CUSTOMER)
        .filter(|(_, _, entity)| entity.owner.is_some())
        .map(|(name, _, entity)| (name.clone(), entity.clone()))
        .collect()
}

async fn coverage(
    store: &impl Reps,
    target: &TargetName,
    company: &Company,
    customers: Customers,
    source: Source,
) -> Result<Coverage, Fault> {
    let mapped: BTreeSet<String> = store
        .reps(target, company)
        .await?
        .into_iter()
        .map(|mapping| mapping.rep.rep)
        .collect();
    let known = store.salespersons(company).await?;
    let all: BTreeSet<&String> = known
        .iter()
        .map(|row| &row.rep.rep)
        .chain(customers.by_rep.keys())
        .collect();
    let of = |rep: &String| customers.by_rep.get(rep).copied().unwrap_or(0);
    let mut unmapped: Vec<(String, usize)> = all
        .iter()
        .filter(|rep| !mapped.contains(**rep))
        .map(|rep| ((*rep).clone(), of(rep)))
        .collect();
    unmapped.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    Ok(Coverage {
        target: target.clone(),
        company: company.clone(),
        reps: all.len(),
        mapped: all.iter().filter(|rep| mapped.contains(**rep)).count(),
        covered: mapped.iter().map(of).sum(),
        unmapped,
        customers,
        source,
    })
}

/// The coverage by what the deployment has seen so far.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_links(
    store: &(impl Reps + Links),
    config: &SyncConfig,
) -> Result<Vec<Coverage>, Fault> {
    let mut all = Vec::new();
    for company in config.companies.keys() {
        for target in owners(config, company).keys() {
            let known = store
                .salespersons(company)
                .await?
                .into_iter()
                .map(|row| row.rep.rep);
            let mapped = store
                .reps(target, company)
                .await?
                .into_iter()
                .map(|row| row.rep.rep);
            let reps: BTreeSet<String> = known.chain(mapped).collect();
            let counts = reps.into_iter().map(async |rep| {
                let key = RepKey {
                    company: company.clone(),
                    rep: rep.clone(),
                };
                let touched = touched(store, target, &key).await?;
                Ok((rep, touched.linked + touched.parked))
            });
            let counts: Vec<Result<_, Fault>> = stream::iter(counts)
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            let by_rep: BTreeMap<String, usize> = counts.into_iter().collect::<Result<_, _>>()?;
            let customers = Customers {
                by_rep: by_rep.into_iter().filter(|(_, count)| *count > 0).collect(),
                ..Customers::default()
            };
            all.push(coverage(store, target, company, customers, Source::Links).await?);
        }
    }
    Ok(all)
}

/// The coverage of one company by what its agent holds now.
///
/// # Errors
/// When the store or the agent cannot be read.
pub async fn of_company(
    store: &impl Reps,
    sage: &impl Sage,
    config: &SyncConfig,
    company: &Company,
) -> Result<Vec<Coverage>, Fault> {
    let owners = owners(config, company);
    let Some(rules) = config.companies.get(company).filter(|_| !owners.is_empty()) else {
        return Ok(Vec::new());
    };
    let targets = owners.iter().collect();
    let counts = of_agent(sage, company, rules, &targets).await?;
    let mut all = Vec::new();
    for (target, customers) in counts {
        all.push(coverage(store, &target, company, customers, Source::Agent).await?);
    }
    Ok(all)
}

/// The lines for people.
#[must_use]
pub fn sentences(coverages: &[Coverage]) -> String {
    coverages
        .iter()
        .map(|coverage| printable(coverage.sentence()) + ".\n")
        .collect()
}

/// What `reps coverage` says. `silent` are companies whose agent did not answer.
#[must_use]
pub fn answer(coverages: &[Coverage], silent: &[(Company, Fault)], style: Style) -> Answer {
    let rows: Vec<Vec<String>> = coverages
        .iter()
        .flat_map(|coverage| {
            let row = |(rep, customers): &(String, usize)| {
                vec![
                    coverage.target.to_string(),
                    coverage.company.to_string(),
                    rep.clone(),
                    customers.to_string(),
                ]
            };
            coverage
                .unmapped
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(row)
        })
        .collect();
    let mut text = sentences(coverages);
    if coverages.is_empty() && silent.is_empty() {
        text.push_str(
            "No target has an owner that follows the salesperson: there is nothing to cover.\n",
        );
    }
    if !rows.is_empty() {
        let header = ["target", "company", "not mapped", "customers"];
        text.push_str(&style.table(&header, rows, &[3]));
        text.push('\n');
    }
    for (company, fault) in silent {
        text.push_str(&format!(
            "{company}: {}: {} `--from links` counts what was seen so far.\n",
            fault.code,
            printable(&fault.message)
        ));
    }
    let silent_json: Vec<Value> = silent
        .iter()
        .map(|(company, fault)| json!({"company": company, "code": fault.code, "message": fault.message}))
        .collect();
    let coverage: Vec<Value> = coverages.iter().map(Coverage::json).collect();
    Answer {
        text,
        json: json!({"coverage": coverage, "unread": silent_json}),
        well: silent.is_empty(),
    }
}
