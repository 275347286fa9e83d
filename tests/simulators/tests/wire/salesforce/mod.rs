//! Salesforce over HTTP: the traps of the real system, one test each.

mod collections;
mod custom;
mod door;
mod events;
mod locks;
mod metadata;
mod org;
mod outbound;
mod places;
mod rows;
mod rules;
mod sales;
mod soql;
mod tokens;
