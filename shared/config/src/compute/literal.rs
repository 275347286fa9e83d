//! Literals: exact, or refused.

use cel::common::ast::LiteralValue;
use counterpart_domain::{ColumnKind, Value};
use rust_decimal::Decimal;

use super::Problem;
use super::node::{Kind, Node, Type};

/// The digits that a number keeps on its way through the parser, which reads numbers with a point as floats.
const SURE_DIGITS: usize = 15;

pub(super) fn node(literal: &LiteralValue) -> Result<Node, Problem> {
    let one = |value, kind| Ok(Node::one(Kind::Literal(value), kind));
    match literal {
        LiteralValue::Boolean(flag) => one(Value::Flag(*flag.inner()), ColumnKind::Flag),
        LiteralValue::Int(int) => one(
            Value::Number(Decimal::from(*int.inner())),
            ColumnKind::Number,
        ),
        LiteralValue::UInt(int) => one(
            Value::Number(Decimal::from(*int.inner())),
            ColumnKind::Number,
        ),
        LiteralValue::Double(float) => match decimal(*float.inner()) {
            Some(number) => one(Value::Number(number), ColumnKind::Number),
            None => Err(too_long()),
        },
        LiteralValue::String(text) => one(Value::text(text.inner()), ColumnKind::Text),
        LiteralValue::Null => Ok(Node::new(Kind::Literal(Value::Blank), Type::Null)),
        LiteralValue::Bytes(_) => Err(Problem::new(
            "Bytes are no value of a field.",
            "Write a text: \"…\" without the b.",
        )),
    }
}

pub(super) fn too_long() -> Problem {
    Problem::new(
        "A number has too many digits to be exact.",
        format!("Use at most {SURE_DIGITS} digits, or number(\"…\") with all of them."),
    )
}

/// Whether a number with a point has more digits than the parser keeps, outside of texts.
pub(super) fn lossy(source: &str) -> bool {
    let outside = source
        .split(['"', '\''])
        .enumerate()
        .filter(|(index, _)| index % 2 == 0);
    let mut words = outside.flat_map(|(_, part)| {
        part.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
    });
    words.any(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.') && digits > SURE_DIGITS
    })
}

/// The decimal that was written. A float gives back up to 15 digits as they were.
fn decimal(float: f64) -> Option<Decimal> {
    let shortest = float.to_string();
    let digits = shortest
        .trim_start_matches(['-', '0', '.'])
        .chars()
        .filter(char::is_ascii_digit)
        .count();
    if digits > SURE_DIGITS {
        return None;
    }
    Decimal::from_str_exact(&shortest).ok()
}
