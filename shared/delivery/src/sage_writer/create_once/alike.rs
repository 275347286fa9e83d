//! Before an account becomes a customer, Sage is asked who may be that customer already. Whether it is one of those is for a
//! person to say: a customer who is there twice has two balances, two credit limits and two histories.

use counterpart_domain::entity::KeySource;
use counterpart_domain::{Fault, SageKey};

use crate::CrmEvent;
use crate::intent::Alike;
use crate::ports::prelude::*;
use crate::ports::{CustomerQuery, FoundBy, FoundCustomer};
use crate::sage_writer::SageWriter;
use crate::sage_writer::context::JobContext;
use crate::sage_writer::leases::LeasedIntent;
use crate::sage_writer::new_record::NewRecord;
use crate::sage_writer::stop::{NOT_OFFERED, Stop};
use counterpart_domain::Class;

/// Sage holds customers that may be the account.
const MAY_EXIST: &str = "E_CUSTOMER_MAY_EXIST";
/// Nobody knows whether it does.
const NOT_SEARCHED: &str = "E_CUSTOMER_SEARCH_NOT_OFFERED";
/// Sage holds a record below the same parent that may be the CRM's.
pub(super) const RECORD_MAY_EXIST: &str = "E_RECORD_MAY_EXIST";
/// How many are named in a sentence.
const NAMED: usize = 3;

/// Whether the person who sends this job again was told of customers that look alike: the job's own record was parked for
/// that.
pub(in crate::sage_writer) fn decides(event: &CrmEvent, leased: &LeasedIntent) -> bool {
    let mut questions = [MAY_EXIST, NOT_SEARCHED, RECORD_MAY_EXIST].into_iter();
    questions.any(|code| leased.is_answered(event, code))
}

/// A customer that may be the one, and the account that it belongs to.
struct Candidate {
    found: FoundCustomer,
    account: Option<String>,
}

impl<P: Ports> SageWriter<'_, P> {
    /// Passes where Sage has nobody who may be this customer, or where a person was told of everybody who may and had it sent
    /// again. The slot at the company is taken first: nobody creates one between this look and the create.
    pub(super) async fn look_for_alike(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
    ) -> Result<(), Stop> {
        if new.entity.spec().key_source != Some(KeySource::NextCustomerNumber) {
            return Ok(());
        }
        // Sage refuses a customer without a name by itself.
        let Some(query) = CustomerQuery::of_columns(new.columns) else {
            return Ok(());
        };
        self.acquire_slot(context).await?;
        let asked = context.agent.find_customers(context.company, &query);
        let (found, more, unsearched) = match self.call(context, asked).await {
            Ok(answer) => (answer.value.customers, answer.value.more, false),
            Err(fault) if fault.code == NOT_OFFERED => (Vec::new(), false, true),
            Err(fault) => return Err(fault.into()),
        };
        let candidates = self.strangers(context, leased, new, found).await?;
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
        if let Some(told) = &mut leased.intent.alike
            && told.covers(&now)
            && (told.dismissed || new.decided)
        {
            told.dismissed = true;
            return Ok(());
        }
        let sentence = if unsearched {
            not_searched(context, new)?
        } else {
            may_exist(context, new, &candidates, more)?
        };
        leased.intent.alike = Some(now);
        let code = if unsearched { NOT_SEARCHED } else { MAY_EXIST };
        let fault = Fault::new(Class::Data, code, sentence);
        // One that was sent may be in Sage all the same.
        Err(if leased.intent.sends > 0 {
            Stop::Ambiguous(fault)
        } else {
            Stop::Refused(fault)
        })
    }

    /// Those found that are not ours: neither under the number that was sent, nor linked to this very account.
    async fn strangers(
        &self,
        context: &JobContext<'_, P>,
        leased: &LeasedIntent,
        new: &NewRecord<'_>,
        mut found: Vec<FoundCustomer>,
    ) -> Result<Vec<Candidate>, Fault> {
        let sent = leased
            .intent
            .number
            .as_ref()
            .filter(|_| leased.intent.sends > 0);
        found.retain(|one| Some(&one.key.local) != sent);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<SageKey> = found.iter().map(|one| one.key.clone()).collect();
        let links = self.store.links(&context.job.target, &keys).await?;
        let owners = links
            .into_iter()
            .map(|link| link.and_then(|link| link.crm_id));
        let with_owners = found.into_iter().zip(owners);
        Ok(with_owners
            .filter(|(_, owner)| owner.as_ref() != Some(new.id))
            .map(|(found, owner)| Candidate {
                found,
                account: owner.map(|owner| owner.0),
            })
            .collect())
    }
}

fn may_exist<P: Ports>(
    context: &JobContext<'_, P>,
    new: &NewRecord<'_>,
    candidates: &[Candidate],
    more: bool,
) -> Result<String, Stop> {
    let field = &context.entity(new.entity)?.key_field;
    let mut named: Vec<String> = candidates.iter().take(NAMED).map(described).collect();
    match candidates.len().saturating_sub(NAMED) {
        _ if more && named.is_empty() => named.push("one whose key cannot be read".to_owned()),
        _ if more => named.push("and others".to_owned()),
        0 => {}
        others => named.push(format!("and {others} more")),
    }
    let example = candidates.first().map(|one| one.found.key.text());
    let example = example.unwrap_or_else(|| format!("{}:01-ABF", context.company));
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

fn not_searched<P: Ports>(
    context: &JobContext<'_, P>,
    new: &NewRecord<'_>,
) -> Result<String, Stop> {
    let field = &context.entity(new.entity)?.key_field;
    Ok(format!(
        "The agent of company {company} cannot look for customers, so nobody knows whether Sage 100 holds this one already. Look for it there. If it is there, enter its key (such as {company}:01-ABF) into the account's field {field}; if it is not, redrive: the customer is created.",
        company = context.company
    ))
}
