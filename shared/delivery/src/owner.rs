//! Who owns a record in the CRM: the rep mapping, applied.

use std::collections::BTreeMap;

use counterpart_config::{OwnerConfig, UnmappedRep};
use counterpart_domain::{
    Class, Company, CrmId, Digest, Entity, Fault, Fields, Record, RepKey, SageKey, TargetName,
    Value, digest_of,
};
use jiff::Timestamp;

use crate::ports::{Ids, RepMapping, Reps};

/// The mapping of one company in one target.
#[derive(Debug, Clone, Default)]
pub struct RepTable(BTreeMap<String, CrmId>);

impl RepTable {
    /// Loads it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load<S: Reps>(
        store: &S,
        target: &TargetName,
        company: &Company,
    ) -> Result<Self, Fault> {
        Ok(store.reps(target, company).await?.into())
    }

    /// The CRM user of a rep.
    #[must_use]
    pub fn user(&self, rep: &RepKey) -> Option<&CrmId> {
        self.0.get(&rep.rep)
    }

    /// The version of the mapping as far as it concerns one record: another user, or none, is another version.
    #[must_use]
    pub fn version(
        &self,
        owner: Option<&OwnerConfig>,
        company: &Company,
        record: &Record,
    ) -> Digest {
        let rep = owner.and_then(|owner| record.rep(company, &owner.column));
        let user = rep.as_ref().and_then(|rep| self.user(rep));
        digest_of([
            rep.as_ref().map_or("", |rep| &rep.rep),
            user.map_or("", |user| &user.0),
        ])
    }
}

impl From<Vec<RepMapping>> for RepTable {
    fn from(rows: Vec<RepMapping>) -> Self {
        Self(
            rows.into_iter()
                .map(|row| (row.rep.rep, row.user_id))
                .collect(),
        )
    }
}

/// What is to be written into the owner field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This user.
    User(Value),
    /// This user if the record is created now; an owner that is there stays.
    AtCreation(Value),
    /// Nothing.
    Leave,
}

/// Applies the mapping and the policy for reps that are not mapped. A record without a rep is not an unmapped one: it
/// is left alone, or goes to the admin user at creation where that policy is chosen.
///
/// # Errors
/// `E_REP_UNMAPPED` (class data) where the policy is to park.
pub fn resolve(
    owner: &OwnerConfig,
    table: &RepTable,
    key: &SageKey,
    record: &Record,
) -> Result<Owner, Fault> {
    let rep = record.rep(&key.company, &owner.column);
    if let Some(user) = rep.as_ref().and_then(|rep| table.user(rep)) {
        return Ok(Owner::User(Value::Reference(user.0.clone())));
    }
    match (&owner.unmapped, rep) {
        (UnmappedRep::Admin(user), _) => Ok(Owner::AtCreation(Value::Reference(user.0.clone()))),
        (UnmappedRep::Leave, _) | (UnmappedRep::Park, None) => Ok(Owner::Leave),
        (UnmappedRep::Park, Some(rep)) => Err(Fault::new(
            Class::Data,
            "E_REP_UNMAPPED",
            format!(
                "{key} belongs to salesperson {}, who is mapped to no CRM user. Map the salesperson with `counterpart reps match` or `counterpart reps import`; the record then follows by itself.",
                rep.rep
            ),
        )),
    }
}

/// The salesperson that a CRM user stands for. `current`: Sage's own, which is kept where the user stands for several.
///
/// # Errors
/// `E_REP_UNMAPPED` (class data) when it is nobody; `E_REP_AMBIGUOUS` (class data) when it is several; or when the store
/// cannot be read.
pub(crate) async fn rep_of_user<S: Reps>(
    store: &S,
    target: &TargetName,
    company: &Company,
    user: &CrmId,
    current: Option<&RepKey>,
) -> Result<RepKey, Fault> {
    let mut reps = store.reps_of_user(target, company, user).await?;
    if let Some(current) = current.filter(|current| reps.contains(current)) {
        return Ok(current.clone());
    }
    reps.sort();
    let (code, why) = match reps.as_slice() {
        [rep] => return Ok(rep.clone()),
        [] => ("E_REP_UNMAPPED", "is mapped to no salesperson".to_owned()),
        several => {
            let names: Vec<&str> = several.iter().map(|rep| rep.rep.as_str()).collect();
            let names = names.join(", ");
            (
                "E_REP_AMBIGUOUS",
                format!("stands for the salespersons {names}"),
            )
        }
    };
    Err(Fault::new(
        Class::Data,
        code,
        format!(
            "The owner in the CRM (user {user}) {why} in company {company}, and Sage 100 wants one. Change the owner, or ask for the salesperson to be mapped (`counterpart reps import`)."
        ),
    ))
}

/// The columns of Sage that name a salesperson.
pub(crate) fn rep_columns(entity: Entity, owner: &OwnerConfig, rep: &RepKey) -> Fields {
    let named = entity.spec().rep.as_ref();
    let Some(named) = named.filter(|named| named.number == owner.column) else {
        return Fields::from([(owner.column.clone(), Value::text(&rep.rep))]);
    };
    let (division, number) = rep.rep.split_once('-').unwrap_or(("00", &rep.rep));
    Fields::from([
        (named.division.to_owned(), Value::text(division)),
        (named.number.to_owned(), Value::text(number)),
    ])
}

/// A token for one change of the mapping. It tells when the change was made.
#[must_use]
pub fn remap_token(now: Timestamp, ids: &impl Ids) -> String {
    format!("{}-{}", now.as_second(), ids.new_id())
}

/// When the change with this token was made; the epoch for a token of another make.
pub(crate) fn remapped_at(token: &str) -> Timestamp {
    token
        .split_once('-')
        .and_then(|(seconds, _)| seconds.parse().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
