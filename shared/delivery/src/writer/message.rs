//! One message: read, checked, taken as a pack, acknowledged or handed back.

use std::panic::AssertUnwindSafe;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Class, Fault};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{BatchReport, CrmWriter, Mapper, Received, park};
use crate::circuit::Gate;
use crate::hand_back::{self, out_of_time, panicked};
pub(super) use crate::not_done::NotDone;
use crate::ports::Circuit;
use crate::ports::prelude::*;
use crate::{Outcome, Pack, PackError};

/// The pause before another worker takes what this one has no time for.
const SOON: SignedDuration = SignedDuration::from_secs(1);

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Takes one message. `true`: it may be acknowledged.
    pub(super) async fn take(
        &self,
        message: &Received,
        deadline: Timestamp,
        report: &mut BatchReport,
    ) -> bool {
        if crate::WriteBack::is_one(&message.body) {
            return self.take_write_back(message, deadline, report).await;
        }
        let pack = match Pack::decode(&message.body) {
            Ok(decoded) => decoded,
            Err(error) => return self.refuse_body(message, &error, report).await,
        };
        let id = pack.pack.id.clone();
        if self.is_late(deadline) {
            return self.leave(message).await;
        }
        match AssertUnwindSafe(self.take_pack(message, pack, deadline, report))
            .catch_unwind()
            .await
        {
            Ok(Ok(())) => true,
            Ok(Err(back)) => {
                tracing::warn!(pack.id = id, target.name = %message.target, fault = %back.fault, "a pack is handed back");
                self.hand_back(message, &back).await
            }
            Err(_) => {
                tracing::error!(pack.id = id, target.name = %message.target, "the writer panicked on a pack");
                self.hand_back(message, &panicked().into()).await
            }
        }
    }

    async fn take_pack(
        &self,
        message: &Received,
        decoded: crate::DecodedPack,
        deadline: Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let crate::DecodedPack { pack, unreadable } = decoded;
        report.packs += 1;
        report.records += pack.entries.len() as u64;
        if pack.config_version > self.config_version {
            // Parking it, or writing it with yesterday's mapping, would be wrong: this worker learns soon.
            let fault = Fault::new(
                Class::Transient,
                "E_CONFIG_OLDER",
                "The pack was made with a newer configuration than this worker has read yet.",
            );
            return Err(fault.into());
        }
        let (target, entity, crm) = match self.place(message, &pack) {
            Ok(place) => place,
            Err(fault) => {
                return Ok(self
                    .refuse_pack(message, &pack, &unreadable, &fault, report)
                    .await?);
            }
        };
        if !unreadable.is_empty() {
            // Not before: while the CRM is out of reach a pack comes again and again.
            if let Gate::Shut(until) = self.breaker().gate(&pack.target).await? {
                return Err(NotDone::shut(until));
            }
            self.refuse_records(&pack, entity, &unreadable, report)
                .await?;
        }
        let work = super::work::Work {
            pack,
            target,
            entity,
            crm,
            circuit: Circuit::default(),
            again: message.is_again(),
            links_first: message.receive_count == 2,
        };
        if message.receive_count > crate::kills::SUSPICIOUS {
            self.take_suspicious(work, message.receive_count, deadline, report)
                .await
        } else {
            self.process(work, report).await
        }
    }

    fn place(
        &self,
        message: &Received,
        pack: &Pack,
    ) -> Result<(&TargetConfig, &EntityConfig, &P::Crm), Fault> {
        let missing = |code, what: String| {
            Fault::new(
                Class::Configuration,
                code,
                format!(
                    "{what} is not in sync.toml. Add it and push the configuration, then redrive this message."
                ),
            )
        };
        let (company, name) = (&pack.company, &pack.target);
        if pack.target != message.target {
            return Err(missing(
                "E_PACK_MISROUTED",
                format!("A pack for {name} in the queue of {}", message.target),
            ));
        }
        if !self.config.companies.contains_key(company) {
            return Err(missing("E_COMPANY_UNKNOWN", format!("Company {company}")));
        }
        let target = self
            .config
            .targets
            .get(name)
            .filter(|target| target.companies.contains(company));
        let target = target.ok_or_else(|| {
            missing(
                "E_TARGET_UNKNOWN",
                format!("Target {name} for company {company}"),
            )
        })?;
        let crm = self
            .crms
            .get(name)
            .ok_or_else(|| missing("E_TARGET_UNKNOWN", format!("Target {name}")))?;
        let entity = target.entities.get(&pack.entity);
        let entity =
            entity.ok_or_else(|| missing("E_ENTITY_UNKNOWN", format!("{name}.{}", pack.entity)))?;
        Ok((target, entity, crm))
    }

    pub(super) async fn refuse_body(
        &self,
        message: &Received,
        error: &PackError,
        report: &mut BatchReport,
    ) -> bool {
        let code = match error {
            PackError::Malformed(_) => "E_PACK_MALFORMED",
            PackError::Version(_) => "E_PACK_VERSION",
        };
        let fault = Fault::new(
            Class::Data,
            code,
            "A message in the queue is no pack that this writer can read; it is kept as it is.",
        )
        .with_detail(error);
        let parked = park::unreadable(
            &message.target,
            "body",
            &message.body,
            &fault,
            self.clock.now(),
        );
        match self.store.park(&parked).await {
            Ok(()) => {
                tracing::error!(target.name = %message.target, fault = %fault, "a message is parked");
                report.parked += 1;
                true
            }
            Err(store) => {
                tracing::warn!(fault = %store, "a message could not be parked and stays in the queue");
                self.hand_back(message, &store.into()).await
            }
        }
    }

    async fn refuse_pack(
        &self,
        message: &Received,
        pack: &Pack,
        unreadable: &[(String, String)],
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let parked = park::unreadable(&message.target, "body", &message.body, fault, now);
        self.store.park(&parked).await?;
        report.parked += (pack.entries.len() + unreadable.len()) as u64;
        let version = counterpart_domain::digest_of([""]);
        let outcomes: Vec<_> = pack
            .entries
            .iter()
            .map(|entry| park::outcome(&pack.target, &pack.key(entry), entry, fault, &version, now))
            .collect();
        tracing::error!(pack.id, target.name = %message.target, fault = %fault, "a pack is parked as a whole");
        self.store.put_outcomes(&outcomes).await
    }

    /// Sets aside the records of a pack that cannot be read.
    async fn refuse_records(
        &self,
        pack: &Pack,
        entity: &EntityConfig,
        unreadable: &[(String, String)],
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        #[derive(Deserialize)]
        struct Head {
            k: String,
            run: String,
        }
        let now = self.clock.now();
        let mut outcomes = Vec::new();
        for (raw, why) in unreadable {
            let fault = Fault::new(
                Class::Data,
                "E_RECORD_UNREADABLE",
                format!(
                    "A {} in a pack cannot be read; it is kept as it is, and its neighbours went on.",
                    pack.entity
                ),
            )
            .with_detail(why);
            self.store
                .park(&park::unreadable(&pack.target, "record", raw, &fault, now))
                .await?;
            report.parked += 1;
            let Ok(Head { k, run }) = serde_json::from_str(raw) else {
                continue;
            };
            outcomes.push(crate::OutcomeItem {
                run,
                target: pack.target.clone(),
                key: counterpart_domain::SageKey {
                    company: pack.company.clone(),
                    entity: pack.entity,
                    local: k,
                },
                outcome: Outcome::Parked,
                code: Some("E_RECORD_UNREADABLE".to_owned()),
                changes: Vec::new(),
                notes: Vec::new(),
                mapping_version: entity.version.clone(),
                attempts: 1,
                at: now,
            });
        }
        if outcomes.is_empty() {
            return Ok(());
        }
        self.store.put_outcomes(&outcomes).await
    }

    /// Leaves a message to another worker: there is no time for it.
    pub(super) async fn leave(&self, message: &Received) -> bool {
        let soon = self.clock.now().saturating_add(SOON).ok();
        let back = NotDone::turn(out_of_time(), soon);
        self.hand_back(message, &back).await
    }

    /// Hands a message back. `true`: it was sent anew, and may be acknowledged.
    pub(super) async fn hand_back(&self, message: &Received, back: &NotDone) -> bool {
        let breaker = self.breaker();
        let called = Some(&message.target);
        let pause = breaker
            .back_off(called, back, message.sent, message.receive_count)
            .await;
        hand_back::pack(self.queue, self.clock, message, pause).await
    }
}
