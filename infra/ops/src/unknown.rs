//! What somebody named and nobody knows: an error, with what there is.

use crate::output::{Refusal, printable};

/// There is no such target, company, entity in the configuration in force.
pub(crate) fn unknown(
    what: &str,
    name: &str,
    known: impl Iterator<Item = impl ToString>,
) -> Refusal {
    let known: Vec<String> = known.map(|name| name.to_string()).collect();
    let remedy = if known.is_empty() {
        "There is none.".to_owned()
    } else {
        format!("There is: {}.", known.join(", "))
    };
    Refusal::new(
        "E_UNKNOWN",
        format!(
            "There is no {what} {} in the sync.toml in force.",
            printable(name)
        ),
        remedy,
    )
}
