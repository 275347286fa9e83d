//! The envelope: EventBridge's, with or without a level `payload` in it.
//!
//! Page: "Event Relay", Salesforce Developers; "Amazon AppFlow: Salesforce events", whose detail is the payload itself.

use std::collections::BTreeMap;

use counterpart_domain::{Class, Fault};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Members as they stand: numbers keep all of their digits.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The member that tells Change Data Capture from platform events.
const HEADER: &str = "ChangeEventHeader";

/// An event.
pub(super) struct Envelope<'a> {
    /// EventBridge's id; another one when the relay sends the event again.
    pub(super) id: String,
    /// `aws.partner/salesforce.com/ORG/CHANNEL`.
    pub(super) source: String,
    /// `AccountChangeEvent`, `Order_Ready__e`.
    pub(super) detail_type: String,
    /// The event's own fields.
    pub(super) payload: Members<'a>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default)]
    id: Option<String>,
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    #[serde(borrow)]
    detail: Members<'a>,
}

/// `ChangeEventHeader`. Page: "Change Event Header Fields", Change Data Capture Developer Guide.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header<'a> {
    pub(super) entity_name: String,
    pub(super) change_type: String,
    #[serde(default)]
    pub(super) record_ids: Option<Vec<String>>,
    #[serde(default)]
    pub(super) changed_fields: Option<Vec<String>>,
    #[serde(default)]
    pub(super) commit_user: Option<String>,
    #[serde(default, borrow)]
    pub(super) commit_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) commit_number: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) transaction_key: Option<String>,
    #[serde(default, borrow)]
    pub(super) sequence_number: Option<&'a RawValue>,
}

/// What cannot be read. A parser's own words may repeat content: its position is enough.
pub(super) fn unreadable(what: &str, error: Option<&serde_json::Error>) -> Fault {
    let fault = Fault::new(
        Class::Data,
        "E_EVENT_MALFORMED",
        format!("An event of the bus cannot be read: {what}."),
    );
    match error {
        Some(error) => fault.with_detail(format_args!(
            "line {}, column {}",
            error.line(),
            error.column()
        )),
        None => fault,
    }
}

impl<'a> Envelope<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// `E_EVENT_MALFORMED` (class data).
    pub(super) fn read(body: &'a str) -> Result<Self, Fault> {
        let wire: Wire<'a> = serde_json::from_str(body)
            .map_err(|error| unreadable("it is no event of EventBridge", Some(&error)))?;
        let inner = wire
            .detail
            .get("payload")
            .and_then(|payload| serde_json::from_str::<Members<'a>>(payload.get()).ok());
        Ok(Self {
            id: wire.id.unwrap_or_default(),
            source: wire.source,
            detail_type: wire.detail_type,
            payload: inner.unwrap_or(wire.detail),
        })
    }

    /// The header of Change Data Capture; none: a platform event.
    ///
    /// # Errors
    /// `E_EVENT_MALFORMED` (class data).
    pub(super) fn header(&self) -> Result<Option<Header<'a>>, Fault> {
        let Some(raw) = self.payload.get(HEADER) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|error| unreadable("its ChangeEventHeader is none", Some(&error)))
    }

    /// The fields beside the header.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        let fields = self.payload.iter().filter(|(name, _)| *name != HEADER);
        fields.map(|(name, raw)| (name.as_str(), *raw))
    }

    /// A text member.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.payload.get(name).and_then(|raw| text(raw))
    }
}

/// A member that is a text.
pub(super) fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A text or a number, with all of its digits.
pub(super) fn digits(raw: &RawValue) -> Option<String> {
    let number = || {
        let text = raw.get().trim();
        text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            .then(|| text.to_owned())
    };
    text(raw).or_else(number)
}
