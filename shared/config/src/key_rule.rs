//! Which keys a target takes.

use counterpart_domain::{Class, Fault, SageKey};

/// Which keys a target takes. It is applied to the key within its company (`01-ABF`, `01-ABF/ARTIE JOHN`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRule {
    /// The characters allowed, as inclusive ranges; empty: all.
    pub allowed: Vec<(char, char)>,
    /// The greatest length in characters.
    pub length: Option<u32>,
}

impl KeyRule {
    pub(crate) fn check(&self, key: &SageKey) -> Result<(), Fault> {
        let refuse = |why: String| Err(Fault::new(Class::Data, "E_KEY_RULE", why));
        let count = key.local.chars().count();
        if let Some(length) = self.length.filter(|length| count > *length as usize) {
            return refuse(format!(
                "The key {key} has {count} characters; `key_rule` allows {length}."
            ));
        }
        let allowed = |c: char| {
            self.allowed.is_empty() || self.allowed.iter().any(|(a, z)| (*a..=*z).contains(&c))
        };
        match key.local.chars().find(|c| !allowed(*c)) {
            Some(stray) => refuse(format!(
                "The key {key} has the character {stray:?}, which `key_rule` does not allow."
            )),
            None => Ok(()),
        }
    }
}
