use std::collections::BTreeSet;

use counterpart_domain::{Company, Entity, Fault, Fields, Record, RepKey, SageKey, Value};

use super::{CUSTOMER, fields, target, text};
use crate::{EntityConfig, Lengths};

const OWNER: &str = "[targets.crm.customer.owner]\nfield = \"OwnerId\"\ncolumn = \"SalespersonNo\"\nunmapped = \"park\"\n";

/// Customers with the usual fields, and with further lines.
fn customer(create: &str, rule: &str) -> EntityConfig {
    let text = format!(
        "[targets.crm.customer]\nmodule = \"Account\"\nkey_field = \"Sage_Key__c\"\n{OWNER}\
         [targets.crm.customer.fields]\n\
         Name = {{ from = \"CustomerName\"{rule} }}\n\
         BillingStreet = {{ from = [\"AddressLine1\", \"AddressLine2\", \"AddressLine3\"], with = \"address_lines\"{rule} }}\n\
         BillingCity = {{ from = \"City\"{rule} }}\n\
         BillingState = {{ from = [\"State\", \"CountryCode\"], with = \"state_name\"{rule} }}\n\
         BillingPostalCode = {{ from = \"ZipCode\"{rule} }}\n\
         BillingCountry = {{ from = \"CountryCode\", with = \"country_name\"{rule} }}\n\
         Phone = {{ from = [\"TelephoneNo\", \"TelephoneExt\"], with = \"phone\"{rule} }}\n\
         Terms__c = {{ from = \"TermsCode\", values = {{ \"01\" = \"Net 30\", \"00\" = \"Cash\" }}{rule} }}\n\
         Balance__c = \"CurrentBalance\"\n\
         Credit__c = {{ from = \"CreditLimit\"{rule} }}\n\
         Hold__c = {{ from = \"CreditHold\"{rule} }}\n\
         Region__c = {{ from = \"UDF_REGION\", with = \"number\"{rule} }}\n{create}"
    );
    target(&text).entities[&Entity::CUSTOMER].clone()
}

const CREATE: &str = "[targets.crm.customer.create_in_sage]\nwhen = [{ field = \"Type\", equals = \"Client\" }]\n\
    since = 2020-01-01\ncompany = \"ABC\"\ndivision = \"01\"\ncompany_field = \"Sage_Company__c\"\nnumber_field = \"AccountNumber\"\n\
    columns = { CustomerType = { const = \"WEB\" }, EmailAddress = { from = \"Email__c\", with = \"email\" } }\n";

fn account() -> Fields {
    fields(&[
        ("Type", text("Client")),
        ("Name", text("Breslin Parts Supply")),
        ("BillingStreet", text("3 Industry Way\nDock 4")),
        ("BillingCity", text("Montréal")),
        ("BillingState", text("Quebec")),
        ("BillingPostalCode", text("h2x1y4")),
        ("BillingCountry", text("Canada")),
        ("Phone", text("514.555.0199 x7")),
        ("Terms__c", text("Net 30")),
        ("Balance__c", Value::Number(7.into())),
        ("Email__c", text("sales#west@example.com")),
        ("Region__c", Value::Number(4.into())),
    ])
}

fn rep() -> RepKey {
    RepKey {
        company: Company::new("ABC").unwrap(),
        rep: "01-0100".into(),
    }
}

fn show(fields: &Fields) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{name} = {value:?}\n"))
        .collect()
}

#[test]
fn an_account_becomes_a_customer_by_the_mapping_turned_round() {
    let config = customer(CREATE, "");
    let create = config.to_sage.create.unwrap();
    assert!(create.applies(&account()));
    assert!(!create.applies(&fields(&[("Type", text("Prospect"))])));
    let made = create
        .customer(&account(), Some(&rep()), &Lengths::new())
        .unwrap();
    assert_eq!(
        (
            made.company.as_str(),
            made.division.as_str(),
            made.number.as_deref()
        ),
        ("ABC", "01", None)
    );
    insta::assert_snapshot!(show(&made.columns));
    for field in create.query_fields() {
        assert!(!field.is_empty());
    }
    assert!(
        create
            .query_fields()
            .contains(&"Sage_Company__c".to_owned())
    );
}

#[test]
fn number_and_company_come_from_the_account_where_it_has_them() {
    let create = customer(CREATE, "").to_sage.create.unwrap();
    let mut account = account();
    account.extend(fields(&[
        ("AccountNumber", text("BRESLIN")),
        ("Sage_Company__c", text("XYZ")),
    ]));
    let made = create
        .customer(&account, Some(&rep()), &Lengths::new())
        .unwrap();
    assert_eq!(
        (made.company.as_str(), made.number.as_deref()),
        ("XYZ", Some("BRESLIN"))
    );
    account.insert("Sage_Company__c".into(), text("DEF"));
    let fault = create
        .customer(&account, Some(&rep()), &Lengths::new())
        .unwrap_err();
    insta::assert_snapshot!(fault, @r#"E_CUSTOMER_VALUE_UNKNOWN: Sage_Company__c of the account is "DEF", which is no company that accounts go to. Choose one of: ABC, XYZ."#);
}

#[test]
fn an_account_that_sage_would_not_take_is_refused_with_all_that_is_wrong() {
    let create = customer(CREATE, "").to_sage.create.unwrap();
    let mut lengths = Lengths::new();
    lengths.insert(&Entity::CUSTOMER.spec().table, "City", 20);
    let mut account = account();
    account.extend(fields(&[
        ("Name", Value::Blank),
        ("BillingCity", text("Llanfairpwllgwyngyllgogerych")),
        ("BillingCountry", text("Atlantis")),
        ("Email__c", text("not an address")),
        ("Terms__c", text("Net 45")),
    ]));
    let fault = create.customer(&account, None, &lengths).unwrap_err();
    insta::assert_snapshot!(format!(
        "{}: {}\n{}",
        fault.code,
        fault.message,
        fault.detail.replace("; E_", "\nE_")
    ));
}

#[test]
fn an_edit_changes_its_columns_and_blanks_what_was_taken_out() {
    let config = customer("", ", owner = \"both\"");
    let change = |changed: &[&str], more: &[(&str, Value)]| {
        let mut crm = account();
        crm.extend(fields(more));
        let changed: BTreeSet<String> = changed.iter().map(|field| (*field).to_owned()).collect();
        config
            .to_sage
            .changes(Entity::CUSTOMER, &crm, &changed, &Lengths::new(), None)
    };
    assert_eq!(
        show(&change(&["Phone"], &[]).unwrap()),
        "TelephoneExt = Text(\"7\")\nTelephoneNo = Text(\"(514) 555-0199\")\n"
    );
    let blanked = change(
        &["Phone", "BillingStreet"],
        &[("Phone", Value::Blank), ("BillingStreet", text("Dock 4"))],
    )
    .unwrap();
    assert_eq!(
        show(&blanked),
        "AddressLine1 = Text(\"Dock 4\")\nAddressLine2 = Blank\nAddressLine3 = Blank\nTelephoneExt = Blank\nTelephoneNo = Blank\n"
    );
    // The state's letters depend on the country, so that both are looked at again.
    assert_eq!(change(&["BillingCountry"], &[]).unwrap().len(), 3);
    assert_eq!(
        change(&["Hold__c", "Credit__c"], &[("Hold__c", Value::Flag(true))]).unwrap()["CreditHold"],
        Value::Flag(true)
    );
    assert_eq!(change(&["Industry"], &[]).unwrap(), Fields::new());
    let fault = change(&["Name"], &[("Name", Value::Blank)]).unwrap_err();
    insta::assert_snapshot!(fault, @"E_CUSTOMER_FIELD_MISSING: Name of the account is blank, and Sage 100 does not take the account without it (CustomerName). Fill it in.");
}

#[test]
fn a_contacts_name_is_put_together_again() {
    let text = "[targets.crm.customer]\nmodule = \"Account\"\nkey_field = \"Sage_Key__c\"\n\
        [targets.crm.customer.fields]\nName = \"CustomerName\"\n\
        [targets.crm.contact]\nmodule = \"Contact\"\nkey_field = \"Sage_Key__c\"\nparent_field = \"AccountId\"\n\
        [targets.crm.contact.fields]\n\
        LastName = { from = \"ContactName\", with = \"last_name\", owner = \"both\" }\n\
        FirstName = { from = \"ContactName\", with = \"first_name\", owner = \"both\" }\n\
        Salutation = { from = [\"Salutation\", \"ContactName\"], with = \"salutation\" }\n\
        Email = { from = \"EmailAddress\", with = \"email\" }\n\
        [targets.crm.contact.create_in_sage]\nwhen = [{ field = \"Account.Sage_Key__c\", not = \"\" }]\nsince = 2020-01-01\ncode_field = \"Code__c\"\n";
    let config = target(text).entities[&Entity::CONTACT].clone();
    let contact = fields(&[
        ("Account.Sage_Key__c", super::text("ABC:01-ABF")),
        ("FirstName", super::text("Mary Ann")),
        ("LastName", super::text("van Houten Jr.")),
        ("Salutation", super::text("Dr.")),
        ("Email", super::text("mary@example.com")),
        ("Code__c", super::text("MARY")),
    ]);
    let create = config.to_sage.create.as_ref().unwrap();
    assert!(create.applies(&contact));
    let (code, columns) = create
        .child(Entity::CONTACT, &contact, &Lengths::new())
        .unwrap();
    assert_eq!(code.as_deref(), Some("MARY"));
    assert_eq!(
        show(&columns),
        "ContactName = Text(\"Mary Ann van Houten Jr.\")\nEmailAddress = Text(\"mary@example.com\")\nSalutation = Text(\"Dr.\")\n"
    );
    let changed = BTreeSet::from(["FirstName".to_owned()]);
    let columns = config
        .to_sage
        .changes(Entity::CONTACT, &contact, &changed, &Lengths::new(), None)
        .unwrap();
    assert_eq!(
        show(&columns),
        "ContactName = Text(\"Mary Ann van Houten Jr.\")\n"
    );
    assert_eq!(
        create
            .child(Entity::CONTACT, &Fields::new(), &Lengths::new())
            .unwrap_err()
            .code,
        "E_CONTACT_FIELD_MISSING"
    );
}

/// The columns that a contact's edit gives to Sage, where Sage holds `held`.
fn edit(maps: &str, held: &[(&str, &str)], field: &str, value: Value) -> Result<Fields, Fault> {
    let text = format!(
        "{CUSTOMER}[targets.crm.contact]\nmodule = \"Contact\"\nkey_field = \"Sage_Key__c\"\nparent_field = \"AccountId\"\n\
         [targets.crm.contact.fields]\nLastName = {{ from = \"ContactName\", with = \"last_name\", owner = \"both\" }}\n\
         FirstName = {{ from = \"ContactName\", with = \"first_name\", owner = \"both\" }}\n{maps}"
    );
    let config = target(&text).entities[&Entity::CONTACT].clone();
    let key = SageKey::new(
        &Company::new("ABC").unwrap(),
        Entity::CONTACT,
        "01-ABF/ARTIE",
    )
    .unwrap();
    let own = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("ContactCode", "ARTIE"),
    ];
    let columns = own.iter().chain(held);
    let columns = columns.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let record = Record::from_columns(&key, &columns.collect()).unwrap();
    let mut crm = config.map(&key, &record).unwrap().fields;
    crm.insert(field.to_owned(), value);
    let changed = BTreeSet::from([field.to_owned()]);
    let (lengths, held) = (Lengths::new(), Some(&record));
    config
        .to_sage
        .changes(Entity::CONTACT, &crm, &changed, &lengths, held)
}

const EMAIL: &str = "Email = { from = \"EmailAddress\", with = \"email\", owner = \"both\" }\n";

#[test]
fn an_address_that_a_crm_took_reaches_sage_and_only_a_blank_blanks() {
    let held = [("EmailAddress", "old@x.com")];
    for address in [
        "sales#west@example.com",
        "a..b@docomo.ne.jp",
        "\"a.b\"@x.com",
        "{x}@y.zz",
    ] {
        let made = edit(EMAIL, &held, "Email", text(address)).unwrap();
        assert_eq!(made["EmailAddress"], text(address));
    }
    let blanked = edit(EMAIL, &held, "Email", Value::Blank).unwrap();
    assert_eq!(blanked["EmailAddress"], Value::Blank);
    let fault = edit(EMAIL, &held, "Email", text("ask Artie")).unwrap_err();
    insta::assert_snapshot!(fault, @r#"E_CONTACT_VALUE_INVALID: Email of the contact is "ask Artie", which is no e-mail address. Correct it."#);
    // A state whose country is not known, and has no column that says so.
    let state = "S__c = \"State\"\nMailingState = { from = [\"State\", \"CountryCode\"], with = \"state_code\", owner = \"both\" }\n";
    let fault = edit(
        state,
        &[("State", "WI"), ("CountryCode", "ZZZ")],
        "MailingState",
        text("Bavaria"),
    );
    assert_eq!(fault.unwrap_err().code, "E_CONTACT_VALUE_INVALID");
}

#[test]
fn what_stands_beside_the_value_that_the_crm_shows_stays_in_sage() {
    let held = [
        ("EmailAddress", "ap@x.com; owner@y.com"),
        ("ContactName", "Dr. Artie Johnson"),
    ];
    for (field, value, column, expected) in [
        (
            "Email",
            text("new@x.com"),
            "EmailAddress",
            text("new@x.com; owner@y.com"),
        ),
        ("Email", Value::Blank, "EmailAddress", text("owner@y.com")),
        (
            "LastName",
            text("Jonson"),
            "ContactName",
            text("Dr. Artie Jonson"),
        ),
        (
            "FirstName",
            text("Mr. A."),
            "ContactName",
            text("Mr. A. Johnson"),
        ),
    ] {
        let made = edit(EMAIL, &held, field, value).unwrap();
        assert_eq!(made[column], expected, "{field}");
    }
}
