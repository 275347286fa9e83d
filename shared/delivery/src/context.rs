//! What every handler works with: the ports of a deployment, and the configuration in force.

use std::fmt;

use counterpart_config::SyncConfig;

use crate::ports::{
    Clock, Crm, CrmRecords, CrmRelays, Ids, Queue, Sage, SageOrders, SageSearch, SageWrite,
    SaleStore, Store,
};

/// The ports that handlers run on, as one type. It names types only: whoever builds a handler connects what that handler is
/// given, and nothing else.
pub trait Ports {
    /// Durable state.
    type Store: Store + SaleStore;
    /// All queues.
    type Queue: Queue;
    /// Time, chance and ids.
    type Clock: Clock + Ids;
    /// The CRM of a target.
    type Crm: Crm + CrmRecords + CrmRelays;
    /// Reads a company's records and orders, and looks for customers.
    type Agent: Sage + SageOrders + SageSearch;
    /// Writes to a company.
    type Write: SageWrite;
}

/// What all handlers share. Handlers give it as their own: `self.store` in a handler is the store of its context.
pub struct Context<'a, P: Ports> {
    /// Durable state.
    pub store: &'a P::Store,
    /// All queues.
    pub queue: &'a P::Queue,
    /// Time, chance and ids.
    pub clock: &'a P::Clock,
    /// The configuration in force.
    pub config: &'a SyncConfig,
    /// Its version: packs and jobs carry it, and those of a later one wait until the worker knows it.
    pub config_version: u64,
    /// Whether a newer one is in force that this version of the program cannot read: what it does not know may be there.
    pub is_behind: bool,
}

impl<P: Ports> Clone for Context<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Ports> Copy for Context<'_, P> {}

impl<P: Ports> fmt::Debug for Context<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("config_version", &self.config_version)
            .field("is_behind", &self.is_behind)
            .finish_non_exhaustive()
    }
}

/// Has a handler give the fields of its context as its own, and say only its context where it is printed. The parameters
/// besides the ports follow the handler's name.
macro_rules! in_context {
    ($handler:ident $(, $more:ident)*) => {
        impl<'a, P: $crate::Ports $(, $more)*> std::ops::Deref for $handler<'a, P $(, $more)*> {
            type Target = $crate::Context<'a, P>;

            fn deref(&self) -> &Self::Target {
                &self.context
            }
        }

        impl<P: $crate::Ports $(, $more)*> std::fmt::Debug for $handler<'_, P $(, $more)*> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($handler))
                    .field("context", &self.context)
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use in_context;
