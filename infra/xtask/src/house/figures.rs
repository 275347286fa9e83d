//! Everything that is counted, with what it was counted from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::imports::{self, Paths};
use super::lines::{self, Size};
use super::rules::{Named, Rules};
use super::shapes::{self, Spot};
use super::token::Token;
use super::tree::Tree;
use super::{circles, words};

/// The most lines of a function that is not long.
pub const LONGEST: usize = 60;
/// So many type parameters make an `impl` header a generic one.
pub const MANY: usize = 4;

/// What one checkout comes to.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// The figures that have limits, by their names.
    pub figures: BTreeMap<String, usize>,
    /// For each name of an entity, how many files name it.
    pub entities: BTreeMap<String, usize>,
    pub folders: Vec<Size>,
    pub all: Size,
    /// For each figure, what was counted: files, circles, headers, functions.
    pub counted: BTreeMap<String, Vec<String>>,
}

impl Figures {
    /// Measures a checkout.
    pub fn of(tree: &Tree, rules: &Rules) -> Self {
        let mut counted = BTreeMap::new();
        let mut entities = BTreeMap::new();
        for (name, named) in &rules.named {
            counted.insert(name.clone(), words::naming(tree, named));
        }
        for entity in &rules.entities.words {
            let named = Named {
                words: vec![entity.clone()],
                texts: Vec::new(),
                except: rules.entities.except.clone(),
            };
            let files = words::naming(tree, &named);
            entities.insert(entity.clone(), files.len());
            if *entity == rules.entities.counted {
                counted.insert("entity_named".to_owned(), files);
            }
        }
        counted.insert(
            "circular_imports".to_owned(),
            circular(tree, Paths::FromAbove),
        );
        counted.insert("circular_at_all".to_owned(), circular(tree, Paths::All));
        counted.insert(
            "generic_impls".to_owned(),
            sized(tree, |tokens| shapes::generic_impls(tokens, MANY)),
        );
        counted.insert(
            "long_functions".to_owned(),
            sized(tree, |tokens| shapes::long_functions(tokens, LONGEST)),
        );
        counted.insert("workspace_members".to_owned(), tree.members.clone());
        let folders = lines::by_folder(tree);
        Self {
            figures: counted
                .iter()
                .map(|(name, all)| (name.clone(), all.len()))
                .collect(),
            entities,
            all: lines::sum(&folders),
            folders,
            counted,
        }
    }
}

fn circular(tree: &Tree, paths: Paths) -> Vec<String> {
    let imports = imports::of(tree, paths);
    let path = |file: &usize| tree.files.get(*file).map_or("", |source| &source.path);
    let shown = |circle: &Vec<usize>| {
        let mut text = circle.iter().map(path).collect::<Vec<_>>().join(" <-> ");
        for from in circle {
            let of_file = imports.get(from).into_iter().flatten();
            for (to, names) in of_file.filter(|(to, _)| circle.contains(to)) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                text.push_str(&format!(
                    "\n  {} needs {} of {}",
                    path(from),
                    names.join(", "),
                    path(to)
                ));
            }
        }
        text
    };
    circles::of(&imports).iter().map(shown).collect()
}

fn sized(tree: &Tree, find: impl Fn(&[Token]) -> Vec<Spot>) -> Vec<String> {
    let of_file = tree.files.iter().flat_map(|source| {
        let shown = |one: Spot| format!("{}:{} {} ({})", source.path, one.line, one.name, one.size);
        find(&source.code.tokens).into_iter().map(shown)
    });
    of_file.collect()
}
