//! Who may see a field. What a program makes is hidden, from administrators, too, until `FieldPermissions` of a permission set
//! that the user has say otherwise; mandatory fields and masters are seen by all.

use serde_json::json;

use crate::salesforce::{
    errors::Fail,
    ids::Id,
    org::Org,
    schema::{Field, Kind, Object},
    store::Record,
};

/// PermissionSet: here one that the integration user has.
pub const PERMISSION_SET: Object = Object {
    name: "PermissionSet",
    label: "Permission Set",
    plural: "Permission Sets",
    prefix: "0PS",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("Name", "Permission Set Name", Kind::Text, 80),
        Field::system("Label", "Permission Set Label", Kind::Text, 80),
        Field::reference("ProfileId", "Profile ID", "Profile", "Profile").read_only(),
        Field::system("IsOwnedByProfile", "Is Owned By Profile", Kind::Boolean, 0),
    ],
};

/// PermissionSetAssignment.
pub const PERMISSION_SET_ASSIGNMENT: Object = Object {
    name: "PermissionSetAssignment",
    label: "Permission Set Assignment",
    plural: "Permission Set Assignments",
    prefix: "0Pa",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference(
            "PermissionSetId",
            "PermissionSet ID",
            "PermissionSet",
            "PermissionSet",
        )
        .read_only(),
        Field::reference("AssigneeId", "Assignee ID", "User", "Assignee").read_only(),
    ],
};

/// FieldPermissions.
pub const FIELD_PERMISSIONS: Object = Object {
    name: "FieldPermissions",
    label: "Field Permissions",
    plural: "Field Permissions",
    prefix: "01k",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference("ParentId", "Parent ID", "PermissionSet", "Parent")
            .required()
            .not_updateable()
            .children("FieldPerms"),
        Field::new("SobjectType", "SObject Type Name", Kind::Text, 40).required(),
        Field::new("Field", "Field Name", Kind::Text, 255).required(),
        Field::new("PermissionsRead", "Read Field", Kind::Boolean, 0).defaulted(),
        Field::new("PermissionsEdit", "Edit Field", Kind::Boolean, 0).defaulted(),
    ],
};

/// The permission set of the integration user.
pub fn fill(org: &mut Org) {
    let user = org.integration_user();
    let (set, given) = (
        Id::new(PERMISSION_SET.prefix, 1),
        Id::new(PERMISSION_SET_ASSIGNMENT.prefix, 1),
    );
    let now = org.now();
    let mut record = Record::new(set.clone(), now, &user);
    record.values.insert("Name", json!("Sage_Integration"));
    record.values.insert("Label", json!("Sage Integration"));
    org.put(&PERMISSION_SET, record);
    let mut record = Record::new(given, now, &user);
    record.values.insert("PermissionSetId", json!(set.as_str()));
    record.values.insert("AssigneeId", json!(user.as_str()));
    org.put(&PERMISSION_SET_ASSIGNMENT, record);
}

/// The field of a name such as `Account.Sage_Key__c`.
fn named(org: &Org, name: &str) -> Option<(&'static Object, &'static Field)> {
    let (object, field) = name.split_once('.')?;
    let object = org.catalog.object(object)?;
    Some((object, object.field(field)?))
}

/// Whether permissions can be granted.
///
/// # Errors
/// There is no such field, or everybody sees it anyway.
pub fn check(org: &Org, record: &Record) -> Result<(), Fail> {
    let name = record.text("Field");
    match named(org, name) {
        Some((_, field)) if !field.required => Ok(()),
        _ => Err(Fail::field(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Field",
            format!("Field Name: bad value for restricted picklist field: {name}"),
        )),
    }
}

/// What became of permissions that were written.
pub fn after(org: &mut Org, record: &Record) {
    let read =
        record.values.get("PermissionsRead") == Some(&json!(true)) && record.deleted.is_none();
    let edit = read && record.values.get("PermissionsEdit") == Some(&json!(true));
    if let Some((object, field)) = named(org, record.text("Field")) {
        set(org, object, field, read, edit);
    }
}

/// Hides a field that was just made.
pub fn hide(org: &mut Org, object: &str, field: &str) {
    if let Some((object, field)) = named(org, &format!("{object}.{field}"))
        && !field.required
    {
        set(org, object, field, false, false);
    }
}

fn set(org: &mut Org, object: &'static Object, field: &'static Field, read: bool, edit: bool) {
    if !field.is_custom() || field.calculated {
        return;
    }
    let mut fields = object.fields.to_vec();
    for known in fields.iter_mut().filter(|known| known.name == field.name) {
        known.hidden = !read;
        known.createable = edit;
        known.updateable = edit;
    }
    org.define(Object {
        fields: fields.leak(),
        ..*object
    });
}
