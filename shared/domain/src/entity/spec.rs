//! What is to be known of an entity, as data. Where two of them differ in behaviour, a member says so, and one function per
//! value of that member does it: nothing outside this folder asks which entity it is.

use super::Entity;
use super::key_shape::KeyShape;
use crate::table::TableSpec;

/// An entity.
#[derive(Debug)]
pub struct EntitySpec {
    /// The name in configuration, storage and logs.
    pub name: &'static str,
    /// Its table; the table's name is the plural in the agent's addresses and capabilities.
    pub table: TableSpec,
    /// How its key is written.
    pub key: KeyShape,
    /// The record that has to be in the CRM first, because records of this entity point to it.
    pub parent: Option<Parent>,
    /// Whether its records are written to a CRM, or kept here as the directory that owners are mapped by.
    pub goes_to_crm: bool,
    /// What a CRM calls one: `account`.
    pub in_crm: &'static str,
    /// How an inactive one is told.
    pub inactive: Option<Inactive>,
    /// The columns that hold its salesperson. Sage takes no new record of such a table without one.
    pub rep: Option<RepColumns>,
    /// What tells a record that was sent from another one under the same key.
    pub identity: Identity,
    /// How the key of one that the CRM creates comes about. `None`: Sage alone creates and changes them.
    pub key_source: Option<KeySource>,
    /// Its names in the SOAP service. `None`: the service has no such object.
    pub soap: Option<SoapNames>,
}

/// Whom a record belongs to.
#[derive(Debug)]
pub struct Parent {
    /// The parent's entity.
    pub entity: Entity,
    /// The columns of this table that hold the parent's key, in the order of its parts.
    pub columns: &'static [&'static str],
}

/// A record is inactive if this column holds this.
#[derive(Debug)]
pub struct Inactive {
    /// The column.
    pub column: &'static str,
    /// What it holds, in upper case.
    pub value: &'static str,
}

/// Where the salesperson stands.
#[derive(Debug)]
pub struct RepColumns {
    /// The division.
    pub division: &'static str,
    /// The number within it: what configuration names.
    pub number: &'static str,
}

/// Who a record is, beside its key.
#[derive(Debug)]
pub struct Identity {
    /// The column of the name. Sage takes no new record without it.
    pub name: &'static str,
    /// The column of the e-mail address.
    pub email: &'static str,
}

/// How a key comes about, unless the CRM gives its last part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// Sage's next customer number, in the division and the company that the configuration names. Sage is asked first who may
    /// be the record already.
    NextCustomerNumber,
    /// The parent's key, and a code made of the name: cut to the column, and made unique below the parent.
    OfName {
        /// The code where the name has no letter or digit.
        otherwise: &'static str,
    },
}

/// The names of an entity in the SOAP service.
#[derive(Debug)]
pub struct SoapNames {
    /// The type of its object: `Customer`.
    pub object: &'static str,
    /// The parameter that carries the object.
    pub parameter: &'static str,
    /// Reads one.
    pub get: &'static str,
    /// Creates one.
    pub create: &'static str,
    /// Replaces one.
    pub update: &'static str,
    /// The parameters of `get`, in the order of the key's parts.
    pub key: &'static [&'static str],
    /// Members of the object without which nothing can be written.
    pub wanted: &'static [&'static str],
}
