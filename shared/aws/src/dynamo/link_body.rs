//! The link as it is stored: what the key says is left out, and where both sides agree a value is kept once.

use std::collections::BTreeMap;

use counterpart_delivery::{LastOutcome, Link, Stage};
use counterpart_domain::reconcile::{BaseField, Known};
use counterpart_domain::{AsOf, CrmId, Digest, Record, RepKey, SageKey, TargetName, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LinkBody {
    #[serde(rename = "g")]
    stage: Stage,
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    crm_id: Option<CrmId>,
    #[serde(rename = "a")]
    as_of: AsOf,
    #[serde(rename = "h")]
    source_hash: Digest,
    #[serde(rename = "m")]
    mapping_version: Digest,
    #[serde(rename = "v")]
    rep_version: Digest,
    #[serde(rename = "s", default, skip_serializing_if = "BTreeMap::is_empty")]
    shadow: BTreeMap<String, ShadowField>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    record: Option<Record>,
    #[serde(rename = "rep", default, skip_serializing_if = "Option::is_none")]
    rep: Option<RepKey>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    parked: Option<AsOf>,
    #[serde(rename = "d", default, skip_serializing_if = "is_false")]
    dirty: bool,
    #[serde(rename = "k", default, skip_serializing_if = "is_false")]
    key_unwritten: bool,
    #[serde(rename = "o", default, skip_serializing_if = "is_false")]
    sage_owned: bool,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    last: Option<LastOutcome>,
    #[serde(rename = "t")]
    updated_at: Timestamp,
}

/// A field of the shadow. [`Value`] is an object with one of its own names, or `"blank"`; a [`BaseField`] has `s` and `c`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum ShadowField {
    /// Both sides' value, read from Sage and written to the CRM: nearly every field.
    Agreed(Value),
    /// Anything else.
    Base(BaseField),
}

impl From<BaseField> for ShadowField {
    fn from(base: BaseField) -> Self {
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

impl From<Link> for LinkBody {
    fn from(link: Link) -> Self {
        let shadow = link.shadow.into_iter();
        Self {
            stage: link.stage,
            crm_id: link.crm_id,
            as_of: link.as_of,
            source_hash: link.source_hash,
            mapping_version: link.mapping_version,
            rep_version: link.rep_version,
            shadow: shadow.map(|(name, base)| (name, base.into())).collect(),
            record: link.record,
            rep: link.rep,
            parked: link.parked,
            dirty: link.dirty,
            key_unwritten: link.key_unwritten,
            sage_owned: link.sage_owned,
            last: link.last,
            updated_at: link.updated_at,
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
                        let stored = ShadowField::from(before.clone());
                        let text = serde_json::to_string(&stored).unwrap();
                        let field: ShadowField = serde_json::from_str(&text).unwrap();
                        assert_eq!(BaseField::from(field), before, "{text}");
                    }
                }
            }
        }
        let agreed = ShadowField::from(BaseField {
            sage: Known::Read(Value::text("ABF")),
            crm: Known::Written(Value::text("ABF")),
            reverted: None,
        });
        assert_eq!(serde_json::to_string(&agreed).unwrap(), r#"{"text":"ABF"}"#);
    }
}
