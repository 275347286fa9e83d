//! The functions from event to answer: real adapters over a DynamoDB in this process, simulated Sage and Zoho, and a
//! stand-in for SQS and Secrets Manager.

#[cfg(test)]
mod flow;
#[cfg(test)]
mod services;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod tables;
