//! From the parser's tree to a checked one: every name is known, every type fits.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, operators};
use counterpart_domain::ColumnKind::{self, Date, Flag, Number, Text};
use counterpart_domain::Entity;
use regex_lite::RegexBuilder;

use super::function::{SIGNATURES, SPECIAL, Signature, Style, instead_of};
use super::node::{Kind, Macro, Node, Order, Sum};
use super::types::Type;
use super::{Problem, eval, literal, loops};
use crate::read::{known_column, suggest};

pub(super) use crate::mapping::column_kind as kind_of;

/// The deepest tree. Evaluation works by recursion.
const DEEPEST: usize = 100;
/// The most findings of one expression.
const MOST_PROBLEMS: usize = 5;
/// The most decimals that a number is rounded to.
const MOST_DECIMALS: u32 = 10;
/// The sizes of compiled patterns of `matches`, in bytes, that are told apart. None is larger than the last.
const PATTERN_SIZES: [usize; 5] = [1024, 2 * 1024, 4 * 1024, 8 * 1024, 16 * 1024];
/// The bytes of a compiled pattern that one state takes, about: each character is looked at in each of them.
const BYTES_OF_A_STATE: usize = 20;

pub(super) struct Checker {
    entity: Entity,
    /// The variables of the loops around, the outermost first.
    variables: Vec<(String, ColumnKind)>,
    pub(super) problems: Vec<Problem>,
}

impl Checker {
    pub(super) const fn new(entity: Entity) -> Self {
        Self {
            entity,
            variables: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.dedup();
        self.problems.truncate(MOST_PROBLEMS);
        self.problems
    }

    /// Notes a problem; there is no node then.
    fn refuse<T>(&mut self, message: impl Into<String>, remedy: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(message, remedy));
        None
    }

    pub(super) fn node(&mut self, ast: &IdedExpr, depth: usize) -> Option<Node> {
        if depth > DEEPEST {
            return self.refuse(
                format!("The expression has more than {DEEPEST} parts within each other."),
                "Make it shorter; a table of `values` may say the same.",
            );
        }
        match &ast.expr {
            Expr::Literal(value) => literal::node(value)
                .map_err(|problem| self.problems.push(problem))
                .ok(),
            Expr::Ident(name) => self.name(name),
            Expr::Call(call) => self.call(call, depth + 1),
            Expr::List(list) => self.list(&list.elements, depth + 1),
            Expr::Comprehension(expanded) => self.expanded(expanded, depth + 1),
            Expr::Select(select) => self.refuse(
                format!("{:?} cannot be taken out of a value.", select.field),
                "Name a Sage column by itself; functions are called with (), such as City.trim().",
            ),
            Expr::Map(_) | Expr::Struct(_) => self.refuse(
                "There are no tables within expressions.",
                "Use a table of `values` beside `compute`, or conditions: a ? b : c.",
            ),
            Expr::Unspecified => {
                self.refuse("A part of the expression is missing.", "Complete it.")
            }
        }
    }

    fn name(&mut self, name: &str) -> Option<Node> {
        let variables = self.variables.iter().rev();
        let found = variables.enumerate().find(|(_, (known, _))| known == name);
        if let Some((out, (_, kind))) = found {
            return Some(Node::one(Kind::Variable(out), *kind));
        }
        match name {
            "key" => return Some(Node::one(Kind::Key, Text)),
            "company" => return Some(Node::one(Kind::Company, Text)),
            _ => {}
        }
        match known_column(name, self.entity) {
            Ok(kind) => Some(Node::one(Kind::Column(name.to_owned()), kind)),
            Err((message, remedy)) => self.refuse(message, remedy),
        }
    }

    fn list(&mut self, elements: &[IdedExpr], depth: usize) -> Option<Node> {
        let nodes: Vec<_> = elements
            .iter()
            .map(|element| self.node(element, depth))
            .collect();
        let nodes: Vec<Node> = nodes.into_iter().collect::<Option<_>>()?;
        let Some(Type::One(kind)) = nodes.first().map(|node| node.ty) else {
            return self.refuse(
                "A list is empty, or holds something else than texts, numbers, flags or dates.",
                "Write values of one kind: [\"A\", \"B\"].",
            );
        };
        if nodes.iter().any(|node| node.ty != Type::One(kind)) {
            return self.refuse(
                "A list holds values of several kinds.",
                "Bring them to one kind: string(x), number(x).",
            );
        }
        Some(Node::new(Kind::List(nodes), Type::List(kind)))
    }

    /// `all`, `exists`, `exists_one`, `filter`, `map`.
    fn expanded(&mut self, expanded: &ComprehensionExpr, depth: usize) -> Option<Node> {
        let Some(read) = loops::read(expanded) else {
            return self.refuse(
                "This loop is not known here.",
                "Use all, exists, exists_one, filter or map.",
            );
        };
        let mut range = self.node(read.range, depth)?;
        for (each, body) in read.steps {
            let Type::List(element) = range.ty else {
                return self.refuse(
                    format!("A loop goes over a list, not over {}.", a(range.ty)),
                    "Write the list: [City, State].filter(x, x != \"\").",
                );
            };
            self.variables.push((read.variable.to_owned(), element));
            let body = self.node(body, depth);
            self.variables.pop();
            let body = body?;
            let ty = match (each, body.ty) {
                (Macro::Map, Type::One(kind)) => Type::List(kind),
                (Macro::Map, _) => {
                    return self.refuse(
                        format!("`map` makes {} of each element.", a(body.ty)),
                        "Make a text, number, flag or date.",
                    );
                }
                (Macro::Filter, Type::One(Flag)) => Type::List(element),
                (_, Type::One(Flag)) => Type::One(Flag),
                _ => {
                    return self.refuse(
                        format!("The condition of a loop is {}.", a(body.ty)),
                        "Write a condition, such as x != \"\".",
                    );
                }
            };
            range = Node::new(Kind::Loop(each, Box::new([range, body])), ty);
        }
        Some(range)
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Option<Node> {
        match (call.func_name.as_str(), call.target.is_some()) {
            ("round", false) => return self.round(call, depth),
            (operators::DIVIDE, _) => {
                return self.refuse(
                    "A quotient is seldom exact.",
                    "Say how many decimals it has: round(a / b, 2).",
                );
            }
            (
                operators::MODULO | operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT,
                _,
            ) => {
                return self.refuse(
                    format!(
                        "`{}` is not available here.",
                        call.func_name.replace('_', "")
                    ),
                    "Use comparisons, `in`, substring or round.",
                );
            }
            _ => {}
        }
        let parts = call.target.as_deref().into_iter().chain(&call.args);
        let nodes: Vec<_> = if is_known(&call.func_name) {
            parts.map(|part| self.node(part, depth)).collect()
        } else {
            return self.unknown(&call.func_name);
        };
        let nodes: Vec<Node> = nodes.into_iter().collect::<Option<_>>()?;
        if call.func_name == "matches" {
            return self.matches(nodes);
        }
        if is_operator(&call.func_name) {
            return self.operator(&call.func_name, nodes);
        }
        let types: Vec<Type> = nodes.iter().map(|node| node.ty).collect();
        let style = match call.target {
            Some(_) => Style::Member,
            None => Style::Global,
        };
        let fits = |signature: &&Signature| {
            signature.name == call.func_name
                && signature.arguments == types.as_slice()
                && (signature.style == style || signature.style == Style::Either)
        };
        match SIGNATURES.iter().find(fits) {
            Some(signature) => {
                // What is written out is read now, and not with the first record.
                if let Some(Kind::Literal(value)) = nodes.first().map(|node| &node.kind)
                    && let Err(why) = eval::converted(signature.function, value.clone())
                {
                    return self.refuse(
                        format!("`{}` cannot read what is written out: {why}.", call.func_name),
                        "Write date(\"2026-01-31\"), number(\"1000.50\"), int(\"12\") or flag(\"Y\").",
                    );
                }
                Some(Node::one(
                    Kind::Call(signature.function, nodes),
                    signature.result,
                ))
            }
            None => {
                let given: Vec<_> = types.iter().map(|ty| a(*ty)).collect();
                let given = if given.is_empty() {
                    "nothing".to_owned()
                } else {
                    given.join(" and ")
                };
                self.refuse(
                    format!("`{}` does not take {given} in this way.", call.func_name),
                    forms(&call.func_name),
                )
            }
        }
    }

    fn unknown(&mut self, name: &str) -> Option<Node> {
        let message = format!("There is no function {name:?} here.");
        match instead_of(name) {
            Some(remedy) => self.refuse(message, remedy),
            None => {
                let mut names: Vec<_> = SIGNATURES.iter().map(|known| known.name).collect();
                names.dedup();
                let remedy = suggest::remedy(name, names.into_iter().chain(SPECIAL));
                self.refuse(message, remedy)
            }
        }
    }

    /// `round(x, 2)`, `round(a / b, 2)`.
    fn round(&mut self, call: &CallExpr, depth: usize) -> Option<Node> {
        const REMEDY: &str = "Write round(a / b, 2): a number and how many decimals it keeps.";
        let [value, digits] = call.args.as_slice() else {
            return self.refuse("`round` takes a number and a number of decimals.", REMEDY);
        };
        let digits = match &digits.expr {
            Expr::Literal(cel::common::ast::LiteralValue::Int(int)) => {
                u32::try_from(*int.inner()).ok()
            }
            _ => None,
        };
        let Some(digits) = digits.filter(|digits| *digits <= MOST_DECIMALS) else {
            return self.refuse(
                format!("The number of decimals is no whole number from 0 to {MOST_DECIMALS}."),
                REMEDY,
            );
        };
        let mut numbers = Vec::new();
        let quotient = match &value.expr {
            Expr::Call(inner) if inner.func_name == operators::DIVIDE => Some(&inner.args),
            _ => None,
        };
        for part in quotient.map_or(std::slice::from_ref(value), Vec::as_slice) {
            let node = self.node(part, depth)?;
            if node.ty != Type::One(Number) {
                return self.refuse(format!("`round` is given {}.", a(node.ty)), REMEDY);
            }
            numbers.push(node);
        }
        let kind = match <[Node; 2]>::try_from(numbers) {
            Ok(pair) => Kind::Quotient(Box::new(pair), digits),
            Err(mut numbers) => Kind::Round(Box::new(numbers.pop()?), digits),
        };
        Some(Node::one(kind, Number))
    }

    fn matches(&mut self, nodes: Vec<Node>) -> Option<Node> {
        let Ok([text, pattern]) = <[Node; 2]>::try_from(nodes) else {
            return self.refuse("`matches` takes a text and a pattern.", forms("matches"));
        };
        let (Type::One(Text), Kind::Literal(pattern)) = (text.ty, &pattern.kind) else {
            return self.refuse(
                "`matches` takes a text, and a pattern that is written out.",
                forms("matches"),
            );
        };
        // The first size that suffices tells how large it is.
        let pattern = pattern.to_string();
        let built = |size: usize| {
            let mut builder = RegexBuilder::new(&pattern);
            let regex = builder.size_limit(size).nest_limit(20).build()?;
            Ok((regex, (size / BYTES_OF_A_STATE) as u64))
        };
        let [small @ .., largest] = PATTERN_SIZES;
        let made = small.into_iter().find_map(|size| built(size).ok());
        let made: Result<_, regex_lite::Error> = made.map_or_else(|| built(largest), Ok);
        match made {
            Ok((regex, cost)) => Some(Node::one(
                Kind::Matches(Box::new(text), Box::new(regex), cost),
                Flag,
            )),
            Err(error) => self.refuse(
                format!(
                    "The pattern cannot be used: {}.",
                    error.to_string().trim_end_matches('.')
                ),
                "Write a short pattern, such as \"^[0-9]{5}$\".",
            ),
        }
    }

    fn operator(&mut self, name: &str, nodes: Vec<Node>) -> Option<Node> {
        let types: Vec<Type> = nodes.iter().map(|node| node.ty).collect();
        let made = match nodes.len() {
            1 => nodes.into_iter().next().and_then(|node| unary(name, node)),
            2 => <[Node; 2]>::try_from(nodes)
                .ok()
                .and_then(|pair| binary(name, Box::new(pair))),
            _ => <[Node; 3]>::try_from(nodes)
                .ok()
                .and_then(|three| conditional(Box::new(three))),
        };
        if made.is_some() {
            return made;
        }
        let given: Vec<_> = types.iter().map(|ty| a(*ty)).collect();
        let remedy = match (name, types.as_slice()) {
            (operators::EQUALS | operators::NOT_EQUALS, types) if types.contains(&Type::Null) => {
                "A blank text is \"\", and a flag is true or false; null is a blank number or date."
            }
            (_, types) if types.contains(&Type::One(Date)) => {
                "Dates are compared with dates: date(\"2026-01-31\")."
            }
            _ => "Bring both sides to one kind: string(x), number(x), flag(x), date(x).",
        };
        self.refuse(
            format!("`{}` does not take {}.", symbol(name), given.join(" and ")),
            remedy,
        )
    }
}

fn unary(name: &str, node: Node) -> Option<Node> {
    match (name, node.ty) {
        (operators::LOGICAL_NOT, Type::One(Flag)) => {
            Some(Node::one(Kind::Not(Box::new(node)), Flag))
        }
        (operators::NEGATE, Type::One(Number)) => {
            Some(Node::one(Kind::Negate(Box::new(node)), Number))
        }
        _ => None,
    }
}

fn binary(name: &str, pair: Box<[Node; 2]>) -> Option<Node> {
    let types = (pair[0].ty, pair[1].ty);
    let order = match name {
        operators::LESS => Some(Order::Less),
        operators::LESS_EQUALS => Some(Order::LessOrEqual),
        operators::GREATER => Some(Order::Greater),
        operators::GREATER_EQUALS => Some(Order::GreaterOrEqual),
        _ => None,
    };
    let sum = match name {
        operators::ADD => Some(Sum::Add),
        operators::SUBSTRACT => Some(Sum::Subtract),
        operators::MULTIPLY => Some(Sum::Multiply),
        _ => None,
    };
    match (name, types) {
        (operators::LOGICAL_AND, (Type::One(Flag), Type::One(Flag))) => {
            Some(Node::one(Kind::And(pair), Flag))
        }
        (operators::LOGICAL_OR, (Type::One(Flag), Type::One(Flag))) => {
            Some(Node::one(Kind::Or(pair), Flag))
        }
        (operators::EQUALS | operators::NOT_EQUALS, types) => {
            let comparable = match types {
                (Type::One(left), Type::One(right)) => left == right,
                (Type::One(kind), Type::Null) | (Type::Null, Type::One(kind)) => {
                    matches!(kind, Number | Date)
                }
                _ => false,
            };
            let equal = name == operators::EQUALS;
            comparable.then(|| Node::one(Kind::Equal(equal, pair), Flag))
        }
        (operators::IN, (Type::One(left), Type::List(right))) if left == right => {
            Some(Node::one(Kind::In(pair), Flag))
        }
        (operators::ADD, (Type::One(Text), Type::One(Text))) => {
            Some(Node::one(Kind::Concat(pair), Text))
        }
        (_, (Type::One(Number), Type::One(Number))) if sum.is_some() => {
            sum.map(|sum| Node::one(Kind::Sum(sum, pair), Number))
        }
        (_, (Type::One(left), Type::One(right))) if left == right && left != Flag => {
            order.map(|order| Node::one(Kind::Compare(order, pair), Flag))
        }
        _ => None,
    }
}

fn conditional(three: Box<[Node; 3]>) -> Option<Node> {
    let ty = match (three[1].ty, three[2].ty) {
        (left, right) if left == right => left,
        (Type::Null, Type::One(kind)) | (Type::One(kind), Type::Null) => Type::One(kind),
        _ => return None,
    };
    (three[0].ty == Type::One(Flag)).then(|| Node::new(Kind::If(three), ty))
}

fn is_operator(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_known(name: &str) -> bool {
    is_operator(name) || name == "matches" || SIGNATURES.iter().any(|known| known.name == name)
}

/// An operator as it is written.
fn symbol(name: &str) -> &str {
    match name {
        operators::CONDITIONAL => "? :",
        operators::IN => "in",
        _ => name.trim_matches('_'),
    }
}

/// A type in words.
const fn a(ty: Type) -> &'static str {
    match ty {
        Type::One(Text) => "a text",
        Type::One(Number) => "a number",
        Type::One(Flag) => "a flag",
        Type::One(Date) => "a date",
        Type::List(Text) => "a list of texts",
        Type::List(Number) => "a list of numbers",
        Type::List(Flag) => "a list of flags",
        Type::List(Date) => "a list of dates",
        Type::Null => "null",
    }
}

/// How a function is written.
fn forms(name: &str) -> String {
    if name == "matches" {
        return "Write TEXT.matches(\"PATTERN\").".into();
    }
    let word = |ty: &Type| a(*ty).trim_start_matches("a ").to_uppercase();
    let form = |signature: &Signature| {
        let words: Vec<String> = signature.arguments.iter().map(word).collect();
        match (signature.style, words.split_first()) {
            (Style::Global, _) | (_, None) => format!("{name}({})", words.join(", ")),
            (_, Some((first, rest))) => format!("{first}.{name}({})", rest.join(", ")),
        }
    };
    let known = SIGNATURES.iter().filter(|signature| signature.name == name);
    let forms: Vec<_> = known.map(form).collect();
    format!("Write {}.", forms.join(" or "))
}
