//! From text to a checked configuration. Values keep their place in the file, and reading goes on after a mistake, so
//! that one run names all of them.

mod column;
mod company;
mod compute;
mod crm_fields;
mod entity;
mod fields;
mod filter;
mod helper;
mod item;
mod lines;
mod orgs;
mod partly;
mod quiet;
mod rule;
mod sale;
mod section;
pub(crate) mod suggest;
mod target;
#[cfg(test)]
mod tests;
mod words;

use std::cell::RefCell;
use std::collections::BTreeMap;

use counterpart_domain::{Company, TargetName, bounded};
use toml::de::DeTable;

use crate::{Finding, SyncConfig};
pub(crate) use column::known_column;
use section::Section;

/// The largest file, in bytes: it has to fit into one stored item with room to spare.
const LARGEST: usize = 256 * 1024;
/// The most syntax errors that are reported; one mistake may raise several.
const MOST_SYNTAX: usize = 20;

impl SyncConfig {
    /// Reads and checks a `sync.toml`.
    ///
    /// # Errors
    /// Everything that is wrong in it at once, by line. A file that is not TOML is reported as far as its syntax goes.
    pub fn parse(text: &str) -> Result<Self, Vec<Finding>> {
        config(text)
    }

    /// Reads a file that was put in force, perhaps by a version of before: it may lack `since`, which new files have to
    /// have, and everything that does not need it goes on. Never for a file that is to be put in force.
    ///
    /// # Errors
    /// As [`SyncConfig::parse`].
    pub fn stored(text: &str) -> Result<Self, Vec<Finding>> {
        stored(text)
    }

    /// What can be relied on of a file, and everything that is wrong in it: for checks that go on after a mistake. Companies
    /// and targets of which the connection is in doubt are left out; of the others, what findings name is worth nothing.
    /// Never to be put in force.
    #[must_use]
    pub fn parse_partly(text: &str) -> (Self, Vec<Finding>) {
        partly(text)
    }

    /// The line, counted from 1, of a path as findings name it: `targets.zoho.customer.fields.Phone`,
    /// `targets.zoho.customer.include[1].equals`. What is not in the file has the line of its nearest parent that is,
    /// and 1 when there is none. For findings of checks that need more than the file.
    #[must_use]
    pub fn line_of(text: &str, path: &str) -> usize {
        lines::line_of(text, path)
    }
}

/// Collects what is wrong, and knows lines.
struct Findings<'t> {
    text: &'t str,
    /// Whether the file is in force already: it may lack what is wanted of new ones only.
    stored: bool,
    found: RefCell<Vec<Finding>>,
}

impl<'t> Findings<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            stored: false,
            found: RefCell::new(Vec::new()),
        }
    }

    /// Notes a finding at a byte offset.
    fn report(&self, at: usize, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.found.borrow_mut().push(Finding {
            line: line_at(self.text, at),
            path: bounded(path.to_owned(), 200),
            message: bounded(message.into(), 300),
            remedy: remedy.into(),
        });
    }

    fn into_sorted(self) -> Vec<Finding> {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        found
    }
}

/// The line of a byte offset, counted from 1.
fn line_at(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

pub(crate) fn config(text: &str) -> Result<SyncConfig, Vec<Finding>> {
    whole(Findings::new(text))
}

/// A file that is in force.
pub(crate) fn stored(text: &str) -> Result<SyncConfig, Vec<Finding>> {
    whole(Findings {
        stored: true,
        ..Findings::new(text)
    })
}

fn whole(findings: Findings<'_>) -> Result<SyncConfig, Vec<Finding>> {
    let config = checked(&findings);
    let found = findings.into_sorted();
    if found.is_empty() {
        Ok(config)
    } else {
        Err(found)
    }
}

/// What can be relied on, beside what is wrong.
pub(crate) fn partly(text: &str) -> (SyncConfig, Vec<Finding>) {
    let findings = Findings::new(text);
    let config = checked(&findings);
    let found = findings.into_sorted();
    (partly::reliable(config, &found), found)
}

/// What could be read; worth something only when there are no findings.
fn checked(findings: &Findings<'_>) -> SyncConfig {
    let mut config = SyncConfig {
        companies: BTreeMap::new(),
        targets: BTreeMap::new(),
    };
    if findings.text.len() > LARGEST {
        let message = format!("The file has {} bytes.", findings.text.len());
        findings.report(0, "", message, format!("Keep it below {LARGEST} bytes."));
        return config;
    }
    let (table, errors) = DeTable::parse_recoverable(findings.text);
    for error in errors.iter().take(MOST_SYNTAX) {
        let span = error.span().unwrap_or(0..0);
        let at = span.start;
        let mut what = bounded(error.message().to_owned(), 200);
        // Only a key is repeated: an unquoted value may be a secret in the wrong place.
        if let ("duplicate key", Some(key)) = (error.message(), findings.text.get(span)) {
            what = format!("the key {key:?} stands twice");
        }
        findings.report(
            at,
            "",
            format!("This is not TOML: {what}."),
            "Mend the syntax; everything else is checked after that.",
        );
    }
    if !errors.is_empty() {
        return config;
    }
    let mut file = Section::new(findings, String::new(), 0, table.get_ref());
    let companies = file.need(
        "companies",
        "Add a table such as [companies.ABC] with its agent_url.",
    );
    let targets = file.need("targets", "Add a table such as [targets.zoho].");
    if let Some(companies) = companies.and_then(|item| item.table()) {
        if companies.entries().next().is_none() {
            companies.report(
                "No company is defined.",
                "Add a table such as [companies.ABC].",
            );
        }
        for item in companies.entries() {
            let read = item.table().map(company::read);
            match Company::new(item.name()) {
                Ok(company) => config.companies.extend(read.map(|read| (company, read))),
                Err(error) => item.report(
                    format!("{error}."),
                    "Use the company code as it stands in Sage 100.",
                ),
            }
        }
    }
    if let Some(targets) = targets.and_then(|item| item.table()) {
        if targets.entries().next().is_none() {
            targets.report(
                "No target is defined.",
                "Add a table such as [targets.zoho].",
            );
        }
        for item in targets.entries() {
            let read = item
                .table()
                .map(|section| target::read(section, item.name(), &config.companies));
            match TargetName::new(item.name()) {
                Some(name) if name.as_str().starts_with("sage-") => item.report(
                    "Names that begin with sage- are Counterpart's own.",
                    "Give the target another name, such as \"crm\".",
                ),
                Some(name) => config.targets.extend(read.map(|read| (name, read))),
                None => item.report(
                    "This is not a target's name.",
                    "Use 1 to 40 characters of a-z, 0-9 and -.",
                ),
            }
        }
        orgs::check(&targets, &config.targets);
        // What is in force goes on, though a version of before took it.
        if !findings.stored {
            quiet::check(&targets, &config);
        }
        sale::hooks(&targets, &config.targets);
    }
    file.finish();
    config
}
