//! Whether each alarm of the template is explained to whoever it rings for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::written;
use crate::error::{Result, ensure};
use crate::workspace::Workspace;

/// Where they are explained.
const PAGE: &str = "docs/operations.md";
/// They share one space of names.
const TYPES: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];

/// Holds the alarms of the unrolled template against the table of the page.
///
/// # Errors
/// Names the alarms that no row is about, and those of one name.
pub fn check(workspace: &Workspace, template: &Value) -> Result<()> {
    let page = std::fs::read_to_string(workspace.file(PAGE))?;
    let explained = explained(&page);
    let names = names(template);
    let repeated = repeated(&names);
    ensure(repeated.is_empty(), || {
        format!("several alarms have one of these names: {repeated:?}")
    })?;
    let missing: Vec<String> = names
        .into_iter()
        .filter(|name| !explained.iter().any(|part| name.contains(part)))
        .collect();
    ensure(missing.is_empty(), || {
        format!(
            "{PAGE} does not say what to do about these alarms; add a row to its table whose first cell is a part of the \
             name:\n  {}",
            missing.join("\n  ")
        )
    })
}

/// The first cells of the table of alarms.
fn explained(page: &str) -> Vec<&str> {
    let (_, part) = page.split_once("\n## Alarms\n").unwrap_or_default();
    let part = part.split("\n## ").next().unwrap_or_default();
    part.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect()
}

/// The alarms' names, as far as they are written in the template: what is put in later stays in its place-holder.
fn names(template: &Value) -> Vec<String> {
    let resources = template.get("Resources").and_then(Value::as_object);
    resources
        .into_iter()
        .flatten()
        .filter(|(_, one)| {
            let kind = one.pointer("/Type").and_then(Value::as_str);
            kind.is_some_and(|kind| TYPES.contains(&kind))
        })
        .map(|(id, one)| {
            let name = one.pointer("/Properties/AlarmName");
            let text = name.and_then(|name| written::text(template, name));
            text.unwrap_or_else(|| id.clone())
        })
        .collect()
}

/// Those that more than one alarm has: CloudFormation would fail at the second, and only in the cloud.
fn repeated(names: &[String]) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    let again = names.iter().filter(|name| !seen.insert(name.as_str()));
    again.map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &str = "# Operations\n\n## Alarms\n\n| alarm | rings |\n|---|---|\n| `parked-` | now |\n| `-age` | now |\n\n\
                         ## Dead letters\n\n| `-dead` | elsewhere |\n";

    #[test]
    fn only_the_table_of_alarms_counts() {
        assert_eq!(explained(TABLE), ["parked-", "-age"]);
    }

    #[test]
    fn names_are_found_however_they_are_put_together() {
        let alarm = |name: Value| json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": { "AlarmName": name } });
        let mut template = json!({ "Resources": {
            "A": alarm(json!({ "Fn::Sub": "${AWS::StackName}-parked-zoho" })),
            "B": alarm(json!({ "Fn::Sub": ["${Name}-age", { "Name": { "Fn::GetAtt": ["Queue", "QueueName"] } }] })),
            "C": alarm(json!("plain")),
            "D": alarm(json!({ "Fn::ImportValue": "elsewhere" })),
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Fn::Sub": "${AWS::StackName}-jobs" } } },
        }});
        let found = names(&template);
        assert_eq!(
            found,
            [
                "${AWS::StackName}-parked-zoho",
                "${AWS::StackName}-jobs-age",
                "plain",
                "D"
            ]
        );
        assert!(repeated(&found).is_empty());
        template["Resources"]["E"] = alarm(json!({ "Fn::Sub": "${AWS::StackName}-jobs-age" }));
        assert_eq!(
            Vec::from_iter(repeated(&names(&template))),
            ["${AWS::StackName}-jobs-age"]
        );
        template["Resources"]["E"]["Type"] = json!("AWS::CloudWatch::CompositeAlarm");
        assert_eq!(repeated(&names(&template)).len(), 1);
    }
}
