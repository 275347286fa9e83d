//! From a CRM's fields to Sage's columns: orders, customers, contacts. Pure, as the way to the CRM is: the same fields and
//! configuration always give the same columns or the same faults.

mod blank;
mod columns;
mod condition;
mod currency;
mod fault;
mod lengths;
mod line;
mod order;
mod phone;
mod record;
mod table;
#[cfg(test)]
mod tests;
mod total;
mod value;

pub use blank::OnBlank;
pub use currency::WantedRate;
pub use lengths::Lengths;
pub use order::OrderInput;
pub use table::{SageAccess, SageColumnSpec, SageTable};
pub(crate) use value::typed_constant;
