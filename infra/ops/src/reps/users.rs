//! Whether the users of a file are users of the CRM. A spreadsheet rounds ids of 19 digits, and people leave.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::Crm as _;
use counterpart_domain::{CrmId, Fault, RepKey, TargetName};
use counterpart_runtime::Deployment;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Plan;
use crate::output::printable;
use crate::systems::crms;
use crate::within::within;
use crate::words::in_words;

/// The longest wait for a CRM's list of users.
const LONGEST: Duration = Duration::from_secs(20);

/// What the CRMs say of the users that a plan maps to.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    /// Those that are no active users.
    pub(super) strangers: Vec<(TargetName, RepKey, CrmId)>,
    /// CRMs that did not tell.
    silent: Vec<(TargetName, Fault)>,
}

/// Asks the CRMs of the users that are new in a plan.
pub(super) async fn look_up(deployment: &Deployment, config: &SyncConfig, plan: &Plan) -> Looked {
    let wanted: Vec<(&TargetName, &RepKey, &CrmId)> = plan
        .changes
        .iter()
        .filter(|change| change.is_another_user())
        .filter_map(|change| {
            let after = change.after.as_ref()?;
            Some((&change.target, &change.rep, &after.user_id))
        })
        .collect();
    let targets: BTreeSet<&TargetName> = wanted.iter().map(|(target, ..)| *target).collect();
    let crms = crms(deployment, config, &targets.into_iter().collect::<Vec<_>>()).await;
    let asked = join_all(
        crms.iter()
            .map(async |(name, crm)| (name, within(LONGEST, crm.users()).await)),
    )
    .await;
    let mut looked = Looked::default();
    for (name, users) in asked {
        match users {
            Ok(users) => {
                let known: BTreeSet<&CrmId> = users.iter().map(|user| &user.id).collect();
                let strange = wanted
                    .iter()
                    .filter(|(target, _, user)| *target == name && !known.contains(user))
                    .map(|(target, rep, user)| {
                        ((*target).clone(), (*rep).clone(), (*user).clone())
                    });
                looked.strangers.extend(strange);
            }
            Err(fault) => looked.silent.push((name.clone(), fault)),
        }
    }
    looked
}

impl Looked {
    /// For people, a line each.
    pub(super) fn text(&self) -> String {
        let strangers = self.strangers.iter().map(|(target, rep, user)| {
            format!(
                "{target} {}: {user} is no active user there; its customers would be parked.\n",
                printable(rep.to_string())
            )
        });
        let silent = self.silent.iter().map(|(target, fault)| {
            format!(
                "{target}: {}: {} Nobody knows whether these users are there.\n",
                fault.code,
                printable(in_words(fault))
            )
        });
        strangers.chain(silent).collect()
    }

    /// For programs: `strangers` and `unread`.
    pub(super) fn json(&self) -> (Value, Value) {
        let strangers = self.strangers.iter().map(|(target, rep, user)| {
            json!({"target": target, "company": rep.company, "salesperson": rep.rep, "user_id": user.0})
        });
        let silent = self.silent.iter().map(|(target, fault)| {
            json!({"target": target, "code": fault.code, "message": fault.message})
        });
        (strangers.collect(), silent.collect())
    }
}
