//! Records of the CRM that sell, made, changed and read as a person at its screen does.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::kinds::{Kind, Lines, number_field, text_field};
use super::products::{Line, Products};
use crate::demo::sides::text;
use crate::error::{Failure, Result};
use crate::stack::crm::Crm;

/// What a line of a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// Sage's item code.
    pub item: String,
    /// How many.
    pub quantity: Decimal,
    /// What the line comes to.
    pub amount: Decimal,
}

/// A record that sells.
#[derive(Debug)]
pub struct Record {
    /// What it is.
    pub kind: &'static Kind,
    /// Its id.
    pub id: String,
}

impl Record {
    /// Makes one with lines, not yet won.
    ///
    /// # Errors
    /// When the CRM refuses it, or lacks the products.
    pub fn open(
        crm: &Crm,
        kind: &'static Kind,
        account: &str,
        name: &str,
        lines: &[Line],
    ) -> Result<Self> {
        Self::make(crm, kind, account, name, lines).map_err(|failure| {
            failure.during(&format!("a new {} in {}", kind.title, crm.target.title))
        })
    }

    fn make(
        crm: &Crm,
        kind: &'static Kind,
        account: &str,
        name: &str,
        lines: &[Line],
    ) -> Result<Self> {
        let (stage, open, _) = kind.stage;
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        put(kind.name, json!(name));
        put(stage, json!(open));
        if let Some(day) = kind.day {
            put(day, json!(today(crm)?));
        }
        match kind.lines {
            Lines::Subform(field) => {
                let products = Products::of_zoho(crm)?;
                let rows = lines.iter().map(|line| products.row(line));
                put("Account_Name", json!({ "id": account }));
                put(field, Value::Array(rows.collect::<Result<_>>()?));
                let made = create(crm, kind.module, &Value::Object(fields))?;
                let id = text(&made, "id")?;
                Ok(Self { kind, id })
            }
            Lines::Object(object, parent) => {
                let products = Products::of_salesforce(crm)?;
                put("AccountId", json!(account));
                put("Pricebook2Id", json!(products.book));
                let made = create(crm, kind.module, &Value::Object(fields))?;
                let id = text(&made, "Id")?;
                for line in lines {
                    let mut row = products.entry_row(line)?;
                    row[parent] = json!(id);
                    create(crm, object, &row)?;
                }
                Ok(Self { kind, id })
            }
        }
    }

    /// Wins it.
    ///
    /// # Errors
    /// When the CRM refuses.
    pub fn win(&self, crm: &Crm) -> Result<()> {
        let (stage, _, won) = self.kind.stage;
        self.set(crm, &json!({ (stage): won }))
    }

    /// Edits fields.
    ///
    /// # Errors
    /// When the CRM refuses.
    pub fn set(&self, crm: &Crm, fields: &Value) -> Result<()> {
        edit(crm, self.kind.module, &self.id, fields)
    }

    /// Edits the line of an item.
    ///
    /// # Errors
    /// When the CRM refuses, or there is no such line.
    pub fn set_line(&self, crm: &Crm, item: &str, fields: &Value) -> Result<()> {
        let line = self
            .rows(crm)?
            .into_iter()
            .find(|(code, _)| code == item)
            .map(|(_, row)| row)
            .ok_or_else(|| Failure::new(format!("{} has no line of {item}", self.id)))?;
        match self.kind.lines {
            Lines::Subform(field) => {
                let mut row = fields.clone();
                row["id"] = json!(text(&line, "id")?);
                self.set(crm, &json!({ (field): [row] }))
            }
            Lines::Object(object, _) => edit(crm, object, &text(&line, "Id")?, fields),
        }
    }

    /// The record as the CRM holds it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, crm: &Crm) -> Result<Value> {
        let path = format!("/_sim/records/{}?id={}", self.kind.module, self.id);
        let said = crm.door.get(&path)?;
        said.pointer("/records/0")
            .cloned()
            .ok_or_else(|| Failure::new(format!("{} {} is gone", self.kind.module, self.id)))
    }

    /// Sage's order number on it; empty as long as there is none.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn number(&self, crm: &Crm) -> Result<String> {
        Ok(shown(&self.read(crm)?, number_field(crm)))
    }

    /// What sales people read of it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn status_text(&self, crm: &Crm) -> Result<String> {
        Ok(shown(&self.read(crm)?, text_field(crm)))
    }

    /// Its lines.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn lines(&self, crm: &Crm) -> Result<Vec<Sold>> {
        let sold = |(item, row): (String, Value)| {
            let of = |name: &str| decimal(row.get(name));
            // Zoho's discount is money, Salesforce's a part of a hundred.
            let (price, full) = match self.kind.lines {
                Lines::Subform(_) => (of("List_Price"), of("Discount")),
                Lines::Object(..) => (of("UnitPrice"), Decimal::ZERO),
            };
            let quantity = of("Quantity");
            let kept = match self.kind.lines {
                Lines::Subform(_) => Decimal::ONE,
                Lines::Object(..) => Decimal::ONE - of("Discount") / Decimal::ONE_HUNDRED,
            };
            Sold {
                item,
                quantity,
                amount: (quantity * price * kept - full).round_dp(2),
            }
        };
        Ok(self.rows(crm)?.into_iter().map(sold).collect())
    }

    /// What the CRM itself says that it comes to; none where a person types that in.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn total(&self, crm: &Crm) -> Result<Option<Decimal>> {
        let record = self.read(crm)?;
        Ok(self.kind.total.map(|field| decimal(record.get(field))))
    }

    /// The rows of its lines, with their item codes.
    fn rows(&self, crm: &Crm) -> Result<Vec<(String, Value)>> {
        let (rows, codes) = match self.kind.lines {
            Lines::Subform(field) => {
                let record = self.read(crm)?;
                let rows = record.get(field).and_then(Value::as_array).cloned();
                (rows.unwrap_or_default(), Products::of_zoho(crm)?)
            }
            Lines::Object(object, parent) => {
                let said = crm
                    .door
                    .get(&format!("/_sim/records/{object}?{parent}={}", self.id))?;
                let rows = said.get("records").and_then(Value::as_array).cloned();
                (rows.unwrap_or_default(), Products::of_salesforce(crm)?)
            }
        };
        let coded = |row: Value| Ok((codes.code_of(&row)?, row));
        rows.into_iter().map(coded).collect()
    }
}

fn create(crm: &Crm, module: &str, fields: &Value) -> Result<Value> {
    let said = crm.door.edit(&json!({
        (crm.target.door_module): module, "action": "create", "fields": fields,
    }))?;
    said.pointer("/records/0")
        .cloned()
        .ok_or_else(|| Failure::new(format!("{module} was not created: {said}")))
}

fn edit(crm: &Crm, module: &str, id: &str, fields: &Value) -> Result<()> {
    let body = json!({ (crm.target.door_module): module, "id": id, "fields": fields });
    crm.door.edit(&body).map(drop)
}

fn shown(record: &Value, name: &str) -> String {
    let found = record.get(name).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

/// An amount; nothing counts as 0.
pub fn decimal(value: Option<&Value>) -> Decimal {
    let text = match value {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.trim().to_owned(),
        _ => return Decimal::ZERO,
    };
    text.parse().unwrap_or_default()
}

/// The day by the CRM's clock.
fn today(crm: &Crm) -> Result<String> {
    let stats = crm.door.stats()?;
    let now = stats.get("now").and_then(Value::as_str).unwrap_or_default();
    now.get(..10)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("the simulator does not tell the time"))
}
