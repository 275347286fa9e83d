//! The columns that the way to Sage writes, against what the companies' agents say of their tables.

use counterpart_config::{
    EntityConfig, OrdersConfig, SageFieldMap, SageWay, SyncConfig, TargetConfig,
};
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};
use counterpart_domain::{Company, TableSpec};
use counterpart_sage100::{AgentCompany, AgentField, AgentOrders};

use super::nearest;
use super::problem::Report;
use super::world::World;

/// The characters of our mark.
const MARK_LENGTH: u32 = 15;

/// A table of one company, as its agent serves it.
struct Served<'a> {
    company: &'a Company,
    table: &'static TableSpec,
    fields: &'a [AgentField],
}

/// Everything that is wrong.
pub(super) fn check(config: &SyncConfig, world: &World, report: &mut Report<'_>) {
    for (name, target) in &config.targets {
        for company in &target.companies {
            // Nothing goes to a company that is not written.
            let rules = config.companies.get(company);
            if rules.is_none_or(|rules| rules.write == SageWay::None) {
                continue;
            }
            let by_agent = rules.is_some_and(|rules| rules.write == SageWay::Agent);
            let Some(served) = company_of(world, company) else {
                continue;
            };
            let base = format!("targets.{name}");
            if by_agent {
                rights(target, served, company, report);
            }
            for (entity, config) in &target.entities {
                let spec = entity.spec();
                if spec.key_source.is_none() {
                    continue;
                }
                let Some(agent) = served.entities.get(entity.plural()) else {
                    continue;
                };
                let served = Served {
                    company,
                    table: &spec.table,
                    fields: &agent.fields,
                };
                of_entity(config, &served, &format!("{base}.{entity}"), report);
            }
            if let (Some(orders), Some(tables)) = (&target.orders, &served.orders) {
                of_orders(orders, company, tables, &format!("{base}.orders"), report);
            }
        }
    }
}

fn company_of<'w>(world: &'w World, company: &Company) -> Option<&'w AgentCompany> {
    let agent = world.agents.get(company)?.as_ref().ok()?;
    agent.companies.iter().find(|one| one.code == *company)
}

/// Whether the agent writes what it is to write.
fn rights(
    target: &TargetConfig,
    served: &AgentCompany,
    company: &Company,
    report: &mut Report<'_>,
) {
    let entities = target.entities.iter().filter_map(|(entity, config)| {
        let writes = config.to_sage.create.is_some() || !config.to_sage.columns.is_empty();
        writes.then_some(entity.plural())
    });
    let orders = target.orders.iter().map(|_| "orders");
    for what in entities.chain(orders) {
        if !served.writes.contains(what) {
            report.mistake(
                "E_CHECK_AGENT_WRITES",
                &format!("companies.{company}.write"),
                format!("The agent does not write the {what} of company {company}."),
                "Grant the token that, update the agent, or write by the SOAP service.",
            );
        }
    }
}

fn of_entity(config: &EntityConfig, served: &Served<'_>, base: &str, report: &mut Report<'_>) {
    served.maps(&config.to_sage.columns, &format!("{base}.to_sage"), report);
    if let Some(create) = &config.to_sage.create {
        served.maps(
            &create.columns,
            &format!("{base}.create_in_sage.columns"),
            report,
        );
    }
}

fn of_orders(
    orders: &OrdersConfig,
    company: &Company,
    tables: &AgentOrders,
    base: &str,
    report: &mut Report<'_>,
) {
    let header = Served {
        company,
        table: &ORDER_HEADER,
        fields: &tables.header.fields,
    };
    let lines = Served {
        company,
        table: &ORDER_LINE,
        fields: &tables.lines.fields,
    };
    let path = format!("{base}.reference_column");
    let mark = header.field(&orders.reference_column, &path, report);
    if let Some(most) = mark.and_then(|field| field.length)
        && most < MARK_LENGTH
    {
        report.mistake(
            "E_CHECK_REFERENCE_LENGTH",
            &path,
            format!(
                "{} takes {most} characters in company {company}; the mark by which an order is found again has {MARK_LENGTH}.",
                orders.reference_column
            ),
            format!("Give the UDF {MARK_LENGTH} characters or more."),
        );
    }
    for source in &orders.sources {
        let base = format!("{base}.sources.{}", source.module);
        header.maps(&source.columns, &format!("{base}.columns"), report);
        lines.maps(
            &source.lines.columns,
            &format!("{base}.lines.columns"),
            report,
        );
    }
}

impl Served<'_> {
    fn maps(&self, maps: &[SageFieldMap], base: &str, report: &mut Report<'_>) {
        for map in maps {
            let name = &map.column.name;
            let path = format!("{base}.{name}");
            let found = self.field(name, &path, report);
            let told = map.column.length.or(found.and_then(|field| field.length));
            if map.cut && found.is_some() && told.is_none() {
                report.warning(
                    "E_CHECK_CUT",
                    &path,
                    format!(
                        "`cut` has no effect: nobody tells how long {name} of company {} is.",
                        self.company
                    ),
                    "Add `length`: a longer text is refused by Sage 100 otherwise, and the record is parked.",
                );
            }
        }
    }

    /// A column that is written.
    fn field(&self, name: &str, path: &str, report: &mut Report<'_>) -> Option<&AgentField> {
        let company = self.company;
        let found = self.fields.iter().find(|field| field.name == *name);
        let Some(field) = found else {
            let names = self.fields.iter().map(|field| field.name.as_str());
            let message = format!(
                "{} of company {company} has no column {name} that the agent names.",
                self.table.in_sage
            );
            let remedy = nearest::remedy(
                name,
                names,
                "Add the UDF in Sage 100, or grant it at the agent.",
            );
            // Of what records are made of, agents name what they read.
            let read = !self.table.columns.is_empty();
            if read && !name.starts_with("UDF_") {
                report.warning("E_CHECK_COLUMN_UNSEEN", path, message, remedy);
            } else {
                report.mistake("E_CHECK_COLUMN", path, message, remedy);
            }
            return None;
        };
        if field.read_only {
            report.mistake(
                "E_CHECK_COLUMN_READ_ONLY",
                path,
                format!("Sage 100 fills {name} of company {company} by itself."),
                "Take it out.",
            );
        }
        Some(field)
    }
}
