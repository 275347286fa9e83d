//! What Sage holds at the start: documented demo records, invented ones, generated ones.

mod abc;
mod columns;
mod contacts;
mod customers;
mod pools;
mod products;
mod reps;
mod rng;
mod row;
mod words;
mod xyz;

pub use columns::{AUDIT, CONTACT, CUSTOMER, Column, Kind, SALESPERSON};
pub use products::PRODUCTS;
pub use reps::crm_users;
pub use row::{Row, Stamp};

/// How much data, and from which seed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DataSet {
    /// Generated customers in company ABC, beside the documented ones.
    pub customers: u32,
    /// Seed of the generator.
    pub seed: u64,
}

/// One Sage company at the start.
#[derive(Debug)]
pub struct CompanyData {
    /// The three-character company code.
    pub code: &'static str,
    /// The company's name.
    pub name: &'static str,
    /// AR_Customer.
    pub customers: Vec<Row>,
    /// AR_CustomerContact.
    pub contacts: Vec<Row>,
    /// AR_Salesperson.
    pub salespersons: Vec<Row>,
}

/// The companies of a data set: ABC and XYZ, always both.
pub fn companies(data: DataSet) -> Vec<CompanyData> {
    let mut abc = abc::company();
    customers::generate(data, &mut abc);
    vec![abc, xyz::company()]
}
