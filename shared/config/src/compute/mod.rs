//! Values and conditions that are computed: expressions of CEL (Common Expression Language), read by the crate `cel`,
//! checked for names, types and cost before they ever run, and evaluated here.
//!
//! The evaluation is our own for two reasons. CEL's numbers with decimals are floats, and money is never a float here:
//! all numbers are exact decimals. And what an expression may take in time and memory is computed from its text before it
//! is accepted, with a meter as a second line of defence.

mod bounds;
mod check;
mod eval;
mod function;
mod literal;
mod loops;
mod node;
mod number;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cel::parser::PrattParser;
use counterpart_domain::{ColumnKind, Entity, Record, SageKey, Value, bounded};

use node::Node;
use types::Type;

/// The longest expression, in bytes. The parser never sees a longer one.
pub const LONGEST_SOURCE: usize = 2_000;
/// The most brackets within brackets, and conditionals, of an expression.
const DEEPEST: usize = 40;
/// The longest text that an expression may make, in characters; of a list, all its texts together.
pub const LONGEST_TEXT: usize = 100_000;
/// The most work that an expression may be, in characters looked at: some milliseconds.
pub const MOST_STEPS: u64 = 1_000_000;
/// What each part costs besides its characters.
const STEPS_OF_A_PART: u64 = 20;

/// A checked expression over the columns of one entity.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
    entity: Entity,
    root: Arc<Node>,
}

/// What is wrong with the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// How many lines below the first.
    pub line: usize,
    /// One sentence.
    pub message: String,
    /// One sentence.
    pub remedy: String,
}

impl Problem {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            line: 0,
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// Two are the same when their texts are.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        (&self.source, self.entity) == (&other.source, other.entity)
    }
}

impl Eq for Expression {}

impl Expression {
    /// Reads and checks an expression: its syntax, names, types, and what it can cost at worst.
    pub(crate) fn compile(source: &str, entity: Entity) -> Result<Self, Vec<Problem>> {
        if source.len() > LONGEST_SOURCE {
            return Err(vec![Problem::new(
                format!("The expression has {} bytes.", source.len()),
                format!("Keep it below {LONGEST_SOURCE}."),
            )]);
        }
        let code = literal::code(source);
        too_deep(&code)?;
        let parsed = catch_unwind(AssertUnwindSafe(|| PrattParser::new().parse(source)));
        let parsed = parsed.map_err(|_| vec![syntax("it cannot be read", 0)])?;
        let ast = parsed.map_err(|errors| syntax_errors(&errors))?;
        if literal::lossy(&code) {
            return Err(vec![literal::too_long()]);
        }
        let mut checker = check::Checker::new(entity);
        let root = checker.node(&ast, 0);
        let root = match root {
            Some(root) if checker.problems.is_empty() => root,
            _ => return Err(checker.into_problems()),
        };
        bounds::within_limits(&root)?;
        Ok(Self {
            source: source.to_owned(),
            entity,
            root: Arc::new(root),
        })
    }

    /// Its text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The Sage columns and UDFs that it reads.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&str> {
        let mut columns = BTreeSet::new();
        self.root.columns(&mut columns);
        columns
    }

    /// What its value is when it is not blank. `None`: it is always blank.
    #[must_use]
    pub fn kind(&self) -> Option<ColumnKind> {
        match self.root.ty {
            Type::One(kind) => Some(kind),
            Type::List(_) | Type::Null => None,
        }
    }

    /// The longest text that it makes, with the lengths of Sage's text columns. `None`: a length is not known, or it
    /// makes no text.
    pub(crate) fn longest(&self, length_of: impl Fn(&str) -> Option<usize>) -> Option<usize> {
        let known = |column: &&str| {
            check::kind_of(self.entity, column) != ColumnKind::Text || length_of(column).is_some()
        };
        let known = self.columns().iter().all(known);
        let is_text = self.kind() == Some(ColumnKind::Text);
        (known && is_text)
            .then(|| bounds::longest(&self.root, &|name| length_of(name).unwrap_or(0)))
    }

    /// Its value for a record.
    ///
    /// # Errors
    /// The end of the sentence "It cannot be computed: …".
    pub(crate) fn value(&self, key: &SageKey, record: &Record) -> Result<Value, String> {
        eval::value(&self.root, key, record).map_err(|why| bounded(why, 120))
    }

    /// Whether it holds for a record.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub(crate) fn holds(&self, key: &SageKey, record: &Record) -> Result<bool, String> {
        Ok(self.value(key, record)? == Value::Flag(true))
    }
}

/// Deep nesting is refused before it reaches the parser, which works by recursion.
fn too_deep(code: &str) -> Result<(), Vec<Problem>> {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in code.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let conditionals = code.bytes().filter(|byte| *byte == b'?').count();
    if deepest.max(conditionals) <= DEEPEST {
        return Ok(());
    }
    Err(vec![Problem::new(
        format!(
            "The expression has {deepest} brackets within each other and {conditionals} conditionals."
        ),
        format!("Keep it below {DEEPEST} of each; a table of `values` may say the same."),
    )])
}

fn syntax(what: &str, line: usize) -> Problem {
    Problem {
        line,
        message: format!("This is not CEL: {what}."),
        remedy: "Mend the expression, such as CustomerType == \"W\" && CreditLimit > 1000.".into(),
    }
}

fn syntax_errors(errors: &cel::ParseErrors) -> Vec<Problem> {
    let said = errors.errors.iter().take(3).map(|error| {
        let (line, column) = error.pos;
        let line = usize::try_from(line).unwrap_or(1).max(1);
        let what = bounded(error.msg.replace('\n', " "), 120);
        let what = what
            .trim_start_matches("Syntax error: ")
            .trim_end_matches('.');
        syntax(&format!("{what} (character {column})"), line - 1)
    });
    said.collect()
}
