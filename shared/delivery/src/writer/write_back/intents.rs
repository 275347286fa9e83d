//! The state of sales, customers and contacts, shown until it is what Sage says.

use std::collections::BTreeSet;

use counterpart_domain::{Class, Fault};

use super::rows::rows_of;
use super::{WriteBackWork, locked};
use crate::intent::{Intent, IntentId};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::writer::{BatchReport, CrmWriter, Mapper};
use crate::{Show, WriteBack};

/// How often one receive follows an intent that changes while it is shown.
const ROUNDS: u32 = 3;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Shows intents until what is shown is what they say: whoever finds something newer after its call may have written
    /// something older over it.
    pub(super) async fn show_intents(
        &self,
        mut work: WriteBackWork<'_, P::Crm>,
        ids: &[IntentId],
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let mut due: BTreeSet<IntentId> = ids.iter().cloned().collect();
        for _ in 0..ROUNDS {
            due = self.show_once(&work, due, report).await?;
            if due.is_empty() {
                return Ok(());
            }
            work.again = true;
            work.circuit = self.check_circuit(&work.of.target).await?;
        }
        // The next receive writes it whatever was noted.
        Err(Fault::new(
            Class::Transient,
            "E_INTENT_CHANGING",
            "What is to be shown changes faster than it can be written.",
        )
        .into())
    }

    /// One round; the answer: what is newer by now.
    async fn show_once(
        &self,
        work: &WriteBackWork<'_, P::Crm>,
        ids: BTreeSet<IntentId>,
        report: &mut BatchReport,
    ) -> Result<BTreeSet<IntentId>, NotDone> {
        let of = work.of;
        let mut intents: Vec<Intent> = Vec::new();
        for id in ids {
            let Some(intent) = self.store.intent(&of.target, &id).await? else {
                continue;
            };
            // A receive that ended without a verdict may have written something older since.
            let shown = self.store.written_back(&of.target, &id).await?;
            if work.again || shown < intent.rev {
                intents.push(intent);
            }
        }
        let mut rows = Vec::new();
        for (number, intent) in intents.iter().enumerate() {
            rows.extend(rows_of(work.target, intent, number));
        }
        let (results, stopped) = self.write_rows(work, rows, report).await?;
        let (mut later, mut newer) = (Vec::new(), BTreeSet::new());
        for (number, intent) in intents.into_iter().enumerate() {
            if let Some(fault) = results.refused.get(&number) {
                self.park_intent(of, &intent, fault, report).await?;
            } else if results.is_done(number) {
                self.store
                    .mark_written_back(&of.target, &intent.id, intent.rev)
                    .await?;
                self.store.unpark(&of.target, &shown_id(&intent.id)).await?;
                let now_is = self.store.intent(&of.target, &intent.id).await?;
                if now_is.is_some_and(|now_is| now_is.rev > intent.rev) {
                    newer.insert(intent.id);
                }
            } else if results.later.contains(&number) {
                if self.is_old(work) {
                    let fault = locked(&intent.id.root.0);
                    self.park_intent(of, &intent, &fault, report).await?;
                } else {
                    later.push(intent.id);
                }
            }
        }
        if !later.is_empty() {
            self.show_later(of, Show::Intents(later)).await?;
        }
        stopped.map_or(Ok(newer), Err)
    }

    async fn park_intent(
        &self,
        of: &WriteBack,
        intent: &Intent,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let show = Show::Intents(vec![intent.id.clone()]);
        self.park_show(of, &shown_id(&intent.id), show, fault, report)
            .await
    }
}

/// Under which a write-back that the CRM refuses is parked.
fn shown_id(id: &IntentId) -> String {
    format!("shown#{}", id.storage())
}
