//! States, countries and postal codes.

use counterpart_domain::{Class, Entity, Fault, Value};

use crate::testing::{abf, entity, fields};
use crate::{EntityConfig, Mapped};

fn config(line: &str) -> EntityConfig {
    entity(&fields(line), Entity::CUSTOMER)
}

fn mapped(line: &str, state: &str, zip: &str, country: &str) -> Result<Mapped, Fault> {
    let columns = [("State", state), ("ZipCode", zip), ("CountryCode", country)];
    let (key, record) = abf(&columns);
    config(line).map(&key, &record)
}

/// The value, and the code of the note if there is one.
fn made(line: &str, state: &str, zip: &str, country: &str) -> (String, String) {
    let mapped = mapped(line, state, zip, country).unwrap();
    let codes: Vec<_> = mapped
        .notes
        .iter()
        .map(|note| note.code.to_string())
        .collect();
    (mapped.fields["A"].to_string(), codes.join(","))
}

const BOTH: &str = "from = [\"State\", \"CountryCode\"]";

#[test]
fn a_state_goes_by_its_country_and_the_default_stands_for_a_blank_one() {
    let line = |with: &str| format!("A = {{ {BOTH}, with = {with} }}");
    for (with, state, country, expected, note) in [
        ("\"state_code\"", "Wis.", "USA", "WI", ""),
        ("\"state_code\"", "Wisconsin", "", "WI", ""),
        ("\"state_name\"", "qc", "CAN", "Quebec", ""),
        ("\"state_name\"", "Québec", "", "Quebec", ""),
        ("\"state_code\"", "Ontario", "", "ON", ""),
        ("\"state_code\", country = \"CA\"", "NL", "", "NL", ""),
        ("\"state_code\", country = \"CA\"", "Wis.", "", "WI", ""),
        // Milan, Western Australia.
        (
            "\"state_name\", country = \"IT\"",
            "MI",
            "",
            "MI",
            "N_ADDRESS_STATE",
        ),
        ("\"state_name\"", "WA", "AUS", "WA", "N_ADDRESS_STATE"),
        ("\"state_code\"", "", "USA", "", ""),
        ("\"state_code\"", "ON", "USA", "ON", "N_ADDRESS_STATE"),
        (
            "\"state_code\"",
            "Bayern",
            "DEU",
            "Bayern",
            "N_ADDRESS_STATE",
        ),
        ("\"state_code\"", "WI", "Narnia", "WI", "N_ADDRESS_STATE"),
        (
            "\"state_code\", country = \"DE\"",
            "Bayern",
            "",
            "Bayern",
            "N_ADDRESS_STATE",
        ),
        (
            "\"state_code\", otherwise = \"blank\"",
            "Bayern",
            "DEU",
            "",
            "N_ADDRESS_STATE",
        ),
    ] {
        let said = made(&line(with), state, "", country);
        assert_eq!(
            said,
            (expected.to_owned(), note.to_owned()),
            "{with} {state} {country}"
        );
    }
}

#[test]
fn a_country_is_written_in_the_form_that_the_crm_wants() {
    for (with, country, expected, note) in [
        ("\"country_code\"", "USA", "US", ""),
        ("\"country_code3\"", "us", "USA", ""),
        ("\"country_name\"", "CAN", "Canada", ""),
        ("\"country_name\"", "U.K.", "United Kingdom", ""),
        ("\"country_code\"", "Narnia", "Narnia", "N_ADDRESS_COUNTRY"),
        (
            "\"country_code\", otherwise = \"blank\"",
            "Narnia",
            "",
            "N_ADDRESS_COUNTRY",
        ),
        ("\"country_code\"", "", "", ""),
        ("\"country_code\", country = \"CAN\"", "", "CA", ""),
    ] {
        let line = format!("A = {{ from = \"CountryCode\", with = {with} }}");
        assert_eq!(
            made(&line, "", "", country),
            (expected.to_owned(), note.to_owned()),
            "{with} {country}"
        );
    }
    // A blank address stays blank; Salesforce refuses a state without a country.
    let line = "A = { from = [\"CountryCode\", \"State\", \"ZipCode\"], with = \"country_code\", country = \"US\" }";
    assert_eq!(made(line, "", "", "").0, "");
    assert_eq!(made(line, "WI", "", "").0, "US");
    // State and country fit together: Salesforce refuses ON of the United States.
    for (state, zip, expected) in [
        ("ON", "", "CA"),
        ("Québec", "H2Y 1C6", "CA"),
        ("", "K1A 0B1", "CA"),
        ("Ontario", "91761", "US"),
        ("Bayern", "80331-A", "US"),
    ] {
        assert_eq!(made(line, state, zip, "").0, expected, "{state} {zip}");
    }
    let canada = line.replace("\"US\"", "\"CA\"");
    assert_eq!(made(&canada, "WI", "", "").0, "US");
    assert_eq!(made(&canada, "ON", "", "").0, "CA");
    let italy = line.replace("\"US\"", "\"IT\"");
    assert_eq!(made(&italy, "MI", "20121", "").0, "IT");
}

#[test]
fn a_postal_code_goes_by_its_country() {
    let line = "A = { from = [\"ZipCode\", \"CountryCode\"], with = \"postal_code\" }";
    for (zip, country, expected, note) in [
        ("531011234", "USA", "53101-1234", ""),
        ("2134", "USA", "02134", ""),
        ("2134", "", "2134", "N_ADDRESS_POSTAL_CODE"),
        ("k1a0b1", "CAN", "K1A 0B1", ""),
        ("k1a0b1", "", "K1A 0B1", ""),
        ("80331", "DEU", "80331", ""),
        ("80331", "Narnia", "80331", ""),
        ("5310", "CAN", "5310", "N_ADDRESS_POSTAL_CODE"),
        ("", "USA", "", ""),
    ] {
        assert_eq!(
            made(line, "", zip, country),
            (expected.to_owned(), note.to_owned()),
            "{zip} {country}"
        );
    }
}

#[test]
fn what_is_not_known_is_said_or_parks_the_record() {
    let line = format!("A = {{ {BOTH}, with = \"state_code\" }}");
    let note = mapped(&line, "Bayern", "", "DEU").unwrap().notes.remove(0);
    assert_eq!(note.field, "A");
    insta::assert_snapshot!(note, @r#"N_ADDRESS_STATE: A: "Bayern" is no known state or province of Germany. It was kept as it is."#);
    let line = format!("A = {{ {BOTH}, with = \"state_code\", otherwise = \"park\" }}");
    let fault = mapped(&line, "Bayern", "", "DEU").unwrap_err();
    assert_eq!(fault.class, Class::Data);
    insta::assert_snapshot!(fault, @r#"E_MAPPING_STATE: A of ABC:01-ABF cannot be made from State and CountryCode: "Bayern | DEU" is no known state or province of Germany."#);
    let line = "A = { from = \"ZipCode\", with = \"postal_code\", otherwise = \"park\" }";
    insta::assert_snapshot!(mapped(line, "", "12", "").unwrap_err(), @r#"E_MAPPING_POSTAL_CODE: A of ABC:01-ABF cannot be made from ZipCode: "12" is no postal code of United States."#);
}

#[test]
fn the_texts_of_a_pick_list_are_known_where_nothing_else_is_kept() {
    let makes = |line: &str| {
        let config = config(line);
        let map = config.fields.iter().find(|map| map.field == "A").unwrap();
        map.makes(Entity::CUSTOMER, |_| Some(30))
    };
    let strict = makes(&format!(
        "A = {{ {BOTH}, with = \"state_code\", otherwise = \"blank\" }}"
    ));
    assert_eq!(strict.longest, Some(2));
    assert!(strict.blank);
    let texts = strict.texts.unwrap();
    assert!(texts.contains("WI") && texts.contains("QC") && !texts.contains("Wisconsin"));
    let kept = makes(&format!("A = {{ {BOTH}, with = \"state_code\" }}"));
    assert_eq!((kept.longest, kept.texts), (Some(30), None));
    let code =
        makes("A = { from = \"CountryCode\", with = \"country_code3\", otherwise = \"park\" }");
    assert_eq!(code.texts.unwrap().len(), 249);
}

#[test]
fn every_part_of_a_helper_is_in_the_version() {
    let lines = [
        "A = { from = \"CountryCode\", with = \"country_code\" }",
        "A = { from = \"CountryCode\", with = \"country_code3\" }",
        "A = { from = \"CountryCode\", with = \"country_name\" }",
        "A = { from = \"CountryCode\", with = \"country_name\", country = \"US\" }",
        "A = { from = \"State\", with = \"state_code\" }",
        "A = { from = \"State\", with = \"state_name\" }",
        "A = { from = \"State\", with = \"state_name\", country = \"CA\" }",
        "A = { from = \"ZipCode\", with = \"postal_code\" }",
        "A = { from = \"ZipCode\", with = \"postal_code\", country = \"CA\" }",
    ];
    let versions: std::collections::BTreeSet<_> = lines
        .iter()
        .map(|line| config(line).version.to_string())
        .collect();
    assert_eq!(versions.len(), lines.len());
    assert_eq!(
        mapped(lines[0], "", "", "").unwrap().fields["A"],
        Value::Blank
    );
}
