//! What is known of a CRM product beside its client: a profile for each, as data, in a file of its own.
//!
//! Nothing else in the program asks which product a target is: it asks the profile what it wants to know. The client of a
//! profile is made in one place, where the functions are wired.

mod profile;
mod salesforce;
mod salesforce_id;
mod setting;
mod settings;
mod zoho;

pub use profile::{
    Composed, CrmProfile, EntityProfile, FieldForms, IdForms, KeyAdvice, LineProfile, Lookup,
    OneOrg, SourceProfile, WaysIn, Webhook, WebhookToken,
};
pub use salesforce::SALESFORCE;
pub use salesforce_id::salesforce_id;
pub use setting::{Setting, SettingForm, Unfit};
pub use settings::CrmSettings;
pub use zoho::ZOHO;

/// Every product, in the order in which people read of them.
pub static CRM_PROFILES: [&CrmProfile; 2] = [&ZOHO, &SALESFORCE];

#[cfg(test)]
mod tests;
