//! Setting a record aside: the parked item, the mark on the link, and the outcome, in words a person can act on.

use counterpart_config::EntityConfig;
use counterpart_domain::{AsOf, Digest, Fault, Record, SageKey, TargetName, bounded, digest_of};
use jiff::Timestamp;

use crate::ports::{Commit, Keyless, Parked, ParkedItem, Route};
use crate::{Entry, Link, LinkWrite, Outcome, OutcomeItem, Stage};

/// The longest payload that is kept, in characters: more than any message of the queue has, so that a parked body can be
/// sent again as it was.
const LONGEST_PAYLOAD: usize = 256 * 1024;

/// How much is kept of a record that is too large to be stored whole, in characters: for a person to see what it is.
const HEAD: usize = 16 * 1024;

/// The parked item of a record.
pub(crate) fn parked(
    target: &TargetName,
    key: &SageKey,
    fault: &Fault,
    payload: String,
    run: Option<String>,
    now: Timestamp,
) -> Parked {
    let payload = bounded(payload, LONGEST_PAYLOAD);
    let (route, fault) = (Route::CrmWrites, fault.clone());
    Parked {
        key: Some(key.clone()),
        run,
        ..Parked::new(target.as_str(), key.storage(), route, fault, payload, now)
    }
}

/// The parked item of something that could not be read as far as its key. The same thing twice is one item.
pub(crate) fn unreadable(
    target: &TargetName,
    what: &str,
    raw: &str,
    fault: &Fault,
    now: Timestamp,
) -> Parked {
    unread(target.as_str(), Route::CrmWrites, what, raw, fault, now)
}

/// The same, from any queue.
pub(crate) fn unread(
    target: &str,
    route: Route,
    what: &str,
    raw: &str,
    fault: &Fault,
    now: Timestamp,
) -> Parked {
    let id = format!("{what}#{}", digest_of([raw]));
    let payload = bounded(raw.to_owned(), LONGEST_PAYLOAD);
    Parked::new(target, id, route, fault.clone(), payload, now)
}

/// The parked item of a page's entry whose key cannot be read.
pub(crate) fn keyless(target: &TargetName, of: &Keyless, run: &str, now: Timestamp) -> Parked {
    Parked {
        run: Some(run.to_owned()),
        payload: bounded(of.raw.clone(), LONGEST_PAYLOAD),
        // By what is wrong with the key: each edit of the same record is the same item.
        ..unreadable(target, "key", &of.fault.detail, &of.fault, now)
    }
}

/// The outcome of a parked record.
pub(crate) fn outcome(
    target: &TargetName,
    key: &SageKey,
    entry: &Entry,
    fault: &Fault,
    mapping_version: &Digest,
    now: Timestamp,
) -> OutcomeItem {
    OutcomeItem {
        code: Some(fault.code.clone().into_owned()),
        attempts: entry.attempts + 1,
        ..OutcomeItem::new(
            entry.run.clone(),
            target.clone(),
            key.clone(),
            Outcome::Parked,
            mapping_version.clone(),
            now,
        )
    }
}

/// Whether a link keeps its stage when something is set aside: it names a record of the CRM, which must not be forgotten, or
/// waits for what a person says.
pub(crate) fn stays_as_it_is(link: &Link) -> bool {
    link.crm_id.is_some() || matches!(link.stage, Stage::Conflict | Stage::Released)
}

/// The link of a record that is not written: left out by the filters, or parked before it ever was; `record` none: it
/// cannot be read. `link` is the stored one, where there is one.
#[expect(clippy::too_many_arguments, reason = "a link has this many parts")]
pub(crate) fn unwritten(
    target: &TargetName,
    key: &SageKey,
    stage: Stage,
    as_of: AsOf,
    record: Option<&Record>,
    entity: &EntityConfig,
    link: Option<Link>,
    now: Timestamp,
) -> LinkWrite {
    let rep = entity
        .owner
        .as_ref()
        .and_then(|owner| record?.rep(&key.company, &owner.column));
    let (target, key, version) = (target.clone(), key.clone(), entity.version.clone());
    let mut fresh = Link::new(target, key, stage, as_of, version, now);
    if let Some(record) = record {
        fresh.source_hash = record.content_hash();
    }
    fresh.rep = rep;
    fresh.parked = (stage == Stage::Unwritten).then_some(as_of);
    fresh.rev = link.map_or(0, |link| link.rev);
    LinkWrite::in_place(fresh)
}

/// What sets a record aside: the mark on its link, so that nothing older is applied meanwhile, and the parked item, both or
/// neither. `link` is the stored one. None: it knows something newer already.
///
/// # Errors
/// Class bug, when the entry cannot be written as JSON.
pub(crate) fn aside(
    target: &TargetName,
    entity: &EntityConfig,
    key: &SageKey,
    entry: &Entry,
    link: Option<Link>,
    fault: &Fault,
    now: Timestamp,
) -> Result<Option<Commit>, Fault> {
    let newest = |link: &Link| link.parked.unwrap_or_default().max(link.as_of);
    if link.as_ref().is_some_and(|link| newest(link) > entry.as_of) {
        return Ok(None);
    }
    let mut commit = bare(target, entity, key, entry, link, fault, now);
    if commit.write.link.crm_id.is_none() && commit.write.link.stage == Stage::Unwritten {
        commit.write.link.source_hash = entry.record.content_hash();
    }
    if let ParkedItem::Put(item) = &mut commit.parked {
        item.payload = bounded(crate::send::json(entry)?, LONGEST_PAYLOAD);
    }
    Ok(Some(commit))
}

/// The same with the beginning of the record's content alone, where it is too large to be sent or stored: only Sage has
/// the whole of it.
pub(crate) fn bare(
    target: &TargetName,
    entity: &EntityConfig,
    key: &SageKey,
    entry: &Entry,
    link: Option<Link>,
    fault: &Fault,
    now: Timestamp,
) -> Commit {
    let owner = entity.owner.as_ref();
    let rep = owner.and_then(|owner| entry.record.rep(&key.company, &owner.column));
    let mut write = match link {
        Some(link) if stays_as_it_is(&link) => LinkWrite::in_place(Link {
            parked: Some(entry.as_of.max(link.parked.unwrap_or_default())),
            updated_at: now,
            ..link
        }),
        link => unwritten(
            target,
            key,
            Stage::Unwritten,
            entry.as_of,
            None,
            entity,
            link,
            now,
        ),
    };
    write.link.rep = rep;
    let run = Some(entry.run.clone());
    let head = bounded(crate::send::json(entry).unwrap_or_default(), HEAD);
    let item = parked(target, key, fault, head, run, now);
    Commit {
        write,
        parked: ParkedItem::Put(Box::new(item)),
        outcome: None,
    }
}
