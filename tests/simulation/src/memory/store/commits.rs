use counterpart_delivery::ports::{Commit, Commits, ParkedItem};
use counterpart_delivery::{Link, OutcomeItem, PutLink};
use counterpart_domain::{Class, Fault};

use super::{MemoryStore, State};

/// All of it at once. What tears it apart, as a database's limits do, is [`Faulty`](crate::world::Faulty).
impl Commits for MemoryStore {
    async fn commit(
        &self,
        records: &[Commit],
        along: &[OutcomeItem],
    ) -> Result<Vec<PutLink>, Fault> {
        let state = &mut *self.0.borrow_mut();
        let mut answers = Vec::with_capacity(records.len());
        let mut outcomes = along.to_vec();
        for record in records {
            let answer = match state.too_large(&record.write.link) {
                Some(fault) => PutLink::TooLarge(Box::new(fault)),
                None => state.put_link(&record.write),
            };
            if matches!(answer, PutLink::Stored(_)) {
                match &record.parked {
                    ParkedItem::Stays => {}
                    ParkedItem::Put(item) => state.park(item),
                    ParkedItem::Goes => {
                        let link = &record.write.link;
                        let at = (link.target.as_str().to_owned(), link.key.storage());
                        state.parked.remove(&at);
                    }
                }
                outcomes.extend(record.outcome.clone());
            }
            answers.push(answer);
        }
        state.put_outcomes(&outcomes);
        Ok(answers)
    }
}

impl State {
    fn too_large(&self, link: &Link) -> Option<Fault> {
        let length = serde_json::to_string(link).map_or(0, |text| text.len());
        let most = self.largest.filter(|most| length > *most)?;
        Some(
            Fault::new(
                Class::Data,
                "E_STORE_ITEM_TOO_LARGE",
                "A record is too large for a table.",
            )
            .with_detail(format_args!("{length} bytes, at most {most}")),
        )
    }
}
