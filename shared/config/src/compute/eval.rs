//! The evaluation of a checked expression. Nothing here can panic or go on for ever; whatever fails is a sentence.

use std::cmp::Ordering;

use counterpart_domain::{ColumnKind, Record, SageKey, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::function::Function;
use super::node::{Kind, Macro, Node, Order};
use super::types::Type;
use super::{LONGEST_TEXT, MOST_STEPS, STEPS_OF_A_PART, number};
use crate::mapping::{as_date, as_flag, as_number};

/// A value or a list of values.
enum Datum {
    One(Value),
    Many(Vec<Value>),
}

pub(super) const TOO_LONG: &str = "it takes too long";

type Outcome<T> = Result<T, String>;

/// The value of a node for a record; a blank text, number or date is [`Value::Blank`].
pub(super) fn value(root: &Node, key: &SageKey, record: &Record) -> Outcome<Value> {
    let mut run = Run {
        key,
        record,
        variables: Vec::new(),
        steps: MOST_STEPS,
    };
    run.one(root)
}

struct Run<'a> {
    key: &'a SageKey,
    record: &'a Record,
    variables: Vec<Value>,
    /// The second line of defence: what was accepted should never need so many.
    steps: u64,
}

impl Run<'_> {
    fn spend(&mut self, length: usize) -> Outcome<()> {
        if length > LONGEST_TEXT {
            return Err(format!("it makes more than {LONGEST_TEXT} characters"));
        }
        let left = self.steps.checked_sub(length as u64);
        self.steps = left.ok_or(TOO_LONG)?;
        Ok(())
    }

    fn one(&mut self, node: &Node) -> Outcome<Value> {
        match self.datum(node)? {
            Datum::One(value) => Ok(value),
            Datum::Many(_) => Err("it is a list".into()),
        }
    }

    fn many(&mut self, node: &Node) -> Outcome<Vec<Value>> {
        match self.datum(node)? {
            Datum::Many(values) => Ok(values),
            Datum::One(_) => Err("it is no list".into()),
        }
    }

    fn flag(&mut self, node: &Node) -> Outcome<bool> {
        Ok(self.one(node)? == Value::Flag(true))
    }

    /// `None`: blank.
    fn number(&mut self, node: &Node) -> Outcome<Option<Decimal>> {
        match self.one(node)? {
            Value::Number(number) => Ok(Some(number)),
            _ => Ok(None),
        }
    }

    fn text(&mut self, node: &Node) -> Outcome<String> {
        Ok(match self.one(node)? {
            Value::Text(text) => text,
            _ => String::new(),
        })
    }

    fn datum(&mut self, node: &Node) -> Outcome<Datum> {
        let left = self.steps.checked_sub(STEPS_OF_A_PART);
        self.steps = left.ok_or(TOO_LONG)?;
        let value = match &node.kind {
            Kind::List(nodes) => {
                let values = nodes.iter().map(|node| self.one(node));
                return Ok(Datum::Many(values.collect::<Outcome<_>>()?));
            }
            Kind::Loop(each, parts) => return self.each(*each, &parts[0], &parts[1]),
            Kind::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let taken = if self.flag(condition)? {
                    then
                } else {
                    otherwise
                };
                return self.datum(taken);
            }
            Kind::Literal(value) => value.clone(),
            // A UDF that is blank is absent.
            Kind::Column(name) => self.record.get(name).unwrap_or(Value::Blank),
            Kind::Key => Value::text(self.key.local.as_str()),
            Kind::Company => Value::text(self.key.company.as_str()),
            Kind::Variable(out) => {
                let at = self.variables.len().checked_sub(out + 1);
                let value = at.and_then(|at| self.variables.get(at));
                value.cloned().ok_or("a variable is missing")?
            }
            Kind::And(parts) => Value::Flag(self.either(parts, false)?),
            Kind::Or(parts) => Value::Flag(self.either(parts, true)?),
            Kind::Not(node) => Value::Flag(!self.flag(node)?),
            Kind::Equal(equal, parts) => {
                let same = self.one(&parts[0])? == self.one(&parts[1])?;
                Value::Flag(same == *equal)
            }
            Kind::Compare(order, parts) => {
                let (left, right) = (self.one(&parts[0])?, self.one(&parts[1])?);
                Value::Flag(compare(*order, parts[0].ty, &left, &right))
            }
            Kind::In(parts) => {
                let value = self.one(&parts[0])?;
                Value::Flag(self.many(&parts[1])?.contains(&value))
            }
            Kind::Sum(sum, parts) => {
                let numbers = (self.number(&parts[0])?, self.number(&parts[1])?);
                match numbers {
                    (Some(left), Some(right)) => Value::Number(number::sum(*sum, left, right)?),
                    _ => Value::Blank,
                }
            }
            Kind::Negate(node) => {
                let number = self.number(node)?;
                number.map_or(Value::Blank, |number| Value::Number(-number))
            }
            Kind::Concat(parts) => {
                let left = self.text(&parts[0])?;
                let right = self.text(&parts[1])?;
                self.spend(left.len() + right.len())?;
                Value::text(left + &right)
            }
            Kind::Quotient(parts, decimals) => {
                match (self.number(&parts[0])?, self.number(&parts[1])?) {
                    (Some(left), Some(right)) => {
                        Value::Number(number::quotient(left, right, *decimals)?)
                    }
                    _ => Value::Blank,
                }
            }
            Kind::Round(node, decimals) => {
                let number = self.number(node)?;
                number.map_or(Value::Blank, |number| {
                    Value::Number(number::round(number, *decimals))
                })
            }
            Kind::Matches(node, pattern, _) => {
                let text = self.text(node)?;
                self.spend(text.len())?;
                Value::Flag(pattern.is_match(&text))
            }
            Kind::Call(function, nodes) => self.call(*function, nodes)?,
        };
        let length = match &value {
            Value::Text(text) => text.chars().count(),
            _ => 0,
        };
        self.spend(length)?;
        Ok(Datum::One(value))
    }

    /// `&&` and `||`, in CEL's way: the side that decides wins over a failure of the other.
    fn either(&mut self, parts: &[Node; 2], decisive: bool) -> Outcome<bool> {
        let left = self.flag(&parts[0]);
        if left == Ok(decisive) {
            return left;
        }
        let right = self.flag(&parts[1])?;
        if right == decisive { Ok(right) } else { left }
    }

    fn each(&mut self, each: Macro, range: &Node, body: &Node) -> Outcome<Datum> {
        let values = self.many(range)?;
        let mut kept = Vec::new();
        let mut failed = None;
        let mut holding = 0_usize;
        for value in &values {
            self.variables.push(value.clone());
            let made = self.one(body);
            self.variables.pop();
            let made = match made {
                Ok(made) => made,
                // As with && and ||: another element may decide.
                Err(why) if matches!(each, Macro::All | Macro::Exists) => {
                    failed = Some(why);
                    continue;
                }
                Err(why) => return Err(why),
            };
            let holds = made == Value::Flag(true);
            holding += usize::from(holds);
            match each {
                Macro::All if !holds => return Ok(Datum::One(Value::Flag(false))),
                Macro::Exists if holds => return Ok(Datum::One(Value::Flag(true))),
                Macro::Filter if holds => kept.push(value.clone()),
                Macro::Map => kept.push(made),
                _ => {}
            }
        }
        match (each, failed) {
            (Macro::Filter | Macro::Map, _) => Ok(Datum::Many(kept)),
            (_, Some(why)) => Err(why),
            (Macro::ExistsOne, None) => Ok(Datum::One(Value::Flag(holding == 1))),
            (_, None) => Ok(Datum::One(Value::Flag(each == Macro::All))),
        }
    }

    fn call(&mut self, function: Function, nodes: &[Node]) -> Outcome<Value> {
        let Some((first, rest)) = nodes.split_first() else {
            return Err("a function has no argument".into());
        };
        let one = match function {
            Function::SizeOfList => {
                let count = self.many(first)?.len();
                return Ok(Value::Number(Decimal::from(count)));
            }
            Function::Join => {
                let values = self.many(first)?;
                let by = rest.first().map_or(Ok(String::new()), |by| self.text(by))?;
                let texts: Vec<String> = values.iter().map(Value::to_string).collect();
                self.spend(texts.iter().map(String::len).sum::<usize>() + by.len() * texts.len())?;
                return Ok(Value::text(texts.join(&by)));
            }
            Function::String => return Ok(Value::text(written(&self.one(first)?))),
            Function::Int | Function::Number | Function::Flag | Function::Date => {
                return converted(function, self.one(first)?);
            }
            Function::FullYear | Function::Month | Function::DayOfMonth | Function::DateOfMonth => {
                return Ok(match self.one(first)? {
                    Value::Date(date) => Value::Number(part_of(function, date)),
                    _ => Value::Blank,
                });
            }
            _ => self.text(first)?,
        };
        self.spend(one.len())?;
        let flag = |holds| Ok(Value::Flag(holds));
        match function {
            Function::Size => Ok(Value::Number(Decimal::from(one.chars().count()))),
            Function::LowerAscii => Ok(Value::text(one.to_ascii_lowercase())),
            Function::UpperAscii => Ok(Value::text(one.to_ascii_uppercase())),
            Function::Trim => Ok(Value::text(one.trim())),
            Function::Substring => {
                let from = self.index(rest.first())?.unwrap_or(0);
                let to = self.index(rest.get(1))?;
                substring(&one, from, to)
            }
            Function::Replace => {
                let [old, new] = rest else {
                    return Err("a function has no argument".into());
                };
                let (old, new) = (self.text(old)?, self.text(new)?);
                let times = one.matches(old.as_str()).count();
                self.spend(one.len().saturating_add(times.saturating_mul(new.len())))?;
                Ok(Value::text(one.replace(old.as_str(), &new)))
            }
            _ => {
                let other = rest
                    .first()
                    .map_or(Ok(String::new()), |node| self.text(node))?;
                self.spend(other.len())?;
                match function {
                    Function::Contains => flag(one.contains(other.as_str())),
                    Function::StartsWith => flag(one.starts_with(other.as_str())),
                    Function::EndsWith => flag(one.ends_with(other.as_str())),
                    Function::IndexOf => Ok(Value::Number(index_of(&one, &other))),
                    _ => Err("a function is not known".into()),
                }
            }
        }
    }

    /// A position in a text. `None`: there is no such argument, or it is blank.
    fn index(&mut self, node: Option<&Node>) -> Outcome<Option<usize>> {
        let Some(node) = node else { return Ok(None) };
        let Some(number) = self.number(node)? else {
            return Ok(None);
        };
        let index = number.to_string().parse().ok();
        let index = index.or_else(|| number.normalize().to_string().parse().ok());
        index
            .map(Some)
            .ok_or_else(|| format!("{} is no position in a text", number.normalize()))
    }
}

/// A blank number or date is neither less nor greater than anything; a blank text is the first of all.
fn compare(order: Order, ty: Type, left: &Value, right: &Value) -> bool {
    let ordering = match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        _ if ty == Type::One(ColumnKind::Text) => Some(left.to_string().cmp(&right.to_string())),
        _ => None,
    };
    ordering.is_some_and(|ordering| match order {
        Order::Less => ordering == Ordering::Less,
        Order::LessOrEqual => ordering != Ordering::Greater,
        Order::Greater => ordering == Ordering::Greater,
        Order::GreaterOrEqual => ordering != Ordering::Less,
    })
}

/// CEL's `string`: numbers without trailing zeros, `true` and `false`, dates as `2026-11-22`.
fn written(value: &Value) -> String {
    match value {
        Value::Number(number) => number.normalize().to_string(),
        other => other.to_string(),
    }
}

/// What a conversion makes of a value; other functions leave it as it is.
pub(super) fn converted(function: Function, value: Value) -> Outcome<Value> {
    use Function::{Date, Flag, Int, Number};
    let text = match value {
        value if !matches!(function, Int | Number | Flag | Date) => return Ok(value),
        Value::Number(number) if function == Function::Int => {
            return Ok(Value::Number(number.trunc().normalize()));
        }
        Value::Text(text) => text,
        Value::Blank if function == Function::Flag => return Ok(Value::Flag(false)),
        typed => return Ok(typed),
    };
    let text = text.trim();
    if text.is_empty() {
        return converted(function, Value::Blank);
    }
    let (read, wanted) = match function {
        Function::Int => {
            let whole = as_number(text)
                .filter(|value| matches!(value, Value::Number(number) if number.fract().is_zero()));
            (whole, "whole number")
        }
        Function::Number => (as_number(text), "number"),
        Function::Flag => (as_flag(text), "yes or no"),
        _ => (as_date(text), "date"),
    };
    read.ok_or_else(|| format!("{text:?} is no {wanted}"))
}

/// The parts of a date, counted as CEL counts them.
fn part_of(function: Function, date: Date) -> Decimal {
    match function {
        Function::FullYear => Decimal::from(date.year()),
        // January is 0.
        Function::Month => Decimal::from(date.month() - 1),
        // The first is 0.
        Function::DayOfMonth => Decimal::from(date.day() - 1),
        _ => Decimal::from(date.day()),
    }
}

fn substring(text: &str, from: usize, to: Option<usize>) -> Outcome<Value> {
    let count = text.chars().count();
    let to = to.unwrap_or(count);
    if from > to || to > count {
        return Err(format!(
            "a text of {count} characters has no part from {from} to {to}"
        ));
    }
    let part: String = text.chars().skip(from).take(to - from).collect();
    Ok(Value::text(part))
}

/// The position of the first occurrence in characters, or -1.
fn index_of(text: &str, part: &str) -> Decimal {
    let before = text.find(part).and_then(|at| text.get(..at));
    before.map_or(Decimal::NEGATIVE_ONE, |before| {
        Decimal::from(before.chars().count())
    })
}
