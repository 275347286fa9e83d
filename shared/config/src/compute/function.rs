//! The functions that expressions may call. Each is one whose time and result are bounded by its arguments.

use counterpart_domain::ColumnKind::{self, Date, Flag, Number, Text};

use super::types::Type;

/// A function. Names and meanings are CEL's (its standard definitions and its strings extension), but for `number`,
/// `flag`, `date`, which read UDFs as the helpers of the same names do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    SizeOfList,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
    UpperAscii,
    Trim,
    Replace,
    Substring,
    IndexOf,
    Join,
    String,
    Int,
    Number,
    Flag,
    Date,
    FullYear,
    Month,
    DayOfMonth,
    DateOfMonth,
}

/// One way to call a function.
pub(super) struct Signature {
    /// Its name in CEL.
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// The arguments; of `x.f(y)`, `x` is the first.
    pub(super) arguments: &'static [Type],
    pub(super) result: ColumnKind,
    /// How it is written.
    pub(super) style: Style,
}

/// Whether a function is written `f(x)`, `x.f()`, or either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Global,
    Member,
    Either,
}

const T: Type = Type::One(Text);
const N: Type = Type::One(Number);
const D: Type = Type::One(Date);
const F: Type = Type::One(Flag);

const fn of(
    name: &'static str,
    function: Function,
    arguments: &'static [Type],
    result: ColumnKind,
    style: Style,
) -> Signature {
    Signature {
        name,
        function,
        arguments,
        result,
        style,
    }
}

/// All of them. Where a name stands several times, the arguments decide.
pub(super) const SIGNATURES: &[Signature] = &[
    of("size", Function::Size, &[T], Number, Style::Either),
    of(
        "size",
        Function::SizeOfList,
        &[Type::List(Text)],
        Number,
        Style::Either,
    ),
    of(
        "size",
        Function::SizeOfList,
        &[Type::List(Number)],
        Number,
        Style::Either,
    ),
    of(
        "size",
        Function::SizeOfList,
        &[Type::List(Flag)],
        Number,
        Style::Either,
    ),
    of(
        "size",
        Function::SizeOfList,
        &[Type::List(Date)],
        Number,
        Style::Either,
    ),
    of("contains", Function::Contains, &[T, T], Flag, Style::Member),
    of(
        "startsWith",
        Function::StartsWith,
        &[T, T],
        Flag,
        Style::Member,
    ),
    of("endsWith", Function::EndsWith, &[T, T], Flag, Style::Member),
    of(
        "lowerAscii",
        Function::LowerAscii,
        &[T],
        Text,
        Style::Member,
    ),
    of(
        "upperAscii",
        Function::UpperAscii,
        &[T],
        Text,
        Style::Member,
    ),
    of("trim", Function::Trim, &[T], Text, Style::Member),
    of(
        "replace",
        Function::Replace,
        &[T, T, T],
        Text,
        Style::Member,
    ),
    of(
        "substring",
        Function::Substring,
        &[T, N],
        Text,
        Style::Member,
    ),
    of(
        "substring",
        Function::Substring,
        &[T, N, N],
        Text,
        Style::Member,
    ),
    of("indexOf", Function::IndexOf, &[T, T], Number, Style::Member),
    of(
        "join",
        Function::Join,
        &[Type::List(Text)],
        Text,
        Style::Member,
    ),
    of(
        "join",
        Function::Join,
        &[Type::List(Text), T],
        Text,
        Style::Member,
    ),
    of("string", Function::String, &[T], Text, Style::Global),
    of("string", Function::String, &[N], Text, Style::Global),
    of("string", Function::String, &[F], Text, Style::Global),
    of("string", Function::String, &[D], Text, Style::Global),
    of("int", Function::Int, &[T], Number, Style::Global),
    of("int", Function::Int, &[N], Number, Style::Global),
    of("number", Function::Number, &[T], Number, Style::Global),
    of("number", Function::Number, &[N], Number, Style::Global),
    of("flag", Function::Flag, &[T], Flag, Style::Global),
    of("flag", Function::Flag, &[F], Flag, Style::Global),
    of("date", Function::Date, &[T], Date, Style::Global),
    of("date", Function::Date, &[D], Date, Style::Global),
    of(
        "getFullYear",
        Function::FullYear,
        &[D],
        Number,
        Style::Member,
    ),
    of("getMonth", Function::Month, &[D], Number, Style::Member),
    of(
        "getDayOfMonth",
        Function::DayOfMonth,
        &[D],
        Number,
        Style::Member,
    ),
    of(
        "getDate",
        Function::DateOfMonth,
        &[D],
        Number,
        Style::Member,
    ),
];

/// Names that are handled by themselves.
pub(super) const SPECIAL: [&str; 7] = [
    "round",
    "matches",
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
];

/// What to use in the place of a CEL function that is not there.
pub(super) fn instead_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "toUpper" | "toUpperCase" | "upper" => "Use upperAscii().",
        "toLower" | "toLowerCase" | "lower" => "Use lowerAscii().",
        "double" | "uint" | "math" => {
            "Numbers are exact decimals here; use number(x) and round(x, 2)."
        }
        "bool" => "Use flag(x), which reads Y and N.",
        "timestamp" | "duration" | "now" => "Use date(x); there is no present time here.",
        "has" => "Compare with \"\" or null: a blank text is \"\", a blank number or date is null.",
        "type" | "dyn" => "Columns have their type; use string(x), number(x), flag(x) or date(x).",
        "split" | "format" | "charAt" => "Use substring, indexOf or replace.",
        _ => return None,
    })
}
