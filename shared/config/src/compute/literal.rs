//! Literals: exact, or refused.

use cel::common::ast::LiteralValue;
use counterpart_domain::{ColumnKind, Value};
use rust_decimal::Decimal;

use super::Problem;
use super::node::{Kind, Node};
use super::types::Type;

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

/// Whether a number that the parser reads as a float has more digits than it keeps. `code` is without texts.
pub(super) fn lossy(code: &str) -> bool {
    let mut words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
    words.any(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let hexadecimal = word.starts_with("0x") || word.starts_with("0X");
        let float = word.contains('.') || (word.contains(['e', 'E']) && !hexadecimal);
        word.starts_with(|c: char| c.is_ascii_digit() || c == '.') && float && digits > SURE_DIGITS
    })
}

/// An expression without its texts and comments: what brackets, conditionals and numbers are looked for in. Each text
/// leaves its quotes. Where it is not CEL, that is for the parser to say.
pub(super) fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            let end = rest.find('\n');
            rest = end.and_then(|end| rest.get(end..)).unwrap_or_default();
            continue;
        }
        rest = rest.split_at(c.len_utf8()).1;
        if c == '"' || c == '\'' {
            rest = after_text(rest, c, is_raw(&code));
            code.push(c);
        }
        code.push(c);
    }
    code
}

/// Whether a text that begins after `code` is raw: `r"…"`, `br'…'`.
fn is_raw(code: &str) -> bool {
    let before = code.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let prefix = code.get(before.len()..).unwrap_or_default();
    matches!(prefix.to_ascii_lowercase().as_str(), "r" | "br" | "rb")
}

/// What follows a text whose first quote has been read.
fn after_text(text: &str, quote: char, raw: bool) -> &str {
    let two: String = [quote, quote].iter().collect();
    let (closing, mut rest) = match text.strip_prefix(two.as_str()) {
        Some(inner) => (format!("{two}{quote}"), inner),
        None => (quote.to_string(), text),
    };
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(closing.as_str()) {
            return after;
        }
        let mut chars = rest.chars();
        chars.next();
        if c == '\\' && !raw {
            chars.next();
        }
        rest = chars.as_str();
    }
    rest
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
