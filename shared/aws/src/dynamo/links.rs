//! Links and their reverse items.

use std::collections::{BTreeSet, HashMap};

use counterpart_delivery::ports::Links;
use counterpart_delivery::{Link, LinkWrite, PutLink};
use counterpart_domain::{CrmId, Fault, RepKey, SageKey, TargetName};

use super::DynamoStore;
use super::body::BODY;
use super::call::Expression;
use super::group::{Fate, Group};
use super::item::{Item, Read as _, attributes, key, n, s, unreadable};
use super::link_body::{LinkBody, LinkBodyRef};
use super::packed::{packed, read_packed};
use super::query::Query;
use super::step::Step;
use crate::clock::write_id;

const SK: &str = "link";
const REVERSE_SK: &str = "key";

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

/// Where the index has those that rest, whoever their rep is: no company has a name that begins so.
fn resting_partition(target: &TargetName) -> String {
    format!("{target}#~resting")
}

impl DynamoStore {
    fn read_link(&self, target: &TargetName, key: &SageKey, item: &Item) -> Result<Link, Fault> {
        let table = &self.tables.links;
        let rev = item.number("rev");
        let rev = rev.ok_or_else(|| unreadable(table, item, "no rev"))?;
        let body: LinkBody = read_packed(table, item)?;
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

    /// The steps of one link: itself, its new reverse item, and the old one, which stays where it is another's by now.
    pub(super) fn link_group(
        &self,
        write: &LinkWrite,
        mark: &str,
    ) -> Result<Group<'static>, Fault> {
        let (table, link) = (&self.tables.links, &write.link);
        let storage = link.key.storage();
        let mut item = key(&partition(&link.target, &link.key), SK);
        let indexed = if link.rests() {
            Some(resting_partition(&link.target))
        } else {
            link.rep
                .as_ref()
                .map(|rep| rep_partition(&link.target, rep))
        };
        if let Some(indexed) = indexed {
            item.insert("rep_pk".to_owned(), s(indexed));
            item.insert("rep_sk".to_owned(), s(&storage));
        }
        item.insert("rev".to_owned(), n(link.rev + 1));
        item.insert("write_id".to_owned(), s(mark));
        item.insert(BODY.to_owned(), packed(&LinkBodyRef::from(link))?);
        let unchanged = if link.rev == 0 {
            Expression::new("attribute_not_exists(pk)", Item::new())
        } else {
            Expression::new("rev = :rev", attributes([(":rev", n(link.rev))]))
        };
        let ours = || {
            Expression::new(
                "attribute_not_exists(pk) OR sage_key = :key",
                attributes([(":key", s(&storage))]),
            )
        };
        let mut steps = vec![Step::put(table, item, Some(unchanged))];
        if let Some(id) = link.crm_id.as_ref().filter(|_| write.write_reverse) {
            let mut item = key(&reverse_partition(&link.target, id), REVERSE_SK);
            item.insert("sage_key".to_owned(), s(&storage));
            steps.push(Step::put(table, item, Some(ours())));
        }
        let optional = steps.len();
        let old_id = write.previous_crm_id.as_ref();
        if let Some(id) = old_id.filter(|id| Some(*id) != link.crm_id.as_ref()) {
            let gone = key(&reverse_partition(&link.target, id), REVERSE_SK);
            steps.push(Step::delete(table, gone, Some(ours())));
        }
        Ok(Group {
            steps,
            optional,
            mark: Some(mark.to_owned()),
            outcome: None,
        })
    }

    /// What the fate of a link's group means.
    pub(super) fn answer(
        &self,
        write: &LinkWrite,
        mark: &str,
        fate: Fate,
    ) -> Result<PutLink, Fault> {
        match fate {
            Fate::Done => Ok(PutLink::Stored(write.link.rev + 1)),
            Fate::Refused(0, found) => self.lost(&write.link, mark, found),
            Fate::Refused(_, found) => {
                let item = found.unwrap_or_default();
                Ok(PutLink::IdTaken(self.read_key(&item, "sage_key")?))
            }
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
        let distinct: BTreeSet<&String> = partitions.iter().collect();
        let wanted = distinct.into_iter().map(|pk| key(pk, SK)).collect();
        let found = self.batch_get_all(&self.tables.links, wanted).await?;
        let by_partition: HashMap<_, _> = found
            .iter()
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
        let mark = write_id();
        let group = self.link_group(write, &mark)?;
        let fates = self.write_groups(vec![group]).await?;
        let fate = fates.into_iter().next().unwrap_or(Fate::Done);
        self.answer(write, &mark, fate)
    }

    async fn key_of(&self, target: &TargetName, id: &CrmId) -> Result<Option<SageKey>, Fault> {
        let at = key(&reverse_partition(target, id), REVERSE_SK);
        let item = self.get(&self.tables.links, at).await?;
        item.map(|item| self.read_key(&item, "sage_key"))
            .transpose()
    }

    async fn resting(&self, target: &TargetName, limit: usize) -> Result<usize, Fault> {
        let query = Query::of(&self.tables.links, resting_partition(target)).by("by_rep");
        let (items, _) = self.query(query.limit(limit)).await?;
        Ok(items.len())
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
