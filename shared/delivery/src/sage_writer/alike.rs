//! Before an account becomes a customer, Sage is asked who may be that customer already. Whether it is one of those is for a
//! person to say: a customer who is there twice has two balances, two credit limits and two histories.

use counterpart_domain::entity::KeySource;
use counterpart_domain::{Entity, Fault, SageKey};

use super::SageWriter;
use super::desk::Desk;
use super::held::{Held, is_answered};
use super::making::Making;
use super::stop::{NOT_OFFERED, Stop};
use crate::intent::Alike;
use crate::ports::prelude::*;
use crate::ports::{CustomerQuery, FoundBy, FoundCustomer};
use counterpart_domain::Class;

/// Sage holds customers that may be the account.
const MAY_EXIST: &str = "E_CUSTOMER_MAY_EXIST";
/// Nobody knows whether it does.
const NOT_SEARCHED: &str = "E_CUSTOMER_SEARCH_NOT_OFFERED";
/// How many are named in a sentence.
const NAMED: usize = 3;

/// Whether the person who sends this job again was told of customers that look alike: the job's own record was parked for
/// that.
pub(super) fn decides<P: Ports>(desk: &Desk<'_, P>, held: &Held) -> bool {
    let mut questions = [MAY_EXIST, NOT_SEARCHED].into_iter();
    questions.any(|code| is_answered(desk, held, code))
}

/// A customer that may be the one, and the account that it belongs to.
struct Candidate {
    found: FoundCustomer,
    account: Option<String>,
}

impl<P: Ports> SageWriter<'_, P> {
    /// Passes where Sage has nobody who may be this customer, or where a person was told of everybody who may and had it sent
    /// again. The seat at the company is taken first: nobody creates one between this look and the create.
    pub(super) async fn look_for_alike(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        making: &Making<'_>,
    ) -> Result<(), Stop> {
        if making.entity.spec().key_source != Some(KeySource::NextCustomerNumber) {
            return Ok(());
        }
        // Sage refuses a customer without a name by itself.
        let Some(query) = CustomerQuery::of_columns(making.columns) else {
            return Ok(());
        };
        self.sit(desk).await?;
        let asked = desk.agent.find_customers(desk.company, &query);
        let (found, more, unsearched) = match self.call(desk, asked).await {
            Ok(answer) => (answer.value.customers, answer.value.more, false),
            Err(fault) if fault.code == NOT_OFFERED => (Vec::new(), false, true),
            Err(fault) => return Err(fault.into()),
        };
        let candidates = self.strangers(desk, held, making, found).await?;
        let keys = candidates.iter().map(|one| one.found.key.local.clone());
        let now = Alike {
            keys: keys.collect(),
            more,
            unsearched,
            dismissed: false,
        };
        if now.is_nobody() {
            return Ok(());
        }
        if let Some(told) = &mut held.intent.alike
            && told.covers(&now)
            && (told.dismissed || making.decided)
        {
            told.dismissed = true;
            return Ok(());
        }
        let sentence = if unsearched {
            not_searched(desk)?
        } else {
            may_exist(desk, &candidates, more)?
        };
        held.intent.alike = Some(now);
        let code = if unsearched { NOT_SEARCHED } else { MAY_EXIST };
        let fault = Fault::new(Class::Data, code, sentence);
        // One that was sent may be in Sage all the same.
        Err(if held.intent.sends > 0 {
            Stop::Ambiguous(fault)
        } else {
            Stop::Refused(fault)
        })
    }

    /// Those found that are not ours: neither under the number that was sent, nor linked to this very account.
    async fn strangers(
        &self,
        desk: &Desk<'_, P>,
        held: &Held,
        making: &Making<'_>,
        mut found: Vec<FoundCustomer>,
    ) -> Result<Vec<Candidate>, Fault> {
        let sent = held
            .intent
            .number
            .as_ref()
            .filter(|_| held.intent.sends > 0);
        found.retain(|one| Some(&one.key.local) != sent);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<SageKey> = found.iter().map(|one| one.key.clone()).collect();
        let links = self.store.links(&desk.job.target, &keys).await?;
        let owners = links
            .into_iter()
            .map(|link| link.and_then(|link| link.crm_id));
        let with_owners = found.into_iter().zip(owners);
        Ok(with_owners
            .filter(|(_, owner)| owner.as_ref() != Some(making.id))
            .map(|(found, owner)| Candidate {
                found,
                account: owner.map(|owner| owner.0),
            })
            .collect())
    }
}

fn may_exist<P: Ports>(
    desk: &Desk<'_, P>,
    candidates: &[Candidate],
    more: bool,
) -> Result<String, Stop> {
    let field = &desk.entity(Entity::CUSTOMER)?.key_field;
    let mut named: Vec<String> = candidates.iter().take(NAMED).map(described).collect();
    match candidates.len().saturating_sub(NAMED) {
        _ if more && named.is_empty() => named.push("one whose key cannot be read".to_owned()),
        _ if more => named.push("and others".to_owned()),
        0 => {}
        others => named.push(format!("and {others} more")),
    }
    let example = candidates.first().map(|one| one.found.key.text());
    let example = example.unwrap_or_else(|| format!("{}:01-ABF", desk.company));
    Ok(format!(
        "Sage 100 may hold this customer already: {}. If it is one of them, enter its key (such as {example}) into the account's field {field}, or use the account that it belongs to. If it is none of them, redrive: a new customer is created.",
        named.join("; ")
    ))
}

/// `01-ABF American Business Futures, Milwaukee (same name, same telephone number), which belongs to account 4711`.
fn described(candidate: &Candidate) -> String {
    let Candidate { found, account } = candidate;
    let why = found.by.iter().map(|by| match by {
        FoundBy::Name => "same name",
        FoundBy::Phone => "same telephone number",
        FoundBy::PostalCode => "similar name in the same place",
    });
    let why = why.collect::<Vec<_>>().join(", ");
    let mut text = format!("{} {}", found.key.local, found.name);
    if !found.city.is_empty() {
        text.push_str(&format!(", {}", found.city));
    }
    if !why.is_empty() {
        text.push_str(&format!(" ({why})"));
    }
    if let Some(account) = account {
        text.push_str(&format!(", which belongs to account {account}"));
    }
    text
}

fn not_searched<P: Ports>(desk: &Desk<'_, P>) -> Result<String, Stop> {
    let field = &desk.entity(Entity::CUSTOMER)?.key_field;
    Ok(format!(
        "The agent of company {company} cannot look for customers, so nobody knows whether Sage 100 holds this one already. Look for it there. If it is there, enter its key (such as {company}:01-ABF) into the account's field {field}; if it is not, redrive: the customer is created.",
        company = desk.company
    ))
}
