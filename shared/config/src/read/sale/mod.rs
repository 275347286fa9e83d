//! The way from the CRM to Sage: `write`, `orders`, `to_sage`, `create_in_sage`, `events`.

mod columns;
mod company;
mod condition;
mod currency;
mod events;
mod inverse;
mod orders;
mod since;
mod source;
#[cfg(test)]
mod tests;
mod to_sage;
mod usual;
mod write_back;

pub(super) use company::{creations, transliterate, way, writers};
pub(super) use events::{hooks, read as events};
pub(super) use orders::read as orders;
pub(super) use to_sage::{Around, Read, read as to_sage};
