//! A deal, made by a person at the CRM's screen.

use serde_json::{Value, json};

use crate::error::{Failure, Result, ensure};
use crate::stack::crm::Crm;

/// What is sold: item, quantity, unit price.
const LINES: [(&str, u32, &str); 2] = [("8983", 2, "41.59"), ("1001-HON-H252", 3, "84.00")];
/// What that comes to.
const TOTAL: &str = "335.18";

/// An Opportunity or a Deal.
pub struct Deal {
    /// Its id.
    pub id: String,
    salesforce: bool,
}

impl Deal {
    /// Makes one with lines, not yet won.
    ///
    /// # Errors
    /// When the CRM refuses it, or lacks the products.
    pub fn open(crm: &Crm, account: &str) -> Result<Self> {
        let today = today(crm)?;
        if crm.target.name == "salesforce" {
            Self::opportunity(crm, account, &today)
        } else {
            Self::zoho(crm, account, &today)
        }
        .map_err(|failure| failure.during(&format!("a deal in {}", crm.target.title)))
    }

    fn opportunity(crm: &Crm, account: &str, today: &str) -> Result<Self> {
        let products = list(crm, "Product2")?;
        let entries = list(crm, "PricebookEntry")?;
        let standard = list(crm, "Pricebook2")?
            .into_iter()
            .find(|book| book.get("IsStandard") == Some(&Value::Bool(true)))
            .ok_or_else(|| Failure::new("there is no standard price book"))?;
        let book = text(&standard, "Id")?;
        let opportunity = create(
            crm,
            "Opportunity",
            &json!({
                "Name": "Printer stands and drives", "StageName": "Negotiation/Review", "CloseDate": today,
                "AccountId": account, "Pricebook2Id": book,
            }),
        )?;
        let id = text(&opportunity, "Id")?;
        for (code, quantity, price) in LINES {
            let product = product(&products, "ProductCode", code)?;
            let product = text(product, "Id")?;
            let entry = entries.iter().find(|entry| {
                entry.get("Product2Id").and_then(Value::as_str) == Some(&product)
                    && entry.get("Pricebook2Id").and_then(Value::as_str) == Some(&book)
            });
            let entry = entry.ok_or_else(|| Failure::new(format!("{code} has no price")))?;
            create(
                crm,
                "OpportunityLineItem",
                &json!({
                    "OpportunityId": id, "PricebookEntryId": text(entry, "Id")?,
                    "Quantity": quantity, "UnitPrice": number(price)?,
                }),
            )?;
        }
        Ok(Self {
            id,
            salesforce: true,
        })
    }

    fn zoho(crm: &Crm, account: &str, today: &str) -> Result<Self> {
        let products = list(crm, "Products")?;
        let mut lines = Vec::new();
        for (code, quantity, price) in LINES {
            let product = product(&products, "Product_Code", code)?;
            lines.push(json!({
                "Product_Name": {"id": text(product, "id")?},
                "Quantity": quantity, "List_Price": number(price)?,
            }));
        }
        let deal = create(
            crm,
            "Deals",
            &json!({
                "Deal_Name": "Printer stands and drives", "Stage": "Negotiation/Review", "Closing_Date": today,
                "Account_Name": {"id": account}, "Sale_Items": lines,
            }),
        )?;
        Ok(Self {
            id: text(&deal, "id")?,
            salesforce: false,
        })
    }

    /// Wins it.
    ///
    /// # Errors
    /// When the CRM refuses.
    pub fn close(&self, crm: &Crm) -> Result<()> {
        let stage = if self.salesforce {
            "StageName"
        } else {
            "Stage"
        };
        crm.door
            .edit(&json!({
                (crm.target.door_module): self.module(), "id": self.id,
                "fields": { (stage): "Closed Won" },
            }))
            .map(drop)
    }

    /// The record as the CRM holds it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, crm: &Crm) -> Result<Value> {
        let path = format!("/_sim/records/{}?id={}", self.module(), self.id);
        let said = crm.door.get(&path)?;
        said.pointer("/records/0")
            .cloned()
            .ok_or_else(|| Failure::new(format!("{} {} is gone", self.module(), self.id)))
    }

    fn module(&self) -> &'static str {
        if self.salesforce {
            "Opportunity"
        } else {
            "Deals"
        }
    }

    /// The field for Sage's number.
    pub fn number_field(&self) -> &'static str {
        if self.salesforce {
            "Sage_Order_No__c"
        } else {
            "Sage_Order_No"
        }
    }

    /// The field for what went wrong.
    pub fn text_field(&self) -> &'static str {
        if self.salesforce {
            "Sage_Status_Text__c"
        } else {
            "Sage_Status_Text"
        }
    }

    /// Whether a Sage order is this deal: customer, items, quantities, prices, total.
    ///
    /// # Errors
    /// What is different.
    pub fn is_in(&self, order: &Value, customer: &str) -> Result<()> {
        let said = |pointer: &str| {
            order
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        ensure(said("/customer") == customer, || {
            format!("the order is {}'s", said("/customer"))
        })?;
        let lines = order.get("lines").and_then(Value::as_array);
        let lines: Vec<_> = lines
            .into_iter()
            .flatten()
            .map(|line| {
                let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
                let of = |name: &str| text(name).parse::<f64>().unwrap_or(f64::NAN);
                (text("ItemCode"), of("QuantityOrdered"), of("UnitPrice"))
            })
            .collect();
        let wanted: Vec<_> = LINES
            .iter()
            .map(|(code, quantity, price)| {
                (*code, f64::from(*quantity), price.parse().unwrap_or(0.0))
            })
            .collect();
        ensure(lines == wanted, || {
            format!("the order's lines are {lines:?}, not {wanted:?}")
        })?;
        ensure(said("/total") == TOTAL, || {
            format!("the order comes to {}, not {TOTAL}", said("/total"))
        })
    }
}

fn list(crm: &Crm, module: &str) -> Result<Vec<Value>> {
    let said = crm.door.records(module)?;
    let records = said.get("records").and_then(Value::as_array);
    records
        .cloned()
        .ok_or_else(|| Failure::new(format!("the simulator showed no {module}")))
}

fn product<'a>(products: &'a [Value], field: &str, code: &str) -> Result<&'a Value> {
    products
        .iter()
        .find(|product| product.get(field).and_then(Value::as_str) == Some(code))
        .ok_or_else(|| Failure::new(format!("there is no product {code}")))
}

fn create(crm: &Crm, module: &str, fields: &Value) -> Result<Value> {
    let said = crm.door.edit(&json!({
        (crm.target.door_module): module, "action": "create", "fields": fields,
    }))?;
    said.pointer("/records/0")
        .cloned()
        .ok_or_else(|| Failure::new(format!("{module} was not created: {said}")))
}

fn text(record: &Value, name: &str) -> Result<String> {
    let found = record.get(name).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("a record has no {name}: {record}")))
}

/// A number as it is written.
fn number(text: &str) -> Result<Value> {
    Ok(serde_json::from_str(text)?)
}

/// The day by the CRM's clock.
fn today(crm: &Crm) -> Result<String> {
    let stats = crm.door.stats()?;
    let now = stats.get("now").and_then(Value::as_str).unwrap_or_default();
    now.get(..10)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("the simulator does not tell the time"))
}
