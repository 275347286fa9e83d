//! Sage 100 itself: what its business objects do, whoever asks them. The agent and the SOAP service are
//! two doors to it. Where the references are silent, the README says what was decided.

mod check;
mod codes;
mod contacts;
mod credit;
mod customers;
mod desk;
mod door;
mod edits;
mod effects;
mod entities;
mod invoicing;
mod lines;
mod order_edits;
mod orders;
mod pricing;
mod read_only;
mod refusal;
mod sale_edits;
mod sales;
mod settings;
mod table;
mod totals;
mod words;
mod world;
mod zip;

pub use check::{Source, is_flag};
pub use contacts::ContactWrite;
pub use customers::CustomerWrite;
pub use desk::Desk;
pub use door::{Body as DoorBody, edit, records, reset, set, standing, stats};
pub use edits::Edit;
pub use entities::{CONTACTS, CUSTOMERS, ENTITIES, Entity, Writes};
pub use orders::{LineWrite, Matching, OrderWrite};
pub use pricing::price;
pub use read_only::{is_read_only, line_source, order_source};
pub use refusal::{Reason, Refusal};
pub use sales::{File, Order};
pub use table::ChangePoint;
pub use words::of_column as column_in_words;
pub use world::{Company, Sage, World, shown};
