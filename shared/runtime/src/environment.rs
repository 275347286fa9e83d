//! The environment, read in one place. Everything that is missing or wrong is named at once, by variable.

use std::collections::BTreeMap;
use std::fmt;

use counterpart_aws::Tables;
use counterpart_domain::{Class, Fault, TargetName};

/// What a deployment gives its functions and its command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `COUNTERPART_TABLE_*`.
    pub tables: Tables,
    /// `COUNTERPART_CRM_WRITES`: queue URL by target.
    pub queues: BTreeMap<TargetName, String>,
    /// `COUNTERPART_SECRETS_PREFIX`: what stands before a secret's logical name.
    pub secrets_prefix: String,
    /// `COUNTERPART_ALLOW_LOOPBACK`: lets plain http to this very machine through.
    pub allow_loopback: bool,
}

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentError(Vec<String>);

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for EnvironmentError {}

impl From<EnvironmentError> for Fault {
    fn from(error: EnvironmentError) -> Self {
        Self::new(
            Class::Configuration,
            "E_ENVIRONMENT",
            "The environment does not describe a deployment: set the variables that its template sets for the functions.",
        )
        .with_detail(error)
    }
}

impl Environment {
    /// The environment of this process.
    ///
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn of_process() -> Result<Self, EnvironmentError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// The environment behind `lookup`.
    ///
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let mut reader = Reader {
            lookup,
            wrong: Vec::new(),
        };
        let environment = Self {
            tables: Tables {
                links: reader.wanted("COUNTERPART_TABLE_LINKS"),
                reps: reader.wanted("COUNTERPART_TABLE_REPS"),
                cursors: reader.wanted("COUNTERPART_TABLE_CURSORS"),
                ledger: reader.wanted("COUNTERPART_TABLE_LEDGER"),
                parked: reader.wanted("COUNTERPART_TABLE_PARKED"),
                settings: reader.wanted("COUNTERPART_TABLE_SETTINGS"),
                tokens: reader.wanted("COUNTERPART_TABLE_TOKENS"),
            },
            queues: reader.queues("COUNTERPART_CRM_WRITES"),
            secrets_prefix: reader.wanted("COUNTERPART_SECRETS_PREFIX"),
            allow_loopback: reader.flag("COUNTERPART_ALLOW_LOOPBACK"),
        };
        if reader.wrong.is_empty() {
            Ok(environment)
        } else {
            Err(EnvironmentError(reader.wrong))
        }
    }

    /// The target whose queue has this ARN: the ARN's last part is the queue's name, as is the URL's.
    #[must_use]
    pub fn target_of_arn(&self, arn: &str) -> Option<&TargetName> {
        let name = arn.rsplit(':').next().filter(|name| !name.is_empty())?;
        self.queues
            .iter()
            .find(|(_, url)| url.rsplit('/').next() == Some(name))
            .map(|(target, _)| target)
    }
}

struct Reader<L> {
    lookup: L,
    wrong: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn wanted(&mut self, name: &str) -> String {
        match (self.lookup)(name) {
            Some(value) if !value.trim().is_empty() => value,
            _ => {
                self.wrong.push(format!("{name} is not set"));
                String::new()
            }
        }
    }

    fn queues(&mut self, name: &str) -> BTreeMap<TargetName, String> {
        let text = self.wanted(name);
        if text.is_empty() {
            return BTreeMap::new();
        }
        let Ok(urls) = serde_json::from_str::<BTreeMap<String, String>>(&text) else {
            self.wrong.push(format!(
                "{name} is not a JSON object of queue URLs by target"
            ));
            return BTreeMap::new();
        };
        let mut queues = BTreeMap::new();
        for (target, url) in urls {
            match TargetName::new(&target) {
                Some(target) => {
                    queues.insert(target, url);
                }
                None => self.wrong.push(format!(
                    "{name} names {target:?}, which is no target's name"
                )),
            }
        }
        queues
    }

    fn flag(&mut self, name: &str) -> bool {
        match (self.lookup)(name).as_deref() {
            None | Some("" | "false") => false,
            Some("true") => true,
            Some(_) => {
                self.wrong.push(format!("{name} is neither true nor false"));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, Option<&str>)]) -> Result<Environment, EnvironmentError> {
        let mut all: BTreeMap<String, String> = [
            "LINKS", "REPS", "CURSORS", "LEDGER", "PARKED", "SETTINGS", "TOKENS",
        ]
        .into_iter()
        .map(|table| {
            (
                format!("COUNTERPART_TABLE_{table}"),
                format!("cp-{}", table.to_lowercase()),
            )
        })
        .collect();
        all.insert("COUNTERPART_SECRETS_PREFIX".into(), "cp/".into());
        all.insert(
            "COUNTERPART_CRM_WRITES".into(),
            r#"{"zoho":"https://sqs.us-east-1.amazonaws.com/1/cp-crm-writes-zoho"}"#.into(),
        );
        for (name, value) in changes {
            match value {
                Some(value) => all.insert((*name).into(), (*value).into()),
                None => all.remove(*name),
            };
        }
        Environment::read(|name| all.get(name).cloned())
    }

    #[test]
    fn a_deployment_is_read_and_loopback_is_off_unless_asked_for() {
        let environment = read(&[]).unwrap();
        assert_eq!(environment.tables.ledger, "cp-ledger");
        assert!(!environment.allow_loopback);
        assert!(
            read(&[("COUNTERPART_ALLOW_LOOPBACK", Some("true"))])
                .unwrap()
                .allow_loopback
        );
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let error = read(&[
            ("COUNTERPART_TABLE_LINKS", None),
            ("COUNTERPART_TABLE_REPS", Some(" ")),
            ("COUNTERPART_CRM_WRITES", Some("{\"Zoho EU\":\"x\"}")),
            ("COUNTERPART_ALLOW_LOOPBACK", Some("yes")),
        ])
        .unwrap_err();
        insta::assert_snapshot!(error, @r#"COUNTERPART_TABLE_LINKS is not set; COUNTERPART_TABLE_REPS is not set; COUNTERPART_CRM_WRITES names "Zoho EU", which is no target's name; COUNTERPART_ALLOW_LOOPBACK is neither true nor false"#);
    }

    #[test]
    fn a_queue_is_known_by_the_last_part_of_its_arn() {
        let environment = read(&[]).unwrap();
        let target = environment.target_of_arn("arn:aws:sqs:us-east-1:1:cp-crm-writes-zoho");
        assert_eq!(target.map(TargetName::as_str), Some("zoho"));
        assert_eq!(
            environment.target_of_arn("arn:aws:sqs:us-east-1:1:writes-zoho"),
            None
        );
        assert_eq!(environment.target_of_arn(""), None);
    }
}
