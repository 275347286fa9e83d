//! The check and normalisation of one field value. Salesforce trims text and takes an empty text for
//! no value. A field's scale is what screens show: what comes by the API is kept with all its decimals (Salesforce Help,
//! "Round Off Decimal Values of Currency Fields in the Salesforce UI and API", 000385689).

use jiff::{Timestamp, civil};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::{
    errors::Fail,
    ids::Id,
    org::{Org, shown_time},
    sales::CURRENCIES,
    schema::{Field, Kind, MASTER_RECORD_TYPE},
};
use crate::shared::{as_kept, is_email};

/// A value as it is stored, or why it is refused. `body` is the request's text when it is about
/// one row: then a wrong type breaks its parser.
pub fn checked(org: &Org, field: &Field, value: &Value, body: Option<&str>) -> Result<Value, Fail> {
    if value.is_null() {
        return Ok(if field.kind == Kind::Boolean {
            json!(false)
        } else {
            Value::Null
        });
    }
    let wrong = || wrong_type(field, value, body);
    match field.kind {
        Kind::Boolean => match value {
            Value::Bool(_) => Ok(value.clone()),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(json!(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(json!(false)),
            _ => Err(wrong()),
        },
        Kind::Number(precision, scale)
        | Kind::Currency(precision, scale)
        | Kind::Percent(precision, scale) => {
            number(field, value, precision, scale).unwrap_or_else(|| Err(wrong()))
        }
        Kind::Int(digits) => whole(field, value, digits).unwrap_or_else(|| Err(wrong())),
        Kind::Date => parsed(value, date).unwrap_or_else(|| Err(wrong())),
        Kind::DateTime => parsed(value, instant).unwrap_or_else(|| Err(wrong())),
        Kind::Id | Kind::Reference(_) => reference(org, field, value.as_str().ok_or_else(wrong)?),
        Kind::Address(_) => Err(wrong()),
        _ => text(org, field, value.as_str().ok_or_else(wrong)?),
    }
}

/// What the parser of a body, or of a row among many, says to a value of another type.
fn wrong_type(field: &Field, value: &Value, body: Option<&str>) -> Fail {
    let Some(body) = body else {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        return Fail::field(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            field.name,
            format!("{}: value not of required type: {shown}", field.label),
        );
    };
    let wanted = match field.kind {
        Kind::Boolean => "boolean",
        Kind::Number(..) => "double",
        Kind::Int(_) => "int",
        Kind::Currency(..) => "currency",
        Kind::Percent(..) => "percent",
        Kind::Date => "date",
        Kind::DateTime => "datetime",
        Kind::Id | Kind::Reference(_) => "reference",
        _ => "string",
    };
    let found = match value {
        Value::Null => "VALUE_NULL value null".to_owned(),
        Value::Bool(true) => "VALUE_TRUE value true".to_owned(),
        Value::Bool(false) => "VALUE_FALSE value false".to_owned(),
        Value::Number(number) if number.is_f64() => format!("VALUE_NUMBER_FLOAT value {number}"),
        Value::Number(number) => format!("VALUE_NUMBER_INT value {number}"),
        Value::String(text) => format!("VALUE_STRING value {text}"),
        Value::Array(_) => "START_ARRAY value [".to_owned(),
        Value::Object(_) => "START_OBJECT value {".to_owned(),
    };
    let at = body.find(&format!("\"{}\"", field.name)).unwrap_or(0);
    let colon = body.get(at..).and_then(|rest| rest.find(':')).unwrap_or(0);
    Fail::new(
        400,
        "JSON_PARSER_ERROR",
        format!(
            "Cannot deserialize instance of {wanted} from {found} or request may be missing a required field at [line:1, column:{}]",
            at + colon + 2
        ),
    )
}

fn text(org: &Org, field: &Field, text: &str) -> Result<Value, Fail> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if field.length > 0 && text.chars().count() > field.length as usize {
        return Err(Fail::field(
            "STRING_TOO_LONG",
            field.name,
            format!(
                "{}: data value too large: {text} (max length={})",
                field.label, field.length
            ),
        ));
    }
    match field.kind {
        Kind::Email if !is_email(text) => Err(Fail::field(
            "INVALID_EMAIL_ADDRESS",
            field.name,
            format!("{}: invalid email address: {text}", field.label),
        )),
        Kind::Picklist(values) => {
            // The values of a picklist are found in whatever case, and stored as they are defined.
            let known = values.iter().find(|known| known.eq_ignore_ascii_case(text));
            match known {
                Some(known) => Ok(json!(known)),
                None if field.restricted || org.settings.restricted_picklists => Err(Fail::field(
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    field.name,
                    format!(
                        "{}: bad value for restricted picklist field: {text}",
                        field.label
                    ),
                )),
                None => Ok(json!(text)),
            }
        }
        Kind::CurrencyCode => {
            let known = CURRENCIES
                .iter()
                .find(|code| code.eq_ignore_ascii_case(text));
            known.map(|code| json!(code)).ok_or_else(|| {
                Fail::field(
                    "INVALID_CURRENCY_ISO",
                    field.name,
                    format!("{}: invalid currency ISO code: {text}", field.label),
                )
            })
        }
        // "Salesforce Email Address Format Technical Standards Validation": stored in lower case.
        Kind::Email => Ok(json!(text.to_lowercase())),
        Kind::Html => Ok(json!(as_kept(text))),
        _ => Ok(json!(text)),
    }
}

/// A JSON number, or a text that is one; `None` for anything else.
fn number(field: &Field, value: &Value, precision: u32, scale: u32) -> Option<Result<Value, Fail>> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.trim().is_empty() => return Some(Ok(Value::Null)),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let range = || {
        Err(Fail::field(
            "NUMBER_OUTSIDE_VALID_RANGE",
            field.name,
            format!(
                "{}: value outside of valid range on numeric field: {text}",
                field.label
            ),
        ))
    };
    let Ok(number) = text.parse().or_else(|_| Decimal::from_scientific(&text)) else {
        // More digits than a decimal holds are a number still.
        return text.parse::<f64>().is_ok_and(f64::is_finite).then(range);
    };
    let rounded = number
        .round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero)
        .normalize();
    let kept = if scale == 0 {
        rounded
    } else {
        number.normalize()
    };
    let digits = rounded
        .trunc()
        .abs()
        .to_string()
        .trim_start_matches('0')
        .len();
    if digits > (precision - scale) as usize {
        return Some(range());
    }
    // Salesforce keeps and shows doubles: 5000 is 5000.0.
    kept.to_string()
        .parse::<f64>()
        .ok()
        .map(|number| Ok(json!(number)))
}

/// A JSON number without a fraction, or a text that is one; `None` for anything else, also for a fraction.
fn whole(field: &Field, value: &Value, digits: u32) -> Option<Result<Value, Fail>> {
    let found = match number(field, value, digits, 0)? {
        Ok(found) if found.is_null() => return Some(Ok(found)),
        Ok(found) => found.as_f64()?,
        Err(fail) => return Some(Err(fail)),
    };
    let sent = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // So few digits that both are exact.
    (sent.fract() == 0.0).then(|| Ok(json!(found as i64)))
}

fn parsed(value: &Value, read: fn(&str) -> Option<String>) -> Option<Result<Value, Fail>> {
    match value.as_str()?.trim() {
        "" => Some(Ok(Value::Null)),
        text => read(text).map(|text| Ok(json!(text))),
    }
}

fn date(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let rest = text.get(10..)?;
    let plain = rest.is_empty() || rest.starts_with('T');
    (plain && day.parse::<civil::Date>().is_ok()).then(|| day.to_owned())
}

/// An instant with its offset; the colon in the offset may be missing.
pub fn instant(text: &str) -> Option<String> {
    let at = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)
        .or_else(|_| text.parse::<Timestamp>())
        .ok()?;
    Some(shown_time(at.as_second()))
}

fn reference(org: &Org, field: &Field, text: &str) -> Result<Value, Fail> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let wrong = |code| {
        let message = format!(
            "{}: id value of incorrect type: {text}",
            field.label.trim_end_matches(" ID").to_owned() + " ID"
        );
        Fail::field(code, field.name, message)
    };
    let id = Id::parse(text).ok_or_else(|| wrong("MALFORMED_ID"))?;
    if id.as_str() == MASTER_RECORD_TYPE {
        return Ok(Value::Null);
    }
    let prefix = match field.kind {
        Kind::Reference(target) => org
            .catalog
            .object(target)
            .map_or("", |object| object.prefix),
        _ => "",
    };
    if !prefix.is_empty() && id.prefix() != prefix {
        return Err(wrong("FIELD_INTEGRITY_EXCEPTION"));
    }
    Ok(json!(id.as_str()))
}
