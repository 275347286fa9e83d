//! What a person does to a deployment by hand. It is noted before it is done: who, when, and what it was like.

use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

use crate::ports::{Audit, ByHand, Circuit, Settings};

/// How often a circuit is read again that somebody wrote in between.
const TRIES: usize = 5;

/// Closes a circuit, so that the next work that comes calls at once. The answer is the circuit as it was; none: it was
/// closed already, and nothing was done. What was learned besides (how large calls may be, which jobs failed for something
/// of their own) stays.
///
/// # Errors
/// When the store cannot be read or written, or others write the circuit all the while (transient).
pub async fn close_circuit<S: Settings + Audit>(
    store: &S,
    name: &TargetName,
    who: &str,
    now: Timestamp,
) -> Result<Option<Circuit>, Fault> {
    let mut noted = false;
    for _ in 0..TRIES {
        let was = store.circuit(name).await?;
        if is_closed(&was) {
            return Ok(None);
        }
        if !noted {
            let deed = ByHand {
                at: now,
                who: who.to_owned(),
                verb: "circuit close".to_owned(),
                to: name.to_string(),
                before: format!("failures in a row: {}; {}", was.failures, was.reason),
            };
            store.note_by_hand(&deed).await?;
            noted = true;
        }
        let closed = Circuit {
            failures: 0,
            open_until: None,
            since: Some(now),
            probing: false,
            reason: String::new(),
            ..was.clone()
        };
        if store.put_circuit(name, &closed).await? {
            return Ok(Some(was));
        }
    }
    Err(Fault::new(
        Class::Transient,
        "E_CIRCUIT_BUSY",
        format!("The circuit of {name} is written by others all the while. Try again."),
    ))
}

/// Whether nothing keeps calls away.
#[must_use]
pub const fn is_closed(circuit: &Circuit) -> bool {
    circuit.failures == 0 && circuit.open_until.is_none()
}
