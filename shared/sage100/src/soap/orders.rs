//! Sales orders.

use counterpart_domain::sale::{LineChange, OrderChange, Reference, SaleOrder, is_same_code};
use counterpart_domain::{Class, Company, Entity, Fault, Fields, SageKey, Value};
use rust_decimal::Decimal;

use super::binding::Slot;
use super::client::SoapClient;
use super::fault::{Purpose, unknown};
use super::object::Object;
use super::xml::Node;
use crate::text::{bug, check_header, check_line, check_lines, key_columns, line_columns};

impl SoapClient {
    pub(super) async fn create_sales_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        reference_column: &str,
    ) -> Result<(), Fault> {
        let (division, customer_no) = checked(customer, &order.company)?;
        check_lines(order.lines.len())?;
        check_header(&order.header, reference_column)?;
        let slot = self.object_slot("CreateSalesOrder", "salesOrder")?;
        let mut object = Object::new(&self.binding, slot);
        object.put("SalesOrderNo", &Value::text(number), None)?;
        object.put("ARDivisionNo", &Value::text(division), None)?;
        object.put("CustomerNo", &Value::text(customer_no), None)?;
        let mark = &order.reference;
        self.put_header(&mut object, &order.header, mark, reference_column)
            .await?;
        let line_slot = lines_slot(&object)?;
        let mut lines = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let object = Object::new(&self.binding, line_slot);
            lines.push(self.put_line(object, &line_columns(line)?).await?);
        }
        object.put_items("Lines", lines);
        self.send(
            "CreateSalesOrder",
            "salesOrder",
            Purpose::Create,
            &order.company,
            object,
        )
        .await
    }

    /// Reads the order, puts the change in, writes it whole.
    pub(super) async fn update_sales_order(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
        reference_column: &str,
    ) -> Result<(), Fault> {
        let (division, customer_no) = checked(customer, &change.company)?;
        check_header(&change.header, reference_column)?;
        let parameters = vec![
            ("companyCode", change.company.as_str().into()),
            ("salesOrderNo", number.into()),
        ];
        let given = self
            .call("GetSalesOrder", Purpose::Read, parameters)
            .await?
            .filter(|given| !given.nil)
            .ok_or_else(|| unknown(Purpose::Read, "an order without content"))?;
        let slot = self.object_slot("UpdateSalesOrder", "salesOrder")?;
        let mut object = Object::of(&self.binding, slot, &given);
        check_ours(
            &object,
            number,
            (division, customer_no),
            change,
            reference_column,
        )?;
        // Sage takes these only where bill-to reporting is on. Where nobody else pays they follow from the customer.
        let payer = (
            object.text("BillToDivisionNo").trim_end(),
            object.text("BillToCustomerNo").trim_end(),
        );
        if payer.1.is_empty() || payer == (division, customer_no) {
            object.remove("BillToDivisionNo");
            object.remove("BillToCustomerNo");
        }
        let mark = &change.reference;
        self.put_header(&mut object, &change.header, mark, reference_column)
            .await?;
        let lines = self.merged_lines(number, &object, change).await?;
        object.put_items("Lines", lines);
        self.send(
            "UpdateSalesOrder",
            "salesOrder",
            Purpose::Change,
            &change.company,
            object,
        )
        .await
    }

    async fn put_header(
        &self,
        object: &mut Object<'_>,
        header: &Fields,
        mark: &Reference,
        reference_column: &str,
    ) -> Result<(), Fault> {
        let null_date = self.null_date_for(object, header).await?;
        object.put_all(header, null_date.as_deref())?;
        object.put(reference_column, &Value::text(mark.as_str()), None)
    }

    async fn put_line<'a>(
        &self,
        mut object: Object<'a>,
        columns: &Fields,
    ) -> Result<Object<'a>, Fault> {
        let null_date = self.null_date_for(&object, columns).await?;
        object.put_all(columns, null_date.as_deref())?;
        Ok(object)
    }

    /// The order's lines after the change, each found by its key. A line that the change does not know stays: somebody has
    /// just added it, or it is a component and goes with its kit.
    async fn merged_lines<'a>(
        &'a self,
        number: &str,
        object: &Object<'a>,
        change: &OrderChange,
    ) -> Result<Vec<Object<'a>>, Fault> {
        let slot = lines_slot(object)?;
        let there: Vec<Object<'a>> = object
            .items("Lines")
            .iter()
            .map(|line: &Node| Object::of(&self.binding, slot, line))
            .collect();
        check_seen(number, &there, change)?;
        let mut lines = Vec::with_capacity(there.len());
        for line in there {
            let key = line.text("LineKey").trim();
            let is_gone = |key: &str| change.removed.iter().any(|(gone, _)| gone == key);
            if is_gone(key) || kit(&line).is_some_and(is_gone) {
                continue;
            }
            let known = change
                .lines
                .iter()
                .find(|one| one.key.as_deref() == Some(key));
            let Some(known) = known.filter(|known| !known.columns.is_empty()) else {
                lines.push(line);
                continue;
            };
            check_line(&known.columns)?;
            let before = priced(&line);
            let mut changed = self.put_line(line, &known.columns).await?;
            if priced(&changed) != before {
                // Sage computes it; the old one would contradict the rest.
                changed.remove("ExtensionAmt");
            }
            lines.push(changed);
        }
        for new in change.lines.iter().filter(|line| line.key.is_none()) {
            check_line(&new.columns)?;
            let object = Object::new(&self.binding, slot);
            lines.push(self.put_line(object, &new.columns).await?);
        }
        check_lines(lines.len())?;
        Ok(lines)
    }
}

/// The lines are still those that the change was made for. Otherwise somebody was here in between, and it is looked at anew.
fn check_seen(number: &str, there: &[Object<'_>], change: &OrderChange) -> Result<(), Fault> {
    let as_seen = |line: &LineChange| {
        let (Some(key), Some((quantity, price))) = (&line.key, line.seen) else {
            return true;
        };
        let held = there.iter().find(|held| held.text("LineKey").trim() == key);
        held.is_some_and(|held| {
            let [held_quantity, held_price, _] = priced(held);
            is_same_code(held.text("ItemCode"), &line.item)
                && held_quantity.unwrap_or_default() == quantity
                && held_price.unwrap_or_default() == price
        })
    };
    if change.lines.iter().all(as_seen) {
        return Ok(());
    }
    Err(Fault::new(
        Class::Data,
        "E_SAGE_NOT_FOUND",
        format!(
            "The lines of sales order {number} have just been changed in Sage 100 by somebody else. It is looked at anew."
        ),
    ))
}

fn checked<'a>(customer: &'a SageKey, company: &Company) -> Result<(&'a str, &'a str), Fault> {
    if customer.entity != Entity::CUSTOMER || customer.company != *company {
        return Err(bug("the customer is none of the order's company"));
    }
    match key_columns(customer, None)?.as_slice() {
        [(_, division), (_, number)] => Ok((division, number)),
        _ => Err(bug("a customer's key has two parts")),
    }
}

fn lines_slot<'a>(object: &Object<'a>) -> Result<&'a Slot, Fault> {
    object
        .item_slot("Lines")
        .ok_or_else(|| super::binding::lacks("the items of Lines"))
}

/// The key of the kit line that a line is a component of. A kit's own line is none, though it may name itself.
fn kit<'a>(line: &'a Object<'_>) -> Option<&'a str> {
    let key = line.text("SalesKitLineKey").trim();
    let other = key != line.text("LineKey").trim();
    (other && key.bytes().any(|byte| byte != b'0')).then_some(key)
}

/// What a line's amount follows from.
fn priced(line: &Object<'_>) -> [Option<Decimal>; 3] {
    ["QuantityOrdered", "UnitPrice", "LineDiscountPercent"]
        .map(|column| Decimal::from_str_exact(line.text(column).trim()).ok())
}

/// Passes if what came is this order, of this customer, and carries no other mark.
fn check_ours(
    object: &Object<'_>,
    number: &str,
    customer: (&str, &str),
    change: &OrderChange,
    reference_column: &str,
) -> Result<(), Fault> {
    if object.text("SalesOrderNo").trim_end() != number {
        return Err(unknown(Purpose::Read, "another order came"));
    }
    let owner = (
        object.text("ARDivisionNo").trim_end(),
        object.text("CustomerNo").trim_end(),
    );
    if owner != customer {
        return Err(not_ours(
            number,
            &format!("belongs to customer {}-{}", owner.0, owner.1),
        ));
    }
    let mark = object.text(reference_column).trim();
    if !mark.is_empty() && mark != change.reference.as_str() {
        return Err(not_ours(
            number,
            &format!("carries another mark in {reference_column}"),
        ));
    }
    Ok(())
}

fn not_ours(number: &str, why: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_REFUSED",
        format!(
            "Sales order {number} in Sage 100 is not this sale's: it {why}. Nothing was changed."
        ),
    )
}
