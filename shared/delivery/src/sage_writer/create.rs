//! A record is to be there once. Sage has no column for our mark here: the number is ours from its
//! reservation on, and the link says so before Sage has anything.

use counterpart_domain::{Class, Fault, SageKey, Value};

use super::SageWriter;
use super::claim::Claim;
use super::content::content_of_columns;
use super::desk::{Desk, idempotency_key};
use super::held::{Held, is_answered, is_mended};
use super::making::{Making, Naming};
use super::name_code::codes;
use super::stop::{Stop, refuse, wrote_nothing};
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, WriteContext};
use crate::{IntentStage, Outcome};

/// What is in Sage under the number may be this record.
const AMBIGUOUS: &str = "E_RECORD_AMBIGUOUS";
/// A record that is not found was sent too long ago to be sent again.
const RESEND_TOO_LATE: &str = "E_RECORD_RESEND_TOO_LATE";
/// How many numbers one job may lose to others before a person is asked.
const MOST_LOST: u32 = 5;
/// How long after the first try a create is sent again when it is not found and the target has no orders that say it.
const RESEND_WITHIN: std::time::Duration = std::time::Duration::from_secs(4 * 3600);

impl<P: Ports> SageWriter<'_, P> {
    /// Makes sure that the record is in Sage, once.
    pub(super) async fn make(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        making: &Making<'_>,
    ) -> Result<SageKey, Stop> {
        if let Some(key) = self.linked(desk, making).await? {
            if held.stored.is_some() {
                settle(held, &key);
                self.call_children(desk, held).await?;
            }
            return Ok(key);
        }
        self.check_link(desk, making).await?;
        held.intent.admitted = true;
        self.count_creation(desk, held).await?;
        let mut lost = 0;
        let mut looked = false;
        loop {
            // Nothing of ours can be in Sage yet.
            if !looked && held.intent.sends == 0 {
                self.look_for_alike(desk, held, making).await?;
                looked = true;
            }
            let key = self.name(desk, held, making).await?;
            // What Sage may hold already was sent as the CRM held it then.
            let unsent = held.intent.sends == 0 || held.intent.stage == IntentStage::Refused;
            match self.claim_key(desk, &key, making, unsent).await? {
                Claim::Ours => {}
                Claim::LinkedTo(other) => {
                    settle(held, &other);
                    return Ok(other);
                }
                Claim::UnderWay(other) => {
                    // Sent or not is not known any more: it is looked for.
                    held.intent.number = Some(other.local.clone());
                    held.intent.customer = Some(other);
                    held.intent.sends = held.intent.sends.max(1);
                    self.save(desk, held).await?;
                    continue;
                }
                Claim::Anothers => {
                    lost += 1;
                    self.lose_key(desk, held, making, &key, lost).await?;
                    looked = false;
                    continue;
                }
            }
            if self.bring(desk, held, making, &key, looked).await? {
                self.finish(desk, held, making, &key).await?;
                self.call_children(desk, held).await?;
                return Ok(key);
            }
            // Who has it now may be whom we are about to create.
            lost += 1;
            self.lose_key(desk, held, making, &key, lost).await?;
            looked = false;
        }
    }

    /// The key that the record has or gets, stored before anything else happens.
    async fn name(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        making: &Making<'_>,
    ) -> Result<SageKey, Stop> {
        let key = |local: &str| {
            SageKey::new(desk.company, making.entity, local).map_err(|error| {
                refuse(
                    "E_KEY_INVALID",
                    format!("Sage 100 cannot have this key: {error}."),
                )
            })
        };
        if let Some(local) = &held.intent.number {
            return key(local);
        }
        let shape = &making.entity.spec().key;
        let local = match &making.naming {
            Naming::Next { division, given } => {
                let number = match given {
                    Some(number) => (*number).to_owned(),
                    None => {
                        self.sit(desk).await?;
                        let number = desk.write.next_customer_number(desk.company);
                        self.call(desk, number).await?
                    }
                };
                shape.join([*division, number.trim()])
            }
            Naming::Below { parent, given } => {
                let code = match given {
                    Some(code) => (*code).to_owned(),
                    None => self.free_code(desk, held, parent, making).await?,
                };
                shape.join(parent.parts().into_iter().chain([code.as_str()]))
            }
        };
        let key = key(&local)?;
        held.intent.number = Some(local);
        held.intent.customer = Some(key.clone());
        held.intent.stage = IntentStage::Reserved;
        held.intent.code = None;
        self.save(desk, held).await?;
        Ok(key)
    }

    /// The first code of the name that neither Sage nor a link has.
    async fn free_code(
        &self,
        desk: &Desk<'_, P>,
        held: &Held,
        parent: &SageKey,
        making: &Making<'_>,
    ) -> Result<String, Stop> {
        let entity = making.entity;
        let shape = &entity.spec().key;
        let keys: Vec<SageKey> = codes(entity, making.columns)
            .filter_map(|code| {
                let local = shape.join(parent.parts().into_iter().chain([code.as_str()]));
                SageKey::new(desk.company, entity, &local).ok()
            })
            .filter(|key| !held.intent.lost_numbers.contains(&key.local))
            .collect();
        let answer = self.call(desk, desk.agent.records(&keys)).await?;
        let links = self.store.links(&desk.job.target, &keys).await?;
        let free = keys
            .iter()
            .zip(links)
            .find(|(key, link)| link.is_none() && answer.missing.contains(key));
        let code = free.and_then(|(key, _)| key.parts().pop().map(str::to_owned));
        code.ok_or_else(|| {
            Stop::Refused(Fault::new(
                Class::Data,
                format!("E_{}_CODES_TAKEN", entity.name().to_uppercase()),
                format!(
                    "There are too many {} of this name below {} {parent}. Give the {entity} a code of its own.",
                    entity.plural(),
                    parent.entity
                ),
            ))
        })
    }

    /// Creates the record under its key. `false`: the key is another's. `looked`: for customers that look alike.
    async fn bring(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        making: &Making<'_>,
        key: &SageKey,
        looked: bool,
    ) -> Result<bool, Stop> {
        if held.intent.stage == IntentStage::Done {
            return Ok(true);
        }
        if let Some(there) = self.read(desk, key).await?.1 {
            // Never sent: whatever stands there is not ours.
            if held.intent.sends == 0 || is_same(making, &there) {
                return Ok(held.intent.sends > 0);
            }
            // It may be ours all the same, and somebody has edited it since. Sent again by a person, it is another's.
            if is_answered(desk, held, AMBIGUOUS) && held.intent.stage == IntentStage::Ambiguous {
                return Ok(false);
            }
            return Err(in_doubt(making, key));
        }
        self.may_create_again(desk, held, key)?;
        if !looked {
            self.look_for_alike(desk, held, making).await?;
        }
        self.sit(desk).await?;
        let before = held.intent.clone();
        let content = content_of_columns(making.columns);
        held.intent.content = Some(content.clone());
        held.intent.stage = IntentStage::Sent;
        held.intent.code = None;
        let now = self.clock.now();
        held.intent.sent_at = held.intent.sent_at.or(Some(now));
        held.intent.sends += 1;
        self.save(desk, held).await?;
        let refusals = held.intent.refusals.to_string();
        let key_text = key.text();
        let idempotency_key = idempotency_key([
            desk.job.target.as_str(),
            &making.id.0,
            &key_text,
            content.as_str(),
            &refusals,
        ]);
        let context = WriteContext {
            idempotency_key: &idempotency_key,
            reference_column: "",
        };
        let create = desk.write.create_record(key, making.columns, context);
        match self.call(desk, create).await {
            Ok(()) => {
                desk.effect.set(Some(Outcome::Created));
                Ok(true)
            }
            Err(fault) if fault.code == "E_SAGE_ALREADY_EXISTS" => {
                match self.read(desk, key).await?.1 {
                    Some(there) if is_same(making, &there) => Ok(true),
                    // An earlier create may have made it.
                    Some(_) if held.intent.sends > 1 => Err(in_doubt(making, key)),
                    Some(_) => Ok(false),
                    None => Err(self.later_since(held, fault)),
                }
            }
            // An earlier request came under this key: it may have made the record.
            Err(fault) if fault.class == Class::Data && fault.code != "E_SAGE_KEY_REUSED" => {
                held.intent.refusals += 1;
                held.intent.sent_at = None;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(desk, held, before).await?;
                Err(fault.into())
            }
            Err(fault) => match self.read(desk, key).await?.1 {
                Some(there) if is_same(making, &there) => Ok(true),
                _ => Err(self.later_since(held, fault)),
            },
        }
    }

    /// As with orders: within the bound of time, or because a person says so.
    fn may_create_again(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        key: &SageKey,
    ) -> Result<(), Stop> {
        let Some(sent_at) = held.intent.sent_at else {
            return Ok(());
        };
        let stage = held.intent.stage;
        let questions = [AMBIGUOUS, RESEND_TOO_LATE];
        let answered = questions.iter().any(|code| is_answered(desk, held, code));
        if answered && stage != IntentStage::Sent {
            held.intent.sent_at = None;
            return Ok(());
        }
        let orders = desk.target.orders.as_ref();
        let within = orders.map_or(RESEND_WITHIN, |orders| orders.resend_within);
        let within = jiff::SignedDuration::try_from(within).ok();
        let end = within.and_then(|within| sent_at.checked_add(within).ok());
        let over = end.is_some_and(|end| self.clock.now() > end);
        if !over && (stage != IntentStage::Ambiguous || is_mended(desk, held, &questions)) {
            return Ok(());
        }
        Err(Stop::Ambiguous(Fault::new(
            Class::Data,
            RESEND_TOO_LATE,
            format!(
                "{key} was sent to Sage 100, no answer came, and it is not there. Make sure in Sage 100 that it was not entered by hand under another number, then redrive: it is sent again under the same one."
            ),
        )))
    }

    /// One record as Sage has it now.
    pub(super) async fn read(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
    ) -> Result<(crate::ports::RecordsAnswer, Option<ChangedRecord>), Fault> {
        let keys = std::slice::from_ref(key);
        let answer = self.call(desk, desk.agent.records(keys)).await?;
        let there = answer.records.iter().find(|one| one.key == *key).cloned();
        Ok((answer, there))
    }

    /// The key is another's: the link and the number go.
    async fn lose_key(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        making: &Making<'_>,
        key: &SageKey,
        lost: u32,
    ) -> Result<(), Stop> {
        self.give_up_key(desk, key, making.id).await?;
        super::place::lose_number(held);
        if making.naming.is_given() || lost >= MOST_LOST {
            held.intent.customer = None;
            return Err(refuse(
                "E_KEY_TAKEN",
                format!(
                    "{key} belongs to another {} in Sage 100. Give the record another number, or link it to that one, then redrive.",
                    key.entity
                ),
            ));
        }
        Ok(self.save(desk, held).await?)
    }

    /// Sage has it: the intent says so, all CRMs get the record, and the link is one.
    async fn finish(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        making: &Making<'_>,
        key: &SageKey,
    ) -> Result<(), Stop> {
        settle(held, key);
        self.save(desk, held).await?;
        let (answer, there) = self.read(desk, key).await?;
        let Some(there) = there else {
            let why = "A record that was created in Sage 100 is not to be read yet.";
            return Err(Stop::back("E_SAGE_NOT_YET_READ", why, None));
        };
        // Before the link is one: who is sent again begins with the link, and would take this for done.
        self.spread(desk, &answer, &there, |_| true).await?;
        self.join(desk, making, key, &there).await
    }
}

/// Nobody knows whose it is: another number now could make a second record of the same account.
fn in_doubt(making: &Making<'_>, key: &SageKey) -> Stop {
    let what = making.entity;
    Stop::Ambiguous(Fault::new(
        Class::Data,
        AMBIGUOUS,
        format!(
            "Sage 100 holds {key} with another name or e-mail address than this {what} was sent with, and it is not known whether that is the one that was sent. If it is, give it the CRM's name and address there; then, in either case, redrive: what is different still is taken for another's, and a new number is used."
        ),
    ))
}

/// The intent of a record that is there.
fn settle(held: &mut Held, key: &SageKey) {
    let intent = &mut held.intent;
    intent.stage = IntentStage::Done;
    intent.number = Some(key.local.clone());
    intent.customer = Some(key.clone());
    intent.code = None;
    let what = key.entity;
    intent.status_text = format!("It is {what} {} in Sage 100.", key.local);
}

/// Whether a record under our number is what we sent, and not another's: the name, and the e-mail address where both have
/// one. Sage pads, cuts and may put into upper case.
fn is_same(making: &Making<'_>, there: &ChangedRecord) -> bool {
    let Ok(record) = &there.record else {
        return false;
    };
    let identity = &making.entity.spec().identity;
    let sent = |column: &str| {
        let value = making.columns.get(column).map(Value::to_string);
        folded(&value.unwrap_or_default())
    };
    let theirs = folded(record.text(identity.name));
    let ours = sent(identity.name);
    // A name that fills the column was cut.
    let alike = ours == theirs || (theirs.chars().count() >= 30 && ours.starts_with(&theirs));
    let (our_mail, mail) = (sent(identity.email), folded(record.text(identity.email)));
    alike && (our_mail.is_empty() || mail.is_empty() || our_mail == mail)
}

fn folded(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_uppercase()
}
