//! A query after parsing.

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What to show.
    pub select: Vec<Select>,
    /// The object, or in a subquery the relationship to children.
    pub from: Name,
    /// Which records; without it, all.
    pub condition: Option<Condition>,
    /// GROUP BY.
    pub group: Vec<Name>,
    /// ORDER BY.
    pub order: Vec<Order>,
    /// Most rows.
    pub limit: Option<usize>,
    /// Rows to skip.
    pub offset: usize,
}

/// A name and its place in the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name, with points where it goes through relationships.
    pub text: String,
    /// The byte at which it starts.
    pub at: usize,
}

/// One thing to show.
#[derive(Debug, Clone, PartialEq)]
pub enum Select {
    /// A field; in a query with groups, perhaps under an alias.
    Field(Name, Option<String>),
    /// `FIELDS(ALL)` and the like.
    Fields(Name),
    /// `COUNT()`.
    Count,
    /// `COUNT(field)`, `MAX(field)` …: function, field, alias.
    Aggregate(String, Name, Option<String>),
    /// The children, by a query of their own.
    Children(Box<Query>),
}

/// A field to sort by.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The field.
    pub field: Name,
    /// DESC.
    pub descending: bool,
    /// NULLS LAST; nulls come first otherwise.
    pub nulls_last: bool,
}

/// Which records a query wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// AND.
    All(Vec<Condition>),
    /// OR.
    Any(Vec<Condition>),
    /// NOT.
    Not(Box<Condition>),
    /// One test of one field.
    Test {
        /// The field.
        field: Name,
        /// The test.
        operator: Operator,
        /// What to test against.
        values: Vec<Literal>,
    },
    /// `IN` or `NOT IN` a query's results.
    Within {
        /// The field.
        field: Name,
        /// NOT IN.
        negated: bool,
        /// The query.
        query: Box<Query>,
    },
}

/// A test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`, `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `IN`
    In,
    /// `NOT IN`
    NotIn,
    /// `LIKE`
    Like,
}

/// A literal and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// What it is.
    pub value: LiteralValue,
    /// The byte at which it starts.
    pub at: usize,
}

/// What a literal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralValue {
    /// `'text'`, and the same as a LIKE pattern.
    Text(String, String),
    /// `12`, `-3.5`, `2026-01-31`, `2026-01-31T10:00:00Z`.
    Number(String),
    /// `TRUE`, `FALSE`.
    Bool(bool),
    /// `NULL`.
    Null,
    /// `TODAY`, `LAST_N_DAYS:30`.
    Date(String, Option<i64>),
}
