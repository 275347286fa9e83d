//! The rep mapping: salesperson to CRM user, both directions, per company and target.

use counterpart_domain::{Company, CrmId, Fault, RepKey, TargetName};
use serde::{Deserialize, Serialize};

/// One mapped rep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepMapping {
    /// The salesperson.
    pub rep: RepKey,
    /// The CRM user.
    pub user_id: CrmId,
    /// The user's name, for people.
    pub user_name: String,
}

/// A rep whose records have to be looked at again because its mapping changed. It is written in the same transaction as
/// the mapping, so that no change is forgotten, and removed when every record concerned has been queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remap {
    /// The target.
    pub target: TargetName,
    /// The rep.
    pub rep: RepKey,
    /// Where a page walk stopped.
    pub after: Option<String>,
    /// Changes with each change of the mapping: the removal is conditional on it.
    pub token: String,
}

/// A salesperson as Sage knows it, for listings and coverage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalespersonRow {
    /// The salesperson.
    pub rep: RepKey,
    /// `SalespersonName`.
    pub name: String,
    /// `EmailAddress`.
    pub email: String,
}

/// The rep mapping and what it sets off.
pub trait Reps {
    /// The mapping of a company in a target.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn reps(&self, target: &TargetName, company: &Company) -> Result<Vec<RepMapping>, Fault>;

    /// The reps that are mapped to a CRM user.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn reps_of_user(
        &self,
        target: &TargetName,
        company: &Company,
        user: &CrmId,
    ) -> Result<Vec<RepKey>, Fault>;

    /// Sets or (with `user` none) removes one mapping, both directions, and leaves a [`Remap`] with this `token`, all in
    /// one transaction.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_rep(
        &self,
        target: &TargetName,
        rep: &RepKey,
        user: Option<&RepMapping>,
        token: &str,
    ) -> Result<(), Fault>;

    /// What is still to be looked at again, of one company, over all targets.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn remaps(&self, company: &Company) -> Result<Vec<Remap>, Fault>;

    /// Keeps a page walk's position, if the token is still the same.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn keep_remap(&self, remap: &Remap) -> Result<(), Fault>;

    /// Removes a finished remap, if its token is still the same.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn finish_remap(&self, remap: &Remap) -> Result<(), Fault>;

    /// Keeps a salesperson as Sage knows it.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_salesperson(&self, row: &SalespersonRow) -> Result<(), Fault>;

    /// The salespersons of a company.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn salespersons(&self, company: &Company) -> Result<Vec<SalespersonRow>, Fault>;
}
