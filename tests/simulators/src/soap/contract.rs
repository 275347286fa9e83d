//! Reading as a DataContractSerializer does: members are taken in order, and what is out of order or unknown is
//! skipped without a word. What is not there is null.

use std::collections::BTreeMap;

use super::{
    binding::Binding,
    faults::Fault,
    operations::{Operation, What},
    types::{Member, Type, column_of},
    values,
    xml::Element,
};

/// An entity as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Data {
    /// Texts, numbers and dates by the table's column names, as Sage writes them; `None` is null.
    pub values: BTreeMap<String, Option<String>>,
    /// Lists by member; no entry is null.
    pub lists: BTreeMap<&'static str, Vec<Data>>,
}

impl Data {
    /// A text; null is blank.
    pub fn text(&self, name: &str) -> &str {
        self.values
            .get(name)
            .and_then(Option::as_deref)
            .unwrap_or("")
    }

    /// The columns that OtherFields names, with their values.
    pub fn other_fields(&self) -> impl Iterator<Item = (String, String)> {
        self.lists
            .get("OtherFields")
            .into_iter()
            .flatten()
            .map(|field| {
                let name = field.text("MasFieldName").trim().trim_end_matches('$');
                (name.to_owned(), field.text("Value").to_owned())
            })
    }
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A text.
    Text(String),
    /// An entity.
    Data(Data),
}

/// The arguments of a call by name; what is null is not there.
pub type Arguments = BTreeMap<&'static str, Argument>;

/// Reads the arguments of an operation from its wrapper.
///
/// # Errors
/// A value is not of its type.
pub fn arguments(
    wrapper: &Element,
    operation: &Operation,
    binding: &Binding,
) -> Result<Arguments, Fault> {
    let wanted = operation.all_parameters();
    let mut arguments = Arguments::new();
    let mut next = 0;
    for child in &wrapper.children {
        let place = wanted
            .iter()
            .skip(next)
            .position(|(name, _)| child.is(&binding.service_namespace, name));
        let Some((name, what)) = place.and_then(|place| wanted.get(next + place)) else {
            continue;
        };
        next += place.unwrap_or(0) + 1;
        if child.nil {
            continue;
        }
        let argument = match what {
            What::Text => Argument::Text(child.text.clone()),
            What::Data(kind) => Argument::Data(entity(child, *kind, binding)?),
        };
        arguments.insert(name, argument);
    }
    Ok(arguments)
}

/// Reads an entity.
fn entity(element: &Element, kind: Type, binding: &Binding) -> Result<Data, Fault> {
    let members = kind.members(binding);
    let mut data = Data::default();
    for name in &members {
        if !matches!(kind.member(name), Member::ListOf(_)) {
            data.values.insert(column_of(name), None);
        }
    }
    let mut next = 0;
    for child in &element.children {
        let place = members
            .iter()
            .skip(next)
            .position(|name| child.is(&binding.data_namespace, name));
        let Some(name) = place.and_then(|place| members.get(next + place)) else {
            continue;
        };
        next += place.unwrap_or(0) + 1;
        if child.nil {
            continue;
        }
        match kind.member(name) {
            Member::ListOf(item) => {
                let items = child
                    .children
                    .iter()
                    .filter(|item_element| item_element.is(&binding.data_namespace, item.name()))
                    .filter(|item_element| !item_element.nil)
                    .map(|item_element| entity(item_element, item, binding))
                    .collect::<Result<_, _>>()?;
                data.lists.insert(name, items);
            }
            member => {
                let value = value(child, name, member, binding)?;
                data.values.insert(column_of(name), Some(value));
            }
        }
    }
    Ok(data)
}

fn value(child: &Element, name: &str, member: Member, binding: &Binding) -> Result<String, Fault> {
    let text = &child.text;
    let read = match member {
        Member::Text | Member::ListOf(_) => Some(text.clone()),
        Member::Decimal | Member::Int => values::decimal_of(text),
        // The blank date of the contract.
        Member::DateTime | Member::Instant if text.trim() == binding.null_date_time => {
            Some(String::new())
        }
        Member::DateTime | Member::Instant => values::date_of(text),
    };
    read.ok_or_else(|| {
        Fault::deserialization(format!(
            "The formatter threw an exception while trying to deserialize the message: There was an error deserializing the \
             object. The value '{text}' of '{name}' cannot be parsed as its type."
        ))
    })
}
