//! How a key is written: `01-ABF`, `01-ABF/ARTIE JOHN`.

/// A part of a key.
#[derive(Debug)]
pub struct KeyPart {
    /// Its column.
    pub column: &'static str,
    /// What stands before it; nothing before the first.
    pub separator: char,
    /// Its characters, at most; the agent may tell of another length.
    pub longest: u32,
    /// It has exactly so many characters.
    pub fixed: bool,
}

/// The parts of a key, in order.
#[derive(Debug)]
pub struct KeyShape {
    /// The parts. Those of a fixed length come first.
    pub parts: &'static [KeyPart],
    /// What is said of a text that has another shape: `DIVISION-NUMBER is wanted`.
    pub wanted: &'static str,
}

impl KeyShape {
    /// The parts of a key, as far as its text tells. `None`: one is missing, or a fixed one has another length.
    ///
    /// A part of a fixed length ends at the first separator behind it, and the last parts begin at the last ones. Where
    /// several parts are of a free length, that is a guess: both may hold what stands between them. Such a key is taken apart
    /// by its parent's: [`SageKey::parts`](crate::SageKey::parts).
    pub(crate) fn split<'a>(&self, local: &'a str) -> Option<Vec<&'a str>> {
        let fixed = self.parts.iter().take_while(|part| part.fixed).count();
        let mut found = Vec::with_capacity(self.parts.len());
        let mut rest = local;
        for next in self.parts.iter().skip(1).take(fixed) {
            let (part, behind) = rest.split_once(next.separator)?;
            found.push(part);
            rest = behind;
        }
        let mut last = Vec::new();
        for part in self.parts.iter().skip(fixed + 1).rev() {
            let (before, part) = rest.rsplit_once(part.separator)?;
            last.push(part);
            rest = before;
        }
        found.push(rest);
        found.extend(last.into_iter().rev());
        let fits = found.iter().zip(self.parts).all(|(text, part)| {
            !text.is_empty() && (!part.fixed || text.chars().count() == part.longest as usize)
        });
        fits.then_some(found)
    }

    /// The key of a record below another one, with a code of its own.
    #[must_use]
    pub fn below(&self, parent: &crate::SageKey, code: &str) -> String {
        let separator = self.parts.last().map_or('/', |part| part.separator);
        format!("{}{separator}{code}", parent.local)
    }

    /// The key of these parts.
    pub fn join<T: AsRef<str>>(&self, parts: impl IntoIterator<Item = T>) -> String {
        let mut local = String::new();
        for (place, (text, part)) in parts.into_iter().zip(self.parts).enumerate() {
            if place > 0 {
                local.push(part.separator);
            }
            local.push_str(text.as_ref());
        }
        local
    }

    /// The columns of the parts.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.parts.iter().map(|part| part.column)
    }

    /// The part that tells a record from its siblings.
    #[must_use]
    pub const fn last(&self) -> Option<&'static KeyPart> {
        self.parts.last()
    }

    /// Its characters, at most. `length`: of a column, where the agent tells it.
    pub fn longest(&self, length: impl Fn(&str) -> Option<u32>) -> u32 {
        let parts = self.parts.iter();
        let parts = parts.map(|part| length(part.column).unwrap_or(part.longest));
        // A separator before all but the first.
        parts.sum::<u32>() + self.parts.len().saturating_sub(1) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Entity;

    /// Parts that fit an entity: a separator may stand in the first free one alone.
    fn parts(entity: Entity) -> impl Strategy<Value = Vec<String>> {
        let mut free = false;
        let shape = entity.spec().key.parts.iter();
        let of_part = shape.map(|part| {
            let form = match (part.fixed, std::mem::replace(&mut free, !part.fixed)) {
                (true, _) => format!("[A-Z0-9]{{{}}}", part.longest),
                (false, false) => format!("[A-Z0-9/ -]{{1,{}}}", part.longest),
                (false, true) => format!("[A-Z0-9 -]{{1,{}}}", part.longest),
            };
            proptest::string::string_regex(&form).unwrap()
        });
        of_part.collect::<Vec<_>>()
    }

    proptest! {
        #[test]
        fn a_key_is_split_into_the_parts_that_it_was_made_of(
            (entity, parts) in prop::sample::select(&Entity::ALL[..]).prop_flat_map(|entity| (Just(entity), parts(entity))),
        ) {
            let shape = &entity.spec().key;
            let local = shape.join(&parts);
            prop_assert_eq!(shape.split(&local).unwrap(), parts);
            prop_assert!(local.chars().count() <= shape.longest(|_| None) as usize);
        }

        #[test]
        fn what_is_split_has_every_part_and_is_written_the_same_way(
            entity in prop::sample::select(&Entity::ALL[..]),
            local in "[01A/-]{0,9}",
        ) {
            let shape = &entity.spec().key;
            if let Some(parts) = shape.split(&local) {
                prop_assert_eq!(parts.len(), shape.parts.len());
                prop_assert!(parts.iter().all(|part| !part.is_empty()), "{:?}", parts);
                prop_assert_eq!(shape.join(&parts), local);
            }
        }
    }
}
