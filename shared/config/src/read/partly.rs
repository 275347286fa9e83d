//! What can be relied on of a file with mistakes in it.

use counterpart_domain::Entity;

use super::section::GONE;
use crate::{Finding, SyncConfig};

/// Settings of a target that say nothing of whom we speak to there.
const HARMLESS: [&str; 5] = [
    "companies",
    "events",
    "ledger_days",
    "orders",
    "parent_deadline",
];

/// Leaves out every company and target of which the connection is in doubt: nobody is called, and no secret is shown, at
/// an address that was only guessed.
pub(super) fn reliable(mut config: SyncConfig, findings: &[Finding]) -> SyncConfig {
    for finding in findings.iter().filter(|finding| finding.message != GONE) {
        let mut parts = finding.path.split(['.', '[']);
        match (parts.next(), parts.next(), parts.next()) {
            (Some("companies"), Some(code), _) => {
                config
                    .companies
                    .retain(|company, _| company.as_str() != code);
            }
            (Some("targets"), Some(name), part) => {
                let harmless = part.is_some_and(|part| {
                    HARMLESS.contains(&part) || Entity::ALL.iter().any(|one| one.name() == part)
                });
                if !harmless {
                    config.targets.retain(|target, _| target.as_str() != name);
                }
            }
            _ => {}
        }
    }
    let companies = &config.companies;
    for target in config.targets.values_mut() {
        target
            .companies
            .retain(|company| companies.contains_key(company));
    }
    config
}

#[cfg(test)]
mod tests {
    use crate::SyncConfig;

    const FILE: &str = "[companies.ABC]\nagent_url = \"https://a.example.com\"\n\
        [companies.XYZ]\nagent_url = \"https://b.example.com\"\n\
        [targets.zoho]\ncrm = \"zoho\"\ndata_center = \"us\"\ncompanies = [\"ABC\", \"XYZ\"]\n\
        [targets.zoho.customer]\nmodule = \"Accounts\"\nkey_field = \"Sage_Key\"\n\
        [targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"\nPhone = \"TelephoneNo\"\n";

    /// Companies, targets, findings.
    fn counts(from: &str, to: &str) -> (usize, usize, usize) {
        let text = FILE.replacen(from, to, 1);
        assert!(from.is_empty() || text != FILE, "{from}");
        let (config, findings) = SyncConfig::parse_partly(&text);
        assert_eq!(findings.is_empty(), SyncConfig::parse(&text).is_ok());
        for target in config.targets.values() {
            assert_eq!(target.companies.len(), config.companies.len());
        }
        (config.companies.len(), config.targets.len(), findings.len())
    }

    #[test]
    fn whom_we_would_speak_to_is_never_guessed() {
        for (from, to, left) in [
            ("", "", (2, 1, 0)),
            ("\"TelephoneNo\"", "\"TelefoneNo\"", (2, 1, 1)),
            ("\"https://b.example.com\"", "\"b\"", (1, 1, 1)),
            ("\"us\"", "\"mars\"", (2, 0, 1)),
            ("\"us\"", "\"us\"\napi_version = \"v8\"", (2, 1, 1)),
            ("[companies.XYZ]", "every = {}\n[companies.XYZ]", (2, 1, 1)),
            ("crm = \"zoho\"", "crm = \"zoho\"\nsecrt = \"x\"", (2, 0, 1)),
            (
                "crm = \"zoho\"",
                "crm = \"zoho\"\nledger_days = 0",
                (2, 1, 1),
            ),
            ("[companies.ABC]", "[companies.ABC", (0, 0, 1)),
        ] {
            let found = counts(from, to);
            assert_eq!((found.0, found.1), (left.0, left.1), "{from} {to}");
            assert_eq!(found.2 > 0, left.2 > 0, "{from} {to}");
        }
    }
}
