//! Conditions on a CRM's fields.

use counterpart_domain::{Fields, Value};

use crate::{CrmCondition, OrderSource, Test};

impl CrmCondition {
    /// Whether the record meets it. A field that was read and is not in the answer is blank.
    #[must_use]
    pub fn holds(&self, fields: &Fields) -> bool {
        let held = fields.get(&self.field).unwrap_or(&Value::Blank);
        match &self.test {
            Test::Equals(wanted) => equal(held, wanted),
            Test::Not(wanted) => !equal(held, wanted),
            Test::In(wanted) => wanted.iter().any(|wanted| equal(held, wanted)),
            Test::StartsWith(start) => held.to_string().starts_with(start.as_str()),
        }
    }
}

/// The configuration does not know a field's type: a text stands for an id and for a date, too.
fn equal(held: &Value, wanted: &Value) -> bool {
    match (held, wanted) {
        (Value::Reference(_) | Value::Date(_), Value::Text(text)) => held.to_string() == *text,
        _ => held == wanted,
    }
}

impl OrderSource {
    /// Whether the record is to be a Sage order.
    #[must_use]
    pub fn is_won(&self, fields: &Fields) -> bool {
        !self.when.is_empty() && self.when.iter().all(|one| one.holds(fields))
    }

    /// Whether an order that was made of the record is to be cancelled.
    #[must_use]
    pub fn is_cancelled(&self, fields: &Fields) -> bool {
        !self.cancel_when.is_empty() && self.cancel_when.iter().all(|one| one.holds(fields))
    }

    /// Every field of the record that is read, each once.
    #[must_use]
    pub fn query_fields(&self) -> Vec<String> {
        let conditions = self.when.iter().chain(&self.cancel_when);
        let named = [
            self.root.as_ref(),
            Some(&self.account),
            self.account_key.as_ref(),
            self.contact.as_ref().map(|contact| &contact.field),
            self.contact
                .as_ref()
                .and_then(|contact| contact.name_field.as_ref()),
            self.currency.as_ref(),
            self.price_book.as_ref(),
            self.total.as_ref(),
            self.tax.as_ref(),
            self.day.as_ref(),
            // A number that stands there already says that the sale was an order once.
            self.write_back.number.as_ref(),
        ];
        let mut fields: Vec<String> = conditions.map(|one| one.field.clone()).collect();
        fields.extend(named.into_iter().flatten().cloned());
        fields.extend(self.columns.iter().flat_map(super::columns::fields_of));
        once_each(fields)
    }

    /// Every field of a line that is read, each once. Its `id` comes by itself.
    #[must_use]
    pub fn query_line_fields(&self) -> Vec<String> {
        let lines = &self.lines;
        let named = [
            Some(&lines.code),
            lines.product.as_ref(),
            Some(&lines.quantity),
            lines.unit_price.as_ref(),
            lines.discount_percent.as_ref(),
            lines.discount_amount.as_ref(),
            lines.tax.as_ref(),
            lines.unit.as_ref(),
            lines.warehouse.as_ref(),
            lines.currency.as_ref(),
            lines.price_book.as_ref(),
        ];
        let mut fields: Vec<String> = named.into_iter().flatten().cloned().collect();
        fields.extend(lines.columns.iter().flat_map(super::columns::fields_of));
        once_each(fields)
    }
}

pub(super) fn once_each(mut fields: Vec<String>) -> Vec<String> {
    fields.sort();
    fields.dedup();
    fields
}
