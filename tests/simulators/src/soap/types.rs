//! The types of the service: members, their types, their order.

use super::{
    binding::{Binding, OtherFields},
    line_members::{LINE, PAYMENT},
    members::{CONTACT, CUSTOMER, ORDER},
};
use crate::data::{self, Kind};

/// A complex type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// User name and password.
    Logon,
    /// A user-defined or other column.
    Field,
    /// AR_Customer.
    Customer,
    /// AR_CustomerContact.
    CustomerContact,
    /// SO_SalesOrderHeader with its lines and payments.
    SalesOrder,
    /// SO_SalesOrderDetail.
    SalesOrderLine,
    /// SO_SalesOrderPayment.
    SalesOrderPayment,
    /// The version of the contract.
    ContractInformation,
    /// About the server; its members are invented.
    DiagnosticInformation,
    /// What a card's authorization came to.
    PreAuthorizationResult,
    /// What is to be authorized; its members are invented.
    PreAuthorizationData,
    /// The detail of a fault.
    MasFault,
}

/// The type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// `xs:string`.
    Text,
    /// `xs:decimal`, nillable.
    Decimal,
    /// `xs:dateTime`, nillable.
    DateTime,
    /// `xs:int`.
    Int,
    /// `xs:dateTime` that is always there.
    Instant,
    /// A list.
    ListOf(Type),
}

/// The base type of the entities, where OtherFields stands in one. Its name is invented.
pub const BASE: &str = "MasEntity";

impl Type {
    /// All of them.
    pub const ALL: [Type; 12] = [
        Type::Logon,
        Type::Field,
        Type::Customer,
        Type::CustomerContact,
        Type::SalesOrder,
        Type::SalesOrderLine,
        Type::SalesOrderPayment,
        Type::ContractInformation,
        Type::DiagnosticInformation,
        Type::PreAuthorizationResult,
        Type::PreAuthorizationData,
        Type::MasFault,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Type::Logon => "Logon",
            Type::Field => "Field",
            Type::Customer => "Customer",
            Type::CustomerContact => "CustomerContact",
            Type::SalesOrder => "SalesOrder",
            Type::SalesOrderLine => "SalesOrderLine",
            Type::SalesOrderPayment => "SalesOrderPayment",
            Type::ContractInformation => "ContractInformation",
            Type::DiagnosticInformation => "DiagnosticInformation",
            Type::PreAuthorizationResult => "PreAuthorizationResult",
            Type::PreAuthorizationData => "PreAuthorizationData",
            Type::MasFault => "MasFault",
        }
    }

    /// Whether it has OtherFields.
    pub fn is_entity(self) -> bool {
        matches!(
            self,
            Type::Customer
                | Type::CustomerContact
                | Type::SalesOrder
                | Type::SalesOrderLine
                | Type::SalesOrderPayment
        )
    }

    /// Its own members in alphabetical order, without OtherFields.
    fn names(self) -> &'static [&'static str] {
        match self {
            Type::Logon => &["Password", "Username"],
            Type::Field => &["MasFieldName", "Value"],
            Type::Customer => CUSTOMER,
            Type::CustomerContact => CONTACT,
            Type::SalesOrder => ORDER,
            Type::SalesOrderLine => LINE,
            Type::SalesOrderPayment => PAYMENT,
            Type::ContractInformation => &["AssemblyVersion", "ContractVersion", "NullDateTime"],
            Type::DiagnosticInformation => &["AssemblyVersion", "ServerName", "ServerTime"],
            Type::PreAuthorizationResult => &[
                "ApprovalIndicator",
                "AuthorizationDateTime",
                "CreditCardAuthorizationNo",
                "CreditCardTransactionID",
                "Message",
            ],
            Type::PreAuthorizationData => &["Amount", "CreditCardGUID"],
            Type::MasFault => &["ErrorCode", "ErrorMessage"],
        }
    }

    /// Its members in the order in which they are read and written.
    pub fn members(self, binding: &Binding) -> Vec<&'static str> {
        let mut names = self.names().to_vec();
        if self == Type::Logon && binding.username_first {
            names.reverse();
        }
        if self.is_entity() {
            match binding.other_fields {
                OtherFields::Base => names.insert(0, "OtherFields"),
                OtherFields::Last => names.push("OtherFields"),
                OtherFields::Sorted => {
                    let at = names.partition_point(|name| *name < "OtherFields");
                    names.insert(at, "OtherFields");
                }
            }
        }
        names
    }

    /// The type of a member.
    pub fn member(self, name: &str) -> Member {
        match (self, name) {
            (_, "OtherFields") => Member::ListOf(Type::Field),
            (Type::SalesOrder, "Lines") => Member::ListOf(Type::SalesOrderLine),
            (Type::SalesOrder, "Payments") => Member::ListOf(Type::SalesOrderPayment),
            (Type::ContractInformation, "ContractVersion") => Member::Int,
            (Type::ContractInformation, "NullDateTime")
            | (Type::DiagnosticInformation, "ServerTime") => Member::Instant,
            (_, "DateTimeCreated" | "DateTimeUpdated" | "AuthorizationDateTime") => {
                Member::DateTime
            }
            (Type::SalesOrderPayment, "TransactionAmt" | "CorporateSalesTax")
            | (Type::PreAuthorizationData, "Amount") => Member::Decimal,
            _ => match self.column_kind(name) {
                Some(Kind::Decimal(..)) => Member::Decimal,
                Some(Kind::Date) => Member::DateTime,
                _ => Member::Text,
            },
        }
    }

    fn column_kind(self, name: &str) -> Option<Kind> {
        let columns = match self {
            Type::Customer => crate::sage::CUSTOMERS.columns(),
            Type::CustomerContact => crate::sage::CONTACTS.columns(),
            Type::SalesOrder => data::ORDER,
            Type::SalesOrderLine => data::ORDER_LINE,
            _ => return None,
        };
        let name = column_of(name);
        columns
            .iter()
            .find(|column| column.name == name)
            .map(|column| column.kind)
    }
}

/// The table's name of a member: the contract writes some with a capital P.
pub fn column_of(member: &str) -> String {
    member.replacen("SalesPerson", "Salesperson", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_ordinal_order_and_other_fields_where_the_binding_says() {
        let sorted = Type::SalesOrder.members(&Binding::named("split").unwrap());
        let mut again = sorted.clone();
        again.sort_unstable();
        assert_eq!(sorted, again);
        assert_eq!(sorted.len(), 106);
        let base = Type::Customer.members(&Binding::named("reference").unwrap());
        assert_eq!(base.first(), Some(&"OtherFields"));
        assert_eq!(base.len(), 89);
        let late = Type::SalesOrderLine.members(&Binding::named("late").unwrap());
        assert_eq!(late.last(), Some(&"OtherFields"));
        assert_eq!(Type::SalesOrderPayment.names().len(), 36);
        assert_eq!(Type::CustomerContact.names().len(), 25);
        assert_eq!(Type::SalesOrderLine.names().len(), 68);
    }

    #[test]
    fn amounts_are_decimals_and_dates_are_date_times() {
        assert_eq!(Type::Customer.member("CreditLimit"), Member::Decimal);
        assert_eq!(Type::Customer.member("SalesPersonNo2"), Member::Text);
        assert_eq!(Type::SalesOrder.member("OrderDate"), Member::DateTime);
        assert_eq!(
            Type::SalesOrderLine.member("QuantityOrdered"),
            Member::Decimal
        );
    }
}
