//! The calls by which programs make objects and fields: `createMetadata` of the Metadata API (SOAP), and `CustomField` of
//! the Tooling API. What they make is seen by nobody until its permissions are granted.

mod answer;
mod permissions;
mod soap;
mod tooling;

pub use permissions::{
    FIELD_PERMISSIONS, PERMISSION_SET, PERMISSION_SET_ASSIGNMENT, after, check, fill,
};
pub use soap::serve;
pub use tooling::dispatch;

use super::{
    custom::{self, CustomField, CustomObject},
    errors::Fail,
    org::Org,
};

/// Makes an object. Its fields are hidden but for those that every record has.
///
/// # Errors
/// What is wrong with it.
fn create_object(org: &mut Org, declared: &CustomObject) -> Result<(), Fail> {
    let name = declared.full_name.as_str();
    if org.catalog.object(name).is_some() {
        return Err(Fail::row(
            "DUPLICATE_DEVELOPER_NAME",
            format!("There is already an object named {name}."),
        ));
    }
    custom::add_object(org, declared)?;
    for field in &declared.fields {
        permissions::hide(org, name, &field.full_name);
    }
    Ok(())
}

/// Makes a field of the object before the point in its name: `Account.Sage_Key__c`. It is hidden but for a mandatory one.
///
/// # Errors
/// What is wrong with it.
fn create_field(org: &mut Org, full_name: &str, declared: &CustomField) -> Result<(), Fail> {
    let (object, name) = full_name.split_once('.').ok_or_else(|| {
        Fail::row(
            "FIELD_INTEGRITY_EXCEPTION",
            format!(
                "Entity Enumeration Or ID: bad value for restricted picklist field: {full_name}"
            ),
        )
    })?;
    let object = org.catalog.object(object).ok_or_else(|| {
        Fail::row(
            "FIELD_INTEGRITY_EXCEPTION",
            format!("Entity Enumeration Or ID: bad value for restricted picklist field: {object}"),
        )
    })?;
    custom::add_field(org, object, name, declared)?;
    permissions::hide(org, object.name, name);
    Ok(())
}
