//! The tables of `infra/template.yaml`, made once more for each side.

use std::path::Path;

use serde_json::{Value, json};

use crate::aws::LocalAws;
use crate::error::{Failure, Result, ensure};
use crate::process;
use crate::venv::Venv;
use crate::workspace::Workspace;

/// A table, as far as a write's cost depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The attributes of its key.
    pub key: Vec<String>,
    /// Its global indexes.
    pub indexes: Vec<Index>,
}

/// An index of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The attributes of its key.
    pub key: Vec<String>,
    /// Whether it shows all attributes.
    pub all: bool,
    /// What it shows beside both keys.
    pub more: Vec<String>,
}

/// The template's tables: the last part of the name (`links`), and what `CreateTable` has to be told.
pub struct Definitions(Vec<(String, Value)>);

impl Definitions {
    /// Reads the template.
    ///
    /// # Errors
    /// When it cannot be read, or holds no tables.
    pub fn read(workspace: &Workspace, stack: &Venv, dir: &Path) -> Result<Self> {
        let out = dir.join("template.json");
        process::output(
            stack
                .command("python")
                .arg(workspace.file("infra/local/expand_template.py"))
                .arg(workspace.file("infra/template.yaml"))
                .arg(&out)
                .args(["Targets=salesforce", "Companies=ABC"])
                .env("PYTHONDONTWRITEBYTECODE", "1"),
        )?;
        Self::of(&serde_json::from_str(&std::fs::read_to_string(&out)?)?)
    }

    fn of(template: &Value) -> Result<Self> {
        let mut tables = Vec::new();
        let resources = template.get("Resources").and_then(Value::as_object);
        for resource in resources.into_iter().flat_map(|all| all.values()) {
            if resource.get("Type") != Some(&json!("AWS::DynamoDB::Table")) {
                continue;
            }
            let properties = resource.get("Properties").unwrap_or(&Value::Null);
            let name = properties
                .pointer("/TableName/Fn::Sub")
                .and_then(Value::as_str);
            let name = name.and_then(|name| name.rsplit('-').next());
            let name = name.ok_or_else(|| Failure::new("a table of the template has no name"))?;
            let mut wanted = json!({ "BillingMode": "PAY_PER_REQUEST" });
            for member in [
                "AttributeDefinitions",
                "KeySchema",
                "GlobalSecondaryIndexes",
            ] {
                if let Some(value) = properties.get(member) {
                    wanted[member] = value.clone();
                }
            }
            tables.push((name.to_owned(), wanted));
        }
        ensure(!tables.is_empty(), || {
            "the template holds no tables".to_owned()
        })?;
        Ok(Self(tables))
    }

    /// Makes them all for one side: `<side>-links` and so on.
    ///
    /// # Errors
    /// When DynamoDB refuses one.
    pub fn create(&self, aws: &LocalAws, side: &str) -> Result<Vec<Table>> {
        let mut tables = Vec::new();
        for (name, wanted) in &self.0 {
            let mut wanted = wanted.clone();
            wanted["TableName"] = json!(format!("{side}-{name}"));
            aws.json_call("dynamodb", "DynamoDB_20120810.CreateTable", &wanted)?;
            tables.push(table(&wanted));
        }
        Ok(tables)
    }

    /// The last parts of their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

fn table(wanted: &Value) -> Table {
    let list = |value: &Value, name: &str| {
        let list = value.get(name).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let key = |value: &Value| -> Vec<String> {
        let parts = list(value, "KeySchema");
        parts
            .iter()
            .map(|part| text(&part["AttributeName"]))
            .collect()
    };
    let indexes = list(wanted, "GlobalSecondaryIndexes");
    Table {
        name: text(&wanted["TableName"]),
        key: key(wanted),
        indexes: indexes
            .iter()
            .map(|index| Index {
                key: key(index),
                all: index.pointer("/Projection/ProjectionType") == Some(&json!("ALL")),
                more: list(&index["Projection"], "NonKeyAttributes")
                    .iter()
                    .map(text)
                    .collect(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_indexes_are_those_of_the_template() {
        let template = json!({"Resources": {
            "Ledger": {"Type": "AWS::DynamoDB::Table", "Properties": {
                "TableName": {"Fn::Sub": "${AWS::StackName}-ledger"},
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "GlobalSecondaryIndexes": [{
                    "IndexName": "by_key", "KeySchema": [{"AttributeName": "key_pk", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }],
                "SSESpecification": {"SSEEnabled": true},
            }},
            "Queue": {"Type": "AWS::SQS::Queue"},
        }});
        let definitions = Definitions::of(&template).unwrap();
        assert_eq!(definitions.names().collect::<Vec<_>>(), ["ledger"]);
        let wanted = &definitions.0[0].1;
        assert!(wanted.get("SSESpecification").is_none());
        let table = table(wanted);
        assert_eq!(table.key, ["pk", "sk"]);
        assert_eq!(
            (table.indexes[0].key.as_slice(), table.indexes[0].all),
            (&["key_pk".to_owned()][..], true)
        );
        assert!(Definitions::of(&json!({"Resources": {}})).is_err());
    }
}
