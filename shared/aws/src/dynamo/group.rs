//! Group commit: what many records leave is written in as few transactions as it takes.
//!
//! DynamoDB's limits make the groups: a hundred items, four megabytes, no item twice. One condition that does not hold
//! cancels its whole transaction; then that record is taken out, and the others are written without it.

use std::collections::HashSet;

use counterpart_domain::Fault;
use futures_util::{StreamExt as _, stream};

use super::DynamoStore;
use super::call::Wrote;
use super::item::{Item, Read as _};
use super::step::{Action, Step};
use super::transaction::{Together, passes, pause};

/// Items of one transaction.
const MOST_ITEMS: usize = 100;
/// Bytes of one transaction; DynamoDB takes 4 MB, names and syntax included.
const MOST_BYTES: usize = 3_500_000;
/// Transactions under way at once.
const CONCURRENT: usize = 4;
/// How often a single write that met another one is tried.
const TRIES: u32 = 6;

/// What belongs to one record: all of it is written, or none.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) steps: Vec<Step>,
    /// A step from here on whose condition does not hold is left out, and the others are written.
    pub(super) optional: usize,
    /// The mark of this very write on its first item: a refusal by our own item is a success.
    pub(super) mark: Option<String>,
}

impl Group {
    /// A single write.
    pub(super) fn one(step: Step) -> Self {
        Self {
            steps: vec![step],
            optional: 1,
            mark: None,
        }
    }

    fn size(&self) -> usize {
        self.steps.iter().map(Step::size).sum()
    }
}

/// What became of a group.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is written.
    Done,
    /// Nothing of it is: the step whose condition did not hold, and the item that was in its way.
    Refused(usize, Option<Item>),
}

/// The last transaction's additions, made from the fates so far: none of a group that was refused.
pub(super) type Tail<'a> = dyn Fn(&[Option<Fate>]) -> Result<Vec<Step>, Fault> + 'a;

/// A group with its place among the others.
type Numbered = (usize, Group);

impl DynamoStore {
    /// Writes groups; one fate for each, in order. With the last of them goes the tail, in one transaction where it fits;
    /// it is not written before all others are.
    ///
    /// # Errors
    /// When some of it could not be written, or nobody knows. The rest is written all the same, but for the last
    /// transaction with its tail.
    pub(super) async fn write_groups(
        &self,
        groups: Vec<Group>,
        tail: Option<&Tail<'_>>,
    ) -> Result<Vec<Fate>, Fault> {
        let mut fates: Vec<Option<Fate>> = groups.iter().map(|_| None).collect();
        let (mut failed, mut fitting) = (None, Vec::with_capacity(groups.len()));
        for numbered in groups.into_iter().enumerate() {
            match numbered.1.steps.iter().try_for_each(Step::fits) {
                Ok(()) => fitting.push(numbered),
                Err(fault) => failed = Some(fault),
            }
        }
        let (room, bytes) = match tail {
            // As if everything were written: the most that it can become.
            Some(tail) => {
                let steps = tail(&fates)?;
                (steps.len(), steps.iter().map(Step::size).sum())
            }
            None => (0, 0),
        };
        let mut waves = plan(fitting, room, bytes);
        let last = tail.and_then(|_| waves.last_mut().and_then(Vec::pop));
        for wave in waves {
            let batches = wave.into_iter().map(|batch| self.write_batch(batch));
            let mut ends = stream::iter(batches).buffer_unordered(CONCURRENT);
            while let Some(end) = ends.next().await {
                match end {
                    Ok(done) => note(&mut fates, done),
                    Err(fault) => failed = Some(fault),
                }
            }
        }
        if let Some(fault) = failed {
            return Err(fault);
        }
        if let Some(tail) = tail {
            self.write_last(last.unwrap_or_default(), &mut fates, tail)
                .await?;
        }
        Ok(fates
            .into_iter()
            .map(|fate| fate.unwrap_or(Fate::Done))
            .collect())
    }

    /// Writes items that have nothing to do with each other, as many at a time as a transaction takes. A role that may only
    /// add to a table may do this; for a batch it would need the right to delete as well.
    pub(super) async fn put_all(&self, steps: Vec<Step>) -> Result<(), Fault> {
        let groups = steps.into_iter().map(Group::one).collect();
        self.write_groups(groups, None).await.map(drop)
    }

    async fn write_batch(&self, mut open: Vec<Numbered>) -> Result<Vec<(usize, Fate)>, Fault> {
        let mut done = Vec::with_capacity(open.len());
        while !open.is_empty() {
            match self.write_steps(&steps_of(&open, &[])).await? {
                Together::Done => done.extend(open.drain(..).map(|(at, _)| (at, Fate::Done))),
                Together::Refused(lost) => take_out(&mut open, lost, &mut done),
            }
        }
        Ok(done)
    }

    /// The last transaction. The tail is made anew whenever a record was taken out.
    async fn write_last(
        &self,
        mut open: Vec<Numbered>,
        fates: &mut [Option<Fate>],
        tail: &Tail<'_>,
    ) -> Result<(), Fault> {
        loop {
            let added = tail(fates)?;
            let size: usize = added.iter().map(Step::size).sum();
            let of_open: usize = open.iter().map(|(_, group)| group.size()).sum();
            let items: usize = open.iter().map(|(_, group)| group.steps.len()).sum();
            if items + added.len() > MOST_ITEMS || size + of_open > MOST_BYTES {
                // More than any pack brings: it follows by itself.
                note(fates, self.write_batch(std::mem::take(&mut open)).await?);
                return Box::pin(self.put_all(tail(fates)?)).await;
            }
            let steps = steps_of(&open, &added);
            if steps.is_empty() {
                return Ok(());
            }
            match self.write_steps(&steps).await? {
                Together::Done => {
                    note(
                        fates,
                        open.drain(..).map(|(at, _)| (at, Fate::Done)).collect(),
                    );
                    return Ok(());
                }
                Together::Refused(lost) => {
                    let mut done = Vec::new();
                    take_out(&mut open, lost, &mut done);
                    note(fates, done);
                }
            }
        }
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

fn note(fates: &mut [Option<Fate>], done: Vec<(usize, Fate)>) {
    for (at, fate) in done {
        if let Some(place) = fates.get_mut(at) {
            *place = Some(fate);
        }
    }
}

fn steps_of<'a>(open: &'a [Numbered], added: &'a [Step]) -> Vec<&'a Step> {
    let own = open.iter().flat_map(|(_, group)| &group.steps);
    own.chain(added).collect()
}

/// Takes out the groups whose conditions did not hold, and the optional steps.
fn take_out(
    open: &mut Vec<Numbered>,
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

/// Parts groups into waves of transactions. Within a wave no item is named twice; what would name one again comes in a
/// later wave. The last transaction has room for the tail.
fn plan(groups: Vec<Numbered>, room: usize, bytes: usize) -> Vec<Vec<Vec<Numbered>>> {
    let mut waves = Vec::new();
    let mut open = groups;
    while !open.is_empty() {
        let mut named: HashSet<(String, String, String)> = HashSet::new();
        let (mut wave, mut later) = (Vec::new(), Vec::new());
        let (mut batch, mut items, mut size) = (Vec::new(), 0, 0);
        for (at, group) in open {
            let places: Vec<_> = group
                .steps
                .iter()
                .map(Step::place)
                .map(|(table, pk, sk)| (table.to_owned(), pk.to_owned(), sk.to_owned()))
                .collect();
            if places.iter().any(|place| named.contains(place)) {
                later.push((at, group));
                continue;
            }
            named.extend(places);
            let (more, larger) = (group.steps.len(), group.size());
            if !batch.is_empty() && (items + more > MOST_ITEMS || size + larger > MOST_BYTES) {
                wave.push(std::mem::take(&mut batch));
                (items, size) = (0, 0);
            }
            items += more;
            size += larger;
            batch.push((at, group));
        }
        wave.push(batch);
        waves.push(wave);
        open = later;
    }
    make_room(&mut waves, room, bytes);
    waves
}

/// Moves groups out of the last transaction until the tail fits beside what is left of it, which is never nothing: the
/// tail is written with the last record or not at all.
fn make_room(waves: &mut [Vec<Vec<Numbered>>], room: usize, bytes: usize) {
    let Some(wave) = waves.last_mut() else {
        return;
    };
    let Some(last) = wave.last_mut() else {
        return;
    };
    let (mut items, mut size) = (room, bytes);
    let mut keep = 0;
    for (_, group) in last.iter().rev() {
        items += group.steps.len();
        size += group.size();
        if keep > 0 && (items > MOST_ITEMS || size > MOST_BYTES) {
            break;
        }
        keep += 1;
    }
    let kept = last.split_off(last.len() - keep);
    if last.is_empty() {
        *last = kept;
    } else {
        wave.push(kept);
    }
}
