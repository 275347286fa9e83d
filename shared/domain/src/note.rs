//! What is worth saying about a value that was written all the same.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bounded;

/// The longest message that is kept, in characters.
const LONGEST: usize = 300;

/// Something that a person may want to mend, but that kept nothing from being written: a state that is not known and
/// went over as it was. A fault parks the record; a note does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The CRM's field.
    pub field: String,
    /// Stable code, `N_` and upper case.
    pub code: Cow<'static, str>,
    /// One sentence, bounded.
    pub message: String,
}

impl Note {
    /// A note on a field.
    pub fn new(
        field: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: bounded(message.into(), LONGEST),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
