//! `GET /crm/v8/{module}/search`. It is no way to find a record by its key: `equals` finds what
//! contains the text, and the index behind it lags.

use serde_json::{Value, json};

use super::{
    errors::Failure,
    lists,
    org::Org,
    render::{self, Lookups},
    requests::Params,
    schema::{Field, Kind, Module},
    store::Record,
};

/// Seconds after a change in which a search does not see the record.
const LAG: i64 = 5;
/// Most records that pages of a search reach.
const REACH: usize = 2_000;

/// What a search looks for.
enum Criterion {
    All(Vec<Criterion>),
    Any(Vec<Criterion>),
    Test {
        field: &'static Field,
        starts: bool,
        text: String,
    },
    /// A text in any field of a kind; without one, in any field.
    Anywhere(Option<Kind>, String),
}

/// A page of what a search finds; `None` if there is nothing.
pub fn search(
    org: &mut Org,
    module: &'static Module,
    params: &Params,
) -> Result<Option<Value>, Failure> {
    let criterion = wanted(module, params)?;
    org.charge(1)?;
    let (page, per_page) = (
        params.number("page", 1, 1000)?,
        params.number("per_page", 200, 200)?,
    );
    let from = (page - 1) * per_page;
    if from + per_page > REACH {
        return Err(Failure::new(
            400,
            "LIMIT_REACHED",
            &json!({"limit": REACH}),
            "limit reached",
        ));
    }
    let seen_until = org.now() - LAG;
    let store = org.store(module)?;
    let found: Vec<&Record> = store
        .all()
        .rev()
        .filter(|record| record.modified <= seen_until && fits(org, module, record, &criterion))
        .collect();
    let names: Option<Vec<&str>> = params
        .get("fields")
        .map(|fields| fields.split(',').map(str::trim).collect());
    if let Some(names) = &names {
        lists::limit_fields(names)?;
    }
    let data: Vec<Value> = found
        .iter()
        .skip(from)
        .take(per_page)
        .map(|record| match &names {
            Some(names) => render::with_fields(org, module, record, names),
            None => render::listed(org, module, record),
        })
        .collect();
    if data.is_empty() {
        return Ok(None);
    }
    let more = found.len() > from + data.len();
    let info =
        json!({"per_page": per_page, "count": data.len(), "page": page, "more_records": more});
    Ok(Some(json!({"data": data, "info": info})))
}

fn wanted(module: &'static Module, params: &Params) -> Result<Criterion, Failure> {
    let anywhere = |kind, text: &str| Ok(Criterion::Anywhere(kind, text.to_lowercase()));
    if let Some(text) = params.get("criteria") {
        let invalid = || {
            Failure::new(
                400,
                "INVALID_QUERY",
                &json!({"param_name": "criteria"}),
                "invalid query formed",
            )
        };
        let (criterion, rest) = parse(module, text.trim(), 0).ok_or_else(invalid)?;
        return if rest.trim().is_empty() {
            Ok(criterion)
        } else {
            Err(invalid())
        };
    }
    match (params.get("email"), params.get("phone"), params.get("word")) {
        (Some(text), _, _) => anywhere(Some(Kind::Email), text),
        (_, Some(text), _) => anywhere(Some(Kind::Phone), text),
        (_, _, Some(text)) => anywhere(None, text),
        (None, None, None) => Err(Failure::missing_param("criteria")),
    }
}

/// `(Field:operator:value)`, or several of them joined by `and` or `or` in parentheses.
fn parse<'a>(module: &'static Module, text: &'a str, depth: usize) -> Option<(Criterion, &'a str)> {
    let inner = text.strip_prefix('(')?;
    if depth > 10 {
        return None;
    }
    if !inner.starts_with('(') {
        return test(module, inner);
    }
    let (first, mut rest) = parse(module, inner, depth + 1)?;
    let (mut parts, mut any) = (vec![first], false);
    while !rest.starts_with(')') {
        let (word, after) = if let Some(after) = rest.strip_prefix("and") {
            (false, after)
        } else {
            (true, rest.strip_prefix("or")?)
        };
        any = word;
        let (part, after) = parse(module, after, depth + 1)?;
        parts.push(part);
        rest = after;
    }
    let criterion = if any {
        Criterion::Any(parts)
    } else {
        Criterion::All(parts)
    };
    Some((criterion, rest.strip_prefix(')')?))
}

/// A backslash keeps a parenthesis, a comma or a slash inside of a value.
fn test<'a>(module: &'static Module, text: &'a str) -> Option<(Criterion, &'a str)> {
    let (name, rest) = text.split_once(':')?;
    let (operator, rest) = rest.split_once(':')?;
    let starts = match operator {
        "equals" => false,
        "starts_with" => true,
        _ => return None,
    };
    let mut value = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, next)| next)),
            ')' => {
                let criterion = Criterion::Test {
                    field: module.field(name)?,
                    starts,
                    text: value.to_lowercase(),
                };
                return Some((criterion, rest.get(at + 1..)?));
            }
            c => value.push(c),
        }
    }
    None
}

fn fits(org: &Org, module: &'static Module, record: &Record, criterion: &Criterion) -> bool {
    match criterion {
        Criterion::All(parts) => parts.iter().all(|part| fits(org, module, record, part)),
        Criterion::Any(parts) => parts.iter().any(|part| fits(org, module, record, part)),
        Criterion::Test {
            field,
            starts,
            text,
        } => {
            let found = shown(org, record, field);
            if *starts {
                found.starts_with(text.as_str())
            } else {
                found.contains(text.as_str())
            }
        }
        Criterion::Anywhere(kind, text) => {
            let mut fields = module
                .fields
                .iter()
                .filter(|field| kind.is_none_or(|kind| kind == field.kind));
            fields.any(|field| shown(org, record, field).contains(text.as_str()))
        }
    }
}

fn shown(org: &Org, record: &Record, field: &Field) -> String {
    match render::value(org, record, field, Lookups::IdOnly) {
        Value::Null => String::new(),
        Value::String(text) => text.to_lowercase(),
        Value::Object(object) => object
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned(),
        other => other.to_string(),
    }
}
