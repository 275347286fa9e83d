//! The day of an operator: what stands still is found, understood and mended with the command's verbs alone, and what people
//! do at the CRM's screen.

use serde_json::{Value, json};

use super::company;
use super::sale::Sale;
use crate::demo::orders::deal::LINES;
use crate::demo::orders::kinds::deal_of;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle, until};
use crate::demo::sides::text;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// The item whose code is spoilt, and what it is spoilt to.
const ITEM: &str = "8983";
const SPOILT: &str = "8983 (OLD)";
/// What hides a record from the integration user.
const HIDDEN: &str = "NO_PERMISSION";

/// Plays both: a product whose code Sage does not know, and a deal that is hidden from us.
///
/// # Errors
/// When the verbs do not lead to it, or it is no order in the end.
pub fn mends<'a>(stack: &'a Stack, say: &Say) -> Result<Vec<Sale<'a>>> {
    let title = "an operator finds a product code that Sage does not know, and mends it with the verbs alone";
    let code = say.step(title, || spoilt_code(stack))?;
    let title = "an operator finds a deal that is hidden from us, and what waits behind it, and mends it with the verbs alone";
    let hidden = say.step(title, || hidden_deal(stack))?;
    Ok(vec![code, hidden])
}

/// The CRM whose products have codes of their own that the control door can rename.
fn crm(stack: &Stack) -> Result<&Crm> {
    let mut crms = stack.crms.iter();
    let found = crms.find(|crm| crm.target.ways_in.channels);
    found.ok_or_else(|| Failure::new("no CRM of the stack has watch channels"))
}

fn open<'a>(crm: &'a Crm, name: &str) -> Result<Sale<'a>> {
    let sale = Sale::open(
        crm,
        company(crm, super::BY_SOAP),
        deal_of(crm),
        name,
        &LINES,
    )?;
    a_moment();
    Ok(sale)
}

fn spoilt_code(stack: &Stack) -> Result<Sale<'_>> {
    let crm = crm(stack)?;
    let sale = open(crm, "A product with a spoilt code")?;
    let product = product(crm, ITEM)?;
    rename(crm, &product, SPOILT)?;
    sale.win()?;
    sale.until_it_says(SPOILT)?;
    settle(stack, PATIENCE)?;
    // What the operator sees: that something is parked, what, and why.
    let status = stack.counterpart_json(&["status"])?;
    let parked = format!("/parked/{}", crm.target.name);
    let parked = status.pointer(&parked).and_then(Value::as_u64);
    ensure(parked.is_some_and(|parked| parked > 0), || {
        format!("the status tells of nothing that is parked: {status}")
    })?;
    let id = listed(stack, &sale)?
        .ok_or_else(|| Failure::new("the sale is not in `counterpart parked list`"))?;
    let shown = stack.counterpart(&["parked", "show", &id])?;
    ensure(
        shown.contains(SPOILT) && shown.contains(&sale.record.id),
        || format!("`parked show` does not say what is wrong with what:\n{shown}"),
    )?;
    rename(crm, &product, ITEM)?;
    let plan = stack.counterpart_json(&["parked", "redrive", &id])?;
    ensure(
        plan.pointer("/0/would") == Some(&json!("read_again")),
        || format!("the redrive would do something else: {plan}"),
    )?;
    // One bad id in the list holds up nobody, and is told of.
    let done = stack.counterpart_json(&["parked", "redrive", "order#none", &id, "--yes"])?;
    let fates = done.as_array().into_iter().flatten();
    let fates: Vec<_> = fates.map(|one| one.get("done").cloned()).collect();
    ensure(fates == [Some(json!(true)), Some(json!(false))], || {
        format!("the redrive did not do the one and tell of the other: {done}")
    })?;
    is_over(stack, sale)
}

fn hidden_deal(stack: &Stack) -> Result<Sale<'_>> {
    let crm = crm(stack)?;
    let sale = open(crm, "A deal of somebody else's")?;
    let rule = json!({"operation": "Deals.get", "code": HIDDEN, "match": {"url": sale.record.id}});
    crm.door.faults(&json!({ "rules": [rule] }))?;
    sale.win()?;
    let found = until(
        || Trouble::of(stack, &sale),
        || Ok("neither `status` nor `parked list` tells of the deal".to_owned()),
    );
    let mended = |found: Trouble| -> Result<()> {
        found.is_understood(stack)?;
        crm.door.faults(&json!({ "clear": true }))?;
        found.mend(stack, &sale)
    };
    let done = found.and_then(mended);
    // Whatever went wrong, the next scene begins without it.
    crm.door.faults(&json!({ "clear": true }))?;
    done?;
    is_over(stack, sale)
}

/// It is an order, nothing of it is parked any more, and no circuit is open.
fn is_over<'a>(stack: &'a Stack, sale: Sale<'a>) -> Result<Sale<'a>> {
    sale.until_it_agrees(stack)?;
    let gone = || Ok(listed(stack, &sale)?.is_none().then_some(()));
    until(gone, || Ok("it is an order, and still parked".to_owned()))?;
    let circuits = stack.counterpart_json(&["circuit", "list"])?;
    let closed = circuits
        .get("circuits")
        .and_then(Value::as_array)
        .is_some_and(|all| {
            all.iter()
                .all(|one| one.get("state") == Some(&json!("closed")))
        });
    ensure(closed, || format!("a circuit is still open: {circuits}"))?;
    Ok(sale)
}

/// What an operator is told of a deal that cannot be read.
#[derive(Debug)]
enum Trouble {
    /// The sale is set aside, under this id.
    Parked(String),
    /// The whole CRM is not called.
    Circuit(&'static str),
}

impl Trouble {
    fn of(stack: &Stack, sale: &Sale<'_>) -> Result<Option<Self>> {
        if let Some(id) = listed(stack, sale)? {
            return Ok(Some(Self::Parked(id)));
        }
        let status = stack.counterpart_json(&["status"])?;
        let problems = status.get("problems").and_then(Value::as_array);
        let mut problems = problems.into_iter().flatten();
        let open = problems.any(|one| one.get("code") == Some(&json!("E_CIRCUIT_OPEN")));
        Ok(open.then_some(Self::Circuit(sale.crm.target.name)))
    }

    /// The verb that tells more says why, and what helps.
    fn is_understood(&self, stack: &Stack) -> Result<()> {
        let (said, wanted) = match self {
            Self::Parked(id) => (stack.counterpart(&["parked", "show", id])?, "E_"),
            Self::Circuit(name) => {
                let said = stack.counterpart_json(&["circuit", "list"])?;
                let circuits = said.get("circuits").and_then(Value::as_array);
                let mut circuits = circuits.into_iter().flatten();
                let own = circuits.find(|one| one.get("name") == Some(&json!(name)));
                let waits = own.and_then(|own| own.get("waiting")?.as_u64());
                ensure(waits.is_some(), || {
                    format!("what waits is not told: {said}")
                })?;
                (said.to_string(), "E_CRM_PERMISSION")
            }
        };
        ensure(said.contains(wanted), || {
            format!("it does not say {wanted}:\n{said}")
        })
    }

    fn mend(&self, stack: &Stack, sale: &Sale<'_>) -> Result<()> {
        match self {
            Self::Parked(id) => stack
                .counterpart(&["parked", "redrive", id, "--yes"])
                .map(drop),
            Self::Circuit(name) => {
                stack.counterpart(&["circuit", "close", name])?;
                // What was handed back comes after its pause; an edit is told of at once.
                a_moment();
                sale.record
                    .set(sale.crm, &json!({"Description": "Shared by now"}))
            }
        }
    }
}

/// The id under which a sale stands in `counterpart parked list`, if it does.
fn listed(stack: &Stack, sale: &Sale<'_>) -> Result<Option<String>> {
    let target = sale.crm.target.name;
    let said = stack.counterpart_json(&["parked", "list", target])?;
    let own = said.as_array().into_iter().flatten().find(|one| {
        one.pointer("/record/id").and_then(Value::as_str) == Some(sale.record.id.as_str())
    });
    own.map(|one| text(one, "id")).transpose()
}

/// The id of a product of Zoho's.
fn product(crm: &Crm, item: &str) -> Result<String> {
    let said = crm
        .door
        .get(&format!("/_sim/records/Products?Product_Code={item}"))?;
    let found = said
        .pointer("/records/0")
        .ok_or_else(|| Failure::new(format!("{} sells no {item}", crm.target.title)))?;
    text(found, "id")
}

fn rename(crm: &Crm, product: &str, code: &str) -> Result<()> {
    let body = json!({"module": "Products", "id": product, "fields": {"Product_Code": code}});
    crm.door.edit(&body).map(drop)
}
