//! Generated customers of company ABC. All invented; the same seed gives the same bytes.

use std::collections::BTreeSet;

use super::{
    DataSet, contacts,
    pools::{self, Stamps},
    rng::Rng,
    row::{Row, Stamp},
    words,
};
use crate::sage::CUSTOMERS;

/// Customers and the contacts of theirs.
#[derive(Debug, Default)]
pub struct Generated {
    /// AR_Customer.
    pub customers: Vec<Row>,
    /// AR_CustomerContact.
    pub contacts: Vec<Row>,
}

/// `data.customers` customers with their contacts, beside those whose keys are taken.
pub fn generate(data: DataSet, mut taken: BTreeSet<String>) -> Generated {
    let mut made = Generated::default();
    let mut rng = Rng::new(data.seed, 1);
    let mut stamps = Stamps::new(data.seed, 2);
    let mut people = contacts::People::new(data.seed);
    let mut names: Vec<(String, String)> = Vec::new();
    for index in 0..data.customers {
        let division = division(&mut rng);
        let name = name(&mut rng, index, division, &names);
        let number = number(&mut rng, index, &name, division, &mut taken);
        let contacts = people.of(&number, division, &name);
        let primary = contacts.first().map_or("", |row| {
            row.fields.get("ContactCode").map_or("", String::as_str)
        });
        made.customers.push(customer(
            &mut rng,
            division,
            &number,
            &name,
            primary,
            stamps.next(),
        ));
        made.contacts.extend(contacts);
        names.push((division.to_owned(), name));
    }
    made
}

fn division(rng: &mut Rng) -> &'static str {
    match rng.below(100) {
        0..60 => "01",
        60..92 => "02",
        _ => "00",
    }
}

/// Every 16th name is odd, every 25th is the name of an earlier customer in another division.
fn name(rng: &mut Rng, index: u32, division: &str, earlier: &[(String, String)]) -> String {
    if index % 25 == 24
        && let Some((_, twin)) = earlier
            .iter()
            .rev()
            .skip(7)
            .find(|(other, _)| other != division)
    {
        return twin.clone();
    }
    if index % 16 == 5 {
        return rng.pick(words::ODD).to_owned();
    }
    let parts = [
        rng.pick(words::FIRST),
        rng.pick(words::TRADE),
        rng.pick(words::FORM),
    ];
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Numbers in the styles that one meets: letters of the name, zero-filled digits, punctuation.
fn number(
    rng: &mut Rng,
    index: u32,
    name: &str,
    division: &str,
    taken: &mut BTreeSet<String>,
) -> String {
    let letters: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(6)
        .collect::<String>()
        .to_ascii_uppercase();
    let style = rng.below(100);
    let mut attempt = index;
    loop {
        let number = match style {
            0..65 => format!("{letters}{attempt:03}"),
            65..90 => format!("{attempt:07}"),
            90..96 => format!("{letters}-{attempt}"),
            96..98 => format!("{}&{attempt}", letters.get(..1).unwrap_or("X")),
            _ => format!("{} {attempt}", letters.get(..3).unwrap_or("CUS")),
        };
        if taken.insert(format!("{division}-{number}")) {
            return number;
        }
        attempt = attempt.wrapping_add(100_000);
    }
}

fn customer(
    rng: &mut Rng,
    division: &str,
    number: &str,
    name: &str,
    primary: &str,
    stamp: Stamp,
) -> Row {
    let (rep_division, rep) = pools::rep(rng, division);
    let status = match rng.below(100) {
        0..5 => "I",
        5..7 => "T",
        _ => "A",
    };
    let credit = format!("{}.00", rng.below(200) * 500);
    let (current, aged) = (money(rng, 900_000), money(rng, 300_000));
    let established = format!(
        "20{:02}{:02}{:02}",
        5 + rng.below(20),
        1 + rng.below(12),
        1 + rng.below(28)
    );
    let created = Stamp::new(established.clone(), "10.00000");
    let suite = format!("Suite {}", 100 + rng.below(900));
    let region = rng.pick(&["MIDWEST", "EAST", "WEST", "SOUTH", ""]);
    let legacy = format!("L{:06}", rng.below(1_000_000));
    let mut row = Row::new(
        CUSTOMERS.columns(),
        format!("{division}-{number}"),
        stamp,
        &created,
        &[
            ("ARDivisionNo", division),
            ("CustomerNo", number),
            ("CustomerName", name),
            ("AddressLine2", if rng.percent(30) { &suite } else { "" }),
            (
                "AddressLine3",
                if rng.percent(8) {
                    "Attn: Accounts Payable"
                } else {
                    ""
                },
            ),
            ("ContactCode", primary),
            ("SalespersonDivisionNo", rep_division),
            ("SalespersonNo", rep),
            ("TermsCode", rng.pick(&["00", "01", "02", "03", "10"])),
            ("TaxSchedule", rng.pick(&["WI", "IL", "NONTAX", "DEFAULT"])),
            ("PriceLevel", rng.pick(&["", "1", "2", "3"])),
            (
                "ShipMethod",
                rng.pick(&["UPS BLUE", "UPS GROUND", "FEDEX", "OUR TRUCK", "WILL CALL"]),
            ),
            ("CustomerType", rng.pick(&["", "DIST", "RETL", "MFG"])),
            ("CustomerStatus", status),
            (
                "InactiveReasonCode",
                if status == "I" {
                    rng.pick(&["CLOSE", "NOPAY", "MERGE"])
                } else {
                    ""
                },
            ),
            ("TemporaryCustomer", if status == "T" { "Y" } else { "N" }),
            ("CreditHold", if rng.percent(4) { "Y" } else { "N" }),
            ("OpenItemCustomer", "Y"),
            ("ResidentialAddress", if rng.percent(3) { "Y" } else { "N" }),
            ("StatementCycle", "M"),
            ("PrintDunningMessage", "Y"),
            (
                "DefaultPaymentType",
                rng.pick(&["CHECK", "CHECK", "CASH", "ACH"]),
            ),
            ("CreditLimit", &credit),
            ("CurrentBalance", &current),
            ("AgingCategory1", &aged),
            ("DateEstablished", &established),
            (
                "SortField",
                name.trim().get(..10.min(name.trim().len())).unwrap_or(""),
            ),
            (
                "Comment",
                if rng.percent(10) {
                    "Call ahead & <ring the bell>"
                } else {
                    ""
                },
            ),
            ("UDF_REGION", region),
            ("UDF_ACCOUNT_TIER", rng.pick(&["A", "B", "C", ""])),
            ("UDF_LEGACY_ID", &legacy),
        ],
    );
    address(rng, &mut row);
    row
}

fn address(rng: &mut Rng, row: &mut Row) {
    let house = 1 + rng.below(9899);
    let extension = format!("{}", 10 + rng.below(900));
    let values: Vec<(&str, String)> = if rng.percent(7) {
        let (street, city, state, zip, country, phone) = rng.pick(words::ABROAD);
        vec![
            ("AddressLine1", street.to_owned()),
            ("City", city.to_owned()),
            ("State", state.to_owned()),
            ("ZipCode", zip.to_owned()),
            ("CountryCode", country.to_owned()),
            ("TelephoneNo", phone.to_owned()),
        ]
    } else {
        let (city, state, zip, area) = rng.pick(words::PLACE);
        let plus_four = if rng.percent(20) {
            format!("-{:04}", 1000 + rng.below(9000))
        } else {
            String::new()
        };
        let zip = format!("{zip}{:02}{plus_four}", rng.below(100));
        let line = format!("555-{:04}", 100 + rng.below(100));
        // The ways in which one column holds a phone number, all of them valid in a CRM.
        let phone = match rng.below(10) {
            0 => String::new(),
            1 => format!("{area}-{line}"),
            2 => format!("{area}.{}", line.replace('-', ".")),
            _ => format!("({area}) {line}"),
        };
        vec![
            (
                "AddressLine1",
                format!("{house} {}", rng.pick(words::STREET)),
            ),
            ("City", city.to_owned()),
            ("State", state.to_owned()),
            ("ZipCode", zip),
            ("CountryCode", "USA".to_owned()),
            ("TelephoneNo", phone),
        ]
    };
    for (name, value) in values {
        row.fields.insert(name.to_owned(), value);
    }
    if rng.percent(12) {
        row.fields.insert("TelephoneExt".to_owned(), extension);
    }
}

fn money(rng: &mut Rng, cents_below: u64) -> String {
    let cents = rng.below(cents_below);
    format!("{}.{:02}", cents / 100, cents % 100)
}
