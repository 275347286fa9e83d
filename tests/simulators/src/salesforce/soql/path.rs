//! Where a field name of a query leads: a field here, or one of a record that references lead to.

use serde_json::Value;

use super::{
    fault::{invalid_field, no_such_column},
    syntax::Name,
};
use crate::salesforce::{
    errors::Fail,
    org::Org,
    render,
    schema::{Field, Object},
    store::Record,
};

/// How many relationships a name may go through.
const MAX_HOPS: usize = 5;

/// The way to a field.
#[derive(Debug, Clone)]
pub struct Path {
    /// References, each with the object it leads to and the name that stands in results.
    pub hops: Vec<(&'static Field, &'static Object)>,
    /// The object of the field.
    pub object: &'static Object,
    /// The field.
    pub field: &'static Field,
}

/// The way of a name; the object's own name may stand in front.
///
/// # Errors
/// INVALID_FIELD.
pub fn resolve(org: &Org, object: &'static Object, name: &Name, query: &str) -> Result<Path, Fail> {
    let mut parts: Vec<&str> = name.text.split('.').collect();
    if parts.len() > 1
        && parts
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case(object.name))
        && org.catalog.relation(object, object.name).is_none()
    {
        parts.remove(0);
    }
    let last = parts.pop().unwrap_or("");
    let (mut hops, mut here) = (Vec::new(), object);
    for part in parts {
        let Some((field, target)) = org.catalog.relation(here, part) else {
            return Err(invalid_field(
                query,
                name.at,
                &format!(
                    "Didn't understand relationship '{part}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
                ),
            ));
        };
        hops.push((field, target));
        here = target;
    }
    if hops.len() > MAX_HOPS {
        return Err(invalid_field(
            query,
            name.at,
            "Maximum SOQL relationship levels exceeded",
        ));
    }
    let field = here
        .field(last)
        .filter(|field| field.is_there(&org.settings))
        .ok_or_else(|| no_such_column(query, name.at, last, here.name))?;
    Ok(Path {
        hops,
        object: here,
        field,
    })
}

impl Path {
    /// The record at the way's end.
    pub fn end<'a>(&self, org: &'a Org, record: &'a Record) -> Option<&'a Record> {
        self.hops.iter().try_fold(record, |here, (field, target)| {
            let object = org.catalog.of_prefix(here.id.prefix())?;
            let id = render::value(org, object, here, field);
            let id = super::super::ids::Id::parse(id.as_str()?)?;
            org.stores.get(target.name)?.any(&id)
        })
    }

    /// The value at the way's end; null if it ends early.
    pub fn value(&self, org: &Org, record: &Record) -> Value {
        self.end(org, record).map_or(Value::Null, |end| {
            render::value(org, self.object, end, self.field)
        })
    }
}
