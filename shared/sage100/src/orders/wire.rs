//! The shapes on the wire.

use std::collections::BTreeMap;

use counterpart_domain::AsOf;
use counterpart_domain::sale::{OrderFile, OrderStatus};
use serde::Deserialize;

pub(super) type Texts = BTreeMap<String, String>;

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
