//! `up` and `down`: a system that stays.

use crate::cli::UpOptions;
use crate::demo::reps;
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::simulators::text;
use crate::stack::state::Kept;
use crate::stack::{Stack, Wanted};
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
        let (mapping, _left) = reps::by_email(&stack)?;
        reps::import(&stack, "reps.csv", &mapping)
    })?;
    let kept = stack.keep();
    let shell = kept.write(&dir)?;
    let agent = text(&kept.said, "/agent/url")?;
    let zoho = text(&kept.said, "/zoho/url")?;
    let endpoint = &kept.endpoint;
    let hints = &kept.hint_url;
    let shell = shell.display();
    let dir = dir.display();
    say.line(&format!(
        "
The stack is up. The schedules poll by themselves: customers and contacts every 15 minutes. Salespersons are mapped to
the CRM users with their e-mail address; one has left and is mapped to nobody, so his customer will be parked.

  Sage 100 agent   {agent}
  Zoho CRM         {zoho}
  AWS              {endpoint}
  hints            {hints}/sage/ABC/hint
  logs             {dir}/*.log

In a shell:
  source {shell}
  counterpart status
  counterpart parked list
  counterpart reps list
  counterpart reps export > reps.csv        name somebody for 01-0990, then: counterpart reps import reps.csv

Poll now instead of waiting (any AWS client works, with the variables of that file):
  curl --aws-sigv4 aws:amz:us-east-1:lambda --user test:test \\
      {endpoint}/2015-03-31/functions/counterpart-poller/invocations -d '{{\"company\":\"ABC\",\"entity\":\"customer\"}}'

Change something in Sage, and look at it in Zoho:
  curl {agent}/_sim/edit -d '{{\"key\":\"01-ABF\",\"fields\":{{\"City\":\"Racine\"}}}}'
  curl {zoho}/_sim/records/Accounts

End it:
  cargo xtask down"
    ));
    Ok(())
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
