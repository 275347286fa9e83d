//! Several items at once, or none.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use counterpart_domain::{Class, Fault};

use super::DynamoStore;
use super::call::Expression;
use super::item::{Item, fits};
use crate::fault::{Service, class_of, classify};

/// One part of a transaction.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Put(Item, Option<Expression>),
    Delete(Item, Option<Expression>),
}

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Together {
    /// All of it is written.
    Done,
    /// Nothing is: the first step whose condition did not hold, and the item that was in its way.
    Refused(usize, Option<Item>),
}

/// How often a transaction that met another one is tried.
const TRIES: u64 = 5;

impl DynamoStore {
    /// Writes all steps or none.
    pub(super) async fn transact(&self, table: &str, steps: &[Step]) -> Result<Together, Fault> {
        let mut built = Vec::with_capacity(steps.len());
        for step in steps {
            built.push(build(table, step)?);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.transact_once(table, built.clone()).await {
                Err(fault) if fault.code == "E_STORE_CONFLICT" && tries < TRIES => {
                    let jitter = crate::clock::random_millis(30);
                    tokio::time::sleep(Duration::from_millis(20 * tries + jitter)).await;
                }
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

/// A condition that did not hold is an answer; any other reason is a fault.
fn refused(table: &str, reasons: &[CancellationReason]) -> Result<Together, Fault> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let lost = reasons
        .iter()
        .position(|reason| code(reason) == "ConditionalCheckFailed");
    if let Some(at) = lost {
        let item = reasons.get(at).and_then(|reason| reason.item.clone());
        return Ok(Together::Refused(at, item.filter(|item| !item.is_empty())));
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

fn build(table: &str, step: &Step) -> Result<TransactWriteItem, Fault> {
    let built = match step.clone() {
        Step::Put(item, condition) => {
            fits(table, &item)?;
            let (text, values) = apart(condition);
            Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .set_condition_expression(text)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .build()
                .map(|put| TransactWriteItem::builder().put(put).build())
        }
        Step::Delete(key, condition) => {
            let (text, values) = apart(condition);
            Delete::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_condition_expression(text)
                .set_expression_attribute_values(values)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build())
        }
    };
    built.map_err(|error| Service::Store.fault(Class::Bug, "REQUEST", error.to_string()))
}

fn apart(condition: Option<Expression>) -> (Option<String>, Option<Item>) {
    condition.map_or((None, None), |Expression { text, values }| {
        (Some(text), values)
    })
}
