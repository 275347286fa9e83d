use counterpart_domain::Value;

use super::{Sale, line, number, orders, text};

const TOTAL: &str = "total = \"Amount\"\ntax = \"Tax__c\"\n\
    columns = { FreightAmt = \"Freight__c\", DiscountAmt = \"Discount__c\" }";

fn sale<'a>(config: &'a crate::OrdersConfig, amount: &str) -> Sale<'a> {
    let lines = vec![line("6655", "2", "100"), line("8983", "1", "50")];
    Sale::new(config, lines).with(&[("Amount", number(amount))])
}

#[test]
fn a_sale_whose_total_its_order_would_not_have_is_refused_before_anything_is_created() {
    let config = orders("", TOTAL);
    assert!(sale(&config, "250").order().is_ok());
    assert!(sale(&config, "250.01").order().is_ok());
    insta::assert_snapshot!(sale(&config, "240").refused(), @"E_ORDER_TOTAL_DIFFERS: The sale comes to 240.00 in the CRM, and to 250.00 in Sage 100, by the products, freight and discount that go there. Put discounts and charges of the whole sale into its products, or have them mapped to columns of the order.");
    // A sale that says nothing of a total is not compared.
    let silent = sale(&config, "1").with(&[("Amount", Value::Blank)]);
    assert!(silent.order().is_ok());
}

#[test]
fn discount_and_freight_of_the_order_count_where_they_are_mapped_and_tax_does_not() {
    let config = orders("", TOTAL);
    let mapped = sale(&config, "247.50").with(&[
        ("Freight__c", number("12.5")),
        ("Discount__c", number("15")),
    ]);
    assert!(mapped.order().is_ok());
    let taxed = sale(&config, "262.50").with(&[("Tax__c", number("12.5"))]);
    assert!(taxed.order().is_ok());
    let lines = orders("", &format!("{TOTAL}\nlines = {{ tax = \"Tax\" }}"));
    let mut of_lines = sale(&lines, "260").with(&[("Tax__c", number("2.5"))]);
    of_lines.lines[0].insert("Tax".into(), number("7.5"));
    assert!(of_lines.order().is_ok());
    let wrong = sale(&config, "260")
        .with(&[("Tax__c", number("12.5"))])
        .refused();
    assert!(wrong.message.contains("247.50 without tax"), "{wrong}");
}

#[test]
fn the_policy_and_the_tolerance_are_the_configurations() {
    for (of_all, amount, goes) in [
        ("totals = \"tell\"", "1", true),
        ("totals = \"ignore\"", "1", true),
        ("totals = \"park\"", "249", false),
        ("totals_tolerance = \"1.00\"", "249", true),
        ("totals_tolerance = \"0\"", "250.01", false),
    ] {
        let config = orders(of_all, TOTAL);
        assert_eq!(
            sale(&config, amount).order().is_ok(),
            goes,
            "{of_all} {amount}"
        );
    }
    let mut config = orders("", TOTAL);
    config.prices = crate::Prices::Sage;
    assert!(
        sale(&config, "1").order().is_ok(),
        "Sage has not priced it yet"
    );
}

#[test]
fn rounding_of_converted_lines_is_no_difference() {
    let rates = "currency = { sage = \"USD\", rates = { EUR = { rate = \"1.0845\", since = \"2026-01-01\" } } }";
    let config = orders(rates, &format!("currency = \"CurrencyIsoCode\"\n{TOTAL}"));
    let of = |quantity: &str, amount: &str| {
        Sale::new(&config, vec![line("6655", quantity, "0.33")]).with(&[
            ("CurrencyIsoCode", text("EUR")),
            ("CloseDate", Value::Date("2026-11-20".parse().unwrap())),
            ("Amount", number(amount)),
        ])
    };
    // 0.33 EUR are 0.36 USD, rounded from 0.357885: of 100 pieces that makes 0.21.
    assert!(of("100", "33").order().is_ok());
    assert_eq!(of("100", "32").refused().code, "E_ORDER_TOTAL_DIFFERS");
    assert_eq!(of("1", "0.50").refused().code, "E_ORDER_TOTAL_DIFFERS");
}
