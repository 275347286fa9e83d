//! Page positions: opaque to the client, a keyset place inside. They name the last record that
//! was given, so edits while paging neither repeat nor skip anything.

use std::fmt::Write;

use super::errors::Failure;

/// What a position is good for. A position of one list is no position of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Company, entity and kind of list.
    pub list: &'a str,
    /// The generation of positions that is valid now.
    pub generation: u32,
}

/// Writes a position.
pub fn encode(scope: &Scope<'_>, parts: &[&str]) -> String {
    let text = format!("{}\n{}\n{}", scope.generation, scope.list, parts.join("\n"));
    text.bytes().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

/// Reads a position into its parts.
pub fn decode(scope: &Scope<'_>, position: &str) -> Result<Vec<String>, Failure> {
    let unreadable =
        || Failure::bad_request("The position `after` is not one that this list has given.");
    if position.len() > 1000 || !position.len().is_multiple_of(2) {
        return Err(unreadable());
    }
    let bytes: Option<Vec<u8>> = (0..position.len())
        .step_by(2)
        .map(|at| {
            position
                .get(at..at + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect();
    let text = String::from_utf8(bytes.ok_or_else(unreadable)?).map_err(|_| unreadable())?;
    let mut lines = text.split('\n');
    let generation = lines
        .next()
        .and_then(|line| line.parse::<u32>().ok())
        .ok_or_else(unreadable)?;
    if lines.next() != Some(scope.list) {
        return Err(unreadable());
    }
    if generation != scope.generation {
        return Err(Failure::new(
            "E_POSITION_EXPIRED",
            "The page position is no longer valid; start again from the first page.",
        ));
    }
    Ok(lines.map(str::to_owned).collect())
}
