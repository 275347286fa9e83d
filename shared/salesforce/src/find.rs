//! Reading by any field: the children of a record, and those that are alike. Page: "Execute a SOQL Query".

use counterpart_delivery::ports::{Clock, CrmRecord, Ids, Tokens};
use counterpart_domain::Fault;
use counterpart_http::Purpose;

use crate::client::{SalesforceClient, checked_name};
use crate::query::record;
use crate::soql::{LONGEST, encoded_length, groups, quoted};

/// The most values of one query.
const MOST_VALUES: usize = 200;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    pub(crate) async fn read_by_field(
        &self,
        object: &str,
        field: &str,
        values: &[String],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        let (object, field) = (checked_name(object)?, checked_name(field)?);
        let mut wanted: Vec<&str> = Vec::new();
        for name in fields {
            let name = checked_name(name)?;
            let mut known = ["Id", "LastModifiedDate"].into_iter().chain(wanted.clone());
            if !known.any(|known| known.eq_ignore_ascii_case(name)) {
                wanted.push(name);
            }
        }
        let wanted = groups(&wanted).into_iter().next().unwrap_or_default();
        let mut found = Vec::new();
        for part in parts(object, field, values, &wanted) {
            let query = select(object, field, part, &wanted);
            for row in self.query(Purpose::Read, &query).await? {
                found.push(record(&row, "", &wanted, fields)?);
            }
        }
        Ok(found)
    }
}

fn select(object: &str, field: &str, values: &[String], wanted: &[&str]) -> String {
    let mut columns = vec!["Id", "LastModifiedDate"];
    columns.extend(wanted);
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!(
        "SELECT {} FROM {object} WHERE {field} IN ({})",
        columns.join(", "),
        values.join(", ")
    )
}

/// Values in parts that fit into a query.
fn parts<'a>(
    object: &str,
    field: &str,
    values: &'a [String],
    wanted: &[&str],
) -> Vec<&'a [String]> {
    let frame = encoded_length(&select(object, field, &[], wanted));
    let mut parts = Vec::new();
    let (mut start, mut length) = (0, frame);
    for (at, value) in values.iter().enumerate() {
        let more = encoded_length(&quoted(value)) + encoded_length(", ");
        if at > start && (length + more > LONGEST || at - start >= MOST_VALUES) {
            parts.push(&values[start..at]);
            (start, length) = (at, frame);
        }
        length += more;
    }
    if start < values.len() {
        parts.push(&values[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_none_is_left_out() {
        let values: Vec<String> = (0..450).map(|n| format!("O'Brien {n} ÑÑÑÑÑÑÑÑÑÑÑÑ")).collect();
        insta::assert_snapshot!(
            select("Account", "Name", &values[..2], &["Sage_Key__c"]),
            @r"SELECT Id, LastModifiedDate, Sage_Key__c FROM Account WHERE Name IN ('O\'Brien 0 ÑÑÑÑÑÑÑÑÑÑÑÑ', 'O\'Brien 1 ÑÑÑÑÑÑÑÑÑÑÑÑ')"
        );
        let parts = parts("Account", "Name", &values, &[]);
        assert!(parts.len() > 2, "{}", parts.len());
        assert_eq!(parts.concat(), values);
    }
}
