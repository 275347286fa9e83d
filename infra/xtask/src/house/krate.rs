//! The crates of a checkout and the files that are their modules, as the compiler would find them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::scope::{self, Scope};
use super::source::Source;
use super::token::Declared;
use crate::error::{Failure, Result};

/// One module of one crate.
#[derive(Debug)]
pub struct Module {
    /// Of which crate: the number of its root.
    pub root: usize,
    /// Its name from the root on.
    pub path: Vec<String>,
    /// The number of the file that it stands in.
    pub file: usize,
    pub scope: Scope,
}

/// What a walk from the roots found.
#[derive(Debug, Default)]
pub struct Walked {
    pub modules: Vec<Module>,
    /// Files that a module for tests reaches.
    pub tests: BTreeSet<usize>,
}

/// The root files of all crates that these manifests describe, but for those of tests.
///
/// # Errors
/// When a manifest cannot be read.
pub fn roots(manifests: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut roots = BTreeSet::new();
    for path in manifests {
        let manifest = manifest(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut usual = vec![
            folder.join("src/lib.rs"),
            folder.join("src/main.rs"),
            folder.join("build.rs"),
        ];
        for several in ["src/bin", "examples", "benches"] {
            for entry in std::fs::read_dir(folder.join(several))
                .into_iter()
                .flatten()
            {
                let path = entry?.path();
                usual.push(path.join("main.rs"));
                usual.push(path);
            }
        }
        let kinds = ["lib", "bin", "example", "bench"];
        let named = kinds.iter().filter_map(|kind| manifest.get(*kind));
        for target in named.flat_map(one_or_many) {
            if let Some(path) = target.get("path").and_then(toml::Value::as_str) {
                usual.push(folder.join(path));
            }
        }
        roots.extend(
            usual
                .into_iter()
                .filter(|path| path.extension().is_some_and(|ext| ext == "rs") && path.is_file()),
        );
    }
    Ok(roots.into_iter().collect())
}

/// A manifest.
///
/// # Errors
/// When it cannot be read.
pub fn manifest(path: &Path) -> Result<toml::Table> {
    let during = |failure: Failure| failure.during(&path.display().to_string());
    let text = std::fs::read_to_string(path).map_err(|error| during(error.into()))?;
    text.parse()
        .map_err(|error: toml::de::Error| during(Failure::new(error.to_string())))
}

fn one_or_many(value: &toml::Value) -> Vec<&toml::Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |many| many.iter().collect())
}

/// Follows `mod name;` from each root.
pub fn walk(files: &[Source], numbers: &BTreeMap<PathBuf, usize>, roots: &[PathBuf]) -> Walked {
    let mut walk = Walk {
        files,
        numbers,
        walked: Walked::default(),
    };
    for (root, path) in roots.iter().enumerate() {
        if let Some(file) = numbers.get(path) {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let place = Place {
                root,
                path: Vec::new(),
                file: *file,
                folder,
                test: false,
            };
            walk.module(&place, path);
        }
    }
    walk.walked
}

struct Walk<'a> {
    files: &'a [Source],
    numbers: &'a BTreeMap<PathBuf, usize>,
    walked: Walked,
}

#[derive(Clone)]
struct Place {
    root: usize,
    path: Vec<String>,
    file: usize,
    /// Where the files of its modules are looked for.
    folder: PathBuf,
    test: bool,
}

impl Walk<'_> {
    fn module(&mut self, place: &Place, path: &Path) {
        let Some(source) = self.files.get(place.file) else {
            return;
        };
        if place.test && !self.walked.tests.insert(place.file) {
            return;
        }
        for cut in &source.code.cuts {
            if let Some(declared) = &cut.file {
                let place = Place {
                    test: true,
                    ..place.clone()
                };
                self.declared(&place, path, declared);
            }
        }
        for (inner, scope) in scope::of(&source.code.tokens) {
            let mut place = place.clone();
            place.folder.extend(&inner);
            place.path.extend(inner);
            for declared in &scope.files {
                self.declared(&place, path, declared);
            }
            if !place.test {
                self.walked.modules.push(Module {
                    root: place.root,
                    path: place.path,
                    file: place.file,
                    scope,
                });
            }
        }
    }

    fn declared(&mut self, parent: &Place, parent_path: &Path, declared: &Declared) {
        let own = |path: PathBuf| {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            (path, folder)
        };
        let below = parent.folder.join(&declared.name);
        let tried = match &declared.path {
            Some(path) => vec![own(normal(&parent_path.with_file_name(path)))],
            None => vec![
                (below.with_extension("rs"), below.clone()),
                own(below.join("mod.rs")),
            ],
        };
        for (path, folder) in tried {
            if let Some(file) = self.numbers.get(&path) {
                let mut place = parent.clone();
                place.path.push(declared.name.clone());
                place.file = *file;
                place.folder = folder;
                self.module(&place, &path);
                return;
            }
        }
    }
}

/// Without `..` in the middle.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            out.pop();
        } else {
            out.push(part);
        }
    }
    out
}
