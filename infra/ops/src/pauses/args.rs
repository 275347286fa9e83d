//! What the command line says of pauses.

use clap::Args;
use counterpart_delivery::IntentKind;
use counterpart_domain::{Company, Entity, TargetName};

use crate::cli::{company, target};

/// What is said under `counterpart pause --help`.
pub const PAUSE_HELP: &str = "\
What is named is neither read nor written: polls of Sage, writes to Sage, reading and writing of the CRM. A target that is
named without a company is not read either; with a company, what its people change is read and waits for Sage. What the CRMs
tell is taken all the while, and look-ups from a CRM's screen are answered. Nothing is lost: what comes meanwhile waits, or is
read afterwards, in order, and no time limit runs. It begins within seconds; what is at work just now ends its page or message.
What a person asks for by command is not asked of pauses: `counterpart link move` reads the CRM and empties the twins' keys at
once, and only what it has written anew waits.

Examples:
  counterpart pause --company ABC --reason 'period end' --for 3h
  counterpart pause --target zoho --reason 'the org is rebuilt'           until somebody resumes it
  counterpart pause --company ABC --entity contact --reason import --until 2026-12-01T06:00:00-06:00
  counterpart pause --entity order --reason 'new price list' --for 45m    sales and their orders
  counterpart pause --all --reason 'restore of a table'

Times that come again (a nightly backup) are quiet windows of sync.toml: quiet = [...].";

/// What is said under `counterpart resume --help`.
pub const RESUME_HELP: &str = "\
What waited is done within the hour, without anything else to do.

Examples:
  counterpart resume --company ABC
  counterpart resume --company ABC --entity contact
  counterpart resume 0k3f2a                 the one with this id, where several name the same";

/// What a pause names.
#[derive(Debug, Clone, Default, Args)]
pub struct ScopeArgs {
    /// This company
    #[arg(long, value_parser = company)]
    pub company: Option<Company>,
    /// This target
    #[arg(long, value_parser = target)]
    pub target: Option<TargetName>,
    /// These records: customer, contact, ship_to, salesperson; or order, for sales and their orders
    #[arg(long, value_parser = kind)]
    pub entity: Option<IntentKind>,
    /// Everything
    #[arg(long, conflicts_with_all = ["company", "target", "entity"])]
    pub all: bool,
}

/// `counterpart pause`
#[derive(Debug, Clone, Args)]
pub struct PauseArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Why: whoever looks at the status reads it
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// When it ends by itself, such as 2026-12-01T06:00:00-06:00
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    pub until: Option<String>,
    /// How long it lasts: 45m, 2h, 3d
    #[arg(long = "for", value_name = "SPAN")]
    pub lasts: Option<String>,
    /// Who pauses. Default: the name of the user of this machine
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// `counterpart resume`
#[derive(Debug, Clone, Args)]
pub struct ResumeArgs {
    /// The id of a pause, as `status` and `pauses` show it
    #[arg(conflicts_with_all = ["company", "target", "entity", "all"])]
    pub id: Option<String>,
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Who resumes. Default: the name of the user of this machine
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// `counterpart pauses`
#[derive(Debug, Clone, Args)]
pub struct PausesArgs {
    /// The newest N changes
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub limit: u16,
}

fn kind(name: &str) -> Result<IntentKind, String> {
    IntentKind::try_from(name.to_owned()).map_err(|_| {
        let entities = Entity::ALL.map(Entity::name).join(", ");
        format!("one of {entities}, order is wanted")
    })
}
