//! What was given for `sam deploy`, and what `samconfig.toml` adds to it.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::parameters;
use crate::error::{Failure, Result, ensure};

const OVERRIDES: &str = "--parameter-overrides";
/// What the project's own file says where the caller's does not.
const STACK: &str = "counterpart";

/// The words for `sam deploy`, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// All but the template's parameters.
    pub rest: Vec<String>,
    /// The template's parameters.
    pub parameters: BTreeMap<String, String>,
}

impl Arguments {
    /// Takes the words apart.
    ///
    /// # Errors
    /// When they ask for SAM's own questions, which come after the build and too late, or hold a parameter without a value.
    pub fn read(given: &[String]) -> Result<Self> {
        let mut read = Self::default();
        let mut values = Vec::new();
        let mut words = given.iter().peekable();
        while let Some(word) = words.next() {
            ensure(word != "--guided" && word != "-g", || {
                "leave --guided out: SAM would ask for Targets after the writers are built. What has to be known first is \
                 asked here, the rest are defaults (docs/deploy.md)"
                    .to_owned()
            })?;
            if word == OVERRIDES {
                while let Some(value) = words.next_if(|word| !word.starts_with("--")) {
                    values.push(value.clone());
                }
            } else if let Some(value) = of_flag(word, OVERRIDES) {
                values.push(value.to_owned());
            } else {
                read.rest.push(word.clone());
            }
        }
        read.parameters = parameters::read(&values)?;
        Ok(read)
    }

    /// The value of an option, as `--option value` or `--option=value`.
    pub fn option(&self, flag: &str) -> Option<&str> {
        let mut words = self.rest.iter();
        while let Some(word) = words.next() {
            if word == flag {
                return words.next().map(String::as_str);
            }
            if let Some(value) = of_flag(word, flag) {
                return Some(value);
            }
        }
        None
    }
}

fn of_flag<'a>(word: &'a str, flag: &str) -> Option<&'a str> {
    word.strip_prefix(flag)?.strip_prefix('=')
}

/// Where the stack is, and what the file says of its parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Name of the stack.
    pub stack: String,
    /// The region, if one is named.
    pub region: Option<String>,
    /// The profile, if one is named.
    pub profile: Option<String>,
    /// The file's parameters.
    pub parameters: BTreeMap<String, String>,
}

impl Place {
    /// Reads `samconfig.toml`, or the file and the section that the arguments name.
    ///
    /// # Errors
    /// When the file is not TOML.
    pub fn read(infra: &Path, arguments: &Arguments) -> Result<Self> {
        let file = infra.join(
            arguments
                .option("--config-file")
                .unwrap_or("samconfig.toml"),
        );
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        let of_file =
            |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", file.display()));
        let whole: Table = text
            .parse()
            .map_err(|error: toml::de::Error| of_file(&error))?;
        Self::of(&whole, arguments).map_err(|failure| of_file(&failure))
    }

    fn of(whole: &Table, arguments: &Arguments) -> Result<Self> {
        let environment = arguments.option("--config-env").unwrap_or("default");
        let section = |command: &str| whole.get(environment)?.get(command)?.get("parameters");
        let sections = [section("deploy"), section("global")];
        let value = |name: &str| {
            sections
                .iter()
                .flatten()
                .find_map(|section| section.get(name))
        };
        let text = |flag: &str, name: &str| {
            let given = arguments.option(flag).map(str::to_owned);
            given.or_else(|| value(name)?.as_str().map(str::to_owned))
        };
        Ok(Self {
            stack: text("--stack-name", "stack_name").unwrap_or_else(|| STACK.to_owned()),
            region: text("--region", "region"),
            profile: text("--profile", "profile"),
            parameters: match value("parameter_overrides") {
                Some(given) => overrides(given)?,
                None => BTreeMap::new(),
            },
        })
    }
}

/// A text with all of them, a list of one each, or a table.
fn overrides(given: &Value) -> Result<BTreeMap<String, String>> {
    let text = |value: &Value| {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| Failure::new("parameter_overrides has to hold texts"))
    };
    match given {
        Value::Array(words) => {
            parameters::read(&words.iter().map(text).collect::<Result<Vec<_>>>()?)
        }
        Value::Table(values) => values
            .iter()
            .map(|(name, value)| Ok((name.clone(), text(value)?)))
            .collect(),
        other => parameters::read(&[text(other)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments> {
        Arguments::read(
            &words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn parameters_are_taken_out_wherever_they_stand() {
        let read = read(&[
            "--profile",
            "crm",
            OVERRIDES,
            "Companies=ABC",
            "Targets=zoho",
            "--region=eu-central-1",
            "--parameter-overrides=LogLevel=debug",
        ])
        .unwrap();
        assert_eq!(read.rest, ["--profile", "crm", "--region=eu-central-1"]);
        assert_eq!(read.parameters.len(), 3);
        assert_eq!(read.option("--profile"), Some("crm"));
        assert_eq!(read.option("--region"), Some("eu-central-1"));
        assert_eq!(read.option("--stack-name"), None);
    }

    #[test]
    fn questions_that_come_after_the_build_are_refused() {
        assert!(read(&["--guided"]).is_err());
        assert!(read(&["-g"]).is_err());
    }

    #[test]
    fn the_file_says_what_the_command_line_does_not() {
        let whole: Table = r#"
            [default.global.parameters]
            stack_name = "ours"
            region = "us-east-1"
            [default.deploy.parameters]
            region = "eu-west-1"
            parameter_overrides = "Targets=zoho,salesforce Companies=\"ABC\""
            [other.deploy.parameters]
            parameter_overrides = ["Targets=zoho", "CustomerSchedule=rate(5 minutes)"]
        "#
        .parse()
        .unwrap();
        let place = Place::of(&whole, &Arguments::default()).unwrap();
        assert_eq!(
            (place.stack.as_str(), place.region.as_deref()),
            ("ours", Some("eu-west-1"))
        );
        assert_eq!(place.parameters["Targets"], "zoho,salesforce");
        assert_eq!(place.parameters["Companies"], "ABC");
        let arguments = read(&["--config-env", "other", "--stack-name", "mine"]).unwrap();
        let place = Place::of(&whole, &arguments).unwrap();
        assert_eq!((place.stack.as_str(), place.region), ("mine", None));
        assert_eq!(place.parameters["CustomerSchedule"], "rate(5 minutes)");
    }
}
