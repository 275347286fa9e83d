//! Licences and sources of all dependencies, against the lists of `deny.toml`.
//!
//! The file is written for `cargo deny`, and that command may be used with it. Building the command takes longer than
//! everything it would check here, so this reads the two lists that matter itself.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::error::{Failure, Result};
use crate::process;
use crate::workspace::{Workspace, cargo};

#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Fails with one line for each package whose licence is not allowed or whose source is not the one registry.
///
/// # Errors
/// See above, or when the lists can't be read.
pub fn check(workspace: &Workspace) -> Result<()> {
    let text = std::fs::read_to_string(workspace.file("deny.toml"))?;
    let deny: Deny =
        toml::from_str(&text).map_err(|error| Failure::new(format!("deny.toml: {error}")))?;
    let said = process::output(
        cargo()
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(&workspace.root),
    )?;
    let metadata: Metadata = serde_json::from_str(&said)?;
    let findings = findings(&deny, &metadata);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("\n{}", findings.join("\n"))))
    }
}

fn findings(deny: &Deny, metadata: &Metadata) -> Vec<String> {
    let registries: BTreeSet<&str> = metadata
        .packages
        .iter()
        .filter_map(|package| package.source.as_deref())
        .filter(|source| source.starts_with("registry+"))
        .collect();
    let mut findings = Vec::new();
    if registries.len() > 1 {
        findings.push(format!(
            "  packages come from {} registries",
            registries.len()
        ));
    }
    for package in &metadata.packages {
        let who = format!("  {} {}", package.name, package.version);
        if let Some(source) = &package.source
            && !source.starts_with("registry+")
        {
            findings.push(format!("{who} does not come from the registry: {source}"));
        }
        let licence = package.license.as_deref().unwrap_or_default();
        if !is_allowed(licence, &deny.licenses.allow) {
            findings.push(format!(
                "{who} has a licence that is not allowed: {licence:?}"
            ));
        }
    }
    findings
}

/// Whether the expression can be satisfied with allowed licences alone.
fn is_allowed(expression: &str, allow: &[String]) -> bool {
    let Ok(parsed) = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX) else {
        return false;
    };
    parsed.evaluate(|requirement| allow.contains(&requirement.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(license: &str, source: Option<&str>) -> Package {
        Package {
            name: "one".to_owned(),
            version: "1.0.0".to_owned(),
            license: Some(license.to_owned()),
            source: source.map(str::to_owned),
        }
    }

    fn found(packages: Vec<Package>) -> Vec<String> {
        let allow = vec![
            "MIT".to_owned(),
            "Apache-2.0 WITH LLVM-exception".to_owned(),
        ];
        let deny = Deny {
            licenses: Licenses { allow },
        };
        findings(&deny, &Metadata { packages })
    }

    #[test]
    fn one_allowed_choice_is_enough_and_every_part_is_needed() {
        assert!(found(vec![package("GPL-3.0-only OR MIT", None)]).is_empty());
        assert!(found(vec![package("Apache-2.0 WITH LLVM-exception", None)]).is_empty());
        assert!(found(vec![package("BSD-3-Clause/MIT", None)]).is_empty());
        assert_eq!(found(vec![package("MIT AND GPL-3.0-only", None)]).len(), 1);
        assert_eq!(found(vec![package("", None)]).len(), 1);
    }

    #[test]
    fn git_and_a_second_registry_are_found() {
        let packages = vec![
            package("MIT", Some("registry+one")),
            package("MIT", Some("registry+two")),
            package("MIT", Some("git+somewhere")),
        ];
        assert_eq!(found(packages).len(), 2);
    }
}
