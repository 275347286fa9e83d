//! The ports: all I/O, time and chance of the handlers goes through these traits, so that one handler runs in Lambda,
//! in the local stack and in the seeded simulation.
//!
//! Every method that can fail answers with a [`Fault`](counterpart_domain::Fault): the class says what becomes of the
//! work. An adapter never retries behind the handler's back for longer than one call's time-out.

mod clock;
mod crm;
mod crm_metadata;
mod crm_records;
mod crm_relays;
mod queue;
mod sage;
mod sage_orders;
mod sage_search;
mod sage_write;
mod store;

pub use clock::{Clock, Ids};
pub use crm::{Crm, CrmRecord, CrmUser, RowOutcome, UpdateRow, UpsertCall, UpsertRow, Written};
pub use crm_metadata::{
    CrmBudget, CrmField, CrmFieldKind, CrmMetadata, CrmModule, CrmOrg, CrmRecordType,
};
pub use crm_records::{
    ChangedId, ChangesAfter, ChannelRequest, CrmChannels, CrmRecords, CurrencyRate, DeletedSince,
    Deletions, Document, DocumentQuery, LinesQuery, Past, Was,
};
pub use crm_relays::{CrmRelays, Relay, RelayRecovery};
pub use queue::{Fifo, Outgoing, Queue, QueueName, check_anew, check_kind};
pub use sage::{ChangedRecord, Keyless, Page, RecordsAnswer, Sage, TextRules, Window};
pub use sage_orders::{Observed, OrderQuery, SageOrders};
pub use sage_search::{
    CustomerQuery, FoundBy, FoundCustomer, FoundCustomers, MOST_FOUND, SageSearch, Site,
};
pub use sage_write::{SageWrite, WriteContext};
pub use store::*;

/// The methods of all ports, and the trait of their types.
pub(crate) mod prelude {
    pub(crate) use super::{
        Channels as _, Clock as _, Commits as _, Creations as _, Crm as _, CrmRecords as _,
        CrmRelays as _, Cursors as _, Ids as _, Intents as _, Ledger as _, Links as _, Marks as _,
        Nonces as _, Parking as _, Queue as _, Reps as _, Sage as _, SageOrders as _,
        SageSearch as _, SageWrite as _, Settings as _, Sweeps as _, Waiting as _, WriteSlots as _,
    };
    pub(crate) use crate::context::{Context, Ports, in_context};
}
