//! What the CRMs sell, and lines of it.

use serde_json::{Value, json};

use crate::demo::sides::{self, text};
use crate::error::{Failure, Result};
use crate::stack::crm::Crm;

/// A line as it is sold.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Sage's item code.
    pub item: &'static str,
    /// How many.
    pub quantity: u32,
    /// Of one, in dollars.
    pub price: &'static str,
    /// Taken off the whole line, in dollars; nothing where it is empty.
    pub off: &'static str,
    /// The same in per cent.
    pub percent: &'static str,
}

impl Line {
    /// A line without a discount.
    pub const fn plain(item: &'static str, quantity: u32, price: &'static str) -> Self {
        Self {
            item,
            quantity,
            price,
            off: "",
            percent: "",
        }
    }
}

/// What the CRM sells, and the price book of it.
pub struct Products {
    products: Vec<Value>,
    /// Salesforce alone: the prices.
    entries: Vec<Value>,
    /// Salesforce alone: the standard price book.
    pub book: String,
}

impl Products {
    /// Zoho's.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of_zoho(crm: &Crm) -> Result<Self> {
        Ok(Self {
            products: list(crm, "Products")?,
            entries: Vec::new(),
            book: String::new(),
        })
    }

    /// Salesforce's, with the standard price book.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of_salesforce(crm: &Crm) -> Result<Self> {
        let standard = list(crm, "Pricebook2")?
            .into_iter()
            .find(|book| book.get("IsStandard") == Some(&Value::Bool(true)))
            .ok_or_else(|| Failure::new("there is no standard price book"))?;
        Ok(Self {
            products: list(crm, "Product2")?,
            entries: list(crm, "PricebookEntry")?,
            book: text(&standard, "Id")?,
        })
    }

    /// A row of Zoho's.
    ///
    /// # Errors
    /// When there is no such product.
    pub fn row(&self, line: &Line) -> Result<Value> {
        let product = self.find("Product_Code", line.item)?;
        let mut row = json!({
            "Product_Name": {"id": text(product, "id")?},
            "Quantity": line.quantity, "List_Price": number(line.price)?,
        });
        if !line.off.is_empty() {
            row["Discount"] = number(line.off)?;
        }
        Ok(row)
    }

    /// A row of Salesforce's, without the record that it belongs to.
    ///
    /// # Errors
    /// When there is no such product, or it has no price.
    pub fn entry_row(&self, line: &Line) -> Result<Value> {
        let product = text(self.find("ProductCode", line.item)?, "Id")?;
        let is = |entry: &Value, name: &str, value: &str| {
            entry.get(name).and_then(Value::as_str) == Some(value)
        };
        let entry = self.entries.iter().find(|entry| {
            is(entry, "Product2Id", &product) && is(entry, "Pricebook2Id", &self.book)
        });
        let entry = entry.ok_or_else(|| Failure::new(format!("{} has no price", line.item)))?;
        let mut row = json!({
            "PricebookEntryId": text(entry, "Id")?,
            "Quantity": line.quantity, "UnitPrice": number(line.price)?,
        });
        if !line.percent.is_empty() {
            row["Discount"] = number(line.percent)?;
        }
        Ok(row)
    }

    fn find(&self, field: &str, code: &str) -> Result<&Value> {
        self.products
            .iter()
            .find(|product| product.get(field).and_then(Value::as_str) == Some(code))
            .ok_or_else(|| Failure::new(format!("there is no product {code}")))
    }

    /// The item code of a line's product.
    ///
    /// # Errors
    /// When the line names none.
    pub fn code_of(&self, row: &Value) -> Result<String> {
        let zoho = self.book.is_empty();
        let (id, field, code) = if zoho {
            ("id", "Product_Name", "Product_Code")
        } else {
            ("Id", "Product2Id", "ProductCode")
        };
        let wanted = sides::reference(row, field).unwrap_or_default();
        let product = self
            .products
            .iter()
            .find(|product| product.get(id).and_then(Value::as_str) == Some(wanted));
        let product = product.ok_or_else(|| Failure::new(format!("a line has no product: {row}")));
        text(product?, code)
    }
}

fn list(crm: &Crm, module: &str) -> Result<Vec<Value>> {
    let said = crm.door.records(module)?;
    let records = said.get("records").and_then(Value::as_array);
    records
        .cloned()
        .ok_or_else(|| Failure::new(format!("the simulator showed no {module}")))
}

/// A number as it is written.
fn number(text: &str) -> Result<Value> {
    Ok(serde_json::from_str(text)?)
}
