//! The mutations, as `tests/simulation/mutations.toml` lists them.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Failure, Result};

/// One of them: a place in the source, and what is put there instead.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// What is taken out, in a few words.
    pub name: String,
    /// The id of the invariant that is broken without it.
    pub of: String,
    /// The file, from the root of the repository.
    file: String,
    /// What stands there now, to the letter; exactly once.
    text: String,
    /// What is put there instead.
    with: String,
    /// Further places, where one alone is made good by another.
    #[serde(default)]
    also: Vec<Edit>,
    /// A named scenario that is to fail.
    #[serde(default)]
    pub scenario: Option<String>,
    /// Faults of the seeds that are to fail, as `--faults` takes them.
    #[serde(default)]
    pub faults: Option<String>,
    /// How many seeds are run at most.
    #[serde(default = "usual")]
    pub seeds: u32,
}

/// A place in the source, and what is put there instead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// As with [`Mutation`].
    pub file: String,
    /// As with [`Mutation`].
    pub text: String,
    /// As with [`Mutation`].
    pub with: String,
}

impl Mutation {
    /// Everything that is put elsewhere.
    pub fn edits(&self) -> Vec<Edit> {
        let first = Edit {
            file: self.file.clone(),
            text: self.text.clone(),
            with: self.with.clone(),
        };
        std::iter::once(first).chain(self.also.clone()).collect()
    }
}

const fn usual() -> u32 {
    150
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutation: Vec<Mutation>,
}

/// Reads the list, and makes sure that every text is still found in its file, once.
///
/// # Errors
/// Names every mutation that no longer fits the source.
pub fn read(root: &Path) -> Result<Vec<Mutation>> {
    let text = std::fs::read_to_string(root.join("tests/simulation/mutations.toml"))?;
    let list: List = toml::from_str(&text).map_err(|error| Failure::new(error.to_string()))?;
    let mut astray = Vec::new();
    for mutation in &list.mutation {
        for edit in mutation.edits() {
            let source = std::fs::read_to_string(root.join(&edit.file)).unwrap_or_default();
            let count = source.matches(&edit.text).count();
            if count != 1 {
                let (name, file) = (&mutation.name, &edit.file);
                astray.push(format!("{name}: its text is {count} times in {file}"));
            }
        }
        if mutation.scenario.is_none() && mutation.faults.is_none() {
            astray.push(format!(
                "{}: it names nothing that is to fail",
                mutation.name
            ));
        }
    }
    if astray.is_empty() {
        return Ok(list.mutation);
    }
    Err(Failure::new(format!(
        "mutations no longer fit the source; correct tests/simulation/mutations.toml:\n  {}",
        astray.join("\n  ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// The ids of all invariants, as the source declares them: xtask is built without the product.
    fn invariants() -> BTreeSet<String> {
        let source = root().join("shared/delivery/src/invariants/mod.rs");
        let source = std::fs::read_to_string(source).unwrap();
        let (_, declared) = source.split_once("\ninvariants! {").unwrap();
        let (declared, _) = declared.split_once("\n}").unwrap();
        let ids = declared.lines().filter_map(|line| {
            let (_, id) = line.split_once(" = \"")?;
            Some(id.strip_suffix("\",")?.to_owned())
        });
        let ids: BTreeSet<String> = ids.collect();
        assert_eq!(ids.len(), declared.matches("\";").count(), "{ids:?}");
        ids
    }

    #[test]
    fn every_mutation_fits_the_source() {
        assert!(!read(&root()).unwrap().is_empty());
    }

    #[test]
    fn every_invariant_has_a_mutation_and_every_mutation_an_invariant() {
        let mutations = read(&root()).unwrap();
        let named: BTreeSet<String> = mutations.into_iter().map(|one| one.of).collect();
        assert_eq!(named, invariants());
    }

    #[test]
    fn names_are_unique() {
        let mutations = read(&root()).unwrap();
        let names: BTreeSet<&str> = mutations.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), mutations.len());
    }
}
