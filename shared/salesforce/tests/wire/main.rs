//! The client on the wire, against a server that is scripted reply by reply.

#[cfg(test)]
mod describe;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod org;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod read;
#[cfg(test)]
mod records;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod simulated_relays;
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
