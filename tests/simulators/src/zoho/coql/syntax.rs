//! A query after parsing.

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What to show.
    pub select: Select,
    /// The module's API name.
    pub module: String,
    /// Which records.
    pub condition: Condition,
    /// Columns and whether each is ascending.
    pub order: Vec<(String, bool)>,
    /// Most rows, if given.
    pub limit: Option<usize>,
    /// Rows to skip.
    pub offset: usize,
}

/// What a query shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Select {
    /// Columns.
    Columns(Vec<String>),
    /// `COUNT(column)`, with the text under which it is shown.
    Count(String),
}

/// Which records a query wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// AND.
    All(Vec<Condition>),
    /// OR.
    Any(Vec<Condition>),
    /// One test of one column.
    Test {
        /// The column.
        column: String,
        /// The test.
        operator: Operator,
        /// NOT IN, NOT LIKE, NOT BETWEEN, IS NOT NULL.
        negated: bool,
        /// What to test against.
        values: Vec<Literal>,
    },
}

/// A test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `in`
    In,
    /// `like`
    Like,
    /// `between`
    Between,
    /// `is null`
    IsNull,
}

impl Operator {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::Greater => ">",
            Operator::AtLeast => ">=",
            Operator::In => "in",
            Operator::Like => "like",
            Operator::Between => "between",
            Operator::IsNull => "is null",
        }
    }
}

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `'text'`
    Text(String),
    /// `12`, `-3.5`
    Number(String),
    /// `true`, `false`
    Bool(bool),
}

impl Literal {
    /// The literal as text.
    pub fn text(&self) -> String {
        match self {
            Literal::Text(text) | Literal::Number(text) => text.clone(),
            Literal::Bool(value) => value.to_string(),
        }
    }
}
