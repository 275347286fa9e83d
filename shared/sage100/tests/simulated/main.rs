//! Both ways to write, the agent's and the SOAP service's in each of its bindings, against the simulated Sage 100, which
//! shares no code with them. What was written is read back by the agent.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod records;
#[cfg(test)]
mod search;
#[cfg(test)]
mod world;
