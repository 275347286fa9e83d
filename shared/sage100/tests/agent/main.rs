//! The client against servers that answer as an agent does, and as it should not.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod records;
#[cfg(test)]
mod search;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod writes;
