//! `when` and `cancel_when`: tests of the CRM's fields.

use counterpart_domain::Value;

use super::super::helper::scalar;
use super::super::item::Item;
use super::super::words;
use crate::{CrmCondition, Test};

const TESTS: &str =
    "Write { field = \"FIELD\", equals = \"VALUE\" }; or not, in, starts_with instead of equals.";

/// A list of conditions; all have to hold.
pub(super) fn list(item: &Item<'_>) -> Vec<CrmCondition> {
    let list = item.list().unwrap_or_default();
    list.iter().filter_map(condition).collect()
}

fn condition(item: &Item<'_>) -> Option<CrmCondition> {
    let mut section = item.table()?;
    let field = section
        .need("field", TESTS)
        .and_then(|item| words::crm_path(&item));
    let tests: Vec<_> = ["equals", "not", "in", "starts_with"]
        .into_iter()
        .filter_map(|name| section.get(name))
        .collect();
    if tests.len() != 1 {
        section.report(format!("The condition has {} tests.", tests.len()), TESTS);
    }
    section.finish();
    let test = test(tests.first()?)?;
    Some(CrmCondition {
        field: field?,
        test,
    })
}

fn test(item: &Item<'_>) -> Option<Test> {
    match item.name() {
        "equals" => scalar(item).map(Test::Equals),
        "not" => scalar(item).map(Test::Not),
        "in" => {
            let list = item.list()?;
            if list.is_empty() {
                item.report(
                    "The list is empty; no record would ever hold.",
                    "Name at least one value.",
                );
            }
            let values: Vec<Value> = list.iter().filter_map(scalar).collect();
            Some(Test::In(values))
        }
        _ => Some(Test::StartsWith(item.filled()?.to_owned())),
    }
}
