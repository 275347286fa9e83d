//! What the CRMs tell of: changes of what matters, a few seconds later, or to nobody.

use std::time::Duration;

use counterpart_delivery::CrmEvent;
use counterpart_delivery::event::{Change, EventSource};
use counterpart_delivery::ports::Outgoing;
use counterpart_domain::CrmId;

use super::mishap::Mishap;
use super::org::ORGS;
use super::town::target;
use super::workers::Workers;

impl Workers<'_> {
    /// What changed in the CRMs is told. Zoho CRM tells of our own writes as well; of Salesforce's the ingress drops them.
    pub(super) fn tell_changes(&mut self) {
        for (at, org) in ORGS.iter().enumerate() {
            let hears_itself = org.target == "zoho" && self.town.hears_itself.get();
            for told in self.town.crm(org).take_changes() {
                let matters = org.sells(&told.module) || told.module == org.accounts;
                if !matters || (told.ours && !hears_itself) {
                    continue;
                }
                if self.town.mishaps.may(Mishap::ToldNothing) && self.town.dice.one_in(4) {
                    self.town.mishaps.note(Mishap::ToldNothing);
                    self.town.story.tell(|| {
                        let name = self.town.name_of(at, &told.id);
                        let (target, module) = (org.target, &told.module);
                        format!("  {target} tells nobody that {module} {name} changed")
                    });
                } else {
                    self.hear(at, &told.module, &told.id);
                }
            }
        }
        self.catch_up();
    }

    /// What changed in the CRMs is told without delay.
    pub(super) fn tell_changes_at_once(&mut self) {
        for (at, org) in ORGS.iter().enumerate() {
            for told in self.town.crm(org).take_changes() {
                if org.sells(&told.module) || told.module == org.accounts {
                    self.tell_at_once(at, &told.module, &told.id);
                }
            }
        }
    }

    /// An event of a record, within a few seconds.
    pub(super) fn tell(&mut self, org: usize, module: &str, id: &CrmId) {
        let seconds = self.town.dice.below(4);
        self.tell_after(org, module, id, Duration::from_secs(seconds));
    }

    /// An event of a record, without delay.
    pub(super) fn tell_at_once(&mut self, org: usize, module: &str, id: &CrmId) {
        self.tell_after(org, module, id, Duration::ZERO);
    }

    fn tell_after(&mut self, org: usize, module: &str, id: &CrmId, delay: Duration) {
        let (town, place) = (self.town, &ORGS[org]);
        let now = town.now();
        self.events += 1;
        let source = match place.target {
            "zoho" => EventSource::ZohoNotification,
            _ => EventSource::ChangeDataCapture,
        };
        let event = CrmEvent::new(
            town.world.id(),
            target(place.target),
            module.to_owned(),
            id.clone(),
            Change::Unknown,
            source,
            now,
        );
        let message = Outgoing::delayed(serde_json::to_string(&event).unwrap_or_default(), delay);
        // The ingress has its own tests: here everything that happens is told.
        let messages = [message];
        let _always = town.world.events().send(&messages);
        town.story.tell(|| {
            let name = town.name_of(org, id);
            format!("  {} tells that {module} {name} changed", place.target)
        });
    }
}
