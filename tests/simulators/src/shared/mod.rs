//! What the simulated CRMs have in common.

mod budget;
mod formats;
mod index;
mod spread;
mod urlencoded;
pub mod xml;

pub use budget::Budget;
pub use formats::is_email;
pub use index::{Index, folded};
pub use spread::spread;
pub use urlencoded::Pairs;
