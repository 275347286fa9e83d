//! What sets the poller off: a schedule's input, or a hint by HTTP.

use counterpart_domain::{Class, Company, Entity, Fault};
use serde_json::Value;

use super::HintRequest;

/// An invocation of the poller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollerEvent {
    /// `{"company":"ABC","entity":"customer"}`, from a schedule or by hand.
    Poll {
        /// The company.
        company: Company,
        /// The entity.
        entity: Entity,
    },
    /// `POST /sage/{company}/hint`, as an HTTP API (payload version 2.0) or a function URL passes it on.
    Hint(HintRequest),
}

impl PollerEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// `E_EVENT` (class configuration): whoever sends it has to mend it.
    pub fn read(event: &Value) -> Result<Self, Fault> {
        if event.pointer("/requestContext/http").is_some() {
            return Ok(Self::Hint(HintRequest::read(event)));
        }
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let refuse = |detail: String| {
            Fault::new(
                Class::Configuration,
                "E_EVENT",
                "The poller was called with something that is neither {\"company\":…,\"entity\":…} nor a hint.",
            )
            .with_detail(detail)
        };
        Ok(Self::Poll {
            company: Company::new(text("company")).map_err(|error| refuse(error.to_string()))?,
            entity: text("entity")
                .parse()
                .map_err(|error| refuse(format!("{error}")))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schedule_names_company_and_entity() {
        let event = PollerEvent::read(&json!({"company": "ABC", "entity": "contact"})).unwrap();
        let company = Company::new("ABC").unwrap();
        assert_eq!(
            event,
            PollerEvent::Poll {
                company,
                entity: Entity::CONTACT
            }
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_is_wrong() {
        for event in [
            json!({}),
            json!({"company": "abc", "entity": "customer"}),
            json!({"company": "ABC", "entity": "order"}),
            json!(null),
        ] {
            assert_eq!(
                PollerEvent::read(&event).unwrap_err().code,
                "E_EVENT",
                "{event}"
            );
        }
    }
}
