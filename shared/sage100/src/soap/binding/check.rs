//! Whether a binding holds what we write, and what is to be said about it.

use counterpart_domain::Fault;

use super::{Binding, Kind, Slot, find, lacks};

/// The operations that we use, and the object that each sends or returns.
pub(crate) const USED: &[(&str, &[&str], Option<Object>)] = &[
    ("GetSalesOrder", &["salesOrderNo"], Some(Object::Order)),
    ("GetNextSalesOrderNo", &[], None),
    ("CreateSalesOrder", &["salesOrder"], Some(Object::Order)),
    ("UpdateSalesOrder", &["salesOrder"], Some(Object::Order)),
    ("DeleteSalesOrder", &["salesOrderNo"], None),
    (
        "GetCustomer",
        &["arDivisionNo", "customerNo"],
        Some(Object::Customer),
    ),
    ("GetNextCustomerNo", &[], None),
    ("CreateCustomer", &["customer"], Some(Object::Customer)),
    ("UpdateCustomer", &["customer"], Some(Object::Customer)),
    (
        "GetCustomerContact",
        &["arDivisionNo", "customerNo", "contactCode"],
        Some(Object::Contact),
    ),
    (
        "CreateCustomerContact",
        &["customerContact"],
        Some(Object::Contact),
    ),
    (
        "UpdateCustomerContact",
        &["customerContact"],
        Some(Object::Contact),
    ),
];

/// The operations that create, and the parameter that holds the object.
const WRITTEN: [(&str, &str); 3] = [
    ("CreateSalesOrder", "salesOrder"),
    ("CreateCustomer", "customer"),
    ("CreateCustomerContact", "customerContact"),
];

/// What an operation carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Object {
    Order,
    Customer,
    Contact,
}

impl Object {
    /// Without these nothing can be written.
    const fn wanted(self) -> &'static [&'static str] {
        match self {
            Self::Order => &["SalesOrderNo", "ARDivisionNo", "CustomerNo", "Lines"],
            Self::Customer => &[
                "ARDivisionNo",
                "CustomerNo",
                "CustomerName",
                "SalespersonNo",
            ],
            Self::Contact => &["ARDivisionNo", "CustomerNo", "ContactCode", "ContactName"],
        }
    }
}

/// Passes if all that we use is there.
pub(crate) fn check(binding: &Binding) -> Result<(), Fault> {
    for (name, parameters, object) in USED {
        let operation = binding.operation(name)?;
        let parameter = |wanted: &str| {
            operation
                .parameter(wanted)
                .ok_or_else(|| lacks(format_args!("the parameter {wanted} of {name}")))
        };
        let logon = parameter("logon")?;
        all(binding, logon, &["Username", "Password"], "Logon")?;
        parameter("companyCode")?;
        for wanted in *parameters {
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
            check_object(binding, slot, *object, name)?;
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
        for (operation, parameter) in WRITTEN {
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
            "AR_Customer" => self.written("CreateCustomer", "customer"),
            "AR_CustomerContact" => self.written("CreateCustomerContact", "customerContact"),
            _ => None,
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
