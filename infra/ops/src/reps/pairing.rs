//! Who in the CRM a salesperson is: by e-mail address, then by name. Pure; nothing is decided here, only proposed.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{CrmUser, RepMapping, SalespersonRow};
use counterpart_domain::CrmId;

use super::names::Name;

/// The same address.
const SAME_EMAIL: u8 = 100;
/// The same address, but for a tag after `+`.
const SAME_BUT_FOR_TAG: u8 = 95;
/// The same address, but somebody else by name: a shared mailbox, or a successor.
const DOUBTFUL_EMAIL: u8 = 80;
/// Below this, names are not alike.
const LEAST: u8 = 60;
/// From here on a name is as good as the same.
const SURE_NAME: u8 = 88;

/// A user who may be the salesperson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The user.
    pub user: CrmUser,
    /// 60 to 100.
    pub score: u8,
    /// Why.
    pub reason: String,
}

/// What was found for a salesperson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One user fits best.
    Proposed(Candidate),
    /// Several fit equally well, or the one fits several salespersons: a person decides.
    Ambiguous(Vec<Candidate>, String),
    /// Nobody fits.
    Nobody,
    /// Mapped already, and left alone. The text says what speaks against it.
    Mapped(RepMapping, Option<String>),
}

/// A salesperson with what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The salesperson.
    pub rep: SalespersonRow,
    /// What was found.
    pub found: Found,
}

/// Pairs the salespersons of one company with the active users of one target. `stored` is the mapping in force.
#[must_use]
pub fn pair(reps: &[SalespersonRow], users: &[CrmUser], stored: &[RepMapping]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = reps
        .iter()
        .map(|rep| {
            let best = best(rep, users);
            let mapped = stored.iter().find(|mapping| mapping.rep == rep.rep);
            let found = match mapped {
                Some(mapping) => Found::Mapped(mapping.clone(), objection(mapping, &best, users)),
                None => best,
            };
            Pair {
                rep: rep.clone(),
                found,
            }
        })
        .collect();
    refuse_shared(&mut pairs, stored);
    pairs
}

/// The best of the users for one salesperson.
fn best(rep: &SalespersonRow, users: &[CrmUser]) -> Found {
    let name = Name::of(&rep.name);
    let mut candidates: Vec<Candidate> = users
        .iter()
        .filter_map(|user| candidate(rep, &name, user))
        .collect();
    candidates
        .sort_by(|one, other| (other.score, &one.user.id.0).cmp(&(one.score, &other.user.id.0)));
    // Somebody else who has the very name speaks against an address.
    let namesake = candidates
        .iter()
        .skip(1)
        .find(|one| name.likeness(&Name::of(&one.user.name)).0 >= SURE_NAME)
        .map(|one| one.user.name.clone());
    let Some(first) = candidates.first_mut() else {
        return Found::Nobody;
    };
    if let Some(namesake) = namesake
        && first.score >= SAME_BUT_FOR_TAG
        && name.likeness(&Name::of(&first.user.name)).0 < SURE_NAME
    {
        first.score = DOUBTFUL_EMAIL;
        first.reason = format!("{}, but {namesake} has the name", first.reason);
    }
    let top = first.score;
    let equals: Vec<Candidate> = candidates
        .iter()
        .filter(|one| one.score == top)
        .cloned()
        .collect();
    if equals.len() > 1 {
        return Found::Ambiguous(equals, "several users fit equally well".into());
    }
    candidates
        .into_iter()
        .next()
        .map_or(Found::Nobody, Found::Proposed)
}

fn candidate(rep: &SalespersonRow, name: &Name, user: &CrmUser) -> Option<Candidate> {
    let other = Name::of(&user.name);
    let (likeness, how) = name.likeness(&other);
    let strangers = likeness < LEAST && !name.is_blank() && !other.is_blank();
    let (score, reason) = match same_email(&rep.email, &user.email) {
        Some(_) if strangers => (
            DOUBTFUL_EMAIL,
            "the same e-mail address, but another name".to_owned(),
        ),
        Some(SAME_EMAIL) => (SAME_EMAIL, "the same e-mail address".to_owned()),
        Some(score) => (
            score,
            "the same e-mail address, but for what follows the +".to_owned(),
        ),
        None if likeness >= LEAST => (likeness, how.to_owned()),
        None => return None,
    };
    Some(Candidate {
        user: user.clone(),
        score,
        reason,
    })
}

fn same_email(one: &str, other: &str) -> Option<u8> {
    let parts = |text: &str| -> Option<(String, String)> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        (!local.is_empty() && !domain.is_empty()).then(|| (local.to_owned(), domain.to_owned()))
    };
    let (one, other) = (parts(one)?, parts(other)?);
    if one == other {
        return Some(SAME_EMAIL);
    }
    let plain = |local: &str| local.split('+').next().unwrap_or_default().to_owned();
    (one.1 == other.1 && !plain(&one.0).is_empty() && plain(&one.0) == plain(&other.0))
        .then_some(SAME_BUT_FOR_TAG)
}

/// What speaks against a mapping that is in force.
fn objection(mapping: &RepMapping, best: &Found, users: &[CrmUser]) -> Option<String> {
    if !users.iter().any(|user| user.id == mapping.user_id) {
        return Some("is no active user (any more)".into());
    }
    match best {
        Found::Proposed(candidate)
            if candidate.user.id != mapping.user_id && candidate.score >= SURE_NAME =>
        {
            Some(format!(
                "{} ({}) fits better: {}",
                candidate.user.name, candidate.user.id, candidate.reason
            ))
        }
        _ => None,
    }
}

/// By more than a likeness of names, or an address that somebody else has too.
const fn is_sure(candidate: &Candidate) -> bool {
    candidate.score > DOUBTFUL_EMAIL
}

/// One user for several salespersons may be meant so, but nobody knows without being asked.
fn refuse_shared(pairs: &mut [Pair], stored: &[RepMapping]) {
    // With whether each is sure: who is only alike takes nobody from whom the user surely is.
    let mut of_user: BTreeMap<CrmId, Vec<(String, bool)>> = BTreeMap::new();
    for mapping in stored {
        let reps = of_user.entry(mapping.user_id.clone()).or_default();
        reps.push((mapping.rep.rep.clone(), true));
    }
    for pair in pairs.iter() {
        if let Found::Proposed(candidate) = &pair.found {
            let reps = of_user.entry(candidate.user.id.clone()).or_default();
            reps.push((pair.rep.rep.rep.clone(), is_sure(candidate)));
        }
    }
    for pair in pairs {
        let Found::Proposed(candidate) = &pair.found else {
            continue;
        };
        let reps: Vec<&str> = of_user
            .get(&candidate.user.id)
            .into_iter()
            .flatten()
            .filter(|(_, sure)| *sure || !is_sure(candidate))
            .map(|(rep, _)| rep.as_str())
            .collect();
        if reps.len() > 1 {
            let why = format!("one user for several salespersons: {}", reps.join(", "));
            pair.found = Found::Ambiguous(vec![candidate.clone()], why);
        }
    }
}

#[cfg(test)]
#[path = "pairing_tests.rs"]
mod tests;
