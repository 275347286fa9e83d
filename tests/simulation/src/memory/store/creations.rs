use counterpart_delivery::ports::{CREATION_COUNTS, Creation, Creations};
use counterpart_domain::{Company, Fault};
use jiff::Timestamp;

use super::MemoryStore;

impl Creations for MemoryStore {
    async fn count_creation(
        &self,
        company: &Company,
        most: u32,
        name: &str,
        now: Timestamp,
    ) -> Result<Creation, Fault> {
        let state = &mut *self.0.borrow_mut();
        let counted = state.creations.entry(company.clone()).or_default();
        counted.retain(|_, until| *until > now);
        if counted.contains_key(name) {
            return Ok(Creation::Counted);
        }
        let over = counted.len().checked_sub(most as usize);
        if let Some(over) = over {
            let mut ends: Vec<Timestamp> = counted.values().copied().collect();
            ends.sort();
            return Ok(Creation::Full(ends.get(over).copied().unwrap_or(now)));
        }
        counted.insert(name.to_owned(), now + CREATION_COUNTS);
        Ok(Creation::Counted)
    }

    async fn count_of_hour(
        &self,
        company: &Company,
        hour: Timestamp,
        most: u32,
        name: &str,
    ) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        let counted = state.of_hours.entry((company.clone(), hour)).or_default();
        if counted.len() < most as usize {
            counted.insert(name.to_owned());
        }
        Ok(counted.contains(name))
    }

    async fn forget_creation(&self, company: &Company, name: &str) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        if let Some(counted) = state.creations.get_mut(company) {
            counted.remove(name);
        }
        Ok(())
    }

    async fn creations(&self, company: &Company, now: Timestamp) -> Result<u32, Fault> {
        let state = self.0.borrow();
        let counted = state.creations.get(company);
        let counted = counted.map_or(0, |all| all.values().filter(|end| **end > now).count());
        Ok(u32::try_from(counted).unwrap_or(u32::MAX))
    }
}
