//! From a CRM's fields to Sage's columns: orders, and records of every entity. Pure, as the way to the CRM is: the same fields and
//! configuration always give the same columns or the same faults.

mod columns;
mod day;
mod fault;
mod lengths;
mod line;
mod order;
mod phone;
mod record;
#[cfg(test)]
mod tests;
mod value;

pub use columns::WantedRate;
pub use day::moment;
pub use lengths::Lengths;
pub use order::OrderInput;
pub(crate) use value::typed_constant;
