//! From events of the CRM to jobs for Sage, and back.

mod alike;
mod emptied;
mod identity;
mod kills;
mod linked;
mod live;
mod marks;
mod meanwhile;
mod org;
mod overtaken;
pub mod records;
pub mod redrives;
mod refusals;
mod reread;
mod restored;
mod review;
mod review2;
mod sales;
pub mod scene;
mod since;
pub mod whole;
mod write_backs;
