//! What a person does to a deployment by hand. Once it is done it is noted: who, when, and what it was like before.

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
/// When the store cannot be read or written (a note that could not be written says that the circuit is closed), or others write the circuit all the while (transient).
pub async fn close_circuit<S: Settings + Audit>(
    store: &S,
    name: &TargetName,
    who: &str,
    now: Timestamp,
) -> Result<Option<Circuit>, Fault> {
    for _ in 0..TRIES {
        let was = store.circuit(name).await?;
        if is_closed(&was) {
            return Ok(None);
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
            let deed = ByHand {
                at: now,
                who: who.to_owned(),
                verb: "circuit close".to_owned(),
                to: name.to_string(),
                before: format!("failures in a row: {}; {}", was.failures, was.reason),
            };
            store.note_by_hand(&deed).await.map_err(not_noted)?;
            return Ok(Some(was));
        }
    }
    Err(Fault::new(
        Class::Transient,
        "E_CIRCUIT_BUSY",
        format!("The circuit of {name} is written by others all the while. Try again."),
    ))
}

/// It is closed all the same: work goes on, which is what the person wanted.
fn not_noted(fault: Fault) -> Fault {
    Fault {
        message: format!(
            "The circuit is closed, but it could not be noted who closed it. {}",
            fault.message
        ),
        ..fault
    }
}

/// Whether nothing keeps calls away.
#[must_use]
pub const fn is_closed(circuit: &Circuit) -> bool {
    circuit.failures == 0 && circuit.open_until.is_none()
}
