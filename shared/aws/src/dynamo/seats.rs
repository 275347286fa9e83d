//! The company semaphore, and nonces.

use counterpart_delivery::ports::{Nonce, Nonces, Slot, WriteSlots};
use counterpart_domain::{Company, Fault};
use jiff::Timestamp;

use super::DynamoStore;
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, ms, n, s};
use super::query::Query;

fn row(company: &Company) -> String {
    format!("seat#{company}")
}

fn nonce_key(nonce: &str) -> Item {
    key(&format!("nonce#{nonce}"), "nonce")
}

/// Seats have numbers of three digits.
fn seat_name(seat: u32) -> String {
    format!("{seat:03}")
}

impl DynamoStore {
    async fn try_seat(
        &self,
        company: &Company,
        seat: u32,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Fault> {
        let values = attributes([
            (":holder", s(holder)),
            (":now", ms(now)),
            (":until", ms(until)),
        ]);
        let take = Expression::new("SET holder = :holder, seat_until = :until", values);
        let free = "attribute_not_exists(holder) OR holder = :holder OR seat_until <= :now";
        let at = key(&row(company), &seat_name(seat));
        let took = self.update(&self.tables.cursors, at, take, Some(free));
        Ok(matches!(took.await?, Wrote::Done(_)))
    }
}

impl WriteSlots for DynamoStore {
    async fn acquire_slot(
        &self,
        company: &Company,
        seats: u32,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Slot, Fault> {
        let table = &self.tables.cursors;
        let (taken, _) = self.query(Query::of(table, row(company))).await?;
        let held = |seat: u32| {
            let name = seat_name(seat);
            let item = taken.iter().find(|item| item.text("sk") == Some(&name))?;
            Some((item.text("holder")?, item.instant("seat_until")?))
        };
        let all = 0..seats.max(1);
        let mine = all
            .clone()
            .find(|seat| held(*seat).is_some_and(|(of, _)| of == holder));
        if let Some(seat) = mine {
            let (_, its_end) = held(seat).unwrap_or((holder, until));
            if self
                .try_seat(company, seat, holder, now, until.max(its_end))
                .await?
            {
                return Ok(Slot::Acquired);
            }
        }
        for seat in all.clone() {
            let free = held(seat).is_none_or(|(_, its_end)| its_end <= now);
            if free && self.try_seat(company, seat, holder, now, until).await? {
                return Ok(Slot::Acquired);
            }
        }
        // What was free a moment ago is somebody's now: when that ends is not known, and soon enough to ask again.
        let soonest = all.filter_map(|seat| held(seat).map(|(_, its_end)| its_end));
        let soonest = soonest.filter(|its_end| *its_end > now).min();
        Ok(Slot::Busy(soonest.unwrap_or(until)))
    }

    async fn release_slot(&self, company: &Company, holder: &str) -> Result<(), Fault> {
        let table = &self.tables.cursors;
        let (taken, _) = self.query(Query::of(table, row(company))).await?;
        for item in taken {
            if item.text("holder") != Some(holder) {
                continue;
            }
            let Some(name) = item.text("sk") else {
                continue;
            };
            let ours = Expression::new("holder = :holder", attributes([(":holder", s(holder))]));
            self.delete(table, key(&row(company), name), Some(ours))
                .await?;
        }
        Ok(())
    }
}

impl Nonces for DynamoStore {
    async fn begin_nonce(
        &self,
        nonce: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Nonce, Fault> {
        // The ledger forgets by itself, but late: what has expired counts as absent.
        let mut item = nonce_key(nonce);
        item.insert("done".to_owned(), n(0));
        item.insert("expires_at".to_owned(), n(expires_at.as_second()));
        let absent = Expression::new(
            "attribute_not_exists(pk) OR expires_at <= :now",
            attributes([(":now", n(now.as_second()))]),
        );
        let begun = self.put(&self.tables.ledger, item, Some(absent));
        Ok(match begun.await? {
            Wrote::Done(_) => Nonce::New,
            Wrote::Refused(found) => match found.and_then(|found| found.number::<u8>("done")) {
                Some(1) => Nonce::Done,
                _ => Nonce::Begun,
            },
        })
    }

    async fn is_begun(&self, nonce: &str, now: Timestamp) -> Result<bool, Fault> {
        let item = self.get(&self.tables.ledger, nonce_key(nonce)).await?;
        Ok(item.is_some_and(|item| {
            let kept = item.number::<i64>("expires_at");
            item.number::<u8>("done") == Some(0) && kept.is_some_and(|end| end > now.as_second())
        }))
    }

    async fn finish_nonce(&self, nonce: &str, expires_at: Timestamp) -> Result<(), Fault> {
        let mut item = nonce_key(nonce);
        item.insert("done".to_owned(), n(1));
        item.insert("expires_at".to_owned(), n(expires_at.as_second()));
        self.put(&self.tables.ledger, item, None).await?;
        Ok(())
    }
}
