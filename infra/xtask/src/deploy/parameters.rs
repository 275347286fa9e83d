//! The template's parameters, wherever they come from: what is built has to be what is deployed.

use std::collections::BTreeMap;

use crate::error::{Failure, Result, ensure};

/// CRM targets: SAM packs one writer for each at build time.
pub const TARGETS: &str = "Targets";
/// Sage companies.
pub const COMPANIES: &str = "Companies";
/// The processor.
pub const ARCHITECTURE: &str = "Architecture";
/// Whether the tables are protected against deletion.
pub const PROTECT: &str = "ProtectTables";

/// Where a value comes from, the strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// What holds where nobody says anything.
    Default,
    /// The stack that is deployed.
    Stack,
    /// `infra/samconfig.toml`.
    Samconfig,
    /// The answer to a question.
    Answer,
    /// The command line.
    CommandLine,
}

impl From {
    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "the default",
            Self::Stack => "as the stack has it",
            Self::Samconfig => "from samconfig.toml",
            Self::Answer => "as answered",
            Self::CommandLine => "from the command line",
        }
    }
}

/// Values by name, each with where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, (String, From)>);

impl Parameters {
    /// Takes a value, unless there is one from somewhere stronger.
    pub fn offer(&mut self, name: &str, value: &str, from: From) {
        let weaker = self.0.get(name).is_none_or(|(_, of)| *of <= from);
        if weaker {
            self.0.insert(name.to_owned(), (value.to_owned(), from));
        }
    }

    /// Takes all of them.
    pub fn offer_all(&mut self, values: &BTreeMap<String, String>, from: From) {
        for (name, value) in values {
            self.offer(name, value, from);
        }
    }

    /// A value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(value, _)| value.as_str())
    }

    /// A value with where it comes from, for people.
    pub fn told(&self, name: &str) -> String {
        match self.0.get(name) {
            Some((value, from)) => format!("{name}={value} ({})", from.name()),
            None => format!("{name} is not given"),
        }
    }

    /// As SAM takes them: `--parameter-overrides`, then a word each.
    pub fn arguments(&self) -> Vec<String> {
        let words = self
            .0
            .iter()
            .map(|(name, (value, _))| format!("{name}={}", quoted(value)));
        std::iter::once("--parameter-overrides".to_owned())
            .chain(words)
            .collect()
    }

    /// Holds the names against the template's patterns: what CloudFormation would refuse is said before the build.
    ///
    /// # Errors
    /// Names the first that does not fit.
    pub fn check(&self) -> Result<()> {
        check(
            self,
            COMPANIES,
            is_company,
            "three capital letters or digits",
        )?;
        check(
            self,
            TARGETS,
            is_target,
            "up to 20 small letters and digits, a letter first, and must not begin with agent, hint or soap",
        )
    }
}

fn check(of: &Parameters, name: &str, fits: fn(&str) -> bool, rule: &str) -> Result<()> {
    let Some(value) = of.get(name) else {
        return Err(Failure::new(format!(
            "{name} has to be known before the functions are built: give --parameter-overrides {name}=…"
        )));
    };
    for item in value.split(',') {
        ensure(fits(item), || {
            format!(
                "{}: {item:?} has to be {rule}; several are separated by commas, without spaces",
                of.told(name)
            )
        })?;
    }
    Ok(())
}

/// The template's pattern of `Companies`.
fn is_company(item: &str) -> bool {
    item.len() == 3
        && item
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The template's pattern of `Targets`.
fn is_target(item: &str) -> bool {
    let reserved = ["agent", "hint", "soap"];
    item.len() <= 20
        && item.starts_with(|first: char| first.is_ascii_lowercase())
        && item
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && !reserved.iter().any(|begin| item.starts_with(begin))
}

/// A value as SAM reads it: what is more than a word stands in quotation marks.
fn quoted(value: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || ",._/:@+-".contains(character);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Reads what SAM takes for parameters: `Name=value`, `Name="a value"`, or `ParameterKey=Name,ParameterValue=value`.
///
/// # Errors
/// When something is none of these.
pub fn read(words: &[String]) -> Result<BTreeMap<String, String>> {
    let mut found: Vec<(String, String)> = Vec::new();
    for token in words.iter().flat_map(|word| tokens(word)) {
        let token_of_aws = token
            .strip_prefix("ParameterKey=")
            .and_then(|rest| rest.split_once(",ParameterValue="));
        let named = token_of_aws.or_else(|| token.split_once('='));
        match (named, found.last_mut()) {
            (Some((name, value)), _) if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                found.push((name.to_owned(), value.to_owned()));
            }
            // A value with spaces that the shell has taken the quotation marks from.
            (_, Some((_, value))) => {
                value.push(' ');
                value.push_str(&token);
            }
            _ => {
                return Err(Failure::new(format!(
                    "{token:?} is no parameter: Name=value"
                )));
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Splits at spaces that stand in no quotation marks, and takes these away.
fn tokens(word: &str) -> Vec<String> {
    let (mut tokens, mut token) = (Vec::new(), String::new());
    let mut mark = None;
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        match (character, mark) {
            ('\\', Some(_)) => token.extend(characters.next()),
            (_, Some(open)) if character == open => mark = None,
            ('"' | '\'', None) => mark = Some(character),
            (_, None) if character.is_whitespace() => {
                tokens.extend(Some(std::mem::take(&mut token)).filter(|token| !token.is_empty()));
            }
            _ => token.push(character),
        }
    }
    tokens.extend(Some(token).filter(|token| !token.is_empty()));
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn every_way_of_writing_parameters_is_read() {
        let given = words(&[
            "Companies=ABC,XYZ Targets=zoho",
            "CustomerSchedule=\"rate(5 minutes)\"",
            "ContactSchedule=rate(10 minutes)",
            "ParameterKey=LogLevel,ParameterValue=debug",
            "AlarmEmail=",
        ]);
        let read = read(&given).unwrap();
        let wanted = [
            ("AlarmEmail", ""),
            ("Companies", "ABC,XYZ"),
            ("ContactSchedule", "rate(10 minutes)"),
            ("CustomerSchedule", "rate(5 minutes)"),
            ("LogLevel", "debug"),
            ("Targets", "zoho"),
        ];
        let wanted: BTreeMap<_, _> = wanted
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(read, wanted);
        assert!(super::read(&words(&["zoho"])).is_err());
    }

    #[test]
    fn the_command_line_beats_the_file_and_the_file_the_stack() {
        let mut parameters = Parameters::default();
        parameters.offer(TARGETS, "zoho", From::CommandLine);
        parameters.offer(TARGETS, "salesforce", From::Samconfig);
        parameters.offer(COMPANIES, "ABC", From::Stack);
        parameters.offer(COMPANIES, "XYZ", From::Samconfig);
        parameters.offer("CustomerSchedule", "rate(5 minutes)", From::Samconfig);
        assert_eq!(
            parameters.arguments(),
            [
                "--parameter-overrides",
                "Companies=XYZ",
                "CustomerSchedule=\"rate(5 minutes)\"",
                "Targets=zoho",
            ]
        );
        assert_eq!(
            parameters.told(COMPANIES),
            "Companies=XYZ (from samconfig.toml)"
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in ["", "a b", "say \"x\" \\ y", "rate(1 hour)", "ABC,XYZ"] {
            let mut parameters = Parameters::default();
            parameters.offer("One", value, From::CommandLine);
            let again = read(&parameters.arguments()[1..]).unwrap();
            assert_eq!(again["One"], value);
        }
    }

    #[test]
    fn names_that_cloudformation_would_refuse_are_refused_before_the_build() {
        let with = |companies: &str, targets: &str| {
            let mut parameters = Parameters::default();
            parameters.offer(COMPANIES, companies, From::CommandLine);
            parameters.offer(TARGETS, targets, From::CommandLine);
            parameters.check()
        };
        assert!(with("ABC,X1Z", "zoho,salesforce2").is_ok());
        for (companies, targets) in [
            ("abc", "zoho"),
            ("ABC,", "zoho"),
            ("ABC, XYZ", "zoho"),
            ("ABC", "zoho-eu"),
            ("ABC", "agentforce"),
            ("ABC", "soap"),
            ("ABC", "hints"),
            ("ABC", ""),
        ] {
            assert!(with(companies, targets).is_err(), "{companies} {targets}");
        }
        assert!(Parameters::default().check().is_err());
    }

    /// The template says the same, in CloudFormation's own words.
    #[test]
    fn the_patterns_are_those_of_the_template() {
        let template = include_str!("../../../template.yaml");
        for pattern in [
            "\"^[A-Z0-9]{3}$\"",
            "\"^(?!agent|hint|soap)[a-z][a-z0-9]{0,19}$\"",
        ] {
            assert!(
                template.contains(&format!("AllowedPattern: {pattern}")),
                "{pattern}"
            );
        }
    }
}
