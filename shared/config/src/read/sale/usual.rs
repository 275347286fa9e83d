//! What the fields of sales are called in every org of a product.

use crate::{CrmKind, LineMap, OrderSource, WriteBackFields};

fn text(name: &str) -> Option<String> {
    Some(name.to_owned())
}

/// A module's source, as far as it is known; what is not is blank.
pub(super) fn source(crm: CrmKind, module: &str) -> OrderSource {
    let mut source = OrderSource {
        module: module.to_owned(),
        when: Vec::new(),
        cancel_when: Vec::new(),
        root: None,
        account: String::new(),
        account_key: None,
        contact: None,
        currency: None,
        price_book: None,
        total: None,
        tax: None,
        day: None,
        lines: lines(crm),
        columns: Vec::new(),
        write_back: WriteBackFields::default(),
    };
    let (account, total, day, root, relation) = match (crm, module) {
        (CrmKind::Salesforce, "Opportunity") => (
            "AccountId",
            "Amount",
            "CloseDate",
            None,
            "OpportunityLineItems",
        ),
        (CrmKind::Salesforce, "Order") => (
            "AccountId",
            "TotalAmount",
            "EffectiveDate",
            text("OpportunityId"),
            "OrderItems",
        ),
        (CrmKind::Zoho, "Deals") => ("Account_Name", "Amount", "Closing_Date", None, ""),
        (CrmKind::Zoho, "Sales_Orders") => (
            "Account_Name",
            "Grand_Total",
            "",
            text("Deal_Name"),
            "Ordered_Items",
        ),
        _ => return source,
    };
    account.clone_into(&mut source.account);
    source.total = text(total);
    source.day = text(day).filter(|day| !day.is_empty());
    source.root = root;
    relation.clone_into(&mut source.lines.relation);
    if crm == CrmKind::Salesforce {
        source.price_book = text("Pricebook2Id");
        source.lines.price_book = text("PricebookEntry.Pricebook2Id");
    }
    if module == "Sales_Orders" {
        source.tax = text("Tax");
        source.lines.tax = text("Tax");
    }
    if module == "Opportunity" {
        // Order products have no discount of their own.
        source.lines.discount_percent = text("Discount");
    }
    source
}

/// The fields of a line. Zoho's discount is an amount of the whole line.
fn lines(crm: CrmKind) -> LineMap {
    let (code, product, price, discount) = match crm {
        CrmKind::Salesforce => ("Product2.ProductCode", "Product2Id", "UnitPrice", None),
        CrmKind::Zoho => (
            "Product_Name.Product_Code",
            "Product_Name",
            "List_Price",
            text("Discount"),
        ),
    };
    LineMap {
        relation: String::new(),
        code: code.to_owned(),
        product: text(product),
        quantity: "Quantity".to_owned(),
        unit_price: text(price),
        discount_percent: None,
        discount_amount: discount,
        tax: None,
        unit: None,
        unit_values: Vec::new(),
        warehouse: None,
        columns: Vec::new(),
        currency: None,
        price_book: None,
    }
}
