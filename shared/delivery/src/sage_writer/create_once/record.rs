//! A record is told by its number. Sage has no column for our mark here: the number is ours from its reservation on, and the
//! link says so before Sage has anything.

use counterpart_domain::{Class, Fault, SageKey, Value, folded_name};
use jiff::Timestamp;

use super::alike::RECORD_MAY_EXIST;
use super::claim::KeyClaim;
use super::name_code::codes;
use super::prepare::{Again, MOST_LOST, Whose, lose_number};
use super::{Claim, Seen, Strategy};
use crate::intent::content_of_columns;
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, RecordsAnswer, WriteContext};
use crate::sage_writer::SageWriter;
use crate::sage_writer::context::{JobContext, idempotency_key};
use crate::sage_writer::leases::LeasedIntent;
use crate::sage_writer::new_record::{KeyFrom, NewRecord};
use crate::sage_writer::stop::{Stop, refuse};
use crate::{Intent, IntentStage};

/// What is in Sage under the number may be this record.
const AMBIGUOUS: &str = "E_RECORD_AMBIGUOUS";
/// A record that is not found was sent too long ago to be sent again.
const RESEND_TOO_LATE: &str = "E_RECORD_RESEND_TOO_LATE";
/// What a person may be asked of a record that is not found.
const QUESTIONS: [&str; 2] = [AMBIGUOUS, RESEND_TOO_LATE];
/// How long after the first try a create is sent again when it is not found and the target has no orders that say it.
const RESEND_WITHIN: std::time::Duration = std::time::Duration::from_secs(4 * 3600);

/// A record that is to be there once.
struct RecordOnce<'a, P: Ports> {
    writer: &'a SageWriter<'a, P>,
    context: &'a JobContext<'a, P>,
    new: &'a NewRecord<'a>,
    /// Whether it was looked for those who are alike before the number at hand.
    looked: bool,
}

impl<P: Ports> RecordOnce<'_, P> {
    fn key_of(&self, local: &str) -> Result<SageKey, Stop> {
        SageKey::new(self.context.company, self.new.entity, local).map_err(|error| {
            refuse(
                "E_KEY_INVALID",
                format!("Sage 100 cannot have this key: {error}."),
            )
        })
    }

    async fn next_key(&self, leased: &LeasedIntent) -> Result<String, Stop> {
        let (writer, context, new) = (self.writer, self.context, self.new);
        let shape = &new.entity.spec().key;
        match &new.key_from {
            KeyFrom::Next { division, given } => {
                let number = match given {
                    Some(number) => (*number).to_owned(),
                    None => {
                        writer.acquire_slot(context).await?;
                        let number = context.write.next_customer_number(context.company);
                        writer.call(context, number).await?
                    }
                };
                Ok(shape.join([*division, number.trim()]))
            }
            KeyFrom::Below { parent, given } => {
                if !new.decided
                    && let Some(key) = writer.waits_below(context, new, parent).await?
                {
                    return Err(self.may_exist(&key));
                }
                let code = match given {
                    Some(code) => (*code).to_owned(),
                    None => self.free_code(leased, parent).await?,
                };
                Ok(shape.below(parent, &code))
            }
        }
    }

    /// The first code of the name that neither Sage nor a link has.
    async fn free_code(&self, leased: &LeasedIntent, parent: &SageKey) -> Result<String, Stop> {
        let (writer, context, new) = (self.writer, self.context, self.new);
        let entity = new.entity;
        let shape = &entity.spec().key;
        let (codes, keys): (Vec<String>, Vec<SageKey>) = codes(entity, new.columns)
            .filter_map(|code| {
                let local = shape.below(parent, &code);
                Some((code, SageKey::new(context.company, entity, &local).ok()?))
            })
            .filter(|(_, key)| !leased.intent.lost_numbers.contains(&key.local))
            .unzip();
        let answer = writer.call(context, context.agent.records(&keys)).await?;
        let links = writer.store.links(&context.job.target, &keys).await?;
        let typed = keys.iter().zip(&links).find(|(key, link)| {
            let linked = link.as_ref().is_some_and(|link| link.crm_id.is_some());
            let mut there = answer.records.iter();
            !linked && there.any(|there| there.key == **key && is_same(new, there))
        });
        if let Some((key, _)) = typed.filter(|_| !new.decided) {
            return Err(self.may_exist(key));
        }
        let free = keys.iter().zip(links);
        let free = free.map(|(key, link)| link.is_none() && answer.missing.contains(key));
        let code = codes.into_iter().zip(free).find(|(_, free)| *free);
        let code = code.map(|(code, _)| code);
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

    /// Somebody entered a record of this name below the same parent by hand, perhaps this one.
    fn may_exist(&self, key: &SageKey) -> Stop {
        let (target, id) = (&self.context.job.target, self.new.id);
        Stop::Refused(Fault::new(
            Class::Data,
            RECORD_MAY_EXIST,
            format!(
                "Sage 100 has {} {key} of this name or e-mail address already, and it is linked to no record of the CRM. If it is this one, have them linked (`counterpart link move {target} {id} {}`); if it is another, redrive: this one is created under a code of its own.",
                key.entity,
                key.word()
            ),
        ))
    }

    /// Looks under the key. `sent`: it was sent just now.
    async fn find(
        &self,
        leased: &mut LeasedIntent,
        key: &SageKey,
        sent: bool,
    ) -> Result<Seen, Stop> {
        let (writer, context) = (self.writer, self.context);
        if sent || leased.intent.stage != IntentStage::Done {
            let Some(there) = writer.read(context, key).await?.1 else {
                return Ok(Seen::Nothing);
            };
            let sent_before = leased.intent.sends > u32::from(sent);
            let dismissed = leased.intent.stage == IntentStage::Ambiguous
                && leased.is_answered(&context.job.event, AMBIGUOUS);
            match Whose::of(is_same(self.new, &there), sent, sent_before, dismissed) {
                Whose::Ours => {}
                Whose::Anothers => return Ok(Seen::Anothers),
                Whose::Unknown => return Ok(Seen::Doubtful(self.in_doubt(key))),
            }
        }
        settle(&mut leased.intent, key);
        writer.save(context, leased).await?;
        Ok(Seen::Ours)
    }

    /// Whether a record that is not found may be sent once more.
    async fn may_be_sent_again(
        &self,
        leased: &mut LeasedIntent,
        key: &SageKey,
    ) -> Result<(), Stop> {
        let (event, now) = (&self.context.job.event, self.writer.clock.now());
        let answered = QUESTIONS.iter().any(|code| leased.is_answered(event, code));
        let mended = leased.is_mended(event, &QUESTIONS);
        let orders = self.context.target.orders.as_ref();
        let within = orders.map_or(RESEND_WITHIN, |orders| orders.resend_within);
        match Again::of(&leased.intent, answered, mended, within, now) {
            Again::NoneWasSent | Again::InTime => {}
            Again::Answered => leased.intent.sent_at = None,
            Again::TooLate => {
                return Err(Stop::Ambiguous(Fault::new(
                    Class::Data,
                    RESEND_TOO_LATE,
                    format!(
                        "{key} was sent to Sage 100, no answer came, and it is not there. Make sure in Sage 100 that it was not entered by hand under another number, then redrive: it is sent again under the same one."
                    ),
                )));
            }
        }
        if self.looked {
            return Ok(());
        }
        self.writer
            .look_for_alike(self.context, leased, self.new)
            .await
    }

    /// Nobody knows whose it is: another number now could make a second record of the same account.
    fn in_doubt(&self, key: &SageKey) -> Stop {
        let what = self.new.entity;
        Stop::Ambiguous(Fault::new(
            Class::Data,
            AMBIGUOUS,
            format!(
                "Sage 100 holds {key} with another name or e-mail address than this {what} was sent with, and it is not known whether that is the one that was sent. If it is, give it the CRM's name and address there; then, in either case, redrive: what is different still is taken for another's, and a new number is used."
            ),
        ))
    }
}

impl<P: Ports> Strategy for RecordOnce<'_, P> {
    type Key = SageKey;
    type Created = SageKey;
    const CHECKS_TIME_BEFORE_SENDING: bool = false;
    /// An earlier request came under this key: it may have made the record.
    const OPEN_REFUSALS: &'static [&'static str] = &["E_SAGE_KEY_REUSED"];

    async fn recognise(&mut self, leased: &mut LeasedIntent) -> Result<Option<SageKey>, Stop> {
        let (writer, context) = (self.writer, self.context);
        let key = writer.linked(context, self.new.entity, self.new.id).await?;
        if let Some(key) = &key
            && leased.stored.is_some()
        {
            settle(&mut leased.intent, key);
            writer.call_children(context, leased).await?;
        }
        Ok(key)
    }

    async fn admit(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop> {
        self.writer.check_link(self.context, self.new).await?;
        leased.intent.admitted = true;
        Ok(())
    }

    /// Whoever is alike is looked for before the first number, as long as nothing of ours can be in Sage yet.
    async fn check(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop> {
        if !self.looked && leased.intent.sends == 0 {
            self.writer
                .look_for_alike(self.context, leased, self.new)
                .await?;
            self.looked = true;
        }
        Ok(())
    }

    async fn reserve(&mut self, leased: &mut LeasedIntent) -> Result<SageKey, Stop> {
        if let Some(local) = &leased.intent.number {
            return self.key_of(local);
        }
        let local = self.next_key(leased).await?;
        let key = self.key_of(&local)?;
        leased.intent.number = Some(local);
        leased.intent.customer = Some(key.clone());
        leased.intent.stage = IntentStage::Reserved;
        leased.intent.code = None;
        self.writer.save(self.context, leased).await?;
        Ok(key)
    }

    async fn claim(
        &mut self,
        leased: &mut LeasedIntent,
        key: &SageKey,
    ) -> Result<Claim<SageKey>, Stop> {
        let (writer, context) = (self.writer, self.context);
        // What Sage may hold already was sent as the CRM held it then.
        let unsent = leased.intent.sends == 0 || leased.intent.stage == IntentStage::Refused;
        match writer.claim_key(context, key, self.new, unsent).await? {
            KeyClaim::Ours => Ok(Claim::Ours),
            KeyClaim::LinkedTo(other) => {
                settle(&mut leased.intent, &other);
                Ok(Claim::There(other))
            }
            KeyClaim::UnderWay(other) => {
                // Sent or not is not known any more: it is looked for.
                leased.intent.number = Some(other.local.clone());
                leased.intent.customer = Some(other);
                leased.intent.sends = leased.intent.sends.max(1);
                writer.save(context, leased).await?;
                Ok(Claim::UnderWay)
            }
            KeyClaim::Anothers => Ok(Claim::Anothers),
        }
    }

    async fn look_before(
        &mut self,
        leased: &mut LeasedIntent,
        key: &SageKey,
    ) -> Result<Seen, Stop> {
        let seen = self.find(leased, key, false).await?;
        if matches!(seen, Seen::Nothing) {
            self.may_be_sent_again(leased, key).await?;
        }
        Ok(seen)
    }

    fn note_content(&self, intent: &mut Intent, _: Timestamp) {
        intent.content = Some(content_of_columns(self.new.columns));
    }

    async fn send(&self, leased: &LeasedIntent, key: &SageKey) -> Result<(), Fault> {
        let (context, new) = (self.context, self.new);
        let content = content_of_columns(new.columns);
        let refusals = leased.intent.refusals.to_string();
        let idempotency_key = idempotency_key([
            context.job.target.as_str(),
            &new.id.0,
            &key.text(),
            content.as_str(),
            &refusals,
        ]);
        let request = WriteContext {
            idempotency_key: &idempotency_key,
            reference_column: "",
            parent: new.parent(),
        };
        let create = context.write.create_record(key, new.columns, request);
        self.writer.call(context, create).await
    }

    async fn look_after(&mut self, leased: &mut LeasedIntent, key: &SageKey) -> Result<Seen, Stop> {
        self.find(leased, key, true).await
    }

    fn note_created(&self, intent: &mut Intent, key: &SageKey) {
        settle(intent, key);
    }

    async fn lose(
        &mut self,
        leased: &mut LeasedIntent,
        key: &SageKey,
        lost: u32,
    ) -> Result<(), Stop> {
        let (writer, context, new) = (self.writer, self.context, self.new);
        writer.give_up_key(context, key, new.id).await?;
        lose_number(&mut leased.intent);
        if new.key_from.is_given() || lost >= MOST_LOST {
            leased.intent.customer = None;
            return Err(refuse(
                "E_KEY_TAKEN",
                format!(
                    "{key} belongs to another {} in Sage 100. Give the record another number; or link it to that one (`counterpart link move {} {} {}`). Then redrive.",
                    key.entity,
                    context.job.target,
                    new.id,
                    key.word()
                ),
            ));
        }
        // Who has it now may be whom we are about to create.
        self.looked = false;
        Ok(writer.save(context, leased).await?)
    }

    /// All CRMs get the record, and the link is one.
    async fn commit(
        &mut self,
        leased: &mut LeasedIntent,
        key: SageKey,
        _: bool,
    ) -> Result<SageKey, Stop> {
        let (writer, context, new) = (self.writer, self.context, self.new);
        let (answer, there) = writer.read(context, &key).await?;
        let Some(there) = there else {
            let why = "A record that was created in Sage 100 is not to be read yet.";
            return Err(Stop::back("E_SAGE_NOT_YET_READ", why, None));
        };
        // Before the link is one: who is sent again begins with the link, and would take this for done.
        writer.fan_out(context, &answer, &there, |_| true).await?;
        writer.join(context, new, &key, &there).await?;
        writer.call_children(context, leased).await?;
        Ok(key)
    }
}

impl<P: Ports> SageWriter<'_, P> {
    /// Makes sure that the record is in Sage, once.
    pub(in crate::sage_writer) async fn ensure_record(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        new: &NewRecord<'_>,
    ) -> Result<SageKey, Stop> {
        let mut columns = new.columns.clone();
        let mut given = new.key_from.given().map(str::to_owned);
        if let Some(entity) = context.target.entities.get(&new.entity) {
            let texts = self.texts(context).await?;
            entity.fit_new(new.entity, &mut columns, given.as_mut(), &texts)?;
        }
        let mut record = RecordOnce {
            writer: self,
            context,
            new: &NewRecord {
                columns: &columns,
                key_from: new.key_from.with(given.as_deref()),
                ..*new
            },
            looked: false,
        };
        self.create_once(context, leased, &mut record).await
    }

    /// One record as Sage has it now.
    pub(in crate::sage_writer) async fn read(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
    ) -> Result<(RecordsAnswer, Option<ChangedRecord>), Fault> {
        let keys = std::slice::from_ref(key);
        let answer = self.call(context, context.agent.records(keys)).await?;
        let there = answer.records.iter().find(|one| one.key == *key).cloned();
        Ok((answer, there))
    }
}

/// The intent of a record that is there.
fn settle(intent: &mut Intent, key: &SageKey) {
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
    let identity = &new.entity.spec().identity;
    let sent = |column: &str| {
        let value = new.columns.get(column).map(Value::to_string);
        folded_name(&value.unwrap_or_default())
    };
    let (ours, theirs) = (sent(identity.name), folded_name(record.text(identity.name)));
    let alike = is_name(&ours, &theirs);
    let (our_mail, mail) = (
        sent(identity.email),
        folded_name(record.text(identity.email)),
    );
    alike && (our_mail.is_empty() || mail.is_empty() || our_mail == mail)
}

/// Whether a name of ours is the one that Sage holds. Both are folded; one that fills the column was cut.
pub(super) fn is_name(ours: &str, theirs: &str) -> bool {
    ours == theirs || (theirs.chars().count() >= 30 && ours.starts_with(theirs))
}
