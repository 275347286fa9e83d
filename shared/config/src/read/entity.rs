//! `[targets.zoho.customer]`.

use std::collections::BTreeMap;

use counterpart_domain::reconcile::{
    CreateInCrm, FieldOwner, FieldRule, ForeignEdit, Policy, UpdateInCrm,
};
use counterpart_domain::{CrmId, Entity, digest_of};

use super::column::text_column;
use super::item::Item;
use super::rule::FOREIGN_EDIT;
use super::section::Section;
use super::{crm_fields, fields, filter, quiet, sale, suggest, words};
use crate::{
    Alike, CrmProfile, EntityConfig, FieldMap, KeyRule, OwnerConfig, RepDirection, UnmappedRep,
    version,
};

pub(super) fn read(
    mut section: Section<'_>,
    entity: Entity,
    crm: &CrmProfile,
    around: &sale::Around<'_>,
) -> EntityConfig {
    let usual = crm.entity(entity.name());
    let module = section
        .need(
            "module",
            &format!(
                "Add the CRM's module: module = \"{}\".",
                usual.map_or("NAME", |usual| usual.module)
            ),
        )
        .and_then(|item| words::api_name(&item));
    let key_field = section
        .need(
            "key_field",
            &format!(
                "Add the CRM's unique field for the Sage key: key_field = \"{}\".",
                usual.map_or("NAME", |usual| usual.key_field)
            ),
        )
        .and_then(|item| {
            let name = words::api_name(&item)?;
            crm_fields::key(&item, crm, &name);
            Some(name)
        });
    let foreign = section
        .get("foreign_edit")
        .and_then(|item| item.word(&FOREIGN_EDIT));
    let usual_rule = FieldRule {
        foreign_edit: foreign.unwrap_or(ForeignEdit::Report),
        ..FieldRule::default()
    };
    let mut rules = BTreeMap::new();
    let owner = section
        .get("owner")
        .and_then(|item| owner(&item, entity, crm, usual_rule, &mut rules));
    let parent_field = parent(&mut section, entity, crm);
    let filter = filter::read(&mut section, entity);
    let key_rule = section.get("key_rule").and_then(|item| key_rule(&item));

    let written = [
        ("key_field", key_field.as_deref()),
        ("parent_field", parent_field.as_deref()),
        (
            "owner.field",
            owner.as_ref().map(|owner| owner.field.as_str()),
        ),
    ];
    let taken = taken(&section, &written);
    let maps = section
        .need(
            "fields",
            "Add the mapped fields, such as [targets.NAME.customer.fields].",
        )
        .map(|item| fields::read(&item, entity, usual_rule, &taken, &mut rules))
        .unwrap_or_default();
    let create = [
        ("always", CreateInCrm::Always),
        ("never", CreateInCrm::Never),
    ];
    let create = section
        .get("create")
        .and_then(|item| item.word(&create))
        .unwrap_or_default();
    let alike = [("ask", Alike::Ask), ("create", Alike::Create)];
    let alike = section
        .get("alike")
        .and_then(|item| item.word(&alike))
        .unwrap_or_default();
    let update = section
        .get("update")
        .and_then(|item| update(&item, &rules))
        .unwrap_or_default();
    let module = module.unwrap_or_default();
    if let Some(fields) = section.get("fields").and_then(|item| item.table()) {
        for item in fields.entries() {
            crm_fields::field(&item, crm, entity, &module);
        }
    }
    if create == CreateInCrm::Always && section.has("fields") {
        mandatory(&section, crm, &module, &maps);
    }
    let to_sage = sale::to_sage(
        &mut section,
        &sale::Read {
            entity,
            maps: &maps,
            rules: &rules,
            owner: owner.as_ref(),
        },
        around,
    );
    let quiet = quiet::read(&mut section);
    section.finish();
    let mut config = EntityConfig {
        module,
        key_field: key_field.unwrap_or_default(),
        filter,
        key_rule,
        owner,
        parent_field,
        alike,
        fields: maps,
        policy: Policy {
            fields: rules,
            create,
            update,
        },
        to_sage,
        quiet,
        version: digest_of([]),
    };
    config.version = version::of(&config);
    config
}

/// The fields that Counterpart writes by itself, in lower case, each with its key; a field in two places is a finding.
fn taken(
    section: &Section<'_>,
    written: &[(&'static str, Option<&str>)],
) -> BTreeMap<String, &'static str> {
    let mut taken: BTreeMap<String, &'static str> = BTreeMap::new();
    for (key, field) in written {
        let Some(field) = field else { continue };
        if let Some(first) = taken.insert(field.to_ascii_lowercase(), key) {
            section.report(
                format!("`{first}` and `{key}` both name the field {field}."),
                "Give each a field of its own.",
            );
        }
    }
    taken
}

fn parent(section: &mut Section<'_>, entity: Entity, crm: &CrmProfile) -> Option<String> {
    if entity.parent().is_some() {
        let usual = crm
            .entity(entity.name())
            .and_then(|usual| usual.parent_field);
        let usual = usual.unwrap_or("NAME");
        return section
            .need(
                "parent_field",
                &format!(
                    "Add the CRM's field that points to the account: parent_field = \"{usual}\"."
                ),
            )
            .and_then(|item| reference(&item, crm, usual));
    }
    if let Some(item) = section.get("parent_field") {
        item.report(format!("A {entity} has no parent."), "Take it out here.");
    }
    None
}

/// The name of a field that points to another record.
fn reference(item: &Item<'_>, crm: &CrmProfile, usual: &str) -> Option<String> {
    let name = words::api_name(item)?;
    crm_fields::reference(item, crm, &name, usual);
    Some(name)
}

fn owner(
    item: &Item<'_>,
    entity: Entity,
    crm: &CrmProfile,
    usual_rule: FieldRule,
    rules: &mut BTreeMap<String, FieldRule>,
) -> Option<OwnerConfig> {
    let mut section = item.table()?;
    let usual = crm.owner_field;
    let field = section
        .need(
            "field",
            &format!("Add the CRM's owner field: field = \"{usual}\"."),
        )
        .and_then(|item| reference(&item, crm, usual));
    let column = section
        .need(
            "column",
            "Add the Sage column of the rep: column = \"SalespersonNo\", or a UDF.",
        )
        .and_then(|item| text_column(&item, entity));
    let unmapped = section
        .need(
            "unmapped",
            "Add unmapped = \"park\", \"leave\" or { admin = \"USER ID\" }.",
        )
        .and_then(|item| unmapped(&item, crm));
    let foreign = section
        .get("foreign_edit")
        .and_then(|item| item.word(&FOREIGN_EDIT));
    let directions = [
        ("sage_to_crm", RepDirection::SageToCrm),
        ("crm_to_sage", RepDirection::CrmToSage),
        ("both", RepDirection::Both),
    ];
    let direction = section
        .get("direction")
        .and_then(|item| item.word(&directions))
        .unwrap_or_default();
    if direction == RepDirection::Both && section.has("foreign_edit") {
        section.report(
            "`foreign_edit` has no effect on an owner that both may change.",
            "Take it out, or name one direction.",
        );
    }
    section.finish();
    let field = field?;
    let rule = FieldRule {
        owner: match direction {
            RepDirection::SageToCrm => FieldOwner::Sage,
            RepDirection::CrmToSage => FieldOwner::Crm,
            RepDirection::Both => FieldOwner::Both,
        },
        foreign_edit: foreign.unwrap_or(usual_rule.foreign_edit),
        ..usual_rule
    };
    rules.insert(field.clone(), rule);
    Some(OwnerConfig {
        field,
        column: column.unwrap_or_default(),
        unmapped: unmapped.unwrap_or(UnmappedRep::Park),
        direction,
    })
}

fn unmapped(item: &Item<'_>, crm: &CrmProfile) -> Option<UnmappedRep> {
    if !item.is_table() {
        const REMEDY: &str = "Write \"park\", \"leave\" or { admin = \"USER ID\" }.";
        match item.text()? {
            "park" => return Some(UnmappedRep::Park),
            "leave" => return Some(UnmappedRep::Leave),
            "admin" => item.report("The admin user is missing.", REMEDY),
            other => item.report(format!("{other:?} is not known here."), REMEDY),
        }
        return None;
    }
    let mut section = item.table()?;
    let admin = section.need("admin", "Write unmapped = { admin = \"USER ID\" }.");
    section.finish();
    let admin = admin?;
    let id = admin.filled()?;
    let full = (crm.ids.user)(id);
    if full.is_none() {
        admin.report(
            format!("{id:?} is not a {} user id.", crm.short),
            format!(
                "Use the user's id, {}, in quotes; `counterpart reps match` shows them.",
                crm.ids.user_words
            ),
        );
    }
    full.map(|id| UnmappedRep::Admin(CrmId(id)))
}

fn key_rule(item: &Item<'_>) -> Option<KeyRule> {
    let mut section = item.table()?;
    let length = section.get("length").and_then(|item| item.whole(1, 60));
    let mut allowed = Vec::new();
    if let Some(class) = section.get("allowed")
        && let Some(text) = class.filled()
    {
        match words::character_class(text) {
            Some(ranges) => allowed = ranges,
            None => class.report(
                format!("{text:?} names no characters."),
                "Write ranges and characters, such as \"A-Z0-9_-\".",
            ),
        }
    }
    if !section.has("length") && !section.has("allowed") {
        section.report("The rule says nothing.", "Add `allowed` or `length`.");
    }
    section.finish();
    Some(KeyRule { allowed, length })
}

fn update(item: &Item<'_>, rules: &BTreeMap<String, FieldRule>) -> Option<UpdateInCrm> {
    if !item.value().is_array() {
        return item.word(&[("all", UpdateInCrm::All), ("never", UpdateInCrm::Never)]);
    }
    let mut listed = Vec::new();
    for element in item.list()? {
        let Some(field) = element.text() else {
            continue;
        };
        if rules.contains_key(field) {
            listed.push(field.to_owned());
        } else {
            let remedy = suggest::remedy(field, rules.keys().map(String::as_str));
            element.report(format!("{field:?} is not a mapped field."), remedy);
        }
    }
    Some(UpdateInCrm::Listed(listed))
}

/// What the CRM wants at creation.
fn mandatory(section: &Section<'_>, crm: &CrmProfile, module: &str, maps: &[FieldMap]) {
    for wanted in crm.mandatory(module) {
        if !maps.iter().any(|map| map.field == *wanted) {
            section.report(
                format!("{wanted} is not mapped, and {module} takes no record without it."),
                format!("Map {wanted} in `fields`, or set create = \"never\"."),
            );
        }
    }
}
