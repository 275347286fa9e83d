//! Which records go to a target, and which keys it takes.

use counterpart_domain::{Class, Fault, Record, SageKey, Value, bounded};

use crate::Expression;

/// What is done with customers that are inactive in Sage (`CustomerStatus` is `I`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inactive {
    /// They do not go to the CRM.
    Exclude,
    /// They are kept in step like any other.
    Sync,
}

/// What a column is tested for. Values are compared in the column's own type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It holds this value.
    Equals(Value),
    /// It holds anything else.
    Not(Value),
    /// It holds one of these.
    In(Vec<Value>),
    /// Its text starts so.
    StartsWith(String),
}

/// One condition that a record has to meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A test of one column or UDF.
    Column {
        /// Sage's name.
        column: String,
        /// The test.
        test: Test,
    },
    /// An expression that is true or false.
    When(Expression),
}

/// Which records go to a target: all conditions have to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What is done with inactive customers.
    pub inactive: Inactive,
    /// Further conditions.
    pub include: Vec<Condition>,
}

/// Whether a record goes to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Include,
    /// It does not. This is no error: nothing is written, and the ledger says why.
    Exclude {
        /// `EXCLUDED_INACTIVE` or `EXCLUDED_BY_FILTER`.
        code: &'static str,
        /// One sentence.
        reason: String,
    },
}

impl Filter {
    pub(crate) fn verdict(&self, key: &SageKey, record: &Record) -> Result<Verdict, Fault> {
        if self.inactive == Inactive::Exclude && record.is_inactive() {
            return Ok(Verdict::Exclude {
                code: "EXCLUDED_INACTIVE",
                reason: format!(
                    "{key} is inactive in Sage 100, and inactive {} are excluded.",
                    record.entity().plural()
                ),
            });
        }
        for condition in &self.include {
            if !condition.holds(key, record)? {
                return Ok(Verdict::Exclude {
                    code: "EXCLUDED_BY_FILTER",
                    reason: condition.reason(key, record),
                });
            }
        }
        Ok(Verdict::Include)
    }
}

impl Condition {
    fn holds(&self, key: &SageKey, record: &Record) -> Result<bool, Fault> {
        let (column, test) = match self {
            Self::Column { column, test } => (column, test),
            Self::When(expression) => {
                let unanswered = |why| {
                    Fault::new(
                        Class::Data,
                        "E_FILTER_COMPUTED",
                        format!("Whether {key} belongs in the CRM cannot be computed: {why}."),
                    )
                    .with_detail(expression.source())
                };
                return expression.holds(key, record).map_err(unanswered);
            }
        };
        let held = held(column, record);
        Ok(match test {
            Test::Equals(value) => held == *value,
            Test::Not(value) => held != *value,
            Test::In(values) => values.contains(&held),
            Test::StartsWith(start) => held.to_string().starts_with(start.as_str()),
        })
    }

    fn reason(&self, key: &SageKey, record: &Record) -> String {
        match self {
            Self::Column { column, .. } => {
                let held = bounded(held(column, record).to_string(), 60);
                format!("{key} does not meet a condition of `include`: {column} holds {held:?}.")
            }
            Self::When(expression) => {
                let source = bounded(expression.source().to_owned(), 100);
                format!("{key} does not meet a condition of `include`: {source}")
            }
        }
    }
}

/// A UDF that is absent is blank. Numbers are compared without trailing zeros.
fn held(column: &str, record: &Record) -> Value {
    match record.get(column).unwrap_or(Value::Blank) {
        Value::Number(number) => Value::Number(number.normalize()),
        value => value,
    }
}

/// Which keys a target takes. It is applied to the key within its company (`01-ABF`, `01-ABF/ARTIE JOHN`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRule {
    /// The characters allowed, as inclusive ranges; empty: all.
    pub allowed: Vec<(char, char)>,
    /// The greatest length in characters.
    pub length: Option<u32>,
}

impl KeyRule {
    pub(crate) fn check(&self, key: &SageKey) -> Result<(), Fault> {
        let refuse = |why: String| Err(Fault::new(Class::Data, "E_KEY_RULE", why));
        let count = key.local.chars().count();
        if let Some(length) = self.length.filter(|length| count > *length as usize) {
            return refuse(format!(
                "The key {key} has {count} characters; `key_rule` allows {length}."
            ));
        }
        let allowed = |c: char| {
            self.allowed.is_empty() || self.allowed.iter().any(|(a, z)| (*a..=*z).contains(&c))
        };
        match key.local.chars().find(|c| !allowed(*c)) {
            Some(stray) => refuse(format!(
                "The key {key} has the character {stray:?}, which `key_rule` does not allow."
            )),
            None => Ok(()),
        }
    }
}
