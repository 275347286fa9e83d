//! The command line.

mod link;
mod operator;
mod reps;
mod typed;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use counterpart_config::CRM_PROFILES;
use counterpart_domain::{Company, TargetName};

pub use link::LinkCommand;
pub use operator::{ChannelCommand, CircuitCommand, PollArgs};
pub use reps::{CountFrom, RepsCommand};
pub(crate) use typed::{company, target};

use crate::pauses::{PAUSE_HELP, PauseArgs, PausesArgs, RESUME_HELP, ResumeArgs};

const ABOUT: &str = "Keeps an eye on Counterpart: configuration, connections, state, what was set aside, and who owns what.";

const AFTER: &str = "\
It works on a deployment through the same environment variables as its poller (COUNTERPART_TABLE_*, COUNTERPART_TARGETS,
COUNTERPART_CRM_WRITES, COUNTERPART_SECRETS_PREFIX) and the usual AWS ones (AWS_PROFILE, AWS_REGION).
Without AWS keys in the environment the AWS command line is asked for those of the profile.
`config init` needs none of them; `config check` without them checks only the file.

Examples:
  counterpart config init > sync.toml       start from the commented default
  counterpart config check sync.toml        everything that is wrong, at once, with lines
  counterpart config push sync.toml         check it and put it in force
  counterpart doctor                        try each connection with its credentials
  counterpart status                        what came, what became of it, how far behind we are
  counterpart pause --company ABC --reason 'period end' --for 3h     and `resume`
  counterpart parked list                   what was set aside, and why
  counterpart parked redrive                what it would do if it were tried again
  counterpart link show zoho ABC:01-ABF     what both sides hold of a record
  counterpart link move zoho ID ABC:01-NEW  what it takes to make a CRM record the record of another key
  counterpart circuit list                  who is not called at present, why, and what waits
  counterpart channel list                  how the CRMs tell of changes, and when they did last
  counterpart poll ABC customer             have the poller look now
  counterpart reps match                    proposes CRM users for the salespersons
  counterpart reps export > reps.csv        all salespersons; fill in the CRM users ...
  counterpart reps import reps.csv          ... and put the mapping in force

Ends with 0 when all is well, 1 when something needs a person, 2 for a command line that makes no sense.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "counterpart", version, about = ABOUT, after_help = AFTER, arg_required_else_help = true)]
pub struct Cli {
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write, check and put in force sync.toml
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Try each connection with its credentials: AWS, Sage agents, CRMs
    #[command(after_help = with_limits("\
Each line is one thing that was tried, with what was found and what helps. All are tried at once, none for longer than 15
seconds, and one that fails hides no other. Without --write and --learn it reads only; each CRM gives it one access token (@LIMITS@).

@PROBES@

docs/operations.md, \"A connection is in doubt\", says what each of them tries.

Examples:
  counterpart doctor
  counterpart doctor --target zoho
  counterpart doctor --file sync.toml       a configuration that is not in force yet
  counterpart doctor --company ABC --write --customer 01-ABF --item 6655
                                            an order with its mark in reference_column, created, found and deleted again
  counterpart doctor --json | jq '.checks[] | select(.state == \"fail\")'

Ends with 1 when something failed."))]
    Doctor(DoctorArgs),
    /// Try an agent of Sage 100 by itself, without a deployment
    #[command(subcommand)]
    Agent(AgentCommand),
    /// What came from Sage, what became of it, and how far behind the cursors are
    #[command(after_help = "\
Examples:
  counterpart status                   the newest 20 runs of each company, and their sums
  counterpart status --since 2h        all runs of the last two hours (at most 2,000 of a company)
  counterpart status --runs 1          only the newest run
  counterpart status --json | jq '.totals.zoho.customer'

What is paused, by whom and why, stands in the first lines.

Ends with 1 when a circuit is open, dead letters lie in a queue, a run holds records that nothing explains, or a pause was
forgotten.")]
    Status(StatusArgs),
    /// Stop a company, a target, an entity, or several of these together, for a while
    #[command(after_help = PAUSE_HELP)]
    Pause(PauseArgs),
    /// End a pause: by its id, or by naming what `pause` named
    #[command(after_help = RESUME_HELP)]
    Resume(ResumeArgs),
    /// What is paused now, and who paused and resumed what before
    Pauses(PausesArgs),
    /// What was set aside, with a code and a sentence
    #[command(subcommand)]
    Parked(ParkedCommand),
    /// Which record of a CRM belongs to which record of Sage: shown, moved, taken away
    #[command(subcommand)]
    Link(LinkCommand),
    /// Who is not called at present, since when and why; closing it by hand
    #[command(subcommand)]
    Circuit(CircuitCommand),
    /// How the CRMs tell of changes
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// Have the poller look now: at all that changed in Sage, or at named keys
    #[command(after_help = "\
It invokes the deployment's poller and prints what came, and for some 20 seconds what became of it. With --key the records are read
whether or not their stamps say that they changed; the cursor does not move. The credentials need lambda:InvokeFunction.

Examples:
  counterpart poll ABC customer
  counterpart poll ABC contact --key '01-ABF/ARTIE JOHN'
  counterpart poll ABC customer --key 01-ABF --key 01-AVNET --json | jq .targets

Ends with 1 when the poll was stopped, a target could not be served, or a key is not in Sage.")]
    Poll(PollArgs),
    /// After the table of links was restored to an earlier time: have everything looked at again that changed since
    #[command(after_help = "\
Run it while the functions stand still, after the restored table is in its place. It reads each CRM for records that changed since
the time that the table was restored to, marks their sales, so that their orders are compared with Sage before anything is written
to them, sends an event of each record, and sets the cursors back to that time. It writes neither to Sage nor to a CRM, and
may be repeated.

Examples:
  counterpart restored 2026-11-22T08:00:00Z
  counterpart restored 3h                   the table is as it was three hours ago

Ends with 1 when something could not be done: repeat it.")]
    Restored(RestoredArgs),
    /// Which CRM user a Sage salesperson stands for
    #[command(subcommand)]
    Reps(RepsCommand),
    /// What has to be entered in a CRM so that it can call: addresses, tokens, the key for signatures
    #[command(after_help = "\
The base address is the output CrmApiUrl of the stack. Path and tokens follow from the generated key of the secret
TARGET-hook, or are what that secret names.

Examples:
  counterpart hooks --api https://abc123.execute-api.us-east-1.amazonaws.com
  counterpart hooks --api https://… --target salesforce --show")]
    Hooks(HooksArgs),
}

/// `counterpart restored`
#[derive(Debug, Clone, Args)]
pub struct RestoredArgs {
    /// The time that the table was restored to: an instant, or how long ago it is
    #[arg(value_name = "TIME")]
    pub to: String,
}

/// `counterpart hooks`
#[derive(Debug, Clone, Args)]
pub struct HooksArgs {
    /// The base address of the HTTP API: the stack's output CrmApiUrl
    #[arg(long, value_name = "URL")]
    pub api: String,
    /// Only this target
    #[arg(long, value_parser = target)]
    pub target: Option<TargetName>,
    /// Print the secrets themselves
    #[arg(long)]
    pub show: bool,
}

/// `counterpart config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the commented default
    Init,
    /// Say everything that is wrong in a sync.toml, by its own rules and by what the CRMs and agents say
    #[command(after_help = with_limits("\
With a deployment in the environment, the file is compared with the living systems that it names: modules and fields of the
CRMs (unknown, read-only, of another type, too short, other picklist values, required but not filled), key, parent and owner
fields, record types, the admin user, and the columns and companies that the Sage agents serve. Everything that is wrong is
said at once, each with line, cause and remedy:

  mistake     records would be refused or go to the wrong place: it stops a push
  unchecked   a system did not answer: it stops a push that does not say --unchecked
  warning     some records may be refused or changed: it stops nothing

Without a deployment, or with --offline, only the file's own rules are checked, and the answer says so. The check reads
only. It asks each CRM for one access token (@LIMITS@).

Examples:
  counterpart config check sync.toml
  counterpart config check sync.toml --offline
  counterpart config check sync.toml --json | jq -r '.findings[] | select(.severity == \"mistake\") | .message'

Ends with 1 when there is a mistake, or something could not be checked."))]
    Check {
        /// The sync.toml
        file: PathBuf,
        /// Check only the file, ask no system
        #[arg(long)]
        offline: bool,
    },
    /// Check a sync.toml, by the living systems too, and put it in force
    #[command(after_help = "\
Examples:
  counterpart config push sync.toml
  counterpart config push sync.toml --unchecked     a CRM is down, and it has to be now

It checks as `config check` does. The functions use the file within a minute. Entities whose mapping changed are named: their
records are looked at again by the next polls, without an edit in Sage. Nothing is put in force while anything is wrong;
--unchecked lets through what could not be checked (and says what that is), never a mistake.")]
    Push {
        /// The sync.toml
        file: PathBuf,
        /// Push although a system did not answer
        #[arg(long)]
        unchecked: bool,
    },
}

/// `counterpart doctor`
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Only this target (and the deployment's tables, queues and secrets)
    #[arg(long, value_parser = target)]
    pub target: Option<TargetName>,
    /// Only this company
    #[arg(long, value_parser = company)]
    pub company: Option<Company>,
    /// This sync.toml instead of the one in force
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Store what the companies' SOAP services say of themselves now
    #[arg(long)]
    pub learn: bool,
    #[command(flatten)]
    pub trial: TrialArgs,
}

/// The round trip of the mark.
#[derive(Debug, Clone, Args)]
pub struct TrialArgs {
    /// Writes to Sage: create an order with our mark in it, read it back and delete it; it costs numbers
    #[arg(long, requires_all = ["company", "customer", "item"])]
    pub write: bool,
    /// The customer of that order, such as 01-ABF
    #[arg(long, requires = "write")]
    pub customer: Option<String>,
    /// The item of that order
    #[arg(long, requires = "write")]
    pub item: Option<String>,
    /// The column of orders that holds the mark
    #[arg(long, value_name = "COLUMN")]
    pub reference_column: Option<String>,
}

/// `counterpart agent …`
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Try the basics of the contract on an agent
    #[command(after_help = "\
The file holds what the agent's secret holds: {\"token\": \"…\"}, and \"ca\" with the certificates of a private CA.

Example:
  counterpart agent check https://sage-agent.example.com:8443 --token-file agent.json
  counterpart agent check https://sage-agent.example.com:8443 --token-file agent.json --company ABC --write --customer 01-ABF --item 6655

With --write it takes numbers, and creates and deletes an order; without it, it only reads.")]
    Check {
        /// The agent's address, as in agent_url
        url: String,
        /// The file with the token
        #[arg(long)]
        token_file: PathBuf,
        /// Only this company
        #[arg(long, value_parser = company)]
        company: Option<Company>,
        #[command(flatten)]
        trial: TrialArgs,
    },
}

/// `counterpart status`
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Only this company
    #[arg(long, value_parser = company)]
    pub company: Option<Company>,
    /// All runs since then: 30m, 2h, 3d, or an instant such as 2026-11-22T08:00:00Z
    #[arg(long, conflicts_with = "runs")]
    pub since: Option<String>,
    /// The newest N runs of each company
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub runs: u16,
}

/// `counterpart parked …`
#[derive(Debug, Subcommand)]
pub enum ParkedCommand {
    /// All of it, or a target's
    #[command(after_help = "\
Examples:
  counterpart parked list
  counterpart parked list zoho --json
  counterpart parked list -            messages that named no target that can be read")]
    List {
        /// Only this target; `-` for messages that named none
        target: Option<String>,
        /// Show at most so many
        #[arg(long, value_name = "N", default_value_t = 1000)]
        limit: usize,
    },
    /// Code, sentence, detail and content of items
    #[command(after_help = "\
Secrets are left out. A key that has to do with several items shows all of them.

Examples:
  counterpart parked show 'order#4150868000000700001'
  counterpart parked show ABC:01-ABF
  counterpart parked show 4150868000000700001     the CRM's own id of the record

Ends with 1 when nothing is parked under one of the names; the others are shown all the same.")]
    Show {
        /// Ids from the list, Sage keys (ABC:01-ABF), or ids of CRM records
        #[arg(required = true, value_name = "ID")]
        keys: Vec<String>,
        /// Only in this target
        #[arg(long)]
        target: Option<String>,
    },
    /// Try again what was set aside, once its cause is mended
    #[command(after_help = "\
It says first what each item would do, and does nothing without --yes:

  would read ... again      a sale, customer or contact: the CRM's record is read as it is now, and goes to Sage 100 if it asks
                            for that. A sale that is an order already never becomes a second one
  would write ... again     a record on its way to the CRM, by today's mapping
  would show ... again      Sage 100's answer on the CRM's record
  already done, superseded  it got through, or something newer did: the item is only taken away
  cannot be sent            with the reason

It may be repeated, also while everything runs. What fails again is parked again, with its code and sentence.

Examples:
  counterpart parked redrive                               what would happen to all of it
  counterpart parked redrive --code E_ITEM_INACTIVE --yes  after the items are active again
  counterpart parked redrive 'order#006Hs00001a2b3cIAA' --yes
  counterpart parked redrive --target zoho --json | jq -r '.[] | select(.would == \"impossible\") | .id'

What asks a question that a redrive answers (E_SALE_TOO_OLD, E_CUSTOMER_MAY_EXIST, ...) goes
only where its id or its code is given.

An id under which nothing is parked is told of, and the others are done.

Ends with 1 when one that was named is not parked or cannot be sent, or a queue did not take something: it is still parked.")]
    Redrive {
        /// Ids from the list, Sage keys (ABC:01-ABF), or ids of CRM records; none: all
        ids: Vec<String>,
        /// Only of this target; `-` for messages that named none
        #[arg(long)]
        target: Option<String>,
        /// Only those that were parked with this code
        #[arg(long)]
        code: Option<String>,
        /// Do it, not only say it
        #[arg(long)]
        yes: bool,
    },
}

/// A text with how few tokens the CRMs give: `@LIMITS@`.
fn with_limits(text: &str) -> String {
    let limits = CRM_PROFILES.into_iter().filter_map(|crm| {
        let limit = crm.token_limit?;
        Some(format!("{}: {limit}", crm.short))
    });
    text.replace("@LIMITS@", &limits.collect::<Vec<_>>().join(", "))
        .replace("@PROBES@", &crate::doctor::in_help())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn json_may_stand_anywhere_and_a_dash_is_a_target() {
        let cli = Cli::try_parse_from(["counterpart", "parked", "list", "--json", "-"]).unwrap();
        assert!(cli.json);
        let Command::Parked(ParkedCommand::List { target, .. }) = cli.command else {
            panic!("another command");
        };
        assert_eq!(target.as_deref(), Some("-"));
        assert!(Cli::try_parse_from(["counterpart", "status", "--company", "abc"]).is_err());
        assert!(
            Cli::try_parse_from(["counterpart", "status", "--since", "2h", "--runs", "3"]).is_err()
        );
    }
}
