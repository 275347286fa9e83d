//! `to_sage` and `create_in_sage` of an entity: what goes from the CRM to Sage.

use std::collections::BTreeMap;

use counterpart_domain::entity::KeySource;
use counterpart_domain::reconcile::{FieldOwner, FieldRule};
use counterpart_domain::{Company, Entity};

use super::super::item::Item;
use super::super::section::Section;
use super::super::{suggest, words};
use super::orders::named;
use super::write_back::Of;
use super::{columns, condition, inverse, since, write_back};
use crate::{
    CompanyConfig, CreateInSage, FieldMap, OwnerConfig, SageFieldMap, SageSource, SageWay, ToSage,
};

/// What is known around an entity.
pub(in crate::read) struct Around<'a> {
    /// The target's companies.
    pub(in crate::read) companies: &'a [Company],
    /// All companies.
    pub(in crate::read) known: &'a BTreeMap<Company, CompanyConfig>,
}

/// The entity as far as it is read.
pub(in crate::read) struct Read<'a> {
    pub(in crate::read) entity: Entity,
    pub(in crate::read) maps: &'a [FieldMap],
    pub(in crate::read) rules: &'a BTreeMap<String, FieldRule>,
    pub(in crate::read) owner: Option<&'a OwnerConfig>,
}

impl Read<'_> {
    fn goes_back(&self, field: &str) -> bool {
        let rule = self.rules.get(field);
        rule.is_some_and(|rule| rule.owner != FieldOwner::Sage)
    }
}

pub(in crate::read) fn read(
    section: &mut Section<'_>,
    read: &Read<'_>,
    around: &Around<'_>,
) -> ToSage {
    let Some(key_source) = read.entity.spec().key_source else {
        for map in read.maps.iter().filter(|map| read.goes_back(&map.field)) {
            let message = format!("A {} is changed in Sage alone.", read.entity);
            at_field(section, &map.field, &message, "Leave `owner` out.");
        }
        return ToSage::default();
    };
    let table = &read.entity.spec().table;
    let mut given = Vec::new();
    if let Some(item) = section.get("to_sage") {
        given = columns::read(&item, table, |item, map| of_mapped_fields(item, map, read));
    }
    let mut all = given;
    for map in read.maps.iter().filter(|map| read.goes_back(&map.field)) {
        let named = all.iter().any(|one| reads(one, &map.field));
        // What is cut in the CRM would come back shorter.
        let both = read
            .rules
            .get(&map.field)
            .is_some_and(|rule| rule.owner == FieldOwner::Both);
        let derived = inverse::of(map, read.maps, read.entity).filter(|_| !(both && map.cut));
        match derived {
            Some(derived) if !named => add(&mut all, derived),
            None if !named => no_way_back(section, &map.field),
            _ => {}
        }
    }
    let create = section
        .get("create_in_sage")
        .and_then(|item| create(&item, key_source, read, around, &all));
    ToSage {
        columns: all,
        create,
    }
}

fn reads(map: &SageFieldMap, field: &str) -> bool {
    matches!(&map.from, SageSource::Fields(fields) if fields.iter().any(|one| one == field))
}

/// Adds columns that are not there yet.
fn add(all: &mut Vec<SageFieldMap>, more: Vec<SageFieldMap>) {
    for map in more {
        if !all.iter().any(|one| one.column.name == map.column.name) {
            all.push(map);
        }
    }
}

fn no_way_back(section: &mut Section<'_>, field: &str) {
    at_field(
        section,
        field,
        "The CRM's value could not be brought back to Sage through this mapping.",
        "Let one side own the field, or map one column as it is, and not cut.",
    );
}

fn at_field(section: &mut Section<'_>, field: &str, message: &str, remedy: &str) {
    let fields = section.get("fields").and_then(|item| item.table());
    let item = fields.and_then(|fields| fields.entries().find(|item| item.name() == field));
    if let Some(item) = item {
        item.report(message, remedy);
    }
}

/// An edit is noticed by the fields that are mapped.
fn of_mapped_fields(item: &Item<'_>, map: &SageFieldMap, read: &Read<'_>) {
    let SageSource::Fields(fields) = &map.from else {
        item.report(
            "A constant is no edit of the CRM's.",
            "Name a mapped field; a constant of new records belongs to `create_in_sage`.",
        );
        return;
    };
    for field in fields {
        if !read.maps.iter().any(|map| map.field == *field) {
            let mapped = read.maps.iter().map(|map| map.field.as_str());
            item.report(
                format!("{field:?} is not a mapped field."),
                suggest::remedy(field, mapped),
            );
        }
    }
    let mapped = |field: &String| read.maps.iter().any(|map| map.field == *field);
    if fields.iter().any(mapped) && !fields.iter().any(|field| read.goes_back(field)) {
        item.report(
            "Sage owns this field, so that no edit of it goes to Sage.",
            "Add owner = \"both\" or owner = \"crm\" to the field, or take this out.",
        );
    }
}

fn create(
    item: &Item<'_>,
    key_source: KeySource,
    read: &Read<'_>,
    around: &Around<'_>,
    to_sage: &[SageFieldMap],
) -> Option<CreateInSage> {
    let mut section = item.table()?;
    let when = section.need(
        "when",
        "Say which records become Sage's: when = [{ field = \"Type\", equals = \"Client\" }].",
    );
    if let Some(item) = &when
        && item.value().as_array().is_some_and(|list| list.is_empty())
    {
        item.report(
            "The list is empty; no record would ever hold.",
            "Add a condition.",
        );
    }
    let when = when.map(|item| condition::list(&item)).unwrap_or_default();
    let since = since::read(
        &mut section,
        "Add the day that you go live: since = 2026-12-01. What was there before it is not created by itself.",
    );
    let company = company(&mut section, key_source, read.entity, around);
    let company_field = path(&mut section, "company_field");
    let number_name = match key_source {
        KeySource::NextCustomerNumber => "number_field",
        KeySource::OfName { .. } => "code_field",
    };
    let number_field = path(&mut section, number_name);
    let division = section.get("division");
    if let Some(parent) = below(key_source, read.entity)
        && (company_field.is_some() || division.is_some())
    {
        section.report(
            format!(
                "A {} goes to its {parent}'s company and division.",
                read.entity
            ),
            "Take `company_field` and `division` out here.",
        );
    }
    let division = division.and_then(|item| self::division(&item));
    let then = section.get("then_sage_owned").and_then(|item| item.flag());
    let mut columns = Vec::new();
    if let Some(item) = section.get("columns") {
        columns = columns::read(&item, &read.entity.spec().table, |_, _| {});
    }
    add(&mut columns, to_sage.to_vec());
    for map in read.maps {
        let named = columns.iter().any(|one| reads(one, &map.field));
        if !named && let Some(derived) = inverse::of(map, read.maps, read.entity) {
            add(&mut columns, derived);
        }
    }
    for map in &mut columns {
        let fixed = matches!(map.from, SageSource::Const(_)) || map.default.is_some();
        map.required |= inverse::is_needed(&map.column.name, read.entity) && !fixed;
    }
    named_record(&section, read, &columns);
    let write_back = write_back::read(&mut section, Of::Record);
    section.finish();
    Some(CreateInSage {
        when,
        since,
        company: company?,
        company_field,
        companies: around.companies.to_vec(),
        division: division.unwrap_or_else(|| "00".to_owned()),
        number_field,
        rep_column: read.owner.map(|owner| owner.column.clone()),
        columns,
        then_sage_owned: then.unwrap_or(true),
        write_back,
    })
}

/// Sage takes no record without a name, and none that has a salesperson without one.
fn named_record(section: &Section<'_>, read: &Read<'_>, columns: &[SageFieldMap]) {
    let has = |name: &str| columns.iter().any(|map| map.column.name == name);
    let spec = read.entity.spec();
    let name = spec.identity.name;
    if !has(name) {
        section.report(
            format!(
                "Nothing goes to {name}, and Sage takes no {} without it.",
                read.entity
            ),
            format!("Add columns = {{ {name} = \"FIELD\" }}."),
        );
    }
    let Some(rep) = spec.rep.as_ref().map(|rep| rep.number) else {
        return;
    };
    let of_owner = read.owner.is_some_and(|owner| owner.column == rep);
    if !of_owner && !has(rep) {
        section.report(
            format!(
                "Nothing goes to {rep}, and Sage takes no {} without a salesperson.",
                read.entity
            ),
            format!(
                "Add `owner` with column = \"{rep}\", or columns = {{ {rep} = {{ const = \"0100\" }} }}."
            ),
        );
    }
}

/// The entity whose company and division a new record goes to; none: the configuration says them.
fn below(key_source: KeySource, entity: Entity) -> Option<Entity> {
    match key_source {
        KeySource::NextCustomerNumber => None,
        KeySource::OfName { .. } => entity.parent(),
    }
}

fn company(
    section: &mut Section<'_>,
    key_source: KeySource,
    entity: Entity,
    around: &Around<'_>,
) -> Option<Company> {
    let item = section.get("company");
    if let Some(parent) = below(key_source, entity) {
        if let Some(item) = item {
            item.report(
                format!("A {entity} goes to its {parent}'s company."),
                "Take it out here.",
            );
        }
        return around.companies.first().cloned();
    }
    let company = match (&item, around.companies) {
        (Some(item), companies) => named(item, companies),
        (None, [only]) => Some(only.clone()),
        (None, []) => None,
        (None, _) => {
            section.report(
                "`company` is missing, and the target has several.",
                "Add the company that new customers go to: company = \"ABC\".",
            );
            None
        }
    }?;
    let config = around.known.get(&company);
    if config.is_none_or(|config| config.write == SageWay::None) {
        section.report(
            format!("Nothing is written to the company {company}."),
            format!("Add write = \"agent\" or write = {{ soap = … }} to [companies.{company}]."),
        );
    }
    Some(company)
}

fn path(section: &mut Section<'_>, name: &'static str) -> Option<String> {
    section.get(name).and_then(|item| words::crm_path(&item))
}

/// `ARDivisionNo`: two characters.
fn division(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    let sound = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !sound {
        item.report(
            format!("{text:?} is no division."),
            "Write its two characters; \"00\" where divisions are not used.",
        );
    }
    sound.then(|| text.to_owned())
}
