//! Counts what a side asks of DynamoDB, from requests and answers.

use serde_json::Value;

use super::item::Item;
use super::tables::Table;
use super::units::{Book, Units};
use super::wire::Message;

/// A condition that did not hold, of a write alone and of one in a transaction.
const REFUSED: &str = "ConditionalCheckFailedException";
const CANCELLED: &str = "TransactionCanceledException";

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// Requests to DynamoDB, whatever became of them.
    pub requests: u64,
    /// Write units by the published rules.
    pub write_units: u64,
    /// Write units that MiniStack told whoever asked for them.
    pub told_units: f64,
    /// Requests that failed. A condition that does not hold is an answer.
    pub failed: u64,
}

/// The counts of one side.
#[derive(Debug)]
pub struct Meter {
    book: Book,
    counted: Counted,
}

impl Meter {
    /// Over tables that are empty.
    pub fn new(tables: &[Table]) -> Self {
        Self {
            book: Book::new(tables),
            counted: Counted::default(),
        }
    }

    /// What was counted since it was taken last.
    pub fn take(&mut self) -> Counted {
        std::mem::take(&mut self.counted)
    }

    /// Takes a request and its answer.
    pub fn note(&mut self, request: &Message, answer: &Message) {
        let target = request.header("x-amz-target").unwrap_or_default();
        let Some(operation) = target.strip_prefix("DynamoDB_20120810.") else {
            return;
        };
        self.counted.requests += 1;
        let done = answer.status() == 200;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let is_answer = done || is(&said, REFUSED) || is(&said, CANCELLED);
        self.counted.failed += u64::from(!is_answer);
        if !is_write(operation) {
            return;
        }
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let told = told(&said);
        self.counted.told_units += told.unwrap_or(0.0);
        self.counted.write_units += self.units(operation, &asked, &said, done);
    }

    fn units(&mut self, operation: &str, asked: &Value, said: &Value, done: bool) -> u64 {
        match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => {
                if done {
                    self.write(operation.trim_end_matches("Item"), asked)
                        .total()
                } else if is(said, REFUSED) {
                    self.refused(asked).total()
                } else {
                    0
                }
            }
            "BatchWriteItem" if done => self.batch(asked, said),
            "TransactWriteItems" => {
                let cancelled = is(said, CANCELLED);
                let mut units = 0;
                for action in list(asked, "TransactItems") {
                    let Some((kind, write)) = action.as_object().and_then(|one| one.iter().next())
                    else {
                        continue;
                    };
                    let cost = if done && kind != "ConditionCheck" {
                        self.write(kind, write)
                    } else if done || cancelled {
                        self.refused(write)
                    } else {
                        Units::default()
                    };
                    // Once to prepare and once to commit; indexes follow once, afterwards.
                    units += 2 * cost.table + cost.indexes;
                }
                units
            }
            _ => 0,
        }
    }

    fn batch(&mut self, asked: &Value, said: &Value) -> u64 {
        let mut units = 0;
        let tables = asked.get("RequestItems").and_then(Value::as_object);
        for (table, writes) in tables.into_iter().flatten() {
            let left = list(said.get("UnprocessedItems").unwrap_or(&Value::Null), table);
            for write in writes.as_array().into_iter().flatten() {
                if left.contains(write) {
                    continue;
                }
                let item = |pointer: &str| write.pointer(pointer).and_then(Value::as_object);
                units += match (item("/PutRequest/Item"), item("/DeleteRequest/Key")) {
                    (Some(item), _) => self.book.put(table, item).total(),
                    (None, Some(key)) => self.book.delete(table, key).total(),
                    (None, None) => 0,
                };
            }
        }
        units
    }

    fn write(&mut self, kind: &str, write: &Value) -> Units {
        let (table, empty) = (table(write), Item::new());
        let part = |name: &str| write.get(name).and_then(Value::as_object).unwrap_or(&empty);
        match kind {
            "Put" => self.book.put(table, part("Item")),
            "Delete" => self.book.delete(table, part("Key")),
            _ => self
                .book
                .update(table, part("Key"), part("ExpressionAttributeValues")),
        }
    }

    fn refused(&self, write: &Value) -> Units {
        let names = write.get("Key").or_else(|| write.get("Item"));
        let names = names
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        self.book.refused(table(write), &names)
    }
}

fn is_write(operation: &str) -> bool {
    [
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
        "TransactWriteItems",
    ]
    .contains(&operation)
}

fn table(write: &Value) -> &str {
    let name = write.get("TableName").and_then(Value::as_str);
    name.unwrap_or_default()
}

fn list(value: &Value, name: &str) -> Vec<Value> {
    let list = value.get(name).and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

fn is(said: &Value, exception: &str) -> bool {
    let kind = said.get("__type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.ends_with(exception))
}

/// What an answer says was consumed, of one table or of several.
fn told(said: &Value) -> Option<f64> {
    let of = |consumed: &Value| consumed.get("CapacityUnits").and_then(Value::as_f64);
    match said.get("ConsumedCapacity")? {
        Value::Array(tables) => Some(tables.iter().filter_map(of).sum()),
        one => of(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn meter() -> Meter {
        Meter::new(&[Table {
            name: "t".to_owned(),
            key: vec!["pk".to_owned()],
            indexes: vec![super::super::tables::Index {
                key: vec!["by".to_owned()],
                all: true,
                more: Vec::new(),
            }],
        }])
    }

    fn message(first: &str, body: &Value) -> Message {
        Message {
            head: format!("{first}\r\n\r\n"),
            body: body.to_string().into_bytes(),
            raw: Vec::new(),
        }
    }

    fn note(
        meter: &mut Meter,
        operation: &str,
        asked: &Value,
        status: u16,
        said: &Value,
    ) -> Counted {
        let request = message(
            &format!("POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.{operation}"),
            asked,
        );
        meter.note(&request, &message(&format!("HTTP/1.1 {status} X"), said));
        meter.take()
    }

    fn put(pk: &str) -> Value {
        json!({"TableName": "t", "Item": {"pk": {"S": pk}, "by": {"S": "x"}}})
    }

    #[test]
    fn a_put_counts_once_and_in_a_transaction_twice_but_for_its_index() {
        let mut meter = meter();
        let alone = note(&mut meter, "PutItem", &put("a"), 200, &json!({}));
        assert_eq!((alone.requests, alone.write_units), (1, 2));
        let together = json!({"TransactItems": [{"Put": put("b")}, {"Put": put("c")}]});
        let said = json!({"ConsumedCapacity": [{"CapacityUnits": 6.0}]});
        let together = note(&mut meter, "TransactWriteItems", &together, 200, &said);
        assert_eq!((together.requests, together.write_units), (1, 6));
        assert!((together.told_units - 6.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_a_batch_leaves_is_not_counted() {
        let item = |pk: &str| json!({"PutRequest": {"Item": {"pk": {"S": pk}}}});
        let asked = json!({"RequestItems": {"t": [item("a"), item("b")]}});
        let said = json!({"UnprocessedItems": {"t": [item("b")]}});
        assert_eq!(
            note(&mut meter(), "BatchWriteItem", &asked, 200, &said).write_units,
            1
        );
    }

    #[test]
    fn a_refused_condition_costs_and_an_error_does_not() {
        let mut meter = meter();
        let refused =
            json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"});
        let refused = note(&mut meter, "PutItem", &put("a"), 400, &refused);
        assert_eq!((refused.write_units, refused.failed), (1, 0));
        let wrong = json!({"__type": "x#ValidationException"});
        assert_eq!(
            note(&mut meter, "PutItem", &put("a"), 400, &wrong).write_units,
            0
        );
        let cancelled = json!({"__type": "x#TransactionCanceledException"});
        let both = json!({"TransactItems": [{"Put": put("b")}, {"ConditionCheck": {"TableName": "t", "Key": {"pk": {"S": "a"}}}}]});
        assert_eq!(
            note(&mut meter, "TransactWriteItems", &both, 400, &cancelled).write_units,
            4
        );
    }

    #[test]
    fn reads_are_requests_without_write_units_and_other_services_are_not_counted() {
        let mut meter = meter();
        let read = note(
            &mut meter,
            "BatchGetItem",
            &json!({}),
            200,
            &json!({"ConsumedCapacity": [{"CapacityUnits": 9.0}]}),
        );
        assert_eq!(
            (read.requests, read.write_units, read.told_units),
            (1, 0, 0.0)
        );
        let other = message(
            "POST / HTTP/1.1\r\nx-amz-target: secretsmanager.GetSecretValue",
            &json!({}),
        );
        meter.note(&other, &message("HTTP/1.1 200 OK", &json!({})));
        assert_eq!(meter.take(), Counted::default());
    }
}
