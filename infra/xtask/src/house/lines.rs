//! How much product there is.

use std::collections::BTreeSet;

use serde::Serialize;

use super::source::Source;
use super::tree::Tree;

/// The size of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Size {
    pub folder: String,
    pub files: usize,
    /// All lines but those of items for tests.
    pub lines: usize,
    /// Of these, the lines with code: not empty, not comments alone.
    pub code: usize,
}

/// A size for each folder, in order.
pub fn by_folder(tree: &Tree) -> Vec<Size> {
    let mut sizes: Vec<Size> = Vec::new();
    for source in &tree.files {
        let folder = source.folder();
        let at = match sizes.iter().position(|size| size.folder == folder) {
            Some(at) => at,
            None => {
                sizes.push(Size {
                    folder,
                    ..Size::default()
                });
                sizes.len() - 1
            }
        };
        let (lines, code) = of(source);
        sizes[at].files += 1;
        sizes[at].lines += lines;
        sizes[at].code += code;
    }
    sizes.sort_by(|a, b| a.folder.cmp(&b.folder));
    sizes
}

/// All folders together.
pub fn sum(sizes: &[Size]) -> Size {
    let total = |part: fn(&Size) -> usize| sizes.iter().map(part).sum();
    Size {
        folder: "all".to_owned(),
        files: total(|size| size.files),
        lines: total(|size| size.lines),
        code: total(|size| size.code),
    }
}

fn of(source: &Source) -> (usize, usize) {
    let cut: usize = source
        .code
        .cuts
        .iter()
        .map(|cut| cut.last + 1 - cut.first)
        .sum();
    let code: BTreeSet<usize> = source
        .code
        .tokens
        .iter()
        .flat_map(|token| token.first..=token.last)
        .collect();
    (source.text.lines().count().saturating_sub(cut), code.len())
}
