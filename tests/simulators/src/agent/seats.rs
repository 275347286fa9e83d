//! How many writes to a company are at work: Sage's COM layer takes few at once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use crate::control::lock;

/// The writes at work, by company.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<Mutex<BTreeMap<String, u32>>>);

/// A seat; dropping it frees it.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    company: String,
}

impl Seats {
    /// Takes a seat, if one of `most` is free.
    pub fn take(&self, company: &str, most: u32) -> Option<Seat> {
        let mut taken = lock(&self.0);
        let at_work = taken.entry(company.to_owned()).or_default();
        if *at_work >= most {
            return None;
        }
        *at_work += 1;
        Some(Seat {
            seats: self.clone(),
            company: company.to_owned(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(at_work) = lock(&self.seats.0).get_mut(&self.company) {
            *at_work = at_work.saturating_sub(1);
        }
    }
}
