//! From the shapes on the wire, with their columns of text, to what the domain knows.

use std::collections::BTreeMap;

use counterpart_domain::sale::{
    CustomerCredit, Item, ItemPrice, ItemStock, ItemType, OrderFile, OrderStatus, SalesOrder,
    SalesOrderLine,
};
use counterpart_domain::{AsOf, Class, Company, Entity, Fault, SageKey, bounded};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

/// Columns by their names.
type Texts = BTreeMap<String, String>;

#[derive(Deserialize)]
pub(super) struct WireOrders {
    pub as_of: AsOf,
    pub orders: Vec<WireOrder>,
}

#[derive(Deserialize)]
pub(super) struct WireOrder {
    pub number: String,
    pub customer: String,
    pub file: OrderFile,
    pub status: OrderStatus,
    pub fields: Texts,
    pub lines: Vec<WireLine>,
}

#[derive(Deserialize)]
pub(super) struct WireLine {
    pub line_key: String,
    pub fields: Texts,
}

#[derive(Deserialize)]
pub(super) struct WireItems {
    pub as_of: AsOf,
    pub items: Vec<WireItem>,
    pub missing: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct WireItem {
    pub code: String,
    pub fields: Texts,
}

#[derive(Deserialize)]
pub(super) struct WireStock {
    pub as_of: AsOf,
    pub stock: Vec<WireLevel>,
}

#[derive(Deserialize)]
pub(super) struct WireLevel {
    pub item: String,
    pub warehouse: String,
    pub fields: Texts,
}

#[derive(Deserialize)]
pub(super) struct WireCredit {
    pub customer: String,
    pub fields: Texts,
}

#[derive(Deserialize)]
pub(super) struct WirePrice {
    pub customer: String,
    pub item: String,
    pub unit: String,
    pub unit_price: String,
    pub basis: String,
}

/// Reads columns one after the other; says whose they are when one cannot be read.
struct Reader<'a> {
    whose: String,
    fields: &'a Texts,
}

impl Reader<'_> {
    /// ODBC text is padded with spaces on the right; leading spaces belong to the value.
    fn text(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .map_or("", |text| text.trim_end_matches([' ', '\0']))
    }

    fn wanted(&self, name: &str) -> Result<&str, Fault> {
        if self.fields.contains_key(name) {
            return Ok(self.text(name));
        }
        Err(self.invalid(format!("{name} is missing")))
    }

    /// Exact; a blank one is none.
    fn optional_decimal(&self, name: &str) -> Result<Option<Decimal>, Fault> {
        let text = self.wanted(name)?.trim();
        if text.is_empty() {
            return Ok(None);
        }
        Decimal::from_str_exact(text)
            .map(Some)
            .map_err(|_| self.invalid(format!("{name} holds {:?}", bounded(text.to_owned(), 40))))
    }

    /// Exact; a blank one is 0, as it is in Sage's files.
    fn decimal(&self, name: &str) -> Result<Decimal, Fault> {
        Ok(self.optional_decimal(name)?.unwrap_or_default())
    }

    fn flag(&self, name: &str) -> Result<bool, Fault> {
        match self.wanted(name)? {
            "Y" => Ok(true),
            "N" | "" => Ok(false),
            other => Err(self.invalid(format!("{name} holds {:?}", bounded(other.to_owned(), 40)))),
        }
    }

    fn date(&self, name: &str) -> Result<Option<Date>, Fault> {
        let text = self.wanted(name)?;
        if text.is_empty() {
            return Ok(None);
        }
        match Date::strptime("%Y%m%d", text) {
            // Sage Premium's blank date.
            Ok(date) if text.len() == 8 => Ok((date.year() > 1753).then_some(date)),
            _ => Err(self.invalid(format!("{name} holds {:?}", bounded(text.to_owned(), 40)))),
        }
    }

    fn invalid(&self, why: impl std::fmt::Display) -> Fault {
        Fault::new(
            Class::Data,
            "E_SAGE_RECORD_INVALID",
            format!(
                "The agent sent something of Sage 100 that cannot be read: {}.",
                self.whose
            ),
        )
        .with_detail(why)
    }
}

pub(super) fn order(
    company: &Company,
    reference_column: &str,
    wire: WireOrder,
) -> Result<SalesOrder, Fault> {
    let header = Reader {
        whose: format!("order {}", bounded(wire.number.clone(), 20)),
        fields: &wire.fields,
    };
    let customer = SageKey::new(company, Entity::CUSTOMER, &wire.customer)
        .map_err(|error| header.invalid(error))?;
    let mut lines = Vec::with_capacity(wire.lines.len());
    for line in wire.lines {
        let columns = Reader {
            whose: format!(
                "{}, line {}",
                header.whose,
                bounded(line.line_key.clone(), 20)
            ),
            fields: &line.fields,
        };
        lines.push(SalesOrderLine {
            item: columns.wanted("ItemCode")?.to_owned(),
            quantity: columns.decimal("QuantityOrdered")?,
            shipped: columns.decimal("QuantityShipped")?,
            unit_price: columns.decimal("UnitPrice")?,
            extension: columns.decimal("ExtensionAmt")?,
            columns: trimmed(&line.fields),
            key: line.line_key,
        });
    }
    let invoice = match header.text("LastInvoiceNo") {
        "" => header.text("CurrentInvoiceNo"),
        last => last,
    };
    Ok(SalesOrder {
        customer,
        file: wire.file,
        status: wire.status,
        reference: header.wanted(reference_column)?.trim().to_owned(),
        order_date: header.date("OrderDate")?,
        invoice: invoice.to_owned(),
        lines,
        taxable: header.decimal("TaxableAmt")?,
        non_taxable: header.decimal("NonTaxableAmt")?,
        sales_tax: header.decimal("SalesTaxAmt")?,
        discount: header.decimal("DiscountAmt")?,
        freight: header.decimal("FreightAmt")?,
        columns: trimmed(&wire.fields),
        number: wire.number,
    })
}

/// ODBC pads on the right.
fn trimmed(fields: &Texts) -> Texts {
    let trim = |text: &String| text.trim_end_matches([' ', '\0']).to_owned();
    fields
        .iter()
        .map(|(name, text)| (name.clone(), trim(text)))
        .collect()
}

pub(super) fn item(wire: WireItem) -> Result<Item, Fault> {
    let columns = Reader {
        whose: format!("item {}", bounded(wire.code.clone(), 60)),
        fields: &wire.fields,
    };
    let item_type = match columns.wanted("ItemType")? {
        "1" => ItemType::Regular,
        "2" => ItemType::Special,
        "3" => ItemType::Charge,
        "4" => ItemType::Comment,
        "5" => ItemType::Miscellaneous,
        other => {
            return Err(columns.invalid(format!(
                "ItemType holds {:?}",
                bounded(other.to_owned(), 40)
            )));
        }
    };
    Ok(Item {
        item_type,
        description: columns.wanted("ItemCodeDesc")?.to_owned(),
        inactive: columns.flag("InactiveItem")? || columns.wanted("ProductType")? == "D",
        sales_unit: columns.wanted("SalesUnitOfMeasure")?.to_owned(),
        standard_unit: columns.wanted("StandardUnitOfMeasure")?.to_owned(),
        sales_factor: match columns.fields.contains_key("SalesUMConvFctr") {
            true => columns.optional_decimal("SalesUMConvFctr")?,
            false => None,
        },
        standard_price: columns.optional_decimal("StandardUnitPrice")?,
        warehouse: columns.wanted("DefaultWarehouseCode")?.to_owned(),
        code: wire.code,
    })
}

pub(super) fn stock(wire: WireLevel) -> Result<ItemStock, Fault> {
    let columns = Reader {
        whose: format!(
            "stock of {} in {}",
            bounded(wire.item.clone(), 60),
            bounded(wire.warehouse.clone(), 10)
        ),
        fields: &wire.fields,
    };
    let on_hand = columns.decimal("QuantityOnHand")?;
    let on_sales_order = columns.decimal("QuantityOnSalesOrder")?;
    let on_back_order = columns.decimal("QuantityOnBackOrder")?;
    Ok(ItemStock {
        on_hand,
        on_sales_order,
        on_back_order,
        on_purchase_order: columns.decimal("QuantityOnPurchaseOrder")?,
        available: on_hand - on_sales_order - on_back_order,
        item: wire.item,
        warehouse: wire.warehouse,
    })
}

pub(super) fn credit(customer: &SageKey, wire: &WireCredit) -> Result<CustomerCredit, Fault> {
    let columns = Reader {
        whose: format!("credit of {customer}"),
        fields: &wire.fields,
    };
    let limit = columns.decimal("CreditLimit")?;
    let mut due = columns.decimal("CurrentBalance")?;
    for name in [
        "AgingCategory1",
        "AgingCategory2",
        "AgingCategory3",
        "AgingCategory4",
    ] {
        due += columns.decimal(name)?;
    }
    let open_orders = columns.decimal("OpenOrderAmt")?;
    Ok(CustomerCredit {
        hold: columns.flag("CreditHold")?,
        limit,
        due,
        open_orders,
        remaining: limit - due - open_orders,
    })
}

pub(super) fn price(wire: WirePrice, quantity: Decimal) -> Result<ItemPrice, Fault> {
    let unit_price = Decimal::from_str_exact(wire.unit_price.trim()).map_err(|_| {
        crate::http::contract_fault(format!(
            "unit_price holds {:?}",
            bounded(wire.unit_price.clone(), 40)
        ))
    })?;
    Ok(ItemPrice {
        item: wire.item,
        unit: wire.unit,
        quantity,
        unit_price,
        basis: bounded(wire.basis, 60),
    })
}
