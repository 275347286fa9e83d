//! The ports: all I/O, time and chance of the handlers goes through these traits, so that one handler runs in Lambda,
//! in the local stack and in the seeded simulation.
//!
//! Every method that can fail answers with a [`Fault`](counterpart_domain::Fault): the class says what becomes of the
//! work. An adapter never retries behind the handler's back for longer than one call's time-out.

mod clock;
mod crm;
mod crm_metadata;
mod queue;
mod sage;
mod store;

pub use clock::{Clock, Ids};
pub use crm::{Crm, CrmRecord, CrmUser, RowOutcome, UpsertCall, UpsertRow, Written};
pub use crm_metadata::{
    CrmBudget, CrmField, CrmFieldKind, CrmMetadata, CrmModule, CrmOrg, CrmRecordType,
};
pub use queue::{Outgoing, Queue};
pub use sage::{ChangedRecord, Page, RecordsAnswer, Sage, Window};
pub use store::*;
