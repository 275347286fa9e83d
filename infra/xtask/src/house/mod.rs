//! `house`: how easy the code is to walk through, in figures that may only fall.
//!
//! Product are the `.rs` files below `shared`, `functions` and `infra` but for tests: files in a folder `tests`, files
//! named `tests.rs`, files that only a module under `#[cfg(test)]` reaches, and items under it in other files. Comments and doc
//! comments are no code; texts in quotes are. A word counts when it stands alone: `Salesforce` does, `SalesforceConfig` does not,
//! since what bears a product's name within a longer one is a type of its own that its file has reason to name.

mod circles;
mod figures;
mod imports;
mod krate;
mod lines;
mod rules;
mod scope;
mod shapes;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod tree;
mod uses;
mod words;

use std::path::Path;

use self::figures::Figures;
use self::rules::Rules;
use self::tree::Tree;
use crate::cli::HouseOptions;
use crate::error::Result;
use crate::workspace::Workspace;

/// Prints the figures of this checkout or of another one, or makes them the limits.
///
/// # Errors
/// When a file cannot be read.
pub fn run(workspace: &Workspace, options: &HouseOptions) -> Result<()> {
    let text = rules::text(&workspace.root)?;
    let mut rules = Rules::read(&text)?;
    let root = options.tree.as_deref().unwrap_or(&workspace.root);
    let figures = measure(root, &rules)?;
    if options.write {
        let text = rules::with_limits(&text, &figures.figures)?;
        std::fs::write(workspace.file(rules::FILE), &text)?;
        rules = Rules::read(&text)?;
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        print!("{}", table::show(&figures, &rules, options.verbose));
    }
    Ok(())
}

/// Holds this checkout against its limits.
///
/// # Errors
/// With each figure that is not its limit.
pub fn check(workspace: &Workspace) -> Result<()> {
    let rules = Rules::read(&rules::text(&workspace.root)?)?;
    rules.hold(&measure(&workspace.root, &rules)?.figures)
}

fn measure(root: &Path, rules: &Rules) -> Result<Figures> {
    Ok(Figures::of(&Tree::read(root)?, rules))
}
