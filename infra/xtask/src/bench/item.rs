//! How large DynamoDB says an item is, from its documentation: the bytes of names and values, three more for a list or a
//! map and one more for each of its elements.

use serde_json::{Map, Value};

/// An item as it goes over the wire: `{"pk": {"S": "…"}}`.
pub type Item = Map<String, Value>;

/// Its size in bytes.
pub fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + of_value(value))
        .sum()
}

fn of_value(value: &Value) -> usize {
    let Some((kind, inner)) = value.as_object().and_then(|typed| typed.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), inner) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(digits)) => number(digits),
        ("B", Value::String(base64)) => bytes(base64),
        ("SS" | "NS" | "BS", Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_str)
            .map(|text| match kind.as_str() {
                "NS" => number(text),
                "BS" => bytes(text),
                _ => text.len(),
            })
            .sum(),
        ("L", Value::Array(all)) => 3 + all.iter().map(|one| 1 + of_value(one)).sum::<usize>(),
        ("M", Value::Object(all)) => 3 + all.len() + size(all),
        // BOOL and NULL.
        _ => 1,
    }
}

/// A byte for two significant digits, and one more; another one for the sign.
fn number(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_matches('0').len();
    significant.div_ceil(2) + 1 + usize::from(text.starts_with('-'))
}

fn bytes(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(item: Value) -> usize {
        size(item.as_object().unwrap())
    }

    #[test]
    fn names_and_values_count_by_their_bytes() {
        assert_eq!(of(json!({"pk": {"S": "ab"}})), 4);
        assert_eq!(of(json!({"é": {"S": "ü"}})), 4);
        assert_eq!(of(json!({"n": {"N": "1200"}})), 1 + 2);
        assert_eq!(of(json!({"n": {"N": "-123"}})), 1 + 4);
        assert_eq!(of(json!({"b": {"BOOL": true}, "x": {"NULL": true}})), 4);
        assert_eq!(of(json!({"b": {"B": "YWJj"}})), 1 + 3);
    }

    #[test]
    fn lists_and_maps_cost_a_little_more_than_what_they_hold() {
        assert_eq!(
            of(json!({"l": {"L": [{"S": "ab"}, {"S": "c"}]}})),
            1 + 3 + 2 + 3
        );
        assert_eq!(of(json!({"m": {"M": {"k": {"S": "ab"}}}})), 1 + 3 + 1 + 3);
        assert_eq!(of(json!({"s": {"SS": ["ab", "c"]}})), 1 + 3);
    }
}
