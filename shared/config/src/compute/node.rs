//! A checked expression: every node knows its type.

use std::collections::BTreeSet;

use counterpart_domain::{ColumnKind, Value};
use regex_lite::Regex;

use super::function::Function;
use super::types::Type;

/// How two values of one kind are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Sums of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Add,
    Subtract,
    Multiply,
}

/// CEL's macros over lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    /// `filter(x, condition)`.
    Filter,
    /// `map(x, value)`.
    Map,
}

/// What a node does.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Literal(Value),
    /// A Sage column or UDF.
    Column(String),
    /// `key`: the key within its company.
    Key,
    /// `company`.
    Company,
    /// The variable of the loop that many loops out.
    Variable(usize),
    List(Vec<Node>),
    /// Condition, then, else.
    If(Box<[Node; 3]>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    Not(Box<Node>),
    /// `true`: equal; `false`: not equal.
    Equal(bool, Box<[Node; 2]>),
    Compare(Order, Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    Sum(Sum, Box<[Node; 2]>),
    Negate(Box<Node>),
    Concat(Box<[Node; 2]>),
    /// A quotient, rounded to a number of decimals.
    Quotient(Box<[Node; 2]>, u32),
    /// A number, rounded to a number of decimals.
    Round(Box<Node>, u32),
    /// A text, a pattern, and what a character costs in it.
    Matches(Box<Node>, Box<Regex>, u64),
    Call(Function, Vec<Node>),
    /// What is done with each element of the first: the loop's variable stands for it in the second.
    Loop(Macro, Box<[Node; 2]>),
}

/// One part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) ty: Type,
}

impl Node {
    pub(super) const fn new(kind: Kind, ty: Type) -> Self {
        Self { kind, ty }
    }

    pub(super) const fn one(kind: Kind, column: ColumnKind) -> Self {
        Self::new(kind, Type::One(column))
    }

    /// The nodes right below.
    pub(super) fn children(&self) -> &[Self] {
        match &self.kind {
            Kind::Literal(_) | Kind::Column(_) | Kind::Key | Kind::Company | Kind::Variable(_) => {
                &[]
            }
            Kind::List(nodes) | Kind::Call(_, nodes) => nodes,
            Kind::If(nodes) => nodes.as_slice(),
            Kind::And(nodes)
            | Kind::Or(nodes)
            | Kind::Equal(_, nodes)
            | Kind::Compare(_, nodes)
            | Kind::In(nodes)
            | Kind::Sum(_, nodes)
            | Kind::Concat(nodes)
            | Kind::Quotient(nodes, _)
            | Kind::Loop(_, nodes) => nodes.as_slice(),
            Kind::Not(node)
            | Kind::Negate(node)
            | Kind::Round(node, _)
            | Kind::Matches(node, ..) => std::slice::from_ref(node),
        }
    }

    pub(super) fn columns<'n>(&'n self, found: &mut BTreeSet<&'n str>) {
        if let Kind::Column(name) = &self.kind {
            found.insert(name);
        }
        for child in self.children() {
            child.columns(found);
        }
    }
}
