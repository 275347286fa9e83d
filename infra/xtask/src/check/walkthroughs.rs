//! Whether the walkthroughs lead somewhere: every path that they name is there, and none of them grows too long to be walked.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::{Result, ensure};
use crate::workspace::Workspace;

/// Where they are written.
const PAGE: &str = "docs/walkthroughs.md";

/// The most files that each section may name. They may only fall.
const MOST: [(&str, usize); 2] = [("A customer row", 30), ("A won deal", 35)];

/// Holds the page against the repository.
///
/// # Errors
/// Names the paths that are not there, and the sections that are missing or too long.
pub fn check(workspace: &Workspace) -> Result<()> {
    let page = std::fs::read_to_string(workspace.file(PAGE))?;
    let findings = findings(&page, &MOST, &workspace.root);
    ensure(findings.is_empty(), || {
        format!("{PAGE}:\n  {}", findings.join("\n  "))
    })
}

/// What is wrong with a page whose paths begin at `root`.
fn findings(page: &str, most: &[(&str, usize)], root: &Path) -> Vec<String> {
    let mut findings: Vec<String> = paths(page)
        .into_iter()
        .filter(|path| !root.join(path).exists())
        .map(|path| format!("{path} is not there"))
        .collect();
    for (title, most) in most {
        let Some(section) = section(page, title) else {
            findings.push(format!("the section \"{title}\" is missing"));
            continue;
        };
        let files = paths(section);
        // A folder would hide how many files are in it.
        let folders = files.iter().filter(|path| root.join(path).is_dir());
        findings.extend(folders.map(|path| format!("{path} is a folder: name its files")));
        let count = files.len();
        if count == 0 {
            findings.push(format!("\"{title}\" names no file"));
        }
        if count > *most {
            findings.push(format!(
                "\"{title}\" leads through {count} files, and {most} are the most: one idea may be spread over several"
            ));
        }
    }
    findings
}

/// A section's text, up to the next one.
fn section<'a>(page: &'a str, title: &str) -> Option<&'a str> {
    let mut sections = page.split("\n## ").skip(1);
    sections.find_map(|section| section.strip_prefix(title)?.strip_prefix('\n'))
}

/// The paths in backticks, each once: what has a slash and nothing that no path of the repository has. The bare name of a
/// source file stands for one beside the path before it.
fn paths(text: &str) -> BTreeSet<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let mut folder = "";
    let mut paths = BTreeSet::new();
    for quoted in text.split('`').skip(1).step_by(2) {
        if quoted.starts_with('/') || !quoted.chars().all(plain) {
            continue;
        }
        if let Some((before, _)) = quoted.rsplit_once('/') {
            folder = before;
            paths.insert(quoted.to_owned());
        } else if quoted.ends_with(".rs") {
            paths.insert(format!("{folder}/{quoted}"));
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "# Walks\n\n## One\n\n1. `src/main.rs`: begins.\n2. `src/check/mod.rs`: `a` and `a / b`, `/v1/x`, once more `src/main.rs`.\n\n## Other\n\n1. `src/main.rs`: begins.\n";

    fn of(page: &str, most: &[(&str, usize)]) -> Vec<String> {
        findings(page, most, Path::new(env!("CARGO_MANIFEST_DIR")))
    }

    #[test]
    fn a_page_whose_files_are_there_is_fine_and_each_file_counts_once() {
        assert_eq!(of(TWO, &[("One", 2), ("Other", 1)]), [""; 0]);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_named() {
        let page = TWO.replace("1. `src/main.rs`", "1. `src/gone.rs`");
        assert_eq!(of(&page, &[]), ["src/gone.rs is not there"]);
    }

    #[test]
    fn a_folder_is_no_file() {
        let page = "# Walks\n\n## One\n\n1. `src/main.rs`\n2. `src/check`\n";
        assert_eq!(
            of(page, &[("One", 2)]),
            ["src/check is a folder: name its files"]
        );
    }

    #[test]
    fn a_bare_name_is_a_file_beside_the_one_before_it() {
        let page = "## One\n\n1. `src/main.rs`, `cli.rs`, `gone.rs`\n";
        assert_eq!(of(page, &[]), ["src/gone.rs is not there"]);
        let found = paths(page);
        assert!(found.contains("src/cli.rs"), "{found:?}");
    }

    #[test]
    fn a_section_that_is_too_long_or_empty_or_missing_is_named() {
        let long = of(TWO, &[("One", 1)]);
        assert!(
            long[0].starts_with("\"One\" leads through 2 files, and 1"),
            "{long:?}"
        );
        assert_eq!(
            of(TWO, &[("On", 9)]),
            ["the section \"On\" is missing"],
            "a title is whole"
        );
        assert_eq!(
            of("# Walks\n\n## One\n\nNothing.\n", &[("One", 9)]),
            ["\"One\" names no file"]
        );
    }
}
