//! What the simulated CRMs have in common.

mod budget;
mod formats;
mod index;
mod rich_text;
mod spread;
mod urlencoded;
pub mod xml;

pub use budget::Budget;
pub use formats::is_email;
pub use index::{Index, folded};
pub use rich_text::as_kept;
pub use spread::spread;
pub use urlencoded::Pairs;
