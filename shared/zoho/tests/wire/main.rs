//! The client on the wire, against a server that is scripted reply by reply.

#[cfg(test)]
mod changes;
#[cfg(test)]
mod channels;
mod metadata;
#[cfg(test)]
mod read;
#[cfg(test)]
mod records;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod simulated_sales;
#[cfg(test)]
mod support;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod token;
#[cfg(test)]
mod upsert;
