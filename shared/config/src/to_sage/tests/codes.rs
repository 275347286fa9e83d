use super::{Sale, fields, line, orders, text};

#[test]
fn however_a_code_is_typed_or_pasted_the_item_is_sages() {
    let config = orders(
        "items = { table = { \"old-1\" = \"inv-ties\" } }",
        "lines = { warehouse = \"Warehouse__c\" }\ncolumns = { TermsCode = \"Terms__c\" }",
    );
    for (typed, item) in [
        ("1001-hon-h252", "1001-HON-H252"),
        ("\u{A0}1001-Hon-H252\u{200B}", "1001-HON-H252"),
        ("\t1001-HON-H252\u{FEFF}", "1001-HON-H252"),
        ("OLD-1", "INV-TIES"),
        ("Old-1 ", "INV-TIES"),
    ] {
        let mut one = line(typed, "1", "1");
        one.extend(fields(&[("Warehouse__c", text("est\u{200B}"))]));
        let order = Sale::new(&config, vec![one])
            .with(&[("Terms__c", text("\u{A0}n3"))])
            .order()
            .unwrap();
        assert_eq!(order.lines[0].item, item, "{typed:?}");
        assert_eq!(order.lines[0].warehouse.as_deref(), Some("EST"));
        assert_eq!(order.header["TermsCode"], text("N3"));
    }
}

#[test]
fn what_no_code_of_sage_can_have_is_named() {
    let config = orders("", "");
    let refused = |code: &str| Sale::new(&config, vec![line(code, "1", "1")]).refused();
    insta::assert_snapshot!(refused("1001\u{200B}-HON"), @r#"E_ITEM_CODE_INVALID: The product code of line 1 ("1001\u{200b}-HON") has a character that no item code of Sage 100 can have (U+200B, which nobody sees). Type the code anew in the product."#);
    insta::assert_snapshot!(refused("品1"), @r#"E_ITEM_CODE_INVALID: The product code of line 1 ("品1") has a character that no item code of Sage 100 can have (U+54C1, "品"). Type the code anew in the product."#);
    assert_eq!(refused("\u{200B}\u{A0}").code, "E_ITEM_CODE_MISSING");
    assert_eq!(refused("10\t01").code, "E_ITEM_CODE_INVALID");
    assert_eq!(refused(&"X".repeat(31)).code, "E_ORDER_TOO_LONG");
}

#[test]
fn a_site_whose_items_have_small_letters_may_say_so() {
    let config = orders(
        "items = { upper = false, table = { \"Old-1\" = \"inv-Ties\" } }",
        "",
    );
    let item = |typed: &str| {
        let order = Sale::new(&config, vec![line(typed, "1", "1")]).order();
        order.unwrap().lines.remove(0).item
    };
    assert_eq!(item("abc-1 "), "abc-1");
    assert_eq!(item("old-1"), "inv-Ties");
}
