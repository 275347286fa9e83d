//! A binding without a WSDL: the usual names, every list in alphabetical order. Nothing of it is verified, so it is used
//! only where somebody asks for it by name.

use std::collections::BTreeMap;

use super::check::{all_used, records};
use super::{BINDING_VERSION, Binding, Kind, Operation, Origin, Slot};
use crate::soap::fields;
use crate::soap::xml::Name;

/// What has to be known all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The namespace of the operations, `http://mas90.sage.com/ws`.
    pub namespace: String,
    /// The namespace of the objects' fields.
    pub data_namespace: String,
    /// The contract's name in `SOAPAction`, `IMasService`.
    pub contract: String,
}

impl Binding {
    /// The usual names in alphabetical order: for a service that shows no WSDL, where somebody has asked for it.
    #[must_use]
    pub fn guess(guess: &Guess) -> Self {
        let mut binding = Self {
            version: BINDING_VERSION,
            origin: Origin::Guess,
            operations: BTreeMap::new(),
            types: BTreeMap::new(),
        };
        let data = |local: &str, kind: Kind, repeated| Slot {
            name: Name::new(&guess.data_namespace, local),
            kind,
            nillable: true,
            required: false,
            repeated,
        };
        let complex = |name: &str| Kind::Complex(name.to_owned());
        let simple = |field: &str| Kind::Simple(fields::likely_type(field).to_owned());
        let mut put = |name: &str, list: &[&str]| {
            let mut slots: Vec<Slot> = list
                .iter()
                .map(|field| match *field {
                    "Lines" => data("Lines", complex("ArrayOfSalesOrderLine"), false),
                    "Payments" => data("Payments", complex("ArrayOfSalesOrderPayment"), false),
                    field => data(field, simple(field), false),
                })
                .collect();
            let fixed = matches!(name, "Logon" | "Field" | "ContractInformation");
            if !fixed {
                slots.push(data("OtherFields", complex("ArrayOfField"), false));
                slots.sort_by(|one, other| one.name.local.cmp(&other.name.local));
            }
            binding.types.insert(name.to_owned(), slots);
        };
        put("Logon", &["Password", "Username"]);
        put("Field", &["MasFieldName", "Value"]);
        put("ContractInformation", fields::CONTRACT_INFORMATION);
        for names in records() {
            put(names.object, names.members);
        }
        put("SalesOrder", fields::SALES_ORDER);
        put("SalesOrderLine", fields::SALES_ORDER_LINE);
        put("SalesOrderPayment", fields::SALES_ORDER_PAYMENT);
        for item in ["Field", "SalesOrderLine", "SalesOrderPayment"] {
            let list = vec![data(item, complex(item), true)];
            binding.types.insert(format!("ArrayOf{item}"), list);
        }
        let used = all_used().map(|used| (used.name, used.parameters));
        for (name, parameters) in used.chain([("GetContractInformation", &[] as &[&str])]) {
            let operation = operation(guess, name, parameters);
            binding.operations.insert(name.to_owned(), operation);
        }
        binding
    }
}

fn operation(guess: &Guess, name: &str, parameters: &[&str]) -> Operation {
    let own = |local: &str, kind: Kind| Slot {
        name: Name::new(&guess.namespace, local),
        kind,
        nillable: true,
        required: false,
        repeated: false,
    };
    let kind = |parameter: &str| match parameter {
        "logon" => Kind::Complex("Logon".into()),
        "salesOrder" => Kind::Complex("SalesOrder".into()),
        parameter => match records().find(|names| names.parameter == parameter) {
            Some(names) => Kind::Complex(names.object.into()),
            None => Kind::Simple("string".into()),
        },
    };
    let result = match name {
        "GetSalesOrder" => Some(Kind::Complex("SalesOrder".into())),
        "GetContractInformation" => Some(Kind::Complex("ContractInformation".into())),
        name if name.starts_with("GetNext") => Some(Kind::Simple("string".into())),
        name => records()
            .find(|names| names.get == name)
            .map(|names| Kind::Complex(names.object.into())),
    };
    let common: &[&str] = if name == "GetContractInformation" {
        &[]
    } else {
        &["logon", "companyCode"]
    };
    Operation {
        action: format!("{}/{}/{name}", guess.namespace, guess.contract),
        request: Name::new(&guess.namespace, name),
        parameters: common
            .iter()
            .chain(parameters)
            .map(|parameter| own(parameter, kind(parameter)))
            .collect(),
        response: Name::new(&guess.namespace, format!("{name}Response")),
        result: result.map(|kind| own(&format!("{name}Result"), kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{check, find};
    use super::*;

    #[test]
    fn a_guess_holds_all_that_is_used_in_alphabetical_order() {
        let binding = Binding::guess(&Guess {
            namespace: "http://mas90.sage.com/ws".into(),
            data_namespace: "urn:data".into(),
            contract: "IMasService".into(),
        });
        check(&binding).unwrap();
        let order = &binding.types["SalesOrder"];
        assert!(order.is_sorted_by(|one, next| one.name.local < next.name.local));
        assert!(find(order, "OtherFields").is_some());
        let stored = binding.to_json().unwrap();
        assert_eq!(Binding::from_json(&stored).unwrap(), Some(binding));
    }

    #[test]
    fn what_another_version_stored_is_learned_anew() {
        assert_eq!(
            Binding::from_json(r#"{"version": 0, "whatever": []}"#).unwrap(),
            None
        );
        assert_eq!(Binding::from_json("{}").unwrap_err().code, "E_SAGE_BINDING");
    }
}
