//! Files that need each other, directly or by way of others.

use std::collections::BTreeMap;

use super::imports::Imports;

/// The strongly connected components of more than one file, in order.
pub fn of(imports: &Imports) -> Vec<Vec<usize>> {
    let mut search = Search::new(imports);
    for file in imports.keys() {
        if !search.numbers.contains_key(file) {
            search.visit(*file);
        }
    }
    search.circles.sort();
    search.circles
}

/// Tarjan's.
struct Search<'a> {
    imports: &'a Imports,
    numbers: BTreeMap<usize, usize>,
    stack: Vec<usize>,
    circles: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    fn new(imports: &'a Imports) -> Self {
        Self {
            imports,
            numbers: BTreeMap::new(),
            stack: Vec::new(),
            circles: Vec::new(),
        }
    }

    /// Visits a file, and says which is the earliest file on the stack that it leads back to.
    fn visit(&mut self, file: usize) -> usize {
        let own = self.numbers.len();
        self.numbers.insert(file, own);
        self.stack.push(file);
        let mut earliest = own;
        for next in self.imports.get(&file).into_iter().flat_map(BTreeMap::keys) {
            match self.numbers.get(next) {
                None => earliest = earliest.min(self.visit(*next)),
                Some(number) if self.stack.contains(next) => earliest = earliest.min(*number),
                Some(_) => {}
            }
        }
        if earliest == own {
            let from = self
                .stack
                .iter()
                .rposition(|one| *one == file)
                .unwrap_or_default();
            let mut circle = self.stack.split_off(from);
            circle.sort_unstable();
            if circle.len() > 1 {
                self.circles.push(circle);
            }
        }
        earliest
    }
}
