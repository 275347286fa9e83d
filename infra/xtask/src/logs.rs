//! `logs`: what the functions of the stack that `up` started have written. They log to CloudWatch Logs, as in the cloud.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::aws::LocalAws;
use crate::cli::LogsOptions;
use crate::error::{Failure, Result, ensure};
use crate::stack::deploy::{FUNCTIONS, STACK};
use crate::stack::state::Kept;
use crate::target::TARGETS;
use crate::workspace::Workspace;

/// The names of all functions; each target has a writer of its own.
fn functions() -> Vec<String> {
    let mut all = Vec::new();
    for function in FUNCTIONS {
        if function == "crm-writer" {
            all.extend(
                TARGETS
                    .iter()
                    .map(|target| format!("{function}-{}", target.name)),
            );
        } else {
            all.push(function.to_owned());
        }
    }
    all
}

/// Prints the lines of one function, or of all, oldest first.
///
/// # Errors
/// When nothing is up, or there is no such function.
pub fn run(workspace: &Workspace, options: &LogsOptions) -> Result<()> {
    let kept = Kept::read(&Kept::dir(workspace))?.filter(Kept::is_running);
    let kept =
        kept.ok_or_else(|| Failure::new("nothing is up: `cargo xtask up` starts a stack"))?;
    let all = functions();
    let wanted: Vec<&String> = match &options.function {
        Some(name) => {
            // One writer per target: the name of the kind stands for all.
            let of = all
                .iter()
                .filter(|one| *one == name || one.starts_with(&format!("{name}-")));
            of.collect()
        }
        None => all.iter().collect(),
    };
    ensure(!wanted.is_empty(), || {
        let name = options.function.as_deref().unwrap_or_default();
        format!("there is no function {name}; there is: {}", all.join(", "))
    })?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let since = options
        .minutes
        .map_or(0, |minutes| now.saturating_sub(minutes * 60_000));
    let aws = LocalAws::new(&kept.endpoint);
    let mut lines = Vec::new();
    for function in wanted {
        let group = format!("/aws/lambda/{STACK}-{function}");
        for (at, line) in aws.log_events(&group, since)? {
            lines.push((at, function, line));
        }
    }
    lines.sort_by_key(|(at, _, _)| *at);
    for (_, function, line) in lines {
        println!("{function}: {}", line.trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever has a log group in the template is found here by its name.
    #[test]
    fn every_function_of_the_template_has_its_log() {
        let template = include_str!("../../template.yaml");
        let groups = template.lines().filter_map(|line| {
            let (_, name) = line.split_once("/aws/lambda/${AWS::StackName}-")?;
            Some(name.trim_end_matches('"').to_owned())
        });
        // A right to all of them is none of them.
        let groups = groups.filter(|name| !name.contains('*'));
        let mut groups: Vec<String> = groups
            .flat_map(|name| match name.split_once("${Target}") {
                Some((before, _)) => TARGETS
                    .iter()
                    .map(|target| format!("{before}{}", target.name))
                    .collect(),
                None => vec![name],
            })
            .collect();
        let mut all = functions();
        groups.sort();
        groups.dedup();
        all.sort();
        assert_eq!(all, groups);
    }
}
