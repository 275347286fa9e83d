//! A sale of the scenes: its records in the CRM, and its order in Sage.

use serde_json::Value;

use crate::demo::figures::Parked;
use crate::demo::orders::in_sage::{self, SageOrder};
use crate::demo::orders::kinds::Kind;
use crate::demo::orders::products::Line;
use crate::demo::orders::record::Record;
use crate::demo::orders::{self, wait};
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// A sale.
pub struct Sale<'a> {
    /// Where it is made.
    pub crm: &'a Crm,
    /// Who sells.
    pub company: &'static str,
    /// The record that asks for the order.
    pub record: Record,
    /// The others that belong to it.
    pub others: Vec<Record>,
}

impl<'a> Sale<'a> {
    /// The sale of one record.
    pub const fn of(crm: &'a Crm, company: &'static str, record: Record) -> Self {
        Self {
            crm,
            company,
            record,
            others: Vec::new(),
        }
    }

    /// Begins one with lines, not yet won.
    ///
    /// # Errors
    /// When the CRM refuses.
    pub fn open(
        crm: &'a Crm,
        company: &'static str,
        kind: &'static Kind,
        name: &str,
        lines: &[Line],
    ) -> Result<Self> {
        let account = orders::account(crm, company)?;
        let record = Record::open(crm, kind, &account, name, lines)?;
        Ok(Self::of(crm, company, record))
    }

    /// Wins it.
    ///
    /// # Errors
    /// When the CRM refuses.
    pub fn win(&self) -> Result<()> {
        self.record.win(self.crm)
    }

    /// Its order in Sage, once the record shows the number.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn order(&self, stack: &Stack) -> Result<SageOrder> {
        let number = orders::number(self.crm, &self.record)?;
        in_sage::order(stack, self.company, &number)
    }

    /// Waits until its order is as wanted.
    ///
    /// # Errors
    /// With both sides, when it does not become so.
    pub fn until(
        &self,
        stack: &Stack,
        holds: impl Fn(&SageOrder) -> Result<bool>,
    ) -> Result<SageOrder> {
        let look = || {
            let order = self.order(stack)?;
            Ok(holds(&order)?.then_some(order))
        };
        wait::until(look, || {
            let order = self.order(stack)?;
            let (crm, lines) = (self.crm, self.record.lines(self.crm)?);
            let text = self.record.status_text(crm)?;
            Ok(format!(
                "order {} comes to {} of {:?}, the {} in {} is {lines:?}; its status text is {text:?}",
                order.number, order.total, order.lines, self.record.kind.title, crm.target.title
            ))
        })
    }

    /// Waits until its order holds the record's lines, and its money.
    ///
    /// # Errors
    /// As [`Self::until`].
    pub fn until_it_agrees(&self, stack: &Stack) -> Result<SageOrder> {
        self.until(stack, |order| self.agrees(order))
    }

    /// Whether an order holds the record's lines, and its money.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn agrees(&self, order: &SageOrder) -> Result<bool> {
        let lines = self.record.lines(self.crm)?;
        let sum = lines.iter().map(|line| line.amount).sum();
        let total = self.record.total(self.crm)?.unwrap_or(sum);
        Ok(order.lines == lines && order.total == sum && sum == total)
    }

    /// Waits until the record says this to sales people.
    ///
    /// # Errors
    /// With what it says instead.
    pub fn until_it_says(&self, words: &str) -> Result<String> {
        let text = || self.record.status_text(self.crm);
        wait::until(
            || Ok(Some(text()?).filter(|text| text.contains(words))),
            || {
                let (title, text) = (self.crm.target.title, text()?);
                Ok(format!(
                    "the status text in {title} is {text:?}, not {words:?}"
                ))
            },
        )
    }

    /// What of it is parked, if anything is.
    ///
    /// # Errors
    /// When the command does not say.
    pub fn parked(&self, stack: &Stack) -> Result<Option<Parked>> {
        let said = stack.counterpart_json(&["parked", "list"])?;
        let (target, id) = (self.crm.target.name, self.id());
        let is = |entry: &Value, name: &str, value: &str| {
            entry.get(name).and_then(Value::as_str) == Some(value)
        };
        // By its id: the key is the customer's, where that is known.
        let own = said.as_array().into_iter().flatten();
        let own = own.filter(|entry| is(entry, "target", target) && is(entry, "id", &id));
        Ok(Parked::list(&own.cloned().collect())?.pop())
    }

    /// Checks that it is parked with this code, with a sentence.
    ///
    /// # Errors
    /// When it is not, or with another code.
    pub fn is_parked(&self, stack: &Stack, code: &str) -> Result<Parked> {
        let parked = self.parked(stack)?;
        let title = self.crm.target.title;
        let parked = parked.ok_or_else(|| {
            Failure::new(format!(
                "{} of {title} is not in `counterpart parked list`",
                self.id()
            ))
        })?;
        ensure(parked.code == code, || {
            format!("{} of {title} is parked as {parked:?}", self.id())
        })?;
        Ok(parked)
    }

    /// Everything that is known of why it is parked.
    ///
    /// # Errors
    /// When it is not parked.
    pub fn detail(&self, stack: &Stack) -> Result<String> {
        let id = self.id();
        let target = self.crm.target.name;
        let said = stack.counterpart_json(&["parked", "show", &id, "--target", target])?;
        let detail = said.pointer("/0/detail").and_then(Value::as_str);
        Ok(detail.unwrap_or_default().to_owned())
    }

    /// Sends it again, as a person does who was told why it is parked.
    ///
    /// # Errors
    /// When the command refuses.
    pub fn redrive(&self, stack: &Stack) -> Result<()> {
        let (id, target) = (self.id(), self.crm.target.name);
        let words = ["parked", "redrive", "--yes", "--target", target, &id];
        stack.counterpart(&words).map(drop)
    }

    /// What it is parked under.
    fn id(&self) -> String {
        format!("order#{}", self.record.id)
    }
}

/// Begins a sale in each CRM, wins them, and waits for their orders, until they may be edited again.
///
/// # Errors
/// When a CRM refuses, or an order does not come.
pub fn won<'a>(
    stack: &'a Stack,
    open: impl Fn(&'a Crm) -> Result<Sale<'a>>,
) -> Result<Vec<Sale<'a>>> {
    let sales: Vec<Sale<'a>> = stack.crms.iter().map(open).collect::<Result<_>>()?;
    wait::a_moment();
    for sale in &sales {
        sale.win()?;
    }
    for sale in &sales {
        sale.until_it_agrees(stack)?;
    }
    wait::settle(stack, wait::PATIENCE)?;
    wait::a_moment();
    Ok(sales)
}
