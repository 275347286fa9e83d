//! `{"code":…,"message":…,"details":{…},"status":"error"}`: of a row, or of a whole call (bare, or wrapped in `data`).
//! Page: "Status codes and errors". The shape of `details` differs by code and is partly undocumented, so it is dug
//! through rather than typed.

use counterpart_domain::bounded;
use counterpart_http::{id, text};
use serde_json::Value as Json;

/// One error object.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    /// Zoho's code, bounded.
    pub code: String,
    /// Zoho's sentence, bounded; may be empty.
    pub message: String,
    details: Json,
}

impl ApiError {
    /// From an error object; none where there is no code.
    pub(crate) fn of(json: &Json) -> Option<Self> {
        Some(Self {
            code: bounded(text(json, "code")?.to_owned(), 60),
            message: bounded(text(json, "message").unwrap_or("").to_owned(), 200),
            details: json.get("details").cloned().unwrap_or(Json::Null),
        })
    }

    /// The error of a whole call: a bare object, or the first entry of `data` or `watch`.
    pub(crate) fn of_body(body: &Json) -> Option<Self> {
        let wrapped = |list: &str| Self::of(body.get(list)?.get(0)?);
        Self::of(body)
            .or_else(|| wrapped("data"))
            .or_else(|| wrapped("watch"))
    }

    /// The field of the record that is meant. For `Account_Name.id` that is `Account_Name`: the path, or the parent,
    /// names it where `api_name` says only `id`.
    pub(crate) fn field(&self) -> Option<String> {
        let of_path = text(&self.details, "json_path")
            .and_then(|path| path.split_once("].").map(|(_, rest)| rest))
            .and_then(|rest| rest.split(['.', '[']).next())
            .filter(|name| !name.is_empty());
        of_path
            .or_else(|| text(&self.details, "parent_api_name"))
            .or_else(|| text(&self.details, "api_name"))
            .map(|name| bounded(name.to_owned(), 100))
    }

    /// What Zoho would accept: `text, at most 200 characters`; none where it does not say.
    pub(crate) fn wanted(&self) -> Option<String> {
        let kind =
            text(&self.details, "expected_data_type").map(|kind| bounded(kind.to_owned(), 60));
        let longest = id(self.details.get("maximum_length"))
            .map(|most| format!("at most {} characters", bounded(most, 20)));
        match (kind, longest) {
            (Some(kind), Some(longest)) => Some(format!("{kind}, {longest}")),
            (kind, longest) => kind.or(longest),
        }
    }

    /// The other record, for a duplicate.
    pub(crate) fn other_record(&self) -> Option<String> {
        id(self.details.get("id"))
            .or_else(|| id(self.details.get("duplicate_record")?.get("id")))
            .or_else(|| id(self.details.get("module")?.get("id")))
            .map(|other| bounded(other, 40))
    }

    /// The errors within, for `MULTIPLE_OR_MULTI_ERRORS`.
    pub(crate) fn inner(&self) -> Vec<Self> {
        self.details
            .get("errors")
            .and_then(Json::as_array)
            .map(|errors| errors.iter().take(10).filter_map(Self::of).collect())
            .unwrap_or_default()
    }

    /// Zoho's sentence, or its code where it has none.
    pub(crate) fn said(&self) -> &str {
        if self.message.is_empty() {
            &self.code
        } else {
            &self.message
        }
    }

    /// For engineers: the error as it came, bounded.
    pub(crate) fn detail(&self) -> String {
        let details = match &self.details {
            Json::Null => String::new(),
            Json::Object(map) if map.is_empty() => String::new(),
            other => format!(" {}", bounded(other.to_string(), 400)),
        };
        format!("{}: {}{details}", self.code, self.message)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(details: Json) -> ApiError {
        ApiError::of(&json!({"code": "X", "message": "m", "details": details})).unwrap()
    }

    #[test]
    fn the_field_is_found_wherever_zoho_hides_it() {
        for (details, field) in [
            (json!({"api_name": "Phone"}), Some("Phone")),
            (
                json!({"api_name": "id", "json_path": "$.data[0].Account_Name.id"}),
                Some("Account_Name"),
            ),
            (
                json!({"api_name": "id", "parent_api_name": "Owner"}),
                Some("Owner"),
            ),
            (
                json!({"api_name": "Phone", "json_path": "$.data[0]"}),
                Some("Phone"),
            ),
            (json!({}), None),
            (json!([]), None),
            (Json::Null, None),
        ] {
            assert_eq!(
                error(details.clone()).field().as_deref(),
                field,
                "{details}"
            );
        }
    }

    #[test]
    fn the_other_record_is_found_in_each_of_its_places() {
        for details in [
            json!({"id": "77"}),
            json!({"id": 77}),
            json!({"duplicate_record": {"id": "77", "module": {"api_name": "Accounts"}}}),
            json!({"module": {"api_name": "Accounts", "id": "77"}}),
        ] {
            assert_eq!(
                error(details.clone()).other_record().as_deref(),
                Some("77"),
                "{details}"
            );
        }
    }
}
