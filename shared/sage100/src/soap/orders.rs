//! Sales orders.

use counterpart_domain::sale::{SaleLine, SaleOrder};
use counterpart_domain::{Class, Entity, Fault, SageKey, Value};
use rust_decimal::Decimal;

use super::binding::Slot;
use super::client::SoapClient;
use super::fault::{Purpose, unknown};
use super::object::Object;
use super::xml::Node;
use crate::text::{bug, check_header, check_lines, key_parts, line_columns};

impl SoapClient {
    pub(super) async fn create_sales_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        reference_column: &str,
    ) -> Result<(), Fault> {
        let (division, customer_no) = checked(customer, order, reference_column)?;
        let slot = self.object_slot("CreateSalesOrder", "salesOrder")?;
        let mut object = Object::new(&self.binding, slot);
        object.put("SalesOrderNo", &Value::text(number), None)?;
        object.put("ARDivisionNo", &Value::text(division), None)?;
        object.put("CustomerNo", &Value::text(customer_no), None)?;
        self.put_header(&mut object, order, reference_column)
            .await?;
        let line_slot = lines_slot(&object)?;
        let mut lines = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            lines.push(
                self.put_line(Object::new(&self.binding, line_slot), line)
                    .await?,
            );
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

    /// Reads the order, makes it what the sale says, writes it whole.
    pub(super) async fn update_sales_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        reference_column: &str,
    ) -> Result<(), Fault> {
        let (division, customer_no) = checked(customer, order, reference_column)?;
        let parameters = vec![
            ("companyCode", order.company.as_str().into()),
            ("salesOrderNo", number.into()),
        ];
        let given = self
            .call("GetSalesOrder", Purpose::Read, parameters)
            .await?
            .filter(|given| !given.nil)
            .ok_or_else(|| unknown(Purpose::Read, "an order without content"))?;
        let slot = self.object_slot("UpdateSalesOrder", "salesOrder")?;
        let mut object = Object::of(&self.binding, slot, &given);
        if object.text("SalesOrderNo").trim_end() != number {
            return Err(unknown(Purpose::Read, "another order came"));
        }
        let owner = (
            object.text("ARDivisionNo").trim_end(),
            object.text("CustomerNo").trim_end(),
        );
        if owner != (division, customer_no) {
            return Err(not_ours(
                number,
                &format!("belongs to customer {}-{}", owner.0, owner.1),
            ));
        }
        let mark = object.text(reference_column).trim();
        if !mark.is_empty() && mark != order.reference.as_str() {
            return Err(not_ours(
                number,
                &format!("carries another mark in {reference_column}"),
            ));
        }
        // Sage takes these only where bill-to reporting is on. Where nobody else pays they follow from the customer.
        let payer = (
            object.text("BillToDivisionNo").trim_end(),
            object.text("BillToCustomerNo").trim_end(),
        );
        if payer.1.is_empty() || payer == (division, customer_no) {
            object.remove("BillToDivisionNo");
            object.remove("BillToCustomerNo");
        }
        self.put_header(&mut object, order, reference_column)
            .await?;
        let lines = self.merged_lines(&object, order).await?;
        object.put_items("Lines", lines);
        self.send(
            "UpdateSalesOrder",
            "salesOrder",
            Purpose::Change,
            &order.company,
            object,
        )
        .await
    }

    async fn put_header(
        &self,
        object: &mut Object<'_>,
        order: &SaleOrder,
        reference_column: &str,
    ) -> Result<(), Fault> {
        let null_date = self.null_date_for(object, &order.header).await?;
        object.put_all(&order.header, null_date.as_deref())?;
        let mark = Value::text(order.reference.as_str());
        object.put(reference_column, &mark, None)
    }

    async fn put_line<'a>(
        &self,
        mut object: Object<'a>,
        line: &SaleLine,
    ) -> Result<Object<'a>, Fault> {
        let columns = line_columns(line)?;
        let null_date = self.null_date_for(&object, &columns).await?;
        object.put_all(&columns, null_date.as_deref())?;
        Ok(object)
    }

    /// Each line of the sale takes the first line of the order that has its item and is not taken; that one keeps its
    /// key. Lines that nothing took are left out; components go with their kit.
    async fn merged_lines<'a>(
        &'a self,
        object: &Object<'a>,
        order: &SaleOrder,
    ) -> Result<Vec<Object<'a>>, Fault> {
        let slot = lines_slot(object)?;
        let there: Vec<Object<'a>> = object
            .items("Lines")
            .iter()
            .map(|line: &Node| Object::of(&self.binding, slot, line))
            .collect();
        let mut kept: Vec<Option<Object<'a>>> = there.iter().map(|_| None).collect();
        let mut added = Vec::new();
        for line in &order.lines {
            let free = there.iter().zip(&kept).position(|(there, kept)| {
                kept.is_none()
                    && kit(there).is_none()
                    && there.text("ItemCode").trim_end() == line.item
            });
            let found = free.and_then(|at| Some((there.get(at)?, kept.get_mut(at)?)));
            match found {
                Some((there, place)) => {
                    let before = priced(there);
                    let mut changed = self.put_line(there.clone(), line).await?;
                    if priced(&changed) != before {
                        // Sage computes it; the old one would contradict the rest.
                        changed.remove("ExtensionAmt");
                    }
                    *place = Some(changed);
                }
                None => added.push(
                    self.put_line(Object::new(&self.binding, slot), line)
                        .await?,
                ),
            }
        }
        let keys: Vec<String> = kept
            .iter()
            .flatten()
            .map(|line| line.text("LineKey").trim().to_owned())
            .collect();
        for (there, place) in there.iter().zip(&mut kept) {
            if place.is_none() && kit(there).is_some_and(|kit| keys.iter().any(|key| key == kit)) {
                *place = Some(there.clone());
            }
        }
        Ok(kept.into_iter().flatten().chain(added).collect())
    }
}

fn checked<'a>(
    customer: &'a SageKey,
    order: &SaleOrder,
    reference_column: &str,
) -> Result<(&'a str, &'a str), Fault> {
    if customer.entity != Entity::Customer || customer.company != order.company {
        return Err(bug("the customer is none of the order's company"));
    }
    check_lines(order)?;
    check_header(order, reference_column)?;
    let (division, number, _) = key_parts(customer)?;
    Ok((division, number))
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

fn not_ours(number: &str, why: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_REFUSED",
        format!(
            "Sales order {number} in Sage 100 is not this sale's: it {why}. Nothing was changed."
        ),
    )
}
