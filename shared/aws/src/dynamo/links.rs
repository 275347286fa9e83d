//! Links and their reverse items.

use std::collections::{BTreeSet, HashMap};

use counterpart_delivery::ports::Links;
use counterpart_delivery::{Link, LinkWrite, PutLink};
use counterpart_domain::{CrmId, Fault, RepKey, SageKey, TargetName};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, n, s, unreadable};
use super::link_body::LinkBody;
use super::query::{BATCH_GET, Query};
use super::transaction::{Step, Together};
use crate::clock::write_id;

const SK: &str = "link";
const REVERSE_SK: &str = "key";
/// BatchGetItem calls under way at once.
const CONCURRENT: usize = 4;

/// The partition of a record in a target; those who wait for it are in there too.
pub(super) fn partition(target: &TargetName, key: &SageKey) -> String {
    format!("{target}#{}", key.storage())
}

fn reverse_partition(target: &TargetName, id: &CrmId) -> String {
    format!("{target}#crm#{id}")
}

fn rep_partition(target: &TargetName, rep: &RepKey) -> String {
    format!("{target}#{rep}")
}

impl DynamoStore {
    fn read_link(&self, target: &TargetName, key: &SageKey, item: &Item) -> Result<Link, Fault> {
        let table = &self.tables.links;
        let rev = item.number("rev");
        let rev = rev.ok_or_else(|| unreadable(table, item, "no rev"))?;
        let body: LinkBody = read_body(table, item)?;
        Ok(body.into_link(target, key, rev))
    }

    fn read_key(&self, item: &Item, name: &str) -> Result<SageKey, Fault> {
        SageKey::from_storage(item.text(name).unwrap_or_default())
            .map_err(|error| unreadable(&self.tables.links, item, error))
    }

    /// The answer to a put that was refused: ours after all, because the SDK sent it twice, or somebody else's.
    fn lost(&self, link: &Link, mine: &str, found: Option<Item>) -> Result<PutLink, Fault> {
        match found {
            Some(item) if item.text("write_id") == Some(mine) => Ok(PutLink::Stored(link.rev + 1)),
            Some(item) => {
                let current = self.read_link(&link.target, &link.key, &item)?;
                Ok(PutLink::Lost(Box::new(Some(current))))
            }
            None => Ok(PutLink::Lost(Box::new(None))),
        }
    }

    async fn put_with_reverse(
        &self,
        link: &Link,
        mine: &str,
        put: (Item, Expression),
        new_id: Option<&CrmId>,
        old_id: Option<&CrmId>,
    ) -> Result<PutLink, Fault> {
        let storage = s(link.key.storage());
        let ours = || {
            Expression::new(
                "attribute_not_exists(pk) OR sage_key = :key",
                attributes([(":key", storage.clone())]),
            )
        };
        let mut steps = vec![Step::Put(put.0, Some(put.1))];
        if let Some(id) = new_id {
            let mut item = key(&reverse_partition(&link.target, id), REVERSE_SK);
            item.insert("sage_key".to_owned(), storage.clone());
            steps.push(Step::Put(item, Some(ours())));
        }
        let without_delete = steps.len();
        if let Some(id) = old_id {
            let gone = key(&reverse_partition(&link.target, id), REVERSE_SK);
            steps.push(Step::Delete(gone, Some(ours())));
        }
        loop {
            return match self.transact(&self.tables.links, &steps).await? {
                Together::Done => Ok(PutLink::Stored(link.rev + 1)),
                Together::Refused(0, found) => self.lost(link, mine, found),
                Together::Refused(at, _) if at >= without_delete => {
                    // The old id belongs to another key by now: its reverse item is not ours to take away.
                    steps.truncate(without_delete);
                    continue;
                }
                Together::Refused(_, found) => {
                    let item = found.unwrap_or_default();
                    Ok(PutLink::IdTaken(self.read_key(&item, "sage_key")?))
                }
            };
        }
    }
}

impl Links for DynamoStore {
    async fn links(
        &self,
        target: &TargetName,
        keys: &[SageKey],
    ) -> Result<Vec<Option<Link>>, Fault> {
        // A key may be asked for twice; DynamoDB refuses that within one call.
        let partitions: Vec<_> = keys.iter().map(|key| partition(target, key)).collect();
        let distinct: Vec<_> = partitions
            .iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let calls = distinct.chunks(BATCH_GET).map(|some| {
            let wanted = some.iter().map(|pk| key(pk, SK)).collect();
            self.batch_get(&self.tables.links, wanted)
        });
        let found: Vec<Vec<Item>> = stream::iter(calls)
            .buffer_unordered(CONCURRENT)
            .try_collect()
            .await?;
        let by_partition: HashMap<_, _> = found
            .iter()
            .flatten()
            .filter_map(|item| Some((item.text("pk")?, item)))
            .collect();
        let asked = keys.iter().zip(&partitions);
        asked
            .map(|(key, pk)| {
                let item = by_partition.get(pk.as_str());
                item.map(|item| self.read_link(target, key, item))
                    .transpose()
            })
            .collect()
    }

    async fn put_link(&self, write: &LinkWrite) -> Result<PutLink, Fault> {
        let link = &write.link;
        let mine = write_id();
        let mut item = key(&partition(&link.target, &link.key), SK);
        if let Some(rep) = &link.rep {
            item.insert("rep_pk".to_owned(), s(rep_partition(&link.target, rep)));
            item.insert("rep_sk".to_owned(), s(link.key.storage()));
        }
        item.insert("rev".to_owned(), n(link.rev + 1));
        item.insert("write_id".to_owned(), s(&mine));
        item.insert(BODY.to_owned(), body(&LinkBody::from(link.clone()))?);
        let unchanged = if link.rev == 0 {
            Expression::new("attribute_not_exists(pk)", Item::new())
        } else {
            Expression::new("rev = :rev", attributes([(":rev", n(link.rev))]))
        };
        let new_id = link.crm_id.as_ref().filter(|_| write.write_reverse);
        let old_id = write.previous_crm_id.as_ref();
        let old_id = old_id.filter(|id| Some(*id) != link.crm_id.as_ref());
        if new_id.is_some() || old_id.is_some() {
            let put = (item, unchanged);
            return self
                .put_with_reverse(link, &mine, put, new_id, old_id)
                .await;
        }
        match self.put(&self.tables.links, item, Some(unchanged)).await? {
            Wrote::Done(_) => Ok(PutLink::Stored(link.rev + 1)),
            Wrote::Refused(found) => self.lost(link, &mine, found),
        }
    }

    async fn key_of(&self, target: &TargetName, id: &CrmId) -> Result<Option<SageKey>, Fault> {
        let at = key(&reverse_partition(target, id), REVERSE_SK);
        let item = self.get(&self.tables.links, at).await?;
        item.map(|item| self.read_key(&item, "sage_key"))
            .transpose()
    }

    async fn keys_of_rep(
        &self,
        target: &TargetName,
        rep: &RepKey,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<SageKey>, Option<String>), Fault> {
        let pk = rep_partition(target, rep);
        let start = after.map(|storage| {
            let mut start = key(&format!("{target}#{storage}"), SK);
            start.extend(attributes([("rep_pk", s(&pk)), ("rep_sk", s(storage))]));
            start
        });
        let query = Query::of(&self.tables.links, pk).by("by_rep");
        let (items, more) = self.query(query.start(start).limit(limit)).await?;
        let keys: Vec<_> = items
            .iter()
            .map(|item| self.read_key(item, "rep_sk"))
            .collect::<Result<_, _>>()?;
        let next = keys.last().filter(|_| more).map(SageKey::storage);
        Ok((keys, next))
    }
}
