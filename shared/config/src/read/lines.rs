//! From a path, as findings name it, back to its line.

use toml::de::{DeTable, DeValue};

use super::{LARGEST, line_at};

/// See [`crate::SyncConfig::line_of`].
pub(crate) fn line_of(text: &str, path: &str) -> usize {
    if text.len() > LARGEST {
        return 1;
    }
    let (table, _) = DeTable::parse_recoverable(text);
    line_at(text, in_table(table.get_ref(), path).unwrap_or(0))
}

/// The offset of the deepest part of `path` that is there. `None`: not even its first key is.
fn in_table(table: &DeTable<'_>, path: &str) -> Option<usize> {
    // A key may hold points itself ("St. Paul" in a table of values): of several that fit, the longest is meant.
    let fitting = table.iter().filter_map(|(key, value)| {
        let rest = path.strip_prefix(key.get_ref().as_ref())?;
        let ends = rest.is_empty() || rest.starts_with(['.', '[']);
        ends.then_some((key, value.get_ref(), rest))
    });
    let (key, value, rest) = fitting.max_by_key(|(key, ..)| key.get_ref().len())?;
    Some(in_value(value, rest).unwrap_or(key.span().start))
}

/// The offset of what `rest` (`.key…`, `[index]…`) names inside a value.
fn in_value(value: &DeValue<'_>, rest: &str) -> Option<usize> {
    if let Some(key) = rest.strip_prefix('.') {
        return in_table(value.as_table()?, key);
    }
    let (index, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let element = value.as_array()?.get(index.parse::<usize>().ok()?)?;
    Some(in_value(element.get_ref(), rest).unwrap_or(element.span().start))
}

#[cfg(test)]
mod tests {
    use crate::SyncConfig;
    use crate::testing::findings;

    const FILE: &str = "\
[companies.ABC]
agent_url = \"https://agent.example.com\"

[targets.zoho]
crm = \"zoho\"
companies = [
    \"ABC\",
    \"XYZ\",
]
customer.module = \"Accounts\"
customer.owner = { field = \"Owner\",
    column = \"SalespersonNo\" }
customer.include = [{ column = \"City\", equals = \"St. Paul\" },
    { column = \"State\",
      equals = \"MN\" }]

[targets.zoho.customer.fields]
Phone = \"TelephoneNo\"
Region = { from = \"City\", values = { \"St. Paul\" = \"N\",
  \"St\" = \"S\" } }

[targets.zoho-eu]
crm = \"zoho\"
";

    #[test]
    fn a_path_leads_to_its_line_or_to_the_nearest_one_above() {
        for (path, line) in [
            ("companies", 1),
            ("companies.ABC", 1),
            ("companies.ABC.agent_url", 2),
            ("companies.ABC.lag", 1),
            ("targets.zoho", 4),
            ("targets.zoho.companies", 6),
            ("targets.zoho.companies[0]", 7),
            ("targets.zoho.companies[1]", 8),
            ("targets.zoho.companies[2]", 6),
            ("targets.zoho.companies[x]", 6),
            ("targets.zoho.customer.module", 10),
            ("targets.zoho.customer.owner.field", 11),
            ("targets.zoho.customer.owner.column", 12),
            ("targets.zoho.customer.include[0].equals", 13),
            ("targets.zoho.customer.include[1]", 14),
            ("targets.zoho.customer.include[1].equals", 15),
            ("targets.zoho.customer.fields.Phone", 18),
            ("targets.zoho.customer.fields.Phone.with", 18),
            ("targets.zoho.customer.fields.Region.values.St. Paul", 19),
            ("targets.zoho.customer.fields.Region.values.St", 20),
            ("targets.zoho-eu.crm", 23),
            ("targets.zoho-eu.customer.fields.Phone", 22),
            ("targets.salesforce.crm", 4),
            ("nothing.of.this", 1),
            ("", 1),
        ] {
            assert_eq!(SyncConfig::line_of(FILE, path), line, "{path}");
        }
    }

    #[test]
    fn what_is_no_toml_has_lines_as_far_as_it_is_read() {
        let text = format!("{FILE}[broken\n");
        assert_eq!(SyncConfig::line_of(&text, "targets.zoho.crm"), 5);
        assert_eq!(SyncConfig::line_of("", "targets.zoho"), 1);
    }

    #[test]
    fn the_path_of_every_finding_leads_back_to_its_line() {
        let text = include_str!("mistakes.toml");
        for finding in findings(text) {
            let line = SyncConfig::line_of(text, &finding.path);
            // A mistake further down in a text of several lines stands below its key.
            let below = if finding.path.ends_with("Word__c.compute") {
                3
            } else {
                0
            };
            assert_eq!(line + below, finding.line, "{finding}");
        }
    }
}
