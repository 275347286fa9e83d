use counterpart_domain::{Class, Value};

use super::{Sale, fields, line, number, orders, text};
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};

const COLUMNS: &str = "contact = { field = \"BillToContactId\", name_field = \"BillToContact.Name\" }\n\
    [targets.crm.orders.sources.Opportunity.columns]\n\
    CustomerPONo = { from = \"PO__c\", length = 15 }\n\
    Comment = { from = \"Description\", length = 30, cut = true }\n\
    ShipExpireDate = \"Ship__c\"\n\
    OrderDate = { from = \"ClosedAt__c\", with = \"date\" }\n\
    TermsCode = { from = \"Terms__c\", values = { \"Net 30\" = \"01\", Cash = \"00\" }, default = \"00\" }\n\
    PrintSalesOrders = { const = \"Y\" }\n\
    UDF_CHANNEL = { const = \"CRM\" }\n\
    UDF_SHIP_BY = \"Ship__c\"\n\
    UDF_RUSH = \"Rush__c\"\n\
    ShipToName = \"Account.Name\"\n\
    ShipToAddress1 = { from = \"Street\", with = \"address_line_1\" }\n\
    ShipToAddress2 = { from = \"Street\", with = \"address_line_2\" }\n\
    ShipToAddress3 = { from = \"Street\", with = \"address_line_3\" }\n\
    ShipToCity = \"City\"\n\
    ShipToState = { from = [\"State\", \"Country\"], with = \"state_code\" }\n\
    ShipToZipCode = { from = [\"Zip\", \"Country\"], with = \"postal_code\" }\n\
    ShipToCountryCode = { from = \"Country\", with = \"country_code3\" }\n";

#[test]
fn a_sale_becomes_an_order_with_all_its_parts() {
    let config = orders(
        "items = { upper = true, table = { \"OLD-1\" = \"6655\" } }",
        &format!(
            "lines = {{ unit = \"Unit__c\", unit_values = {{ \"Stück\" = \"EACH\" }}, warehouse = \"Warehouse__c\", columns = {{ CommentText = \"Description\", PromiseDate = \"ServiceDate\" }} }}\n{COLUMNS}"
        ),
    );
    let mut second = line("old-1", "2.50", "41.59");
    second.extend(fields(&[
        ("Unit__c", text("Stück")),
        ("Warehouse__c", text("000")),
        ("Description", text("first line\nsecond line")),
        ("ServiceDate", Value::Date("2026-12-01".parse().unwrap())),
        ("Discount", number("12.5")),
    ]));
    let sale = Sale::new(&config, vec![line("1001-hon-h252", "2", "84.00"), second]).with(&[
        ("Amount", number("258.98")),
        ("PO__c", text("PO 4711")),
        (
            "Description",
            text("Please deliver to\nthe back door, not to the front"),
        ),
        ("Ship__c", Value::Date("2026-12-24".parse().unwrap())),
        ("ClosedAt__c", text("2026-11-22T23:59:00.000+0000")),
        ("Terms__c", text("Net 30")),
        ("Rush__c", Value::Flag(true)),
        ("Account.Name", text("American Business Futures")),
        ("BillToContact.Name", text("Artie Johnson")),
        ("Street", text("5411 Kendrick Dr\nSuite 2087")),
        ("City", text("Racine")),
        ("State", text("Wisconsin")),
        ("Zip", text("534021204")),
        ("Country", text("United States")),
    ]);
    insta::assert_debug_snapshot!(sale.order().unwrap());
}

#[test]
fn what_the_crm_leaves_blank_is_left_to_sage_but_for_the_rest_of_an_address() {
    let config = orders("", COLUMNS);
    let bare = Sale::new(&config, vec![line("6655", "1", "179")])
        .order()
        .unwrap();
    let names: Vec<&str> = bare.header.keys().map(String::as_str).collect();
    assert_eq!(names, ["PrintSalesOrders", "TermsCode", "UDF_CHANNEL"]);
    // Sage's default has a second line, which does not belong to this street.
    let sale =
        Sale::new(&config, vec![line("6655", "1", "179")]).with(&[("Street", text("1 Main St"))]);
    let header = sale.order().unwrap().header;
    assert_eq!(header["ShipToAddress1"], text("1 Main St"));
    for column in [
        "ShipToAddress2",
        "ShipToAddress3",
        "ShipToCity",
        "ShipToState",
        "ShipToZipCode",
        "ShipToCountryCode",
    ] {
        assert_eq!(header[column], Value::Blank, "{column}");
    }
    assert!(!header.contains_key("ShipToName"));
}

#[test]
fn everything_that_is_wrong_with_a_sale_is_said_at_once() {
    let config = orders(
        "",
        &format!(
            "lines = {{ unit = \"Unit__c\", unit_values = {{ Each = \"EACH\" }}, columns = {{ CommentText = {{ from = \"Description\", required = true }} }} }}\n{}",
            COLUMNS.replace(
                "\"Ship__c\"\nOrderDate",
                "{ from = \"Ship__c\", required = true }\nOrderDate"
            )
        ),
    );
    let mut third = line("6655", "1", "-5");
    third.extend(fields(&[
        ("Unit__c", text("Pallet")),
        ("Description", text("fragile")),
    ]));
    let mut fourth = line("", "0", "1");
    fourth.extend(fields(&[
        ("Description", text("x")),
        ("UnitPrice", text("a lot")),
    ]));
    let sale = Sale::new(
        &config,
        vec![
            line("AN-ITEM-WITH-A-CODE-OF-40-CHARACTERS-AND", "1", "1"),
            third,
            fourth,
        ],
    )
    .long(&ORDER_LINE, "ItemCode", 30)
    .long(&ORDER_HEADER, "ShipToName", 30)
    .with(&[
        ("PO__c", text("PO 1234567890123")),
        ("ClosedAt__c", text("soon")),
        ("Terms__c", text("Net 45")),
        (
            "Account.Name",
            text("The American Business Futures Corporation"),
        ),
        ("Street", text(&"1234567890 ".repeat(12))),
        ("State", text("Bavaria")),
        ("Zip", text("abc")),
        ("Country", text("Germny")),
    ]);
    let fault = sale.refused();
    assert_eq!(fault.class, Class::Data);
    let mut all = vec![format!("{}: {}", fault.code, fault.message)];
    all.extend(
        fault
            .detail
            .split("; E_")
            .map(|one| format!("E_{}", one.trim_start_matches("E_"))),
    );
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_sale_without_products_is_refused() {
    let config = orders("", "");
    insta::assert_snapshot!(Sale::new(&config, Vec::new()).refused(), @"E_ORDER_EMPTY: The sale has no products. Add at least one product.");
}

#[test]
fn a_quantity_has_to_be_above_zero_and_within_sages_decimals() {
    let config = orders("", "");
    for (quantity, ends) in [
        (
            number("0"),
            "has the quantity 0, which is not above zero (Quantity). Correct the quantity, or take the line out.",
        ),
        (
            number("-1"),
            "has the quantity -1, which is below zero: a return is entered in Sage 100, and a discount has the quantity 1 and a price below zero (Quantity). Correct the quantity, or take the line out.",
        ),
        (
            Value::Blank,
            "has no quantity (Quantity). Correct the quantity, or take the line out.",
        ),
        (
            number("0.0000001"),
            "has the quantity 0.0000001; Sage 100 takes 6 decimals (Quantity). Correct the quantity, or take the line out.",
        ),
    ] {
        let mut line = line("6655", "1", "1");
        line.insert("Quantity".into(), quantity);
        let fault = Sale::new(&config, vec![line]).refused();
        assert_eq!(fault.code, "E_ORDER_QUANTITY_INVALID");
        assert_eq!(fault.message, format!("Line 1 (\"6655\") {ends}"));
    }
    let order = Sale::new(&config, vec![line("6655", "1.500000", "1")])
        .order()
        .unwrap();
    assert_eq!(order.lines[0].quantity.to_string(), "1.5");
}

#[test]
fn a_product_without_a_code_is_named_by_its_line() {
    let config = orders("", "");
    let fault = Sale::new(&config, vec![line("6655", "1", "1"), line(" ", "1", "1")]).refused();
    insta::assert_snapshot!(fault, @"E_ITEM_CODE_MISSING: Line 2 has no product code (Product2.ProductCode). Choose a product that has one, or enter the item's code of Sage 100 in the product.");
}

#[test]
fn a_line_of_another_price_book_is_refused() {
    let config = orders("", "");
    let of_book = |book: &str| {
        let mut line = line("6655", "1", "1");
        line.insert(
            "PricebookEntry.Pricebook2Id".into(),
            Value::Reference(book.into()),
        );
        line
    };
    let sale = |line| {
        Sale::new(&config, vec![line]).with(&[("Pricebook2Id", Value::Reference("01sA".into()))])
    };
    assert!(sale(of_book("01sA")).order().is_ok());
    assert!(sale(line("6655", "1", "1")).order().is_ok());
    insta::assert_snapshot!(sale(of_book("01sB")).refused(), @r#"E_PRICE_BOOK_MISMATCH: Line 1 ("6655") is from another price book than the sale. Take it out and choose the product again from the sale's price book."#);
}

#[test]
fn what_is_wrong_with_a_line_names_it_by_number_and_product() {
    let config = orders(
        "",
        "lines = { unit = \"Unit__c\", unit_values = { Each = \"EACH\" }, warehouse = \"Warehouse__c\", \
         columns = { PromiseDate = { from = \"ServiceDate\", required = true } } }",
    );
    let mut one = line("6655", "1", "-5");
    one.extend(fields(&[
        ("Unit__c", text("Pallet")),
        ("Warehouse__c", text("MAIN")),
    ]));
    let mut two = line("8983", "1", "1");
    two.insert("UnitPrice".into(), text("a lot"));
    let sale = Sale::new(&config, vec![one, two]).long(&ORDER_LINE, "WarehouseCode", 3);
    insta::assert_snapshot!(
        sale.refused()
            .to_string()
            .replace("; E_", "\nE_")
            .replace(" (E_", "\nE_")
    );
}
