//! The client of the SOAP service (eBusiness Web Services): the way to write where the agent does not.

mod answer;
mod binding;
mod call;
mod client;
mod fault;
mod learn;
mod object;
mod orders;
mod records;
mod settings;
mod value;
mod write;
mod xml;

pub use binding::{BINDING_VERSION, Binding, Kind, Operation, Origin, Slot};
pub use client::{ContractInformation, SoapClient};
pub use learn::learn;
pub use settings::{FaultTexts, SoapSettings};
pub use xml::Name;
