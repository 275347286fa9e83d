//! Zoho CRM: the token endpoint and the parts of API v8 that an integration of accounts and
//! contacts meets.

mod accounts;
mod auth;
mod catalog;
mod contacts;
mod coql;
mod credits;
mod deletes;
mod door;
mod door_edits;
mod errors;
mod external;
mod formats;
mod gate;
mod layouts;
mod lists;
mod matching;
mod meta;
mod modules_meta;
mod notices;
mod oauth;
mod org;
mod org_meta;
mod page_token;
mod render;
mod requests;
mod routes;
mod rows;
mod sales;
mod schema;
mod scopes;
mod search;
mod setup;
mod slots;
mod store;
mod timeline;
mod token_endpoint;
mod users;
mod values;
mod vendors;
mod writes;

pub use notices::deliver;
pub use org::System;
pub use routes::router;
