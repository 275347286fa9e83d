//! What handlers do with the time, the circuits and the messages that they share.

use counterpart_config::{Lengths, moment};
use counterpart_domain::{Class, Company, Entity, Fault, TargetName, Value};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::Message;
use crate::circuit::Breaker;
use crate::hand_back::{self, out_of_time};
use crate::kills::Kills;
use crate::not_done::NotDone;
use crate::parking;
use crate::pause::{Hold, Pauses, Pausing, Scope};
use crate::ports::Route;
use crate::ports::prelude::*;

/// The pause before another worker takes what this one has no time for.
const SOON: SignedDuration = SignedDuration::from_secs(1);

impl<P: Ports> Context<'_, P> {
    pub(crate) const fn breaker(&self) -> Breaker<'_, P::Store, P::Clock> {
        Breaker {
            store: self.store,
            clock: self.clock,
            config: self.config,
        }
    }

    /// Whether work may be done now for which no circuit is asked: what holds it, if anything does.
    pub(crate) async fn held(&self, work: &Scope) -> Result<Option<Hold>, Fault> {
        let pauses = self.store.pauses().await?;
        Ok(self.pausing(&pauses).hold(work))
    }

    /// The decision on what may be done, as of now.
    pub(crate) fn pausing<'p>(&'p self, pauses: &'p Pauses) -> Pausing<'p> {
        Pausing {
            pauses,
            config: self.config,
            now: self.clock.now(),
        }
    }

    pub(crate) const fn kills(&self) -> Kills<'_, P::Store, P::Clock> {
        Kills {
            store: self.store,
            clock: self.clock,
        }
    }

    /// What is to be known of a company's Sage before `values` of a CRM go there. Whoever sends no moment needs no time zone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn lengths<'v>(
        &self,
        company: &Company,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<Lengths, Fault> {
        let is_moment =
            |value: &Value| matches!(value, Value::Text(text) if moment(text).is_some());
        let zone = match values.into_iter().any(is_moment) {
            true => self.zone(company).await?,
            false => None,
        };
        Ok(Lengths::new().in_zone(zone))
    }

    /// Where a company's days begin: as its settings say, else by the clock of its Sage as a poll saw it last. `None`: none has
    /// yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn zone(&self, company: &Company) -> Result<Option<TimeZone>, Fault> {
        let settings = self.config.companies.get(company);
        if let Some(zone) = settings.and_then(|settings| settings.time_zone.clone()) {
            return Ok(Some(zone));
        }
        let cursor = self.store.cursor(company, Entity::CUSTOMER).await?;
        let seen = cursor.and_then(|cursor| {
            let opened = cursor.open.map(|open| open.opened);
            opened.or(cursor.last_server)
        });
        let offset = seen.and_then(|seen| Offset::from_seconds(seen.utc_offset_minutes * 60).ok());
        Ok(offset.map(TimeZone::fixed))
    }

    /// Whether no more than `needed` is left before the function is stopped.
    pub(crate) fn is_late(&self, deadline: Timestamp, needed: SignedDuration) -> bool {
        let soonest = self.clock.now().checked_add(needed);
        soonest.map_or(true, |soonest| soonest >= deadline)
    }

    /// Whether this worker knows the configuration that a message was made with.
    ///
    /// # Errors
    /// `E_CONFIG_OLDER` (transient). Parking it, or taking it by yesterday's mapping, would be wrong: this worker learns soon.
    pub(crate) fn knows_config(&self, version: u64, what: &str) -> Result<(), Fault> {
        if version <= self.config_version {
            return Ok(());
        }
        let text = format!(
            "The {what} was made with a newer configuration than this worker has read yet."
        );
        Err(Fault::new(Class::Transient, "E_CONFIG_OLDER", text))
    }

    /// Leaves a message to another worker: there is no time for it.
    pub(crate) async fn leave(&self, message: &Message, called: Option<&TargetName>) -> bool {
        let soon = self.clock.now().checked_add(SOON).ok();
        let back = NotDone::turn(out_of_time(), soon);
        self.hand_back(message, called, &back).await
    }

    /// Hands a message back, by how long what it calls has been in trouble. `true`: it was sent anew, and may be acknowledged.
    pub(crate) async fn hand_back(
        &self,
        message: &Message,
        called: Option<&TargetName>,
        back: &NotDone,
    ) -> bool {
        let breaker = self.breaker();
        let pause = breaker
            .back_off(called, back, message.sent, message.receive_count)
            .await;
        hand_back::hand_back(self.queue, self.clock, message, pause).await
    }

    /// Sets a message aside as it came. `target`: whose it is, or `-`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(crate) async fn park_body(
        &self,
        message: &Message,
        target: &str,
        fault: &Fault,
    ) -> Result<(), Fault> {
        self.park_instead(message, target, None, fault).await
    }

    /// The same, with something else as what a redrive begins with.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(crate) async fn park_instead(
        &self,
        message: &Message,
        target: &str,
        payload: Option<String>,
        fault: &Fault,
    ) -> Result<(), Fault> {
        let route = Route::of_queue(&message.queue);
        let now = self.clock.now();
        let mut parked = parking::unread(target, route, "body", &message.body, fault, now);
        if let Some(payload) = payload {
            parked.payload = payload;
        }
        self.store.park(&parked).await?;
        tracing::error!(message.id, target.name = target, parked.id = %parked.id, fault.code = %fault.code, fault = %fault, "a message is parked");
        Ok(())
    }
}
