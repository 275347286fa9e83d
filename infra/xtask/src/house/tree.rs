//! The files of a checkout, and which of them are product and which only tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::krate::{self, Module};
use super::source::Source;
use super::token::Code;
use crate::error::{Failure, Result};

/// The folders that hold the product.
pub const FOLDERS: [&str; 3] = ["shared", "functions", "infra"];

/// The product's files, in order, and the modules that they are.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<Source>,
    pub modules: Vec<Module>,
    /// The packages of the workspace.
    pub members: Vec<String>,
}

impl Tree {
    /// Reads a checkout.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let mut found = Found::default();
        for folder in FOLDERS {
            found.below(&root.join(folder))?;
        }
        let mut files = Vec::new();
        let mut numbers = BTreeMap::new();
        for path in &found.rust {
            let name = relative(root, path);
            let text = std::fs::read_to_string(path)?;
            let code = Code::read(&text).map_err(|failure| failure.during(&name))?;
            numbers.insert(path.clone(), files.len());
            files.push(Source {
                path: name,
                text,
                code,
            });
        }
        let roots = krate::roots(&found.manifests)?;
        let walked = krate::walk(&files, &numbers, &roots);
        let of_product: BTreeSet<usize> = walked.modules.iter().map(|module| module.file).collect();
        let is_product = |number: usize, source: &Source| {
            !named_as_test(&source.path)
                && !source.code.test
                && (of_product.contains(&number) || !walked.tests.contains(&number))
        };
        Ok(Self::of_product(
            files,
            walked.modules,
            members(root)?,
            is_product,
        ))
    }

    /// Drops the tests; the modules' numbers of files follow.
    fn of_product(
        files: Vec<Source>,
        modules: Vec<Module>,
        members: Vec<String>,
        is_product: impl Fn(usize, &Source) -> bool,
    ) -> Self {
        let mut tree = Self {
            members,
            ..Self::default()
        };
        let mut renumbered = BTreeMap::new();
        for (number, source) in files.into_iter().enumerate() {
            if is_product(number, &source) {
                renumbered.insert(number, tree.files.len());
                tree.files.push(source);
            }
        }
        for mut module in modules {
            if let Some(number) = renumbered.get(&module.file) {
                module.file = *number;
                tree.modules.push(module);
            }
        }
        tree
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

fn named_as_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests")
}

#[derive(Default)]
struct Found {
    rust: Vec<PathBuf>,
    manifests: Vec<PathBuf>,
}

impl Found {
    fn below(&mut self, folder: &Path) -> Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?;
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" {
                    self.below(&path)?;
                }
            } else if name == "Cargo.toml" {
                self.manifests.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                self.rust.push(path);
            }
        }
        Ok(())
    }
}

/// The packages that the workspace lists; a pattern stands for each folder that it fits.
fn members(root: &Path) -> Result<Vec<String>> {
    let path = root.join("Cargo.toml");
    let manifest = krate::manifest(&path)?;
    let listed = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members"))
        .and_then(toml::Value::as_array)
        .ok_or_else(|| Failure::new(format!("{} lists no members", path.display())))?;
    let mut members = Vec::new();
    for member in listed.iter().filter_map(toml::Value::as_str) {
        let Some(folder) = member.strip_suffix("/*") else {
            members.push(member.to_owned());
            continue;
        };
        for entry in std::fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            if path.join("Cargo.toml").is_file() {
                members.push(relative(root, &path));
            }
        }
    }
    members.sort();
    Ok(members)
}
