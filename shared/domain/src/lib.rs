#![doc = include_str!("../README.md")]

mod as_of;
pub mod entity;
mod fault;
mod hash;
mod key;
mod key_error;
mod names;
mod note;
pub mod reach;
pub mod reconcile;
mod record;
pub mod sale;
mod stamp;
mod table;
mod target;
mod value;

pub use as_of::AsOf;
pub use entity::Entity;
pub use fault::{Class, Fault, bounded};
pub use hash::{Digest, digest_of};
pub use key::{Company, RepKey, SageKey};
pub use key_error::KeyError;
pub use names::folded_name;
pub use note::Note;
pub use reach::Reach;
pub use record::Record;
pub use stamp::{ServerTime, Stamp, StampError};
pub use table::{Access, AddressPart, ColumnKind, ColumnSpec, OnBlank, TableSpec};
pub use target::{CrmId, TargetName};
pub use value::{Fields, Value};
