//! The stock of ordered items, shown on the CRM's products.

use counterpart_config::StockFields;
use counterpart_domain::{AsOf, Value};

use super::locked;
use super::rows::Row;
use super::work::WriteBackWork;
use crate::not_done::NotDone;
use crate::ports::UpdateRow;
use crate::ports::prelude::*;
use crate::writer::{BatchReport, CrmWriter, Mapper};
use crate::{Show, StockRow, WriteBack};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Shows stock. What is older than the newest that was shown of a product is left out.
    pub(super) async fn show_stock(
        &self,
        work: WriteBackWork<'_, P::Crm>,
        fields: &StockFields,
        as_of: AsOf,
        stock: &[StockRow],
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let of = work.of;
        let (mut due, mut rows) = (Vec::new(), Vec::new());
        for row in stock {
            if !self.store.raise_mark(&mark(of, row), as_of).await? {
                continue;
            }
            let figures = [
                (fields.on_hand.as_ref(), row.on_hand),
                (fields.available.as_ref(), row.available),
            ];
            let update = UpdateRow {
                id: row.product.clone(),
                fields: figures
                    .into_iter()
                    .filter_map(|(field, figure)| Some((field?.clone(), Value::Number(figure))))
                    .collect(),
            };
            rows.push(Row {
                number: due.len(),
                module: fields.module.clone(),
                update,
            });
            due.push(row.clone());
        }
        let (results, stopped) = self.write_rows(&work, rows, report).await?;
        let mut later = Vec::new();
        for (number, row) in due.into_iter().enumerate() {
            let again = Show::Stock {
                as_of,
                rows: vec![row.clone()],
            };
            let id = format!("stock#{}", row.product);
            if let Some(fault) = results.refused.get(&number) {
                self.park_show(of, &id, again, fault, report).await?;
            } else if results.later.contains(&number) && self.is_old(&work).await? {
                self.park_show(of, &id, again, &locked(&row.product.0), report)
                    .await?;
            } else if results.later.contains(&number) {
                later.push(row);
            } else if results.is_done(number)
                && !self.store.raise_mark(&mark(of, &row), as_of).await?
            {
                tracing::warn!(target.name = %of.target, product.id = %row.product, item.code = row.item,
                    "an older stock may stand over a newer one until the next order of the item");
            }
        }
        if !later.is_empty() {
            self.show_later(of, Show::Stock { as_of, rows: later })
                .await?;
        }
        stopped.map_or(Ok(()), Err)
    }
}

fn mark(of: &WriteBack, row: &StockRow) -> String {
    format!("stock#{}#{}", of.target, row.product)
}
