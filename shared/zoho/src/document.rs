//! One record as a whole. Subforms come only with the read of one record; what its lookups point to comes with queries.
//! Page: "Get Records" (a specific record).

use std::collections::{BTreeMap, BTreeSet};

use counterpart_delivery::ports::{Clock, Document, DocumentQuery, Ids, LinesQuery, Tokens};
use counterpart_domain::{Class, CrmId, Fault, Fields, Value};
use counterpart_http::{ApiCall, Priority, Purpose};
use reqwest::Method;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::client::{ZohoClient, checked_name};
use crate::coql::plain;
use crate::faults::{refused, refused_record, unreadable};
use crate::fields::field_unknown;
use crate::lookups::{Seen, checked_path};
use crate::wire::error::ApiError;
use crate::wire::records::{RecordReply, Row};
use crate::wire::value::plainly;

/// The subforms of Zoho's own modules: their products are products.
const STANDARD_LINES: [&str; 4] = [
    "Ordered_Items",
    "Quoted_Items",
    "Invoiced_Items",
    "Purchase_Items",
];

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    pub(crate) async fn read_document(
        &self,
        query: &DocumentQuery,
        id: &CrmId,
    ) -> Result<Option<Document>, Fault> {
        let module = checked_name(&query.module)?;
        for path in &query.fields {
            checked_path(path)?;
        }
        let Some(record) = self.record(module, id).await? else {
            return Ok(None);
        };
        let fields = self.header(module, id, &record, &query.fields).await?;
        let lines = match &query.lines {
            Some(wanted) => self.lines(module, &record, wanted).await?,
            None => Vec::new(),
        };
        let own = |name: &str| record.get(name).map(|raw| plainly(raw)).and_then(plain);
        Ok(Some(Document {
            module: query.module.clone(),
            id: id.clone(),
            fields,
            lines,
            created: own("Created_Time").and_then(|text| text.parse().ok()),
            modified: own("Modified_Time").and_then(|text| text.parse().ok()),
            modified_by: own("Modified_By").map(CrmId),
        }))
    }

    /// The record; none where there is no such id. Zoho says so in two ways: without content, or with a fault of data.
    async fn record(&self, module: &str, id: &CrmId) -> Result<Option<Row>, Fault> {
        if !is_id(&id.0) {
            return Ok(None);
        }
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Read,
                priority: Priority::Order,
                method: Method::GET,
                path: format!("/crm/v8/{module}/{id}"),
                query: &[],
                headers: &[],
                body: None,
                credits: 1,
            })
            .await?;
        match reply.status {
            204 => return Ok(None),
            200 => {}
            status => {
                let code = serde_json::from_str::<Json>(&reply.body)
                    .ok()
                    .and_then(|body| ApiError::of_body(&body))
                    .map(|error| error.code);
                if matches!(status, 400 | 404) && code.as_deref() == Some("INVALID_DATA") {
                    return Ok(None);
                }
                let name = format!("{module} {id}");
                let fault = refused_record(&reply, &name, self.moment());
                let is_hidden = fault.code == "E_CRM_PERMISSION" && self.is_shown(module).await?;
                return Err(if is_hidden {
                    hidden(&name, fault)
                } else {
                    fault
                });
            }
        }
        let answer: RecordReply = serde_json::from_str(&reply.body)
            .map_err(|error| unreadable(Purpose::Read, &error.to_string()))?;
        self.count(|usage| usage.rows_read += 1);
        match <[Row; 1]>::try_from(answer.data) {
            Ok([row]) if id_of(&row).as_deref() == Some(&id.0) => Ok(Some(row)),
            Ok(_) => Err(unreadable(
                Purpose::Read,
                "another record than was asked for",
            )),
            Err(rows) => {
                let why = format!("{} records for one id", rows.len());
                Err(unreadable(Purpose::Read, &why))
            }
        }
    }

    /// Fields of the record, and of what its lookups point to.
    async fn header(
        &self,
        module: &str,
        id: &CrmId,
        record: &Row,
        paths: &[String],
    ) -> Result<Fields, Fault> {
        let mut fields = Fields::new();
        // Paths that the record does not tell, with the lookup that each begins with.
        let mut open: BTreeMap<&str, &str> = BTreeMap::new();
        for path in paths {
            match at(record, path) {
                Place::Value(value) => {
                    fields.insert(path.clone(), value);
                }
                Place::Raw(raw) => {
                    let value = self.read_value(module, path, raw).await?;
                    fields.insert(path.clone(), value);
                }
                Place::Behind { lookup, .. } => {
                    open.insert(path, lookup);
                }
                Place::Nowhere { name } => {
                    self.must_have(module, name).await?;
                    fields.insert(path.clone(), Value::Blank);
                }
            }
        }
        if open.is_empty() {
            return Ok(fields);
        }
        let asked: BTreeSet<&str> = open
            .iter()
            .flat_map(|(path, lookup)| [*path, lookup])
            .collect();
        let ids = BTreeSet::from([id.0.clone()]);
        let seen = self.look_up(module, &ids, &asked).await?;
        let seen = seen
            .get(&id.0)
            .ok_or_else(|| changed_meanwhile(module, id))?;
        for (path, lookup) in open {
            // The query came after the read: both must have seen the same lookup.
            let read = record.get(lookup).map(|raw| plainly(raw));
            if seen.get(lookup) != read.as_ref() {
                return Err(changed_meanwhile(module, id));
            }
            let value = seen.get(path).cloned().unwrap_or(Value::Blank);
            fields.insert(path.to_owned(), value);
        }
        Ok(fields)
    }

    /// Whether any record of a module is shown to us: then one that is refused is refused for its own sake (its owner, a
    /// sharing rule), and not for our profile's. An empty list is no answer to that.
    ///
    /// # Errors
    /// What concerns the whole module, or the connection.
    async fn is_shown(&self, module: &str) -> Result<bool, Fault> {
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Read,
                priority: Priority::Order,
                method: Method::GET,
                path: format!("/crm/v8/{module}"),
                query: &[("fields", "id"), ("per_page", "1")],
                headers: &[],
                body: None,
                credits: 1,
            })
            .await?;
        match reply.status {
            200 => {
                let answer: RecordReply = serde_json::from_str(&reply.body)
                    .map_err(|error| unreadable(Purpose::Read, &error.to_string()))?;
                Ok(!answer.data.is_empty())
            }
            204 | 304 => Ok(false),
            _ => match refused(&reply, self.moment()) {
                fault if fault.code == "E_CRM_PERMISSION" => Ok(false),
                fault => Err(fault),
            },
        }
    }

    /// The rows of a subform, with what their lookups point to: one query for each module that is pointed to.
    async fn lines(
        &self,
        module: &str,
        record: &Row,
        wanted: &LinesQuery,
    ) -> Result<Vec<Fields>, Fault> {
        let relation = checked_name(&wanted.relation)?;
        for path in &wanted.fields {
            checked_path(path)?;
        }
        let Some(raw) = record.get(relation) else {
            self.must_have(module, relation).await?;
            return Ok(Vec::new());
        };
        let rows: Option<Vec<Row>> = serde_json::from_str(raw.get())
            .map_err(|_| field_unknown(module, &format!("{relation} with lines")))?;
        let rows = rows.unwrap_or_default();
        let behind = self.behind(relation, &rows, &wanted.fields).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = id_of(row).ok_or_else(|| unreadable(Purpose::Read, "a line without id"))?;
            let mut line = Fields::from([("id".to_owned(), Value::Reference(id))]);
            for path in &wanted.fields {
                let value = match at(row, path) {
                    Place::Value(value) => value,
                    Place::Raw(raw) => self.line_value(relation, path, raw).await?,
                    Place::Behind { lookup, id, rest } => {
                        let seen = behind.get(lookup).and_then(|seen| seen.get(&id)?.get(rest));
                        seen.cloned().unwrap_or(Value::Blank)
                    }
                    Place::Nowhere { name } => {
                        self.must_have(relation, name).await?;
                        Value::Blank
                    }
                };
                if path != "id" {
                    line.insert(path.clone(), value);
                }
            }
            lines.push(line);
        }
        Ok(lines)
    }

    /// A value of a line. Of the subforms of Zoho's own modules some orgs describe no fields: nothing there is a day or HTML.
    async fn line_value(
        &self,
        relation: &str,
        field: &str,
        raw: &RawValue,
    ) -> Result<Value, Fault> {
        match self.read_value(relation, field, raw).await {
            Err(fault) if fault.class == Class::Configuration => Ok(plainly(raw)),
            read => read,
        }
    }

    /// By lookup, what the lines point to.
    async fn behind<'a>(
        &self,
        relation: &str,
        rows: &[Row],
        paths: &'a [String],
    ) -> Result<BTreeMap<&'a str, Seen>, Fault> {
        let mut wanted: BTreeMap<&str, (BTreeSet<String>, BTreeSet<&str>)> = BTreeMap::new();
        for (row, path) in rows
            .iter()
            .flat_map(|row| paths.iter().map(move |path| (row, path)))
        {
            if let Place::Behind { lookup, id, rest } = at(row, path) {
                let (ids, rests) = wanted.entry(lookup).or_default();
                ids.insert(id);
                rests.insert(rest);
            }
        }
        let mut behind = BTreeMap::new();
        for (lookup, (ids, rests)) in wanted {
            let standard = lookup == "Product_Name" && STANDARD_LINES.contains(&relation);
            let module = if standard {
                Some("Products".to_owned())
            } else {
                self.leads_to(relation, lookup).await?
            };
            let module = module.ok_or_else(|| {
                field_unknown(relation, &format!("{lookup} that leads to a module"))
            })?;
            behind.insert(lookup, self.look_up(&module, &ids, &rests).await?);
        }
        Ok(behind)
    }
}

/// What a row says of a path.
enum Place<'r, 'p> {
    /// This.
    Value(Value),
    /// This, as its field says.
    Raw(&'r RawValue),
    /// It leads over the lookup `lookup` to the record `id`, and on from there by `rest`.
    Behind {
        lookup: &'p str,
        id: String,
        rest: &'p str,
    },
    /// It has no field of this name.
    Nowhere { name: &'p str },
}

fn at<'r, 'p>(row: &'r Row, path: &'p str) -> Place<'r, 'p> {
    let Some((lookup, rest)) = path.split_once('.') else {
        let there = row.get(path).map(|raw| Place::Raw(raw));
        return there.unwrap_or(Place::Nowhere { name: path });
    };
    let Some(raw) = row.get(lookup) else {
        return Place::Nowhere { name: lookup };
    };
    // Lookups tell a little of what they point to: names, a user's e-mail, a product's code.
    let told: Option<Row> = serde_json::from_str(raw.get()).ok();
    if let Some(told) = told.as_ref().and_then(|told| told.get(rest)) {
        return Place::Value(plainly(told));
    }
    match plainly(raw) {
        Value::Reference(id) if is_id(&id) => Place::Behind { lookup, id, rest },
        _ => Place::Value(Value::Blank),
    }
}

fn id_of(row: &Row) -> Option<String> {
    plain(plainly(row.get("id")?))
}

/// Ids are digits; anything else would lead elsewhere in an address or a query.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The fault of a record that is not shown to us, where others of its module are.
fn hidden(name: &str, of_module: Fault) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_RECORD_REFUSED",
        format!(
            "Zoho does not show {name} to the integration user, though it shows others of the module: check who owns the record, and the sharing rules and the user's role."
        ),
    )
    .with_detail(of_module.detail)
}

fn changed_meanwhile(module: &str, id: &CrmId) -> Fault {
    Fault::new(
        Class::Transient,
        "E_CRM_ALREADY_MODIFIED",
        format!("{module} {id} of Zoho was changed while it was read; it is read again."),
    )
}
