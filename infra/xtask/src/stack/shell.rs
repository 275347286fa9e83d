//! What a shell needs to use a stack that stays: the variables of the `counterpart` command, and those that the examples in
//! the documents run with.

use serde_json::Value;

use super::state::Kept;
use crate::error::Result;
use crate::stack::simulators::text;
use crate::target::TARGETS;

/// An address of the stack: the variable that examples name it by, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The variable.
    pub variable: String,
    /// What it is.
    pub title: String,
    /// The URL.
    pub url: String,
}

/// Every address that somebody may call.
///
/// # Errors
/// When the simulators did not say one of theirs.
pub fn addresses(kept: &Kept) -> Result<Vec<Address>> {
    let said = &kept.said;
    let address = |variable: &str, title: &str, url: String| Address {
        variable: variable.to_owned(),
        title: title.to_owned(),
        url,
    };
    let mut all = vec![
        address("AGENT", "Sage 100 agent", text(said, "/agent/url")?),
        address("SOAP", "its SOAP service", soap_door(said)?),
    ];
    for target in TARGETS {
        let url = text(said, &format!("/{}/url", target.name))?;
        all.push(address(&target.name.to_uppercase(), target.title, url));
    }
    all.extend([
        address("AWS_ENDPOINT_URL", "AWS", kept.endpoint.clone()),
        address("CRM_API", "what CRMs call", kept.crm_api_url.clone()),
        address(
            "HINT_API",
            "hints",
            format!("{}/sage/ABC/hint", kept.hint_url),
        ),
    ]);
    Ok(all)
}

/// The SOAP service's address has a path; its control door has none.
fn soap_door(said: &Value) -> Result<String> {
    text(said, "/soap/door")
}

/// All variables, in order: those of the command, then the addresses.
///
/// # Errors
/// As [`addresses`].
pub fn variables(kept: &Kept) -> Result<Vec<(String, String)>> {
    let mut all = kept.environment.clone();
    for address in addresses(kept)? {
        if !all.iter().any(|(name, _)| *name == address.variable) {
            all.push((address.variable, address.url));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use serde_json::json;

    use super::*;

    fn kept() -> Kept {
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        Kept {
            processes: Vec::new(),
            endpoint: url(1),
            hint_url: url(2),
            crm_api_url: url(3),
            counterpart: PathBuf::from("/t/debug/counterpart"),
            environment: vec![("AWS_ENDPOINT_URL".to_owned(), url(1))],
            said: json!({"agent": {"url": url(4)}, "soap": {"url": url(5) + "/x.svc", "door": url(5)},
                         "zoho": {"url": url(6)}, "salesforce": {"url": url(7)}}),
        }
    }

    /// The documents whose examples run against a local stack.
    fn documents() -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut documents: Vec<PathBuf> = ["README.md", "events/README.md", "functions/README.md"]
            .map(|name| root.join(name))
            .into();
        for folder in ["docs", "shared", "functions", "infra"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                documents.push(if path.is_dir() {
                    path.join("README.md")
                } else {
                    path
                });
            }
        }
        documents.push(root.join("tests/simulators/README.md"));
        documents.retain(|path| path.extension().is_some_and(|end| end == "md") && path.exists());
        documents
    }

    fn name_at(text: &str) -> String {
        let text = text.strip_prefix('{').unwrap_or(text);
        let is_part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        text.chars().take_while(is_part).collect()
    }

    /// The variables that the examples of a document read, and do not set themselves.
    fn used(document: &str) -> BTreeSet<String> {
        let mut inside = false;
        let (mut used, mut set) = (BTreeSet::new(), BTreeSet::new());
        for line in document.lines() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
                continue;
            }
            if !inside {
                continue;
            }
            for part in line.split([' ', ';']) {
                if let Some((name, _)) = part.split_once('=') {
                    set.insert(name.to_owned());
                }
            }
            used.extend(line.split('$').skip(1).map(name_at));
        }
        used.retain(|name| !name.is_empty() && !set.contains(name));
        used
    }

    #[test]
    fn every_variable_of_the_documents_examples_is_set_by_the_file_for_the_shell() {
        let set: BTreeSet<String> = variables(&kept())
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let mut all = BTreeSet::new();
        for path in documents() {
            let text = std::fs::read_to_string(&path).unwrap();
            for name in used(&text) {
                assert!(
                    set.contains(&name),
                    "{} uses {name}, which env.sh does not set",
                    path.display()
                );
                all.insert(name);
            }
        }
        for name in ["AGENT", "SOAP", "ZOHO", "SALESFORCE", "CRM_API"] {
            assert!(
                all.contains(name),
                "no document uses {name}: the search is broken"
            );
        }
    }

    #[test]
    fn a_variable_is_found_where_it_is_read_and_not_where_it_is_set() {
        let text = "$NOT\n```\nx=$(cat) ; curl \"$x\" ${ZOHO}/a $AGENT\n```\n";
        assert_eq!(
            used(text),
            BTreeSet::from(["AGENT".to_owned(), "ZOHO".to_owned()])
        );
    }
}
