//! The environment, read in one place. Everything that is missing or wrong is named at once, by variable.

use std::collections::BTreeMap;
use std::fmt;

use counterpart_aws::Tables;
use counterpart_delivery::ports::QueueName;
use counterpart_domain::{Class, Fault, TargetName};

/// What stands in the pattern of queue URLs where a target's name belongs.
const PLACE: &str = "{target}";

/// What a deployment gives its functions and its command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `COUNTERPART_TABLE_*`.
    pub tables: Tables,
    /// `COUNTERPART_TARGETS` put into `COUNTERPART_CRM_WRITES`: queue URL by target. A writer knows its own only.
    pub queues: BTreeMap<TargetName, String>,
    /// `COUNTERPART_CRM_EVENTS`: the URL of the queue of CRM changes; none where nothing goes to Sage.
    pub crm_events: Option<String>,
    /// `COUNTERPART_SAGE_WRITES`: the URL of the queue of jobs for Sage.
    pub sage_writes: Option<String>,
    /// `COUNTERPART_SALESFORCE_EVENTS`: the URL of the queue of Salesforce's events: `platform-events` hands back there, a redrive sends there.
    pub salesforce_events: Option<String>,
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
            queues: reader.queues("COUNTERPART_TARGETS", "COUNTERPART_CRM_WRITES"),
            crm_events: reader.optional("COUNTERPART_CRM_EVENTS"),
            sage_writes: reader.optional("COUNTERPART_SAGE_WRITES"),
            salesforce_events: reader.optional("COUNTERPART_SALESFORCE_EVENTS"),
            secrets_prefix: reader.wanted("COUNTERPART_SECRETS_PREFIX"),
            allow_loopback: reader.flag("COUNTERPART_ALLOW_LOOPBACK"),
        };
        if reader.wrong.is_empty() {
            Ok(environment)
        } else {
            Err(EnvironmentError(reader.wrong))
        }
    }

    /// The URLs of all queues that there are.
    #[must_use]
    pub fn queue_urls(&self) -> BTreeMap<QueueName, String> {
        let writes = self.queues.iter();
        let writes = writes.map(|(target, url)| (QueueName::writes(target), url.clone()));
        let others = [
            (QueueName::CrmEvents, &self.crm_events),
            (QueueName::SageWrites, &self.sage_writes),
            (QueueName::SalesforceEvents, &self.salesforce_events),
        ];
        let others = others
            .into_iter()
            .filter_map(|(name, url)| Some((name, url.clone()?)));
        writes.chain(others).collect()
    }

    /// The queues that somebody reads, by name: those of the targets under the targets' names, then those on the way to Sage
    /// as far as there are any.
    #[must_use]
    pub fn all_queues(&self) -> Vec<(String, String)> {
        let of_targets = self.queues.iter();
        let on_the_way = [
            ("crm-events", &self.crm_events),
            ("sage-writes", &self.sage_writes),
            ("salesforce-events", &self.salesforce_events),
        ];
        let on_the_way = on_the_way
            .into_iter()
            .filter_map(|(name, url)| Some((name.to_owned(), url.clone()?)));
        of_targets
            .map(|(target, url)| (target.to_string(), url.clone()))
            .chain(on_the_way)
            .collect()
    }

    /// The queues of the template that nothing but failures comes into and that stand behind no queue: what the schedules, the
    /// poller and the rule of Salesforce's events could not do.
    #[must_use]
    pub fn dead_ends(&self) -> Vec<(String, String)> {
        // The URLs of an account's queues differ in the names alone.
        let url = self.crm_events.as_deref();
        let Some(prefix) = url.and_then(|url| url.strip_suffix("crm-events")) else {
            return Vec::new();
        };
        ["schedules-dead", "poller-dead", "salesforce-rule-dead"]
            .map(|name| (name.to_owned(), format!("{prefix}{name}")))
            .into()
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

    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    /// The names are separated by commas; the pattern is a URL with `{target}` in it.
    fn queues(&mut self, names: &str, pattern: &str) -> BTreeMap<TargetName, String> {
        let (list, url) = (self.wanted(names), self.wanted(pattern));
        if !url.is_empty() && !url.contains(PLACE) {
            self.wrong
                .push(format!("{pattern} is no URL with {PLACE} in it"));
        }
        let mut queues = BTreeMap::new();
        for name in list.split(',').map(str::trim) {
            match TargetName::new(name) {
                Some(target) => {
                    let own = url.replace(PLACE, target.as_str());
                    if queues.insert(target, own).is_some() {
                        self.wrong.push(format!("{names} names {name} twice"));
                    }
                }
                None if list.is_empty() => {}
                None => self
                    .wrong
                    .push(format!("{names} names {name:?}, which is no target's name")),
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
        all.insert("COUNTERPART_TARGETS".into(), "zoho, salesforce".into());
        all.insert(
            "COUNTERPART_CRM_WRITES".into(),
            "https://sqs.us-east-1.amazonaws.com/1/cp-crm-writes-{target}".into(),
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
    fn every_queue_is_named_and_those_of_failures_alone_lie_beside_them() {
        let url = "https://sqs.us-east-1.amazonaws.com/1/cp-";
        let with = read(&[
            ("COUNTERPART_CRM_EVENTS", Some(&format!("{url}crm-events"))),
            (
                "COUNTERPART_SAGE_WRITES",
                Some(&format!("{url}sage-writes.fifo")),
            ),
        ]);
        let with = with.unwrap();
        let names: Vec<String> = with
            .all_queues()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["salesforce", "zoho", "crm-events", "sage-writes"]);
        let dead: Vec<String> = with.dead_ends().into_iter().map(|(_, url)| url).collect();
        let wanted = ["schedules-dead", "poller-dead", "salesforce-rule-dead"];
        assert_eq!(dead, wanted.map(|name| format!("{url}{name}")));
        assert!(read(&[]).unwrap().dead_ends().is_empty());
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
    fn each_target_has_a_queue_of_its_own() {
        let urls: Vec<_> = read(&[]).unwrap().queues.into_values().collect();
        assert_eq!(
            urls,
            [
                "https://sqs.us-east-1.amazonaws.com/1/cp-crm-writes-salesforce",
                "https://sqs.us-east-1.amazonaws.com/1/cp-crm-writes-zoho"
            ]
        );
        let one = read(&[("COUNTERPART_TARGETS", Some("zoho"))]).unwrap();
        assert_eq!(one.queues.len(), 1);
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let error = read(&[
            ("COUNTERPART_TABLE_LINKS", None),
            ("COUNTERPART_TABLE_REPS", Some(" ")),
            ("COUNTERPART_TARGETS", Some("zoho,,Zoho EU,zoho")),
            (
                "COUNTERPART_CRM_WRITES",
                Some("https://sqs.example.com/1/writes"),
            ),
            ("COUNTERPART_ALLOW_LOOPBACK", Some("yes")),
        ])
        .unwrap_err();
        insta::assert_snapshot!(error, @r#"COUNTERPART_TABLE_LINKS is not set; COUNTERPART_TABLE_REPS is not set; COUNTERPART_CRM_WRITES is no URL with {target} in it; COUNTERPART_TARGETS names "", which is no target's name; COUNTERPART_TARGETS names "Zoho EU", which is no target's name; COUNTERPART_TARGETS names zoho twice; COUNTERPART_ALLOW_LOOPBACK is neither true nor false"#);
        let none = read(&[
            ("COUNTERPART_TARGETS", None),
            ("COUNTERPART_CRM_WRITES", None),
        ])
        .unwrap_err();
        insta::assert_snapshot!(none, @"COUNTERPART_TARGETS is not set; COUNTERPART_CRM_WRITES is not set");
    }

    #[test]
    fn a_queue_is_known_by_the_last_part_of_its_arn() {
        let environment = read(&[]).unwrap();
        for target in ["zoho", "salesforce"] {
            let arn = format!("arn:aws:sqs:us-east-1:1:cp-crm-writes-{target}");
            let found = environment.target_of_arn(&arn);
            assert_eq!(found.map(TargetName::as_str), Some(target));
        }
        for stranger in [
            "arn:aws:sqs:us-east-1:1:writes-zoho",
            "arn:aws:sqs:us-east-1:1:cp-crm-writes-zoho-dead",
            "",
        ] {
            assert_eq!(environment.target_of_arn(stranger), None, "{stranger}");
        }
    }
}
