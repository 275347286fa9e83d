//! Finding what a person names: by the id of the list, a Sage key, or the CRM's own id of a record.

use std::collections::BTreeSet;

use counterpart_delivery::ports::{Parked, Parking, Route};
use counterpart_domain::{Company, Entity, Fault, SageKey};
use serde_json::Value;

use crate::output::{Refusal, printable};

/// The target name that messages go under that named none that can be read.
pub const NO_TARGET: &str = "-";
const PAGE: usize = 100;
/// The most items that are looked through for one that is named by something else than its id, and of one redrive.
pub(super) const MOST: usize = 10_000;

/// The targets to look into: the one named, or all that are `known` and those messages without a name.
///
/// # Errors
/// `E_UNKNOWN` when the one named is not known and nothing is parked under it, or when the store cannot be read.
pub async fn targets(
    store: &impl Parking,
    known: Vec<String>,
    only: Option<String>,
) -> Result<Vec<String>, Refusal> {
    let mut known = known;
    known.push(NO_TARGET.into());
    let Some(only) = only else {
        return Ok(known);
    };
    // What was parked for a target stays when the target is taken out of sync.toml.
    if known.contains(&only) || !store.parked_of(&only, None, 1).await?.is_empty() {
        return Ok(vec![only]);
    }
    Err(Refusal::new(
        "E_UNKNOWN",
        format!("There is no target {}.", printable(only)),
        format!(
            "There is: {} (`{NO_TARGET}`: messages that named none).",
            known.join(", ")
        ),
    ))
}

/// At most `limit` of what is parked in these targets.
///
/// # Errors
/// When the store cannot be read.
pub async fn all(
    store: &impl Parking,
    targets: &[String],
    limit: usize,
) -> Result<Vec<Parked>, Fault> {
    let mut all: Vec<Parked> = Vec::new();
    for target in targets {
        let mut after: Option<String> = None;
        while all.len() < limit {
            let page = store
                .parked_of(target, after.as_deref(), PAGE.min(limit - all.len()))
                .await?;
            after = page.last().map(|last| last.id.clone());
            let done = page.is_empty();
            all.extend(page);
            if done {
                break;
            }
        }
    }
    Ok(all)
}

/// The ids that a person may mean: an id as listed, or a Sage key of any entity.
fn ids(name: &str) -> Vec<String> {
    let mut ids = vec![name.to_owned()];
    if let Some((company, local)) = name.split_once(':')
        && let Ok(company) = Company::new(company)
    {
        ids.extend(
            Entity::ALL
                .into_iter()
                .filter_map(|entity| Some(SageKey::new(&company, entity, local).ok()?.storage())),
        );
    }
    ids
}

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// Nothing.
    Nothing,
    /// Items whose id it is, or the key of whose record.
    These(Vec<Parked>),
    /// Items that have to do with it: the sales of a customer, say. More than one of a target cannot be told apart by it.
    Related(Vec<Parked>),
}

impl Meant {
    /// All of them.
    pub(super) fn items(self) -> Vec<Parked> {
        match self {
            Self::Nothing => Vec::new(),
            Self::These(items) | Self::Related(items) => items,
        }
    }

    /// Whether several items of one target are meant, none of them by its id.
    pub(super) fn is_ambiguous(&self) -> bool {
        let Self::Related(items) = self else {
            return false;
        };
        let targets: BTreeSet<&str> = items.iter().map(|item| item.target.as_str()).collect();
        targets.len() < items.len()
    }
}

/// What is meant by a name, in all these targets.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn find(
    store: &impl Parking,
    targets: &[String],
    name: &str,
) -> Result<Meant, Fault> {
    let name = name.trim();
    let mut found = Vec::new();
    for target in targets {
        for id in ids(name) {
            found.extend(store.parked(target, &id).await?);
        }
    }
    if !found.is_empty() {
        return Ok(Meant::These(found));
    }
    let mut related = all(store, targets, MOST).await?;
    related.retain(|item| concerns(item, name));
    Ok(if related.is_empty() {
        Meant::Nothing
    } else {
        Meant::Related(related)
    })
}

/// Whether an item has to do with a Sage key or a CRM record.
fn concerns(item: &Parked, name: &str) -> bool {
    let is_key = item.key.as_ref().is_some_and(|key| key.text() == name);
    let is_root = item
        .id
        .split_once('#')
        .is_some_and(|(_, root)| root == name);
    is_key || is_root || crm_record(item).is_some_and(|(_, id)| id == name)
}

/// The CRM's record that an item came from: module and id.
pub(super) fn crm_record(item: &Parked) -> Option<(String, String)> {
    if !matches!(item.route, Route::CrmEvents | Route::SageWrites) {
        return None;
    }
    let payload: Value = serde_json::from_str(&item.payload).ok()?;
    let event = payload.get("event").unwrap_or(&payload);
    let text = |name: &str| Some(event.get(name)?.as_str()?.to_owned());
    Some((text("module")?, text("record")?))
}

/// Nothing of that name is parked.
pub(super) fn not_parked(name: &str, targets: &[String]) -> Refusal {
    Refusal::new(
        "E_NOT_PARKED",
        format!(
            "Nothing of {} is parked in {}.",
            printable(name),
            targets.join(", ")
        ),
        "`counterpart parked list` shows what is, with the ids. What got through is no longer parked.",
    )
}
