//! One file as it was read.

use super::token::Code;

/// One file.
#[derive(Debug)]
pub struct Source {
    /// From the root, with `/` between the parts.
    pub path: String,
    pub text: String,
    pub code: Code,
}

impl Source {
    /// Its folder in the table: the crate's.
    pub fn folder(&self) -> String {
        let parts: Vec<&str> = self.path.split('/').collect();
        let depth = if self.path.starts_with("functions/") {
            1
        } else {
            2
        };
        parts[..depth.min(parts.len().saturating_sub(1))].join("/")
    }
}
