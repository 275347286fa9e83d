//! Several items at once, or none.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use counterpart_domain::{Class, Fault};

use super::DynamoStore;
use super::call::Expression;
use super::item::Item;
use super::step::{Action, Step};
use crate::fault::{Service, class_of, classify};

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Together {
    /// All of it is written.
    Done,
    /// Nothing is: the steps whose conditions did not hold, each with the item that was in its way.
    Refused(Vec<(usize, Option<Item>)>),
}

/// How often a transaction that met another one, or was throttled, is tried.
const TRIES: u32 = 6;

impl DynamoStore {
    /// Writes all steps or none.
    pub(super) async fn transact(&self, steps: &[&Step]) -> Result<Together, Fault> {
        steps.iter().try_for_each(|step| step.fits())?;
        let table = steps.first().map_or("", |step| &step.table);
        let mut tries = 0;
        loop {
            tries += 1;
            let built = steps.iter().map(|step| build(step));
            let built: Vec<_> = built.collect::<Result<_, _>>()?;
            match self.transact_once(table, built).await {
                Err(fault) if passes(&fault) && tries < TRIES => pause(tries).await,
                answer => return answer,
            }
        }
    }

    async fn transact_once(
        &self,
        table: &str,
        steps: Vec<TransactWriteItem>,
    ) -> Result<Together, Fault> {
        self.usage.dynamodb_request();
        // The SDK sends a token of its own with the call: a repeated transaction is done once.
        let call = self.client.transact_write_items();
        let call = call
            .set_transact_items(Some(steps))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match call.send().await {
            Ok(answer) => {
                self.count_write(answer.consumed_capacity.iter().flatten());
                Ok(Together::Done)
            }
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    refused(table, cancelled.cancellation_reasons())
                }
                _ => Err(classify(Service::Store, table, &error)),
            },
        }
    }
}

/// Whether a fault is over as soon as others are done.
pub(super) fn passes(fault: &Fault) -> bool {
    matches!(
        fault.code.as_ref(),
        "E_STORE_CONFLICT" | "E_STORE_THROTTLED"
    )
}

/// Waits before the next try: longer each time, and never as long as another who met the same conflict.
pub(super) async fn pause(tries: u32) {
    let most = 20 << tries.min(6);
    let jitter = crate::clock::random_millis(most);
    tokio::time::sleep(Duration::from_millis(most / 2 + jitter)).await;
}

/// Conditions that did not hold are an answer; any other reason is a fault.
fn refused(table: &str, reasons: &[CancellationReason]) -> Result<Together, Fault> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let lost: Vec<_> = reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| code(reason) == "ConditionalCheckFailed")
        .map(|(at, reason)| (at, reason.item.clone().filter(|item| !item.is_empty())))
        .collect();
    if !lost.is_empty() {
        return Ok(Together::Refused(lost));
    }
    let reason = reasons.iter().find(|reason| code(reason) != "None");
    let why = reason.map_or_else(|| "cancelled without a reason".to_owned(), code);
    let (class, suffix, says) = match why.as_str() {
        "cancelled without a reason" => (Class::Transient, "CONFLICT", "cancelled a transaction."),
        why => class_of(why, 400),
    };
    let text = format!("DynamoDB table {table} {says}");
    let detail = reason
        .and_then(CancellationReason::message)
        .unwrap_or_default();
    Err(Service::Store
        .fault(class, suffix, text)
        .with_detail(format!("{why}: {detail}")))
}

fn build(step: &Step) -> Result<TransactWriteItem, Fault> {
    const ALL_OLD: ReturnValuesOnConditionCheckFailure =
        ReturnValuesOnConditionCheckFailure::AllOld;
    let table = &step.table;
    let built = match step.action.clone() {
        Action::Put(item, condition) => {
            let (text, values) = apart(condition);
            Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .set_condition_expression(text)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(ALL_OLD)
                .build()
                .map(|put| TransactWriteItem::builder().put(put).build())
        }
        Action::Delete(key, condition) => {
            let (text, values) = apart(condition);
            Delete::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_condition_expression(text)
                .set_expression_attribute_values(values)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build())
        }
        Action::Update(key, update) => Update::builder()
            .table_name(table)
            .set_key(Some(key))
            .update_expression(update.text)
            .set_expression_attribute_values(update.values)
            .build()
            .map(|update| TransactWriteItem::builder().update(update).build()),
    };
    built.map_err(|error| Service::Store.fault(Class::Bug, "REQUEST", error.to_string()))
}

fn apart(condition: Option<Expression>) -> (Option<String>, Option<Item>) {
    condition.map_or((None, None), |Expression { text, values }| {
        (Some(text), values)
    })
}
