//! What the roles of the unrolled template may do with the tables, decided as IAM decides: a Deny beats every Allow, and what
//! nothing allows is refused.
//!
//! The demo tries the same with a running AWS; this needs none, and names the statement.

use serde_json::Value;

use crate::error::{Result, ensure};

/// What a function asks DynamoDB for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Such as `dynamodb:PutItem`.
    pub action: &'a str,
    /// The table's name behind the stack's.
    pub table: &'a str,
    /// The partition keys of the items.
    pub keys: &'a [&'a str],
}

/// The statements of all policies of a role.
#[derive(Debug)]
pub struct Role<'a>(Vec<&'a Value>);

impl<'a> Role<'a> {
    /// Of the role with this logical id: its own policies, and those that name it.
    pub fn of(template: &'a Value, id: &str) -> Self {
        let resources = template.get("Resources").and_then(Value::as_object);
        let own = template.pointer(&format!("/Resources/{id}/Properties/Policies"));
        let own = own.and_then(Value::as_array).into_iter().flatten();
        let apart = resources.into_iter().flatten().filter_map(|(_, one)| {
            let is_policy = one.get("Type").and_then(Value::as_str) == Some("AWS::IAM::Policy");
            let properties = one.get("Properties").filter(|_| is_policy)?;
            let roles = properties.get("Roles")?.as_array()?;
            let names = |role: &Value| role.get("Ref").and_then(Value::as_str) == Some(id);
            roles.iter().any(names).then_some(properties)
        });
        let statements = own
            .chain(apart)
            .filter_map(|policy| policy.pointer("/PolicyDocument/Statement")?.as_array())
            .flatten();
        Self(statements.collect())
    }

    /// Whether the request gets through.
    pub fn may(&self, request: Request<'_>) -> bool {
        self.any("Allow", request) && !self.denies(request)
    }

    /// Whether it is refused, whatever allows it.
    pub fn denies(&self, request: Request<'_>) -> bool {
        self.any("Deny", request)
    }

    fn any(&self, effect: &str, request: Request<'_>) -> bool {
        self.0.iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect)
                && applies(statement, request)
        })
    }

    /// Holds a request against what is wanted.
    ///
    /// # Errors
    /// When it is allowed and should not be, or the other way round.
    pub fn has_to(&self, whose: &str, allowed: bool, request: Request<'_>) -> Result<()> {
        ensure(self.may(request) == allowed, || {
            let verb = if allowed { "may not" } else { "may" };
            let Request {
                action,
                table,
                keys,
            } = request;
            format!(
                "{whose} {verb} {action} {} in the table {table}",
                keys.join(", ")
            )
        })
    }
}

fn applies(statement: &Value, request: Request<'_>) -> bool {
    let of_table = |text: &str| {
        text == "*" || text.ends_with(&format!("table/${{AWS::StackName}}-{}", request.table))
    };
    texts(statement.get("Action")).any(|pattern| like(request.action, pattern))
        && texts(statement.get("Resource")).any(of_table)
        && holds(statement.get("Condition"), request)
}

/// Texts, alone or in a list; what CloudFormation puts in stays as it is written.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let all = match value {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    all.iter().filter_map(|one| match one {
        Value::String(text) => Some(text.as_str()),
        other => other.get("Fn::Sub").and_then(Value::as_str),
    })
}

/// All conditions. One that is not known here is taken for unfulfilled in every statement: no check may rest on it.
fn holds(condition: Option<&Value>, request: Request<'_>) -> bool {
    let operators = condition.and_then(Value::as_object);
    operators.into_iter().flatten().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter().all(|(key, wanted)| {
                key == "dynamodb:LeadingKeys" && compares(operator, wanted, request)
            })
        })
    })
}

fn compares(operator: &str, wanted: &Value, request: Request<'_>) -> bool {
    let any = |key: &str, equal: fn(&str, &str) -> bool| {
        texts(Some(wanted)).any(|pattern| equal(key, pattern))
    };
    let same: fn(&str, &str) -> bool = |key, pattern| key == pattern;
    let mut keys = request.keys.iter();
    match operator {
        "Null" => request.keys.is_empty() == any("true", same),
        "ForAllValues:StringEquals" => keys.all(|key| any(key, same)),
        "ForAllValues:StringLike" => keys.all(|key| any(key, like)),
        "ForAnyValue:StringNotEquals" => keys.any(|key| !any(key, same)),
        "ForAnyValue:StringNotLike" => keys.any(|key| !any(key, like)),
        _ => false,
    }
}

/// `*` stands for any characters, `?` for one.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            (0..=text.len())
                .filter(|at| text.is_char_boundary(*at))
                .any(|at| like(&text[at..], rest))
        }
        Some('?') => {
            let mut after = text.chars();
            after.next().is_some() && like(after.as_str(), rest.as_str())
        }
        Some(one) => text
            .strip_prefix(one)
            .is_some_and(|after| like(after, rest.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template(statements: Value, apart: Value) -> Value {
        let policy = |statements| json!({ "PolicyDocument": { "Statement": statements } });
        let mut other = policy(apart);
        other["Roles"] = json!([{ "Ref": "Writer" }]);
        json!({ "Resources": {
            "Writer": { "Type": "AWS::IAM::Role", "Properties": { "Policies": [policy(statements)] } },
            "Apart": { "Type": "AWS::IAM::Policy", "Properties": other },
        }})
    }

    fn statement(effect: &str, condition: Value) -> Value {
        json!({ "Effect": effect, "Action": ["dynamodb:PutItem"], "Condition": condition,
                "Resource": [{ "Fn::Sub": "arn:aws:dynamodb:::table/${AWS::StackName}-links" }] })
    }

    fn put<'a>(keys: &'a [&'a str]) -> Request<'a> {
        Request {
            action: "dynamodb:PutItem",
            table: "links",
            keys,
        }
    }

    #[test]
    fn own_rows_are_allowed_and_others_are_not() {
        let own = json!({ "Null": { "dynamodb:LeadingKeys": "false" },
                          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["zoho#*"] } });
        let template = template(json!([statement("Allow", own)]), json!([]));
        let role = Role::of(&template, "Writer");
        assert!(role.may(put(&["zoho#customer#ABC:1"])));
        assert!(!role.may(put(&["zohoeu#customer#ABC:1"])));
        assert!(!role.may(put(&["zoho#1", "salesforce#1"])));
        assert!(!role.may(put(&[])));
        assert!(!role.may(Request {
            table: "settings",
            ..put(&["zoho#1"])
        }));
        assert!(!role.may(Request {
            action: "dynamodb:DeleteItem",
            ..put(&["zoho#1"])
        }));
        assert!(!Role::of(&template, "Reader").may(put(&["zoho#1"])));
    }

    #[test]
    fn a_refusal_elsewhere_beats_every_right() {
        let others = json!({ "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": ["zoho#*"] } });
        let template = template(
            json!([statement("Allow", json!({}))]),
            json!([statement("Deny", others)]),
        );
        let role = Role::of(&template, "Writer");
        assert!(role.may(put(&["zoho#1"])));
        assert!(!role.may(put(&["salesforce#1"])));
        assert!(!role.may(put(&["zoho#1", "salesforce#1"])));
    }
}
