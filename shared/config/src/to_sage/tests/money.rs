use counterpart_domain::Value;
use counterpart_domain::sale::CurrencyNote;
use rust_decimal::Decimal;

use super::{Sale, fields, line, number, orders, text};
use crate::OrdersConfig;

/// Unit price and percentage of a line with a discount.
fn discounted(
    field: &str,
    quantity: &str,
    price: &str,
    discount: &str,
) -> Result<(String, String), String> {
    let config = orders(
        "",
        &format!(
            "lines = {{ {field} = \"Off__c\", {} }}",
            if field == "discount_amount" {
                "discount_percent = \"\""
            } else {
                "discount_amount = \"\""
            }
        ),
    );
    let mut one = line("6655", quantity, price);
    one.insert("Off__c".into(), number(discount));
    match Sale::new(&config, vec![one]).order() {
        Ok(order) => Ok((
            order.lines[0].unit_price.unwrap().to_string(),
            order.lines[0]
                .discount_percent
                .map_or_else(String::new, |percent| percent.to_string()),
        )),
        Err(fault) => Err(fault.code.to_string()),
    }
}

#[test]
fn a_discount_reaches_sage_to_the_cent_or_not_at_all() {
    let ok = |price: &str, percent: &str| Ok((price.to_owned(), percent.to_owned()));
    let refused = || Err("E_ORDER_DISCOUNT_INVALID".to_owned());
    for (field, quantity, price, discount, made) in [
        ("discount_percent", "2", "84", "12.5", ok("84", "12.5")),
        // That there is none is said, too: another one may stand in Sage.
        ("discount_percent", "2", "84", "0", ok("84", "0")),
        ("discount_percent", "2", "84", "100", ok("84", "100")),
        // Four decimals do not fit Sage's percentage; the reduced price comes to the same cent.
        (
            "discount_percent",
            "1",
            "100",
            "33.3333",
            ok("66.6667", "0"),
        ),
        ("discount_percent", "1", "100", "-5", refused()),
        ("discount_percent", "1", "100", "101", refused()),
        ("discount_amount", "2", "84", "16.80", ok("84", "10")),
        ("discount_amount", "3", "10", "1", ok("9.666667", "0")),
        ("discount_amount", "1", "179", "179", ok("179", "100")),
        ("discount_amount", "1", "179", "179.01", refused()),
        ("discount_amount", "1", "0", "1", refused()),
        // Six decimals of a unit price do not tell a cent apart in so large a quantity.
        ("discount_amount", "300000", "1.01", "0.01", refused()),
    ] {
        assert_eq!(
            discounted(field, quantity, price, discount),
            made,
            "{field} {quantity} {price} {discount}"
        );
    }
}

#[test]
fn a_discount_of_both_kinds_is_refused() {
    let config = orders("", "lines = { discount_amount = \"Off__c\" }");
    let mut one = line("6655", "1", "100");
    one.extend(fields(&[
        ("Off__c", number("1")),
        ("Discount", number("1")),
    ]));
    let fault = Sale::new(&config, vec![one]).refused();
    insta::assert_snapshot!(fault, @r#"E_ORDER_DISCOUNT_INVALID: Line 1 ("6655") has a discount in per cent and another one as an amount, which Sage 100 cannot hold exactly. Change the discount, or put the reduced price into the line."#);
}

#[test]
fn where_sage_prices_no_price_is_sent_and_none_is_wanted() {
    let mut config = orders("", "");
    config.prices = crate::Prices::Sage;
    let mut one = line("6655", "1", "1");
    one.insert("UnitPrice".into(), Value::Blank);
    one.insert("Discount".into(), number("5"));
    let made = Sale::new(&config, vec![one.clone()]).order().unwrap();
    assert_eq!(
        (made.lines[0].unit_price, made.lines[0].discount_percent),
        (None, None)
    );
    config.prices = crate::Prices::Crm;
    let fault = Sale::new(&config, vec![one]).refused();
    insta::assert_snapshot!(fault, @r#"E_ORDER_PRICE_MISSING: Line 1 ("6655") has no price (UnitPrice). Enter one; it may be 0."#);
}

fn euro(config: &OrdersConfig, rate: Option<CurrencyNote>) -> Sale<'_> {
    let mut sale = Sale::new(config, vec![line("6655", "2", "10.25")]).with(&[
        ("CurrencyIsoCode", text("eur")),
        ("CloseDate", Value::Date("2026-11-20".parse().unwrap())),
        ("Freight__c", number("7.777")),
    ]);
    sale.rate = rate;
    sale
}

const OF_EURO: &str = "currency = \"CurrencyIsoCode\"\ncolumns = { FreightAmt = \"Freight__c\" }";

#[test]
fn an_order_in_another_currency_is_refused_unless_a_rate_is_set_up() {
    let config = orders("", OF_EURO);
    assert_eq!(
        config.wanted_rate(&config.sources[0], &euro(&config, None).fields, None),
        None
    );
    insta::assert_snapshot!(euro(&config, None).refused(), @r#"E_CURRENCY_REFUSED: The sale is in "EUR", and orders go to Sage 100 in USD only. Make the sale in USD, or ask for an exchange rate to be set up."#);
    let same = Sale::new(&config, vec![line("6655", "2", "10.25")])
        .with(&[("CurrencyIsoCode", text("USD"))]);
    assert_eq!(same.order().unwrap().currency, None);
}

#[test]
fn the_crms_rate_is_asked_for_and_noted() {
    let config = orders("currency = { sage = \"USD\", rates = \"crm\" }", OF_EURO);
    let wanted = config
        .wanted_rate(&config.sources[0], &euro(&config, None).fields, None)
        .unwrap();
    assert_eq!(
        (
            wanted.from.as_str(),
            wanted.day.unwrap().to_string().as_str()
        ),
        ("EUR", "2026-11-20")
    );
    insta::assert_snapshot!(euro(&config, None).refused(), @r#"E_CURRENCY_NO_RATE: The sale is in "EUR", and there is no exchange rate to USD for 2026-11-20. Have it entered in the CRM's currencies."#);
    // The org's own is the franc: 0.95 EUR and 1.12 USD for one.
    let note = config
        .currency
        .crossed(
            "EUR",
            "0.95".parse().unwrap(),
            "1.12".parse().unwrap(),
            wanted.day,
        )
        .unwrap();
    assert_eq!(note.rate.to_string(), "1.178947368421");
    let order = euro(&config, Some(note.clone())).order().unwrap();
    assert_eq!(order.lines[0].unit_price.unwrap().to_string(), "12.08");
    assert_eq!(order.header["FreightAmt"], number("9.17"));
    assert_eq!(order.currency, Some(note.clone()));
    let other = CurrencyNote {
        from: "GBP".into(),
        ..note
    };
    assert_eq!(
        euro(&config, Some(other)).refused().code,
        "E_CURRENCY_NO_RATE"
    );
    assert_eq!(
        config
            .currency
            .crossed("EUR", Decimal::ZERO, Decimal::ONE, None),
        None
    );
}

#[test]
fn the_configurations_rate_holds_from_its_day_on() {
    let rates = "currency = { rates = { EUR = { rate = \"1.0845\", since = \"2026-01-01\" } }, price_decimals = 4 }";
    let config = orders(rates, OF_EURO);
    let order = euro(&config, None).order().unwrap();
    assert_eq!(order.lines[0].unit_price.unwrap().to_string(), "11.1161");
    let note = order.currency.unwrap();
    assert_eq!(
        (note.source.as_str(), note.rate.to_string().as_str()),
        ("configuration", "1.0845")
    );
    let early =
        euro(&config, None).with(&[("CloseDate", Value::Date("2025-12-31".parse().unwrap()))]);
    assert_eq!(early.refused().code, "E_CURRENCY_NO_RATE");
    let other = euro(&config, None).with(&[("CurrencyIsoCode", text("GBP"))]);
    insta::assert_snapshot!(other.refused(), @r#"E_CURRENCY_NO_RATE: The sale is in "GBP", and there is no exchange rate to USD for 2026-11-20. Have it entered in the settings of the order interface."#);
}

#[test]
fn halves_are_rounded_away_from_zero() {
    let rates = "currency = { rates = { EUR = { rate = \"1.1\", since = \"2026-01-01\" } } }";
    let config = orders(rates, OF_EURO);
    let mut sale = euro(&config, None);
    sale.lines = vec![line("6655", "1", "0.05"), line("6655", "1", "1.05")];
    let prices: Vec<String> = sale
        .order()
        .unwrap()
        .lines
        .iter()
        .map(|line| line.unit_price.unwrap().to_string())
        .collect();
    assert_eq!(prices, ["0.06", "1.16"]);
}

#[test]
fn a_line_in_another_currency_than_its_sale_is_refused() {
    let config = orders(
        "",
        "currency = \"CurrencyIsoCode\"\nlines = { currency = \"PricebookEntry.CurrencyIsoCode\" }",
    );
    let mut one = line("6655", "1", "1");
    one.insert("PricebookEntry.CurrencyIsoCode".into(), text("EUR"));
    let sale = Sale::new(&config, vec![one]).with(&[("CurrencyIsoCode", text("USD"))]);
    insta::assert_snapshot!(sale.refused(), @r#"E_CURRENCY_MISMATCH: Line 1 ("6655") is priced in "EUR", and the sale is in USD. Choose the product again with a price in USD."#);
}
