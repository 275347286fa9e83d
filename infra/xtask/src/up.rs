//! `up` and `down`: a system that stays.

use serde_json::Value;

use crate::cli::UpOptions;
use crate::demo::{orders, reps};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::simulators::text;
use crate::stack::state::Kept;
use crate::stack::{Stack, Wanted, shell};
use crate::target::{TARGETS, Target};
use crate::workspace::Workspace;

/// Starts a system, leaves it running and says how to use it.
///
/// # Errors
/// When one is running already, or it can't be started.
pub fn up(workspace: &Workspace, options: &UpOptions) -> Result<()> {
    let say = Say::new(false);
    let dir = Kept::dir(workspace);
    if let Some(kept) = Kept::read(&dir)? {
        ensure(!kept.is_running(), || {
            "a stack is running already; `cargo xtask down` ends it".to_owned()
        })?;
    }
    let wanted = Wanted {
        customers: options.customers,
        seed: options.seed,
        scheduled: true,
        dir: dir.clone(),
    };
    let stack = Stack::start(workspace, &say, &wanted)?;
    say.step("map salespersons to CRM users", || {
        let (mappings, _left) = reps::by_email(&stack)?;
        reps::import(&stack, "reps.csv", &mappings)
    })?;
    say.step("subscribe to the changes of the CRMs", || {
        orders::subscribe(&stack, 1).map(drop)
    })?;
    let kept = stack.keep();
    let file = kept.write(&dir, &shell::variables(&kept)?)?;
    let agent = text(&kept.said, "/agent/url")?;
    let addresses = addresses(&kept)?;
    let looks = looks(&kept.said)?;
    let outage = outage(&kept.said)?;
    let edits = edits(&kept.said)?;
    let file = file.display();
    let dir = dir.display();
    say.line(&format!(
        "
The stack is up. The schedules poll by themselves, most of them every 15 minutes. Salespersons are mapped to
the CRMs' users with their e-mail address; one has left and is mapped to nobody, so his customer will be parked.

{addresses}
  servers' logs                      {dir}/*.log
  functions' logs                    cargo xtask logs [FUNCTION]

In a shell, where these variables and the command are set:
  source {file}
  counterpart status
  counterpart parked list
  counterpart circuit list
  counterpart channel list
  counterpart hooks --api \"$CRM_API\" --show
  counterpart reps list
  counterpart reps export > reps.csv        name somebody for 01-0990, then: counterpart reps import reps.csv

Poll now instead of waiting:
  counterpart poll ABC customer

Change something in Sage, and look at it in the CRMs:
  curl {agent}/_sim/edit -d '{{\"key\":\"01-ABF\",\"fields\":{{\"City\":\"Racine\"}}}}'
{looks}

Change something in a CRM, once the customers were polled, and look at it in Sage (the Phone belongs to both):
{edits}
  curl '{agent}/_sim/records/customers?company=ABC&key=01-ABF'

Take one down, poll, see the other one go on, and let it come back:
{outage}

End it:
  cargo xtask down"
    ));
    Ok(())
}

/// A line with each address, and the variable that it has in a shell.
fn addresses(kept: &Kept) -> Result<String> {
    let lines = shell::addresses(kept)?;
    let lines = lines.into_iter().map(|address| {
        let variable = format!("${}", address.variable);
        format!("  {:<17} {variable:<17} {}", address.title, address.url)
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// How to look at each CRM's accounts.
fn looks(said: &Value) -> Result<String> {
    lines(said, |target, url| {
        format!("  curl {url}/_sim/records/{}", target.account())
    })
}

/// How to edit an account in each CRM, as a person does.
fn edits(said: &Value) -> Result<String> {
    lines(said, |_, url| {
        format!(
            "  curl {url}/_sim/edit -d '{{\"key\":\"ABC:01-ABF\",\"fields\":{{\"Phone\":\"(414) 555-0188\"}}}}'"
        )
    })
}

/// How to take the last one down and bring it back.
fn outage(said: &Value) -> Result<String> {
    let name = TARGETS.last().map(|target| target.name).unwrap_or_default();
    let url = text(said, &format!("/{name}/url"))?;
    Ok(format!(
        "  curl {url}/_sim/faults -d '{{\"rules\":[{{\"operation\":\"*\",\"status\":503}}]}}'
  curl {url}/_sim/faults -d '{{\"clear\":true}}'"
    ))
}

fn lines(said: &Value, line: impl Fn(&Target, &str) -> String) -> Result<String> {
    let lines: Vec<String> = TARGETS
        .iter()
        .map(|target| Ok(line(target, &text(said, &format!("/{}/url", target.name))?)))
        .collect::<Result<_>>()?;
    Ok(lines.join("\n"))
}

/// Ends what [`up`] started.
///
/// # Errors
/// When its state can't be read.
pub fn down(workspace: &Workspace) -> Result<()> {
    let say = Say::new(false);
    let dir = Kept::dir(workspace);
    match Kept::read(&dir)? {
        None => say.line("Nothing is up."),
        Some(kept) => {
            let ended = kept.end(&dir)?;
            if ended.is_empty() {
                say.line("It had ended already.");
            } else {
                say.line(&format!("Ended: {}.", ended.join(", ")));
            }
        }
    }
    Ok(())
}
