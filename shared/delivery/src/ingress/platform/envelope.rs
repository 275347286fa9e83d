//! The envelope: EventBridge's, with or without a level `payload` in it; the target that its source names, and the values of
//! its fields.
//!
//! Page: "Event Relay", Salesforce Developers; "Amazon AppFlow: Salesforce events", whose detail is the payload itself.

use std::collections::BTreeMap;

use counterpart_config::{SyncConfig, TargetConfig, salesforce_id};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
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

/// An instant, written as ISO 8601 or as milliseconds since 1970.
pub(super) fn instant(raw: &RawValue) -> Option<Timestamp> {
    let text = digits(raw)?;
    if let Ok(milliseconds) = text.parse() {
        return Timestamp::from_millisecond(milliseconds).ok();
    }
    let iso = || text.parse().ok();
    // `2025-04-24T13:18:26.000+0000`: an offset without a colon.
    iso().or_else(|| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", &text).ok())
}

/// A calendar day: a date, or the midnight of one in UTC, in milliseconds since 1970.
pub(super) fn day(raw: &RawValue) -> Option<Date> {
    let text = digits(raw)?;
    match text.parse::<i64>() {
        Ok(milliseconds) => {
            let instant = Timestamp::from_millisecond(milliseconds).ok()?;
            Some(instant.to_zoned(TimeZone::UTC).date())
        }
        Err(_) => text.get(..10)?.parse().ok(),
    }
}

/// The target whose list of organisations has the event's. AppFlow's events name no organisation: they are taken where the
/// configuration has one org only whose events come by a bus.
///
/// # Errors
/// `E_EVENT_SOURCE` (class configuration).
pub(super) fn target_of<'a>(
    config: &'a SyncConfig,
    source: &str,
) -> Result<(&'a TargetName, &'a TargetConfig), Fault> {
    let refused =
        |message: &'static str| Err(Fault::new(Class::Configuration, "E_EVENT_SOURCE", message));
    let mut targets = config
        .targets
        .iter()
        .filter(|(_, target)| target.crm.profile().ways_in.bus);
    let mut parts = source.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        // The rule of the bus says which partners' sources are taken.
        (Some(_), Some("salesforce.com"), Some(org)) => {
            let org = salesforce_id(org);
            let listed = |target: &TargetConfig| {
                let mut organizations = target.events.organizations.iter();
                organizations.any(|listed| org.is_some() && salesforce_id(listed) == org)
            };
            match targets.find(|(_, target)| listed(target)) {
                Some(found) => Ok(found),
                None => refused(
                    "An event came from an organisation that no target lists; add it to `events.organizations`, or end the relay.",
                ),
            }
        }
        (Some(_), Some(appflow), Some("salesforce.com")) if appflow.starts_with("appflow") => {
            match (targets.next(), targets.next()) {
                (Some(only), None) => Ok(only),
                _ => refused(
                    "An event came by AppFlow, which does not say from which organisation; with several targets of that CRM, or none, use Event Relay.",
                ),
            }
        }
        _ => refused(
            "An event came from a source that is not salesforce.com; look at the rule of the event bus.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn both_forms_are_the_same_instant() {
        let at: Timestamp = "2025-04-24T13:18:26Z".parse().unwrap();
        for json in [
            "1745500706000",
            "\"1745500706000\"",
            "\"2025-04-24T13:18:26.000Z\"",
            "\"2025-04-24T13:18:26.000+0000\"",
            "\"2025-04-24T15:18:26+02:00\"",
        ] {
            assert_eq!(instant(&raw(json)), Some(at), "{json}");
        }
        for json in ["null", "\"soon\"", "{}", "1e400"] {
            assert_eq!(instant(&raw(json)), None, "{json}");
        }
        let date = jiff::civil::date(2025, 4, 24);
        assert_eq!(day(&raw("\"2025-04-24\"")), Some(date));
        assert_eq!(day(&raw("1745452800000")), Some(date));
        assert_eq!(day(&raw("\"Müller-Lüdens\"")), None);
    }
}
