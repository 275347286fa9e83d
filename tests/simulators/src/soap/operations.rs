//! The 20 operations of the service.

use super::types::Type;

/// What a parameter or a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A text.
    Text,
    /// An entity.
    Data(Type),
}

/// What an operation does to a record, as role security has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Nothing that needs a right, nor a logon.
    Open,
    /// It reads.
    View,
    /// It creates, modifies or removes.
    Write,
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Its parameters after logon and companyCode.
    pub parameters: &'static [(&'static str, What)],
    /// What it returns.
    pub result: Option<What>,
    /// What it does.
    pub task: Task,
}

const fn operation(
    name: &'static str,
    task: Task,
    parameters: &'static [(&'static str, What)],
    result: Option<What>,
) -> Operation {
    Operation {
        name,
        parameters,
        result,
        task,
    }
}

const CUSTOMER_KEY: &[(&str, What)] = &[("arDivisionNo", What::Text), ("customerNo", What::Text)];
const CONTACT_KEY: &[(&str, What)] = &[
    ("arDivisionNo", What::Text),
    ("customerNo", What::Text),
    ("contactCode", What::Text),
];
const ORDER_KEY: &[(&str, What)] = &[("salesOrderNo", What::Text)];
const CUSTOMER: &[(&str, What)] = &[("customer", What::Data(Type::Customer))];
const CONTACT: &[(&str, What)] = &[("customerContact", What::Data(Type::CustomerContact))];
const ORDER: &[(&str, What)] = &[("salesOrder", What::Data(Type::SalesOrder))];

/// All of them.
pub const OPERATIONS: [Operation; 20] = [
    operation(
        "GetContractInformation",
        Task::Open,
        &[],
        Some(What::Data(Type::ContractInformation)),
    ),
    operation(
        "GetDiagnosticInformation",
        Task::Open,
        &[],
        Some(What::Data(Type::DiagnosticInformation)),
    ),
    operation(
        "GetSalesOrder",
        Task::View,
        ORDER_KEY,
        Some(What::Data(Type::SalesOrder)),
    ),
    operation("GetNextSalesOrderNo", Task::Write, &[], Some(What::Text)),
    operation(
        "GetSalesOrderTemplate",
        Task::View,
        CUSTOMER_KEY,
        Some(What::Data(Type::SalesOrder)),
    ),
    operation(
        "PreviewSalesOrder",
        Task::View,
        ORDER,
        Some(What::Data(Type::SalesOrder)),
    ),
    operation("CreateSalesOrder", Task::Write, ORDER, None),
    operation("UpdateSalesOrder", Task::Write, ORDER, None),
    operation("DeleteSalesOrder", Task::Write, ORDER_KEY, None),
    operation(
        "GetCustomer",
        Task::View,
        CUSTOMER_KEY,
        Some(What::Data(Type::Customer)),
    ),
    operation("GetNextCustomerNo", Task::Write, &[], Some(What::Text)),
    operation("CreateCustomer", Task::Write, CUSTOMER, None),
    operation("UpdateCustomer", Task::Write, CUSTOMER, None),
    operation("DeleteCustomer", Task::Write, CUSTOMER_KEY, None),
    operation(
        "GetCustomerContact",
        Task::View,
        CONTACT_KEY,
        Some(What::Data(Type::CustomerContact)),
    ),
    operation("CreateCustomerContact", Task::Write, CONTACT, None),
    operation("UpdateCustomerContact", Task::Write, CONTACT, None),
    operation("DeleteCustomerContact", Task::Write, CONTACT_KEY, None),
    operation(
        "AddCreditCardToVault",
        Task::Write,
        &[("paymentType", What::Text), ("creditCardData", What::Text)],
        Some(What::Text),
    ),
    operation(
        "PreAuthorizeCreditCard",
        Task::Write,
        &[
            ("paymentType", What::Text),
            (
                "preAuthorizationData",
                What::Data(Type::PreAuthorizationData),
            ),
        ],
        Some(What::Data(Type::PreAuthorizationResult)),
    ),
];

impl Operation {
    /// The operation of a name.
    pub fn named(name: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }

    /// All its parameters in order, logon and companyCode among them.
    pub fn all_parameters(&self) -> Vec<(&'static str, What)> {
        let mut all = Vec::new();
        if self.task != Task::Open {
            all.push(("logon", What::Data(Type::Logon)));
            all.push(("companyCode", What::Text));
        }
        all.extend_from_slice(self.parameters);
        all
    }
}
