//! The SOAP service of a company: what it says of itself, whether it lets us in, and what was learned of it.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{SageFieldMap, SoapConfig, SyncConfig};
use counterpart_delivery::ports::Bindings;
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};
use counterpart_domain::{Company, Fault, TableSpec};
use counterpart_runtime::Deployment;
use counterpart_sage100::soap::{Binding, SoapClient, SoapSettings, learn};

use super::probe::{Found, Probe, Subject};

/// The probes, and a client where one can be made.
pub(super) async fn probes(
    deployment: &Deployment,
    config: &SyncConfig,
    company: &Company,
    service: &SoapConfig,
    keep: bool,
) -> (Vec<Probe>, Option<SoapClient>) {
    let subject = Subject::new("sage", company);
    let settings = match deployment.soap_settings(service).await {
        Ok(settings) => settings,
        Err(fault) => return (vec![subject.failed("web services", &fault)], None),
    };
    let columns = written_columns(config, company);
    let orders = config.targets.values();
    let orders = orders.filter_map(|target| target.orders.as_ref());
    let marks: BTreeSet<&str> = orders
        .filter(|orders| orders.company == *company)
        .map(|orders| orders.reference_column.as_str())
        .collect();
    let columns = Written {
        columns: &columns,
        marks: &marks,
    };
    of_service(
        &subject,
        company,
        &settings,
        columns,
        &*deployment.store,
        keep,
    )
    .await
}

/// What sync.toml has written.
#[derive(Clone, Copy)]
struct Written<'a> {
    columns: &'a Columns<'a>,
    /// The columns of orders that hold the mark.
    marks: &'a BTreeSet<&'a str>,
}

/// The columns that sync.toml has written, by table.
type Columns<'a> = BTreeMap<&'static TableSpec, BTreeSet<&'a str>>;

fn written_columns<'a>(config: &'a SyncConfig, company: &Company) -> Columns<'a> {
    let mut columns = Columns::new();
    let targets = config.targets.values();
    for target in targets.filter(|target| target.companies.contains(company)) {
        for (entity, config) in &target.entities {
            let spec = entity.spec();
            if spec.key_source.is_none() {
                continue;
            }
            let table = &spec.table;
            add(&mut columns, table, &config.to_sage.columns);
            if let Some(create) = &config.to_sage.create {
                add(&mut columns, table, &create.columns);
            }
        }
    }
    let orders = config.targets.values();
    let orders = orders.filter_map(|target| target.orders.as_ref());
    for orders in orders.filter(|orders| orders.company == *company) {
        for source in &orders.sources {
            add(&mut columns, &ORDER_HEADER, &source.columns);
            add(&mut columns, &ORDER_LINE, &source.lines.columns);
        }
        let header = columns.entry(&ORDER_HEADER).or_default();
        header.insert(&orders.reference_column);
    }
    columns
}

fn add<'a>(columns: &mut Columns<'a>, table: &'static TableSpec, maps: &'a [SageFieldMap]) {
    let names = maps.iter().map(|map| map.column.name.as_str());
    columns.entry(table).or_default().extend(names);
}

/// What was learned, for people, and where those columns go that the service has no element for.
fn facts(binding: &Binding, columns: &Columns<'_>) -> String {
    let mut facts = binding.facts();
    for (table, columns) in columns {
        let table = table.in_sage;
        let (lacking, has_place) = binding.without_element(table, columns.iter().copied());
        if lacking.is_empty() {
            continue;
        }
        let lacking = lacking.join(", ");
        facts.push(if has_place {
            format!("{table}: in OtherFields go {lacking}")
        } else {
            format!("{table}: there is no place for {lacking}, and what names them is refused")
        });
    }
    facts.join("; ")
}

/// Whether orders have a place for the mark; none where no order is written.
fn marked(binding: &Binding, marks: &BTreeSet<&str>) -> Option<Found> {
    if marks.is_empty() {
        return None;
    }
    let columns = || marks.iter().copied();
    let (lacking, has_place) = binding.without_element(ORDER_HEADER.in_sage, columns());
    let named = columns().collect::<Vec<_>>().join(", ");
    Some(if lacking.is_empty() {
        Found::Well(format!("orders have an element for {named}"))
    } else if has_place {
        Found::Well(format!(
            "{named} goes in OtherFields; --write --customer --item tries whether it is kept"
        ))
    } else {
        Found::Wrong(
            "E_REFERENCE_COLUMN",
            format!("orders have no place for {named}"),
            "No order is created without its mark: allow the column to the web services, or choose another reference_column.".into(),
        )
    })
}

/// `keep`: what is learned now takes the place of what is stored.
async fn of_service(
    subject: &Subject,
    company: &Company,
    settings: &SoapSettings,
    written: Written<'_>,
    bindings: &impl Bindings,
    keep: bool,
) -> (Vec<Probe>, Option<SoapClient>) {
    let (mut made, mut place) = (None, None);
    let work = async {
        let binding = learn(settings).await?;
        let found = compared(company, bindings, &binding, written.columns, keep).await?;
        place = marked(&binding, written.marks);
        made = Some(SoapClient::new(settings, binding)?);
        Ok(found)
    };
    let mut probes = vec![subject.probe("web services: description", work).await];
    if let Some(place) = place {
        let check = "web services: reference column";
        probes.push(subject.probe(check, async { Ok(place) }).await);
    }
    let Some(client) = made else {
        probes.push(subject.skipped(
            "web services: logon",
            "Their description has to be readable first.",
        ));
        return (probes, None);
    };
    let version = async {
        let told = client.contract_information().await?;
        Ok(Found::Well(format!(
            "contract {}, assembly {}, blank date {}",
            told.contract_version,
            told.assembly_version,
            told.null_date.as_deref().unwrap_or("not told")
        )))
    };
    probes.push(subject.probe("web services: version", version).await);
    let logon = async {
        client.logon(company).await?;
        Ok(Found::Well("the user is let in".into()))
    };
    probes.push(subject.probe("web services: logon", logon).await);
    (probes, Some(client))
}

/// What was learned now beside what is stored: a service that was changed drops what stands out of its order.
async fn compared(
    company: &Company,
    bindings: &impl Bindings,
    learned: &Binding,
    columns: &Columns<'_>,
    keep: bool,
) -> Result<Found, Fault> {
    let facts = facts(learned, columns);
    if keep {
        bindings.put_binding(company, &learned.to_json()?).await?;
        return Ok(Found::Well(format!("learned and stored: {facts}")));
    }
    let stored = match bindings.binding(company).await? {
        None => {
            return Ok(Found::Well(format!(
                "nothing is stored yet; the service says: {facts}"
            )));
        }
        Some(text) => Binding::from_json(&text)?,
    };
    Ok(match stored {
        Some(stored) if stored == *learned => Found::Well(facts),
        None => Found::Well(format!(
            "stored by another version, and learned anew at the next use: {facts}"
        )),
        Some(_) => Found::Doubtful(
            format!("the service is not what was learned of it; now it says: {facts}"),
            "`counterpart doctor --learn` stores what it says now.".into(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use counterpart_sage100::soap::{BINDING_VERSION, Kind, Name, Operation, Origin, Slot};

    use counterpart_domain::Entity;

    use super::*;

    fn slot(name: &str, kind: Kind) -> Slot {
        Slot {
            name: Name::new("urn:data", name),
            kind,
            nillable: true,
            required: false,
            repeated: false,
        }
    }

    /// A service that takes customers of these fields.
    fn service(fields: &[&str]) -> Binding {
        let text = || Kind::Simple("string".to_owned());
        let operation = Operation {
            action: "urn:ws/CreateCustomer".to_owned(),
            request: Name::new("urn:ws", "CreateCustomer"),
            parameters: vec![slot("customer", Kind::Complex("Customer".to_owned()))],
            response: Name::new("urn:ws", "CreateCustomerResponse"),
            result: None,
        };
        let fields = fields.iter().map(|field| slot(field, text()));
        Binding {
            version: BINDING_VERSION,
            origin: Origin::Wsdl,
            operations: BTreeMap::from([("CreateCustomer".to_owned(), operation)]),
            types: BTreeMap::from([("Customer".to_owned(), fields.collect())]),
        }
    }

    #[test]
    fn columns_without_an_element_are_named_with_where_they_go() {
        let columns = Columns::from([
            (
                &Entity::CUSTOMER.spec().table,
                BTreeSet::from(["CustomerName", "UDF_CRM"]),
            ),
            (&ORDER_HEADER, BTreeSet::from(["Comment"])),
        ]);
        let said = |fields| {
            let facts = facts(&service(fields), &columns);
            facts.split("; ").skip(2).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            said(&["CustomerName", "UDF_CRM"]),
            "",
            "nothing is said of what has its element, or of what is not written"
        );
        assert_eq!(
            said(&["CustomerName", "OtherFields"]),
            "AR_Customer: in OtherFields go UDF_CRM"
        );
        assert_eq!(
            said(&["CustomerName"]),
            "AR_Customer: there is no place for UDF_CRM, and what names them is refused"
        );
    }
}
