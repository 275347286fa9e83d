//! What an import would change.

use counterpart_delivery::ports::{Links, RepMapping, Reps};
use counterpart_domain::{Fault, RepKey, TargetName};
use serde_json::{Value, json};

use super::Row;
use super::customers::{Touched, touched};
use crate::output::printable;

/// One mapping that becomes another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The target.
    pub target: TargetName,
    /// The salesperson.
    pub rep: RepKey,
    /// As it is.
    pub before: Option<RepMapping>,
    /// As it will be.
    pub after: Option<RepMapping>,
    /// The customers that it concerns.
    pub touched: Touched,
}

impl Change {
    /// Whether somebody else is meant afterwards, and not only written in another way.
    #[must_use]
    pub fn is_another_user(&self) -> bool {
        let id = |mapping: &Option<RepMapping>| mapping.as_ref().map(|one| one.user_id.clone());
        id(&self.before) != id(&self.after)
    }
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What changes.
    pub changes: Vec<Change>,
    /// Rows that say what is so already.
    pub same: usize,
    /// Salespersons of the file that Sage has not shown (yet): a word of warning, no mistake.
    pub unknown: Vec<String>,
}

/// Compares a file with what is in force.
///
/// # Errors
/// When the store cannot be read.
pub async fn plan(store: &(impl Reps + Links), rows: &[Row]) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let mut scopes: Vec<_> = rows
        .iter()
        .map(|row| (row.target.clone(), row.rep.company.clone()))
        .collect();
    scopes.sort();
    scopes.dedup();
    for (target, company) in scopes {
        let stored = store.reps(&target, &company).await?;
        let known = store.salespersons(&company).await?;
        for row in rows
            .iter()
            .filter(|row| row.target == target && row.rep.company == company)
        {
            let before = stored.iter().find(|mapping| mapping.rep == row.rep);
            if before == row.user.as_ref() {
                plan.same += 1;
            } else {
                let mut change = Change {
                    target: target.clone(),
                    rep: row.rep.clone(),
                    before: before.cloned(),
                    after: row.user.clone(),
                    touched: Touched::default(),
                };
                if change.is_another_user() {
                    change.touched = touched(store, &target, &row.rep).await?;
                }
                plan.changes.push(change);
            }
            if !known.is_empty() && !known.iter().any(|salesperson| salesperson.rep == row.rep) {
                plan.unknown.push(row.rep.to_string());
            }
        }
    }
    plan.unknown.sort();
    plan.unknown.dedup();
    Ok(plan)
}

impl Plan {
    /// Mappings that would be taken away.
    #[must_use]
    pub fn removals(&self) -> usize {
        self.changes
            .iter()
            .filter(|change| change.after.is_none())
            .count()
    }

    /// For people, one line per change.
    #[must_use]
    pub fn text(&self) -> String {
        let user = |mapping: &Option<RepMapping>| {
            mapping.as_ref().map_or_else(
                || "nobody".to_owned(),
                |mapping| printable(format!("{} ({})", mapping.user_name, mapping.user_id)),
            )
        };
        let mut lines: Vec<String> = self
            .changes
            .iter()
            .map(|change| {
                format!(
                    "{} {}: {} -> {}{}",
                    change.target,
                    printable(change.rep.to_string()),
                    user(&change.before),
                    user(&change.after),
                    concerned(change)
                )
            })
            .collect();
        if !self.unknown.is_empty() {
            lines.push(format!(
                "Not among the salespersons that Sage has shown so far (a slip of the pen, or not polled yet): {}.",
                printable(self.unknown.join(", "))
            ));
        }
        lines.push(format!(
            "{} to change, {} as they are.",
            self.changes.len(),
            self.same
        ));
        lines.join("\n")
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let user = |mapping: &Option<RepMapping>| {
            mapping.as_ref().map(
                |mapping| json!({"user_id": mapping.user_id.0, "user_name": mapping.user_name}),
            )
        };
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({"target": change.target, "company": change.rep.company, "salesperson": change.rep.rep,
                       "before": user(&change.before), "after": user(&change.after),
                       "customers": {"linked": change.touched.linked, "parked": change.touched.parked, "more": change.touched.more}})
            })
            .collect();
        json!({"changes": changes, "same": self.same, "unknown": self.unknown})
    }
}

/// What a change means for the customers that name the rep.
fn concerned(change: &Change) -> String {
    let Touched {
        linked,
        parked,
        more,
    } = change.touched;
    if !change.is_another_user() {
        return " (only the name)".into();
    }
    if linked + parked == 0 {
        return String::new();
    }
    let customers = |count: usize| if count == 1 { "customer" } else { "customers" };
    let mut parts = Vec::new();
    if linked > 0 {
        let what = if change.after.is_some() {
            "get another owner"
        } else {
            "are looked at again"
        };
        parts.push(format!("{linked} {} {what}", customers(linked)));
    }
    if parked > 0 {
        let what = if change.after.is_some() {
            "are tried again"
        } else {
            "stay so"
        };
        parts.push(format!("{parked} parked {what}"));
    }
    let more = if more {
        ", and more than were counted"
    } else {
        ""
    };
    format!(" ({}{more})", parts.join(", "))
}
