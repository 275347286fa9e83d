//! Salesforce's JSON shapes, and nothing of what they mean.

pub(crate) mod error;
pub(crate) mod value;
