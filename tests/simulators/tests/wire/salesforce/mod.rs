//! Salesforce over HTTP: the traps of the real system, one test each.

mod collections;
mod door;
mod events;
mod locks;
mod org;
mod outbound;
mod places;
mod rows;
mod rules;
mod sales;
mod soql;
mod tokens;
