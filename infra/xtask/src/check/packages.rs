//! Whether each function is packed, for whatever targets: of a writer in a loop SAM says nothing when it leaves it out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::deploy::Tools;
use crate::error::{Result, ensure};
use crate::process;
use crate::say::Say;
use crate::stack::deploy::FUNCTIONS;
use crate::stub;
use crate::venv::Venv;
use crate::workspace::Workspace;

/// One of each product alone, and both.
const TARGETS: [&str; 3] = ["zoho", "salesforce", "zoho,salesforce"];
/// Reads what SAM wrote: its own YAML, with the tags of CloudFormation.
const READ: &str = "
import json, sys
from samcli.yamlhelper import yaml_parse
template = yaml_parse(open(sys.argv[1], encoding='utf-8').read())
functions = {
    name: one['Properties']['CodeUri'] for name, one in template['Resources'].items()
    if isinstance(one, dict) and one.get('Type') == 'AWS::Serverless::Function'
}
writers = {
    name: one['CodeUri'] for name, one in template['Mappings']['SAMCodeUriCrmTargets'].items()
}
json.dump({'functions': functions, 'writers': writers}, sys.stdout)
";

/// What SAM says of the code: names of folders beside the template that it wrote.
#[derive(Debug, Deserialize)]
struct Packages {
    functions: BTreeMap<String, String>,
    writers: BTreeMap<String, String>,
}

/// Builds with a builder that compiles nothing, and looks at what was packed.
///
/// # Errors
/// When a build fails, or lacks a function or packed the wrong one.
pub fn check(workspace: &Workspace, say: &Say, stack: &Venv) -> Result<()> {
    let dir = workspace.target.join("check").join("packages");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    let variables = stub::install(stack, &dir, "http://127.0.0.1:9")?;
    for targets in TARGETS {
        let built = dir.join(targets);
        let tools = Tools {
            venv: stack.clone(),
            infra: workspace.file("infra"),
            built: Some(built.clone()),
            environment: Some(variables.clone()),
        };
        let words = [
            "--parameter-overrides",
            "Companies=ABC",
            "Architecture=arm64",
        ];
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        words.push(format!("Targets={targets}"));
        tools.build(say, &words)?;
        let said = process::output(
            stack
                .command("python")
                .args(["-c", READ])
                .arg(built.join("template.yaml")),
        )?;
        let packages: Packages = serde_json::from_str(&said)?;
        let wanted: Vec<&str> = targets.split(',').collect();
        holds(&packages, &wanted, &built)
            .map_err(|failure| failure.during(&format!("Targets={targets}")))?;
    }
    Ok(())
}

/// Each function has its own binary, each target's writer is there, and no other's.
fn holds(packages: &Packages, targets: &[&str], built: &Path) -> Result<()> {
    let mut binaries: Vec<String> = Vec::new();
    for folder in packages.functions.values() {
        binaries.push(binary(built, folder)?);
    }
    binaries.sort_unstable();
    let mut wanted: Vec<&str> = FUNCTIONS
        .into_iter()
        .filter(|name| *name != "crm-writer")
        .collect();
    wanted.sort_unstable();
    ensure(binaries == wanted, || {
        format!("{wanted:?} were to be packed, {binaries:?} are")
    })?;
    let found: Vec<&str> = packages.writers.keys().map(String::as_str).collect();
    let mut wanted = targets.to_vec();
    wanted.sort_unstable();
    ensure(found == wanted, || {
        format!("writers of {wanted:?} were to be packed, those of {found:?} are")
    })?;
    for (target, folder) in &packages.writers {
        let packed = binary(built, folder)?;
        ensure(packed == "crm-writer", || {
            format!("the writer of {target} is {packed:?}")
        })?;
    }
    Ok(())
}

/// The stub's binaries hold their names.
fn binary(built: &Path, folder: &str) -> Result<String> {
    let file = built.join(folder).join("bootstrap");
    std::fs::read_to_string(&file).map_err(|error| {
        crate::error::Failure::new(format!("{} is not packed: {error}", file.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_is_left_out_is_noticed() {
        let dir = std::env::temp_dir().join(format!("xtask-packages-{}", std::process::id()));
        let pack = |name: &str| {
            std::fs::create_dir_all(dir.join(name)).unwrap();
            std::fs::write(dir.join(name).join("bootstrap"), name).unwrap();
            (name.to_owned(), name.to_owned())
        };
        let others = FUNCTIONS.iter().filter(|name| **name != "crm-writer");
        pack("crm-writer");
        let packages = Packages {
            functions: others.map(|name| pack(name)).collect(),
            writers: BTreeMap::from([("zoho".to_owned(), "crm-writer".to_owned())]),
        };
        assert!(holds(&packages, &["zoho"], &dir).is_ok());
        assert!(holds(&packages, &["salesforce"], &dir).is_err());
        assert!(holds(&packages, &["zoho", "salesforce"], &dir).is_err());
        std::fs::remove_file(dir.join("lookup").join("bootstrap")).unwrap();
        assert!(holds(&packages, &["zoho"], &dir).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
