//! What targets may not have in common: a secret of two orgs, a record written twice.

use std::collections::BTreeMap;

use counterpart_domain::TargetName;

use super::section::Section;
use crate::TargetConfig;

/// Compares every two targets; `section` is the table of all.
pub(super) fn check(section: &Section<'_>, targets: &BTreeMap<TargetName, TargetConfig>) {
    for (name, target) in targets {
        for (other_name, other) in targets.range(..name) {
            let Some(item) = section.entries().find(|item| item.name() == name.as_str()) else {
                continue;
            };
            let same_secret = target.secret == other.secret;
            match (same_secret, target.crm.is_same_org(&other.crm, same_secret)) {
                (true, false) => item.report(
                    format!(
                        "{name} and {other_name} are different orgs, but share the secret {:?}.",
                        target.secret
                    ),
                    "Give each a secret of its own: secret = \"NAME\".",
                ),
                (_, true) => {
                    let company = target
                        .companies
                        .iter()
                        .find(|company| other.companies.contains(company));
                    let module = target.entities.values().find(|config| {
                        let mut others = other.entities.values();
                        others.any(|other| other.module.eq_ignore_ascii_case(&config.module))
                    });
                    if let (Some(company), Some(config)) = (company, module) {
                        item.report(
                            format!(
                                "{name} and {other_name} are the same org, and both write {} of {company}.",
                                config.module
                            ),
                            "Keep one of them, or divide the companies between them.",
                        );
                    }
                }
                (false, false) => {}
            }
        }
    }
}
