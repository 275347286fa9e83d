//! What the fields of sales are called in every org of a product.

use crate::{CrmProfile, LineMap, OrderSource, SourceProfile, WriteBackFields};

fn text(name: Option<&str>) -> Option<String> {
    name.map(str::to_owned)
}

/// A module's source, as far as it is known; what is not is blank.
pub(super) fn source(crm: &CrmProfile, module: &str) -> OrderSource {
    let known = crm.source(module);
    let field = |of: fn(&SourceProfile) -> Option<&'static str>| text(known.and_then(of));
    OrderSource {
        module: module.to_owned(),
        when: Vec::new(),
        cancel_when: Vec::new(),
        root: field(|source| source.root),
        account: known.map_or_else(String::new, |source| source.account.to_owned()),
        account_key: None,
        contact: None,
        currency: None,
        price_book: field(|source| source.price_book),
        total: field(|source| source.total),
        tax: field(|source| source.tax),
        discount: field(|source| source.discount),
        adjustment: field(|source| source.adjustment),
        day: field(|source| source.day),
        lines: lines(crm, known),
        columns: Vec::new(),
        write_back: WriteBackFields::default(),
    }
}

/// The fields of a line.
fn lines(crm: &CrmProfile, known: Option<&SourceProfile>) -> LineMap {
    let usual = &crm.lines;
    LineMap {
        relation: text(known.and_then(|source| source.relation)).unwrap_or_default(),
        code: usual.code.to_owned(),
        product: text(Some(usual.product)),
        quantity: usual.quantity.to_owned(),
        unit_price: text(Some(usual.unit_price)),
        discount_percent: text(known.and_then(|source| source.line_discount_percent)),
        discount_amount: text(usual.discount_amount),
        tax: text(known.and_then(|source| source.line_tax)),
        unit: None,
        product_unit: text(Some(usual.product_unit)),
        unit_values: Vec::new(),
        warehouse: None,
        columns: Vec::new(),
        currency: None,
        price_book: text(known.and_then(|source| source.line_price_book)),
    }
}
