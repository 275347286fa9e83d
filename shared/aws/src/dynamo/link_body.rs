//! The link as it is stored: what the key says is left out, and where both sides agree a value is kept once.

use std::collections::BTreeMap;

use counterpart_delivery::{LastOutcome, Link, Stage};
use counterpart_domain::reconcile::{BaseField, Known, Shadow};
use counterpart_domain::{AsOf, CrmId, Digest, Record, RepKey, SageKey, TargetName, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

#[derive(Debug, Deserialize)]
pub(super) struct LinkBody {
    #[serde(rename = "g")]
    stage: Stage,
    #[serde(rename = "id", default)]
    crm_id: Option<CrmId>,
    #[serde(rename = "a")]
    as_of: AsOf,
    #[serde(rename = "h")]
    source_hash: Digest,
    #[serde(rename = "m")]
    mapping_version: Digest,
    #[serde(rename = "v")]
    rep_version: Digest,
    #[serde(rename = "s", default)]
    shadow: BTreeMap<String, ShadowField>,
    #[serde(rename = "r", default)]
    record: Option<Record>,
    #[serde(rename = "rep", default)]
    rep: Option<RepKey>,
    #[serde(rename = "p", default)]
    parked: Option<AsOf>,
    #[serde(rename = "d", default)]
    dirty: bool,
    #[serde(rename = "k", default)]
    key_unwritten: bool,
    #[serde(rename = "o", default)]
    sage_owned: bool,
    #[serde(rename = "z", default)]
    resting: bool,
    #[serde(rename = "kr", default)]
    key_restored: Option<Timestamp>,
    #[serde(rename = "l", default)]
    last: Option<LastOutcome>,
    #[serde(rename = "t")]
    updated_at: Timestamp,
}

/// The same, for writing: nothing of the link is copied.
#[derive(Debug, Serialize)]
pub(super) struct LinkBodyRef<'a> {
    #[serde(rename = "g")]
    stage: Stage,
    #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
    crm_id: Option<&'a CrmId>,
    #[serde(rename = "a")]
    as_of: AsOf,
    #[serde(rename = "h")]
    source_hash: &'a Digest,
    #[serde(rename = "m")]
    mapping_version: &'a Digest,
    #[serde(rename = "v")]
    rep_version: &'a Digest,
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    shadow: Option<ShadowRef<'a>>,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    record: Option<&'a Record>,
    #[serde(rename = "rep", skip_serializing_if = "Option::is_none")]
    rep: Option<&'a RepKey>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    parked: Option<AsOf>,
    #[serde(rename = "d", skip_serializing_if = "is_false")]
    dirty: bool,
    #[serde(rename = "k", skip_serializing_if = "is_false")]
    key_unwritten: bool,
    #[serde(rename = "o", skip_serializing_if = "is_false")]
    sage_owned: bool,
    #[serde(rename = "z", skip_serializing_if = "is_false")]
    resting: bool,
    #[serde(rename = "kr", skip_serializing_if = "Option::is_none")]
    key_restored: Option<Timestamp>,
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    last: Option<&'a LastOutcome>,
    #[serde(rename = "t")]
    updated_at: Timestamp,
}

impl<'a> From<&'a Link> for LinkBodyRef<'a> {
    fn from(link: &'a Link) -> Self {
        Self {
            stage: link.stage,
            crm_id: link.crm_id.as_ref(),
            as_of: link.as_of,
            source_hash: &link.source_hash,
            mapping_version: &link.mapping_version,
            rep_version: &link.rep_version,
            shadow: Some(ShadowRef(&link.shadow)).filter(|_| !link.shadow.is_empty()),
            record: link.record.as_ref(),
            rep: link.rep.as_ref(),
            parked: link.parked,
            dirty: link.dirty,
            key_unwritten: link.key_unwritten,
            sage_owned: link.sage_owned,
            resting: link.resting,
            key_restored: link.key_restored,
            last: link.last.as_ref(),
            updated_at: link.updated_at,
        }
    }
}

/// A shadow, each field in its shortest form.
#[derive(Debug)]
struct ShadowRef<'a>(&'a Shadow);

impl Serialize for ShadowRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|(name, base)| (name, ShadowFieldRef::from(base))),
        )
    }
}

/// A field of the shadow, for writing.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ShadowFieldRef<'a> {
    Agreed(&'a Value),
    Base(&'a BaseField),
}

impl<'a> From<&'a BaseField> for ShadowFieldRef<'a> {
    fn from(base: &'a BaseField) -> Self {
        match base {
            BaseField {
                sage: Known::Read(read),
                crm: Known::Written(written),
                reverted: None,
            } if read == written => Self::Agreed(read),
            base => Self::Base(base),
        }
    }
}

/// A field of the shadow. [`Value`] is an object with one of its own names, or `"blank"`; a [`BaseField`] has `s` and `c`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ShadowField {
    /// Both sides' value, read from Sage and written to the CRM: nearly every field.
    Agreed(Value),
    /// Anything else.
    Base(BaseField),
}

impl From<ShadowField> for BaseField {
    fn from(field: ShadowField) -> Self {
        match field {
            ShadowField::Base(base) => base,
            ShadowField::Agreed(value) => Self {
                sage: Known::Read(value.clone()),
                crm: Known::Written(value),
                reverted: None,
            },
        }
    }
}

impl LinkBody {
    /// The link again, under its key.
    pub(super) fn into_link(self, target: &TargetName, key: &SageKey, rev: u64) -> Link {
        let shadow = self.shadow.into_iter();
        Link {
            target: target.clone(),
            key: key.clone(),
            stage: self.stage,
            crm_id: self.crm_id,
            as_of: self.as_of,
            source_hash: self.source_hash,
            mapping_version: self.mapping_version,
            rep_version: self.rep_version,
            shadow: shadow.map(|(name, field)| (name, field.into())).collect(),
            record: self.record,
            rep: self.rep,
            parked: self.parked,
            dirty: self.dirty,
            key_unwritten: self.key_unwritten,
            sage_owned: self.sage_owned,
            resting: self.resting,
            key_restored: self.key_restored,
            last: self.last,
            rev,
            updated_at: self.updated_at,
        }
    }
}

// The signature is serde's.
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_base_comes_back_and_agreement_is_stored_once() {
        let values = [
            Value::Blank,
            Value::text("ABF"),
            Value::Number("120000.00".parse().unwrap()),
            Value::Flag(false),
            Value::Date(jiff::civil::date(2026, 11, 22)),
            Value::Reference("4150868000000225013".to_owned()),
        ];
        for value in values {
            for other in [value.clone(), Value::text("else")] {
                for crm in [Known::Read(other.clone()), Known::Written(other)] {
                    for reverted in [None, Some(Value::text("mine"))] {
                        let before = BaseField {
                            sage: Known::Read(value.clone()),
                            crm: crm.clone(),
                            reverted,
                        };
                        let stored = ShadowFieldRef::from(&before);
                        let text = serde_json::to_string(&stored).unwrap();
                        let field: ShadowField = serde_json::from_str(&text).unwrap();
                        assert_eq!(BaseField::from(field), before, "{text}");
                    }
                }
            }
        }
        let agreed = BaseField {
            sage: Known::Read(Value::text("ABF")),
            crm: Known::Written(Value::text("ABF")),
            reverted: None,
        };
        let agreed = ShadowFieldRef::from(&agreed);
        assert_eq!(serde_json::to_string(&agreed).unwrap(), r#"{"text":"ABF"}"#);
    }
}
