//! Salesforce: the token endpoint and the parts of the REST API that an integration of accounts
//! and contacts meets.

mod account;
mod addresses;
mod auth;
mod collections;
mod collections_read;
mod composite;
mod contact;
mod describe;
mod dispatch;
mod door;
mod door_edits;
mod door_faults;
mod errors;
mod gate;
mod identity;
mod ids;
mod jwt;
mod kinds;
mod listings;
mod locators;
mod locks;
mod org;
mod people;
mod people_data;
mod places;
mod query;
mod references;
mod render;
mod reply;
mod requests;
mod routes;
mod row_resource;
mod rows;
mod rules;
mod sales;
mod schema;
mod sessions;
mod settings;
mod soql;
mod store;
mod token_endpoint;
mod values;
mod writes;

pub use org::System;
pub use routes::router;
