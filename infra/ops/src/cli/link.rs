//! The command line of `counterpart link`.

use clap::{Args, Subcommand};
use counterpart_domain::{Entity, TargetName};

use super::target;

/// `counterpart link …`
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// What is linked, and what both sides hold of it
    #[command(after_help = "\
Examples:
  counterpart link show zoho ABC:01-ABF
  counterpart link show salesforce 001Hs00001a2b3cIAA
  counterpart link show zoho ABC:01-ABF/MAIN --entity ship_to --json")]
    Show {
        /// The target
        #[arg(value_parser = target)]
        target: TargetName,
        /// The Sage key (ABC:01-ABF), or the id of the CRM's record
        record: String,
        /// What the key is of, where that is in doubt: customer, contact, ship_to
        #[arg(long)]
        entity: Option<Entity>,
    },
    /// Make a record of the CRM the record of a Sage key, whatever either was linked to
    #[command(after_help = "\
It says first what it would do, and does nothing without --yes:

  the record becomes the record of the key. It is written in full from Sage 100, the key too; fields that are the CRM's stay
  what was linked to the key before loses its key field and its link. Nothing of it is deleted: merge it in the CRM, or delete it
  the key that the record had so far is linked to nothing. What changes of it in Sage 100 waits for a person
  contacts and other records below it move along where Sage 100 has the same code under the new key; those below a twin
    follow to the record; the others stay linked as they are
  sales stay with the account that they name. Orders that Sage 100 has already go on

A customer that was renumbered in Sage 100 is mended so: `link move zoho OLD-ACCOUNT ABC:NEW-NUMBER`. The ledger keeps who did
it, when, and what was before; the answer names the commands that take it back.

Examples:
  counterpart link move zoho 4150868000000376008 ABC:01-ABFNEW
  counterpart link move zoho 4150868000000376008 ABC:01-ABFNEW --yes --by pat

Ends with 1 when somebody wrote one of the links meanwhile: say it again.")]
    Move {
        /// The target
        #[arg(value_parser = target)]
        target: TargetName,
        /// The id of the CRM's record
        id: String,
        /// The Sage key
        key: String,
        /// What the key is of, where that is in doubt: customer, contact, ship_to
        #[arg(long)]
        entity: Option<Entity>,
        #[command(flatten)]
        doing: Doing,
    },
    /// Take a link away; nothing is deleted on either side
    #[command(after_help = "\
What changes of the key in Sage 100 afterwards is parked (E_LINK_RELEASED), and so is what the CRM's record asks of Sage 100:
nothing is made anew by itself. A redrive makes it a record of its own; `link move` links it again.

Examples:
  counterpart link release zoho ABC:01-ABF
  counterpart link release zoho 4150868000000376008 --yes")]
    Release {
        /// The target
        #[arg(value_parser = target)]
        target: TargetName,
        /// The Sage key (ABC:01-ABF), or the id of the CRM's record
        record: String,
        /// What the key is of, where that is in doubt: customer, contact, ship_to
        #[arg(long)]
        entity: Option<Entity>,
        #[command(flatten)]
        doing: Doing,
    },
}

/// Whether a link is changed, and by whom.
#[derive(Debug, Clone, Args)]
pub struct Doing {
    /// Do it, not only say it
    #[arg(long)]
    pub yes: bool,
    /// Who says so, for the ledger; usually the name of the user of this machine
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}
