//! Every port of the store and the queue behind [`Faults`]: one line per method.

use std::time::Duration;

use counterpart_delivery::ports::{
    Circuit, ConfigVersion, Cursor, Cursors, Leased, Ledger, Links, Outgoing, PackProgress, Parked,
    Parking, Queue, Remap, RepMapping, Reps, SalespersonRow, Settings, Waiting, WaitingEntry,
};
use counterpart_delivery::{Link, LinkWrite, ManifestEntry, OutcomeItem, PutLink, Run, Totals};
use counterpart_domain::{AsOf, Company, CrmId, Entity, Fault, RepKey, SageKey, TargetName};
use jiff::Timestamp;

use super::faults::Faults;

/// A port behind [`Faults`].
#[derive(Debug, Clone)]
pub struct Faulty<P> {
    /// What is behind.
    pub inner: P,
    /// What may go wrong.
    pub faults: Faults,
}

macro_rules! behind_faults {
    ($port:ident { $($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)* }) => {
        impl<P: $port> $port for Faulty<P> {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$answer, Fault> {
                self.faults.check(stringify!($name), || format!("{:?}", ($(&$arg,)*)))?;
                self.faults.call(stringify!($name), self.inner.$name($($arg),*)).await
            })*
        }
    };
}

behind_faults!(Links {
    links(target: &TargetName, keys: &[SageKey]) -> Vec<Option<Link>>;
    put_link(write: &LinkWrite) -> PutLink;
    key_of(target: &TargetName, id: &CrmId) -> Option<SageKey>;
    keys_of_rep(target: &TargetName, rep: &RepKey, after: Option<&str>, limit: usize) -> (Vec<SageKey>, Option<String>);
});

behind_faults!(Waiting {
    wait(target: &TargetName, waiting: &WaitingEntry) -> ();
    waiting_for(target: &TargetName, parent: &SageKey, limit: usize) -> Vec<WaitingEntry>;
    stop_waiting(target: &TargetName, parent: &SageKey, child: &SageKey, as_of: AsOf) -> ();
});

behind_faults!(Reps {
    reps(target: &TargetName, company: &Company) -> Vec<RepMapping>;
    reps_of_user(target: &TargetName, company: &Company, user: &CrmId) -> Vec<RepKey>;
    put_rep(target: &TargetName, rep: &RepKey, user: Option<&RepMapping>, token: &str) -> ();
    remaps(company: &Company) -> Vec<Remap>;
    keep_remap(remap: &Remap) -> ();
    finish_remap(remap: &Remap) -> ();
    put_salesperson(row: &SalespersonRow) -> ();
    salespersons(company: &Company) -> Vec<SalespersonRow>;
});

behind_faults!(Cursors {
    lease_cursor(company: &Company, entity: Entity, owner: &str, now: Timestamp, until: Timestamp) -> Leased;
    save_cursor(cursor: &Cursor, owner: &str) -> ();
    release_cursor(company: &Company, entity: Entity, owner: &str) -> ();
    cursor(company: &Company, entity: Entity) -> Option<Cursor>;
});

behind_faults!(Ledger {
    put_run(run: &Run) -> ();
    put_manifest(run: &str, target: &TargetName, part: &str, entries: &[ManifestEntry]) -> ();
    put_outcomes(outcomes: &[OutcomeItem]) -> ();
    totals(run: &str, target: &TargetName) -> Totals;
    runs(company: &Company, limit: usize) -> Vec<Run>;
    history(key: &SageKey, limit: usize) -> Vec<OutcomeItem>;
});

behind_faults!(Parking {
    park(parked: &Parked) -> ();
    parked(target: &str, id: &str) -> Option<Parked>;
    parked_of(target: &str, after: Option<&str>, limit: usize) -> Vec<Parked>;
    unpark(target: &TargetName, id: &str) -> ();
});

behind_faults!(Settings {
    config() -> Option<ConfigVersion>;
    push_config(text: &str, expected: u64, now: Timestamp) -> bool;
    circuit(target: &TargetName) -> Circuit;
    put_circuit(target: &TargetName, circuit: &Circuit) -> bool;
    pack_progress(pack: &str) -> PackProgress;
    put_pack_progress(pack: &str, progress: &PackProgress, expires_at: Timestamp) -> ();
});

impl<Q: Queue> Queue for Faulty<Q> {
    fn longest_body(&self) -> usize {
        self.inner.longest_body()
    }

    async fn send(
        &self,
        target: &TargetName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        self.faults
            .call("queue.send", self.inner.send(target, messages))
            .await
    }

    async fn hand_back(
        &self,
        target: &TargetName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        self.faults
            .call(
                "queue.hand_back",
                self.inner.hand_back(target, receipt, delay),
            )
            .await
    }
}
