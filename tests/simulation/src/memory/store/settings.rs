use counterpart_delivery::pause::{PauseNote, Pauses};
use counterpart_delivery::ports::{Circuit, ConfigVersion, PackProgress, Settings};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

use super::MemoryStore;

impl Settings for MemoryStore {
    async fn config(&self) -> Result<Option<ConfigVersion>, Fault> {
        Ok(self.0.borrow().configs.last().cloned())
    }

    async fn configs_before(
        &self,
        version: u64,
        limit: usize,
    ) -> Result<Vec<ConfigVersion>, Fault> {
        let state = self.0.borrow();
        let older = state.configs.iter().rev();
        Ok(older
            .filter(|config| config.version < version)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn push_config(&self, text: &str, expected: u64, now: Timestamp) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        if state.configs.last().map_or(0, |config| config.version) != expected {
            return Ok(false);
        }
        state.configs.push(ConfigVersion {
            version: expected + 1,
            text: text.to_owned(),
            pushed_at: now,
        });
        Ok(true)
    }

    async fn circuit(&self, target: &TargetName) -> Result<Circuit, Fault> {
        let state = self.0.borrow();
        Ok(state.circuits.get(target).cloned().unwrap_or_default())
    }

    async fn put_circuit(&self, target: &TargetName, circuit: &Circuit) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        if state.circuits.get(target).map_or(0, |stored| stored.rev) != circuit.rev {
            return Ok(false);
        }
        let mut circuit = circuit.clone();
        circuit.rev += 1;
        state.circuits.insert(target.clone(), circuit);
        Ok(true)
    }

    async fn pauses(&self) -> Result<Pauses, Fault> {
        Ok(self.0.borrow().pauses.clone())
    }

    async fn circuit_and_pauses(&self, target: &TargetName) -> Result<(Circuit, Pauses), Fault> {
        Ok((self.circuit(target).await?, self.pauses().await?))
    }

    async fn put_pauses(&self, pauses: &Pauses, note: &PauseNote) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        if state.pauses.rev != pauses.rev {
            return Ok(false);
        }
        state.pauses = pauses.clone();
        state.pauses.rev += 1;
        state.pause_notes.push(note.clone());
        Ok(true)
    }

    async fn pause_notes(&self, limit: usize) -> Result<Vec<PauseNote>, Fault> {
        let state = self.0.borrow();
        Ok(state
            .pause_notes
            .iter()
            .rev()
            .take(limit)
            .cloned()
            .collect())
    }

    async fn pack_progress(&self, pack: &str) -> Result<PackProgress, Fault> {
        let state = self.0.borrow();
        Ok(state.packs.get(pack).cloned().unwrap_or_default())
    }

    async fn put_pack_progress(
        &self,
        pack: &str,
        progress: &PackProgress,
        _expires_at: Timestamp,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        state.packs.insert(pack.to_owned(), progress.clone());
        Ok(())
    }
}
