//! The verbs of whoever looks after a deployment: circuits, channels, polls.

use clap::{Args, Subcommand};
use counterpart_domain::{Company, TargetName};

use super::typed::{company, target};

/// `counterpart circuit …`
#[derive(Debug, Subcommand)]
pub enum CircuitCommand {
    /// All of them: targets, and companies that are written
    #[command(after_help = "\
Examples:
  counterpart circuit list
  counterpart circuit list --json | jq '.circuits[] | select(.state != \"closed\")'

Ends with 1 when one is not closed.")]
    List,
    /// Close one, once its cause is mended, instead of waiting for the next try
    #[command(after_help = "\
It is noted first: who closed it, when, and what it was open for. Where the cause is still there, the next call opens it again.

Examples:
  counterpart circuit close zoho      a target
  counterpart circuit close ABC       a company's Sage 100")]
    Close {
        /// A target, or a company
        #[arg(value_name = "TARGET|COMPANY")]
        name: String,
    },
}

/// `counterpart channel …`
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// Watch channels of Zoho, event relays of Salesforce: what is watched, until when, the last event, the last reading
    #[command(after_help = "\
Examples:
  counterpart channel list
  counterpart channel list zoho --json

Ends with 1 when a channel is not there or has lapsed, or a relay that told of changes before does not run.")]
    List {
        /// Only this target
        #[arg(value_parser = target)]
        target: Option<TargetName>,
    },
}

/// `counterpart poll`
#[derive(Debug, Clone, Args)]
pub struct PollArgs {
    /// The company
    #[arg(value_parser = company)]
    pub company: Company,
    /// The entity: customer, contact, ...
    pub entity: String,
    /// Only this key (01-ABF); may be given several times
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<String>,
}
