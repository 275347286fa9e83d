//! Objects of the service: what it gave is kept whole, changed, and given back in the service's own order.

use counterpart_domain::{Fault, Fields, Value};

use super::binding::{Binding, Slot, find};
use super::value::{carried, needs_null_date, node, refused};
use super::xml::Node;
use crate::text::text;

/// Columns that the service does not take back, or that Sage computes: they are left out of what is written.
const READ_ONLY: &[&str] = &[
    "DateLastAging",
    "DateTimeCreated",
    "DateTimeUpdated",
    "EBMSubmissionType",
    "EBMUserIDSubmittingThisOrder",
    "ExtendedDescriptionKey",
    "LineSeqNo",
    "LineWeight",
    "NonTaxableAmt",
    "NonTaxableSubjectToDiscount",
    "SalesTaxAmt",
    "TaxSubjToDiscPrcntOfTotSubjTo",
    "TaxableAmt",
    "TaxableSubjectToDiscount",
];

/// An object that is being put together: its elements, and what is known of its type.
#[derive(Clone)]
pub(super) struct Object<'a> {
    binding: &'a Binding,
    slots: &'a [Slot],
    nodes: Vec<Node>,
}

impl<'a> Object<'a> {
    /// An empty one of the type of `slot`.
    pub fn new(binding: &'a Binding, slot: &'a Slot) -> Self {
        Self {
            binding,
            slots: binding.fields(slot),
            nodes: Vec::new(),
        }
    }

    /// What the service gave, without what it does not take back. Elements that the binding does not know are kept.
    pub fn of(binding: &'a Binding, slot: &'a Slot, given: &Node) -> Self {
        let mut object = Self::new(binding, slot);
        object.nodes = given
            .children
            .iter()
            .filter(|node| !READ_ONLY.contains(&node.name.local.as_str()))
            .cloned()
            .collect();
        object
    }

    /// The text of a column or UDF as it stands, blank where it has none.
    pub fn text(&self, column: &str) -> &str {
        let own = self.slot(column).map_or(column, |slot| &slot.name.local);
        if let Some(node) = self.nodes.iter().find(|node| node.name.local == own) {
            return &node.text;
        }
        self.other_fields()
            .into_iter()
            .find(|field| names(field, column))
            .and_then(|field| field.child("Value"))
            .map_or("", |value| &value.text)
    }

    /// Whether putting these columns needs the service's blank date.
    pub fn needs_null_date(&self, columns: &Fields) -> bool {
        columns.iter().any(|(column, value)| {
            self.slot(column)
                .is_some_and(|slot| needs_null_date(slot, value))
        })
    }

    /// Puts columns in: those of the type in their own element, all others into `OtherFields`.
    pub fn put_all(&mut self, columns: &Fields, null_date: Option<&str>) -> Result<(), Fault> {
        columns
            .iter()
            .try_for_each(|(column, value)| self.put(column, value, null_date))
    }

    /// Puts one column in.
    pub fn put(
        &mut self,
        column: &str,
        value: &Value,
        null_date: Option<&str>,
    ) -> Result<(), Fault> {
        if READ_ONLY.contains(&column) {
            return Err(refused(
                column,
                "Sage 100 computes it; take it out of sync.toml",
            ));
        }
        match self.slot(column) {
            Some(slot) => {
                let node = node(slot, value, null_date)?;
                self.set(node);
                Ok(())
            }
            None => self.put_other(column, value),
        }
    }

    /// Takes an element out.
    pub fn remove(&mut self, local: &str) {
        self.nodes.retain(|node| node.name.local != local);
    }

    /// The items of a list: what the binding calls them, and those that are there.
    pub fn items(&self, list: &str) -> Vec<Node> {
        let Some(slot) = find(self.slots, list) else {
            return Vec::new();
        };
        let there = self.nodes.iter().filter(|node| node.name.local == list);
        match self.binding.item(slot) {
            Some((_, true)) => there.flat_map(|node| node.children.clone()).collect(),
            _ => there.cloned().collect(),
        }
    }

    /// The slot of a list's items.
    pub fn item_slot(&self, list: &str) -> Option<&'a Slot> {
        let (item, _) = self.binding.item(find(self.slots, list)?)?;
        Some(item)
    }

    /// Puts a list in.
    pub fn put_items(&mut self, list: &str, items: Vec<Self>) {
        let Some(slot) = find(self.slots, list) else {
            return;
        };
        let Some((item, wrapped)) = self.binding.item(slot) else {
            return;
        };
        let items: Vec<Node> = items
            .into_iter()
            .map(|object| Node::with(item.name.clone(), object.finish()))
            .collect();
        self.remove(list);
        if wrapped {
            self.nodes.push(Node::with(slot.name.clone(), items));
        } else {
            self.nodes.extend(items);
        }
    }

    /// The elements in the service's order. One that the binding does not know stays behind the one that it came after.
    pub fn finish(self) -> Vec<Node> {
        let mut last = 0;
        let mut ranked: Vec<(usize, Node)> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes {
            let own = self
                .slots
                .iter()
                .position(|slot| slot.name.local == node.name.local);
            last = own.unwrap_or(last);
            ranked.push((last, node));
        }
        // What has to be there and is not says that it has no value.
        for (at, slot) in self.slots.iter().enumerate() {
            let there = || {
                ranked
                    .iter()
                    .any(|(_, node)| node.name.local == slot.name.local)
            };
            if slot.required && slot.nillable && !there() {
                ranked.push((at, Node::nil(slot.name.clone())));
            }
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, node)| node).collect()
    }

    /// By name; the service spells some columns with other capitals than the tables.
    fn slot(&self, column: &str) -> Option<&'a Slot> {
        find(self.slots, column).or_else(|| {
            self.slots
                .iter()
                .find(|slot| slot.name.local.eq_ignore_ascii_case(column))
        })
    }

    fn set(&mut self, node: Node) {
        match self
            .nodes
            .iter_mut()
            .find(|one| one.name.local == node.name.local)
        {
            Some(there) => *there = node,
            None => self.nodes.push(node),
        }
    }

    fn other_fields(&self) -> Vec<&Node> {
        let Some(slot) = find(self.slots, "OtherFields") else {
            return Vec::new();
        };
        let there = self
            .nodes
            .iter()
            .filter(|node| node.name.local == "OtherFields");
        match self.binding.item(slot) {
            Some((_, true)) => there.flat_map(|node| &node.children).collect(),
            _ => there.collect(),
        }
    }

    fn put_other(&mut self, column: &str, value: &Value) -> Result<(), Fault> {
        let no_place = || {
            refused(
                column,
                "the SOAP service has no such column, and no place for others",
            )
        };
        let list = find(self.slots, "OtherFields").ok_or_else(no_place)?;
        let (item, wrapped) = self.binding.item(list).ok_or_else(no_place)?;
        let slots = self.binding.fields(item);
        let name_slot = find(slots, "MasFieldName").ok_or_else(no_place)?;
        let value_slot = find(slots, "Value").ok_or_else(no_place)?;
        let value = Node::text(value_slot.name.clone(), carried(column, text(value))?);
        if wrapped && !self.nodes.iter().any(is_other_fields) {
            self.nodes.push(Node::with(list.name.clone(), Vec::new()));
        }
        // Where it is there already, it keeps its name as the service spells it.
        let mut there = self.entries_mut(wrapped);
        if let Some(field) = there.iter_mut().find(|field| names(field, column)) {
            set_value(field, value, slots);
            return Ok(());
        }
        let name = Node::text(name_slot.name.clone(), column);
        let field = Object {
            binding: self.binding,
            slots,
            nodes: vec![name, value],
        };
        let field = Node::with(item.name.clone(), field.finish());
        let list = self.nodes.iter_mut().find(|node| is_other_fields(node));
        match list.filter(|_| wrapped) {
            Some(list) => list.children.push(field),
            None => self.nodes.push(field),
        }
        Ok(())
    }

    /// The entries of `OtherFields`, which are within an element of that name (`wrapped`) or are such elements themselves.
    fn entries_mut(&mut self, wrapped: bool) -> Vec<&mut Node> {
        let lists = self.nodes.iter_mut().filter(|node| is_other_fields(node));
        if !wrapped {
            return lists.collect();
        }
        let entries = lists.flat_map(|node| {
            node.nil = false;
            &mut node.children
        });
        entries.collect()
    }
}

fn is_other_fields(node: &Node) -> bool {
    node.name.local == "OtherFields"
}

/// Gives an entry of `OtherFields` another value, in the order of its type.
fn set_value(entry: &mut Node, value: Node, slots: &[Slot]) {
    entry.children.retain(|child| child.name.local != "Value");
    entry.children.push(value);
    let position = |node: &Node| {
        slots
            .iter()
            .position(|slot| slot.name.local == node.name.local)
    };
    entry.children.sort_by_key(|child| position(child));
}

/// Whether an entry of `OtherFields` is that of a column. The business objects mark texts with a `$` behind the name.
fn names(field: &Node, column: &str) -> bool {
    field.child("MasFieldName").is_some_and(|name| {
        let name = name.text.trim();
        name.strip_suffix('$')
            .unwrap_or(name)
            .eq_ignore_ascii_case(column)
    })
}
