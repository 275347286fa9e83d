//! Sage gives a customer another number: found, understood and mended with the verbs alone. Nothing is deleted, and nobody's
//! history moves.

use counterpart_domain::Entity;
use serde_json::{Value, json};

use crate::demo::orders::wait::{PATIENCE, settle, until};
use crate::demo::sides::{account, text};
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// The company, and its customer's number before and after.
const COMPANY: &str = "ABC";
const BEFORE: &str = "01-BRESLIX";
const AFTER: &str = "01-BRESNEW";

/// Renumbers a customer that has an account in every CRM, and gives each of the accounts the new number.
///
/// # Errors
/// When an account is not the customer's in the end, or the verbs do not lead to it.
pub fn is_mended(stack: &Stack, say: &Say) -> Result<()> {
    let title = "a customer is renumbered in Sage: to us another one, and its accounts in the CRMs are nobody's any more";
    let accounts = say.step(title, || {
        let accounts: Vec<String> = stack.crms.iter().map(of_old).collect::<Result<_>>()?;
        stack.sage.edit(&json!({
            "company": COMPANY, "action": "renumber", "key": BEFORE, "to": AFTER,
        }))?;
        poll(stack)?;
        settle(stack, PATIENCE)?;
        for (crm, id) in stack.crms.iter().zip(&accounts) {
            let new = of(crm, AFTER)?;
            ensure(new.as_ref() != Some(id), || {
                format!("{} knew by itself what nobody told it", crm.target.title)
            })?;
        }
        Ok(accounts)
    })?;
    let title = "`link show` tells why, `link move` what it would do, and does it: the old accounts are the customer's, once each";
    say.step(title, || {
        for (crm, id) in stack.crms.iter().zip(&accounts) {
            mend(stack, crm, id)?;
        }
        Ok(())
    })
}

fn mend(stack: &Stack, crm: &Crm, id: &str) -> Result<()> {
    let target = crm.target.name;
    let (before, after) = (format!("{COMPANY}:{BEFORE}"), format!("{COMPANY}:{AFTER}"));
    let shown = stack.counterpart(&["link", "show", target, &before])?;
    ensure(shown.contains(id), || {
        format!("`link show` does not name the account {id}:\n{shown}")
    })?;
    let planned = stack.counterpart(&["link", "move", target, id, &after])?;
    ensure(of(crm, AFTER)?.as_deref() != Some(id), || {
        format!("the preview did it:\n{planned}")
    })?;
    let by = ["--yes", "--by", "the operator"];
    let words = ["link", "move", target, id, &after];
    stack.counterpart(&[&words[..], &by[..]].concat())?;
    let is_its = || Ok((of(crm, AFTER)?.as_deref() == Some(id)).then_some(()));
    until(is_its, || {
        let now = of(crm, AFTER)?;
        Ok(format!("{after} is {now:?}, and not {id}"))
    })?;
    settle(stack, PATIENCE)?;
    let old = of(crm, BEFORE)?;
    ensure(old.is_none(), || {
        format!("{before} is still the key of {old:?}")
    })?;
    let shown = stack.counterpart(&["link", "show", target, id])?;
    ensure(
        shown.contains(&after) && shown.contains("the operator"),
        || format!("`link show` does not say what was done, and by whom:\n{shown}"),
    )?;
    // What the CRM has of it is Sage's from now on.
    let edited = json!({
        "company": COMPANY, "key": AFTER, "fields": { "City": format!("Racine, {target}") },
    });
    stack.sage.edit(&edited)?;
    poll(stack)?;
    let city = format!("Racine, {target}");
    let follows = || {
        let held = account(crm, &after)?.unwrap_or(Value::Null);
        Ok(held.to_string().contains(&city).then_some(()))
    };
    until(follows, || {
        Ok(format!("{id} does not follow {after} to {city}"))
    })
}

fn poll(stack: &Stack) -> Result<()> {
    for entity in Entity::ALL {
        stack.counterpart(&["poll", COMPANY, entity.name()])?;
    }
    Ok(())
}

fn of_old(crm: &Crm) -> Result<String> {
    of(crm, BEFORE)?.ok_or_else(|| Failure::new(format!("{} has no {BEFORE}", crm.target.title)))
}

/// The id of the account that has a number of the company, if one does.
fn of(crm: &Crm, number: &str) -> Result<Option<String>> {
    let held = account(crm, &format!("{COMPANY}:{number}"))?;
    held.map(|held| text(&held, crm.target.id_field))
        .transpose()
}
