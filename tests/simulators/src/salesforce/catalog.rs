//! The objects of an organisation: the standard ones, and those that it has made itself.

use super::schema::{Field, Kind, Object, STANDARD};

/// The objects, in the order in which describe tells them.
///
/// Definitions live as long as the process: there are few, and everything that knows a field may keep it. An object that gets
/// one more field is another definition under the same name.
#[derive(Debug, Clone)]
pub struct Catalog {
    objects: Vec<&'static Object>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self {
            objects: STANDARD.to_vec(),
        }
    }
}

impl Catalog {
    /// All of them.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &'static Object> {
        self.objects.iter().copied()
    }

    /// The object of an API name, in whatever case.
    pub fn object(&self, name: &str) -> Option<&'static Object> {
        self.all()
            .find(|object| object.name.eq_ignore_ascii_case(name))
    }

    /// The object whose ids begin like this.
    pub fn of_prefix(&self, prefix: &str) -> Option<&'static Object> {
        self.all().find(|object| object.prefix == prefix)
    }

    /// The reference of an object that a relationship name goes through, and where it leads.
    pub fn relation(
        &self,
        object: &Object,
        name: &str,
    ) -> Option<(&'static Field, &'static Object)> {
        let field = object.all_fields().find(|field| {
            field
                .relationship
                .is_some_and(|known| !field.hidden && known.eq_ignore_ascii_case(name))
        })?;
        match field.kind {
            Kind::Reference(target) => Some((field, self.object(target)?)),
            _ => None,
        }
    }

    /// The references to an object: their objects, and they.
    pub fn references(&self, to: &str) -> impl Iterator<Item = (&'static Object, &'static Field)> {
        self.all().flat_map(move |object| {
            let fields = object.fields.iter();
            fields
                .filter(move |field| matches!(field.kind, Kind::Reference(target) if target == to))
                .map(move |field| (object, field))
        })
    }

    /// Enters an object, or the new definition of one that is there.
    pub fn define(&mut self, object: Object) -> &'static Object {
        let object: &'static Object = Box::leak(Box::new(object));
        match self
            .objects
            .iter_mut()
            .find(|known| known.name == object.name)
        {
            Some(known) => *known = object,
            None => self.objects.push(object),
        }
        object
    }
}
