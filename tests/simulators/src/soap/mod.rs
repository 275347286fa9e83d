//! Sage 100's eBusiness Web Services: a WCF service with basicHttpBinding, SOAP 1.1, document/literal wrapped.

mod answer;
mod binding;
mod calls;
mod contract;
mod door;
mod entities;
mod faults;
mod gate;
mod line_members;
mod members;
mod operations;
mod orders;
mod records;
mod routes;
mod system;
mod types;
mod values;
mod wsdl;
use crate::shared::xml;
mod xsd;

pub use binding::Binding;
pub use routes::router;
pub use system::System;
