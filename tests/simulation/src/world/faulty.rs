//! Every port of the store and the queue behind [`Faults`]: one line per method.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_delivery::intent::SaleTrace;
use counterpart_delivery::pause::{PauseNote, Pauses};
use counterpart_delivery::ports::{
    Bindings, Channel, Channels, Circuit, ConfigVersion, Creation, Creations, Cursor, Cursors,
    Heard, IntentLease, Intents, Leased, Ledger, Links, Marks, Nonce, Nonces, Outgoing,
    PackProgress, Parked, Parking, Queue, QueueName, Remap, RepMapping, Reps, Resync,
    SalespersonRow, Settings, Slot, Sweep, Sweeps, WriteSlots,
};
use counterpart_delivery::{
    Intent, IntentId, Link, LinkWrite, ManifestEntry, OutcomeItem, PutLink, Run, Totals,
};
use counterpart_domain::{AsOf, Class, Company, CrmId, Entity, Fault, RepKey, SageKey, TargetName};
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
    resting(target: &TargetName, limit: usize) -> usize;
    keys_of_rep(target: &TargetName, rep: &RepKey, after: Option<&str>, limit: usize) -> (Vec<SageKey>, Option<String>);
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
    parked_among(target: &str, ids: &[String]) -> Vec<Option<Parked>>;
    parked_of(target: &str, after: Option<&str>, limit: usize) -> Vec<Parked>;
    unpark(target: &TargetName, id: &str) -> ();
});

behind_faults!(Settings {
    config() -> Option<ConfigVersion>;
    configs_before(version: u64, limit: usize) -> Vec<ConfigVersion>;
    push_config(text: &str, expected: u64, now: Timestamp) -> bool;
    circuit(target: &TargetName) -> Circuit;
    put_circuit(target: &TargetName, circuit: &Circuit) -> bool;
    pauses() -> Pauses;
    circuit_and_pauses(target: &TargetName) -> (Circuit, Pauses);
    put_pauses(pauses: &Pauses, note: &PauseNote) -> bool;
    pause_notes(limit: usize) -> Vec<PauseNote>;
    pack_progress(pack: &str) -> PackProgress;
    put_pack_progress(pack: &str, progress: &PackProgress, expires_at: Timestamp) -> ();
});

behind_faults!(Intents {
    lease_intent(target: &TargetName, id: &IntentId, owner: &str, now: Timestamp, until: Timestamp) -> IntentLease;
    save_intent(intent: &Intent, owner: &str) -> u64;
    release_intent(target: &TargetName, id: &IntentId, owner: &str) -> ();
    intent(target: &TargetName, id: &IntentId) -> Option<Intent>;
    mark_written_back(target: &TargetName, id: &IntentId, rev: u64) -> ();
    written_back(target: &TargetName, id: &IntentId) -> u64;
    sales_of(target: &TargetName, traces: &[SaleTrace]) -> Vec<Option<IntentId>>;
    claim_for_sale(target: &TargetName, trace: &SaleTrace, id: &IntentId) -> IntentId;
});

behind_faults!(WriteSlots {
    acquire_slot(company: &Company, seats: u32, holder: &str, now: Timestamp, until: Timestamp) -> Slot;
    release_slot(company: &Company, holder: &str) -> ();
});

behind_faults!(Creations {
    count_creation(company: &Company, most: u32, name: &str, now: Timestamp) -> Creation;
    count_of_hour(company: &Company, hour: Timestamp, most: u32, name: &str) -> bool;
    forget_creation(company: &Company, name: &str) -> ();
    creations(company: &Company, now: Timestamp) -> u32;
});

behind_faults!(Nonces {
    begin_nonce(nonce: &str, now: Timestamp, expires_at: Timestamp) -> Nonce;
    is_begun(nonce: &str, now: Timestamp) -> bool;
    finish_nonce(nonce: &str, expires_at: Timestamp) -> ();
});

behind_faults!(Channels {
    channels(target: &TargetName) -> Vec<Channel>;
    put_channel(channel: &Channel) -> bool;
});

behind_faults!(Sweeps {
    sweeps(target: &TargetName) -> Vec<Sweep>;
    put_sweep(sweep: &Sweep) -> bool;
    note_heard(heard: &Heard) -> ();
    heard(target: &TargetName) -> Vec<Heard>;
});

behind_faults!(Marks {
    raise_mark(name: &str, as_of: AsOf) -> bool;
    note_resync(resync: &Resync) -> ();
    resyncs(target: &TargetName) -> Vec<Resync>;
    clear_resync(resync: &Resync) -> ();
});

behind_faults!(Bindings {
    binding(company: &Company) -> Option<String>;
    put_binding(company: &Company, binding: &str) -> ();
});

/// What is done to a queue, as faults name it.
struct Calls {
    send: &'static str,
    hand_back: &'static str,
    send_anew: &'static str,
}

const fn calls(queue: &QueueName) -> Calls {
    match queue {
        QueueName::CrmWrites(_) => Calls {
            send: "queue.send",
            hand_back: "queue.hand_back",
            send_anew: "queue.send_anew",
        },
        QueueName::CrmEvents | QueueName::SalesforceEvents => Calls {
            send: "events.send",
            hand_back: "events.hand_back",
            send_anew: "events.send_anew",
        },
        QueueName::SageWrites => Calls {
            send: "jobs.send",
            hand_back: "jobs.hand_back",
            send_anew: "jobs.send_anew",
        },
    }
}

impl<Q: Queue> Queue for Faulty<Q> {
    fn longest_body(&self) -> usize {
        self.inner.longest_body()
    }

    async fn send(
        &self,
        queue: &QueueName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        let mut blocked = BTreeSet::new();
        let send = async |batch: &[Outgoing]| {
            // Behind a message of its group that was not taken nothing of the group is sent.
            let groups = || batch.iter().filter_map(|message| message.fifo.as_ref());
            if groups().any(|fifo| blocked.contains(&fifo.group)) {
                return Err(behind());
            }
            let sent = self.inner.send(queue, batch);
            let sent = self.faults.call(calls(queue).send, sent).await;
            if sent.is_err() {
                blocked.extend(groups().map(|fifo| fifo.group.clone()));
            }
            sent
        };
        in_batches(messages, send).await
    }

    async fn hand_back(
        &self,
        queue: &QueueName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        let handed_back = self.inner.hand_back(queue, receipt, delay);
        self.faults.call(calls(queue).hand_back, handed_back).await
    }

    async fn send_anew(
        &self,
        queue: &QueueName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        let sent = self.inner.send_anew(queue, body, first_sent, delay);
        self.faults.call(calls(queue).send_anew, sent).await
    }
}

/// SQS takes ten messages with a call: of more, some may be sent and others not.
const BATCH: usize = 10;

/// The answers of all calls that it takes to send messages. A fault only where nothing was sent.
async fn in_batches(
    messages: &[Outgoing],
    mut send: impl AsyncFnMut(&[Outgoing]) -> Result<Vec<Result<(), Fault>>, Fault>,
) -> Result<Vec<Result<(), Fault>>, Fault> {
    if messages.len() <= BATCH {
        return send(messages).await;
    }
    let (mut answers, mut failed, mut sent_any) = (Vec::new(), None, false);
    for batch in messages.chunks(BATCH) {
        match send(batch).await {
            Ok(sent) => {
                sent_any = true;
                answers.extend(sent);
            }
            Err(fault) => {
                answers.extend(batch.iter().map(|_| Err(fault.clone())));
                failed = Some(fault);
            }
        }
    }
    match failed.filter(|_| !sent_any) {
        Some(fault) => Err(fault),
        None => Ok(answers),
    }
}

fn behind() -> Fault {
    Fault::new(
        Class::Transient,
        "E_QUEUE_ENTRY",
        "The queue did not take a message behind one of its group.",
    )
}
