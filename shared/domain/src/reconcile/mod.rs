//! `reconcile(base, sage, crm, policy) -> decision`: the one decision of the product.

mod policy;
mod shadow;

pub use policy::{
    CreateInCrm, FieldOwner, FieldRule, ForeignEdit, OnConflict, Policy, UpdateInCrm,
};
pub use shadow::{BaseField, Shadow};
