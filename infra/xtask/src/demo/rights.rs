//! What the functions may not do is tried with their own roles: no writer of a CRM reaches another's rows, and no function
//! the configuration.

use serde_json::{Value, json};

use crate::error::{Result, ensure};
use crate::stack::Stack;
use crate::stack::deploy::STACK;
use crate::target::TARGETS;

/// A condition that no item fulfils: what gets past the policies still changes nothing.
const NEVER: &str = "attribute_exists(pk) AND attribute_not_exists(pk)";

/// One call of a function, and whether it has to get past the policies.
struct Attempt {
    function: String,
    service: &'static str,
    call: &'static str,
    with: Value,
    allowed: bool,
}

impl Attempt {
    fn of(function: &str, allowed: bool, service: &'static str, call: &'static str) -> Self {
        Self {
            function: format!("{STACK}-{function}"),
            service,
            call,
            with: Value::Null,
            allowed,
        }
    }

    /// Puts an item with this partition key into a table.
    fn puts(function: &str, allowed: bool, table: &str, pk: &str) -> Self {
        let mut attempt = Self::of(function, allowed, "dynamodb", "put_item");
        attempt.with = put(table, pk);
        attempt
    }

    fn reads(function: &str, allowed: bool, table: &str, pk: &str) -> Self {
        let mut attempt = Self::of(function, allowed, "dynamodb", "get_item");
        attempt.with = json!({ "TableName": format!("{STACK}-{table}"), "Key": key(pk) });
        attempt
    }

    fn deletes(function: &str, allowed: bool, table: &str, pk: &str) -> Self {
        let mut attempt = Self::of(function, allowed, "dynamodb", "delete_item");
        attempt.with = json!({
            "TableName": format!("{STACK}-{table}"), "Key": key(pk), "ConditionExpression": NEVER,
        });
        attempt
    }

    /// Puts items into two tables at once.
    fn puts_together(function: &str, allowed: bool, items: [(&str, &str); 2]) -> Self {
        let mut attempt = Self::of(function, allowed, "dynamodb", "transact_write_items");
        let items = items.map(|(table, pk)| json!({ "Put": put(table, pk) }));
        attempt.with = json!({ "TransactItems": items });
        attempt
    }

    fn reads_secret(function: &str, allowed: bool, secret: &str) -> Self {
        let mut attempt = Self::of(function, allowed, "secretsmanager", "get_secret_value");
        attempt.with = json!({ "SecretId": format!("{STACK}/{secret}") });
        attempt
    }

    fn json(&self) -> Value {
        json!({
            "function": self.function, "service": self.service, "call": self.call, "with": self.with,
        })
    }
}

fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "tried" } })
}

fn put(table: &str, pk: &str) -> Value {
    json!({
        "TableName": format!("{STACK}-{table}"), "Item": key(pk), "ConditionExpression": NEVER,
    })
}

/// Tries all of it.
///
/// # Errors
/// Names every call that got through and should not have, and the other way round.
pub fn hold(stack: &Stack) -> Result<()> {
    let attempts = attempts();
    let asked: Vec<Value> = attempts.iter().map(Attempt::json).collect();
    let outcomes = stack.try_as_functions(&Value::Array(asked))?;
    ensure(outcomes.len() == attempts.len(), || {
        format!("{} of {} calls were tried", outcomes.len(), attempts.len())
    })?;
    let wrong: Vec<String> = attempts
        .iter()
        .zip(&outcomes)
        .filter(|(attempt, outcome)| *outcome != wanted(attempt))
        .map(|(attempt, outcome)| {
            let Attempt { function, call, .. } = attempt;
            format!("{function}: {call} {} was {outcome}", attempt.with)
        })
        .collect();
    ensure(wrong.is_empty(), || wrong.join("\n"))
}

fn wanted(attempt: &Attempt) -> &'static str {
    if attempt.allowed {
        "allowed"
    } else {
        "refused"
    }
}

fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for own in TARGETS {
        for other in TARGETS.iter().filter(|other| other.name != own.name) {
            attempts.extend(of_writer(own.name, other.name));
        }
    }
    for function in [
        "poller",
        "webhooks",
        "lookup",
        "platform-events",
        "channel-keeper",
        "order-transform",
        "sage-writer",
    ] {
        attempts.push(Attempt::puts(function, false, "settings", "config"));
        attempts.push(Attempt::deletes(function, false, "settings", "config"));
    }
    attempts.extend([
        Attempt::puts("order-transform", true, "settings", "circuit"),
        Attempt::puts("order-transform", false, "settings", "binding"),
        Attempt::puts("sage-writer", true, "settings", "circuit"),
        Attempt::puts("sage-writer", true, "settings", "binding"),
        Attempt::puts("webhooks", true, "ledger", "nonce#1"),
        Attempt::puts("webhooks", false, "ledger", "runs#ABC"),
        Attempt::puts("webhooks", false, "cursors", "ABC"),
        Attempt::reads_secret("lookup", true, "agent"),
        Attempt::reads_secret("lookup", false, "hint"),
        Attempt::reads_secret("sage-writer", true, "soap"),
    ]);
    attempts
}

/// What the writer of one target may do with its own rows, and not with another's.
fn of_writer(own: &str, other: &str) -> Vec<Attempt> {
    let writer = &format!("crm-writer-{own}");
    let link = |of: &str| format!("{of}#customer#ABC:01-TRIED");
    let outcome = "history#ABC#customer#1";
    let mut attempts = vec![
        Attempt::puts(writer, false, "settings", "config"),
        Attempt::puts(writer, false, "settings", "binding"),
        Attempt::deletes(writer, false, "settings", "config"),
        Attempt::puts(writer, true, "settings", "circuit"),
        Attempt::reads(writer, true, "settings", "config"),
        Attempt::puts(writer, true, "ledger", outcome),
        Attempt::puts(writer, true, "ledger", "pack#1"),
        Attempt::puts(writer, false, "ledger", "runs#ABC"),
        // A link and its outcome go together.
        Attempt::puts_together(writer, true, [("links", &link(own)), ("ledger", outcome)]),
        Attempt::puts_together(
            writer,
            false,
            [("links", &link(own)), ("links", &link(other))],
        ),
        Attempt::puts_together(
            writer,
            false,
            [("links", &link(own)), ("settings", "config")],
        ),
        Attempt::reads_secret(writer, true, own),
        Attempt::reads_secret(writer, false, other),
        Attempt::reads_secret(writer, false, "agent"),
    ];
    for (of, allowed) in [(own, true), (other, false)] {
        attempts.extend([
            Attempt::puts(writer, allowed, "links", &link(of)),
            Attempt::reads(writer, allowed, "links", &link(of)),
            Attempt::deletes(writer, allowed, "links", &format!("{of}#crm#1")),
            Attempt::puts(writer, allowed, "parked", of),
            Attempt::deletes(writer, allowed, "parked", of),
            Attempt::puts(writer, allowed, "tokens", of),
            Attempt::reads(writer, allowed, "reps", &format!("{of}#ABC")),
            Attempt::puts(writer, allowed, "ledger", &format!("run#1#{of}")),
            Attempt::puts(writer, allowed, "cursors", &format!("mark#stock#{of}#1")),
        ]);
    }
    attempts
}
