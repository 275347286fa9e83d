use counterpart_delivery::ports::{Cursor, Cursors, Leased};
use counterpart_domain::{Class, Company, Entity, Fault};
use jiff::Timestamp;

use super::MemoryStore;

/// A cursor and who has it.
#[derive(Debug, Default)]
pub(super) struct Held {
    cursor: Option<Cursor>,
    lease: Option<(String, Timestamp)>,
}

impl Held {
    fn is_of(&self, owner: &str) -> bool {
        self.lease.as_ref().is_some_and(|(of, _)| of == owner)
    }
}

impl Cursors for MemoryStore {
    async fn lease_cursor(
        &self,
        company: &Company,
        entity: Entity,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Leased, Fault> {
        let state = &mut *self.0.borrow_mut();
        let held = state.cursors.entry((company.clone(), entity)).or_default();
        match &held.lease {
            Some((of, its_end)) if of != owner && *its_end > now => Ok(Leased::Busy(*its_end)),
            _ => {
                held.lease = Some((owner.to_owned(), until));
                let stored = held.cursor.clone();
                let cursor = stored.unwrap_or_else(|| Cursor::new(company.clone(), entity));
                Ok(Leased::Ours(Box::new(cursor)))
            }
        }
    }

    async fn save_cursor(&self, cursor: &Cursor, owner: &str) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (cursor.company.clone(), cursor.entity);
        match state.cursors.get_mut(&at).filter(|held| held.is_of(owner)) {
            Some(held) => {
                held.cursor = Some(cursor.clone());
                Ok(())
            }
            None => Err(Fault::new(
                Class::Transient,
                "E_LEASE_LOST",
                "Another poller has taken over this company and entity.",
            )),
        }
    }

    async fn release_cursor(
        &self,
        company: &Company,
        entity: Entity,
        owner: &str,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let held = state.cursors.get_mut(&(company.clone(), entity));
        if let Some(held) = held.filter(|held| held.is_of(owner)) {
            held.lease = None;
        }
        Ok(())
    }

    async fn cursor(&self, company: &Company, entity: Entity) -> Result<Option<Cursor>, Fault> {
        let state = self.0.borrow();
        let held = state.cursors.get(&(company.clone(), entity));
        Ok(held.and_then(|held| held.cursor.clone()))
    }
}
