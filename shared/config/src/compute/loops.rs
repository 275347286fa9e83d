//! CEL's macros, taken back out of what the parser expands them to.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::node::Macro;

/// A macro as it was written.
pub(super) struct Loop<'a> {
    /// Steps, one after the other: `map(x, p, f)` is a filter and a map.
    pub(super) steps: Vec<(Macro, &'a IdedExpr)>,
    pub(super) range: &'a IdedExpr,
    pub(super) variable: &'a str,
}

/// The macro that a comprehension is the expansion of.
pub(super) fn read(expanded: &ComprehensionExpr) -> Option<Loop<'_>> {
    let step = call(&expanded.loop_step)?;
    let steps = match (&expanded.accu_init.expr, step.func_name.as_str()) {
        // accumulator || condition
        (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_OR) => {
            vec![(Macro::Exists, step.args.get(1)?)]
        }
        (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_AND) => {
            vec![(Macro::All, step.args.get(1)?)]
        }
        // condition ? accumulator + 1 : accumulator
        (Expr::Literal(LiteralValue::Int(_)), operators::CONDITIONAL) => {
            vec![(Macro::ExistsOne, step.args.first()?)]
        }
        // accumulator + [value]
        (Expr::List(_), operators::ADD) => vec![(Macro::Map, added(step)?)],
        // condition ? accumulator + [value] : accumulator
        (Expr::List(_), operators::CONDITIONAL) => {
            let condition = step.args.first()?;
            let value = added(call(step.args.get(1)?)?)?;
            let unchanged = matches!(&value.expr, Expr::Ident(name) if *name == expanded.iter_var);
            let mut steps = vec![(Macro::Filter, condition)];
            if !unchanged {
                steps.push((Macro::Map, value));
            }
            steps
        }
        _ => return None,
    };
    Some(Loop {
        steps,
        range: &expanded.iter_range,
        variable: &expanded.iter_var,
    })
}

fn call(expr: &IdedExpr) -> Option<&CallExpr> {
    match &expr.expr {
        Expr::Call(call) => Some(call),
        _ => None,
    }
}

/// The value in `accumulator + [value]`.
fn added(call: &CallExpr) -> Option<&IdedExpr> {
    match &call.args.get(1)?.expr {
        Expr::List(list) => list.elements.first(),
        _ => None,
    }
}
