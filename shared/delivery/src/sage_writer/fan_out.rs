//! What goes to the CRMs beside the state of a job: records as Sage holds them now, and the stock of ordered items.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::sale::{SaleLine, is_same_code};
use counterpart_domain::{CrmId, Fault, SageKey, TargetName};
use rust_decimal::Decimal;

use super::SageWriter;
use super::check::codes_of;
use super::context::JobContext;
use crate::pack::{Head, cut};
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, QueueName, RecordsAnswer};
use crate::send::send_all;
use crate::{Entry, Reason, Show, StockRow};

/// The most codes of one question.
const AT_ONCE: usize = 100;

impl<P: Ports> SageWriter<'_, P> {
    /// Sends a record as the agent read it to the targets of its company that `goes` says.
    pub(super) async fn fan_out(
        &self,
        context: &JobContext<'_, P>,
        answer: &RecordsAnswer,
        changed: &ChangedRecord,
        goes: impl Fn(&TargetName) -> bool,
    ) -> Result<(), Fault> {
        let Ok(record) = &changed.record else {
            // The poller parks it, with its columns.
            return Ok(());
        };
        let key: &SageKey = &changed.key;
        let targets = self.config.targets_of(&key.company, key.entity);
        for (name, target, _) in targets.filter(|(name, ..)| goes(name)) {
            let head = Head {
                target: name,
                company: &key.company,
                entity: key.entity,
                reason: Reason::Change,
                config_version: self.config_version,
            };
            let entry = Entry {
                local_key: key.local.clone(),
                as_of: answer.as_of,
                hash: record.content_hash(),
                record: record.clone(),
                run: context.job.id.clone(),
                first_sent: self.clock.now(),
                attempts: 0,
                answers: Vec::new(),
            };
            let most = target.crm.profile().bulk_size;
            let longest = self.queue.longest_body();
            let (ready, too_large) =
                cut(head, vec![entry], most, longest, Duration::ZERO, self.clock)?;
            if !too_large.is_empty() {
                tracing::warn!(sage.key = %key, "a record is too large for a message; the poller parks it");
            }
            send_all(self.queue, self.clock, &QueueName::writes(name), ready).await?;
        }
        Ok(())
    }

    /// Reads the stock of ordered items and sends it on. The order stands without it: what fails is logged, and the next
    /// order of the item says it again.
    pub(super) async fn show_stock(&self, context: &JobContext<'_, P>, lines: &[SaleLine]) {
        let wanted = context.target.orders.as_ref();
        let wanted = wanted.is_some_and(|orders| orders.stock.is_some());
        if !wanted || context.effect.get().is_none() {
            return;
        }
        if let Err(fault) = self.try_show_stock(context, lines).await {
            tracing::warn!(job.id = context.job.id, fault = %fault, "the stock of the ordered items is not told");
        }
    }

    async fn try_show_stock(
        &self,
        context: &JobContext<'_, P>,
        lines: &[SaleLine],
    ) -> Result<(), Fault> {
        let products: BTreeMap<&CrmId, &str> = lines
            .iter()
            .filter_map(|line| Some((line.product.as_ref()?, line.item.as_str())))
            .collect();
        if products.is_empty() {
            return Ok(());
        }
        for codes in codes_of(lines).chunks(AT_ONCE) {
            let stock = context.agent.stock(context.company, codes);
            let stock = self.call(context, stock).await?;
            let total = |item: &str, of: fn(&counterpart_domain::sale::ItemStock) -> Decimal| {
                let rows = stock
                    .value
                    .iter()
                    .filter(|row| is_same_code(&row.item, item));
                rows.map(of).sum()
            };
            let here = products
                .iter()
                .filter(|(_, item)| codes.iter().any(|code| code == *item));
            let rows: Vec<StockRow> = here
                .map(|(product, item)| StockRow {
                    product: (*product).clone(),
                    item: (*item).to_owned(),
                    on_hand: total(item, |row| row.on_hand),
                    available: total(item, |row| row.available),
                })
                .collect();
            if !rows.is_empty() {
                let as_of = stock.as_of;
                self.write_back(context, Show::Stock { as_of, rows })
                    .await?;
            }
        }
        Ok(())
    }
}
