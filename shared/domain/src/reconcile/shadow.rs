//! What both sides last agreed on, field by field: the base of the three-way comparison.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Value;

/// One side's value in the base, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// Read from that side: any difference from now on is an edit.
    #[serde(rename = "r")]
    Read(Value),
    /// Written there and not read since: that side may have cut, trimmed, rounded or upper-cased it, which is no edit.
    #[serde(rename = "w")]
    Written(Value),
}

impl Known {
    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        match self {
            Self::Read(value) | Self::Written(value) => value,
        }
    }
}

/// The base of one field: both sides' raw values, since each side normalises what it is given in its own way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseField {
    /// Sage's value when both last agreed (or, for an edit that is only reported, when that was seen).
    #[serde(rename = "s")]
    pub sage: Known,
    /// The CRM's value then.
    #[serde(rename = "c")]
    pub crm: Known,
    /// The CRM's value that was last overwritten by a revert. Seen again right after, it is the CRM's own form of what
    /// was written, and no further revert is tried: this ends any echo with a normaliser that nobody declared.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub reverted: Option<Value>,
}

/// By the target's field name.
pub type Shadow = BTreeMap<String, BaseField>;

/// Whether `now` is what a side may have made of `written`: equal but for white space and case, cut at `length`
/// characters, or rounded to fewer decimals.
#[must_use]
pub(super) fn is_form_of(written: &Value, now: &Value, length: Option<u32>) -> bool {
    if written == now {
        return true;
    }
    match (written, now) {
        (Value::Number(written), Value::Number(now)) => {
            written.round_dp_with_strategy(
                now.scale(),
                rust_decimal::RoundingStrategy::MidpointAwayFromZero,
            ) == *now
                || written.round_dp(now.scale()) == *now
                || written.trunc_with_scale(now.scale()) == *now
        }
        (Value::Text(written), Value::Text(now)) => {
            let now = folded(now);
            folded(written) == now
                || length.is_some_and(|length| {
                    let cut: String = written.chars().take(length as usize).collect();
                    let cut_trimmed: String =
                        written.trim().chars().take(length as usize).collect();
                    folded(&cut) == now || folded(&cut_trimmed) == now
                })
        }
        (Value::Text(text), Value::Blank) | (Value::Blank, Value::Text(text)) => {
            text.trim().is_empty()
        }
        _ => false,
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_uppercase()
}
