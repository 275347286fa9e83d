//! The pack: up to a bulk call's worth of records of one entity for one target, in one queue message; how entries are cut into packs.

use std::time::Duration;

use counterpart_domain::{AsOf, Company, Digest, Entity, Fault, Record, SageKey, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ports::{Ids, Outgoing};
use crate::send::json;

/// The version of the wire format; another one is parked, not guessed at.
pub const WIRE_VERSION: u16 = 1;
/// What the envelope of a pack takes, at most, in bytes.
const ENVELOPE: usize = 512;

/// Why a pack was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The poller or a hint saw a change.
    Change,
    /// The CRM may hold something older than what is stored: every mapped field is written.
    Repair,
    /// The rep mapping or the field mapping changed.
    Remap,
    /// The parent that the records waited for is linked.
    Released,
    /// Part of an earlier pack that has to be tried again.
    Retry,
    /// Records that wait for a parent, or for their creation in Sage, look again.
    Waiting,
    /// The CRM's record was edited: the stored record is compared with it once more, under the same observation.
    Edited,
    /// An operator sent it again.
    Redrive,
}

/// One record of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The key within company and entity.
    #[serde(rename = "k")]
    pub local_key: String,
    /// The order of the observation.
    #[serde(rename = "a")]
    pub as_of: AsOf,
    /// Its content hash.
    #[serde(rename = "h")]
    pub hash: Digest,
    /// Its content, canonical: it is mapped when it is written, so that a redrive uses today's mapping.
    #[serde(rename = "r")]
    pub record: Record,
    /// The run whose manifest lists it.
    #[serde(rename = "run")]
    pub run: String,
    /// When it was first sent: deadlines count from here.
    #[serde(rename = "t")]
    pub first_sent: Timestamp,
    /// How often its data were tried and handed back.
    #[serde(rename = "n", default)]
    pub attempts: u32,
    /// The codes that a person answered by sending this observation again. They stay with it, however often it waits.
    #[serde(rename = "y", default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
}

impl Entry {
    /// Sent again by a person after it was set aside under this code.
    pub(crate) fn answering(mut self, code: &str) -> Self {
        if !self.answers(code) {
            self.answers.push(code.to_owned());
        }
        self
    }

    /// Whether a person sent it again after it was set aside under this code.
    pub(crate) fn answers(&self, code: &str) -> bool {
        self.answers.iter().any(|answered| answered == code)
    }

    /// Whether a person, who was told that nothing is linked to it, or that what was is gone, wants it to be created.
    pub(crate) fn is_to_be_created(&self) -> bool {
        self.answers("E_CRM_MAY_EXIST") || self.is_to_be_linked_anew()
    }

    /// Whether a person wants it although its link was taken away, or names a record that is gone.
    pub(crate) fn is_to_be_linked_anew(&self) -> bool {
        ["E_LINK_RELEASED", GONE, "E_CRM_MERGED"]
            .iter()
            .any(|code| self.answers(code))
    }
}

/// The code of a record that is not in the CRM any more.
pub(crate) const GONE: &str = "E_CRM_RECORD_GONE";

/// A pack as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// [`WIRE_VERSION`].
    pub version: u16,
    /// Unique; receives that end without a verdict are counted by it.
    pub id: String,
    /// The target.
    pub target: TargetName,
    /// The company.
    pub company: Company,
    /// The entity.
    pub entity: Entity,
    /// Why it was sent.
    pub reason: Reason,
    /// The version of the configuration that the sender knew: a writer that knows an older one reads it again first.
    #[serde(default)]
    pub config_version: u64,
    /// Its records; no key twice.
    pub entries: Vec<Entry>,
}

/// A pack as it is received: each record is decoded by itself, so that a bad one never takes its neighbours along.
#[derive(Debug)]
pub struct DecodedPack {
    /// The envelope, with the records that could be read.
    pub pack: Pack,
    /// The raw text of those that could not, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// A body that is no pack at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Not JSON, or not of a pack's shape.
    #[error("the body is no pack: {0}")]
    Malformed(String),
    /// Another version of the wire format.
    #[error("the pack has version {0}, this writer reads {WIRE_VERSION}")]
    Version(u64),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: String,
    target: TargetName,
    company: Company,
    entity: Entity,
    reason: Reason,
    #[serde(default)]
    config_version: u64,
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

impl Pack {
    /// What it is about, for people: its first records.
    #[must_use]
    pub(crate) fn named(&self) -> String {
        let first = self.entries.first();
        let first = first.map_or_else(|| self.id.clone(), |entry| self.key(entry).to_string());
        match self.entries.len() {
            0 | 1 => first,
            more => format!("{first} and {} others", more - 1),
        }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When the envelope cannot be read. Unreadable records are no error: they are listed.
    pub fn decode(body: &str) -> Result<DecodedPack, PackError> {
        // Nearly every pack is of this version and sound, and read in one go. Any other is read once more, with care.
        if let Ok(pack) = serde_json::from_str::<Self>(body)
            && pack.version == WIRE_VERSION
            && pack
                .entries
                .iter()
                .all(|entry| entry.record.entity() == pack.entity)
        {
            let unreadable = Vec::new();
            return Ok(DecodedPack { pack, unreadable });
        }
        let malformed = |error: serde_json::Error| PackError::Malformed(error.to_string());
        let VersionOnly { version } = serde_json::from_str(body).map_err(malformed)?;
        if version != u64::from(WIRE_VERSION) {
            return Err(PackError::Version(version));
        }
        let envelope: Envelope<'_> = serde_json::from_str(body).map_err(malformed)?;
        let mut entries = Vec::with_capacity(envelope.entries.len());
        let mut unreadable = Vec::new();
        for raw in envelope.entries {
            match serde_json::from_str::<Entry>(raw.get()) {
                Ok(entry) if entry.record.entity() == envelope.entity => entries.push(entry),
                Ok(_) => unreadable.push((
                    raw.get().to_owned(),
                    "a record of another entity".to_owned(),
                )),
                Err(error) => unreadable.push((raw.get().to_owned(), error.to_string())),
            }
        }
        let Envelope {
            id,
            target,
            company,
            entity,
            reason,
            config_version,
            ..
        } = envelope;
        Ok(DecodedPack {
            pack: Self {
                version: WIRE_VERSION,
                id,
                target,
                company,
                entity,
                reason,
                config_version,
                entries,
            },
            unreadable,
        })
    }

    /// The full key of one of its entries. The entry was checked when it was made; a key that is none is text all the same.
    #[must_use]
    pub fn key(&self, entry: &Entry) -> SageKey {
        SageKey {
            company: self.company.clone(),
            entity: self.entity,
            local: entry.local_key.clone(),
        }
    }
}

/// The head that the packs of one cut share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) target: &'a TargetName,
    pub(crate) company: &'a Company,
    pub(crate) entity: Entity,
    pub(crate) reason: Reason,
    pub(crate) config_version: u64,
}

/// Cuts entries into packs of at most `most` records and at most the queue's longest body. Entries that do not fit
/// into a message by themselves come back apart. They are put in order of their keys, so that the children of one parent
/// share a pack: a CRM that locks the parent while a child is written does not meet itself in the next call.
///
/// # Errors
/// Class bug, when an entry cannot be written as JSON.
pub(crate) fn cut(
    head: Head<'_>,
    mut entries: Vec<Entry>,
    most: usize,
    longest_body: usize,
    delay: Duration,
    ids: &impl Ids,
) -> Result<(Vec<Outgoing>, Vec<Entry>), Fault> {
    entries.sort_by(|one, other| one.local_key.cmp(&other.local_key));
    let room = longest_body.saturating_sub(ENVELOPE);
    let (mut ready, mut too_large) = (Vec::new(), Vec::new());
    let (mut pack, mut bytes) = (Vec::new(), 0);
    for entry in entries {
        let size = json(&entry)?.len() + 1;
        if size > room {
            too_large.push(entry);
            continue;
        }
        if pack.len() == most.max(1) || bytes + size > room {
            ready.push(seal(head, std::mem::take(&mut pack), delay, ids)?);
            bytes = 0;
        }
        bytes += size;
        pack.push(entry);
    }
    if !pack.is_empty() {
        ready.push(seal(head, pack, delay, ids)?);
    }
    Ok((ready, too_large))
}

fn seal(
    head: Head<'_>,
    entries: Vec<Entry>,
    delay: Duration,
    ids: &impl Ids,
) -> Result<Outgoing, Fault> {
    let pack = Pack {
        version: WIRE_VERSION,
        id: ids.new_id(),
        target: head.target.clone(),
        company: head.company.clone(),
        entity: head.entity,
        reason: head.reason,
        config_version: head.config_version,
        entries,
    };
    Ok(Outgoing::delayed(json(&pack)?, delay))
}
