//! The round trip of the mark: an order is created with our mark in its column, read back, and deleted. It is made on an
//! explicit wish only, since it writes to Sage and costs a number.

use counterpart_delivery::ports::{OrderQuery, SageOrders, SageWrite, WriteContext};
use counterpart_domain::sale::{OrderFile, Reference, SaleCustomer, SaleLine, SaleOrder};
use counterpart_domain::{Company, CrmId, Entity, Fault, Fields, SageKey, TargetName, Value};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::probe::Found;

/// What the order of the round trip is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The customer's key, `01-ABF`.
    pub customer: String,
    /// The item's code.
    pub item: String,
    /// The column that holds the mark.
    pub column: String,
}

impl Trial {
    /// The customer.
    pub(super) fn key(&self, company: &Company) -> Result<SageKey, Fault> {
        SageKey::new(company, Entity::CUSTOMER, &self.customer).map_err(|error| wrong_input(&error))
    }
}

/// Creates, reads and deletes.
pub(super) async fn round_trip(
    writer: &impl SageWrite,
    reader: &impl SageOrders,
    company: &Company,
    trial: &Trial,
    now: Timestamp,
) -> Result<Found, Fault> {
    let customer = trial.key(company)?;
    let number = writer.next_order_number(company).await?;
    let order = order(company, &customer, trial, &number, now)?;
    let key = format!("doctor/{company}/{number}/{}", now.as_millisecond());
    let context = |step: &str| format!("{key}/{step}");
    let (create, delete) = (context("create"), context("delete"));
    let with = |key| WriteContext {
        idempotency_key: key,
        reference_column: &trial.column,
        parent: None,
    };
    let created = writer
        .create_order(&number, &customer, &order, with(create.as_str()))
        .await;
    let seen = match created {
        Ok(()) => read(reader, company, trial, &order, &number).await,
        Err(fault) if fault.class == counterpart_domain::Class::Ambiguous => {
            Err(said_with(fault, &number))
        }
        // Nothing was written.
        Err(fault) => return Err(fault),
    };
    // Whatever was seen, the order must not stay.
    let deleted = writer
        .cancel_order(company, &number, with(delete.as_str()))
        .await;
    let seen = seen?;
    if let Err(fault) = deleted {
        return Ok(Found::Wrong(
            "E_SAGE_TRIAL_LEFT",
            format!(
                "order {number} was created and could not be deleted: {}",
                fault.message
            ),
            format!("Delete sales order {number} in company {company} by hand."),
        ));
    }
    let left = reader
        .orders(company, &OrderQuery::Number(number.clone()), &trial.column)
        .await?;
    if left.value.iter().any(|order| order.file == OrderFile::Open) {
        return Ok(Found::Wrong(
            "E_SAGE_TRIAL_LEFT",
            format!("order {number} is still there after it was deleted"),
            format!("Delete sales order {number} in company {company} by hand."),
        ));
    }
    Ok(seen)
}

/// What the order looks like by number and by mark.
async fn read(
    reader: &impl SageOrders,
    company: &Company,
    trial: &Trial,
    order: &SaleOrder,
    number: &str,
) -> Result<Found, Fault> {
    let by_number = reader
        .orders(
            company,
            &OrderQuery::Number(number.to_owned()),
            &trial.column,
        )
        .await?
        .value;
    let column = &trial.column;
    let Some(found) = by_number.first() else {
        return Ok(Found::Wrong(
            "E_SAGE_TRIAL_MISSING",
            format!("order {number} was created, but the agent does not find it by its number"),
            "Agent and SOAP service have to serve the same company of the same Sage 100.".into(),
        ));
    };
    if found.reference != order.reference.as_str() {
        return Ok(Found::Wrong(
            "E_SAGE_MARK_DROPPED",
            format!(
                "{column} holds {:?} after an order was created with {}",
                found.reference, order.reference
            ),
            format!(
                "Without its mark an order cannot be told from another after a lost answer. Add {column} to the sales order \
                 header and allow it to the web services, or choose another reference_column."
            ),
        ));
    }
    let query = OrderQuery::Reference {
        column: column.clone(),
        reference: order.reference.clone(),
    };
    let by_mark = reader.orders(company, &query, column).await?.value;
    if !by_mark.iter().any(|order| order.number == number) {
        return Ok(Found::Wrong(
            "E_SAGE_MARK_NOT_FOUND",
            format!("order {number} is not found by {column}"),
            "The agent has to look for references in both files, the history included.".into(),
        ));
    }
    Ok(Found::Well(format!(
        "order {number} was created with {} in {column}, found by both, and deleted",
        order.reference
    )))
}

/// An order of one line, with a mark of its own.
pub(super) fn order(
    company: &Company,
    customer: &SageKey,
    trial: &Trial,
    number: &str,
    now: Timestamp,
) -> Result<SaleOrder, Fault> {
    let target = TargetName::new("doctor").ok_or_else(|| wrong_input(&"the mark has no target"))?;
    let root = CrmId(format!("{number}-{}", now.as_millisecond()));
    Ok(SaleOrder {
        company: company.clone(),
        customer: SaleCustomer {
            account: CrmId("doctor".into()),
            key: Some(customer.clone()),
            create: None,
        },
        reference: Reference::of(&target, company, &root),
        header: Fields::from([("Comment".to_owned(), Value::text("Counterpart: a test"))]),
        lines: vec![SaleLine {
            id: None,
            number: None,
            product: None,
            item: trial.item.clone(),
            quantity: Decimal::ONE,
            unit: None,
            crm_unit: None,
            warehouse: None,
            unit_price: None,
            discount_percent: None,
            columns: Fields::new(),
        }],
        crm_total: None,
        crm_tax: None,
        currency: None,
    })
}

fn said_with(mut fault: Fault, number: &str) -> Fault {
    fault.message = format!(
        "{} The order would be {number}: look whether it is there, and delete it.",
        fault.message
    );
    fault
}

fn wrong_input(why: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        counterpart_domain::Class::Configuration,
        "E_TRIAL",
        format!("The round trip cannot be made: {why}."),
    )
}
