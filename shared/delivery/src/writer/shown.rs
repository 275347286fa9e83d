//! The state of an intent as the fields of a CRM record.

use counterpart_config::{TargetConfig, WriteBackFields};
use counterpart_domain::{Fields, Value, bounded};

use crate::intent::{Intent, IntentKind, IntentStage};
use crate::ports::UpdateRow;

/// One record that shows something; `number` tells what.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) module: String,
    pub(super) update: UpdateRow,
}

/// The rows that show an intent. A module without fields for it shows nothing.
pub(super) fn rows_of(target: &TargetConfig, intent: &Intent, number: usize) -> Vec<Row> {
    let rows = intent.shown.iter().filter_map(|shown| {
        let fields = fields_of(intent, write_back(target, intent, &shown.module)?);
        (!fields.is_empty()).then(|| Row {
            number,
            module: shown.module.clone(),
            update: UpdateRow {
                id: shown.id.clone(),
                fields,
            },
        })
    });
    rows.collect()
}

fn write_back<'a>(
    target: &'a TargetConfig,
    intent: &Intent,
    module: &str,
) -> Option<&'a WriteBackFields> {
    match intent.id.kind {
        IntentKind::Order => {
            let orders = target.orders.as_ref()?;
            let mut sources = orders.sources.iter();
            let source = sources.find(|source| source.module == module)?;
            Some(&source.write_back)
        }
        IntentKind::Record(_) => {
            let mut entities = target.entities.values();
            let entity = entities.find(|entity| entity.module == module)?;
            Some(&entity.to_sage.create.as_ref()?.write_back)
        }
    }
}

/// What Sage does not hold yet leaves its fields as they are: a number that is only reserved is nobody's to see.
fn fields_of(intent: &Intent, names: &WriteBackFields) -> Fields {
    let in_sage = matches!(intent.stage, IntentStage::Done | IntentStage::Cancelled);
    let mut fields = Fields::new();
    let mut put = |name: &Option<String>, value: Option<Value>| {
        if let Some((name, value)) = name.clone().zip(value) {
            fields.insert(name, value);
        }
    };
    if in_sage {
        put(&names.number, intent.number.as_ref().map(Value::text));
        put(&names.total, intent.sage_total.map(Value::Number));
        let invoice = Value::text(&intent.invoice);
        put(
            &names.invoice,
            Some(invoice).filter(|text| !text.is_blank()),
        );
        let status = status(names, &intent.sage_status);
        put(&names.status, Some(status).filter(|text| !text.is_blank()));
    }
    let text = intent.status_text.clone();
    let text = match names.text_length {
        0 => text,
        longest => bounded(text, longest as usize),
    };
    put(&names.text, Some(Value::text(text)));
    fields
}

fn status(names: &WriteBackFields, word: &str) -> Value {
    let mut values = names.status_values.iter();
    let value = values.find(|(sage, _)| sage == word);
    Value::text(value.map_or(word, |(_, crm)| crm))
}
