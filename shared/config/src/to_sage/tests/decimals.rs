use counterpart_domain::Fields;
use counterpart_domain::sale::{SaleLine, cents};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{Sale, fields, line, number, orders};

const AMOUNT: &str = "lines = { discount_amount = \"Off__c\" }";

fn made(quantity: &str, price: &str, percent: &str) -> Result<SaleLine, String> {
    let config = orders("", "");
    let mut one = line("6655", quantity, price);
    one.extend(fields(&[("Discount", number(percent))]));
    let order = Sale::new(&config, vec![one]).order();
    order
        .map(|mut order| order.lines.remove(0))
        .map_err(|fault| fault.to_string())
}

#[test]
fn decimals_that_nobody_sees_go_where_the_line_comes_to_the_same_cent() {
    for (quantity, price, percent, as_sent, comes_to) in [
        ("3", "33.33333333", "0", ("3", "33.333333", "0"), "100.00"),
        (
            "0.30000000000000004",
            "100",
            "0",
            ("0.3", "100", "0"),
            "30.00",
        ),
        (
            "2",
            "1800.77777777777777",
            "0",
            ("2", "1800.777778", "0"),
            "3601.56",
        ),
        ("2", "84", "10.000000000000002", ("2", "84", "10"), "151.20"),
        (
            "0.1",
            "84.00000000000001",
            "12.5",
            ("0.1", "84", "12.5"),
            "7.35",
        ),
        // A price that Sage holds goes as it is.
        ("7", "14.285714", "0", ("7", "14.285714", "0"), "100.00"),
    ] {
        let line = made(quantity, price, percent).unwrap();
        let sent = (
            line.quantity.to_string(),
            line.unit_price.unwrap().to_string(),
            line.discount_percent.unwrap().to_string(),
        );
        let wanted = (
            as_sent.0.to_owned(),
            as_sent.1.to_owned(),
            as_sent.2.to_owned(),
        );
        assert_eq!(sent, wanted, "{quantity} x {price}");
        assert_eq!(line.amount(), comes_to.parse().ok());
    }
}

#[test]
fn decimals_that_would_change_the_cent_are_told_with_both_amounts() {
    insta::assert_snapshot!(made("100000", "33.33333333", "0").unwrap_err(), @r#"E_ORDER_PRICE_INVALID: Line 1 ("6655") has the price 33.33333333, with more decimals than the CRM shows. Sage 100 takes 6, and the line would come to 3333333.30 there instead of 3333333.33. Enter it anew with 6 decimals or fewer."#);
    insta::assert_snapshot!(made("0.3333333333", "300000", "0").unwrap_err(), @r#"E_ORDER_QUANTITY_INVALID: Line 1 ("6655") has the quantity 0.3333333333, with more decimals than the CRM shows. Sage 100 takes 6, and the line would come to 99999.90 there instead of 100000.00. Enter it anew with 6 decimals or fewer."#);
    assert!(
        made("1000000", "12.34567891", "10")
            .unwrap_err()
            .starts_with("E_ORDER_DISCOUNT_INVALID")
    );
}

#[test]
fn where_sage_prices_a_quantity_has_sages_decimals() {
    let mut config = orders("", "");
    config.prices = crate::Prices::Sage;
    let order = Sale::new(&config, vec![line("6655", "33.33333333333333", "1")]).order();
    assert_eq!(order.unwrap().lines[0].quantity.to_string(), "33.333333");
}

/// Numbers as CRMs hold them: few decimals, many, and what floats make of few.
fn any_number(most: i64) -> impl Strategy<Value = Decimal> {
    (0..most, 0_u32..=12, any::<bool>()).prop_map(|(units, scale, noise)| {
        let number = Decimal::new(units, scale);
        if noise {
            number + Decimal::new(4, 17)
        } else {
            number
        }
    })
}

proptest! {
    /// Either the CRM's line and Sage's come to the same cent, in decimals that Sage holds, or a sentence says why not.
    #[test]
    fn a_line_comes_to_the_same_cent_or_there_is_a_sentence(
        quantity in any_number(10_000_000), price in any_number(100_000_000_000),
        percent in prop_oneof![Just(Decimal::ZERO), any_number(110)], off in prop_oneof![Just(Decimal::ZERO), any_number(1_000_000)],
    ) {
        let config = orders("", AMOUNT);
        let mut one: Fields = line("6655", &quantity.to_string(), &price.to_string());
        one.extend(fields(&[("Discount", number(&percent.to_string())), ("Off__c", number(&off.to_string()))]));
        match Sale::new(&config, vec![one]).order() {
            Ok(order) => {
                let held = &order.lines[0];
                let unit = held.unit_price.unwrap();
                let sent = held.discount_percent.unwrap();
                prop_assert!(held.quantity.scale() <= 6 && unit.scale() <= 6 && sent.scale() <= 3);
                let in_crm = quantity * price * (Decimal::ONE - percent / Decimal::ONE_HUNDRED) - off;
                let in_sage = held.quantity * unit * (Decimal::ONE - sent / Decimal::ONE_HUNDRED);
                prop_assert_eq!(cents(in_sage), cents(in_crm), "{:?}", held);
            }
            Err(fault) => {
                prop_assert!(fault.message.starts_with("Line 1 (\"6655\") has "), "{}", fault);
                prop_assert!(fault.message.ends_with('.'), "{}", fault);
                // What Sage holds as it is was refused for its discount, or for being nothing.
                let plain = quantity.normalize().scale() <= 6 && price.normalize().scale() <= 6;
                prop_assert!(!plain || quantity.is_zero() || !percent.is_zero() || !off.is_zero(), "{}", fault);
            }
        }
    }
}
