//! What goes from Sage's answer back to the CRM record, as it lies in `crm-writes` beside the packs. It names what is to be
//! shown, not what it is: the writer reads that when it writes, so that order of arrival and redrives do no harm.

use counterpart_domain::{AsOf, CrmId, TargetName};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::PackError;
use crate::intent::IntentId;

/// The version of the wire format.
pub const WRITE_BACK_VERSION: u16 = 1;

/// A write-back. Its body is told from a pack's by the member `write_back`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteBack {
    /// [`WRITE_BACK_VERSION`].
    pub version: u16,
    /// Unique.
    pub id: String,
    /// The target.
    pub target: TargetName,
    /// The version of the configuration that the sender knew.
    #[serde(default)]
    pub config_version: u64,
    /// When it was first sent.
    pub first_sent: Timestamp,
    /// What is to be shown.
    pub write_back: Show,
}

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// The state of intents: number, status, text, total.
    Intents(Vec<IntentId>),
    /// The stock of products.
    Stock {
        /// The order of the observation.
        as_of: AsOf,
        /// By product.
        rows: Vec<StockRow>,
    },
}

/// The stock of one product, all warehouses together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    /// The CRM's product.
    pub product: CrmId,
    /// `ItemCode`.
    pub item: String,
    /// On hand.
    pub on_hand: Decimal,
    /// Available.
    pub available: Decimal,
}

#[derive(Deserialize)]
struct Probe {
    write_back: Option<serde::de::IgnoredAny>,
}

impl WriteBack {
    /// Whether a body of `crm-writes` is a write-back rather than a pack.
    #[must_use]
    pub fn is_one(body: &str) -> bool {
        // A full pack is long, and seldom holds the word at all.
        body.contains("\"write_back\"")
            && serde_json::from_str::<Probe>(body).is_ok_and(|probe| probe.write_back.is_some())
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it is none, or of another version.
    pub fn decode(body: &str) -> Result<Self, PackError> {
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }
        let malformed = |error: serde_json::Error| PackError::Malformed(error.to_string());
        let Head { version } = serde_json::from_str(body).map_err(malformed)?;
        if version != u64::from(WRITE_BACK_VERSION) {
            return Err(PackError::Version(version));
        }
        serde_json::from_str(body).map_err(malformed)
    }

    /// One for the state of intents.
    #[must_use]
    pub fn of_intents(
        target: &TargetName,
        intents: Vec<IntentId>,
        config_version: u64,
        id: String,
        now: Timestamp,
    ) -> Self {
        Self {
            version: WRITE_BACK_VERSION,
            id,
            target: target.clone(),
            config_version,
            first_sent: now,
            write_back: Show::Intents(intents),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::IntentKind;

    #[test]
    fn a_write_back_is_told_from_a_pack_and_keeps_its_shape() {
        let id = IntentId {
            kind: IntentKind::Order,
            root: CrmId("006".to_owned()),
        };
        let target = TargetName::new("zoho").unwrap();
        let one = WriteBack::of_intents(&target, vec![id], 3, "x".into(), Timestamp::UNIX_EPOCH);
        let body = serde_json::to_string(&one).unwrap();
        assert_eq!(
            body,
            r#"{"version":1,"id":"x","target":"zoho","config_version":3,"first_sent":"1970-01-01T00:00:00Z","write_back":{"intents":[{"kind":"order","root":"006"}]}}"#
        );
        assert!(WriteBack::is_one(&body));
        assert_eq!(WriteBack::decode(&body), Ok(one));
        assert!(!WriteBack::is_one(r#"{"version":1,"entries":[]}"#));
        assert!(!WriteBack::is_one("write_back"));
        let newer = body.replace("\"version\":1", "\"version\":2");
        assert_eq!(WriteBack::decode(&newer), Err(PackError::Version(2)));
    }
}
