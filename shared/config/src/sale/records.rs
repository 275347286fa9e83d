//! From a CRM's fields to Sage's columns, and records that are created in Sage.

use counterpart_domain::{Company, Value};

use crate::{Since, Test};

/// A test of one CRM field. A lookup leads on: `Account.Type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmCondition {
    /// The CRM's API name.
    pub field: String,
    /// The test. Texts are compared as they are, case and all.
    pub test: Test,
}

/// Where a column's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SageSource {
    /// CRM fields; a lookup leads on (`Account.Sage_Terms__c`).
    Fields(Vec<String>),
    /// The configuration itself.
    Const(Value),
}

/// How a column's value is made of the fields' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SageWith {
    /// As it is, in the column's own type.
    AsIs,
    /// Texts put together with a space between them, blanks left out: a contact's first and last name.
    Join,
    /// The n-th line (1 to 3) of a street with several lines, fitted to Sage's three address lines.
    AddressLine(u8),
    /// A state's or province's letters (Sage: 2 characters).
    StateCode,
    /// A country's three letters (Sage's `CountryCode`).
    CountryCode3,
    /// A postal code in its country's usual form.
    PostalCode,
    /// A telephone number without its extension, in Sage's usual form.
    Phone,
    /// A telephone number's extension.
    PhoneExtension,
    /// An e-mail address; where Sage's column holds several, it takes the place of the first.
    Email,
    /// A day, of a date or of a date and time.
    Date,
    /// Upper case.
    Upper,
}

/// A column of Sage and its greatest length; none: as the agent's capabilities say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SageColumn {
    /// Sage's name: `CustomerName`, `UDF_REGION`.
    pub name: String,
    /// The greatest length of a text, in characters, where the configuration names one.
    pub length: Option<u32>,
}

/// One column that is given to Sage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SageFieldMap {
    /// The column.
    pub column: SageColumn,
    /// Where its value comes from.
    pub from: SageSource,
    /// How it is made.
    pub with: SageWith,
    /// The CRM's value to Sage's, where there is a table; what is not in it is a fault.
    pub values: Vec<(String, String)>,
    /// Whether a longer text is cut; otherwise the record is refused.
    pub cut: bool,
    /// Whether nothing goes to Sage without it.
    pub required: bool,
    /// What is taken where the CRM has nothing.
    pub default: Option<Value>,
}

/// How a record that only the CRM has comes into Sage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateInSage {
    /// All have to hold: `Type` is `Client`.
    pub when: Vec<CrmCondition>,
    /// From when on records that meet them are created by themselves. None: a configuration from before there was such a
    /// setting; nothing is created until it says so.
    pub since: Option<Since>,
    /// The company that it goes to, unless a field says so.
    pub company: Company,
    /// The field that holds the company code, where one does.
    pub company_field: Option<String>,
    /// The target's companies: a field may name no other.
    pub companies: Vec<Company>,
    /// Customers: `ARDivisionNo`.
    pub division: String,
    /// Customers: the field that holds the number; none: Sage's next one. Contacts: the field that holds `ContactCode`;
    /// none: it is made from the name.
    pub number_field: Option<String>,
    /// Customers: the column of the rep, as with the entity's owner; `SalespersonNo` goes together with its division.
    pub rep_column: Option<String>,
    /// Columns, those of [`ToSage::columns`] included.
    pub columns: Vec<SageFieldMap>,
    /// Whether fields that both may change belong to Sage from then on: the record becomes Sage-owned.
    pub then_sage_owned: bool,
    /// What the CRM record shows of it.
    pub write_back: WriteBackFields,
}

/// What an entity gives to Sage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToSage {
    /// Columns that an edit in the CRM may change: of fields whose owner is `crm` or `both`. One entry per column; the
    /// `from` fields are mapped fields of the entity.
    pub columns: Vec<SageFieldMap>,
    /// How a record that only the CRM has is created.
    pub create: Option<CreateInSage>,
}

/// Which way the owner is kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepDirection {
    /// The CRM's owner follows the Sage salesperson.
    #[default]
    SageToCrm,
    /// The Sage salesperson follows the CRM's owner.
    CrmToSage,
    /// Either may be changed; where both were, Sage's stands.
    Both,
}

/// The CRM fields that show what became of a record in Sage. Each is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WriteBackFields {
    /// The order's or customer's number.
    pub number: Option<String>,
    /// Sage's status.
    pub status: Option<String>,
    /// Sage's status to the CRM's value; what is not in it goes over as it is.
    pub status_values: Vec<(String, String)>,
    /// What went wrong, or that all is well: a sentence for sales people.
    pub text: Option<String>,
    /// The length of that field, in characters.
    pub text_length: u32,
    /// What the order comes to in Sage.
    pub total: Option<String>,
    /// The invoice's number.
    pub invoice: Option<String>,
}
