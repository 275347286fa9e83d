//! The lines of sales in the memory CRM.
//!
//! Those of Zoho CRM live in their record: a save of a line is a save of the record ("Subforms", Zoho CRM developer guide).
//! Those of Salesforce are records of their own, with stamps and events of their own. What is summed up on the record (`Amount`,
//! `TotalOpportunityQuantity`, `TotalAmount`) moves the record's stamp where the sum is another one; a date, a text, or two
//! changes that come to the same sums do not ("OpportunityLineItem", "OrderItem", Object Reference).

use counterpart_config::{CrmProfile, SourceProfile};
use counterpart_delivery::ports::ChangedId;
use counterpart_domain::{CrmId, Fields, Value};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::crm::{MemoryCrm, State};

/// A line that is a record of its own. Products of an order are to be found after they were deleted, those of an opportunity
/// are not: they skip the recycle bin ("OpportunityLineItem" knows no `undelete`).
#[derive(Debug, Clone)]
pub(super) struct LineRow {
    module: &'static str,
    id: CrmId,
    record: CrmId,
    modified: Timestamp,
    deleted: bool,
}

impl LineRow {
    fn is_to_be_found(&self) -> bool {
        !self.deleted || self.module != "OpportunityLineItem"
    }
}

impl MemoryCrm {
    /// The lines of a record.
    #[must_use]
    pub fn lines(&self, id: &CrmId, relation: &str) -> Vec<Fields> {
        let state = self.state.borrow();
        let at = (id.clone(), relation.to_owned());
        state.lines.get(&at).cloned().unwrap_or_default()
    }

    /// Sets the lines of a record, as a person would. One without an `id` is the line that stood in its place, if that is not
    /// given elsewhere; else a new one, under an id that no line ever had.
    pub fn put_lines(&self, module: &str, id: &CrmId, relation: &str, lines: Vec<Fields>) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        let at = (id.clone(), relation.to_owned());
        let before = state.lines.remove(&at).unwrap_or_default();
        let given: Vec<Value> = lines
            .iter()
            .filter_map(|line| line.get("id"))
            .cloned()
            .collect();
        let lines = lines.into_iter().enumerate().map(|(place, mut line)| {
            let stood = before.get(place).and_then(|line| line.get("id")).cloned();
            let own = stood.filter(|own| !given.contains(own)).unwrap_or_else(|| {
                state.line_ids += 1;
                Value::text(format!("{id}-{}", state.line_ids))
            });
            line.entry("id".to_owned()).or_insert(own);
            line
        });
        let lines: Vec<Fields> = lines.collect();
        let mut is_saved = true;
        if let Some(source) = of_own(self.shape.profile, relation) {
            state.change_lines(source, id, (&before, &lines), now);
            is_saved = sums(&before) != sums(&lines);
        }
        state.lines.insert(at, lines);
        if is_saved {
            state.changed(module, id, false);
            if let Some(held) = state.find_mut(module, id) {
                held.modified = now;
            }
        }
    }
}

/// The source whose lines, in this relation, are records of their own.
fn of_own(profile: &CrmProfile, relation: &str) -> Option<&'static SourceProfile> {
    let mut sources = profile.sources.iter();
    let source = sources.find(|source| source.relation == Some(relation))?;
    source.line_parent.and(Some(source))
}

/// What is summed up on a record of Salesforce.
fn sums(lines: &[Fields]) -> (bool, Decimal, Decimal) {
    let number = |line: &Fields, name: &str| match line.get(name) {
        Some(Value::Number(number)) => *number,
        _ => Decimal::ZERO,
    };
    let quantity = |line: &Fields| number(line, "Quantity");
    let total = |line: &Fields| {
        let left = Decimal::ONE - number(line, "Discount") / Decimal::ONE_HUNDRED;
        number(line, "UnitPrice") * quantity(line) * left
    };
    (
        lines.is_empty(),
        lines.iter().map(quantity).sum(),
        lines.iter().map(total).sum(),
    )
}

fn id_of(line: &Fields) -> Option<CrmId> {
    line.get("id").map(|id| CrmId(id.to_string()))
}

impl State {
    fn change_lines(
        &mut self,
        source: &SourceProfile,
        record: &CrmId,
        (before, after): (&[Fields], &[Fields]),
        now: Timestamp,
    ) {
        let Some(module) = source.line_module else {
            return;
        };
        let saved = after.iter().filter(|line| !before.contains(line));
        let stays = |line: &Fields| after.iter().any(|other| other.get("id") == line.get("id"));
        let gone = before.iter().filter(|line| !stays(line));
        let saved = saved.map(|line| (line, false));
        for (line, deleted) in saved.chain(gone.map(|line| (line, true))) {
            let Some(id) = id_of(line) else { continue };
            self.line_rows.retain(|row| row.id != id);
            self.line_rows.push(LineRow {
                module,
                id: id.clone(),
                record: record.clone(),
                modified: now,
                deleted,
            });
            self.changed(module, &id, false);
        }
    }

    /// The lines of a module as it tells of their changes.
    pub(super) fn changed_lines(&self, module: &str) -> impl Iterator<Item = ChangedId> {
        let rows = self.line_rows.iter();
        let rows = rows.filter(move |row| row.module == module && row.is_to_be_found());
        rows.map(|row| ChangedId {
            id: row.id.clone(),
            modified: row.modified,
            modified_by: Some(CrmId("person".to_owned())),
            deleted: row.deleted,
            line_of: Some(row.record.clone()),
        })
    }

    pub(super) fn record_of_line(&self, id: &CrmId) -> Option<CrmId> {
        let mut rows = self.line_rows.iter();
        let row = rows.find(|row| {
            row.id == *id && row.is_to_be_found() && !self.hidden.contains(&row.record)
        })?;
        Some(row.record.clone())
    }
}
