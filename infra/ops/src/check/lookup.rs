//! Fields by way of lookups: `Account.Sage_Key__c`, `Account_Name.Sage_Key`.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{CrmProfile, TargetConfig};
use counterpart_delivery::ports::{CrmField, CrmFieldKind, CrmModule};
use counterpart_domain::Fault;

use super::nearest;
use super::problem::Report;
use super::world::TargetWorld;

/// What the CRM said of its modules.
type Modules = BTreeMap<String, Result<Option<CrmModule>, Fault>>;

/// The modules that lookups of a target lead to, and that are not known yet.
pub(super) fn next(target: &TargetConfig, known: &Modules) -> BTreeSet<String> {
    let mut next = BTreeSet::new();
    for (module, path) in paths(target) {
        let mut at = module;
        let parts: Vec<&str> = path.split('.').collect();
        let lookups = parts.len().saturating_sub(1);
        for part in parts.into_iter().take(lookups) {
            let Some(Ok(Some(described))) = known.get(&at) else {
                break;
            };
            let Some(leads) = next_module(described, part) else {
                break;
            };
            at.clone_from(leads);
        }
        if !known.contains_key(&at) {
            next.insert(at);
        }
    }
    next
}

/// Every field that is read for the way to Sage, with the module where its path begins.
fn paths(target: &TargetConfig) -> Vec<(String, String)> {
    let crm = target.crm.profile();
    let mut paths = Vec::new();
    let mut add = |module: &str, fields: Vec<String>| {
        paths.extend(fields.into_iter().map(|field| (module.to_owned(), field)));
    };
    for config in target.entities.values() {
        if let Some(create) = &config.to_sage.create {
            add(&config.module, create.query_fields());
        }
    }
    for source in target.orders.iter().flat_map(|orders| &orders.sources) {
        add(&source.module, source.query_fields());
        let lines = crm.line_module(&source.lines.relation);
        add(lines, source.query_line_fields());
    }
    paths
}

/// The module that the first part of a path leads to, where it leads to one only.
fn next_module<'m>(module: &'m CrmModule, part: &str) -> Option<&'m String> {
    match lookup(module, part)?.references.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// The lookup that a path calls by this name. That need not be the field's own: the describe tells it.
fn lookup<'m>(module: &'m CrmModule, part: &str) -> Option<&'m CrmField> {
    let called = |field: &&CrmField| field.relation.as_deref() == Some(part);
    module.fields.iter().find(called)
}

/// The reference that somebody means who calls it so, although the CRM lets nobody follow it by any name.
fn closed<'m>(crm: &CrmProfile, module: &'m CrmModule, part: &str) -> Option<&'m CrmField> {
    module.fields.iter().find(|field| {
        let name = field.name.as_str();
        field.kind == CrmFieldKind::Reference
            && field.relation.is_none()
            && (name == part || crm.relation_of(name).as_deref() == Some(part))
    })
}

/// The field at the end of a path, with its module. An unknown name on the way is a mistake; what lies in a module that was
/// not read is left alone.
pub(super) fn follow<'m>(
    crm: &CrmProfile,
    here: &'m TargetWorld,
    module: &'m CrmModule,
    field_path: &str,
    path: &str,
    report: &mut Report<'_>,
) -> Option<(&'m CrmModule, &'m CrmField)> {
    let Some((first, rest)) = field_path.split_once('.') else {
        return self::field(module, field_path, path, report).map(|field| (module, field));
    };
    if lookup(module, first).is_none() {
        not_a_lookup(crm, module, first, path, report);
        return None;
    }
    let next = next_module(module, first)?;
    match here.modules.get(next) {
        Some(Ok(Some(module))) => follow(crm, here, module, rest, path, report),
        _ => None,
    }
}

fn not_a_lookup(
    crm: &CrmProfile,
    module: &CrmModule,
    first: &str,
    path: &str,
    report: &mut Report<'_>,
) {
    let of = &module.name;
    if let Some(field) = closed(crm, module, first) {
        let name = &field.name;
        report.mistake(
            "E_CHECK_LOOKUP_CLOSED",
            path,
            format!(
                "{of}.{name} tells an id and leads nowhere: the CRM has no relationship there, so nothing of the record \
                 that it points to can be read with {of}."
            ),
            format!("Name {name} itself if its id will do, map another field, or take this out."),
        );
        return;
    }
    let relations = module
        .fields
        .iter()
        .filter_map(|field| field.relation.as_deref());
    report.mistake(
        "E_CHECK_FIELD_UNKNOWN",
        path,
        format!("{of} has no lookup {first} that we can see."),
        nearest::remedy(
            first,
            relations,
            "Name a lookup of the record, let the integration user see it, or take this out.",
        ),
    );
}

fn field<'m>(
    module: &'m CrmModule,
    name: &str,
    path: &str,
    report: &mut Report<'_>,
) -> Option<&'m CrmField> {
    let found = module.fields.iter().find(|field| field.name == name);
    if found.is_none() {
        let names = module.fields.iter().map(|field| field.name.as_str());
        report.mistake(
            "E_CHECK_FIELD_UNKNOWN",
            path,
            format!("{} has no field {name} that we can see.", module.name),
            nearest::remedy(
                name,
                names,
                &format!(
                    "Create the field in {}, let the integration user see it, or take this out.",
                    module.name
                ),
            ),
        );
    }
    found
}
