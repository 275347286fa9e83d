//! Group commit: what many records leave is written in as few transactions as it takes, each with the outcomes of its own
//! records.
//!
//! One condition that does not hold cancels its whole transaction; then that record is taken out, and the others are written
//! without it.

use counterpart_domain::Fault;
use futures_util::{StreamExt as _, stream};

use super::DynamoStore;
use super::call::Wrote;
use super::group::{Fate, Group, Numbered};
use super::item::{Item, Read as _};
use super::plan::plan;
use super::step::{Action, Step};
use super::transaction::{Together, passes, pause};

/// Transactions under way at once.
const CONCURRENT: usize = 4;
/// How often a single write that met another one is tried.
const TRIES: u32 = 6;

impl DynamoStore {
    /// Writes groups; one fate for each, in order.
    ///
    /// # Errors
    /// When some of it could not be written, or nobody knows. The rest is written all the same.
    pub(super) async fn write_groups(&self, groups: Vec<Group<'_>>) -> Result<Vec<Fate>, Fault> {
        let mut fates: Vec<Option<Fate>> = groups.iter().map(|_| None).collect();
        let (mut failed, mut fitting) = (None, Vec::with_capacity(groups.len()));
        for numbered in groups.into_iter().enumerate() {
            match numbered.1.fits() {
                Ok(()) => fitting.push(numbered),
                Err(fault) => failed = Some(fault),
            }
        }
        for wave in plan(fitting) {
            let batches = wave.into_iter().map(|batch| self.write_batch(batch));
            let mut ends = stream::iter(batches).buffer_unordered(CONCURRENT);
            while let Some(end) = ends.next().await {
                match end {
                    Ok(done) => {
                        for (at, fate) in done {
                            fates[at] = Some(fate);
                        }
                    }
                    Err(fault) => failed = Some(fault),
                }
            }
        }
        match failed {
            Some(fault) => Err(fault),
            None => Ok(fates.into_iter().flatten().collect()),
        }
    }

    /// Writes one transaction's groups with their outcomes. Those are made anew whenever a record was taken out.
    async fn write_batch(&self, mut open: Vec<Numbered<'_>>) -> Result<Vec<(usize, Fate)>, Fault> {
        let mut done = Vec::with_capacity(open.len());
        while !open.is_empty() {
            let told = open.iter().filter_map(|(_, group)| group.outcome);
            let told = self.outcome_steps(told)?;
            let own = open.iter().flat_map(|(_, group)| &group.steps);
            let steps: Vec<&Step> = own.chain(&told).collect();
            match self.write_steps(&steps).await? {
                Together::Done => done.extend(open.drain(..).map(|(at, _)| (at, Fate::Done))),
                Together::Refused(lost) => take_out(&mut open, lost, &mut done),
            }
        }
        Ok(done)
    }

    /// A transaction, or a plain write where there is but one step: that costs half as much.
    async fn write_steps(&self, steps: &[&Step]) -> Result<Together, Fault> {
        let [step] = steps else {
            return self.transact(steps).await;
        };
        let mut tries = 0;
        loop {
            tries += 1;
            match self.write_one((*step).clone()).await {
                Err(fault) if passes(&fault) && tries < TRIES => pause(tries).await,
                answer => {
                    return Ok(match answer? {
                        Wrote::Done(_) => Together::Done,
                        Wrote::Refused(found) => Together::Refused(vec![(0, found)]),
                    });
                }
            }
        }
    }

    async fn write_one(&self, Step { table, action }: Step) -> Result<Wrote, Fault> {
        match action {
            Action::Put(item, condition) => self.put(&table, item, condition).await,
            Action::Delete(key, condition) => {
                self.delete(&table, key, condition).await?;
                Ok(Wrote::Done(Item::new()))
            }
            Action::Update(key, update) => self.update(&table, key, update, None).await,
        }
    }
}

/// Takes out the groups whose conditions did not hold, and the optional steps.
fn take_out(
    open: &mut Vec<Numbered<'_>>,
    lost: Vec<(usize, Option<Item>)>,
    done: &mut Vec<(usize, Fate)>,
) {
    let mut lost = lost.into_iter().peekable();
    let mut first = 0;
    let mut left = Vec::with_capacity(open.len());
    for (at, mut group) in open.drain(..) {
        let end = first + group.steps.len();
        let (mut fate, mut dropped) = (None, Vec::new());
        while let Some((step, item)) = lost.next_if(|(step, _)| *step < end) {
            let step = step - first;
            if step >= group.optional {
                dropped.push(step);
                continue;
            }
            let mine = item.as_ref().and_then(|item| item.text("write_id"));
            let is_ours = step == 0 && mine.is_some() && mine == group.mark.as_deref();
            let ended = if is_ours {
                Fate::Done
            } else {
                Fate::Refused(step, item)
            };
            fate = fate.or(Some(ended));
        }
        first = end;
        match fate {
            Some(fate) => done.push((at, fate)),
            None => {
                for step in dropped.into_iter().rev() {
                    group.steps.remove(step);
                }
                left.push((at, group));
            }
        }
    }
    *open = left;
}
