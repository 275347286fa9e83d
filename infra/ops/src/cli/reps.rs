//! The verbs of who owns what.

use std::path::PathBuf;

use clap::Subcommand;
use counterpart_domain::TargetName;

use super::typed::target;
use super::with_limits;

/// `counterpart reps …`
#[derive(Debug, Subcommand)]
pub enum RepsCommand {
    /// Take a mapping from a CSV file
    #[command(after_help = "\
The file has the columns company,salesperson,target,user_id,user_name, as `reps export` writes them:

  company,salesperson,target,user_id,user_name
  ABC,01-0100,zoho,4150868000000225013,Jim Kentley

Everything that is wrong is said at once, with lines, and then nothing is written. Otherwise the changes are said first,
then written; rows that change nothing are left alone. The customers of a changed salesperson get their owner by the next
poll, without an edit in Sage. A salesperson that the file does not name keeps the mapping; a blank user_id takes it away.
The CRMs are asked first whether the ids are those of active users; when one is not, nothing is written.

Examples:
  counterpart reps import reps.csv --dry-run
  counterpart reps import reps.csv")]
    Import {
        /// The CSV file
        file: PathBuf,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        /// Let rows with a blank user_id take a mapping away
        #[arg(long)]
        allow_removals: bool,
        /// Write also ids that are no active users of the CRM
        #[arg(long)]
        unchecked: bool,
    },
    /// Propose CRM users for the salespersons that are not mapped, by e-mail address, then by name
    #[command(after_help = with_limits("\
Each proposal has a score and a reason:

  100  the same e-mail address             88  the same name in another order
   95  the same but for what follows a +   85  the same first and last name
   90  the same name (case, accents,       80  the same e-mail address, but another name
       Jr. and \"Last, First\" aside)        75  the same last name and initial; below: alike

Nothing is saved without --accept, which takes those from --min-score on. Undecided ones (several users fit equally well, or
one user fits several salespersons) are shown and never taken by themselves; inactive users are not offered; who is mapped
already is left alone, and what speaks against it is said. Before anything is saved it is said how many customers get another
owner, and how many parked ones are tried again. It asks each CRM for one access token (@LIMITS@).

Examples:
  counterpart reps match                                look
  counterpart reps match --csv > proposals.csv          look, correct, and then:
  counterpart reps import proposals.csv
  counterpart reps match --accept                       take those with 90 and more
  counterpart reps match --accept --min-score 100       only equal e-mail addresses"))]
    Match {
        /// Only this target
        #[arg(long, value_parser = target)]
        target: Option<TargetName>,
        /// Print them as CSV for `reps import`, with score and reason
        #[arg(long, conflicts_with = "accept")]
        csv: bool,
        /// Save the proposals from --min-score on
        #[arg(long)]
        accept: bool,
        /// The least score that --accept takes
        #[arg(long, value_name = "SCORE", default_value_t = 90, value_parser = clap::value_parser!(u8).range(60..=100))]
        min_score: u8,
    },
    /// How many salespersons are mapped, and how many customers that covers
    #[command(after_help = "\
The customers are those that go to the target by its filters. With --from agent (the default) all of them are read from Sage,
a page at a time; with --from links those are counted that the deployment has seen so far.

Examples:
  counterpart reps coverage
  counterpart reps coverage --from links --json")]
    Coverage {
        /// Where the customers are counted
        #[arg(long, default_value = "agent")]
        from: CountFrom,
    },
    /// Print all salespersons and their CRM users as CSV; a blank user_id is not mapped yet
    #[command(after_help = "Example:\n  counterpart reps export > reps.csv")]
    Export,
    /// Show all salespersons with their names in Sage, mapped or not
    List,
}

/// Where customers are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CountFrom {
    /// All, from the Sage agents
    Agent,
    /// Those seen so far, by the deployment's own table
    Links,
}
