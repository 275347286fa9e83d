use counterpart_delivery::ports::{Heard, Sweep, Sweeps};
use counterpart_domain::{Fault, TargetName};

use super::MemoryStore;

impl Sweeps for MemoryStore {
    async fn sweeps(&self, target: &TargetName) -> Result<Vec<Sweep>, Fault> {
        let state = self.0.borrow();
        let all = state.sweeps.values();
        Ok(all.filter(|one| one.target == *target).cloned().collect())
    }

    async fn put_sweep(&self, sweep: &Sweep) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (sweep.target.clone(), sweep.module.clone());
        if state.sweeps.get(&at).map_or(0, |stored| stored.rev) != sweep.rev {
            return Ok(false);
        }
        let mut sweep = sweep.clone();
        sweep.rev += 1;
        state.sweeps.insert(at, sweep);
        Ok(true)
    }

    async fn note_heard(&self, heard: &Heard) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (heard.target.clone(), heard.of.clone());
        state.heard.insert(at, heard.at);
        Ok(())
    }

    async fn heard(&self, target: &TargetName) -> Result<Vec<Heard>, Fault> {
        let state = self.0.borrow();
        let all = state.heard.iter().filter(|((of, _), _)| of == target);
        Ok(all
            .map(|((target, of), at)| Heard {
                target: target.clone(),
                of: of.clone(),
                at: *at,
            })
            .collect())
    }
}
