//! Errors: a list of objects for a whole call (`errorCode`), a list within a row's result (`statusCode`), or the object
//! of the OAuth specification. Page: "Status Codes and Error Responses".

use counterpart_domain::bounded;
use counterpart_http::{line, text};
use serde_json::Value as Json;

/// One error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// Salesforce's code, bounded.
    pub code: String,
    /// Salesforce's sentence, bounded and on one line; may be empty.
    pub message: String,
    /// The fields that are meant.
    pub fields: Vec<String>,
    /// What a duplicate rule tells of itself.
    pub duplicate: Option<DuplicateRule>,
}

/// A duplicate rule that struck.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DuplicateRule {
    /// Its name.
    pub name: Option<String>,
    /// The records that it found.
    pub records: Vec<String>,
}

impl ApiError {
    /// From an error object; none where there is no code.
    pub(crate) fn of(json: &Json) -> Option<Self> {
        let code = ["statusCode", "errorCode", "error"]
            .iter()
            .find_map(|name| text(json, name))?;
        let message = text(json, "message")
            .or_else(|| text(json, "error_description"))
            .unwrap_or("");
        Some(Self {
            code: bounded(code.to_owned(), 80),
            message: line(message, 300),
            fields: json
                .get("fields")
                .and_then(Json::as_array)
                .map(|fields| {
                    let names = fields.iter().filter_map(Json::as_str).take(10);
                    names.map(|name| bounded(name.to_owned(), 100)).collect()
                })
                .unwrap_or_default(),
            // REST really spells it without the `l`; SOAP does not.
            duplicate: ["duplicateResult", "duplicateResut"]
                .iter()
                .find_map(|name| json.get(name))
                .map(rule),
        })
    }

    /// The errors of a whole call: a list, or a bare object.
    pub(crate) fn all_of(json: &Json) -> Vec<Self> {
        match json {
            Json::Array(list) => list.iter().take(10).filter_map(Self::of).collect(),
            other => Self::of(other).into_iter().collect(),
        }
    }

    /// Salesforce's sentence, or its code where it has none; it ends as sentences do.
    pub(crate) fn said(&self) -> String {
        let said = if self.message.is_empty() {
            &self.code
        } else {
            &self.message
        };
        let end = if said.ends_with(['.', '!', '?', '…']) {
            ""
        } else {
            "."
        };
        format!("{said}{end}")
    }

    /// Whether code or message hold a text, in any case.
    pub(crate) fn mentions(&self, what: &str) -> bool {
        let what = what.to_ascii_lowercase();
        self.code.to_ascii_lowercase().contains(&what)
            || self.message.to_ascii_lowercase().contains(&what)
    }

    /// For engineers: the error as it came, bounded.
    pub(crate) fn detail(&self) -> String {
        let fields = if self.fields.is_empty() {
            String::new()
        } else {
            format!(" [{}]", self.fields.join(", "))
        };
        format!("{}: {}{fields}", self.code, self.message)
    }
}

fn rule(json: &Json) -> DuplicateRule {
    let results = json.get("matchResults").and_then(Json::as_array);
    let records = results.into_iter().flatten().filter_map(|result| {
        let records = result.get("matchRecords")?.as_array()?;
        Some(
            records
                .iter()
                .filter_map(|record| text(record.get("record")?, "Id")),
        )
    });
    DuplicateRule {
        name: text(json, "duplicateRule").map(|name| bounded(name.to_owned(), 100)),
        records: records
            .flatten()
            .take(5)
            .map(|id| bounded(id.to_owned(), 18))
            .collect(),
    }
}
