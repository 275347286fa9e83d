//! The SOAP client against services whose descriptions differ in everything that is not known for certain, and that are
//! as strict as Sage 100's own: what stands out of order is dropped without a word.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod learning;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod records;
#[cfg(test)]
mod service;
#[cfg(test)]
mod support;
#[cfg(test)]
mod variant;
