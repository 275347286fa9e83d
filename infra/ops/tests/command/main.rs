//! The command as it is called: its own process, a DynamoDB in this one, a stand-in for SQS.

#[cfg(test)]
mod desk;
#[cfg(test)]
#[path = "../../../../shared/runtime/tests/functions/tables.rs"]
mod tables;
#[cfg(test)]
mod verbs;
