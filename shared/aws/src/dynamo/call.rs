//! Single-item calls: counted, classed, and with the loser of a condition given the item that beat it.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    ConsumedCapacity, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use counterpart_domain::Fault;

use super::DynamoStore;
use super::item::{Item, fits};
use crate::fault::{Service, classify};

/// What became of a write with a condition.
#[derive(Debug)]
pub(super) enum Wrote {
    /// It holds; for an update, the item as it is now.
    Done(Item),
    /// The condition did not hold; the item as it is, where there is one.
    Refused(Option<Item>),
}

/// A condition or update with the values that it names.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) values: Option<Item>,
}

impl Expression {
    /// `values` may be empty.
    pub(super) fn new(text: impl Into<String>, values: Item) -> Self {
        let values = Some(values).filter(|values| !values.is_empty());
        Self {
            text: text.into(),
            values,
        }
    }
}

const TOTAL: ReturnConsumedCapacity = ReturnConsumedCapacity::Total;
const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

impl DynamoStore {
    /// Counts a read's units.
    pub(super) fn count_read<'a>(&self, used: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        let units = used
            .into_iter()
            .filter_map(ConsumedCapacity::capacity_units);
        self.usage.read_units(units.sum());
    }

    /// Counts a write's units.
    pub(super) fn count_write<'a>(&self, used: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        let units = used
            .into_iter()
            .filter_map(ConsumedCapacity::capacity_units);
        self.usage.write_units(units.sum());
    }

    /// Reads one item, strongly consistent.
    pub(super) async fn get(&self, table: &str, key: Item) -> Result<Option<Item>, Fault> {
        self.usage.dynamodb_request();
        let call = self.client.get_item().table_name(table).set_key(Some(key));
        let answer = call
            .consistent_read(true)
            .return_consumed_capacity(TOTAL)
            .send()
            .await
            .map_err(|error| classify(Service::Store, table, &error))?;
        self.count_read(&answer.consumed_capacity);
        Ok(answer.item)
    }

    /// Writes one item.
    pub(super) async fn put(
        &self,
        table: &str,
        item: Item,
        condition: Option<Expression>,
    ) -> Result<Wrote, Fault> {
        fits(table, &item)?;
        self.usage.dynamodb_request();
        let call = self
            .client
            .put_item()
            .table_name(table)
            .set_item(Some(item));
        let mut call = call.return_consumed_capacity(TOTAL);
        if let Some(Expression { text, values }) = condition {
            call = call
                .condition_expression(text)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(ALL_OLD);
        }
        match call.send().await {
            Ok(answer) => {
                self.count_write(&answer.consumed_capacity);
                Ok(Wrote::Done(Item::new()))
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(lost)) => {
                    Ok(Wrote::Refused(lost.item.clone()))
                }
                _ => Err(classify(Service::Store, table, &error)),
            },
        }
    }

    /// Changes one item in place, or makes it. `values` of update and condition are given with the update.
    pub(super) async fn update(
        &self,
        table: &str,
        key: Item,
        update: Expression,
        condition: Option<&str>,
    ) -> Result<Wrote, Fault> {
        self.usage.dynamodb_request();
        let call = self
            .client
            .update_item()
            .table_name(table)
            .set_key(Some(key));
        let mut call = call
            .update_expression(update.text)
            .set_expression_attribute_values(update.values)
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(TOTAL);
        if let Some(condition) = condition {
            call = call
                .condition_expression(condition)
                .return_values_on_condition_check_failure(ALL_OLD);
        }
        match call.send().await {
            Ok(answer) => {
                self.count_write(&answer.consumed_capacity);
                Ok(Wrote::Done(answer.attributes.unwrap_or_default()))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(lost)) => {
                    Ok(Wrote::Refused(lost.item.clone()))
                }
                _ => Err(classify(Service::Store, table, &error)),
            },
        }
    }

    /// Deletes one item. A condition that does not hold leaves it, and is no fault.
    pub(super) async fn delete(
        &self,
        table: &str,
        key: Item,
        condition: Option<Expression>,
    ) -> Result<(), Fault> {
        self.usage.dynamodb_request();
        let call = self
            .client
            .delete_item()
            .table_name(table)
            .set_key(Some(key));
        let mut call = call.return_consumed_capacity(TOTAL);
        if let Some(Expression { text, values }) = condition {
            call = call
                .condition_expression(text)
                .set_expression_attribute_values(values);
        }
        match call.send().await {
            Ok(answer) => self.count_write(&answer.consumed_capacity),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => {}
                _ => return Err(classify(Service::Store, table, &error)),
            },
        }
        Ok(())
    }
}
