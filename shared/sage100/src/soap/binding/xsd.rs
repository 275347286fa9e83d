//! The schemas: every type's elements in their order.

use std::cell::RefCell;
use std::collections::BTreeMap;

use counterpart_domain::Fault;

use super::documents::XS;
use super::{Binding, Kind, Slot, lacks, unusable};
use crate::soap::xml::{Element, Name};

/// The deepest chain of base types and groups.
const DEEPEST: usize = 20;

/// What the schemas declare globally.
#[derive(Default)]
pub(super) struct Schemas<'a> {
    elements: BTreeMap<Name, (&'a Element, Defaults<'a>)>,
    complex: BTreeMap<Name, (&'a Element, Defaults<'a>)>,
    simple: BTreeMap<Name, (&'a Element, Defaults<'a>)>,
    groups: BTreeMap<Name, (&'a Element, Defaults<'a>)>,
    /// Types without a name, which are told apart by where they stand.
    anonymous: RefCell<Vec<&'a Element>>,
}

/// What a schema says for all that stands in it.
#[derive(Clone, Copy)]
struct Defaults<'a> {
    ns: &'a str,
    qualified: bool,
}

impl<'a> Schemas<'a> {
    /// All schemas of all documents. An included one without a namespace takes that of the schema that includes it:
    /// `chameleon` names it.
    pub fn of(roots: &'a [Element], chameleon: &'a str) -> Self {
        let mut schemas = Self::default();
        let mut left: Vec<&Element> = roots.iter().collect();
        while let Some(element) = left.pop() {
            if element.name.ns == XS && element.name.local == "schema" {
                schemas.add(element, chameleon);
            } else {
                left.extend(&element.children);
            }
        }
        schemas
    }

    fn add(&mut self, schema: &'a Element, chameleon: &'a str) {
        let defaults = Defaults {
            ns: schema.attribute("targetNamespace").unwrap_or(chameleon),
            qualified: schema.attribute("elementFormDefault") == Some("qualified"),
        };
        for child in schema.children.iter().filter(|child| child.name.ns == XS) {
            let Some(local) = child.attribute("name") else {
                continue;
            };
            let name = Name::new(defaults.ns, local);
            let map = match child.name.local.as_str() {
                "element" => &mut self.elements,
                "complexType" => &mut self.complex,
                "simpleType" => &mut self.simple,
                "group" => &mut self.groups,
                _ => continue,
            };
            map.entry(name).or_insert((child, defaults));
        }
    }

    /// The elements of a global element's own type, and the types that they need, put into `binding`.
    pub fn message(&self, name: &Name, binding: &mut Binding) -> Result<Vec<Slot>, Fault> {
        let (element, defaults) = self
            .elements
            .get(name)
            .copied()
            .ok_or_else(|| lacks(format_args!("the element {name}")))?;
        let kind = self.kind(element, defaults, &name.local, binding)?;
        Ok(match kind {
            Kind::Complex(key) => binding.types.get(&key).cloned().unwrap_or_default(),
            Kind::Simple(_) => Vec::new(),
        })
    }

    /// What an element holds.
    fn kind(
        &self,
        element: &'a Element,
        defaults: Defaults<'a>,
        place: &str,
        binding: &mut Binding,
    ) -> Result<Kind, Fault> {
        if let Some(named) = element.attribute("type") {
            let name = element.resolve(named).ok_or_else(|| {
                unusable(format!("The WSDL's type of {place} has an unknown prefix."))
            })?;
            return self.named_kind(&self.chameleon(name, defaults), binding);
        }
        for child in element.children.iter().filter(|child| child.name.ns == XS) {
            match child.name.local.as_str() {
                "complexType" => {
                    let key = format!("{{{}}}#{place}#{}", defaults.ns, self.place_of(child));
                    return self.complex_kind(key, child, defaults, binding);
                }
                "simpleType" => return Ok(Kind::Simple(self.simple_base(child, 0)?)),
                _ => {}
            }
        }
        // Without a type it may hold anything; a text is something.
        Ok(Kind::Simple("string".into()))
    }

    fn place_of(&self, element: &'a Element) -> usize {
        let mut known = self.anonymous.borrow_mut();
        match known.iter().position(|one| std::ptr::eq(*one, element)) {
            Some(place) => place,
            None => {
                known.push(element);
                known.len() - 1
            }
        }
    }

    /// Names without a namespace mean those of the schema that included the document.
    fn chameleon(&self, name: Name, defaults: Defaults<'a>) -> Name {
        if !name.ns.is_empty() {
            return name;
        }
        Name::new(defaults.ns, name.local)
    }

    fn named_kind(&self, name: &Name, binding: &mut Binding) -> Result<Kind, Fault> {
        if name.ns == XS {
            return Ok(Kind::Simple(name.local.clone()));
        }
        if let Some((simple, _)) = self.simple.get(name) {
            return Ok(Kind::Simple(self.simple_base(simple, 0)?));
        }
        let (element, defaults) = self
            .complex
            .get(name)
            .copied()
            .ok_or_else(|| lacks(format_args!("the type {name}")))?;
        self.complex_kind(name.to_string(), element, defaults, binding)
    }

    fn complex_kind(
        &self,
        key: String,
        element: &'a Element,
        defaults: Defaults<'a>,
        binding: &mut Binding,
    ) -> Result<Kind, Fault> {
        if !binding.types.contains_key(&key) {
            // Its own name first: types may hold themselves.
            binding.types.insert(key.clone(), Vec::new());
            let mut slots = Vec::new();
            self.content(element, defaults, 0, &mut slots, binding)?;
            binding.types.insert(key.clone(), slots);
        }
        Ok(Kind::Complex(key))
    }

    /// The elements of a type, those of its base first.
    fn content(
        &self,
        parent: &'a Element,
        defaults: Defaults<'a>,
        depth: usize,
        slots: &mut Vec<Slot>,
        binding: &mut Binding,
    ) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(unusable("The WSDL's types go round in circles."));
        }
        for child in parent.children.iter().filter(|child| child.name.ns == XS) {
            match child.name.local.as_str() {
                "sequence" | "all" | "choice" | "complexContent" => {
                    let from = slots.len();
                    self.content(child, defaults, depth + 1, slots, binding)?;
                    if repeats(child) {
                        slots
                            .iter_mut()
                            .skip(from)
                            .for_each(|slot| slot.repeated = true);
                    }
                }
                "extension" => {
                    if let Some(base) = child.attribute("base").and_then(|base| child.resolve(base))
                    {
                        let base = self.chameleon(base, defaults);
                        if let Some((element, defaults)) = self.complex.get(&base).copied() {
                            self.content(element, defaults, depth + 1, slots, binding)?;
                        } else if base.ns != XS && !self.simple.contains_key(&base) {
                            return Err(lacks(format_args!("the type {base}")));
                        }
                    }
                    self.content(child, defaults, depth + 1, slots, binding)?;
                }
                // A restriction says again what is left of its base.
                "restriction" => self.content(child, defaults, depth + 1, slots, binding)?,
                "group" => {
                    if let Some(name) = child.attribute("ref").and_then(|name| child.resolve(name))
                    {
                        let name = self.chameleon(name, defaults);
                        let (group, defaults) = self
                            .groups
                            .get(&name)
                            .copied()
                            .ok_or_else(|| lacks(format_args!("the group {name}")))?;
                        self.content(group, defaults, depth + 1, slots, binding)?;
                    }
                }
                "element" => slots.push(self.slot(child, defaults, binding)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn slot(
        &self,
        element: &'a Element,
        defaults: Defaults<'a>,
        binding: &mut Binding,
    ) -> Result<Slot, Fault> {
        let truth = |element: &Element, name: &str| {
            matches!(element.attribute(name).map(str::trim), Some("true" | "1"))
        };
        let (name, declared, its_defaults) = match element.attribute("ref") {
            Some(named) => {
                let name = element.resolve(named).ok_or_else(|| {
                    unusable("The WSDL refers to an element by an unknown prefix.")
                })?;
                let name = self.chameleon(name, defaults);
                let (global, its_defaults) = self
                    .elements
                    .get(&name)
                    .copied()
                    .ok_or_else(|| lacks(format_args!("the element {name}")))?;
                (name, global, its_defaults)
            }
            None => {
                let local = element
                    .attribute("name")
                    .ok_or_else(|| unusable("The WSDL has an element without a name."))?;
                let qualified = match element.attribute("form") {
                    Some(form) => form == "qualified",
                    None => defaults.qualified,
                };
                let ns = if qualified { defaults.ns } else { "" };
                (Name::new(ns, local), element, defaults)
            }
        };
        Ok(Slot {
            kind: self.kind(declared, its_defaults, &name.local, binding)?,
            nillable: truth(declared, "nillable"),
            required: element
                .attribute("minOccurs")
                .is_none_or(|least| least.trim() != "0"),
            repeated: repeats(element),
            name,
        })
    }

    /// The built-in type that a simple one restricts.
    fn simple_base(&self, simple: &Element, depth: usize) -> Result<String, Fault> {
        let restriction = simple
            .children
            .iter()
            .find(|child| child.name.ns == XS && child.name.local == "restriction");
        let Some(restriction) = restriction else {
            // Lists and unions are texts to us.
            return Ok("string".into());
        };
        let Some(base) = restriction
            .attribute("base")
            .and_then(|base| restriction.resolve(base))
        else {
            return Ok("string".into());
        };
        match self.simple.get(&base) {
            _ if base.ns == XS => Ok(base.local),
            Some((simple, _)) if depth < DEEPEST => self.simple_base(simple, depth + 1),
            _ => Err(lacks(format_args!("the type {base}"))),
        }
    }
}

fn repeats(element: &Element) -> bool {
    match element.attribute("maxOccurs").map(str::trim) {
        None | Some("0" | "1") => false,
        Some(_) => true,
    }
}
