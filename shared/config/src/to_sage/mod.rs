//! From a CRM's fields to Sage's columns: orders, and records of every entity. Pure, as the way to the CRM is: the same fields and
//! configuration always give the same columns or the same faults.

mod below_zero;
mod columns;
mod day;
mod fault;
mod fit;
mod lengths;
mod line;
mod line_price;
mod order;
mod phone;
mod price;
mod record;
#[cfg(test)]
mod tests;
mod texts;
mod value;

pub use columns::WantedRate;
pub use day::moment;
pub use lengths::Lengths;
pub use order::OrderInput;
pub use texts::SageTexts;
pub(crate) use value::typed_constant;
