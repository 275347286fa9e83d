//! What is asked of Sage before an order is sent, and shown in a CRM on request: items, stock, prices, credit.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// `CI_Item.ItemType`, and the types that only a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemType {
    /// `1`: a regular item, which has stock.
    Regular,
    /// `2`: a special item; on lines only.
    Special,
    /// `3`: a charge (code `/…`).
    Charge,
    /// `4`: a comment (code `/…`).
    Comment,
    /// `5`: a miscellaneous item (code `/…`).
    Miscellaneous,
}

/// A row of `CI_Item`, as far as an order needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `ItemCode`.
    pub code: String,
    /// `ItemType`.
    pub item_type: ItemType,
    /// `ItemCodeDesc`.
    pub description: String,
    /// `InactiveItem` is Y, or `ProductType` is D (discontinued).
    pub inactive: bool,
    /// `SalesUnitOfMeasure`.
    pub sales_unit: String,
    /// `StandardUnitOfMeasure`.
    pub standard_unit: String,
    /// `SalesUMConvFctr`: how many of the standard unit one of the sales unit holds; none: the agent does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_factor: Option<Decimal>,
    /// `StandardUnitPrice`.
    pub standard_price: Option<Decimal>,
    /// `DefaultWarehouseCode`.
    pub warehouse: String,
}

/// A customer's credit. `remaining` is limit less due less open orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerCredit {
    /// `CreditHold` is Y.
    pub hold: bool,
    /// `CreditLimit`. What 0 means is a matter of the installation: see the configuration of credit checks.
    pub limit: Decimal,
    /// `CurrentBalance` and the four aging categories together.
    pub due: Decimal,
    /// `OpenOrderAmt`.
    pub open_orders: Decimal,
    /// Limit less due less open orders.
    pub remaining: Decimal,
}

/// A row of `IM_ItemWarehouse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemStock {
    /// `ItemCode`.
    pub item: String,
    /// `WarehouseCode`.
    pub warehouse: String,
    /// `QuantityOnHand`.
    pub on_hand: Decimal,
    /// `QuantityOnSalesOrder`.
    pub on_sales_order: Decimal,
    /// `QuantityOnBackOrder`.
    pub on_back_order: Decimal,
    /// `QuantityOnPurchaseOrder`.
    pub on_purchase_order: Decimal,
    /// On hand less what is on sales orders and back orders.
    pub available: Decimal,
}

/// What a customer pays for an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemPrice {
    /// `ItemCode`.
    pub item: String,
    /// The unit of measure that the price is for.
    pub unit: String,
    /// The quantity asked about.
    pub quantity: Decimal,
    /// The price of one unit.
    pub unit_price: Decimal,
    /// Where it comes from, in Sage's words: `standard`, `price level 2`, `customer price`.
    pub basis: String,
}
