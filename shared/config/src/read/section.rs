//! A table of the file, and which of its keys were asked for.

use toml::de::DeTable;

use super::item::Item;
use super::{Findings, suggest};

/// What is said of a key that is gone.
pub(super) const GONE: &str = "This key has no effect any more.";

/// A table of the file. Keys that nobody asks for are findings.
pub(super) struct Section<'a> {
    findings: &'a Findings<'a>,
    path: String,
    at: usize,
    table: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Item<'a> {
    /// A table, inline or under a header.
    pub(super) fn table(&self) -> Option<Section<'a>> {
        let table = self.value().as_table();
        if table.is_none() {
            self.wrong_type("a table");
        }
        let section = |table| Section::new(self.findings, self.path.clone(), self.at, table);
        table.map(section)
    }
}

impl<'a> Section<'a> {
    pub(super) const fn new(
        findings: &'a Findings<'a>,
        path: String,
        at: usize,
        table: &'a DeTable<'a>,
    ) -> Self {
        Self {
            findings,
            path,
            at,
            table,
            asked: Vec::new(),
        }
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&mut self, name: &'static str) -> Option<Item<'a>> {
        self.asked.push(name);
        self.entries().find(|item| item.name() == name)
    }

    /// The value of a key that has to be there.
    pub(super) fn need(&mut self, name: &'static str, remedy: &str) -> Option<Item<'a>> {
        let item = self.get(name);
        if item.is_none() {
            self.report(format!("`{name}` is missing."), remedy);
        }
        item
    }

    /// The value of a key that has to be there before a file is put in force. One that is in force already may be from
    /// before there was such a key.
    pub(super) fn need_to_push(&mut self, name: &'static str, remedy: &str) -> Option<Item<'a>> {
        if self.findings.stored {
            return self.get(name);
        }
        self.need(name, remedy)
    }

    /// A key that had no effect and is gone. A file that is in force already may have it: nobody has to change it for a new
    /// version of the program.
    pub(super) fn gone(&mut self, name: &'static str, remedy: &str) {
        if let Some(item) = self.get(name)
            && !self.findings.stored
        {
            item.report(GONE, remedy);
        }
    }

    /// Whether a key is there, without asking for it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// All keys, for tables whose keys are names.
    pub(super) fn entries(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let findings = self.findings;
        let path = self.path.clone();
        self.table.iter().map(move |(key, value)| {
            Item::of_key(findings, &path, key.get_ref(), key.span().start, value)
        })
    }

    /// Reports at the table as a whole.
    pub(super) fn report(&self, message: impl Into<String>, remedy: impl Into<String>) {
        self.findings.report(self.at, &self.path, message, remedy);
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        for item in self.entries() {
            if !self.asked.contains(&item.name()) {
                let remedy = suggest::remedy(item.name(), self.asked.iter().copied());
                item.report("This key is not known here.", remedy);
            }
        }
    }
}
