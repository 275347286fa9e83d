//! The template with its loops unrolled, for tools that cannot look into them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::alarms;
use super::rights::{Request, Role};
use super::written;
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
    polls_all(&unrolled)?;
    writers_keep_apart(&unrolled)?;
    rows_keep_apart(&unrolled)?;
    nobody_configures(&unrolled)?;
    alarms::check(workspace, &unrolled)?;
    Ok(out)
}

fn holds_all(template: &Value) -> Result<()> {
    for name in TARGETS.map(|target| format!("CrmWriter{target}")) {
        let found = template.pointer(&format!("/Resources/{name}"));
        ensure(found.is_some(), || {
            format!("the unrolled template holds no {name}")
        })?;
    }
    Ok(())
}

/// Every company polls each entity that is described, and somebody is told when it does not.
fn polls_all(template: &Value) -> Result<()> {
    let entities = template.pointer("/Mappings/Entities");
    let entities = entities.and_then(Value::as_object).into_iter().flatten();
    let mut count = 0;
    for (entity, row) in entities {
        count += 1;
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
        for company in COMPANIES {
            let read = |path: &str| {
                let value = template.pointer(&format!("/Resources/{company}{entity}{path}"));
                value.and_then(|value| written::text(template, value))
            };
            let expected = format!(r#"{{"company":"{company}","entity":"{name}"}}"#);
            let input = read("Poll/Properties/Target/Input");
            ensure(input.as_ref() == Some(&expected), || {
                format!(
                    "the poll of {company}'s {entity} has to say {expected} and says {input:?}: has the loop its word?"
                )
            })?;
            let watched = read("LagAlarm/Properties/Dimensions/1/Value");
            ensure(watched.as_deref() == Some(name), || {
                format!(
                    "the lag alarm of {company}'s {entity} has to watch {name:?} and watches {watched:?}"
                )
            })?;
        }
    }
    ensure(count > 0, || {
        "the template's mapping Entities has no row".to_owned()
    })
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

/// A writer has what it needs of its own target's rows, and nothing of another's.
fn rows_keep_apart(template: &Value) -> Result<()> {
    for own in TARGETS {
        let id = format!("CrmWriterRole{own}");
        let role = Role::of(template, &id);
        for of in TARGETS {
            let allowed = of == own;
            let links = &[&*format!("{of}#customer#ABC:01-1")];
            let rows: [(&str, &[&str], &[&str]); 5] = [
                (
                    "links",
                    links,
                    &[
                        "GetItem",
                        "BatchGetItem",
                        "Query",
                        "PutItem",
                        "UpdateItem",
                        "DeleteItem",
                    ],
                ),
                (
                    "parked",
                    &[of],
                    &["GetItem", "PutItem", "UpdateItem", "DeleteItem"],
                ),
                ("tokens", &[of], &["GetItem", "PutItem", "UpdateItem"]),
                ("reps", &[&format!("{of}#ABC")], &["Query"]),
                ("cursors", &[&format!("mark#stock#{of}#1")], &["PutItem"]),
            ];
            for (table, keys, actions) in rows {
                for action in actions {
                    let action = &format!("dynamodb:{action}");
                    role.has_to(
                        &id,
                        allowed,
                        Request {
                            action,
                            table,
                            keys,
                        },
                    )?;
                }
            }
            let run = [&*format!("run#1#{of}")];
            role.has_to(&id, allowed, put("ledger", &run))?;
        }
        for keys in [["history#ABC#customer#1"], ["pack#1"]] {
            role.has_to(&id, true, put("ledger", &keys))?;
        }
        role.has_to(&id, true, put("settings", &["circuit"]))?;
        role.has_to(&id, false, put("settings", &["binding"]))?;
    }
    Ok(())
}

/// No function writes the configuration, though some keep other settings.
fn nobody_configures(template: &Value) -> Result<()> {
    let resources = template.get("Resources").and_then(Value::as_object);
    let functions = resources
        .into_iter()
        .flatten()
        .filter(|(_, one)| one.pointer("/Type") == Some(&Value::from("AWS::Serverless::Function")));
    for (function, one) in functions {
        let role = one.pointer("/Properties/Role/Fn::GetAtt").and_then(|role| {
            role.get(0)?
                .as_str()
                .or_else(|| role.as_str()?.split('.').next())
        });
        let id = role.unwrap_or_default();
        let role = Role::of(template, id);
        ensure(role.denies(put("settings", &["config"])), || {
            format!("nothing forbids {function}, by its role {id:?}, to write the configuration")
        })?;
        for action in ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"] {
            let action = &format!("dynamodb:{action}");
            for keys in [&["config"][..], &["circuit", "config"][..], &["pauses"][..]] {
                let request = Request {
                    action,
                    table: "settings",
                    keys,
                };
                role.has_to(id, false, request)?;
            }
        }
    }
    for id in ["OrderTransformRole", "SageWriterRole"] {
        Role::of(template, id).has_to(id, true, put("settings", &["circuit"]))?;
    }
    Role::of(template, "SageWriterRole").has_to(
        "SageWriterRole",
        true,
        put("settings", &["binding"]),
    )
}

fn put<'a>(table: &'a str, keys: &'a [&'a str]) -> Request<'a> {
    Request {
        action: "dynamodb:PutItem",
        table,
        keys,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_loop_that_made_nothing_is_noticed() {
        let mut template = json!({"Resources": {
            "CrmWriterzoho": {}, "CrmWritersalesforce": {},
        }});
        assert!(holds_all(&template).is_ok());
        template["Resources"]
            .as_object_mut()
            .unwrap()
            .remove("CrmWritersalesforce");
        assert!(holds_all(&template).is_err());
    }

    #[test]
    fn an_entity_that_nobody_polls_or_watches_is_noticed() {
        let mut template = json!({ "Mappings": { "Entities": { "Customer": { "name": "customer" } } }, "Resources": {} });
        let found = json!({ "Fn::FindInMap": ["Entities", "Customer", "name"] });
        for company in COMPANIES {
            let text = format!(r#"{{"company":"{company}","entity":"${{Name}}"}}"#);
            let input = json!({ "Fn::Sub": [text, { "Name": found }] });
            template["Resources"][format!("{company}CustomerPoll")] =
                json!({ "Properties": { "Target": { "Input": input } } });
            template["Resources"][format!("{company}CustomerLagAlarm")] = json!({ "Properties": { "Dimensions": [{}, { "Name": "Entity", "Value": found }] } });
        }
        polls_all(&template).unwrap();
        let mut unwatched = template.clone();
        unwatched["Resources"]["XYZCustomerLagAlarm"]["Properties"]["Dimensions"][1]["Value"] =
            json!("contact");
        assert!(polls_all(&unwatched).is_err());
        template["Mappings"]["Entities"]["Contact"] = json!({ "name": "contact" });
        assert!(polls_all(&template).is_err());
        assert!(polls_all(&json!({})).is_err());
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
