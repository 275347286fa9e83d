#![doc = include_str!("../README.md")]

mod as_of;
mod fault;
mod hash;
mod key;
mod note;
pub mod reconcile;
mod record;
pub mod sale;
mod stamp;
mod target;
mod value;

pub use as_of::AsOf;
pub use fault::{Class, Fault, bounded};
pub use hash::{Digest, digest_of};
pub use key::{Company, Entity, KeyError, RepKey, SageKey};
pub use note::Note;
pub use record::{ColumnKind, ColumnSpec, Contact, Customer, Record, Salesperson};
pub use stamp::{ServerTime, Stamp, StampError};
pub use target::{CrmId, TargetName};
pub use value::{Fields, Value};
