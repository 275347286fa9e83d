//! Orders.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::Company;
use counterpart_domain::sale::{bare_code, is_same_code};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{CrmCondition, SageFieldMap, Since, WriteBackFields};
use crate::QuietWindow;

/// Who says what an item costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prices {
    /// Sage: no price is sent.
    Sage,
    /// The CRM: its unit price is sent, converted where needed, with its discount.
    Crm,
}

/// What happens when an order takes a customer over the credit limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditPolicy {
    /// Nothing is checked.
    Ignore,
    /// The order is created, and the status text says so.
    Warn,
    /// The order is created with `OrderStatus` H, and the status text says so.
    Hold,
    /// The order is refused.
    Refuse,
}

/// What a `CreditLimit` of 0 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditZero {
    /// No limit.
    Unlimited,
    /// No credit at all.
    None,
}

/// What happens when a sale comes to something else in the CRM than in Sage, tax apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalsPolicy {
    /// It is parked: before anything is created where the CRM prices, otherwise once Sage has priced it.
    Park,
    /// The order goes, and the status text says so.
    Tell,
    /// Nothing is compared.
    Ignore,
}

/// What becomes of a line below zero, and of an adjustment of the whole sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reductions {
    /// The sale is refused.
    Refuse,
    /// They are part of the order's own discount (`DiscountAmt`).
    Discount,
    /// They are lines of this charge or miscellaneous item.
    Item(String),
}

/// How a product's code becomes an item's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemCodes {
    /// By the CRM's code, compared as Sage compares codes; what is not here is the item's own.
    pub table: BTreeMap<String, String>,
    /// Whether items are sent in upper case, as Sage keeps them.
    pub upper: bool,
}

impl Default for ItemCodes {
    fn default() -> Self {
        Self {
            table: BTreeMap::new(),
            upper: true,
        }
    }
}

impl ItemCodes {
    /// The `ItemCode` of a product's code, without what nobody sees at its ends.
    #[must_use]
    pub fn item(&self, code: &str) -> String {
        let mut table = self.table.iter();
        let named = table.find(|(from, _)| is_same_code(from, code));
        let item = named.map_or(code, |(_, to)| to.as_str());
        if self.upper {
            counterpart_domain::sale::code(item)
        } else {
            bare_code(item).to_owned()
        }
    }
}

/// A rate of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableRate {
    /// What one unit of the foreign currency is worth in Sage's.
    pub rate: Decimal,
    /// Since when.
    pub since: Date,
}

/// Where exchange rates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateSource {
    /// An order in another currency than Sage's is refused.
    Refuse,
    /// The CRM's own rates, of the order's day.
    Crm,
    /// The configuration, by ISO code.
    Table(BTreeMap<String, TableRate>),
}

/// Currencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyConfig {
    /// Sage's currency, ISO 4217.
    pub sage: String,
    /// Where rates come from.
    pub rates: RateSource,
    /// The decimals that a converted unit price is rounded to, half away from zero.
    pub price_decimals: u32,
}

/// Where the stock of ordered items is shown in the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockFields {
    /// The module of products.
    pub module: String,
    /// The field for what is on hand.
    pub on_hand: Option<String>,
    /// The field for what is available.
    pub available: Option<String>,
}

/// Where the contact of an order comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactSource {
    /// The lookup (`ContactId`, `Contact_Name`).
    pub field: String,
    /// The contact's name, which goes into `ConfirmTo`. Salesforce has it for orders (`BillToContact.Name`), but not for
    /// opportunities, whose `ContactId` cannot be followed.
    pub name_field: Option<String>,
}

/// The fields of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineMap {
    /// Salesforce: `OpportunityLineItems`, `OrderItems`. Zoho: `Ordered_Items`, or a subform of one's own.
    pub relation: String,
    /// The product's code: `Product2.ProductCode`, `Product_Name.Product_Code`.
    pub code: String,
    /// The lookup of the product: `Product2Id`, `Product_Name`.
    pub product: Option<String>,
    /// The quantity.
    pub quantity: String,
    /// The unit price.
    pub unit_price: Option<String>,
    /// A discount in per cent.
    pub discount_percent: Option<String>,
    /// A discount as an amount of the line.
    pub discount_amount: Option<String>,
    /// The tax of the line, where the record's total has it and the record's own tax does not: `Tax`.
    pub tax: Option<String>,
    /// The unit of measure, with the CRM's values to Sage's.
    pub unit: Option<String>,
    /// What the CRM's product is counted in: `Product_Name.Usage_Unit`, `Product2.QuantityUnitOfMeasure`. Where a line
    /// names no unit, it has to be the unit that Sage sells the item by.
    pub product_unit: Option<String>,
    /// CRM's unit to Sage's.
    pub unit_values: Vec<(String, String)>,
    /// The warehouse.
    pub warehouse: Option<String>,
    /// Further columns of the line.
    pub columns: Vec<SageFieldMap>,
    /// The line's currency; it has to be the header's.
    pub currency: Option<String>,
    /// Salesforce: the field of the line that names its price book (`PricebookEntry.Pricebook2Id`); it has to be the
    /// header's.
    pub price_book: Option<String>,
}

/// One module whose records become orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSource {
    /// `Opportunity`, `Order`, `Deals`, `Sales_Orders`.
    pub module: String,
    /// When it becomes an order: all hold.
    pub when: Vec<CrmCondition>,
    /// When an order that is there is cancelled: all hold. Empty: never.
    pub cancel_when: Vec<CrmCondition>,
    /// The lookup of the record that the sale began with (`OpportunityId`, `Deal_Name`): both are one sale.
    pub root: Option<String>,
    /// The lookup of the account: `AccountId`, `Account_Name`.
    pub account: String,
    /// The field of the account that holds the Sage key: `Account.Sage_Key__c`. A second opinion beside the link.
    pub account_key: Option<String>,
    /// The contact.
    pub contact: Option<ContactSource>,
    /// The currency: `CurrencyIsoCode`, `Currency`.
    pub currency: Option<String>,
    /// The header's price book: `Pricebook2Id`.
    pub price_book: Option<String>,
    /// What the record comes to: `Amount`, `TotalAmount`, `Grand_Total`.
    pub total: Option<String>,
    /// What of the total is tax: `Tax`.
    pub tax: Option<String>,
    /// What is taken off the sale as a whole, as an amount: `Discount`. A mapped `DiscountAmt` or `DiscountRate` takes its
    /// place.
    pub discount: Option<String>,
    /// What is put on the sale as a whole, or, below zero, taken off: `Adjustment`.
    pub adjustment: Option<String>,
    /// The day for the exchange rate: `CloseDate`, `EffectiveDate`.
    pub day: Option<String>,
    /// The lines.
    pub lines: LineMap,
    /// Header columns.
    pub columns: Vec<SageFieldMap>,
    /// What the record shows of it.
    pub write_back: WriteBackFields,
}

/// How a target's sales become Sage orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdersConfig {
    /// The company of an account that is not linked; a linked one goes to its own.
    pub company: Company,
    /// The column that holds our mark: `UDF_…`, or `CustomerPONo`.
    pub reference_column: String,
    /// From when on what is won becomes an order by itself. None: a configuration from before there was such a setting;
    /// sales that are no orders yet are held until it says so.
    pub since: Option<Since>,
    /// Which records.
    pub sources: Vec<OrderSource>,
    /// Who says what an item costs.
    pub prices: Prices,
    /// Over the credit limit.
    pub credit: CreditPolicy,
    /// What a limit of 0 means.
    pub credit_zero: CreditZero,
    /// Where the CRM's total and Sage's differ.
    pub totals: TotalsPolicy,
    /// By how much they may, in Sage's currency; what rounding of converted amounts explains comes on top.
    pub totals_tolerance: Decimal,
    /// Lines below zero, and adjustments.
    pub reductions: Reductions,
    /// Products and items.
    pub items: ItemCodes,
    /// Currencies.
    pub currency: CurrencyConfig,
    /// Where stock is shown.
    pub stock: Option<StockFields>,
    /// How long after the first try a create is sent again when it is not found; afterwards a person decides.
    pub resend_within: Duration,
    /// Whether an open order follows later changes of its sale.
    pub follow_changes: bool,
    /// When nothing is done with sales and their orders.
    pub quiet: Vec<QuietWindow>,
}
