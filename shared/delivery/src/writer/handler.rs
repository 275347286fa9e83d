//! One message of `crm-writes`: read, checked, and taken as a pack or a write-back.

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::snapshot::{Deleted, PackWork};
use super::{BatchReport, CrmWriter, MARGIN, Mapper};
use crate::disposition::Disposition;
use crate::not_done::NotDone;
use crate::parking;
use crate::ports::Circuit;
use crate::ports::prelude::*;
use crate::worker::Handler;
use crate::{DecodedPack, Message, Outcome, Pack, PackError, WriteBack};

/// A message of `crm-writes`.
pub(crate) enum Body {
    /// Records of Sage.
    Pack(DecodedPack),
    /// What Sage answered.
    WriteBack(WriteBack),
}

impl<P: Ports, M: Mapper> Handler for CrmWriter<'_, P, M> {
    type Work = Body;
    type Report = BatchReport;
    const MARGIN: SignedDuration = MARGIN;

    fn decode(&self, message: &Message) -> Result<Body, Fault> {
        let body = if WriteBack::is_one(&message.body) {
            WriteBack::decode(&message.body).map(Body::WriteBack)
        } else {
            Pack::decode(&message.body).map(Body::Pack)
        };
        body.map_err(|error| {
            let code = match error {
                PackError::Malformed(_) => "E_PACK_MALFORMED",
                PackError::Version(_) => "E_PACK_VERSION",
            };
            Fault::new(
                Class::Data,
                code,
                "A message in the queue is no pack that this writer can read; it is kept as it is.",
            )
            .with_detail(error)
        })
    }

    fn name(work: &Body) -> String {
        match work {
            Body::Pack(decoded) => format!("pack {} for {}", decoded.pack.id, decoded.pack.target),
            Body::WriteBack(of) => format!("write-back {} for {}", of.id, of.target),
        }
    }

    fn called(&self, message: &Message, _work: Option<&Body>) -> Option<TargetName> {
        message.queue.target().cloned()
    }

    async fn work(
        &self,
        message: &Message,
        work: Body,
        deadline: Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), Disposition> {
        match work {
            Body::Pack(decoded) => Ok(self.take_pack(message, decoded, deadline, report).await?),
            Body::WriteBack(of) => self.take_write_back(message, &of, report).await,
        }
    }

    fn paused(report: &mut BatchReport) -> &mut u64 {
        &mut report.paused
    }

    async fn park_message(
        &self,
        message: &Message,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        self.park_body(message, message.target(), fault).await?;
        report.parked += 1;
        Ok(())
    }
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    async fn take_pack(
        &self,
        message: &Message,
        decoded: DecodedPack,
        deadline: Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let DecodedPack { pack, unreadable } = decoded;
        report.packs += 1;
        report.records += pack.entries.len() as u64;
        self.knows_config(pack.config_version, "pack")?;
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
            self.check_pack(&pack).await?;
            self.refuse_records(&pack, entity, &unreadable, report)
                .await?;
        }
        let work = PackWork {
            pack,
            target,
            entity,
            crm,
            circuit: Circuit::default(),
            again: message.is_again(),
            links_first: message.receive_count == 2,
            deleted: Deleted::default(),
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
        message: &Message,
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
        if message.queue.target() != Some(&pack.target) {
            return Err(missing(
                "E_PACK_MISROUTED",
                format!("A pack for {name} in the queue of {}", message.target()),
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

    async fn refuse_pack(
        &self,
        message: &Message,
        pack: &Pack,
        unreadable: &[(String, String)],
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        self.park_body(message, message.target(), fault).await?;
        report.parked += (pack.entries.len() + unreadable.len()) as u64;
        let version = counterpart_domain::digest_of([""]);
        let outcomes: Vec<_> = pack
            .entries
            .iter()
            .map(|entry| {
                parking::outcome(&pack.target, &pack.key(entry), entry, fault, &version, now)
            })
            .collect();
        tracing::error!(pack.id, target.name = %pack.target, fault = %fault, "a pack is parked as a whole");
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
                .park(&parking::unreadable(
                    &pack.target,
                    "record",
                    raw,
                    &fault,
                    now,
                ))
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
}
