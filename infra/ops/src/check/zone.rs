//! A moment of the CRM that goes into a day of Sage: which day it is, the company's time zone decides, and somebody has to name it.

use counterpart_config::{SageFieldMap, SageSource, SageWay, SageWith, SyncConfig, TargetConfig};
use counterpart_delivery::ports::{CrmFieldKind, CrmModule};
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};
use counterpart_domain::{ColumnKind, Company, TableSpec};

use super::lookup::follow;
use super::problem::Report;
use super::world::{TargetWorld, World};

/// Columns that are made of the fields of one module.
struct Maps<'a> {
    module: &'a str,
    maps: &'a [SageFieldMap],
    table: &'static TableSpec,
    path: String,
}

/// Names each of them, for the companies that are written and have no time zone.
pub(super) fn check(config: &SyncConfig, world: &World, report: &mut Report<'_>) {
    for (name, target) in &config.targets {
        let without: Vec<&Company> = target
            .companies
            .iter()
            .filter(|company| {
                let rules = config.companies.get(*company);
                rules.is_some_and(|rules| rules.write != SageWay::None && rules.time_zone.is_none())
            })
            .collect();
        let (Some(here), false) = (world.targets.get(name), without.is_empty()) else {
            continue;
        };
        for maps in columns(target, &format!("targets.{name}")) {
            let Some(Ok(Some(module))) = here.modules.get(maps.module) else {
                continue;
            };
            for map in maps.maps {
                let Some(field) = moment(target, here, module, &maps, map) else {
                    continue;
                };
                for company in &without {
                    tell(world, company, (&maps, map, field), report);
                }
            }
        }
    }
}

fn columns<'a>(target: &'a TargetConfig, base: &str) -> Vec<Maps<'a>> {
    let mut all = Vec::new();
    for (entity, config) in &target.entities {
        let table = &entity.spec().table;
        let module = config.module.as_str();
        let mut add = |maps: &'a [SageFieldMap], path: &str| {
            all.push(Maps {
                module,
                maps,
                table,
                path: format!("{base}.{entity}.{path}"),
            });
        };
        add(&config.to_sage.columns, "to_sage");
        if let Some(create) = &config.to_sage.create {
            add(&create.columns, "create_in_sage.columns");
        }
    }
    for source in target.orders.iter().flat_map(|orders| &orders.sources) {
        let base = format!("{base}.orders.sources.{}", source.module);
        all.push(Maps {
            module: &source.module,
            maps: &source.columns,
            table: &ORDER_HEADER,
            path: format!("{base}.columns"),
        });
        all.push(Maps {
            module: target.crm.profile().line_module(&source.lines.relation),
            maps: &source.lines.columns,
            table: &ORDER_LINE,
            path: format!("{base}.lines.columns"),
        });
    }
    all
}

/// The field of a moment that is to be a day.
fn moment<'a>(
    target: &TargetConfig,
    here: &TargetWorld,
    module: &CrmModule,
    maps: &Maps<'_>,
    map: &'a SageFieldMap,
) -> Option<&'a str> {
    let is_day =
        maps.table.kind(&map.column.name) == ColumnKind::Date || map.with == SageWith::Date;
    let SageSource::Fields(names) = &map.from else {
        return None;
    };
    let name = names.first().filter(|_| is_day)?;
    // What is wrong with the path itself is said where the sale is looked at.
    let mut unheard = Report::new("");
    let crm = target.crm.profile();
    let (_, field) = follow(crm, here, module, name, &maps.path, &mut unheard)?;
    (field.kind == CrmFieldKind::DateTime).then_some(name.as_str())
}

fn tell(
    world: &World,
    company: &Company,
    (maps, map, field): (&Maps<'_>, &SageFieldMap, &str),
    report: &mut Report<'_>,
) {
    let agent = world
        .agents
        .get(company)
        .and_then(|agent| agent.as_ref().ok());
    let said = agent.and_then(|agent| agent.time_zone.as_deref());
    let column = &map.column.name;
    let remedy = match said {
        Some(zone) => {
            format!("Add time_zone = {zone:?}, as its agent says, to [companies.{company}].")
        }
        None => format!(
            "Add the IANA name of its time zone to [companies.{company}], such as time_zone = \"America/Chicago\"."
        ),
    };
    report.warning(
        "E_CHECK_DAY_OF_MOMENT",
        &format!("{}.{column}", maps.path),
        format!(
            "{field} of {} is a date and time, and {column} a day: company {company} has no time zone, and the present offset of its Sage's clock decides.",
            maps.module
        ),
        remedy,
    );
}
