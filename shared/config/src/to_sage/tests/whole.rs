use counterpart_domain::Value;

use super::{Sale, line, number, orders};
use crate::OrdersConfig;

const OF_ALL: &str = "total = \"Amount\"\ndiscount = \"Off__c\"\nadjustment = \"Adjustment__c\"";

fn sale<'a>(config: &'a OrdersConfig, discount: &str, adjustment: &str, total: &str) -> Sale<'a> {
    Sale::new(config, vec![line("6655", "10", "100")]).with(&[
        ("Off__c", number(discount)),
        ("Adjustment__c", number(adjustment)),
        ("Amount", number(total)),
    ])
}

fn config(of_all: &str) -> OrdersConfig {
    orders(of_all, OF_ALL)
}

#[test]
fn the_discount_of_the_whole_sale_is_the_orders() {
    let config = config("");
    let order = sale(&config, "200", "0", "800").order().unwrap();
    assert_eq!(order.header["DiscountAmt"], number("200"));
    // That there is none any more is said: another one may stand in Sage.
    let none = sale(&config, "0", "0", "1000").order().unwrap();
    assert_eq!(none.header["DiscountAmt"], Value::Blank);
    assert_eq!(
        sale(&config, "-5", "0", "1005").refused().code,
        "E_ORDER_DISCOUNT_INVALID"
    );
}

#[test]
fn a_mapped_discount_takes_its_place() {
    let mapped = orders(
        "",
        &format!("{OF_ALL}\ncolumns = {{ DiscountRate = \"Rate__c\" }}"),
    );
    let order = sale(&mapped, "200", "0", "900").with(&[("Rate__c", number("10"))]);
    let header = order.order().unwrap().header;
    assert_eq!(header["DiscountRate"], number("10"));
    assert!(!header.contains_key("DiscountAmt"));
}

#[test]
fn an_adjustment_is_refused_or_part_of_the_discount_or_a_line_of_an_item() {
    let refuse = config("");
    insta::assert_snapshot!(sale(&refuse, "200", "-5", "795").refused(), @"E_ORDER_ADJUSTMENT: The sale has an adjustment of -5 (Adjustment__c), which has no place in an order of Sage 100. Put it into the products, or ask for adjustments to be set up (`reductions`).");
    let discount = config("reductions = \"discount\"");
    let order = sale(&discount, "200", "-5", "795").order().unwrap();
    assert_eq!(order.header["DiscountAmt"], number("205"));
    assert_eq!(
        sale(&discount, "0", "5", "1005").refused().code,
        "E_ORDER_ADJUSTMENT"
    );
    let item = config("reductions = { item = \"/misc\" }");
    for (adjustment, total) in [("-5", "795"), ("7.25", "807.25")] {
        let order = sale(&item, "200", adjustment, total).order().unwrap();
        let added = &order.lines[1];
        assert_eq!(
            (added.item.as_str(), added.unit_price),
            ("/MISC", adjustment.parse().ok())
        );
        assert_eq!(order.header["DiscountAmt"], number("200"));
        assert_eq!(order.meant_net(), total.parse().ok());
    }
}

#[test]
fn a_line_below_zero_is_refused_or_part_of_the_discount_or_a_line_of_an_item() {
    let with = |config: &OrdersConfig, discount: &str, total: &str| {
        let mut of_all = sale(config, discount, "0", total);
        of_all.lines.push(line("DISC-50", "2", "-25"));
        of_all.order()
    };
    insta::assert_snapshot!(with(&config(""), "0", "950").unwrap_err(), @r#"E_ORDER_PRICE_INVALID: Line 2 ("DISC-50") has the price -25, and lines below zero do not go to Sage 100. Put the discount into the other products, or ask for discount products to be set up (`reductions`)."#);
    let discount = config("reductions = \"discount\"");
    let order = with(&discount, "10", "940").unwrap();
    assert_eq!(
        (order.lines.len(), &order.header["DiscountAmt"]),
        (1, &number("60"))
    );
    let item = config("reductions = { item = \"/DISC\" }");
    let order = with(&item, "0", "950").unwrap();
    let added = &order.lines[1];
    assert_eq!(
        (added.item.as_str(), added.quantity.to_string().as_str()),
        ("/DISC", "1")
    );
    assert_eq!(
        (added.unit_price, &added.product),
        ("-50".parse().ok(), &None)
    );
    assert!(added.id.is_some(), "it is found again");
    // What is below zero and not worth the sale's total is found as everything else is.
    assert_eq!(
        with(&item, "0", "1000").unwrap_err().code,
        "E_ORDER_TOTAL_DIFFERS"
    );
}

#[test]
fn a_sale_of_discounts_alone_is_none() {
    let config = config("reductions = \"discount\"");
    let mut of_all = sale(&config, "0", "0", "-25");
    of_all.lines = vec![line("DISC-50", "1", "-25")];
    assert_eq!(of_all.refused().code, "E_ORDER_EMPTY");
    let huge = "79228162514264337593543950335";
    let mut of_all = sale(&config, huge, "0", "0");
    of_all.lines.push(line("DISC-50", "1", &format!("-{huge}")));
    // However large, there is a sentence and no panic.
    assert!(of_all.order().is_err());
}

#[test]
fn a_discount_in_per_cent_and_one_as_an_amount_are_not_one_discount() {
    let both = orders(
        "reductions = \"discount\"",
        &format!("{OF_ALL}\ncolumns = {{ DiscountRate = \"Rate__c\" }}"),
    );
    let mut of_all = sale(&both, "0", "0", "850").with(&[("Rate__c", number("10"))]);
    of_all.lines.push(line("DISC-50", "1", "-50"));
    insta::assert_snapshot!(of_all.refused(), @"E_ORDER_DISCOUNT_INVALID: The sale has a discount in per cent and other amounts that are taken off; an order of Sage 100 has one discount. Make it one.");
}

#[test]
fn where_sage_prices_a_line_below_zero_is_refused_and_the_rest_is_compared_afterwards() {
    let mut sage = config("");
    sage.prices = crate::Prices::Sage;
    assert!(
        sale(&sage, "200", "-5", "795")
            .order()
            .unwrap()
            .header
            .is_empty()
    );
    let mut below = sale(&sage, "0", "0", "950");
    below.lines.push(line("DISC-50", "1", "-50"));
    insta::assert_snapshot!(below.refused(), @r#"E_ORDER_PRICE_INVALID: Line 2 ("DISC-50") has the price -50, and prices are Sage 100's: what the line takes off would be lost. Take it out, and have the discount entered in Sage 100."#);
}

#[test]
fn amounts_of_another_currency_are_converted() {
    let rates = "reductions = \"discount\"\ncurrency = { sage = \"USD\", rates = { EUR = { rate = \"1.1\", since = \"2026-01-01\" } } }";
    let config = orders(rates, &format!("currency = \"CurrencyIsoCode\"\n{OF_ALL}"));
    let mut of_all =
        sale(&config, "200", "-5", "770").with(&[("CurrencyIsoCode", super::text("EUR"))]);
    of_all.lines.push(line("DISC", "1", "-25"));
    let order = of_all.order().unwrap();
    assert_eq!(order.header["DiscountAmt"], number("253"));
}

#[test]
fn a_line_is_told_by_its_place_in_the_sale() {
    let config = config("reductions = \"discount\"");
    let mut of_all = sale(&config, "0", "0", "950");
    of_all.lines.insert(0, line("DISC-50", "1", "-50"));
    let order = of_all.order().unwrap();
    assert_eq!((order.lines.len(), order.lines[0].number(0)), (1, 2));
    let plain = sale(&config, "0", "0", "1000").order().unwrap();
    assert_eq!((plain.lines[0].number, plain.lines[0].number(0)), (None, 1));
}
