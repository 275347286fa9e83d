use counterpart_domain::{Fields, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{Sale, fields, line, number, orders, text};
use crate::OrdersConfig;

fn config() -> OrdersConfig {
    orders(
        "",
        "[targets.crm.orders.sources.Opportunity.columns]\n\
        ShipToAddress1 = { from = \"Street\", with = \"address_line_1\" }\n\
        ShipToAddress2 = { from = \"Street\", with = \"address_line_2\" }\n\
        ShipToAddress3 = { from = \"Street\", with = \"address_line_3\" }\n\
        ShipToState = { from = [\"State\", \"Country\"], with = \"state_code\" }\n\
        ShipToZipCode = { from = [\"Zip\", \"Country\"], with = \"postal_code\" }\n\
        ShipToCountryCode = { from = \"Country\", with = \"country_code3\" }\n\
        OrderDate = \"Day\"\nFreightAmt = \"Freight\"\nPrintSalesOrders = \"Print\"\n\
        EmailAddress = { from = \"Email\", with = \"email\" }\nFaxNo = { from = \"Fax\", with = \"phone\" }\n\
        Comment = { from = \"Note\", length = 30, cut = true }\nJobNo = { from = \"Note\", with = \"upper\", length = 7 }\n",
    )
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Blank),
        "\\PC{0,60}".prop_map(Value::text),
        "[A-Za-z0-9 .,\r\n\u{0}-]{0,100}".prop_map(Value::text),
        any::<i64>().prop_map(|number| Value::Number(Decimal::from(number))),
        any::<u128>().prop_map(|bits| Value::Number(Decimal::from_i128_with_scale(
            (bits >> 33) as i128,
            (bits % 29) as u32
        ))),
        any::<bool>().prop_map(Value::Flag),
        "[0-9A-Za-z]{18}".prop_map(Value::Reference),
    ]
}

proptest! {
    /// Whatever a CRM holds, there is an order or a fault of class data with a sentence; no text of an order has a control
    /// character, and nothing is longer than Sage takes.
    #[test]
    fn any_record_makes_an_order_or_a_sentence(
        header in prop::collection::vec(any_value(), 11), of_line in prop::collection::vec(any_value(), 6),
    ) {
        let config = config();
        let names = ["Street", "State", "Zip", "Country", "Day", "Freight", "Print", "Email", "Fax", "Note", "Amount"];
        let mut sale = Sale::new(&config, Vec::new());
        sale.fields = names.iter().map(|name| (*name).to_owned()).zip(header).collect();
        let names = ["Product2.ProductCode", "Quantity", "UnitPrice", "Discount", "Product2Id", "id"];
        sale.lines = vec![names.iter().map(|name| (*name).to_owned()).zip(of_line).collect::<Fields>()];
        match sale.order() {
            Ok(order) => {
                for value in order.header.values() {
                    if let Value::Text(text) = value {
                        prop_assert!(!text.contains(char::is_control), "{:?}", text);
                        prop_assert_eq!(text.trim(), text.as_str());
                    }
                }
                prop_assert!(order.lines.iter().all(|line| line.quantity > Decimal::ZERO && !line.item.is_empty()));
            }
            Err(fault) => {
                prop_assert_eq!(fault.class, counterpart_domain::Class::Data);
                prop_assert!(fault.code.starts_with("E_"));
                prop_assert!(fault.message.ends_with(['.', '…']), "{}", fault.message);
            }
        }
    }

    #[test]
    fn a_street_that_sage_can_hold_is_the_same_after_a_round_trip(
        parts in prop::collection::vec("[a-zA-Z0-9ü.#-]([a-zA-Z0-9ü .#-]{0,28}[a-zA-Z0-9ü.#-])?", 1..=3),
    ) {
        let config = config();
        let street = parts.join("\n");
        let sale = Sale::new(&config, vec![line("6655", "1", "1")]).with(&[("Street", text(&street))]);
        let header = sale.order().unwrap().header;
        let back: Vec<String> = ["ShipToAddress1", "ShipToAddress2", "ShipToAddress3"]
            .iter().map(|column| header[*column].to_string()).filter(|line| !line.is_empty()).collect();
        prop_assert_eq!(back.join("\n"), street);
    }

    /// A line comes to what it comes to in the CRM, to the cent.
    #[test]
    fn a_discounted_line_is_worth_the_same_in_sage(
        quantity in 1_i64..2_000, cents in 0_i64..10_000_000, off in 0_i64..100_000,
    ) {
        let config = orders("", "lines = { discount_amount = \"Off__c\", discount_percent = \"\" }");
        let price = Decimal::new(cents, 2);
        let off = Decimal::new(off, 2);
        let gross = price * Decimal::from(quantity);
        let mut one = line("6655", &quantity.to_string(), &price.to_string());
        one.extend(fields(&[("Off__c", number(&off.to_string()))]));
        let made = Sale::new(&config, vec![one]).order();
        if off > gross {
            prop_assert_eq!(made.unwrap_err().code, "E_ORDER_DISCOUNT_INVALID");
            return Ok(());
        }
        let made = made.unwrap();
        let unit = made.lines[0].unit_price.unwrap();
        let percent = made.lines[0].discount_percent.unwrap_or_default();
        prop_assert!(unit.scale() <= 6 && percent.scale() <= 3);
        let extension = unit * Decimal::from(quantity) * (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED;
        prop_assert_eq!(extension.round_dp(2), gross - off);
    }
}
