//! A customer or a contact is to be there once. Sage has no column for our mark here: the number is ours from its
//! reservation on, and the link says so before Sage has anything.

use counterpart_domain::{Class, CrmId, Entity, Fault, Fields, Record, SageKey, Value};

use super::claim::Claim;
use super::contact_code::codes;
use super::content::content_of_columns;
use super::context::{JobContext, idempotency_key};
use super::leased_intent::LeasedIntent;
use super::stop::{Stop, refuse, wrote_nothing};
use super::{SagePorts, SageWriter};
use crate::ports::{
    ChangedRecord, Clock as _, Links as _, Sage as _, SageWrite as _, WriteContext,
};
use crate::{IntentStage, Outcome};

/// What is in Sage under the number may be this record.
const AMBIGUOUS: &str = "E_RECORD_AMBIGUOUS";
/// A record that is not found was sent too long ago to be sent again.
const RESEND_TOO_LATE: &str = "E_RECORD_RESEND_TOO_LATE";
/// How many numbers one job may lose to others before a person is asked.
const MOST_LOST: u32 = 5;
/// How long after the first try a create is sent again when it is not found and the target has no orders that say it.
const RESEND_WITHIN: std::time::Duration = std::time::Duration::from_secs(4 * 3600);

/// What is to be there.
pub(super) struct NewRecord<'a> {
    pub(super) entity: Entity,
    /// The CRM's record.
    pub(super) id: &'a CrmId,
    pub(super) columns: &'a Fields,
    /// What the CRM's record held when this was made of it.
    pub(super) crm: &'a Fields,
    pub(super) key_source: KeySource<'a>,
    /// A person sends it again who was told of customers that look alike.
    pub(super) decided: bool,
}

/// How its key comes about.
pub(super) enum KeySource<'a> {
    /// Sage's next number, unless the CRM gives one.
    Customer {
        division: &'a str,
        given: Option<&'a str>,
    },
    /// Made from the name, unless the CRM gives one.
    Contact {
        customer: &'a SageKey,
        given: Option<&'a str>,
    },
}

impl KeySource<'_> {
    const fn is_given(&self) -> bool {
        match self {
            Self::Customer { given, .. } | Self::Contact { given, .. } => given.is_some(),
        }
    }
}

impl<P: SagePorts> SageWriter<'_, P> {
    /// Makes sure that the record is in Sage, once.
    pub(super) async fn ensure_record(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
    ) -> Result<SageKey, Stop> {
        if let Some(key) = self.linked(context, new).await? {
            if leased.stored.is_some() {
                settle(leased, &key);
                self.call_contacts(context, leased).await?;
            }
            return Ok(key);
        }
        self.check_link(context, new).await?;
        leased.intent.admitted = true;
        self.count_creation(context, leased).await?;
        let mut lost = 0;
        let mut looked = false;
        loop {
            // Nothing of ours can be in Sage yet.
            if !looked && leased.intent.sends == 0 {
                self.look_for_alike(context, leased, new).await?;
                looked = true;
            }
            let key = self.name(context, leased, new).await?;
            // What Sage may hold already was sent as the CRM held it then.
            let unsent = leased.intent.sends == 0 || leased.intent.stage == IntentStage::Refused;
            match self.claim_key(context, &key, new, unsent).await? {
                Claim::Ours => {}
                Claim::LinkedTo(other) => {
                    settle(leased, &other);
                    return Ok(other);
                }
                Claim::UnderWay(other) => {
                    // Sent or not is not known any more: it is looked for.
                    leased.intent.number = Some(other.local.clone());
                    leased.intent.customer = Some(other);
                    leased.intent.sends = leased.intent.sends.max(1);
                    self.save(context, leased).await?;
                    continue;
                }
                Claim::Anothers => {
                    lost += 1;
                    self.lose_key(context, leased, new, &key, lost).await?;
                    looked = false;
                    continue;
                }
            }
            if self
                .create_in_sage(context, leased, new, &key, looked)
                .await?
            {
                self.commit_record(context, leased, new, &key).await?;
                self.call_contacts(context, leased).await?;
                return Ok(key);
            }
            // Who has it now may be whom we are about to create.
            lost += 1;
            self.lose_key(context, leased, new, &key, lost).await?;
            looked = false;
        }
    }

    /// The key that the record has or gets, stored before anything else happens.
    async fn name(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
    ) -> Result<SageKey, Stop> {
        let key = |local: &str| {
            SageKey::new(context.company, new.entity, local).map_err(|error| {
                refuse(
                    "E_KEY_INVALID",
                    format!("Sage 100 cannot have this key: {error}."),
                )
            })
        };
        if let Some(local) = &leased.intent.number {
            return key(local);
        }
        let local = match &new.key_source {
            KeySource::Customer { division, given } => {
                let number = match given {
                    Some(number) => (*number).to_owned(),
                    None => {
                        self.acquire_slot(context).await?;
                        let number = context.write.next_customer_number(context.company);
                        self.call(context, number).await?
                    }
                };
                format!("{division}-{}", number.trim())
            }
            KeySource::Contact { customer, given } => {
                let code = match given {
                    Some(code) => (*code).to_owned(),
                    None => {
                        self.free_code(context, leased, customer, new.columns)
                            .await?
                    }
                };
                format!("{}/{code}", customer.local)
            }
        };
        let key = key(&local)?;
        leased.intent.number = Some(local);
        leased.intent.customer = Some(key.clone());
        leased.intent.stage = IntentStage::Reserved;
        leased.intent.code = None;
        self.save(context, leased).await?;
        Ok(key)
    }

    /// The first code of the name that neither Sage nor a link has.
    async fn free_code(
        &self,
        context: &JobContext<'_, P>,
        leased: &LeasedIntent,
        customer: &SageKey,
        columns: &Fields,
    ) -> Result<String, Stop> {
        let keys: Vec<SageKey> = codes(columns)
            .filter_map(|code| {
                let local = format!("{}/{code}", customer.local);
                SageKey::new(context.company, Entity::Contact, &local).ok()
            })
            .filter(|key| !leased.intent.lost_numbers.contains(&key.local))
            .collect();
        let answer = self.call(context, context.agent.records(&keys)).await?;
        let links = self.store.links(&context.job.target, &keys).await?;
        let free = keys
            .iter()
            .zip(links)
            .find(|(key, link)| link.is_none() && answer.missing.contains(key));
        let code = free.and_then(|(key, _)| key.local.rsplit_once('/'));
        code.map(|(_, code)| code.to_owned()).ok_or_else(|| {
            refuse(
                "E_CONTACT_CODES_TAKEN",
                format!("Customer {customer} has too many contacts of this name. Give the contact a code of its own."),
            )
        })
    }

    /// Creates the record under its key. `false`: the key is another's. `looked`: for customers that look alike.
    async fn create_in_sage(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
        key: &SageKey,
        looked: bool,
    ) -> Result<bool, Stop> {
        if leased.intent.stage == IntentStage::Done {
            return Ok(true);
        }
        if let Some(there) = self.read(context, key).await?.1 {
            // Never sent: whatever stands there is not ours.
            if leased.intent.sends == 0 || is_same(new, &there) {
                return Ok(leased.intent.sends > 0);
            }
            // It may be ours all the same, and somebody has edited it since. Sent again by a person, it is another's.
            if leased.is_answered(&context.job.event, AMBIGUOUS)
                && leased.intent.stage == IntentStage::Ambiguous
            {
                return Ok(false);
            }
            return Err(in_doubt(new, key));
        }
        self.may_create_again(context, leased, key)?;
        if !looked {
            self.look_for_alike(context, leased, new).await?;
        }
        self.acquire_slot(context).await?;
        let before = leased.intent.clone();
        let content = content_of_columns(new.columns);
        leased.intent.content = Some(content.clone());
        leased.intent.stage = IntentStage::Sent;
        leased.intent.code = None;
        let now = self.clock.now();
        leased.intent.sent_at = leased.intent.sent_at.or(Some(now));
        leased.intent.sends += 1;
        self.save(context, leased).await?;
        let refusals = leased.intent.refusals.to_string();
        let key_text = key.text();
        let idempotency_key = idempotency_key([
            context.job.target.as_str(),
            &new.id.0,
            &key_text,
            content.as_str(),
            &refusals,
        ]);
        let request = WriteContext {
            idempotency_key: &idempotency_key,
            reference_column: "",
        };
        let create = context.write.create_record(key, new.columns, request);
        match self.call(context, create).await {
            Ok(()) => {
                context.effect.set(Some(Outcome::Created));
                Ok(true)
            }
            Err(fault) if fault.code == "E_SAGE_ALREADY_EXISTS" => {
                match self.read(context, key).await?.1 {
                    Some(there) if is_same(new, &there) => Ok(true),
                    // An earlier create may have made it.
                    Some(_) if leased.intent.sends > 1 => Err(in_doubt(new, key)),
                    Some(_) => Ok(false),
                    None => Err(self.later_since(leased, fault)),
                }
            }
            // An earlier request came under this key: it may have made the record.
            Err(fault) if fault.class == Class::Data && fault.code != "E_SAGE_KEY_REUSED" => {
                leased.intent.refusals += 1;
                leased.intent.sent_at = None;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(context, leased, before).await?;
                Err(fault.into())
            }
            Err(fault) => match self.read(context, key).await?.1 {
                Some(there) if is_same(new, &there) => Ok(true),
                _ => Err(self.later_since(leased, fault)),
            },
        }
    }

    /// As with orders: within the bound of time, or because a person says so.
    fn may_create_again(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        key: &SageKey,
    ) -> Result<(), Stop> {
        let Some(sent_at) = leased.intent.sent_at else {
            return Ok(());
        };
        let stage = leased.intent.stage;
        let questions = [AMBIGUOUS, RESEND_TOO_LATE];
        let answered = questions
            .iter()
            .any(|code| leased.is_answered(&context.job.event, code));
        if answered && stage != IntentStage::Sent {
            leased.intent.sent_at = None;
            return Ok(());
        }
        let orders = context.target.orders.as_ref();
        let within = orders.map_or(RESEND_WITHIN, |orders| orders.resend_within);
        let within = jiff::SignedDuration::try_from(within).ok();
        let end = within.and_then(|within| sent_at.checked_add(within).ok());
        let over = end.is_some_and(|end| self.clock.now() > end);
        if !over
            && (stage != IntentStage::Ambiguous || leased.is_mended(&context.job.event, &questions))
        {
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
        context: &JobContext<'_, P>,
        key: &SageKey,
    ) -> Result<(crate::ports::RecordsAnswer, Option<ChangedRecord>), Fault> {
        let keys = std::slice::from_ref(key);
        let answer = self.call(context, context.agent.records(keys)).await?;
        let there = answer.records.iter().find(|one| one.key == *key).cloned();
        Ok((answer, there))
    }

    /// The key is another's: the link and the number go.
    async fn lose_key(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
        key: &SageKey,
        lost: u32,
    ) -> Result<(), Stop> {
        self.give_up_key(context, key, new.id).await?;
        super::place::lose_number(leased);
        if new.key_source.is_given() || lost >= MOST_LOST {
            leased.intent.customer = None;
            return Err(refuse(
                "E_KEY_TAKEN",
                format!(
                    "{key} belongs to another {} in Sage 100. Give the record another number, or link it to that one, then redrive.",
                    key.entity
                ),
            ));
        }
        Ok(self.save(context, leased).await?)
    }

    /// Sage has it: the intent says so, all CRMs get the record, and the link is one.
    async fn commit_record(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
        key: &SageKey,
    ) -> Result<(), Stop> {
        settle(leased, key);
        self.save(context, leased).await?;
        let (answer, there) = self.read(context, key).await?;
        let Some(there) = there else {
            let why = "A record that was created in Sage 100 is not to be read yet.";
            return Err(Stop::back("E_SAGE_NOT_YET_READ", why, None));
        };
        // Before the link is one: who is sent again begins with the link, and would take this for done.
        self.fan_out(context, &answer, &there, |_| true).await?;
        self.join(context, new, key, &there).await
    }
}

/// Nobody knows whose it is: another number now could make a second record of the same account.
fn in_doubt(new: &NewRecord<'_>, key: &SageKey) -> Stop {
    let what = new.entity;
    Stop::Ambiguous(Fault::new(
        Class::Data,
        AMBIGUOUS,
        format!(
            "Sage 100 holds {key} with another name or e-mail address than this {what} was sent with, and it is not known whether that is the one that was sent. If it is, give it the CRM's name and address there; then, in either case, redrive: what is different still is taken for another's, and a new number is used."
        ),
    ))
}

/// The intent of a record that is there.
fn settle(leased: &mut LeasedIntent, key: &SageKey) {
    let intent = &mut leased.intent;
    intent.stage = IntentStage::Done;
    intent.number = Some(key.local.clone());
    intent.customer = Some(key.clone());
    intent.code = None;
    let what = key.entity;
    intent.status_text = format!("It is {what} {} in Sage 100.", key.local);
}

/// Whether a record under our number is what we sent, and not another's: the name, and the e-mail address where both have
/// one. Sage pads, cuts and may put into upper case.
fn is_same(new: &NewRecord<'_>, there: &ChangedRecord) -> bool {
    let Ok(record) = &there.record else {
        return false;
    };
    let (name, mail) = match record {
        Record::Customer(row) => ("CustomerName", row.email_address.as_str()),
        Record::Contact(row) => ("ContactName", row.email_address.as_str()),
        Record::Salesperson(_) => return false,
    };
    let sent = |column: &str| {
        let value = new.columns.get(column).map(Value::to_string);
        folded(&value.unwrap_or_default())
    };
    let theirs = record.get(name).map(|value| folded(&value.to_string()));
    let (ours, theirs) = (sent(name), theirs.unwrap_or_default());
    // A name that fills the column was cut.
    let alike = ours == theirs || (theirs.chars().count() >= 30 && ours.starts_with(&theirs));
    let (our_mail, mail) = (sent("EmailAddress"), folded(mail));
    alike && (our_mail.is_empty() || mail.is_empty() || our_mail == mail)
}

fn folded(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_uppercase()
}
