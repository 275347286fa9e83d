mod computed;
mod standard;

use counterpart_domain::{Class, Entity, Fault, Fields, Value};
use proptest::prelude::*;

use crate::testing::{abf, entity, fields, record};
use crate::{Mapped, SyncConfig};

fn show(fields: &Fields) -> String {
    let line = |(name, value): (&String, &Value)| format!("{name} = {value:?}\n");
    fields.iter().map(line).collect()
}

/// Maps 01-ABF with one field's line and the given columns.
fn map(line: &str, columns: &[(&str, &str)]) -> Result<Value, Fault> {
    let config = entity(&fields(line), Entity::CUSTOMER);
    let (key, record) = abf(columns);
    let field = line.split_once(" =").unwrap().0;
    config
        .map(&key, &record)
        .map(|mapped| mapped.fields[field].clone())
}

#[test]
fn the_default_maps_a_customer() {
    let config = entity(SyncConfig::DEFAULT, Entity::CUSTOMER);
    let (key, record) = abf(&[
        ("AddressLine1", "2131 N. 14th Street"),
        ("AddressLine2", "Suite 100"),
        ("AddressLine3", "Accounting Department"),
        ("City", "Milwaukee"),
        ("State", "WI"),
        ("ZipCode", "53205-1204"),
        ("CountryCode", "USA"),
        ("TelephoneNo", "(414) 555-4787"),
        ("TelephoneExt", "12"),
        ("URLAddress", "ask Artie"),
    ]);
    insta::assert_snapshot!(show(&config.map(&key, &record).unwrap().fields));
}

#[test]
fn the_default_maps_a_contact() {
    let config = entity(SyncConfig::DEFAULT, Entity::CONTACT);
    let (key, record) = record(
        Entity::CONTACT,
        &[
            ("ARDivisionNo", "01"),
            ("CustomerNo", "ABF"),
            ("ContactCode", "ARTIE JOHN"),
            ("ContactName", "Mr. Artie Johnson Jr."),
            ("TelephoneNo1", "(714) 555-7823"),
            (
                "EmailAddress",
                "artie@sage.sample.com; john@sage.sample.com",
            ),
        ],
    );
    insta::assert_snapshot!(show(&config.map(&key, &record).unwrap().fields));
}

#[test]
fn a_contact_without_a_name_goes_by_its_code() {
    let config = entity(SyncConfig::DEFAULT, Entity::CONTACT);
    let columns = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("ContactCode", "A/P"),
    ];
    let (key, record) = record(Entity::CONTACT, &columns);
    let mapped = config.map(&key, &record).unwrap().fields;
    assert_eq!(mapped["Last_Name"], Value::text("A/P"));
    assert_eq!(mapped["First_Name"], Value::Blank);
}

#[test]
fn values_keep_their_columns_type() {
    let columns = [
        ("CreditLimit", "120000.00"),
        ("CreditHold", "Y"),
        ("DateEstablished", "20190101"),
    ];
    let one = |line| map(line, &columns).unwrap();
    assert_eq!(
        one("A = \"CreditLimit\""),
        Value::Number("120000.00".parse().unwrap())
    );
    assert_eq!(one("A = \"CreditHold\""), Value::Flag(true));
    assert_eq!(one("A = \"DateEstablished\"").to_string(), "2019-01-01");
    assert_eq!(
        one("A = { from = \"CreditHold\", with = \"text\" }"),
        Value::text("Y")
    );
    assert_eq!(one("A = { const = 3 }"), Value::Number(3.into()));
    assert_eq!(one("A = \"UDF_NOT_THERE\""), Value::Blank);
}

#[test]
fn udfs_are_read_as_the_type_that_the_crm_wants() {
    let columns = [
        ("UDF_N", "12.50"),
        ("UDF_F", "yes"),
        ("UDF_D", "20261122"),
        ("UDF_X", "soon"),
    ];
    let one = |line: &str| map(line, &columns);
    assert_eq!(
        one("A = { from = \"UDF_N\", with = \"number\" }").unwrap(),
        Value::Number("12.50".parse().unwrap())
    );
    assert_eq!(
        one("A = { from = \"UDF_F\", with = \"flag\" }").unwrap(),
        Value::Flag(true)
    );
    assert_eq!(
        one("A = { from = \"UDF_D\", with = \"date\" }")
            .unwrap()
            .to_string(),
        "2026-11-22"
    );
    for (with, code) in [
        ("number", "E_MAPPING_NUMBER"),
        ("flag", "E_MAPPING_FLAG"),
        ("date", "E_MAPPING_DATE"),
    ] {
        let line = format!("A = {{ from = \"UDF_X\", with = \"{with}\" }}");
        assert_eq!(one(&line).unwrap_err().code, code);
        let line = format!("A = {{ from = \"UDF_X\", with = \"{with}\", otherwise = \"blank\" }}");
        assert_eq!(one(&line).unwrap(), Value::Blank);
    }
}

#[test]
fn a_value_table_follows_its_policy_for_what_is_not_in_it() {
    let table = "from = \"CustomerStatus\", values = { A = \"Active\", \"\" = \"None\" }";
    let one = |otherwise: &str, status| {
        map(
            &format!("A = {{ {table}{otherwise} }}"),
            &[("CustomerStatus", status)],
        )
    };
    assert_eq!(one("", "A").unwrap(), Value::text("Active"));
    assert_eq!(one("", "").unwrap(), Value::text("None"));
    assert_eq!(
        one(", otherwise = \"keep\"", "T").unwrap(),
        Value::text("T")
    );
    assert_eq!(one(", otherwise = \"blank\"", "T").unwrap(), Value::Blank);
    let fault = one("", "T").unwrap_err();
    assert_eq!(fault.class, Class::Data);
    insta::assert_snapshot!(fault, @r#"E_MAPPING_VALUE_UNKNOWN: A of ABC:01-ABF cannot be made from CustomerStatus: "T" is not in the field's table of values."#);
}

#[test]
fn a_text_that_is_too_long_parks_the_record_unless_it_may_be_cut() {
    let name = [("CustomerName", "Fünfzig Zeichen lange Firma")];
    let fault = map("A = { from = \"CustomerName\", length = 8 }", &name).unwrap_err();
    insta::assert_snapshot!(fault, @r#"E_MAPPING_TOO_LONG: A of ABC:01-ABF cannot be made from CustomerName: "Fünfzig Zeichen lange Firma" makes 27 characters, 8 are allowed."#);
    let cut = map(
        "A = { from = \"CustomerName\", length = 8, cut = true }",
        &name,
    )
    .unwrap();
    assert_eq!(cut, Value::text("Fünfzig"));
}

#[test]
fn every_field_that_cannot_be_mapped_is_named() {
    let config = entity(
        &fields("A = { from = \"City\", length = 2 }\nB = { from = \"UDF_N\", with = \"number\" }"),
        Entity::CUSTOMER,
    );
    let (key, record) = abf(&[("City", "Milwaukee"), ("UDF_N", "many")]);
    insta::assert_snapshot!(config.map(&key, &record).unwrap_err(), @r#"E_MAPPING_TOO_LONG: A of ABC:01-ABF cannot be made from City: "Milwaukee" makes 9 characters, 2 are allowed. (E_MAPPING_NUMBER: B of ABC:01-ABF cannot be made from UDF_N: "many" is no number.)"#);
}

#[test]
fn a_mapping_for_customers_refuses_a_contact() {
    let config = entity(SyncConfig::DEFAULT, Entity::CUSTOMER);
    let columns = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("ContactCode", "X"),
    ];
    let (key, record) = record(Entity::CONTACT, &columns);
    let fault = config.map(&key, &record).unwrap_err();
    assert_eq!(
        (fault.class, fault.code.as_ref()),
        (Class::Bug, "E_MAPPING_COLUMN")
    );
}

#[test]
fn several_texts_are_joined() {
    let columns = [("City", "Racine"), ("State", "WI"), ("ZipCode", "")];
    let line = "A = { from = [\"City\", \"ZipCode\", \"State\"], with = \"join\", by = \", \" }";
    assert_eq!(map(line, &columns).unwrap(), Value::text("Racine, WI"));
}

proptest! {
    #[test]
    fn whatever_a_contact_holds_its_last_name_is_there_and_nothing_is_too_long(
        name in "\\PC{0,50}", phone in "\\PC{0,20}", extension in "\\PC{0,6}", email in "\\PC{0,50}",
    ) {
        let config = entity(SyncConfig::DEFAULT, Entity::CONTACT);
        let (key, record) = record(Entity::CONTACT, &[
            ("ARDivisionNo", "01"), ("CustomerNo", "ABF"), ("ContactCode", "CODE"),
            ("ContactName", &name), ("TelephoneNo1", &phone), ("TelephoneExt1", &extension),
            ("EmailAddress", &email),
        ]);
        match config.map(&key, &record) {
            Ok(Mapped { fields: mapped, .. }) => {
                prop_assert!(!mapped["Last_Name"].to_string().trim().is_empty());
                for map in &config.fields {
                    let count = mapped[&map.field].to_string().chars().count();
                    prop_assert!(map.length.is_none_or(|length| count <= length as usize));
                }
                prop_assert_eq!(config.map(&key, &record).unwrap().fields, mapped);
            }
            Err(fault) => prop_assert_eq!(fault.code.as_ref(), "E_MAPPING_TOO_LONG"),
        }
    }
}

#[test]
fn what_cannot_be_read_is_left_alone_and_only_a_blank_is_blank() {
    for (map, column, texts) in [
        ("with = \"email\"", "EmailAddress", ["ask Artie", "a@b"]),
        ("with = \"website\"", "URLAddress", ["none", "see notes"]),
        ("with = \"phone\"", "TelephoneNo", ["ask Artie", "555*1"]),
        ("with = \"number\"", "UDF_N", ["many", "1,5"]),
        ("with = \"date\"", "UDF_D", ["soon", "20261332"]),
        ("with = \"flag\"", "UDF_F", ["perhaps", "2"]),
        ("with = \"state_code\"", "State", ["Bayern", "ZZ"]),
        ("with = \"country_code\"", "CountryCode", ["Narnia", "QQQ"]),
        (
            "with = \"postal_code\", country = \"US\"",
            "ZipCode",
            ["5310", "ABCDE"],
        ),
        ("values = { A = \"Active\" }", "CustomerType", ["B", "a"]),
    ] {
        let line = format!("A = {{ from = \"{column}\", {map}, otherwise = \"blank\" }}");
        let config = entity(&fields(&line), Entity::CUSTOMER);
        for text in texts {
            let (key, record) = abf(&[(column, text)]);
            let mapped = config.map(&key, &record).unwrap();
            assert!(mapped.unread.contains("A"), "{line} {text}");
            assert_eq!(mapped.fields["A"], Value::Blank);
            let note = &mapped.notes[0].message;
            assert!(
                note.contains(text) && note.ends_with("The field was left as it is."),
                "{note}"
            );
        }
        let (key, record) = abf(&[(column, "")]);
        let mapped = config.map(&key, &record).unwrap();
        assert!(
            mapped.unread.is_empty() && mapped.notes.is_empty(),
            "{line}"
        );
        assert_eq!(mapped.fields["A"], Value::Blank);
    }
}

#[test]
fn a_text_beyond_the_contracts_bound_leaves_its_field_alone_and_the_others_arrive() {
    let map = "A = \"Comment\"\nB = \"City\"\nC = \"UDF_X\"\nD = { compute = 'Comment + City' }";
    let config = entity(&fields(map), Entity::CUSTOMER);
    for (length, taken) in [(4_001, true), (65_536, true), (65_537, false)] {
        let long = "x".repeat(length);
        let (key, record) = abf(&[("Comment", &long), ("City", "Racine"), ("UDF_X", &long)]);
        let mapped = config.map(&key, &record).unwrap();
        assert_eq!(mapped.fields["B"], Value::text("Racine"), "{length}");
        assert_eq!(
            mapped.fields["A"],
            if taken {
                Value::text(long.as_str())
            } else {
                Value::Blank
            }
        );
        let unread: Vec<&str> = mapped.unread.iter().map(String::as_str).collect();
        assert_eq!(unread, if taken { vec![] } else { vec!["A", "C", "D"] });
    }
}
