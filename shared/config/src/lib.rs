#![doc = include_str!("../README.md")]

mod company;
mod compute;
mod crm;
mod entity;
mod filter;
mod finding;
mod mapping;
mod quiet;
mod read;
mod sale;
mod sync;
mod target;
#[cfg(test)]
mod testing;
mod to_sage;
mod version;

pub use company::CompanyConfig;
pub use compute::Expression;
pub use crm::*;
pub use entity::{Alike, EntityConfig, OwnerConfig, UnmappedRep};
pub use filter::{Condition, Filter, Inactive, KeyRule, Test, Verdict};
pub use finding::Finding;
pub use mapping::{FieldMap, Helper, Makes, Mapped, Otherwise, PlaceForm, Source, StreetLines};
pub use quiet::{QuietTime, QuietWindow};
pub use sale::*;
pub use sync::SyncConfig;
pub use target::TargetConfig;
pub use to_sage::{Lengths, OrderInput, SageTexts, WantedRate, moment};
