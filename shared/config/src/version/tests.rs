use counterpart_domain::Entity;

use crate::SyncConfig;
use crate::testing::entity;

fn version(text: &str) -> String {
    entity(text, Entity::CUSTOMER).version.to_string()
}

/// The default with one text replaced, which has to be there.
fn with(from: &str, to: &str) -> String {
    assert!(SyncConfig::DEFAULT.contains(from), "{from}");
    version(&SyncConfig::DEFAULT.replacen(from, to, 1))
}

#[test]
fn comments_order_and_other_parts_of_the_file_do_not_change_the_version() {
    let version = version(SyncConfig::DEFAULT);
    for (from, to) in [
        ("# Check", "# Do check"),
        ("page_size = 500", "page_size = 100"),
        ("data_center = \"us\"", "data_center = \"eu\""),
        ("Last_Name = {", "Last_Name={"),
        ("length = 80", "length = 70"),
        ("Fax = {", "\n\nFax = {"),
        ("create = \"always\"", ""),
        (
            "Billing_Country = \"CountryCode\"\nPhone = { from = [\"TelephoneNo\", \"TelephoneExt\"], with = \"phone\", length = 30 }",
            "Phone = { from = [\"TelephoneNo\", \"TelephoneExt\"], with = \"phone\", length = 30 }\nBilling_Country = \"CountryCode\"",
        ),
        (
            "Billing_City = \"City\"",
            "Billing_City = { from = \"City\" }",
        ),
    ] {
        assert_eq!(with(from, to), version, "{from}");
    }
}

#[test]
fn whatever_changes_what_is_written_changes_the_version() {
    let mut versions = vec![version(SyncConfig::DEFAULT)];
    for (from, to) in [
        ("module = \"Accounts\"", "module = \"Firms\""),
        ("key_field = \"Sage_Key\"", "key_field = \"Sage_Id\""),
        ("inactive = \"exclude\"", "inactive = \"sync\""),
        (
            "foreign_edit = \"report\"",
            "include = [{ when = 'City == \"\"' }]",
        ),
        ("#key_rule", "key_rule"),
        ("create = \"always\"", "create = \"never\""),
        ("update = \"all\"", "update = \"never\""),
        ("update = \"all\"", "update = [\"Phone\"]"),
        ("foreign_edit = \"report\"", "foreign_edit = \"revert\""),
        ("field = \"Owner\"", "field = \"Keeper\""),
        ("column = \"SalespersonNo\"", "column = \"UDF_MANAGER\""),
        ("unmapped = \"park\"", "unmapped = \"leave\""),
        ("unmapped = \"park\"", "unmapped = { admin = \"1\" }"),
        ("Billing_City = \"City\"", "Billing_Town = \"City\""),
        ("Billing_City = \"City\"", "Billing_City = \"State\""),
        ("Billing_City = \"City\"", ""),
        (
            "Billing_City = \"City\"",
            "Billing_City = { const = \"City\" }",
        ),
        (
            "Billing_City = \"City\"",
            "Billing_City = { from = \"City\", length = 30 }",
        ),
        (
            "Billing_City = \"City\"",
            "Billing_City = { from = \"City\", length = 30, cut = true }",
        ),
        (
            "Billing_City = \"City\"",
            "Billing_City = { from = \"City\", values = { a = \"b\" } }",
        ),
        (
            "Billing_City = \"City\"",
            "Billing_City = { from = \"City\", owner = \"crm\" }",
        ),
        (
            "with = \"website\", otherwise = \"blank\"",
            "with = \"website\"",
        ),
    ] {
        versions.push(with(from, to));
    }
    let count = versions.len();
    versions.sort();
    versions.dedup();
    assert_eq!(versions.len(), count);
}

#[test]
fn the_version_of_an_unchanged_file_stays_over_releases() {
    // Another digest here means that every record of every customer is compared again after an upgrade: raise the
    // number in `of` when that is meant.
    insta::assert_snapshot!(version(&crate::testing::fields("")), @"b350d8e34e2c97e01a031b6933ba0388");
}
