//! One CRM of a running stack.

use counterpart_domain::Entity;
use serde_json::{Map, Value};

use crate::error::{Failure, Result};
use crate::stack::simulators::{Door, Simulators, text};
use crate::target::Target;

/// The configuration of the local stack.
const LOCAL: &str = include_str!("../../../local/sync.toml");

/// A target with its simulator and its queue.
#[derive(Clone, Debug)]
pub struct Crm {
    /// What it is.
    pub target: &'static Target,
    /// The simulator's control door.
    pub door: Door,
    /// URL of its queue of packs.
    pub packs: String,
    /// What belongs to an account there, as the local configuration has it.
    pub children: Vec<Child>,
}

/// An entity whose records belong to customers, in one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The entity.
    pub entity: Entity,
    /// Its module or object.
    pub module: String,
    /// The field that points to the account.
    pub parent_field: String,
}

/// Every entity of a target that has a parent.
///
/// # Errors
/// When the configuration is no TOML.
fn children(target: &str, configuration: &str) -> Result<Vec<Child>> {
    let configuration: toml::Table = configuration
        .parse()
        .map_err(|error| Failure::new(format!("infra/local/sync.toml: {error}")))?;
    let table = configuration.get("targets").and_then(|all| all.get(target));
    let entities = table.and_then(toml::Value::as_table).into_iter().flatten();
    let child = |(entity, table): (&String, &toml::Value)| {
        let text = |name: &str| Some(table.get(name)?.as_str()?.to_owned());
        Some(Child {
            entity: entity.parse().ok()?,
            module: text("module")?,
            parent_field: text("parent_field")?,
        })
    };
    Ok(entities.filter_map(child).collect())
}

impl Crm {
    /// Puts one together. `variables`: those of the deployed poller.
    ///
    /// # Errors
    /// When the simulator did not say its address, or the poller knows no queues.
    pub fn new(
        target: &'static Target,
        simulators: &Simulators,
        variables: &[(String, String)],
    ) -> Result<Self> {
        let packs = variables
            .iter()
            .find(|(name, _)| name == "COUNTERPART_CRM_WRITES")
            .map(|(_, pattern)| pattern.replace("{target}", target.name))
            .ok_or_else(|| Failure::new("the poller was deployed without its queues"))?;
        Ok(Self {
            target,
            door: simulators.door(target.name)?,
            packs,
            children: children(target.name, LOCAL)?,
        })
    }
}

/// What a target's secret holds, out of the simulators' start line.
///
/// # Errors
/// When a member is missing.
pub fn secret(target: &Target, said: &Value) -> Result<Value> {
    let mut secret = Map::new();
    for member in target.secret() {
        let value = text(said, &format!("/{}/{member}", target.name))?;
        secret.insert((*member).to_owned(), Value::String(value));
    }
    Ok(Value::Object(secret))
}

/// Fills `@ZOHO_ACCOUNTS_URL@` with the text `accounts_url` that the simulator `zoho` said, and all others like it.
///
/// # Errors
/// When a place is left that nothing was said for.
pub fn fill(template: &str, said: &Value) -> Result<String> {
    let mut filled = template.to_owned();
    for (system, members) in said.as_object().into_iter().flatten() {
        for (member, value) in members.as_object().into_iter().flatten() {
            if let Some(value) = value.as_str() {
                let place = format!("@{system}_{member}@").to_ascii_uppercase();
                filled = filled.replace(&place, value);
            }
        }
    }
    let left = filled
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .find(|line| line.contains("\"@"));
    match left {
        None => Ok(filled),
        Some(line) => Err(Failure::new(format!(
            "the simulators did not say what belongs into: {line}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_a_parent_in_the_configuration_is_a_child() {
        for (target, module, field) in [
            ("zoho", "Contacts", "Account_Name"),
            ("salesforce", "Contact", "AccountId"),
        ] {
            let contact = Child {
                entity: Entity::CONTACT,
                module: module.to_owned(),
                parent_field: field.to_owned(),
            };
            assert!(
                children(target, LOCAL).unwrap().contains(&contact),
                "{target}"
            );
        }
        assert_eq!(children("nobody", LOCAL).unwrap(), []);
    }

    #[test]
    fn places_are_filled_with_what_the_simulators_said() {
        let said = json!({"agent": {"url": "http://a"}, "zoho": {"url": "http://z", "accounts_url": "http://z/oauth"}});
        let filled = fill(
            "agent_url = \"@AGENT_URL@\"\naccounts_url = \"@ZOHO_ACCOUNTS_URL@\" # not \"@ME@\"\n",
            &said,
        );
        assert_eq!(
            filled.unwrap(),
            "agent_url = \"http://a\"\naccounts_url = \"http://z/oauth\" # not \"@ME@\"\n"
        );
        assert!(fill("x = \"@ZOHO_NAME@\"", &said).is_err());
    }
}
