//! What a target says of its org.

use std::collections::BTreeMap;

use super::profile::{CrmProfile, OneOrg};

/// The product of a target, and what only that product has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmSettings {
    profile: &'static CrmProfile,
    values: BTreeMap<&'static str, String>,
}

impl CrmSettings {
    /// The settings of one org. `values`: what the file says, by key.
    #[must_use]
    pub const fn new(profile: &'static CrmProfile, values: BTreeMap<&'static str, String>) -> Self {
        Self { profile, values }
    }

    /// Which product it is.
    #[must_use]
    pub const fn profile(&self) -> &'static CrmProfile {
        self.profile
    }

    /// What the file says under a key of this product.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        debug_assert!(
            self.profile
                .settings
                .iter()
                .any(|setting| setting.key == key),
            "{key} is no setting of {}",
            self.profile.title
        );
        self.values.get(key).map(String::as_str)
    }

    /// The version of the API that is spoken.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.get("api_version").unwrap_or(self.profile.api_version)
    }

    /// Product, place and version in a few words.
    #[must_use]
    pub fn described(&self) -> String {
        let place = self.profile.place.and_then(|key| self.get(key));
        let place = place.map_or_else(String::new, |place| format!(" {place}"));
        format!("{}{place} API {}", self.profile.short, self.api_version())
    }

    /// Whether two targets are one org, as far as the file tells. `same_secret`: they name the same one.
    #[must_use]
    pub fn is_same_org(&self, other: &Self, same_secret: bool) -> bool {
        self.profile == other.profile
            && match self.profile.one_org {
                OneOrg::Setting(key) => self.get(key) == other.get(key),
                OneOrg::SecretAndSettings => same_secret && self.values == other.values,
            }
    }
}
