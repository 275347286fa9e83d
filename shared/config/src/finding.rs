//! What is wrong in a `sync.toml`, so that it can be mended without asking anybody.

use std::fmt;

/// One thing that is wrong in a `sync.toml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The line, counted from 1.
    pub line: usize,
    /// Where in the file: `targets.zoho.customer.fields.Phone`. Empty for the file as a whole.
    pub path: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it, in one sentence.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} {}", self.message, self.remedy)
    }
}
