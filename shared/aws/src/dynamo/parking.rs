//! The parked.

use std::collections::HashMap;

use counterpart_delivery::ports::{Parked, Parking, Route};
use counterpart_domain::{Fault, SageKey, TargetName};
use serde::{Deserialize, Serialize};

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::Expression;
use super::group::Group;
use super::item::{Item, Read as _, attributes, fits, key, n, s, unreadable};
use super::query::Query;
use super::step::Step;

/// What parking again replaces; `first_at` and `times` are attributes of their own.
#[derive(Serialize, Deserialize)]
struct ParkedBody {
    key: Option<SageKey>,
    #[serde(default)]
    route: Route,
    fault: Fault,
    payload: String,
    run: Option<String>,
    at: jiff::Timestamp,
}

impl DynamoStore {
    fn read_parked(&self, target: &str, item: &Item) -> Result<Parked, Fault> {
        let table = &self.tables.parked;
        let missing = |name: &str| unreadable(table, item, format!("no {name}"));
        let first_at = item.text("first_at").ok_or_else(|| missing("first_at"))?;
        let content: ParkedBody = read_body(table, item)?;
        Ok(Parked {
            target: target.to_owned(),
            id: item.text("sk").ok_or_else(|| missing("sk"))?.to_owned(),
            key: content.key,
            route: content.route,
            fault: content.fault,
            payload: content.payload,
            run: content.run,
            first_at: first_at
                .parse()
                .map_err(|error| unreadable(table, item, error))?,
            at: content.at,
            times: item.number("times").ok_or_else(|| missing("times"))?,
        })
    }

    /// Sets something aside, whether it is there already or not.
    pub(super) fn park_step(&self, parked: &Parked) -> Result<Step, Fault> {
        let content = body(&ParkedBody {
            key: parked.key.clone(),
            route: parked.route,
            fault: parked.fault.clone(),
            payload: parked.payload.clone(),
            run: parked.run.clone(),
            at: parked.at,
        })?;
        let table = &self.tables.parked;
        let at = key(&parked.target, &parked.id);
        let mut whole = at.clone();
        whole.insert(BODY.to_owned(), content.clone());
        fits(table, &whole)?;
        let values = attributes([
            (":body", content),
            (":first", s(parked.first_at.to_string())),
            (":none", n(0)),
            (":more", n(parked.times.max(1))),
        ]);
        let text = "SET body = :body, first_at = if_not_exists(first_at, :first), \
                    times = if_not_exists(times, :none) + :more";
        Ok(Step::update(table, at, Expression::new(text, values)))
    }
}

impl Parking for DynamoStore {
    async fn park(&self, parked: &Parked) -> Result<(), Fault> {
        let step = self.park_step(parked)?;
        self.write_groups(vec![Group::one(step)]).await?;
        Ok(())
    }

    async fn parked(&self, target: &str, id: &str) -> Result<Option<Parked>, Fault> {
        let item = self.get(&self.tables.parked, key(target, id)).await?;
        item.map(|item| self.read_parked(target, &item)).transpose()
    }

    async fn parked_among(
        &self,
        target: &str,
        ids: &[String],
    ) -> Result<Vec<Option<Parked>>, Fault> {
        let table = &self.tables.parked;
        let keys = ids.iter().map(|id| key(target, id));
        let found = self.batch_get_all(table, keys.collect()).await?;
        let mut by_id = HashMap::new();
        for item in &found {
            let parked = self.read_parked(target, item)?;
            by_id.insert(parked.id.clone(), parked);
        }
        Ok(ids.iter().map(|id| by_id.get(id).cloned()).collect())
    }

    async fn parked_of(
        &self,
        target: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Parked>, Fault> {
        let query = Query::of(&self.tables.parked, target);
        let (items, _) = self.query(query.after(after).limit(limit)).await?;
        let read = |item| self.read_parked(target, item);
        items.iter().map(read).collect()
    }

    async fn unpark(&self, target: &TargetName, id: &str) -> Result<(), Fault> {
        let at = key(target.as_str(), id);
        let step = Step::delete(&self.tables.parked, at, None);
        self.write_groups(vec![Group::one(step)]).await.map(drop)
    }
}
