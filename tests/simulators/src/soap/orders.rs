//! The operations of sales orders.

use super::{
    answer::Answer,
    binding::Binding,
    contract::Data,
    entities::{Record, members},
    faults::Fault,
    records::{self, Nulls},
    types::Type,
};
use crate::{
    data::Values,
    sage::{Desk, Matching, Order, OrderWrite, Reason, Refusal, line_source},
};

const OBJECT: &str = "SO_SalesOrder_Bus";

/// A call of an operation of orders.
pub struct Orders<'a, 'b> {
    /// Where it works.
    pub desk: &'a mut Desk<'b>,
    /// How it speaks.
    pub binding: &'a Binding,
}

impl Orders<'_, '_> {
    /// GetSalesOrder: the open file only.
    pub fn get(&self, number: &str) -> Result<Answer, Fault> {
        match self.desk.company.sales.orders.get(number.trim()) {
            Some(order) => Ok(self.shown(order)),
            None => Err(self.refused(&Refusal::record(
                Reason::NoRecord,
                OBJECT,
                format!("Sales order {number} does not exist."),
            ))),
        }
    }

    /// GetSalesOrderTemplate: what a new order of the customer begins with.
    pub fn template(&mut self, customer: &str) -> Result<Answer, Fault> {
        let header = self
            .desk
            .template(customer, None)
            .map_err(|refusal| self.refused(&refusal))?;
        let order = Order {
            header,
            ..Order::default()
        };
        Ok(self.shown(&order))
    }

    /// PreviewSalesOrder: what a create would store.
    pub fn preview(&mut self, data: &Data) -> Result<Answer, Fault> {
        let write = self.write(data, Nulls::Default)?;
        let mut order = self
            .desk
            .build_order(&write)
            .map_err(|refusal| self.refused(&refusal))?;
        order.header.insert("SalesOrderNo".to_owned(), write.number);
        Ok(self.shown(&order))
    }

    /// CreateSalesOrder.
    pub fn create(&mut self, data: &Data) -> Result<Answer, Fault> {
        let write = self.write(data, Nulls::Default)?;
        let reuse = self.desk.settings.site.reuse_history_numbers;
        self.desk
            .create_order(&write, reuse)
            .map_err(|refusal| self.refused(&refusal))?;
        Ok(Answer::Void)
    }

    /// UpdateSalesOrder: the whole object; lines that are null stay.
    pub fn update(&mut self, data: &Data) -> Result<Answer, Fault> {
        let write = self.write(data, Nulls::Blank)?;
        self.desk
            .update_order(&write, Matching::ByKey)
            .map_err(|refusal| self.refused(&refusal))?;
        Ok(Answer::Void)
    }

    /// DeleteSalesOrder.
    pub fn delete(&mut self, number: &str) -> Result<Answer, Fault> {
        self.desk
            .delete_order(number.trim())
            .map_err(|refusal| self.refused(&refusal))?;
        Ok(Answer::Void)
    }

    fn write(&self, data: &Data, nulls: Nulls) -> Result<OrderWrite, Fault> {
        let payments = data.lists.get("Payments");
        let payments = payments
            .map(|payments| payments.iter().map(payment).collect::<Result<_, _>>())
            .transpose()
            .map_err(|refusal: Refusal| self.refused(&refusal))?;
        let division = match data.text("ARDivisionNo").trim() {
            "" => "00",
            division => division,
        };
        let customer = match data.text("CustomerNo").trim() {
            "" if nulls == Nulls::Blank => String::new(),
            number => format!("{division}-{number}").to_uppercase(),
        };
        Ok(OrderWrite {
            number: data.text("SalesOrderNo").trim().to_owned(),
            customer,
            header: records::order(data, nulls),
            lines: records::lines(data, line_source(), nulls),
            removed: Vec::new(),
            payments,
        })
    }

    fn shown(&self, order: &Order) -> Answer {
        Answer::Members(members(
            &Record::order(order),
            Type::SalesOrder,
            self.binding,
        ))
    }

    fn refused(&self, refusal: &Refusal) -> Fault {
        Fault::of(refusal, self.binding, &self.desk.settings.site.lock_code)
    }
}

const CARDS: [&str; 3] = ["VISA", "MC", "AMEX"];

/// A payment: its type, its amount and the address of the cardholder are kept, never a card.
fn payment(data: &Data) -> Result<Values, Refusal> {
    let object = "SO_SalesOrderPayment_bus";
    let refused = |reason, column: &str, message: String| {
        Err(Refusal::value(reason, object, column, message))
    };
    let is_card = CARDS.contains(&data.text("PaymentType"));
    for column in ["ExpirationDateYear", "ExpirationDateMonth"] {
        if !is_card && !data.text(column).is_empty() {
            let message = format!(
                "{column}$: This field can only be set when entering a credit card transaction."
            );
            return refused(Reason::Required, column, message);
        }
    }
    let mut values = Values::new();
    for (column, length) in [
        ("PaymentType", 5),
        ("PaymentTypeCategory", 1),
        ("PaymentSeqNo", 7),
        ("AVSAddressLine1", 30),
        ("AVSAddressLine2", 30),
        ("AVSCity", 30),
        ("AVSState", 2),
        ("AVSZipCode", 10),
        ("AVSCountryCode", 3),
    ] {
        let text = data.text(column);
        if text.chars().count() > length {
            let words = crate::sage::column_in_words(column);
            let message = format!("The {words} is greater than {length} character(s).");
            return refused(Reason::TooLong, column, message);
        }
        values.insert(column.to_owned(), text.to_owned());
    }
    let amount = data.text("TransactionAmt");
    values.insert("TransactionAmt".to_owned(), amount.to_owned());
    Ok(values)
}
