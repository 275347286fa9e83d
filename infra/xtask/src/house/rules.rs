//! `infra/house.toml`: what is counted, and how much of it there may be.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Failure, Result, ensure};

/// Where it lies.
pub const FILE: &str = "infra/house.toml";

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub entities: Entities,
    /// What else is named, by the names of the figures.
    pub named: BTreeMap<String, Named>,
    pub limits: BTreeMap<String, usize>,
    pub goals: BTreeMap<String, usize>,
}

/// The types of entities.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entities {
    pub words: Vec<String>,
    /// The one whose figure has a limit.
    pub counted: String,
    pub except: Vec<String>,
}

/// Something by the words that name it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Each alone, in a name or in a text.
    pub words: Vec<String>,
    /// Whole texts in quotes that name it too.
    #[serde(default)]
    pub texts: Vec<String>,
    /// Files and folders where it may be named.
    pub except: Vec<String>,
}

impl Rules {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it is not as it should be.
    pub fn read(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| Failure::new(format!("{FILE}: {error}")))
    }

    /// Holds the figures against their limits.
    ///
    /// # Errors
    /// With a sentence for each figure that is above or below its limit, or has none.
    pub fn hold(&self, figures: &BTreeMap<String, usize>) -> Result<()> {
        let mut wrong = Vec::new();
        for (name, figure) in figures {
            match self.limits.get(name) {
                None => wrong.push(format!("{name} has no limit; write {name} = {figure}")),
                Some(limit) if figure > limit => wrong.push(format!(
                    "{name} is {figure} and may be {limit} at most: bring it down (`cargo xtask house --verbose` lists \
                     what is counted)"
                )),
                Some(limit) if figure < limit => wrong.push(format!(
                    "{name} has come down to {figure}: write {figure} in the place of {limit}, so that it stays there \
                     (`cargo xtask house --write` does it)"
                )),
                Some(_) => {}
            }
        }
        let unknown = self
            .limits
            .keys()
            .filter(|name| !figures.contains_key(*name));
        wrong.extend(unknown.map(|name| format!("{name} is not counted; take its limit out")));
        ensure(wrong.is_empty(), || {
            format!("{FILE}:\n  {}", wrong.join("\n  "))
        })
    }
}

/// Puts the figures in as limits, and leaves all else as it is.
///
/// # Errors
/// When a limit has no line of its own.
pub fn with_limits(text: &str, figures: &BTreeMap<String, usize>) -> Result<String> {
    let mut within = false;
    let mut left = figures.clone();
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            within = line == "[limits]";
        }
        let name = line.split_once(" = ").map_or("", |(name, _)| name);
        match left.get(name).copied() {
            Some(figure) if within => {
                left.remove(name);
                out.push_str(&format!("{name} = {figure}"));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    ensure(left.is_empty(), || {
        let names: Vec<&str> = left.keys().map(String::as_str).collect();
        format!("{FILE} has no line for {} under [limits]", names.join(", "))
    })?;
    Ok(out)
}

/// Reads the file of a checkout.
///
/// # Errors
/// When it is not there.
pub fn text(root: &Path) -> Result<String> {
    std::fs::read_to_string(root.join(FILE)).map_err(|error| Failure::from(error).during(FILE))
}
