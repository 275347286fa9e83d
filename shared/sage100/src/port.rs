//! The `Sage` port. Records are read one by one: a bad one is reported, its neighbours go on. Faults of the whole page are
//! another matter: a page in the wrong order, or of another company, would move the cursor or mix up customers, so it is
//! refused.

use std::collections::BTreeSet;

use counterpart_delivery::ports::{
    ChangedRecord, Clock, Keyless, Page, RecordsAnswer, Sage, TextRules, Window,
};
use counterpart_domain::{Class, Company, Entity, Fault, Record, SageKey, Stamp, bounded};
use serde_json::value::RawValue;

use crate::client::entity_path;
use crate::http::{contract_fault, encode, parse, place};
use crate::query::{queries, query_of};
use crate::wire::{WireKey, WireOne, WirePage, WireRecord, WireRecords};
use crate::{AgentClient, LARGEST_PAGE};

/// The most keys of one call.
const MOST_KEYS: usize = 100;

impl<C: Clock> Sage for AgentClient<C> {
    async fn changes(
        &self,
        company: &Company,
        entity: Entity,
        window: &Window,
    ) -> Result<Page, Fault> {
        let limit = window.limit.clamp(1, LARGEST_PAGE);
        let body = self
            .get(&changes_path(company, entity, window, limit), true)
            .await?;
        let wire: WirePage<'_> = parse(&body)?;
        if wire.records.len() > limit as usize {
            return Err(contract_fault(format!(
                "{} records, at most {limit} were asked for",
                wire.records.len()
            )));
        }
        check_next(
            window.after.as_deref(),
            wire.next.as_deref(),
            wire.records.is_empty(),
        )?;
        let decoded = records(company, entity, &wire.records, window.from)?;
        check_order(&decoded.records)?;
        Ok(Page {
            as_of: wire.as_of,
            server_time: wire.server_time.read()?,
            records: decoded.records,
            unreadable: decoded.unreadable,
            next: wire.next,
        })
    }

    /// Several calls where the keys do not fit into one address. The answer then carries the oldest as-of and clock of
    /// them: an observation may be called older than it is (it is then read again), never newer.
    async fn records(&self, keys: &[SageKey]) -> Result<RecordsAnswer, Fault> {
        let Some(first) = keys.first() else {
            return Err(bug("no key was asked for"));
        };
        let (company, entity) = (&first.company, first.entity);
        if keys.len() > MOST_KEYS {
            return Err(bug("more than 100 keys were asked for"));
        }
        if keys
            .iter()
            .any(|key| key.company != *company || key.entity != entity)
        {
            return Err(bug("keys of several companies or entities were asked for"));
        }
        let mut answer: Option<RecordsAnswer> = None;
        let mut left = queries(keys);
        left.reverse();
        while let Some((query, keys)) = left.pop() {
            let path = format!("{}/records?{query}", entity_path(company, entity));
            let part = match self.records_part(&path, &keys).await {
                // One answer has no pages: the contract wants fewer keys then.
                Err(fault) if fault.code == "E_SAGE_TOO_LARGE" && keys.len() > 1 => {
                    let (first, second) = keys.split_at(keys.len() / 2);
                    left.push((query_of(second), second.to_vec()));
                    left.push((query_of(first), first.to_vec()));
                    continue;
                }
                part => part?,
            };
            answer = Some(match answer {
                None => part,
                Some(mut whole) => {
                    if part.as_of < whole.as_of {
                        whole.as_of = part.as_of;
                        whole.server_time = part.server_time;
                    }
                    whole.records.extend(part.records);
                    whole.missing.extend(part.missing);
                    whole
                }
            });
        }
        answer.ok_or_else(|| bug("no key was asked for"))
    }

    async fn text_rules(&self, company: &Company) -> Result<TextRules, Fault> {
        let known = self.known_capabilities().await?;
        let here = known.company(company)?;
        Ok(TextRules {
            code_page: known.code_page.clone(),
            lengths: here.lengths(),
        })
    }
}

impl<C: Clock> AgentClient<C> {
    async fn records_part(&self, path: &str, keys: &[&SageKey]) -> Result<RecordsAnswer, Fault> {
        let body = self.get(path, true).await?;
        let wire: WireRecords<'_> = parse(&body)?;
        let server_time = wire.server_time.read()?;
        let [first, ..] = keys else {
            return Err(bug("no key was asked for"));
        };
        let (company, entity) = (&first.company, first.entity);
        let decoded = records(company, entity, &wire.records, server_time.wall)?;
        if let Some(keyless) = decoded.unreadable.into_iter().next() {
            return Err(contract_fault(keyless.fault));
        }
        let mut missing = Vec::new();
        for text in &wire.missing {
            missing.push(read_key(company, entity, text)?.map_err(contract_fault)?);
        }
        let answered = || {
            decoded
                .records
                .iter()
                .map(|record| &record.key)
                .chain(&missing)
        };
        if let Some(stranger) = answered().find(|key| !keys.contains(key)) {
            return Err(contract_fault(format!("{stranger} was not asked for")));
        }
        if let Some(silent) = keys
            .iter()
            .find(|key| !answered().any(|answered| answered == **key))
        {
            return Err(contract_fault(format!(
                "{silent} is neither there nor missing"
            )));
        }
        Ok(RecordsAnswer {
            as_of: wire.as_of,
            server_time,
            records: decoded.records,
            missing,
        })
    }

    /// One record; `None` when Sage 100 has none of this key.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    pub async fn record(&self, key: &SageKey) -> Result<Option<ChangedRecord>, Fault> {
        let path = format!(
            "{}/records/{}",
            entity_path(&key.company, key.entity),
            encode(&key.local)
        );
        let body = match self.get(&path, true).await {
            Ok(body) => body,
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let wire: WireOne<'_> = parse(&body)?;
        let floor = wire.server_time.read()?.wall;
        tracing::trace!(
            as_of.epoch = wire.as_of.epoch,
            as_of.sequence = wire.as_of.sequence
        );
        let decoded = records(&key.company, key.entity, &[wire.record], floor)?;
        match decoded.records.into_iter().next() {
            Some(record) if record.key == *key => Ok(Some(record)),
            _ => Err(contract_fault(format!(
                "{key} was asked for, another record came"
            ))),
        }
    }
}

fn changes_path(company: &Company, entity: Entity, window: &Window, limit: u32) -> String {
    let mut path = format!(
        "{}/changes?from_date={}&from_time={}&limit={limit}",
        entity_path(company, entity),
        window.from.date_text(),
        window.from.time_text(),
    );
    if let Some(to) = window.to {
        path.push_str(&format!(
            "&to_date={}&to_time={}",
            to.date_text(),
            to.time_text()
        ));
    }
    if let Some(after) = &window.after {
        path.push_str(&format!("&after={}", encode(after)));
    }
    path
}

fn bug(why: &str) -> Fault {
    Fault::new(
        Class::Bug,
        "E_SAGE_BAD_REQUEST",
        "The agent was not asked: the question makes no sense.",
    )
    .with_detail(why)
}

/// What could be read of a list of records.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub records: Vec<ChangedRecord>,
    pub unreadable: Vec<Keyless>,
}

/// Reads a list of records.
///
/// `floor` is the stamp for a record whose own cannot be read: it must not move the cursor.
pub(crate) fn records(
    company: &Company,
    entity: Entity,
    raw: &[&RawValue],
    floor: Stamp,
) -> Result<Decoded, Fault> {
    let mut decoded = Decoded::default();
    let mut seen = BTreeSet::new();
    for raw in raw {
        let key = match serde_json::from_str::<WireKey>(raw.get()) {
            Ok(wire) => read_key(company, entity, &wire.key)?,
            Err(error) => Err(unreadable(company, entity, &place(&error))),
        };
        let key = match key {
            Ok(key) => key,
            Err(fault) => {
                let raw = as_it_came(raw);
                decoded.unreadable.push(Keyless { fault, raw });
                continue;
            }
        };
        if !seen.insert(key.local.clone()) {
            // `01-ABF/A` with the contact `P`, `01-ABF` with the contact `A/P`: two records, and one text for both.
            if entity.parent().is_some() {
                let (fault, raw) = (written_alike(&key), as_it_came(raw));
                decoded.unreadable.push(Keyless { fault, raw });
                continue;
            }
            return Err(contract_fault(format!("{key} is there twice")));
        }
        decoded.records.push(record(key, raw, floor));
    }
    Ok(decoded)
}

/// A key; the outer fault is one of the page, the inner one of the record.
pub(crate) fn read_key(
    company: &Company,
    entity: Entity,
    text: &str,
) -> Result<Result<SageKey, Fault>, Fault> {
    if let Some((prefix, _)) = text.split_once(':')
        && Company::new(prefix).is_ok()
    {
        return Err(contract_fault(format!(
            "{} carries a company; keys of {company} were asked for, without it",
            bounded(text.to_owned(), 80)
        )));
    }
    Ok(SageKey::new(company, entity, text).map_err(|error| unreadable(company, entity, &error)))
}

fn record(key: SageKey, raw: &RawValue, floor: Stamp) -> ChangedRecord {
    let wire: WireRecord = match serde_json::from_str(raw.get()) {
        Ok(wire) => wire,
        Err(error) => {
            let record = Err(invalid(&key, &place(&error)));
            return ChangedRecord {
                key,
                stamp: floor,
                record,
                raw: Some(as_it_came(raw)),
            };
        }
    };
    match Stamp::parse(&wire.date_updated, &wire.time_updated) {
        Ok(stamp) => {
            let record = Record::from_columns(&key, &wire.fields);
            ChangedRecord {
                raw: record.is_err().then(|| as_it_came(raw)),
                record,
                key,
                stamp,
            }
        }
        Err(error) => ChangedRecord {
            record: Err(invalid(&key, &error)),
            key,
            stamp: floor,
            raw: Some(as_it_came(raw)),
        },
    }
}

/// The longest text of a record that is kept for a person to read, in characters.
const LONGEST_RAW: usize = 64 * 1024;

fn as_it_came(raw: &RawValue) -> String {
    bounded(raw.get().to_owned(), LONGEST_RAW)
}

/// Refuses a page whose stamps run backwards: the agent compared hours as text, or does not sort at all.
pub(crate) fn check_order(records: &[ChangedRecord]) -> Result<(), Fault> {
    // A record without a readable stamp stands at the floor and says nothing about the order.
    let mut last: Option<&ChangedRecord> = None;
    for record in records.iter().filter(|record| record.record.is_ok()) {
        if let Some(last) = last
            && record.stamp < last.stamp
        {
            return Err(contract_fault(format!(
                "{} of {} comes after {} of {}",
                record.key, record.stamp, last.key, last.stamp
            )));
        }
        last = Some(record);
    }
    Ok(())
}

/// Refuses a position that leads nowhere.
pub(crate) fn check_next(
    after: Option<&str>,
    next: Option<&str>,
    empty: bool,
) -> Result<(), Fault> {
    match next {
        Some(next) if after == Some(next) => Err(contract_fault(
            "the next position is the one just asked for",
        )),
        Some(_) if empty => Err(contract_fault("an empty page names a next position")),
        Some(next) if next.is_empty() || next.len() > 1024 => Err(contract_fault(
            "the next position is empty or longer than 1,024 bytes",
        )),
        _ => Ok(()),
    }
}

fn invalid(key: &SageKey, why: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_RECORD_INVALID",
        format!("Sage 100 sent a {} that cannot be read: {key}.", key.entity),
    )
    .with_detail(why)
}

fn written_alike(key: &SageKey) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_KEY_INVALID",
        format!(
            "Two {} of Sage 100 have keys that are written alike: {key}. Only one of them is kept in step; rename the other one in Sage 100.",
            key.entity.plural()
        ),
    )
}

fn unreadable(company: &Company, entity: Entity, why: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_KEY_INVALID",
        format!("Sage 100 sent a {entity} of {company} whose key cannot be read."),
    )
    .with_detail(why)
}
