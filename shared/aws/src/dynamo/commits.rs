//! What a pack leaves: links, reverse items, parked items and outcomes, in as few transactions as it takes.

use counterpart_delivery::ports::{Commit, Commits, ParkedItem};
use counterpart_delivery::{OutcomeItem, PutLink};
use counterpart_domain::{Class, Fault};

use super::DynamoStore;
use super::group::{Fate, Group};
use super::item::key;
use super::step::Step;
use crate::clock::write_id;

impl Commits for DynamoStore {
    async fn commit(
        &self,
        records: &[Commit],
        along: &[OutcomeItem],
    ) -> Result<Vec<PutLink>, Fault> {
        // One for each: a record that is named twice has to meet the first as another's.
        let marks: Vec<String> = records.iter().map(|_| write_id()).collect();
        let mut groups = Vec::with_capacity(records.len() + along.len());
        let mut answers = Vec::with_capacity(records.len());
        for (record, mark) in records.iter().zip(&marks) {
            let group = self.group(record, mark);
            match group.and_then(|group| group.fits().map(|()| group)) {
                Ok(group) => {
                    groups.push(group);
                    answers.push(None);
                }
                // It takes no other along.
                Err(fault) if fault.class == Class::Data => {
                    answers.push(Some(PutLink::TooLarge(Box::new(fault))));
                }
                Err(fault) => return Err(fault),
            }
        }
        groups.extend(along.iter().map(Group::told));
        let mut fates = self.write_groups(groups).await?.into_iter();
        let of = records.iter().zip(&marks).zip(answers);
        of.map(|((record, mark), answer)| match answer {
            Some(answer) => Ok(answer),
            None => {
                let fate = fates.next().unwrap_or(Fate::Done);
                self.answer(&record.write, mark, fate)
            }
        })
        .collect()
    }
}

impl DynamoStore {
    /// A record's link, reverse item and parked item.
    fn group<'a>(&self, record: &'a Commit, mark: &str) -> Result<Group<'a>, Fault> {
        let mut group = self.link_group(&record.write, mark)?;
        let link = &record.write.link;
        let parked = match &record.parked {
            ParkedItem::Stays => None,
            ParkedItem::Put(item) => Some(self.park_step(item)?),
            ParkedItem::Goes => {
                let at = key(link.target.as_str(), &link.key.storage());
                Some(Step::delete(&self.tables.parked, at, None))
            }
        };
        if let Some(step) = parked {
            group.steps.insert(group.optional, step);
            group.optional += 1;
        }
        group.outcome = record.outcome.as_ref();
        Ok(group)
    }
}
