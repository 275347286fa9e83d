//! The `Sage` port.

use counterpart_delivery::ports::{ChangedRecord, Clock, Page, RecordsAnswer, Sage, Window};
use counterpart_domain::{Class, Company, Entity, Fault, SageKey};

use crate::client::entity_path;
use crate::http::{contract_fault, encode, parse};
use crate::wire::{WireOne, WirePage, WireRecords};
use crate::{AgentClient, LARGEST_PAGE, decode};

/// The longest query string that is sent, in bytes: IIS, a likely front of an agent, refuses more than 2,048.
const LONGEST_QUERY: usize = 2000;
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
        decode::check_next(
            window.after.as_deref(),
            wire.next.as_deref(),
            wire.records.is_empty(),
        )?;
        let decoded = decode::records(company, entity, &wire.records, window.from)?;
        decode::check_order(&decoded.records)?;
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
        let decoded = decode::records(company, entity, &wire.records, server_time.wall)?;
        if let Some(fault) = decoded.unreadable.into_iter().next() {
            return Err(contract_fault(fault));
        }
        let mut missing = Vec::new();
        for text in &wire.missing {
            missing.push(decode::read_key(company, entity, text)?.map_err(contract_fault)?);
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
        let decoded = decode::records(&key.company, key.entity, &[wire.record], floor)?;
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

fn parameter(key: &SageKey) -> String {
    format!("key={}", encode(&key.local))
}

fn query_of(keys: &[&SageKey]) -> String {
    let parameters: Vec<String> = keys.iter().map(|key| parameter(key)).collect();
    parameters.join("&")
}

/// The keys in as few query strings as fit.
fn queries(keys: &[SageKey]) -> Vec<(String, Vec<&SageKey>)> {
    packed(keys.iter().map(|key| (parameter(key), key)))
}

/// The same of any values of one parameter.
pub(crate) fn queries_of<'a>(name: &str, values: Vec<&'a str>) -> Vec<(String, Vec<&'a str>)> {
    let parameters = values
        .into_iter()
        .map(|value| (format!("{name}={}", encode(value)), value));
    packed(parameters)
}

fn packed<T>(parameters: impl Iterator<Item = (String, T)>) -> Vec<(String, Vec<T>)> {
    let mut parts: Vec<(String, Vec<T>)> = Vec::new();
    for (parameter, value) in parameters {
        match parts.last_mut() {
            Some((query, values)) if query.len() + 1 + parameter.len() <= LONGEST_QUERY => {
                query.push('&');
                query.push_str(&parameter);
                values.push(value);
            }
            _ => parts.push((parameter, vec![value])),
        }
    }
    parts
}

fn bug(why: &str) -> Fault {
    Fault::new(
        Class::Bug,
        "E_SAGE_BAD_REQUEST",
        "The agent was not asked: the question makes no sense.",
    )
    .with_detail(why)
}
