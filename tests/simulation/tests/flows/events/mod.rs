//! From events of the CRM to jobs for Sage, and back.

mod alike;
mod amounts;
mod days;
mod identity;
mod kills;
mod lines;
mod linked;
mod live;
mod marks;
mod meanwhile;
mod org;
mod overtaken;
mod quiet;
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
mod values;
pub mod whole;
mod won_again;
mod write_backs;
