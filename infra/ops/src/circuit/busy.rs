//! A circuit that others write all the while.

use counterpart_delivery::close_circuit;
use counterpart_delivery::pause::{PauseNote, Pauses};
use counterpart_delivery::ports::{Audit, ByHand, Circuit, ConfigVersion, PackProgress, Settings};
use counterpart_domain::{Fault, TargetName};
use counterpart_simulation::{VirtualClock, memory::MemoryStore};
use jiff::Timestamp;

struct Busy(MemoryStore);

impl Settings for Busy {
    async fn config(&self) -> Result<Option<ConfigVersion>, Fault> {
        self.0.config().await
    }

    async fn configs_before(&self, version: u64, most: usize) -> Result<Vec<ConfigVersion>, Fault> {
        self.0.configs_before(version, most).await
    }

    async fn push_config(&self, text: &str, expected: u64, now: Timestamp) -> Result<bool, Fault> {
        self.0.push_config(text, expected, now).await
    }

    async fn circuit(&self, target: &TargetName) -> Result<Circuit, Fault> {
        self.0.circuit(target).await
    }

    async fn put_circuit(&self, target: &TargetName, circuit: &Circuit) -> Result<bool, Fault> {
        // Another worker's failure comes in between.
        let mut theirs = self.0.circuit(target).await?;
        theirs.failures += 1;
        self.0.put_circuit(target, &theirs).await?;
        self.0.put_circuit(target, circuit).await
    }

    async fn pauses(&self) -> Result<Pauses, Fault> {
        self.0.pauses().await
    }

    async fn circuit_and_pauses(&self, target: &TargetName) -> Result<(Circuit, Pauses), Fault> {
        self.0.circuit_and_pauses(target).await
    }

    async fn put_pauses(&self, pauses: &Pauses, note: &PauseNote) -> Result<bool, Fault> {
        self.0.put_pauses(pauses, note).await
    }

    async fn pause_notes(&self, limit: usize) -> Result<Vec<PauseNote>, Fault> {
        self.0.pause_notes(limit).await
    }

    async fn pack_progress(&self, pack: &str) -> Result<PackProgress, Fault> {
        self.0.pack_progress(pack).await
    }

    async fn put_pack_progress(
        &self,
        pack: &str,
        progress: &PackProgress,
        expires_at: Timestamp,
    ) -> Result<(), Fault> {
        self.0.put_pack_progress(pack, progress, expires_at).await
    }
}

impl Audit for Busy {
    async fn note_by_hand(&self, deed: &ByHand) -> Result<(), Fault> {
        self.0.note_by_hand(deed).await
    }

    async fn by_hand(&self, limit: usize) -> Result<Vec<ByHand>, Fault> {
        self.0.by_hand(limit).await
    }
}

#[test]
fn a_closing_that_did_not_take_is_not_noted() {
    let now = "2026-11-22T19:30:00Z".parse().unwrap();
    let (store, zoho) = (Busy(MemoryStore::new()), TargetName::new("zoho").unwrap());
    VirtualClock::new(now, 1).block_on(async {
        let open = Circuit {
            failures: 3,
            open_until: Some(now),
            ..Circuit::default()
        };
        assert!(store.0.put_circuit(&zoho, &open).await.unwrap());
        let busy = close_circuit(&store, &zoho, "arn:jo", now).await;
        assert_eq!(busy.unwrap_err().code, "E_CIRCUIT_BUSY");
        assert_eq!(store.by_hand(9).await.unwrap(), []);
        let closed = close_circuit(&store.0, &zoho, "arn:jo", now).await;
        assert!(closed.unwrap().is_some());
        assert_eq!(store.by_hand(9).await.unwrap().len(), 1);
    });
}
