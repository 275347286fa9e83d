//! Creations of the last hour: one item for each that may be, taken under a condition, so that no two workers take the same.

use counterpart_delivery::ports::{BELATED, CREATION_COUNTS, Creation, Creations};
use counterpart_domain::{Company, Fault};
use jiff::Timestamp;

use super::DynamoStore;
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, ms, n, s};
use super::query::Query;

fn row(company: &Company) -> String {
    format!("creation#{company}")
}

/// `creation#ABC#1767225600`: the hour by its first second.
fn row_of_hour(company: &Company, hour: Timestamp) -> String {
    format!("creation#{company}#{}", hour.as_second())
}

/// Places have numbers of five digits.
fn place_name(place: u32) -> String {
    format!("{place:05}")
}

/// A place that somebody has: its name, who, and until when.
struct Taken {
    place: String,
    of: String,
    until: Timestamp,
}

fn taken(item: &Item) -> Option<Taken> {
    Some(Taken {
        place: item.text("sk")?.to_owned(),
        of: item.text("creation")?.to_owned(),
        until: item.instant("counts_until")?,
    })
}

impl DynamoStore {
    async fn places(&self, company: &Company) -> Result<Vec<Taken>, Fault> {
        self.places_of(row(company)).await
    }

    async fn places_of(&self, row: String) -> Result<Vec<Taken>, Fault> {
        let table = &self.tables.cursors;
        let (items, _) = self.query(Query::of(table, row)).await?;
        Ok(items.iter().filter_map(taken).collect())
    }
}

impl Creations for DynamoStore {
    async fn count_creation(
        &self,
        company: &Company,
        most: u32,
        name: &str,
        now: Timestamp,
    ) -> Result<Creation, Fault> {
        let places = self.places(company).await?;
        let counted: Vec<&Taken> = places.iter().filter(|one| one.until > now).collect();
        if counted.iter().any(|one| one.of == name) {
            return Ok(Creation::Counted);
        }
        let until = now
            .saturating_add(CREATION_COUNTS)
            .unwrap_or(Timestamp::MAX);
        if counted.len() < most as usize {
            for place in (0..most).map(place_name) {
                if counted.iter().any(|one| one.place == place) {
                    continue;
                }
                let values =
                    attributes([(":name", s(name)), (":now", ms(now)), (":until", ms(until))]);
                let take = Expression::new("SET creation = :name, counts_until = :until", values);
                // Ours: the same request, sent again because its answer was lost.
                let free =
                    "attribute_not_exists(creation) OR creation = :name OR counts_until <= :now";
                let at = key(&row(company), &place);
                let took = self
                    .update(&self.tables.cursors, at, take, Some(free))
                    .await?;
                if matches!(took, Wrote::Done(_)) {
                    return Ok(Creation::Counted);
                }
            }
            // Each was taken meanwhile, one perhaps by a try of our own.
            let places = self.places(company).await?;
            if places.iter().any(|one| one.until > now && one.of == name) {
                return Ok(Creation::Counted);
            }
            return Ok(Creation::Full(soonest(
                &places.iter().collect::<Vec<_>>(),
                most,
                now,
            )));
        }
        Ok(Creation::Full(soonest(&counted, most, now)))
    }

    async fn count_of_hour(
        &self,
        company: &Company,
        hour: Timestamp,
        most: u32,
        name: &str,
    ) -> Result<bool, Fault> {
        let row = row_of_hour(company, hour);
        let until = hour
            .saturating_add(CREATION_COUNTS)
            .and_then(|end| end.checked_add(BELATED))
            .unwrap_or(Timestamp::MAX);
        let places = self.places_of(row.clone()).await?;
        if places.iter().any(|one| one.of == name) {
            return Ok(true);
        }
        for place in (0..most).map(place_name) {
            if places.iter().any(|one| one.place == place) {
                continue;
            }
            // Nobody takes these rows away: the table forgets them when nothing is counted for their hour any more.
            let values = attributes([
                (":name", s(name)),
                (":until", ms(until)),
                (":end", n(until.as_second())),
            ]);
            let take = Expression::new(
                "SET creation = :name, counts_until = :until, expires_at = :end",
                values,
            );
            let free = "attribute_not_exists(creation) OR creation = :name";
            let at = key(&row, &place);
            let took = self
                .update(&self.tables.cursors, at, take, Some(free))
                .await?;
            if matches!(took, Wrote::Done(_)) {
                return Ok(true);
            }
        }
        // A try of our own may have taken one meanwhile.
        let places = self.places_of(row).await?;
        Ok(places.iter().any(|one| one.of == name))
    }

    async fn forget_creation(&self, company: &Company, name: &str) -> Result<(), Fault> {
        for one in self.places(company).await? {
            if one.of == name {
                let ours = attributes([(":name", s(name))]);
                let ours = Expression::new("creation = :name", ours);
                let at = key(&row(company), &one.place);
                self.delete(&self.tables.cursors, at, Some(ours)).await?;
            }
        }
        Ok(())
    }

    async fn creations(&self, company: &Company, now: Timestamp) -> Result<u32, Fault> {
        let places = self.places(company).await?;
        let counted = places.iter().filter(|one| one.until > now).count();
        Ok(u32::try_from(counted).unwrap_or(u32::MAX))
    }
}

/// When fewer than `most` are counted again. There are more where the configuration allowed more before.
fn soonest(counted: &[&Taken], most: u32, now: Timestamp) -> Timestamp {
    let mut ends: Vec<Timestamp> = counted
        .iter()
        .map(|one| one.until)
        .filter(|until| *until > now)
        .collect();
    ends.sort();
    let over = ends.len().saturating_sub(most as usize);
    ends.get(over).copied().unwrap_or(now)
}
