//! One record as a whole: its fields, what its lookups point to, and its lines, in one query. Page: "Relationship
//! Queries".

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{Clock, Document, DocumentQuery, Ids, LinesQuery, Tokens};
use counterpart_domain::{Class, CrmId, Fault, Fields, Value};
use counterpart_http::{Priority, Purpose};
use serde_json::value::RawValue;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::unreadable;
use crate::query::QueryPage;
use crate::query::{Row, instant, no_id, plain, raw};
use crate::soql::{LONGEST, encoded_length, quoted};
use crate::wire::value::{FieldType, incoming, is_open};

/// A query may lead over so many lookups.
const MOST_LOOKUPS: usize = 5;
/// Child relationships whose records a user may put in order. Page: "OpportunityLineItem", "QuoteLineItem".
const SORTABLE: [&str; 2] = ["OpportunityLineItems", "QuoteLineItems"];

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    pub(crate) async fn read_document(
        &self,
        query: &DocumentQuery,
        id: &CrmId,
    ) -> Result<Option<Document>, Fault> {
        // What is no id is the id of nothing; Salesforce would call the query wrong.
        let Some(id) = salesforce_id(&id.0) else {
            return Ok(None);
        };
        let soql = select(query, &id)?;
        let rows = self.sale_query("query", &soql).await;
        let Some(row) = rows.map_err(unknown)?.into_iter().next() else {
            return Ok(None);
        };
        let mut lines = Vec::new();
        if let Some(wanted) = &query.lines {
            for line in self.children(&row, &wanted.relation).await? {
                let id = plain(&line, "Id").ok_or_else(no_id)?;
                let mut fields = Fields::new();
                for name in &wanted.fields {
                    let value = self.line_value(query, wanted, &line, name).await?;
                    fields.insert(name.clone(), value);
                }
                fields.insert("id".to_owned(), Value::Reference(id));
                lines.push(fields);
            }
        }
        let mut fields = Fields::new();
        for name in &query.fields {
            let raw = at(&row, name, name)?;
            let kind = match &raw {
                Some(raw) => self.read_as(&query.module, name, raw).await?,
                None => FieldType::Text,
            };
            fields.insert(name.clone(), read(kind, raw.as_deref(), name)?);
        }
        Ok(Some(Document {
            module: query.module.clone(),
            id: CrmId(plain(&row, "Id").ok_or_else(no_id)?),
            fields,
            lines,
            created: plain(&row, "CreatedDate").and_then(|text| instant(&text)),
            modified: plain(&row, "LastModifiedDate").and_then(|text| instant(&text)),
            modified_by: plain(&row, "LastModifiedById").map(CrmId),
        }))
    }

    /// A value of a line. The object of the lines is the child relationship's.
    async fn line_value(
        &self,
        query: &DocumentQuery,
        lines: &LinesQuery,
        line: &Row,
        name: &str,
    ) -> Result<Value, Fault> {
        let raw = at(line, name, name)?;
        let mut kind = FieldType::Text;
        if let Some(raw) = raw.as_deref().filter(|raw| is_open(raw)) {
            let types = self.types(&query.module).await?;
            if let Some(object) = types.child(&lines.relation) {
                kind = self.read_as(object, name, raw).await?;
            }
        }
        read(kind, raw.as_deref(), name)
    }

    /// The records of a child relationship. There is a first page of them within the row; where there are more, it says
    /// where.
    async fn children(&self, row: &Row, relation: &str) -> Result<Vec<Row>, Fault> {
        let raw = raw(row, relation)
            .ok_or_else(|| unreadable(Purpose::Read, "no lines in the answer"))?;
        let page: Option<QueryPage> = serde_json::from_str(raw.get())
            .map_err(|error| unreadable(Purpose::Read, &error.to_string()))?;
        match page {
            Some(page) => {
                self.to_the_end(Purpose::Read, Priority::Order, self.path("query"), page)
                    .await
            }
            None => Ok(Vec::new()),
        }
    }
}

/// What stands at the end of a path over lookups; none where one of them is blank.
fn at(row: &Row, path: &str, whole: &str) -> Result<Option<Box<RawValue>>, Fault> {
    let (name, rest) = match path.split_once('.') {
        Some((lookup, rest)) => (lookup, Some(rest)),
        None => (path, None),
    };
    let raw = raw(row, name)
        .ok_or_else(|| unreadable(Purpose::Read, &format!("no {whole} in the answer")))?;
    match rest {
        Some(rest) => match serde_json::from_str::<Option<Row>>(raw.get()) {
            Ok(Some(parent)) => at(&parent, rest, whole),
            Ok(None) => Ok(None),
            Err(error) => Err(unreadable(Purpose::Read, &format!("{whole}: {error}"))),
        },
        None => Ok(Some(raw.to_owned())),
    }
}

/// The value of what stands there.
fn read(kind: FieldType, raw: Option<&RawValue>, whole: &str) -> Result<Value, Fault> {
    let Some(raw) = raw else {
        return Ok(Value::Blank);
    };
    incoming(kind, raw).ok_or_else(|| {
        field_unknown(format!(
            "{whole} of Salesforce holds several values, such as an address: name its parts in sync.toml."
        ))
    })
}

/// `SELECT …, (SELECT … FROM lines) FROM object WHERE Id = …`
fn select(query: &DocumentQuery, id: &str) -> Result<String, Fault> {
    let object = checked_name(&query.module)?;
    let ours = ["Id", "CreatedDate", "LastModifiedDate", "LastModifiedById"];
    let mut columns = columns(&ours, &query.fields)?.join(", ");
    if let Some(lines) = &query.lines {
        columns = format!("{columns}, ({})", child_select(lines)?);
    }
    let soql = format!("SELECT {columns} FROM {object} WHERE Id = {}", quoted(id));
    if encoded_length(&soql) > LONGEST {
        return Err(Fault::new(
            Class::Configuration,
            "E_CRM_QUERY_TOO_LONG",
            format!(
                "{} fields of {object} and its lines are more than one query of Salesforce takes; name fewer in sync.toml.",
                query.fields.len() + query.lines.as_ref().map_or(0, |lines| lines.fields.len())
            ),
        ));
    }
    Ok(soql)
}

fn child_select(lines: &LinesQuery) -> Result<String, Fault> {
    let relation = checked_name(&lines.relation)?;
    let columns = columns(&["Id"], &lines.fields)?.join(", ");
    let sortable = SORTABLE
        .iter()
        .any(|sortable| sortable.eq_ignore_ascii_case(relation));
    // Where nobody sorted them, the lines stand in the order of their making.
    let order = if sortable {
        "SortOrder NULLS LAST, CreatedDate, Id"
    } else {
        "CreatedDate, Id"
    };
    Ok(format!("SELECT {columns} FROM {relation} ORDER BY {order}"))
}

/// Names that are fit for a query, each once: a field that is asked for twice, in whatever case, is refused.
fn columns<'a>(ours: &[&'a str], fields: &'a [String]) -> Result<Vec<&'a str>, Fault> {
    let mut columns = ours.to_vec();
    for field in fields {
        let field = checked_path(field)?;
        if !columns.iter().any(|own| own.eq_ignore_ascii_case(field)) {
            columns.push(field);
        }
    }
    Ok(columns)
}

/// Lets only API names, joined by dots, into queries.
fn checked_path(path: &str) -> Result<&str, Fault> {
    for name in path.split('.') {
        checked_name(name)?;
    }
    if path.split('.').count() > MOST_LOOKUPS + 1 {
        return Err(field_unknown(format!(
            "{path} leads over more than the {MOST_LOOKUPS} lookups that Salesforce follows."
        )));
    }
    Ok(path)
}

fn field_unknown(message: String) -> Fault {
    Fault::new(Class::Configuration, "E_CRM_FIELD_UNKNOWN", message)
}

/// A field or a relationship that does not exist has one code, whichever of them it is.
pub(crate) fn unknown(fault: Fault) -> Fault {
    let relationship = fault.code == "E_CRM_MODULE_INVALID"
        && fault
            .detail
            .to_lowercase()
            .contains("understand relationship");
    if fault.code == "E_CRM_FIELD_INVALID" || relationship {
        let message = fault.message.replace(
            crate::codes::sentence("E_CRM_MODULE_INVALID"),
            crate::codes::sentence("E_CRM_FIELD_INVALID"),
        );
        return Fault {
            code: "E_CRM_FIELD_UNKNOWN".into(),
            message,
            ..fault
        };
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &[&str], lines: Option<(&str, &[&str])>) -> DocumentQuery {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        DocumentQuery {
            module: "Opportunity".into(),
            fields: owned(fields),
            lines: lines.map(|(relation, fields)| LinesQuery {
                relation: relation.into(),
                fields: owned(fields),
            }),
        }
    }

    #[test]
    fn one_query_leads_over_lookups_and_brings_the_lines_in_order() {
        let id = "006000000000001AAA";
        let asked = query(
            &["Name", "id", "Account.Sage_Key__c", "NAME"],
            Some((
                "OpportunityLineItems",
                &["Quantity", "Product2.ProductCode"],
            )),
        );
        insta::assert_snapshot!(select(&asked, id).unwrap(), @"SELECT Id, CreatedDate, LastModifiedDate, LastModifiedById, Name, Account.Sage_Key__c, (SELECT Id, Quantity, Product2.ProductCode FROM OpportunityLineItems ORDER BY SortOrder NULLS LAST, CreatedDate, Id) FROM Opportunity WHERE Id = '006000000000001AAA'");
        let order = query(&[], Some(("OrderItems", &[])));
        insta::assert_snapshot!(select(&order, id).unwrap(), @"SELECT Id, CreatedDate, LastModifiedDate, LastModifiedById, (SELECT Id FROM OrderItems ORDER BY CreatedDate, Id) FROM Opportunity WHERE Id = '006000000000001AAA'");
    }

    #[test]
    fn what_is_no_name_never_gets_into_a_query() {
        for field in [
            "",
            "Name FROM User--",
            "Account.",
            ".Name",
            "Account..Name",
            "Name,Email",
            "(SELECT Id FROM Contacts)",
            "COUNT(Id)",
            "Name'",
        ] {
            let fault = select(&query(&[field], None), "006000000000001AAA").unwrap_err();
            assert_eq!(fault.code, "E_CRM_NAME", "{field}");
            let lines = query(&[], Some(("OrderItems", &[field])));
            assert!(select(&lines, "x").is_err(), "{field}");
        }
        assert!(select(&query(&[], Some(("A) FROM B", &[]))), "x").is_err());
        let far = select(&query(&["A.B.C.D.E.F.G"], None), "x").unwrap_err();
        assert_eq!(far.code, "E_CRM_FIELD_UNKNOWN");
        let names: Vec<String> = (0..400)
            .map(|n| format!("A_Field_With_A_Name_{n}__c"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let long = select(&query(&names, None), "x").unwrap_err();
        assert_eq!(long.code, "E_CRM_QUERY_TOO_LONG");
    }
}
