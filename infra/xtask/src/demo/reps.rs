//! The rep mapping of the demo: salespersons and a CRM's users are the same people if their e-mail addresses are equal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::demo::sides::{self, User};
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// Salesperson (`ABC:01-0100`) to user of one CRM.
pub type Mapping = BTreeMap<String, User>;
/// The mappings of all targets, by name.
pub type Mappings = BTreeMap<&'static str, Mapping>;

/// Maps everybody who is a user of the CRMs, and says who is not: the same one in all of them.
///
/// # Errors
/// When not exactly one salesperson is left over.
pub fn by_email(stack: &Stack) -> Result<(Mappings, String)> {
    let mut mappings = Mappings::new();
    let mut left = String::new();
    for crm in &stack.crms {
        let (mapping, one) = of_crm(stack, crm)?;
        ensure(left.is_empty() || left == one, || {
            format!("{left} is no user of one CRM, {one} none of another")
        })?;
        mappings.insert(crm.target.name, mapping);
        left = one;
    }
    Ok((mappings, left))
}

fn of_crm(stack: &Stack, crm: &Crm) -> Result<(Mapping, String)> {
    let users = sides::users(stack, crm)?;
    let mut mapping = Mapping::new();
    let mut left_over = Vec::new();
    for salesperson in sides::salespersons(&stack.sage)? {
        let rep = format!("{}:{}", salesperson.company, salesperson.key);
        match users.iter().find(|user| user.email == salesperson.email) {
            Some(user) => {
                mapping.insert(rep, user.clone());
            }
            None => left_over.push(rep),
        }
    }
    match <[String; 1]>::try_from(left_over) {
        Ok([one]) => Ok((mapping, one)),
        Err(several) => Err(Failure::new(format!(
            "one salesperson without a user of {} is expected, found {}: {}",
            crm.target.title,
            several.len(),
            several.join(", ")
        ))),
    }
}

/// Has the command match salespersons with users by itself, and save what it is sure of.
///
/// # Errors
/// When it does not come to these mappings.
pub fn accept(stack: &Stack, mappings: &Mappings) -> Result<()> {
    let said = stack.counterpart_json(&["reps", "match", "--accept"])?;
    let written = said.pointer("/plan/written").and_then(Value::as_bool);
    ensure(written == Some(true), || {
        format!("the command saved nothing: {said}")
    })?;
    let found = saved(&said);
    let wanted: BTreeSet<Saved> = mappings
        .iter()
        .flat_map(|(target, mapping)| {
            mapping
                .iter()
                .map(|(rep, user)| ((*target).to_owned(), rep.clone(), user.id.clone()))
        })
        .collect();
    ensure(found == wanted, || {
        format!("the command matched {found:?} instead of {wanted:?}")
    })
}

/// Target, salesperson (`ABC:01-0100`) and user.
type Saved = (String, String, String);

fn saved(said: &Value) -> BTreeSet<Saved> {
    let changes = said.pointer("/plan/changes").and_then(Value::as_array);
    changes
        .into_iter()
        .flatten()
        .filter_map(|change| {
            let part = |pointer: &str| change.pointer(pointer).and_then(Value::as_str);
            let rep = format!("{}:{}", part("/company")?, part("/salesperson")?);
            Some((
                part("/target")?.to_owned(),
                rep,
                part("/after/user_id")?.to_owned(),
            ))
        })
        .collect()
}

/// Imports the mappings with the command, as an operator does.
///
/// # Errors
/// When the command refuses it.
pub fn import(stack: &Stack, file: &str, mappings: &Mappings) -> Result<()> {
    ensure(mappings.values().all(|mapping| !mapping.is_empty()), || {
        "there is nobody to map".to_owned()
    })?;
    let path = stack.path(file);
    std::fs::write(&path, csv(mappings))?;
    stack
        .counterpart(&["reps", "import", &path.to_string_lossy()])
        .map(drop)
}

fn csv(mappings: &Mappings) -> String {
    let mut lines = String::from("company,salesperson,target,user_id,user_name\n");
    for (target, mapping) in mappings {
        for (rep, User { id, name, .. }) in mapping {
            let (company, salesperson) = rep.split_once(':').unwrap_or_default();
            let name = name.replace('"', "\"\"");
            // Writing into a String cannot fail.
            let _infallible = writeln!(lines, "{company},{salesperson},{target},{id},\"{name}\"");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_stay_one_column() {
        let user = User {
            id: "17".to_owned(),
            name: "Stubbs, Harvey \"Jr.\"".to_owned(),
            email: String::new(),
        };
        let mapping = Mapping::from([("ABC:01-0160".to_owned(), user)]);
        let mappings = Mappings::from([("zoho", mapping)]);
        assert_eq!(
            csv(&mappings).lines().nth(1),
            Some(r#"ABC,01-0160,zoho,17,"Stubbs, Harvey ""Jr.""""#)
        );
    }
}
