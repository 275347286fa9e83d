//! Products, price books, entries, stages, statuses and currencies that are there from the start.

use serde_json::{Value, json};

use super::{
    CURRENCY_TYPE, DATED_RATE, OPPORTUNITY_STAGE, ORDER_STATUS, PRICEBOOK, PRICEBOOK_ENTRY,
    PRODUCT, money,
    tables::{RATES, STAGES, STATUSES, forecast_name},
    totals::rate_of,
};
use crate::{
    data::PRODUCTS,
    salesforce::{ids::Id, org::Org, schema::Object, store::Record},
};

/// As old as the organisation.
const FOUNDED: i64 = 1_577_880_000;
/// The product that has no prices in other currencies.
const DOLLARS_ONLY: &str = "8983";

fn put(org: &mut Org, object: &'static Object, number: u64, values: Vec<(&'static str, Value)>) {
    let admin = org.integration_user();
    let mut record = Record::new(Id::new(object.prefix, number), FOUNDED, &admin);
    record.values = values.into_iter().collect();
    org.put(object, record);
}

/// Puts them in.
pub fn fill(org: &mut Org) {
    let books = [("Standard Price Book", true), ("Wholesale", false)];
    for ((name, standard), number) in books.into_iter().zip(1..) {
        put(
            org,
            &PRICEBOOK,
            number,
            vec![
                ("Name", json!(name)),
                ("IsActive", json!(true)),
                ("IsStandard", json!(standard)),
            ],
        );
    }
    for (product, number) in PRODUCTS.iter().zip(1..) {
        put(
            org,
            &PRODUCT,
            number,
            vec![
                ("Name", json!(product.name)),
                ("ProductCode", json!(product.code)),
                ("QuantityUnitOfMeasure", json!(product.unit)),
                ("IsActive", json!(true)),
            ],
        );
        entry(org, (1, number), number * 10, product.price, None);
        // Wholesale is a tenth below.
        entry(org, (2, number), number * 10 + 1, product.price * 0.9, None);
    }
    tables(org);
}

fn entry(
    org: &mut Org,
    (book, product): (u64, u64),
    number: u64,
    price: f64,
    currency: Option<&str>,
) {
    let product_id = Id::new(PRODUCT.prefix, product);
    let (name, code) = org
        .record(PRODUCT.name, &product_id)
        .map(|product| {
            (
                product.text("Name").to_owned(),
                product.text("ProductCode").to_owned(),
            )
        })
        .unwrap_or_default();
    let price = money::given(Some(&json!(price))).unwrap_or_default();
    let mut values = vec![
        ("Name", json!(name)),
        ("ProductCode", json!(code)),
        (
            "Pricebook2Id",
            json!(Id::new(PRICEBOOK.prefix, book).as_str()),
        ),
        ("Product2Id", json!(product_id.as_str())),
        ("UnitPrice", money::value(price)),
        ("IsActive", json!(true)),
        ("UseStandardPrice", json!(false)),
    ];
    if let Some(code) = currency {
        values.push(("CurrencyIsoCode", json!(code)));
    }
    put(org, &PRICEBOOK_ENTRY, number, values);
}

/// What comes with several currencies: prices in the others, but not of every product.
pub fn add_currencies(org: &mut Org) {
    for (product, number) in PRODUCTS.iter().zip(1..) {
        if product.code == DOLLARS_ONLY {
            continue;
        }
        for (code, offset) in [("CAD", 2), ("EUR", 4)] {
            let price = product.price * rate_of(code);
            entry(org, (1, number), number * 10 + offset, price, Some(code));
            entry(
                org,
                (2, number),
                number * 10 + offset + 1,
                price * 0.9,
                Some(code),
            );
        }
    }
}

fn tables(org: &mut Org) {
    for (stage, number) in STAGES.iter().zip(1..) {
        put(
            org,
            &OPPORTUNITY_STAGE,
            number,
            vec![
                ("MasterLabel", json!(stage.name)),
                ("ApiName", json!(stage.name)),
                ("IsActive", json!(true)),
                ("SortOrder", json!(number)),
                ("IsClosed", json!(stage.closed)),
                ("IsWon", json!(stage.won)),
                ("ForecastCategory", json!(stage.forecast)),
                ("ForecastCategoryName", json!(forecast_name(stage.forecast))),
                ("DefaultProbability", json!(f64::from(stage.probability))),
            ],
        );
    }
    for ((label, code), number) in STATUSES.iter().zip(1..) {
        put(
            org,
            &ORDER_STATUS,
            number,
            vec![
                ("MasterLabel", json!(label)),
                ("ApiName", json!(label)),
                ("SortOrder", json!(number)),
                ("IsDefault", json!(number == 1)),
                ("StatusCode", json!(code)),
            ],
        );
    }
    for ((code, rate, before), number) in RATES.iter().zip(1..) {
        put(
            org,
            &CURRENCY_TYPE,
            number,
            vec![
                ("IsoCode", json!(code)),
                ("ConversionRate", json!(rate)),
                ("DecimalPlaces", json!(2)),
                ("IsActive", json!(true)),
                ("IsCorporate", json!(number == 1)),
            ],
        );
        for (at, (from, to, rate)) in [
            ("2020-01-01", "2026-07-01", before),
            ("2026-07-01", "9999-12-31", rate),
        ]
        .into_iter()
        .enumerate()
        {
            put(
                org,
                &DATED_RATE,
                number * 10 + at as u64,
                vec![
                    ("IsoCode", json!(code)),
                    ("StartDate", json!(from)),
                    ("NextStartDate", json!(to)),
                    ("ConversionRate", json!(rate)),
                ],
            );
        }
    }
}
