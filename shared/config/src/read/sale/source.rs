//! `[targets.zoho.orders.sources.Sales_Orders]`.

use super::super::item::Item;
use super::super::section::Section;
use super::super::words;
use super::write_back::{Of, pairs};
use super::{columns, condition, usual, write_back};
use crate::{ContactSource, CrmProfile, LineMap, OrderSource, SageFieldMap};
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};

/// `key_field`: the accounts' field that holds the Sage key.
pub(super) fn read(
    item: &Item<'_>,
    crm: &CrmProfile,
    key_field: Option<&str>,
    reference_column: &str,
) -> Option<OrderSource> {
    let mut section = item.table()?;
    let module = item.name();
    if let Some(message) = words::api_name_fault(module) {
        item.report(message, words::API_NAME);
    }
    let mut source = usual::source(crm, module);
    source.when = section
        .need(
            "when",
            "Say when a record becomes an order: when = [{ field = \"Stage\", equals = \"Closed Won\" }].",
        )
        .map(|item| conditions(&item))
        .unwrap_or_default();
    source.cancel_when = section
        .get("cancel_when")
        .map(|item| conditions(&item))
        .unwrap_or_default();
    path(&mut section, "root", &mut source.root);
    needed(
        &mut section,
        "account",
        &mut source.account,
        "Name the lookup of the account: account = \"AccountId\".",
    );
    source.account_key = key_field.and_then(|key| key_of(crm, &source.account, key));
    path(&mut section, "account_key", &mut source.account_key);
    source.contact = section.get("contact").and_then(|item| contact(&item));
    path(&mut section, "currency", &mut source.currency);
    path(&mut section, "price_book", &mut source.price_book);
    path(&mut section, "total", &mut source.total);
    path(&mut section, "tax", &mut source.tax);
    path(&mut section, "discount", &mut source.discount);
    path(&mut section, "adjustment", &mut source.adjustment);
    path(&mut section, "day", &mut source.day);
    lines(&mut section, &mut source.lines);
    if let Some(item) = section.get("columns") {
        source.columns = columns::read(&item, &ORDER_HEADER, |item, map| {
            ours(item, map, reference_column);
        });
    }
    source.write_back = write_back::read(&mut section, Of::Order);
    section.finish();
    Some(source)
}

fn conditions(item: &Item<'_>) -> Vec<crate::CrmCondition> {
    let conditions = condition::list(item);
    if item.value().as_array().is_some_and(|list| list.is_empty()) {
        item.report(
            "The list is empty; no record would ever hold.",
            "Add a condition such as { field = \"Stage\", equals = \"Closed Won\" }.",
        );
    }
    conditions
}

/// The account's key field, by way of its lookup: `Account.Sage_Key__c` for `AccountId`.
fn key_of(crm: &CrmProfile, account: &str, key: &str) -> Option<String> {
    let relation = crm.relation_of(account)?;
    Some(format!("{relation}.{key}"))
}

/// Replaces what a field is called, where the file says so; a blank text switches it off.
fn path(section: &mut Section<'_>, name: &'static str, slot: &mut Option<String>) {
    if let Some(item) = section.get(name) {
        *slot = match item.value().as_str() {
            Some("") => None,
            _ => words::crm_path(&item),
        };
    }
}

/// The same for a field that has to be known.
fn needed(section: &mut Section<'_>, name: &'static str, slot: &mut String, remedy: &str) {
    let given = if slot.is_empty() {
        section.need(name, remedy)
    } else {
        section.get(name)
    };
    if let Some(path) = given.and_then(|item| words::crm_path(&item)) {
        *slot = path;
    }
}

/// `contact = "Contact_Name"`, or with the field that its name is in.
fn contact(item: &Item<'_>) -> Option<ContactSource> {
    if !item.is_table() {
        let field = words::crm_path(item)?;
        return Some(ContactSource {
            field,
            name_field: None,
        });
    }
    let mut section = item.table()?;
    let field = section
        .need(
            "field",
            "Name the lookup of the contact: field = \"Contact_Name\".",
        )
        .and_then(|item| words::crm_path(&item));
    let name_field = section
        .get("name_field")
        .and_then(|item| words::crm_path(&item));
    section.finish();
    Some(ContactSource {
        field: field?,
        name_field,
    })
}

fn lines(section: &mut Section<'_>, lines: &mut LineMap) {
    const RELATION: &str = "Name the relation or subform that holds the products: lines = { relation = \"Ordered_Items\" }.";
    let Some(item) = section.get("lines") else {
        if lines.relation.is_empty() {
            section.report("`lines` is missing.", RELATION);
        }
        return;
    };
    let Some(mut section) = item.table() else {
        return;
    };
    let relation = if lines.relation.is_empty() {
        section.need("relation", RELATION)
    } else {
        section.get("relation")
    };
    if let Some(relation) = relation.and_then(|item| words::api_name(&item)) {
        lines.relation = relation;
    }
    let usual = lines.code.clone();
    needed(&mut section, "code", &mut lines.code, "");
    lines.product_unit = unit_beside(&usual, lines);
    path(&mut section, "product", &mut lines.product);
    needed(&mut section, "quantity", &mut lines.quantity, "");
    path(&mut section, "unit_price", &mut lines.unit_price);
    path(
        &mut section,
        "discount_percent",
        &mut lines.discount_percent,
    );
    path(&mut section, "discount_amount", &mut lines.discount_amount);
    path(&mut section, "tax", &mut lines.tax);
    path(&mut section, "unit", &mut lines.unit);
    path(&mut section, "product_unit", &mut lines.product_unit);
    if let Some(item) = section.get("unit_values") {
        if lines.unit.is_none() && lines.product_unit.is_none() {
            item.report(
                "`unit_values` has no effect without `unit` or `product_unit`.",
                "Add `unit`, or take it out.",
            );
        }
        lines.unit_values = pairs(&item);
    }
    path(&mut section, "warehouse", &mut lines.warehouse);
    path(&mut section, "currency", &mut lines.currency);
    path(&mut section, "price_book", &mut lines.price_book);
    if let Some(item) = section.get("columns") {
        lines.columns = columns::read(&item, &ORDER_LINE, |_, _| {});
    }
    section.finish();
}

/// The product's unit, where its code is the product's own: it is read by the same way. A code of the line says nothing of
/// where the product is.
fn unit_beside(usual_code: &str, lines: &LineMap) -> Option<String> {
    let unit = lines.product_unit.as_ref()?;
    if lines.code == usual_code {
        return Some(unit.clone());
    }
    let (relation, code) = lines.code.rsplit_once('.')?;
    let (usual_relation, usual) = usual_code.rsplit_once('.')?;
    let unit = unit.strip_prefix(usual_relation)?;
    (code == usual).then(|| format!("{relation}{unit}"))
}

/// The column of our mark is nobody else's.
fn ours(item: &Item<'_>, map: &SageFieldMap, reference_column: &str) {
    if map.column.name == reference_column {
        item.report(
            format!("{reference_column} holds the mark by which an order is found again."),
            "Take it out here, or name another `reference_column`.",
        );
    }
}
