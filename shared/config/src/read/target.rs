//! `[targets.zoho]`.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::{Company, Entity};

use super::section::Section;
use super::{entity, quiet, sale, suggest, words};
use crate::{
    CRM_PROFILES, CompanyConfig, CrmProfile, CrmSettings, EntityConfig, Setting, SettingForm,
    TargetConfig,
};

type Companies = BTreeMap<Company, CompanyConfig>;

const DAY: u64 = 24 * 60 * 60;

pub(super) fn read(mut section: Section<'_>, name: &str, known: &Companies) -> TargetConfig {
    let [usual, ..] = CRM_PROFILES;
    let profile = section
        .need("crm", &format!("Add {}.", products()))
        .and_then(|item| item.word(&CRM_PROFILES.map(|profile| (profile.name, profile))))
        .unwrap_or(usual);
    let deadline = section
        .get("parent_deadline")
        .and_then(|item| item.duration("1m", "744h"));
    let ledger_days = section
        .get("ledger_days")
        .and_then(|item| item.whole(1, 3650));
    // A target's writer may read the secret of its own name, and no other.
    let secret = words::secret(&mut section, "secret", name);
    let crm = settings(&mut section, profile);
    let companies = companies(&mut section, known);
    let entities = entities(&mut section, profile, &companies, known);
    let orders = section
        .get("orders")
        .and_then(|item| item.table())
        .and_then(|table| sale::orders(table, profile, &companies, known, &entities));
    let events = section.get("events").and_then(|item| item.table());
    let modules: Vec<&str> = entities
        .values()
        .map(|config| config.module.as_str())
        .chain(
            orders
                .iter()
                .flat_map(|orders| orders.sources.iter())
                .map(|one| one.module.as_str()),
        )
        .collect();
    let events = sale::events(events, profile, name, &modules);
    let config = TargetConfig {
        crm,
        secret,
        companies,
        entities,
        parent_deadline: deadline
            .and_then(|span| Duration::try_from(span).ok())
            .unwrap_or(Duration::from_secs(DAY)),
        ledger_days: ledger_days.unwrap_or(90),
        orders,
        events,
        quiet: quiet::read(&mut section),
    };
    section.finish();
    config
}

/// The line that names a product, for each of them.
fn products() -> String {
    let lines = CRM_PROFILES.map(|profile| format!("crm = \"{}\"", profile.name));
    lines.join(" or ")
}

/// What only a target of this product has.
fn settings(section: &mut Section<'_>, profile: &'static CrmProfile) -> CrmSettings {
    let mut values = BTreeMap::new();
    for setting in profile.settings {
        values.extend(self::setting(section, setting).map(|value| (setting.key, value)));
    }
    CrmSettings::new(profile, values)
}

fn setting(section: &mut Section<'_>, setting: &Setting) -> Option<String> {
    if let SettingForm::Gone(remedy) = setting.form {
        section.gone(setting.key, remedy);
        return None;
    }
    let item = match setting.needed {
        Some(remedy) => section.need(setting.key, remedy),
        None => section.get(setting.key),
    }?;
    match setting.form {
        SettingForm::Word(words) => {
            let words: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
            item.word(&words).map(str::to_owned)
        }
        SettingForm::Loopback => words::loopback_url(&item),
        SettingForm::Text(check) => match check(item.filled()?) {
            Ok(text) => Some(text),
            Err(unfit) => {
                item.report(unfit.message, unfit.remedy);
                None
            }
        },
        SettingForm::Gone(_) => None,
    }
}

fn companies(section: &mut Section<'_>, known: &Companies) -> Vec<Company> {
    let mut companies = Vec::new();
    let item = section.need(
        "companies",
        "Name the companies that go there: companies = [\"ABC\"].",
    );
    let Some((item, list)) = item.and_then(|item| item.list().map(|list| (item, list))) else {
        return companies;
    };
    if list.is_empty() {
        item.report("No company goes to this target.", "Name at least one.");
    }
    for element in list {
        let Some(code) = element.text() else { continue };
        match known.keys().find(|company| company.as_str() == code) {
            Some(company) if companies.contains(company) => {
                element.report(format!("{code} is named twice."), "Name it once.");
            }
            Some(company) => companies.push(company.clone()),
            None => {
                let near = suggest::nearest(code, known.keys().map(Company::as_str));
                element.report(
                    format!("The company {code:?} is not defined."),
                    near.map_or_else(
                        || format!("Add [companies.{code}], or take it out here."),
                        |near| format!("Did you mean `{near}`?"),
                    ),
                );
            }
        }
    }
    companies
}

fn entities(
    section: &mut Section<'_>,
    crm: &CrmProfile,
    companies: &[Company],
    known: &Companies,
) -> BTreeMap<Entity, EntityConfig> {
    let around = sale::Around { companies, known };
    let mut entities: BTreeMap<Entity, EntityConfig> = BTreeMap::new();
    let wanted = || {
        Entity::ALL
            .into_iter()
            .filter(|entity| entity.goes_to_crm())
    };
    for entity in wanted() {
        let table = section.get(entity.name()).and_then(|item| item.table());
        if let Some(table) = table {
            entities.insert(entity, entity::read(table, entity, crm, &around));
        }
    }
    if !wanted().any(|entity| section.has(entity.name())) {
        section.report(
            "Nothing is written to this target.",
            "Add a table such as [targets.NAME.customer].",
        );
    }
    for entity in wanted().filter(|entity| section.has(entity.name())) {
        if let Some(parent) = entity.parent()
            && !section.has(parent.name())
        {
            let (child, parent) = (entity.plural(), parent.plural());
            section.report(
                format!("The {child} are written, but not the {parent} that they belong to."),
                format!(
                    "Add the table of the {parent} to this target, or take that of the {child} out."
                ),
            );
        }
    }
    let mut taken: BTreeMap<String, Entity> = BTreeMap::new();
    for (entity, config) in entities
        .iter()
        .filter(|(_, config)| !config.module.is_empty())
    {
        if let Some(first) = taken.insert(config.module.to_ascii_lowercase(), *entity) {
            section.report(
                format!(
                    "The {} and the {} both go to the module {}.",
                    first.plural(),
                    entity.plural(),
                    config.module
                ),
                "Give each a module of its own, such as Accounts and Contacts.",
            );
        }
    }
    entities
}
