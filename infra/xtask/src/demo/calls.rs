//! Calls to the CRM, as the CRM counts them.

use std::ops::Sub;

use serde_json::Value;

use crate::error::Result;
use crate::stack::crm::Crm;

/// What a stretch of work cost at the CRM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls that wrote records.
    pub writes: u64,
    /// All calls of the API, without those for tokens.
    pub all: u64,
    /// Calls for tokens.
    pub tokens: u64,
    /// What the CRM bills for them: credits, or the calls themselves.
    pub units: u64,
}

impl Calls {
    /// Everything since the simulator started.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub fn so_far(crm: &Crm) -> Result<Self> {
        Ok(Self::of(&crm.door.stats()?))
    }

    fn of(stats: &Value) -> Self {
        let mut calls = Self::default();
        let counted = stats.get("calls").and_then(Value::as_array);
        for entry in counted.into_iter().flatten() {
            let operation = entry
                .get("operation")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let count = entry.get("count").and_then(Value::as_u64).unwrap_or(0);
            if is_token(operation) {
                calls.tokens += count;
                continue;
            }
            calls.all += count;
            if is_write(operation) {
                calls.writes += count;
            }
        }
        calls.units = credits(stats).unwrap_or(calls.all);
        calls
    }
}

fn credits(stats: &Value) -> Option<u64> {
    let found = stats.get("credits")?;
    found.as_u64().or_else(|| found.get("used")?.as_u64())
}

fn is_token(operation: &str) -> bool {
    operation.to_ascii_lowercase().contains("token")
}

fn is_write(operation: &str) -> bool {
    let verb = operation.rsplit('.').next().unwrap_or_default();
    matches!(verb, "upsert" | "insert" | "create" | "update" | "delete")
}

impl Sub for Calls {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            writes: self.writes.saturating_sub(earlier.writes),
            all: self.all.saturating_sub(earlier.all),
            tokens: self.tokens.saturating_sub(earlier.tokens),
            units: self.units.saturating_sub(earlier.units),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn writes_reads_and_tokens_are_kept_apart() {
        let calls = Calls::of(&json!({
            "credits": { "used": 31 },
            "calls": [
                { "operation": "Accounts.upsert", "status": 200, "count": 2 },
                { "operation": "Accounts.upsert", "status": 503, "count": 1 },
                { "operation": "coql", "status": 200, "count": 4 },
                { "operation": "oauth.token", "status": 200, "count": 1 }
            ]
        }));
        assert_eq!(
            calls,
            Calls {
                writes: 3,
                all: 7,
                tokens: 1,
                units: 31
            }
        );
        let unbilled = json!({ "calls": [{ "operation": "query", "status": 200, "count": 4 }] });
        assert_eq!(Calls::of(&unbilled).units, 4);
    }
}
