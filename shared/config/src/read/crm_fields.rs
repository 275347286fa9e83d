//! Names of fields that cannot work with a product, whatever the org is like.

use counterpart_domain::Entity;

use super::item::Item;
use crate::CrmProfile;

/// The key field.
pub(super) fn key(item: &Item<'_>, crm: &CrmProfile, name: &str) {
    if let Some(remedy) = crm.key.custom_only
        && !crm.is_custom(name)
    {
        let product = crm.short;
        item.report(
            format!("{name} is a standard field of {product}, which cannot hold the Sage key."),
            remedy,
        );
    }
}

/// A field that points to another record, where such fields have names of their own: `AccountId`, not `Account`.
pub(super) fn reference(item: &Item<'_>, crm: &CrmProfile, name: &str, usual: &str) {
    if !crm.may_point(name) {
        let custom = crm.fields.custom.unwrap_or_default();
        item.report(
            format!("{name} is no field that points to a record."),
            format!("Name the field with the id: \"{usual}\", or a custom one (…{custom})."),
        );
    }
}

/// A field of `fields`, in the module of an entity.
pub(super) fn field(item: &Item<'_>, crm: &CrmProfile, entity: Entity, module: &str) {
    let (name, product) = (item.name(), crm.short);
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    let of_entity = crm
        .entity(entity.name())
        .filter(|entry| entry.module == module)
        .map_or(&[][..], |entry| entry.composed);
    let mut composed = of_entity.iter().chain(crm.fields.composed);
    let mut lookups = crm.fields.lookups.iter();
    if crm.fields.own.iter().any(|own| is(own)) {
        item.report(format!("{product} fills {name} by itself."), "Take it out.");
    } else if let Some(composed) = composed.find(|composed| is(composed.field)) {
        let what = composed.what.unwrap_or(name);
        item.report(
            format!("{product} makes {what} out of its parts."),
            composed.remedy,
        );
    } else if let Some(lookup) = lookups.find(|lookup| {
        !lookup.relation.is_empty() && name.to_ascii_lowercase().ends_with(lookup.relation)
    }) {
        item.report(
            format!("{name} is a relation, not a field."),
            format!("Name the field itself, which ends with {}.", lookup.field),
        );
    }
}
