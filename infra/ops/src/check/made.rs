//! What a mapped field can make in one company: what the configuration tells, with the agent's lengths and digits.

use counterpart_config::{FieldMap, Helper, Makes, Source};
use counterpart_domain::{ColumnKind, Entity, Value};
use counterpart_sage100::{AgentEntity, AgentField};

/// What a map makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    /// Kinds, texts and lengths.
    pub(super) makes: Makes,
    /// A text whose columns are all there, one of them without a greatest length: a memo.
    pub(super) unlimited: bool,
    /// The most digits of a number before the point, and after it.
    pub(super) digits: Option<(u32, u32)>,
}

/// As a person says it.
pub(super) const fn name_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Number => "a number",
        ColumnKind::Flag => "yes or no",
        ColumnKind::Date => "a date",
    }
}

/// What `map` makes of an entity's columns, as `agent` tells them.
pub(super) fn made(map: &FieldMap, entity: Entity, agent: Option<&AgentEntity>) -> Made {
    let told = |column: &str| -> Option<&AgentField> {
        agent?.fields.iter().find(|field| field.name == column)
    };
    let makes = map.makes(entity, |column| {
        told(column)?.length.map(|length| length as usize)
    });
    let columns: Vec<Option<&AgentField>> = match &map.from {
        Source::Columns(columns) => columns.iter().map(|column| told(column)).collect(),
        Source::Computed(expression) => expression.columns().into_iter().map(told).collect(),
        Source::Const(_) => Vec::new(),
    };
    let all_there = !columns.is_empty() && columns.iter().all(Option::is_some);
    Made {
        unlimited: makes.has_text()
            && makes.longest.is_none()
            && makes.texts.is_none()
            && all_there,
        digits: digits(map, &columns),
        makes,
    }
}

fn digits(map: &FieldMap, columns: &[Option<&AgentField>]) -> Option<(u32, u32)> {
    let values: Vec<&Value> = match (&map.from, &map.with) {
        (Source::Const(value), _) => vec![value],
        (_, Helper::Values(table)) => table.values().collect(),
        // How many digits an expression makes, nobody knows.
        (Source::Computed(_), _) => return None,
        _ => {
            let column = columns.first().copied().flatten()?;
            let (all, after) = (column.precision?, column.scale.unwrap_or(0));
            return Some((all.saturating_sub(after), after));
        }
    };
    values
        .into_iter()
        .filter_map(of_value)
        .reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))
}

fn of_value(value: &Value) -> Option<(u32, u32)> {
    let Value::Number(number) = value else {
        return None;
    };
    let number = number.normalize();
    let whole = number.trunc().abs().to_string();
    let before = if whole == "0" { 0 } else { whole.len() };
    Some((u32::try_from(before).unwrap_or(u32::MAX), number.scale()))
}
