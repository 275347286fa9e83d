//! `counterpart parked`: what was set aside, and why.

mod find;
mod list;
pub mod redrive;
mod secrets;
mod show;

pub use find::{NO_TARGET, all, targets};
pub use list::list;
pub use show::show;

#[cfg(test)]
mod tests;
