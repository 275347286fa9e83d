//! Whether a binding holds what we write, and what is to be said about it.

use counterpart_domain::entity::SoapNames;
use counterpart_domain::{Entity, Fault};

use super::{Binding, Kind, Slot, find, lacks};

/// An operation that we use.
pub(crate) struct Used {
    pub(crate) name: &'static str,
    /// Its parameters, beside logon and company.
    pub(crate) parameters: &'static [&'static str],
    /// The object that it sends or returns.
    pub(crate) object: Option<Object>,
}

const fn used(
    name: &'static str,
    parameters: &'static [&'static str],
    object: Option<Object>,
) -> Used {
    Used {
        name,
        parameters,
        object,
    }
}

/// Those of orders, and the next number of a customer.
const OF_ORDERS: [Used; 6] = [
    used("GetSalesOrder", &["salesOrderNo"], Some(Object::Order)),
    used("GetNextSalesOrderNo", &[], None),
    used("CreateSalesOrder", &["salesOrder"], Some(Object::Order)),
    used("UpdateSalesOrder", &["salesOrder"], Some(Object::Order)),
    used("DeleteSalesOrder", &["salesOrderNo"], None),
    used("GetNextCustomerNo", &[], None),
];

/// The entities that the service has.
pub(super) fn records() -> impl Iterator<Item = &'static SoapNames> {
    let all = Entity::ALL.into_iter();
    all.filter_map(|entity| entity.spec().soap.as_ref())
}

/// The operations that we use.
pub(crate) fn all_used() -> impl Iterator<Item = Used> {
    let of_records = records().flat_map(|names| {
        let parameter = std::slice::from_ref(&names.parameter);
        let object = Some(Object::Record(names));
        [
            used(names.get, names.key, object),
            used(names.create, parameter, object),
            used(names.update, parameter, object),
        ]
    });
    OF_ORDERS.into_iter().chain(of_records)
}

/// What an operation carries.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Object {
    Order,
    Record(&'static SoapNames),
}

impl Object {
    /// Without these nothing can be written.
    const fn wanted(self) -> &'static [&'static str] {
        match self {
            Self::Order => &["SalesOrderNo", "ARDivisionNo", "CustomerNo", "Lines"],
            Self::Record(names) => names.wanted,
        }
    }
}

/// Passes if all that we use is there.
pub(crate) fn check(binding: &Binding) -> Result<(), Fault> {
    for Used {
        name,
        parameters,
        object,
    } in all_used()
    {
        let operation = binding.operation(name)?;
        let parameter = |wanted: &str| {
            operation
                .parameter(wanted)
                .ok_or_else(|| lacks(format_args!("the parameter {wanted} of {name}")))
        };
        let logon = parameter("logon")?;
        all(binding, logon, &["Username", "Password"], "Logon")?;
        parameter("companyCode")?;
        for wanted in parameters {
            parameter(wanted)?;
        }
        if name.starts_with("Get") && operation.result.is_none() {
            return Err(lacks(format_args!("the result of {name}")));
        }
        if let Some(object) = object {
            let slot = match &operation.result {
                Some(result) if name.starts_with("Get") => result,
                _ => parameter(parameters.first().copied().unwrap_or_default())?,
            };
            check_object(binding, slot, object, name)?;
        }
    }
    Ok(())
}

fn check_object(
    binding: &Binding,
    slot: &Slot,
    object: Object,
    operation: &str,
) -> Result<(), Fault> {
    all(binding, slot, object.wanted(), operation)?;
    let slots = binding.fields(slot);
    if let Some(other) = find(slots, "OtherFields") {
        let (item, _) = binding
            .item(other)
            .ok_or_else(|| lacks(format_args!("the items of OtherFields of {operation}")))?;
        all(binding, item, &["MasFieldName", "Value"], "OtherFields")?;
    }
    if let Some(lines) = find(slots, "Lines") {
        let (item, _) = binding
            .item(lines)
            .ok_or_else(|| lacks(format_args!("the items of Lines of {operation}")))?;
        all(
            binding,
            item,
            &["ItemCode", "LineKey", "QuantityOrdered"],
            "Lines",
        )?;
    }
    Ok(())
}

fn all(binding: &Binding, slot: &Slot, wanted: &[&str], place: &str) -> Result<(), Fault> {
    let slots = binding.fields(slot);
    match wanted.iter().find(|name| find(slots, name).is_none()) {
        None => Ok(()),
        Some(name) => Err(lacks(format_args!("{name} of {place}"))),
    }
}

impl Binding {
    /// What is particular about this service, one fact per entry, for people.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        if let Some(operation) = self.operations.get("CreateSalesOrder") {
            facts.push(format!("namespace {}", operation.request.ns));
            facts.push(format!("SOAPAction {}", operation.action));
            if let Some(logon) = operation.parameter("logon") {
                let order: Vec<&str> = self
                    .fields(logon)
                    .iter()
                    .map(|slot| slot.name.local.as_str())
                    .collect();
                facts.push(format!("Logon is {}", order.join(", ")));
            }
        }
        facts.push(format!("{} operations", self.operations.len()));
        let order = ("CreateSalesOrder", "salesOrder");
        let records = records().map(|names| (names.create, names.parameter));
        for (operation, parameter) in std::iter::once(order).chain(records) {
            if let Some(slot) = self.written(operation, parameter) {
                facts.push(self.fact_of(slot));
            }
        }
        facts
    }

    /// Of these columns of a table, under Sage's name, those that have no element of their own: they go into `OtherFields`.
    /// And whether there is such a place. Nothing is lacking in a table that the service does not write.
    #[must_use]
    pub fn without_element<'c>(
        &self,
        table: &str,
        columns: impl IntoIterator<Item = &'c str>,
    ) -> (Vec<&'c str>, bool) {
        let object = match table {
            "SO_SalesOrderHeader" | "SO_SalesOrderDetail" => {
                self.written("CreateSalesOrder", "salesOrder")
            }
            table => Entity::ALL
                .into_iter()
                .find(|entity| entity.spec().table.in_sage == table)
                .and_then(|entity| entity.spec().soap.as_ref())
                .and_then(|names| self.written(names.create, names.parameter)),
        };
        let slot = match table {
            "SO_SalesOrderDetail" => object
                .and_then(|order| find(self.fields(order), "Lines"))
                .and_then(|lines| self.item(lines))
                .map(|(line, _)| line),
            _ => object,
        };
        let Some(slot) = slot else {
            return (Vec::new(), true);
        };
        let slots = self.fields(slot);
        let has = |column: &str| {
            slots
                .iter()
                .any(|slot| slot.name.local.eq_ignore_ascii_case(column))
        };
        let lacking = columns.into_iter().filter(|column| !has(column));
        (lacking.collect(), find(slots, "OtherFields").is_some())
    }

    fn written(&self, operation: &str, parameter: &str) -> Option<&Slot> {
        self.operations.get(operation)?.parameter(parameter)
    }

    fn fact_of(&self, slot: &Slot) -> String {
        let slots = self.fields(slot);
        let type_name = match &slot.kind {
            Kind::Complex(name) | Kind::Simple(name) => name,
        };
        let other = match slots
            .iter()
            .position(|slot| slot.name.local == "OtherFields")
        {
            None => "no OtherFields".to_owned(),
            Some(at) => format!("OtherFields at {} of {}", at + 1, slots.len()),
        };
        let own = || slots.iter().filter(|slot| slot.name.local != "OtherFields");
        let sorted = own()
            .zip(own().skip(1))
            .all(|(one, next)| one.name.local < next.name.local);
        let order = if sorted {
            "alphabetical"
        } else {
            "in an order of its own"
        };
        format!("{type_name}: {order}, {other}")
    }
}
