//! The `SageOrders` port: what has to be known before an order is sent, and whether it is there already.

mod decode;

use counterpart_delivery::ports::{Clock, Observed, OrderQuery, SageOrders};
use counterpart_domain::sale::{CustomerCredit, Item, ItemPrice, ItemStock, SalesOrder, code};
use counterpart_domain::{AsOf, Company, Entity, Fault, SageKey};
use rust_decimal::Decimal;

use self::decode::{WireCredit, WireItems, WireOrders, WirePrice, WireStock};
use crate::AgentClient;
use crate::http::{contract_fault, encode, parse};
use crate::query::queries_of;
use crate::text::bug;

/// The most codes of one question.
const MOST_CODES: usize = 100;

impl<C: Clock> SageOrders for AgentClient<C> {
    async fn orders(
        &self,
        company: &Company,
        query: &OrderQuery,
        reference_column: &str,
    ) -> Result<Observed<Vec<SalesOrder>>, Fault> {
        self.check_reads(company, "orders").await?;
        let (asked, column) = match query {
            OrderQuery::Number(number) => (format!("number={}", encode(number)), reference_column),
            OrderQuery::Reference { column, reference } => (
                format!("reference={}", encode(reference.as_str())),
                column.as_str(),
            ),
        };
        let path = format!(
            "/v1/companies/{company}/orders?{asked}&reference_column={}",
            encode(column)
        );
        let body = self.get(&path, true).await?;
        let wire: WireOrders = parse(&body)?;
        let mut orders = Vec::with_capacity(wire.orders.len());
        for one in wire.orders {
            let order = decode::order(company, column, one)?;
            let asked_for = match query {
                OrderQuery::Number(number) => is_same(&order.number, number),
                OrderQuery::Reference { reference, .. } => {
                    is_same(&order.reference, reference.as_str())
                }
            };
            if !asked_for {
                return Err(contract_fault(format!(
                    "order {} was not asked for",
                    order.number
                )));
            }
            orders.push(order);
        }
        Ok(Observed {
            as_of: wire.as_of,
            value: orders,
        })
    }

    async fn items(&self, company: &Company, codes: &[String]) -> Result<Vec<Option<Item>>, Fault> {
        let mut found = std::collections::BTreeMap::new();
        self.by_codes(company, "items", codes, |body, asked| {
            let wire: WireItems = parse(body)?;
            let mut answered: Vec<&str> = wire.missing.iter().map(String::as_str).collect();
            answered.extend(wire.items.iter().map(|item| item.code.as_str()));
            check_answered(asked, &answered)?;
            for item in wire.items {
                found.insert(spelt(&item.code), decode::item(item)?);
            }
            Ok(wire.as_of)
        })
        .await?;
        let of = |code: &String| found.get(&spelt(code)).cloned();
        Ok(codes.iter().map(of).collect())
    }

    async fn stock(
        &self,
        company: &Company,
        codes: &[String],
    ) -> Result<Observed<Vec<ItemStock>>, Fault> {
        let mut stock = Vec::new();
        let as_of = self
            .by_codes(company, "stock", codes, |body, asked| {
                let wire: WireStock = parse(body)?;
                for level in wire.stock {
                    if !asked.iter().any(|code| is_same(code, &level.item)) {
                        return Err(contract_fault(format!("{} was not asked for", level.item)));
                    }
                    stock.push(decode::stock(level)?);
                }
                Ok(wire.as_of)
            })
            .await?;
        Ok(Observed {
            as_of,
            value: stock,
        })
    }

    async fn credit(&self, customer: &SageKey) -> Result<Option<CustomerCredit>, Fault> {
        self.check_reads(&customer.company, "credit").await?;
        let path = format!(
            "/v1/companies/{}/credit?customer={}",
            customer.company,
            customer_local(customer)?
        );
        let Some(body) = self.get_if_there(&path).await? else {
            return Ok(None);
        };
        let wire: WireCredit = parse(&body)?;
        if !is_same(&wire.customer, &customer.local) {
            return Err(contract_fault("the credit of another customer"));
        }
        decode::credit(customer, &wire).map(Some)
    }

    async fn price(
        &self,
        customer: &SageKey,
        item: &str,
        quantity: Decimal,
    ) -> Result<Option<ItemPrice>, Fault> {
        self.check_reads(&customer.company, "price").await?;
        let path = format!(
            "/v1/companies/{}/price?customer={}&item={}&quantity={}",
            customer.company,
            customer_local(customer)?,
            encode(item),
            quantity.normalize()
        );
        let Some(body) = self.get_if_there(&path).await? else {
            return Ok(None);
        };
        let wire: WirePrice = parse(&body)?;
        if !is_same(&wire.customer, &customer.local) || !is_same(&wire.item, item) {
            return Err(contract_fault("the price of another customer or item"));
        }
        decode::price(wire, quantity).map(Some)
    }
}

impl<C: Clock> AgentClient<C> {
    /// One question for each so many codes as an address takes; the answer's as-of is the oldest of them.
    async fn by_codes(
        &self,
        company: &Company,
        what: &str,
        codes: &[String],
        mut take: impl FnMut(&[u8], &[&str]) -> Result<AsOf, Fault>,
    ) -> Result<AsOf, Fault> {
        if codes.is_empty() {
            return Err(bug("no item was asked for"));
        }
        if codes.len() > MOST_CODES {
            return Err(bug("more than 100 items were asked for"));
        }
        self.check_reads(company, what).await?;
        let mut asked: Vec<&str> = codes.iter().map(String::as_str).collect();
        // Two spellings of one code are one question: what is answered to both would count twice.
        asked.sort_unstable_by_key(|one| spelt(one));
        asked.dedup_by_key(|one| spelt(one));
        let mut oldest: Option<AsOf> = None;
        for (query, part) in queries_of("code", asked) {
            let path = format!("/v1/companies/{company}/{what}?{query}");
            let as_of = take(&self.get(&path, true).await?, &part)?;
            oldest = Some(oldest.map_or(as_of, |oldest| oldest.min(as_of)));
        }
        oldest.ok_or_else(|| bug("no item was asked for"))
    }

    /// The body, or none where Sage has no such record.
    async fn get_if_there(&self, path: &str) -> Result<Option<Vec<u8>>, Fault> {
        match self.get(path, true).await {
            Ok(body) => Ok(Some(body)),
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

fn customer_local(customer: &SageKey) -> Result<String, Fault> {
    if customer.entity == Entity::CUSTOMER {
        return Ok(encode(&customer.local));
    }
    Err(bug(format!("a {} is no customer", customer.entity)))
}

/// Sage compares keys in upper case, and answers with its own spelling.
fn is_same(one: &str, other: &str) -> bool {
    spelt(one) == spelt(other)
}

fn spelt(key: &str) -> String {
    code(key)
}

/// Every code is answered, and no other.
fn check_answered(asked: &[&str], answered: &[&str]) -> Result<(), Fault> {
    let is_among = |code: &str, codes: &[&str]| codes.iter().any(|one| is_same(one, code));
    if let Some(stranger) = answered.iter().find(|code| !is_among(code, asked)) {
        return Err(contract_fault(format!("{stranger} was not asked for")));
    }
    match asked.iter().find(|code| !is_among(code, answered)) {
        Some(silent) => Err(contract_fault(format!(
            "{silent} is neither there nor missing"
        ))),
        None => Ok(()),
    }
}
