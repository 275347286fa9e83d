//! Concurrency limits: 20 calls at once for the organisation and this client (Enterprise), 10
//! of them COQL, sorted reads or writes of more than ten rows.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

const ALL: usize = 20;
const HEAVY: usize = 10;

/// The places.
#[derive(Debug, Default)]
pub struct Slots {
    all: Arc<AtomicUsize>,
    heavy: Arc<AtomicUsize>,
}

/// A taken place; dropping it frees the place.
#[derive(Debug)]
pub struct Place(Vec<Arc<AtomicUsize>>);

impl Slots {
    /// Takes a place, or none if there is none.
    pub fn enter(&self, heavy: bool) -> Option<Place> {
        let mut place = Place(Vec::new());
        place.take(&self.all, ALL)?;
        if heavy {
            place.take(&self.heavy, HEAVY)?;
        }
        Some(place)
    }
}

impl Place {
    fn take(&mut self, counter: &Arc<AtomicUsize>, most: usize) -> Option<()> {
        // Counted before it is judged: whoever is judged too many gives the place back on drop.
        self.0.push(counter.clone());
        (counter.fetch_add(1, Ordering::SeqCst) < most).then_some(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for counter in &self.0 {
            counter.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_heavy_call_at_once_finds_no_place_and_leaves_none_taken() {
        let slots = Slots::default();
        let taken: Vec<Place> = (0..10).filter_map(|_| slots.enter(true)).collect();
        assert_eq!(taken.len(), 10);
        assert!(slots.enter(true).is_none());
        assert!(slots.enter(false).is_some());
        drop(taken);
        assert!(slots.enter(true).is_some());
    }
}
