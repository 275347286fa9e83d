//! How old a record may be, and what people are told of those that are older than the connection.

use std::borrow::Cow;

use counterpart_config::Since;
use counterpart_domain::{Class, Entity, Fault};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Whether a record is older than the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// It first met its conditions at `since` or later.
    New,
    /// It first met them at this time, before `since`.
    Old(Timestamp),
    /// It has not been changed since this time, before `since`: it met them then.
    Untouched(Timestamp),
    /// It was entered after `since`, and says of itself that it was closed on this day, before.
    ClosedBefore(Date),
    /// It was there before `since`, and the CRM does not tell when it first met them.
    Untold,
}

/// What is held back, and how it is spoken of.
#[derive(Debug)]
pub(super) struct Words {
    /// It is older.
    pub(super) too_old: &'static str,
    /// Nobody knows whether it is.
    pub(super) untold: &'static str,
    /// The configuration does not say since when.
    pub(super) missing: &'static str,
    /// Where it would say so.
    place: &'static str,
    subject: Cow<'static, str>,
    did: &'static str,
    /// What a redrive does.
    does: &'static str,
}

pub(super) const SALE: Words = Words {
    too_old: "E_SALE_TOO_OLD",
    untold: "E_SALE_AGE_UNKNOWN",
    missing: "E_SALE_SINCE_MISSING",
    place: "[targets.X.orders]",
    subject: Cow::Borrowed("The sale"),
    did: "was won",
    does: "sends it",
};

/// Of a record that is to be created.
pub(super) fn of_record(entity: Entity) -> Words {
    Words {
        subject: format!("The {}", entity.spec().in_crm).into(),
        ..RECORD
    }
}

const RECORD: Words = Words {
    too_old: "E_RECORD_TOO_OLD",
    untold: "E_RECORD_AGE_UNKNOWN",
    missing: "E_RECORD_SINCE_MISSING",
    place: "create_in_sage",
    subject: Cow::Borrowed("The record"),
    did: "became one for Sage 100",
    does: "creates it there",
};

impl Words {
    /// Whether a fault was told that a redrive is the answer to.
    pub(super) fn asked(&self, told: Option<&str>) -> bool {
        told.is_some_and(|told| told == self.too_old || told == self.untold)
    }

    /// The refusal of a record of this age. It begins with what a short field of the CRM has to show.
    pub(super) fn refusal(&self, since: Since, age: Age) -> Fault {
        let Self {
            subject, did, does, ..
        } = self;
        let on = format!("Counterpart was switched on ({since})");
        let then = format!("If it is not in Sage 100 yet, have it redriven: that {does}.");
        let (code, message) = match age {
            Age::New => (self.untold, then),
            Age::Old(met) => (
                self.too_old,
                format!(
                    "{subject} {did} on {}, before {on}: it does not go by itself. {then}",
                    day_of(met)
                ),
            ),
            Age::Untouched(at) => (
                self.too_old,
                format!(
                    "{subject} {did} before {on}, and was last changed on {}: it does not go by itself. {then}",
                    day_of(at)
                ),
            ),
            Age::ClosedBefore(day) => (
                self.untold,
                format!(
                    "{subject} was entered lately, but is dated {day}, before {on}: a person has to look. {then}"
                ),
            ),
            Age::Untold => (
                self.untold,
                format!(
                    "{subject} is older than {since}, when Counterpart was switched on, and the CRM does not tell when it {did}: a person has to look. {then}"
                ),
            ),
        };
        Fault::new(Class::Data, code, message)
    }

    /// The refusal of a sale that began with another record.
    pub(super) fn of_root(&self, since: Since, module: &str, met: Timestamp) -> Fault {
        let Self {
            subject, did, does, ..
        } = self;
        Fault::new(
            Class::Data,
            self.too_old,
            format!(
                "{subject} began with a record of {module} that {did} on {}, before Counterpart was switched on ({since}): it does not go by itself. If it is not in Sage 100 yet, have it redriven: that {does}.",
                day_of(met)
            ),
        )
    }

    /// The refusal of everything while nobody has said since when it counts.
    pub(super) fn without_since(&self) -> Fault {
        Fault::new(
            Class::Data,
            self.missing,
            format!(
                "Nothing new goes to Sage 100 before sync.toml says since when it counts. Add `since` to {} and push the configuration, then redrive: what is not older goes.",
                self.place
            ),
        )
    }
}

/// Whether a record was held back because of its age, or because nobody said since when it counts.
pub(super) fn is_held(fault: &Fault) -> bool {
    [SALE, RECORD].iter().any(|words| {
        let codes = [words.too_old, words.untold, words.missing];
        codes.contains(&fault.code.as_ref())
    })
}

/// The day of a time, for people.
fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
