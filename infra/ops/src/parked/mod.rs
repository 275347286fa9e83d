//! `counterpart parked`: what was set aside, and why.

mod find;
mod list;
pub mod redrive;
mod secrets;
mod show;

pub use find::{NO_TARGET, all, targets};
pub use list::list;
pub use show::show;

/// The most items that are looked through for one that is named by something else than its id.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests;
