//! Which file needs which: each name that is brought in or written as a path, followed to the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use super::krate::Module;
use super::tree::Tree;

/// For each file the files that it needs, and by which names.
pub type Imports = BTreeMap<usize, BTreeMap<usize, BTreeSet<String>>>;

/// Which paths count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// Those that go up and down again, from `crate`, `super` or `self`, and through a module that was brought in by such a one.
    /// What a module takes from its own children is left out.
    FromAbove,
    /// All, those to the own children too.
    All,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// Something that this file defines.
    Item(usize),
}

/// Follows all paths. A name that is only passed on to others is no need of the file that passes it on.
pub fn of(tree: &Tree, counted: Paths) -> Imports {
    let names = Names {
        modules: &tree.modules,
        by_path: tree
            .modules
            .iter()
            .enumerate()
            .map(|(number, module)| ((module.root, &*module.path), number))
            .collect(),
    };
    let mut imports = Imports::new();
    for (number, module) in tree.modules.iter().enumerate() {
        for (path, name) in needed(&names, number, module) {
            if counted == Paths::FromAbove && !is_from_above(module, &path) {
                continue;
            }
            let Some(Target::Item(file)) = names.follow(number, &path, &mut BTreeSet::new()) else {
                continue;
            };
            if file != module.file {
                let of_file = imports.entry(module.file).or_default();
                of_file.entry(file).or_default().insert(name);
            }
        }
    }
    imports
}

fn is_from_above(module: &Module, path: &[String]) -> bool {
    let rooted = |path: &[String]| {
        path.first()
            .is_some_and(|first| ABOVE.contains(&first.as_str()))
    };
    let brought_in = |first: &String| {
        let mut uses = module.scope.uses.iter();
        uses.any(|one| one.name.as_ref() == Some(first) && rooted(&one.path))
    };
    rooted(path) || path.first().is_some_and(brought_in)
}

/// What a path within the crate begins with, unless with a name.
const ABOVE: [&str; 3] = ["crate", "self", "super"];

/// The paths that the module needs, each with the name to show.
fn needed(names: &Names, number: usize, module: &Module) -> Vec<(Vec<String>, String)> {
    let scope = &module.scope;
    let mut needed = Vec::new();
    for one in &scope.uses {
        match &one.name {
            Some(name) if one.passed_on && !scope.words.contains(name) => {}
            Some(_) => {
                let shown = one.path.last().cloned().unwrap_or_default();
                needed.push((one.path.clone(), shown));
            }
            None if one.passed_on => {}
            // Of all that is brought in, what is named.
            None => {
                if let Some(Target::Module(from)) =
                    names.follow(number, &one.path, &mut BTreeSet::new())
                {
                    let of_there = |word: &&String| {
                        names
                            .member(from, word, true, &mut BTreeSet::new())
                            .is_some()
                    };
                    for word in scope.words.iter().filter(of_there) {
                        let path = one.path.iter().chain([word]).cloned().collect();
                        needed.push((path, word.clone()));
                    }
                } else {
                    needed.push((one.path.clone(), "*".to_owned()));
                }
            }
        }
    }
    for path in &scope.paths {
        let shown = path
            .iter()
            .skip_while(|part| ABOVE.contains(&part.as_str()))
            .cloned()
            .collect::<Vec<_>>()
            .join("::");
        needed.push((path.clone(), shown));
    }
    needed
}

struct Names<'a> {
    modules: &'a [Module],
    by_path: BTreeMap<(usize, &'a [String]), usize>,
}

/// What is being looked for, so that two modules that take a name from each other come to an end.
type Seen = BTreeSet<(usize, String, bool)>;

impl Names<'_> {
    fn follow(&self, from: usize, path: &[String], seen: &mut Seen) -> Option<Target> {
        let module = self.modules.get(from)?;
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Target::Module(*self.by_path.get(&(module.root, &[][..]))?),
            "self" => Target::Module(from),
            "super" => Target::Module(self.parent(from)?),
            _ => self.member(from, first, rest.is_empty(), seen)?,
        };
        while let (Target::Module(number), Some((part, after))) = (at, rest.split_first()) {
            at = if part == "super" {
                Target::Module(self.parent(number)?)
            } else {
                // What a macro made there is found nowhere: it is that file's.
                self.member(number, part, after.is_empty(), seen)
                    .unwrap_or(Target::Item(self.modules.get(number)?.file))
            };
            rest = after;
        }
        Some(at)
    }

    fn parent(&self, number: usize) -> Option<usize> {
        let module = self.modules.get(number)?;
        let (_, path) = module.path.split_last()?;
        self.by_path.get(&(module.root, path)).copied()
    }

    /// A name of a module; `last` where no more of the path follows, so that it need not be a module.
    fn member(&self, number: usize, name: &str, last: bool, seen: &mut Seen) -> Option<Target> {
        if !seen.insert((number, name.to_owned(), last)) {
            return None;
        }
        let module = self.modules.get(number)?;
        let child = || {
            let path: Vec<String> = module
                .path
                .iter()
                .cloned()
                .chain([name.to_owned()])
                .collect();
            self.by_path
                .get(&(module.root, &*path))
                .map(|number| Target::Module(*number))
        };
        if !last && let Some(found) = child() {
            return Some(found);
        }
        if module.scope.defined.contains(name) {
            return Some(Target::Item(module.file));
        }
        let by_name = module
            .scope
            .uses
            .iter()
            .filter(|one| one.name.as_deref() == Some(name));
        let found: Vec<Target> = by_name
            .filter_map(|one| self.follow(number, &one.path, seen))
            .collect();
        let is_item = |target: &&Target| matches!(target, Target::Item(_)) == last;
        if let Some(found) = found.iter().find(is_item).or(found.first()) {
            return Some(*found);
        }
        if let Some(found) = child() {
            return Some(found);
        }
        let all = module.scope.uses.iter().filter(|one| one.name.is_none());
        for one in all {
            if let Some(Target::Module(from)) = self.follow(number, &one.path, seen)
                && let Some(found) = self.member(from, name, last, seen)
            {
                return Some(found);
            }
        }
        None
    }
}
