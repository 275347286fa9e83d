//! What cannot work with Salesforce, whatever the org is like.

use counterpart_domain::Entity;

use super::item::Item;

/// The key field: only a custom field can be an External ID that Counterpart fills.
pub(super) fn key_field(item: &Item<'_>, name: &str) {
    if !is_custom(name) {
        item.report(
            format!("{name} is a standard field of Salesforce, which cannot hold the Sage key."),
            "Make a custom text field of 255 characters, marked External ID and Unique: \"Sage_Key__c\".",
        );
    }
}

/// A field that points to another record is named by its id: `AccountId`, not `Account`.
pub(super) fn reference(item: &Item<'_>, name: &str, usual: &str) {
    if !name.ends_with("Id") && !is_custom(name) {
        item.report(
            format!("{name} is no field that points to a record."),
            format!("Name the field with the id: \"{usual}\", or a custom one (…__c)."),
        );
    }
}

/// A field of `fields`.
pub(super) fn field(item: &Item<'_>, name: &str, entity: Entity, object: &str) {
    const ITS_OWN: [&str; 7] = [
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    ];
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if ITS_OWN.into_iter().any(is) {
        item.report(
            format!("Salesforce fills {name} by itself."),
            "Take it out.",
        );
    } else if entity == Entity::CONTACT && object == "Contact" && is("Name") {
        item.report(
            "Salesforce makes a contact's Name out of its parts.",
            "Map LastName, FirstName and Salutation.",
        );
    } else if let Some(kind) = ["Billing", "Shipping", "Mailing", "Other"]
        .into_iter()
        .find(|kind| is(&format!("{kind}Address")))
    {
        item.report(
            format!("Salesforce makes {name} out of its parts."),
            format!(
                "Map {kind}Street, {kind}City, {kind}State, {kind}PostalCode and {kind}Country."
            ),
        );
    } else if name.to_ascii_lowercase().ends_with("__r") {
        item.report(
            format!("{name} is a relation, not a field."),
            "Name the field itself, which ends with __c.",
        );
    }
}

fn is_custom(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("__c")
}
