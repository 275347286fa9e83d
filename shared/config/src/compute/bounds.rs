//! What an expression can cost at worst, computed from its tree before it is accepted: the longest text that each part can
//! make, and the characters that are looked at on the way. Both are upper bounds for any record.

use counterpart_domain::{ColumnKind, Value};

use super::function::Function;
use super::node::{Kind, Macro, Node};
use super::types::Type;
use super::{LONGEST_TEXT, MOST_STEPS, Problem, STEPS_OF_A_PART};

/// The longest text of a column that a record can hold, whatever Sage says: longer ones are refused when it is read.
const LONGEST_COLUMN: usize = 4_000;
/// The longest `key` or `company`.
const LONGEST_KEY: usize = 100;

/// Upper bounds of one part.
#[derive(Debug, Clone, Copy, Default)]
struct Bounds {
    /// Characters of the text, or of the longest element.
    longest: usize,
    /// Elements of the list; 1 for a single value.
    most: usize,
    /// Work.
    steps: u64,
}

/// Refuses an expression that could take too much of anything.
pub(super) fn within_limits(root: &Node) -> Result<(), Vec<Problem>> {
    let mut largest = 0;
    let bounds = bounds(root, &|_| LONGEST_COLUMN, &mut Vec::new(), &mut largest);
    let mut problems = Vec::new();
    if largest > LONGEST_TEXT {
        problems.push(Problem::new(
            format!("The expression can make {largest} characters."),
            format!("Keep it below {LONGEST_TEXT}: join fewer texts, and none with itself over and over."),
        ));
    }
    if bounds.steps > MOST_STEPS {
        problems.push(Problem::new(
            format!("The expression can take {} steps.", bounds.steps),
            format!("Keep it below {MOST_STEPS}: no loops within loops over long lists, and no large pattern."),
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// The longest text that a node makes, with the lengths of the columns.
pub(super) fn longest(root: &Node, length_of: &dyn Fn(&str) -> usize) -> usize {
    bounds(root, length_of, &mut Vec::new(), &mut 0).longest
}

/// `largest` becomes the most characters that any part holds at once.
fn bounds(
    node: &Node,
    length_of: &dyn Fn(&str) -> usize,
    variables: &mut Vec<usize>,
    largest: &mut usize,
) -> Bounds {
    let found = of(node, length_of, variables, largest);
    let held = found.longest.saturating_mul(found.most);
    *largest = held.max(*largest);
    Bounds {
        steps: found.steps.saturating_add(STEPS_OF_A_PART + held as u64),
        ..found
    }
}

fn of(
    node: &Node,
    length_of: &dyn Fn(&str) -> usize,
    variables: &mut Vec<usize>,
    largest: &mut usize,
) -> Bounds {
    let one = |longest| Bounds {
        longest,
        most: 1,
        steps: 0,
    };
    match &node.kind {
        Kind::Literal(Value::Text(text)) => return one(text.chars().count()),
        Kind::Column(name) if node.ty == Type::One(ColumnKind::Text) => {
            return one(length_of(name));
        }
        Kind::Key | Kind::Company => return one(LONGEST_KEY),
        Kind::Variable(out) => {
            let at = variables.len().checked_sub(out + 1);
            return one(at.and_then(|at| variables.get(at)).copied().unwrap_or(0));
        }
        Kind::Loop(each, parts) => {
            let range = bounds(&parts[0], length_of, variables, largest);
            variables.push(range.longest);
            let body = bounds(&parts[1], length_of, variables, largest);
            variables.pop();
            let steps =
                (range.most as u64).saturating_mul(body.steps.saturating_add(range.longest as u64));
            let (longest, most) = match each {
                Macro::Map => (body.longest, range.most),
                Macro::Filter => (range.longest, range.most),
                Macro::All | Macro::Exists | Macro::ExistsOne => (0, 1),
            };
            return Bounds {
                longest,
                most,
                steps: steps.saturating_add(range.steps),
            };
        }
        _ => {}
    }
    let parts: Vec<Bounds> = node
        .children()
        .iter()
        .map(|child| bounds(child, length_of, variables, largest))
        .collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    let all: u64 = parts
        .iter()
        .fold(0, |sum, part| sum.saturating_add(part.steps));
    let held = |part: Bounds| part.longest.saturating_mul(part.most);
    let read: usize = parts
        .iter()
        .fold(0, |sum, part| sum.saturating_add(held(*part)));
    let longest = match &node.kind {
        Kind::List(_) | Kind::If(_) => parts.iter().map(|part| part.longest).max().unwrap_or(0),
        Kind::Concat(_) => read,
        Kind::Call(function, nodes) => called(*function, nodes, &parts),
        _ => 0,
    };
    let most = match &node.kind {
        Kind::List(nodes) => nodes.len(),
        Kind::If(_) => part(1).most.max(part(2).most),
        _ => 1,
    };
    let per_character = match node.kind {
        Kind::Matches(_, _, cost) => cost,
        _ => 1,
    };
    Bounds {
        longest,
        most,
        steps: all.saturating_add((read as u64).saturating_mul(per_character)),
    }
}

/// The longest text that a function makes.
fn called(function: Function, nodes: &[Node], parts: &[Bounds]) -> usize {
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    match function {
        Function::LowerAscii | Function::UpperAscii | Function::Trim | Function::Substring => {
            part(0).longest
        }
        Function::Replace => {
            // A blank stands between any two characters; what is written out can stand only so often.
            let old = match nodes.get(1).map(|node| &node.kind) {
                Some(Kind::Literal(Value::Text(text))) => text.chars().count(),
                _ => 0,
            };
            let text = part(0).longest;
            let times = text.checked_div(old).unwrap_or(text.saturating_add(1));
            text.saturating_add(times.saturating_mul(part(2).longest))
        }
        Function::Join => {
            let texts = part(0).longest.saturating_mul(part(0).most);
            texts.saturating_add(part(1).longest.saturating_mul(part(0).most))
        }
        Function::String => match nodes.first().map(|node| node.ty) {
            Some(Type::One(ColumnKind::Text)) => part(0).longest,
            // A decimal of 28 digits with sign and point.
            Some(Type::One(ColumnKind::Number)) => 31,
            _ => 10,
        },
        _ => 0,
    }
}
