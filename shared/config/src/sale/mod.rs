//! The way from a CRM to Sage 100: which records set it off, what Sage is given, what is shown in the CRM afterwards.

mod events;
mod orders;
mod records;
mod since;

pub use events::{EventsConfig, PlatformEvent, SageWay, SoapConfig};
pub use orders::{
    ContactSource, CreditPolicy, CreditZero, CurrencyConfig, ItemCodes, LineMap, OrderSource,
    OrdersConfig, Prices, RateSource, Reductions, StockFields, TableRate, TotalsPolicy,
};
pub use records::{
    CreateInSage, CrmCondition, RepDirection, SageColumn, SageFieldMap, SageSource, SageWith,
    ToSage, WriteBackFields,
};
pub use since::Since;
