//! The template with its loops unrolled, for tools that cannot look into them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Result, ensure};
use crate::process;
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Two of each: what collides shows only then.
const TARGETS: [&str; 2] = ["zoho", "salesforce"];
const COMPANIES: [&str; 2] = ["ABC", "XYZ"];

/// Writes it below the target directory.
///
/// # Errors
/// When a loop cannot be unrolled, or what came out lacks what the loops make.
pub fn write(workspace: &Workspace, stack: &Venv, template: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("check");
    std::fs::create_dir_all(&folder)?;
    let out = folder.join("template.json");
    process::output(
        stack
            .command("python")
            .arg(workspace.file("infra/local/expand_template.py"))
            .arg(template)
            .arg(&out)
            .arg(format!("Targets={}", TARGETS.join(",")))
            .arg(format!("Companies={}", COMPANIES.join(",")))
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    let unrolled = serde_json::from_str(&std::fs::read_to_string(&out)?)?;
    holds_all(&unrolled)?;
    writers_keep_apart(&unrolled)?;
    Ok(out)
}

fn holds_all(template: &Value) -> Result<()> {
    let writers = TARGETS.map(|target| format!("CrmWriter{target}"));
    let alarms = COMPANIES.map(|company| format!("{company}CustomerLagAlarm"));
    for name in writers.iter().chain(&alarms) {
        let found = template.pointer(&format!("/Resources/{name}"));
        ensure(found.is_some(), || {
            format!("the unrolled template holds no {name}")
        })?;
    }
    Ok(())
}

/// The role of one target's writer names nothing of another target: neither its queue, nor its secret, nor its token.
fn writers_keep_apart(template: &Value) -> Result<()> {
    for own in TARGETS {
        let role = template.pointer(&format!("/Resources/CrmWriterRole{own}"));
        let text = role.map(Value::to_string).unwrap_or_default();
        ensure(text.contains(&format!("/{own}-??????")), || {
            format!("the writer of {own} is not given its own secret alone: {text}")
        })?;
        for other in TARGETS.into_iter().filter(|other| *other != own) {
            ensure(!text.contains(other), || {
                format!("the role of {own}'s writer names {other}")
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_loop_that_made_nothing_is_noticed() {
        let mut template = json!({"Resources": {
            "CrmWriterzoho": {}, "CrmWritersalesforce": {}, "ABCCustomerLagAlarm": {}, "XYZCustomerLagAlarm": {},
        }});
        assert!(holds_all(&template).is_ok());
        template["Resources"]
            .as_object_mut()
            .unwrap()
            .remove("CrmWritersalesforce");
        assert!(holds_all(&template).is_err());
    }

    #[test]
    fn a_role_that_reaches_another_target_is_noticed() {
        let role = |of: &str| json!({ "Resource": [format!("arn:aws:secretsmanager:…:secret:counterpart/{of}-??????")] });
        let mut template = json!({"Resources": {
            "CrmWriterRolezoho": role("zoho"), "CrmWriterRolesalesforce": role("salesforce"),
        }});
        assert!(writers_keep_apart(&template).is_ok());
        template["Resources"]["CrmWriterRolezoho"]["Queue"] =
            json!("counterpart-crm-writes-salesforce");
        assert!(writers_keep_apart(&template).is_err());
        template["Resources"]["CrmWriterRolezoho"]["Resource"] = json!("counterpart/zoho*");
        assert!(writers_keep_apart(&template).is_err());
    }
}
