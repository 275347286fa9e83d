//! Reading by any field: the children of a record, and those that are alike. Page: "Execute a SOQL Query".

use counterpart_delivery::ports::{Clock, CrmRecord, Ids, Tokens};
use counterpart_domain::Fault;
use counterpart_http::Purpose;

use crate::client::{SalesforceClient, checked_name};
use crate::soql::{LONGEST, encoded_length, groups, quoted};

/// The most values of one query.
const MOST_VALUES: usize = 200;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    pub(crate) async fn read_by_field(
        &self,
        object: &str,
        field: &str,
        values: &[String],
        blank: Option<&str>,
        fields: &[String],
        most: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        let (object, field) = (checked_name(object)?, checked_name(field)?);
        let blank = blank.map(checked_name).transpose()?;
        let mut wanted: Vec<&str> = Vec::new();
        for name in fields {
            let name = checked_name(name)?;
            let mut known = ["Id", "LastModifiedDate"].into_iter().chain(wanted.clone());
            if !known.any(|known| known.eq_ignore_ascii_case(name)) {
                wanted.push(name);
            }
        }
        let wanted = groups(&wanted).into_iter().next().unwrap_or_default();
        let mut found: Vec<CrmRecord> = Vec::new();
        let frame = Frame {
            object,
            field,
            blank,
            wanted: &wanted,
            most,
        };
        for part in frame.parts(values) {
            let query = frame.select(part);
            for row in self.query(Purpose::Read, &query).await? {
                found.push(self.record(object, &row, "", &wanted, fields).await?);
            }
            if most.is_some_and(|most| found.len() > most) {
                break;
            }
        }
        Ok(found)
    }
}

/// A query but for its values.
struct Frame<'a> {
    object: &'a str,
    field: &'a str,
    blank: Option<&'a str>,
    wanted: &'a [&'a str],
    most: Option<usize>,
}

impl Frame<'_> {
    fn select(&self, values: &[String]) -> String {
        let mut columns = vec!["Id", "LastModifiedDate"];
        columns.extend(self.wanted);
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        let blank = self.blank.map(|field| format!(" AND {field} = null"));
        // One more tells that there are more.
        let limit = self.most.map(|most| format!(" LIMIT {}", most + 1));
        format!(
            "SELECT {} FROM {} WHERE {} IN ({}){}{}",
            columns.join(", "),
            self.object,
            self.field,
            values.join(", "),
            blank.unwrap_or_default(),
            limit.unwrap_or_default()
        )
    }

    /// Values in parts that fit into a query.
    fn parts<'v>(&self, values: &'v [String]) -> Vec<&'v [String]> {
        let frame = encoded_length(&self.select(&[]));
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_none_is_left_out() {
        let values: Vec<String> = (0..450)
            .map(|n| format!("O'Brien {n} ÑÑÑÑÑÑÑÑÑÑÑÑ"))
            .collect();
        let frame = Frame {
            object: "Account",
            field: "Name",
            blank: Some("Sage_Key__c"),
            wanted: &["Phone"],
            most: Some(1000),
        };
        insta::assert_snapshot!(
            frame.select(&values[..2]),
            @r"SELECT Id, LastModifiedDate, Phone FROM Account WHERE Name IN ('O\'Brien 0 ÑÑÑÑÑÑÑÑÑÑÑÑ', 'O\'Brien 1 ÑÑÑÑÑÑÑÑÑÑÑÑ') AND Sage_Key__c = null LIMIT 1001"
        );
        let parts = frame.parts(&values);
        assert!(parts.len() > 2, "{}", parts.len());
        assert_eq!(parts.concat(), values);
    }
}
