//! The arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::bench::CRM;
use crate::target::titles;

/// Tries, tests and deploys Counterpart from its repository.
///
/// Rust and Python 3 are all that is needed: the tools written in Python are installed under the target directory the
/// first time. Nothing here needs an AWS account except `deploy`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = with_crms("\
START HERE
  cargo xtask demo                    see it work: 2,000 customers from Sage 100 to @CRMS@, in minutes
  cargo xtask up                      keep such a system running, to play with
  cargo xtask down                    and end it
  cargo xtask test                    every test there is
  cargo xtask deploy                  into your own AWS account

WHERE THINGS ARE
  infra/template.yaml                 the deployment: the local stack deploys this very file
  infra/local/sync.toml               the configuration of the local stack
  target/stack/                       logs of the local servers, one folder for each stack
  target/venv/                        Python tools, pinned by infra/local/requirements-*.txt")
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

/// A task.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Imports generated customers through the deployed functions and checks every promise on the way.
    Demo(DemoOptions),
    /// Runs the Rust tests, some seeds of the simulation, the tests with real client libraries, and a small demo.
    Test(TestOptions),
    /// Runs the simulation: whole days from a seed, with faults, and the product's invariants at the end of each.
    Sim(SimOptions),
    /// Checks the figures of the code, the template, the licences and the sources of all dependencies.
    Check,
    /// Measures how easy the code is to walk through; `check` holds the figures against their limits.
    House(HouseOptions),
    /// Starts the whole system on this machine and leaves it running.
    Up(UpOptions),
    /// Ends what `up` started, and nothing else.
    Down,
    /// Prints what the functions of the stack that `up` started have logged.
    Logs(LogsOptions),
    /// Measures what the functions weigh: size, time to the first event, memory, against an empty one.
    Measure(MeasureOptions),
    /// Measures the CRM writer beside two Python writers that do the same.
    Bench(BenchOptions),
    /// Makes and updates a deployment on this machine, and looks whether it keeps what it has to.
    Rehearse(RehearseOptions),
    /// Builds the functions for Lambda and deploys them into your AWS account.
    Deploy(DeployOptions),
}

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
#[command(after_help = with_crms("\
The demo starts simulators of Sage 100, of @CRMS@, and a local AWS, deploys infra/template.yaml, imports into
both CRMs, and then shows: all sides equal, owners right, nothing written twice, an edit and a rep change in one poll, a
hint within seconds, two records parked on purpose, each CRM down once without the other noticing, a deal of each CRM
as one order in Sage 100 with its number back, and what it all costs in calls and units. It leaves nothing running and ends with
a code other than 0, naming the step, as soon as something does not hold.

--sales goes on from there, in both CRMs, with one company that is written by SOAP and one by the agent:
  a deal that was won before `since`      makes no order and says why; redriven, it is one order
  an order of the CRM, its deal later     stays one order
  a discount, more of it, none any more   is in Sage to the cent
  a clerk's line in Sage                  the next edit in the CRM is parked with both sides; the line stays
  a discount of the whole order           is told, since the totals would differ
  a spoilt product code, a hidden deal    an operator finds and mends them with the verbs of `counterpart`
  an owner and a contact as real CRMs describe them pass the check of the configuration
In the end every sale is held against Sage: orders, lines, totals. With --json, as the member `sales`.

EXAMPLES
  cargo xtask demo --customers 300
  cargo xtask demo --sales --json | jq .sales"))]
pub struct DemoOptions {
    /// Customers to generate, beside those of the demo companies. With --sales, 50 are enough.
    #[arg(long, value_name = "N", default_value_t = 2000, default_value_if("sales", "true", "50"), value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pub customers: u32,
    /// Seed of the generated data: the same seed gives the same data and the same final state.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How often each event of a closed deal is delivered: it is one order in Sage 100 all the same. Those of --sales come once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=50))]
    pub duplicates: u16,
    /// Plays sales as they really go, too, and holds each against Sage 100 at the end.
    #[arg(long)]
    pub sales: bool,
    /// Prints the figures as one JSON object in the last line; the rest goes to stderr.
    #[arg(long)]
    pub json: bool,
}

/// Options of `test`.
#[derive(Clone, Debug, Args)]
pub struct TestOptions {
    /// Customers of the demo at the end.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pub customers: u32,
}

/// Options of `logs`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
EXAMPLES
  cargo xtask logs                    of all functions
  cargo xtask logs webhooks --minutes 5")]
pub struct LogsOptions {
    /// Only this function: poller, webhooks, crm-writer, ...
    pub function: Option<String>,
    /// Only what was logged in the last so many minutes.
    #[arg(long, value_name = "N")]
    pub minutes: Option<u64>,
}

/// Options of `sim`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Each seed is a day of two companies and two CRMs in memory and in virtual time: people sell, correct and cancel on both
sides, pollers, transforms and writers run side by side, step by step, and whatever the seed drew goes wrong. At the end all
comes to rest, and the invariants that the product declares are checked. The same seed is the same day.

  SEED=7 cargo xtask sim              tells the day of one seed, step by step
  cargo xtask sim --scenarios         runs the named scenarios instead
  cargo xtask sim --mutations         takes things out of a copy of the product, one by one: each has to be noticed

An unknown name in --faults lists all of them. It ends with a code other than 0 when a seed fails, and names it.")]
pub struct SimOptions {
    /// How many seeds.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub from: u64,
    /// What may go wrong: `all`, `none`, or names with commas between them.
    #[arg(long, value_name = "FAULTS", default_value = "all")]
    pub faults: String,
    /// Runs the named scenarios instead of seeds.
    #[arg(long)]
    pub scenarios: bool,
    /// Checks that each mutation of `tests/simulation/mutations.toml` is noticed.
    #[arg(long)]
    pub mutations: bool,
    /// Of the mutations, only those whose name holds this text.
    #[arg(long, value_name = "TEXT", requires = "mutations")]
    pub only: Option<String>,
    /// Prints the figures as one JSON object in the last line; the rest goes to stderr.
    #[arg(long)]
    pub json: bool,
}

impl SimOptions {
    /// So many seeds, with everything that may go wrong.
    #[must_use]
    pub fn of(seeds: u64) -> Self {
        Self {
            seeds,
            from: 0,
            faults: "all".to_owned(),
            scenarios: false,
            mutations: false,
            only: None,
            json: false,
        }
    }
}

/// Options of `house`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Counted are the product's .rs files below shared, functions and infra; tests are left out, comments as well.

  entity_named       files that name the entity that house.toml says, outside of the entity's own folder
  entity_spelled     the same, however it is written: in capitals, or as a text in quotes
  salesforce_named   files that name this CRM outside of its crate and its profile; the word alone counts, and
                     not what only begins with it, such as SalesforceConfig
  zoho_named         the same for Zoho
  crm_spelled        either of them, however it is written
  circular_imports   groups of files that need each other, by the files that define what is imported
  circular_at_all    the same, where what a parent takes from its own children counts too
  generic_impls      `impl` headers with four or more type parameters
  long_functions     functions of more than 60 lines, from `fn` to the last bracket
  workspace_members  packages

infra/house.toml holds the limits.

EXAMPLES
  cargo xtask house --verbose
  cargo xtask house --tree ../before --json | jq .figures
  cargo xtask house --write")]
pub struct HouseOptions {
    /// Measures this checkout, by the rules of the present one.
    #[arg(long, value_name = "DIR", conflicts_with = "write")]
    pub tree: Option<PathBuf>,
    /// Lists what is counted, too: files, circles with their names, headers, functions.
    #[arg(long)]
    pub verbose: bool,
    /// Makes the figures the limits.
    #[arg(long)]
    pub write: bool,
    /// Prints all of it as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Options of `up`.
#[derive(Clone, Debug, Args)]
pub struct UpOptions {
    /// Customers to generate, beside those of the demo companies.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub customers: u32,
    /// Seed of the generated data.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}

/// Options of `measure`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Each function is started on this machine against a Runtime API on the loopback address, in turns with an empty function
that was built the same way: a few lines that do nothing. Measured are the size of the binary, the time from the start of
the process to its first poll for an event, and the memory that it has used by then. No function calls AWS before that, or
this fails. Memory is read from /proc, so that Linux is needed.

The profile `release` is what is deployed; it takes minutes to build. `dev` is what the local stack and the
tests run.")]
pub struct MeasureOptions {
    /// How the functions are built.
    #[arg(long, value_name = "PROFILE", default_value = "release", value_parser = ["release", "dev"])]
    pub profile: String,
    /// Starts of each function.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(3..=500))]
    pub runs: u32,
    /// Prints the figures as one JSON object in the last line; the rest goes to stderr.
    #[arg(long)]
    pub json: bool,
}

/// Options of `bench`.
#[derive(Clone, Debug, Args)]
#[command(after_help = with_crms("\
The CRM writer as it is deployed, and two Python writers (tests/bench), take the same packs of customers, one event after the
other: created, changed, redelivered, unchanged. Each has its own tables and its own simulated @CRM@. Measured are the
CPU time and memory of the writer's process alone, its requests to DynamoDB, its write units by DynamoDB's published rules,
and its calls of the CRM. It ends with a code other than 0 when a side does not do what it has to, or the batched writer
asks too much to be a measure. docs/performance.md explains it. Linux is needed, for /proc."))]
pub struct BenchOptions {
    /// Customers of each phase, rounded up to full packs of 200. The idiomatic writer is given 1,000 of them at most.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(200..=50_000))]
    pub size: u32,
    /// Seed of the generated data.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Has the unchanged records read anew, as one is that was touched in Sage. Our writer then notes the later observation
    /// in each link; the peers do not.
    #[arg(long)]
    pub touched: bool,
    /// Leaves out the order, and the stack that it needs.
    #[arg(long)]
    pub no_order: bool,
    /// Prints the figures as one JSON object in the last line; the rest goes to stderr.
    #[arg(long)]
    pub json: bool,
}

/// Options of `rehearse`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
With MiniStack in place of AWS and a builder that compiles nothing, this runs the code of `deploy`: a first deployment that
fails and is tried again, one for a single target, then updates that say nothing, add a target and a company, and enable the
schedules. Rows, messages, values of secrets and the addresses of the APIs have to outlast all of them.

  cargo xtask rehearse --from v1.4.0     begins with the template of that commit: the update that you are about to make")]
pub struct RehearseOptions {
    /// Begins with the template of this commit of the repository, instead of the present one.
    #[arg(long, value_name = "REVISION")]
    pub from: Option<String>,
}

/// Options of `deploy`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
This runs two commands in infra/, with the tools of a virtual environment of its own:

  sam build  <the template's parameters>                    compiles the functions with cargo-lambda
  sam deploy <your arguments> <the template's parameters>   shows the changes, asks, and deploys them

The names of Companies and Targets have to be known before the build: they are taken from --parameter-overrides, then from
infra/samconfig.toml, then from the stack as it is deployed; at the first deployment they are asked for. Other parameters that
are not given keep their values. Everything after -- goes to `sam deploy`, but for --guided, whose questions come too late.

EXAMPLES
  cargo xtask deploy
  cargo xtask deploy -- --profile crm --region eu-central-1 \\
      --parameter-overrides Companies=ABC,XYZ Targets=zoho,salesforce AlarmEmail=ops@example.com
  cargo xtask deploy --architecture x86_64 --build-only -- --parameter-overrides Companies=ABC Targets=zoho
  cargo xtask deploy -- --parameter-overrides ScheduleState=ENABLED

The functions are built for arm64 unless you or the stack say otherwise. On another processor `rustup target add
aarch64-unknown-linux-gnu` is needed once, or --architecture x86_64.

AFTERWARDS
  1. put each CRM's client into the secret <stack>/<target>; the secret's description says what it holds
  2. give the generated values of <stack>/agent and <stack>/hint to the Sage agent, or put the agent's own token
  3. counterpart config init > sync.toml, edit, counterpart config check sync.toml, counterpart config push sync.toml
  4. counterpart reps import reps.csv, counterpart doctor
  5. deploy again with ScheduleState=ENABLED: nothing polls before")]
pub struct DeployOptions {
    /// The processor to build for and to run on; x86_64 or arm64. The stack's own one where it is left out.
    #[arg(long, value_name = "PROCESSOR", value_parser = ["arm64", "x86_64"])]
    pub architecture: Option<String>,
    /// Only builds; deploys nothing.
    #[arg(long)]
    pub build_only: bool,
    /// Arguments for `sam deploy`.
    #[arg(last = true, value_name = "SAM ARGUMENTS")]
    pub sam: Vec<String>,
}

/// A text with the names of the CRMs: `@CRMS@`, and of the one that is measured: `@CRM@`.
fn with_crms(text: &str) -> String {
    text.replace("@CRMS@", &titles())
        .replace("@CRM@", CRM.short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sales_need_few_customers() {
        let customers = |words: &[&str]| {
            let words = ["cargo xtask", "demo"].iter().chain(words);
            match Cli::parse_from(words).task {
                Task::Demo(options) => options.customers,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(customers(&[]), 2000);
        assert_eq!(customers(&["--sales"]), 50);
        assert_eq!(customers(&["--sales", "--customers", "300"]), 300);
    }
}
