//! Whether a binding holds what we write, and what is to be said about it.

use counterpart_domain::entity::SoapNames;
use counterpart_domain::{Entity, Fault};

use super::{Binding, Kind, Slot, find, lacks};
use crate::soap::fields;

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

    const fn known(self) -> &'static [&'static str] {
        match self {
            Self::Order => fields::SALES_ORDER,
            Self::Record(names) => names.members,
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
        let order = ("CreateSalesOrder", "salesOrder", Object::Order);
        let records = records().map(|names| (names.create, names.parameter, Object::Record(names)));
        for (operation, parameter, object) in std::iter::once(order).chain(records) {
            let slot = self
                .operations
                .get(operation)
                .and_then(|operation| operation.parameter(parameter));
            if let Some(slot) = slot {
                facts.push(self.fact_of(slot, object));
            }
        }
        facts
    }

    fn fact_of(&self, slot: &Slot, object: Object) -> String {
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
        let lacking: Vec<&str> = object
            .known()
            .iter()
            .copied()
            .filter(|name| find(slots, name).is_none())
            .collect();
        let lacking = match lacking.as_slice() {
            [] => "all known fields".to_owned(),
            few if few.len() <= 5 => format!("without {}", few.join(", ")),
            many => format!("without {} known fields", many.len()),
        };
        format!("{type_name}: {order}, {other}, {lacking}")
    }
}
