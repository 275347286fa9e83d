//! The command as it is called: its own process, a DynamoDB and the simulated systems in this one, a stand-in for SQS
//! and Secrets Manager.

#[cfg(test)]
mod config;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod reps;
#[cfg(test)]
#[path = "../../../../shared/runtime/tests/functions/tables.rs"]
mod tables;
#[cfg(test)]
mod template;
#[cfg(test)]
mod verbs;
