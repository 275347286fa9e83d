//! Channels, marks, resyncs, bindings: small items under conditions.

use counterpart_delivery::ports::{Bindings, Channel, Channels, Marks, Resync};
use counterpart_domain::{AsOf, Company, Fault, TargetName};

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, ms, n, s, unreadable};
use super::query::Query;
use super::waiting::not_newer;
use crate::clock::write_id;

const BINDING: &str = "binding";

fn channels_of(target: &TargetName) -> String {
    format!("channel#{target}")
}

fn resyncs_of(target: &TargetName) -> String {
    format!("resync#{target}")
}

impl Channels for DynamoStore {
    async fn channels(&self, target: &TargetName) -> Result<Vec<Channel>, Fault> {
        let table = &self.tables.cursors;
        let (items, _) = self.query(Query::of(table, channels_of(target))).await?;
        let read = |item: &Item| {
            let mut channel: Channel = read_body(table, item)?;
            let rev = item.number("rev");
            channel.rev = rev.ok_or_else(|| unreadable(table, item, "no rev"))?;
            Ok(channel)
        };
        items.iter().map(read).collect()
    }

    async fn put_channel(&self, channel: &Channel) -> Result<bool, Fault> {
        let mine = write_id();
        let mut item = key(&channels_of(&channel.target), &channel.module);
        item.insert("rev".to_owned(), n(channel.rev + 1));
        item.insert("write_id".to_owned(), s(&mine));
        item.insert(BODY.to_owned(), body(channel)?);
        let unchanged = if channel.rev == 0 {
            Expression::new("attribute_not_exists(pk)", Item::new())
        } else {
            Expression::new("rev = :rev", attributes([(":rev", n(channel.rev))]))
        };
        let put = self.put(&self.tables.cursors, item, Some(unchanged));
        Ok(match put.await? {
            Wrote::Done(_) => true,
            Wrote::Refused(found) => {
                found.is_some_and(|found| found.text("write_id") == Some(&mine))
            }
        })
    }
}

impl Marks for DynamoStore {
    async fn raise_mark(&self, name: &str, as_of: AsOf) -> Result<bool, Fault> {
        let mut item = key(&format!("mark#{name}"), "mark");
        item.insert("epoch".to_owned(), n(as_of.epoch));
        item.insert("seq".to_owned(), n(as_of.sequence));
        let raise = self.put(&self.tables.cursors, item, Some(not_newer(as_of)));
        Ok(matches!(raise.await?, Wrote::Done(_)))
    }

    async fn note_resync(&self, resync: &Resync) -> Result<(), Fault> {
        let at = key(&resyncs_of(&resync.target), &resync.module);
        let values = attributes([
            (":reason", s(&resync.reason)),
            (":since", ms(resync.since)),
            (":none", n(0)),
            (":one", n(1)),
        ]);
        // One call, whether it is there or not. Noted twice by a repeated call: it is counted twice, which only keeps it.
        let note = Expression::new(
            "SET why = :reason, since = if_not_exists(since, :since), times = if_not_exists(times, :none) + :one",
            values,
        );
        let table = &self.tables.cursors;
        let noted = self.update(table, at.clone(), note, None).await?;
        let Wrote::Done(item) = noted else {
            return Ok(());
        };
        if item
            .instant("since")
            .is_some_and(|since| since > resync.since)
        {
            let since = attributes([(":since", ms(resync.since))]);
            let earlier = Expression::new("SET since = :since", since);
            // Refused: it was taken away, or an earlier one was noted meanwhile.
            self.update(table, at, earlier, Some("since > :since"))
                .await?;
        }
        Ok(())
    }

    async fn resyncs(&self, target: &TargetName) -> Result<Vec<Resync>, Fault> {
        let table = &self.tables.cursors;
        let (items, _) = self.query(Query::of(table, resyncs_of(target))).await?;
        let read = |item: &Item| {
            let missing = |name: &str| unreadable(table, item, format!("no {name}"));
            Ok(Resync {
                target: target.clone(),
                module: item.text("sk").ok_or_else(|| missing("sk"))?.to_owned(),
                reason: item.text("why").unwrap_or_default().to_owned(),
                since: item.instant("since").ok_or_else(|| missing("since"))?,
                times: item.number("times").ok_or_else(|| missing("times"))?,
            })
        };
        items.iter().map(read).collect()
    }

    async fn clear_resync(&self, resync: &Resync) -> Result<(), Fault> {
        let at = key(&resyncs_of(&resync.target), &resync.module);
        let same = Expression::new("times = :times", attributes([(":times", n(resync.times))]));
        self.delete(&self.tables.cursors, at, Some(same)).await
    }
}

impl Bindings for DynamoStore {
    async fn binding(&self, company: &Company) -> Result<Option<String>, Fault> {
        let at = key(BINDING, company.as_str());
        let item = self.get(&self.tables.settings, at).await?;
        Ok(item.and_then(|item| item.text(BODY).map(str::to_owned)))
    }

    async fn put_binding(&self, company: &Company, binding: &str) -> Result<(), Fault> {
        let mut item = key(BINDING, company.as_str());
        item.insert(BODY.to_owned(), s(binding));
        self.put(&self.tables.settings, item, None).await?;
        Ok(())
    }
}
