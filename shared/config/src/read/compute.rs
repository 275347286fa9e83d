//! `compute` and `when`: expressions.

use counterpart_domain::Entity;

use super::item::Item;
use crate::Expression;

/// A checked expression; its problems are findings.
pub(super) fn read(item: &Item<'_>, entity: Entity) -> Option<Expression> {
    let source = item.filled()?;
    match Expression::compile(source, entity) {
        Ok(expression) => Some(expression),
        Err(problems) => {
            for problem in problems {
                item.report_below(problem.line, problem.message, problem.remedy);
            }
            None
        }
    }
}
