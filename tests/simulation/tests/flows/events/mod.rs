//! From events of the CRM to jobs for Sage, and back.

mod identity;
mod kills;
mod live;
mod org;
mod overtaken;
mod records;
mod redrives;
mod refusals;
mod review;
mod sales;
pub mod scene;
mod whole;
mod write_backs;
