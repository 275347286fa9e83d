//! What is one job's own trouble, and what is one caller's.

use std::collections::BTreeMap;

use counterpart_delivery::SecretText;
use counterpart_delivery::ingress::{
    HookSecret, HookSecrets, LONGEST_BODY, WebhookRequest, Webhooks,
};
use counterpart_delivery::invariants::{ANSWERED, Broken};
use counterpart_delivery::signature;
use counterpart_domain::{Class, Fault, TargetName, Value};
use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::outages::{HOUR, deployed};
use crate::sim::org::ORGS;
use crate::sim::town::{Town, company, fields};
use crate::world::Trouble;

/// An item about which the agent cannot answer as it should.
const ODD: &str = "ODD-ITEM";
const KEY: &str = "a key that is long enough";

/// Sales in another CRM, for three hours.
fn others_sell(town: &Town) {
    for _ in 0..18 {
        town.new_sale(1, false, None, true);
        town.new_sale(1, false, None, true);
        let next = town.now() + SignedDuration::from_mins(10);
        town.flow_until(next);
        town.world.clock.advance_to(next);
    }
}

pub(super) fn one_order_is_answered_oddly() -> Vec<Broken> {
    let town = deployed();
    let (abc, code) = (company("ABC"), fields([(ORGS[0].code, Value::text(ODD))]));
    town.world.sage.put_item(&abc, ODD, Decimal::from(45));
    town.crm(&ORGS[0]).put(ORGS[0].products, None, code);
    let contract = Fault::new(Class::Configuration, "E_SAGE_CONTRACT", "It is not JSON.");
    town.world.sage.misanswer_about(ODD, contract);
    let odd = town.enter(false, None, true, &[(ODD, "2", "45", "")]);
    others_sell(&town);
    let parked = town.world.store.inner.all_parked();
    let mut broken = Vec::new();
    if !parked.iter().any(|item| item.id.contains(&odd.id.0)) {
        let what = format!("{} waits, and others get through", odd.id);
        broken.push(Broken::new(&ANSWERED, what));
    }
    broken
}

struct Hooks;

impl HookSecrets for Hooks {
    async fn hook(&self, _: &TargetName) -> Result<HookSecret, Fault> {
        Ok(HookSecret {
            path: None,
            hmac_key: Some(SecretText::new(KEY)),
            webhook_token: None,
            channel_token: None,
        })
    }
}

/// What a caller is answered.
fn call(town: &Town, request: &WebhookRequest) -> u16 {
    let world = &town.world;
    let webhooks = Webhooks {
        context: world.context(),
        secrets: &Hooks,
        longest_body: LONGEST_BODY,
    };
    world.clock.block_on(webhooks.handle(request)).status
}

pub(super) fn a_callout_is_repeated_hours_later() -> Vec<Broken> {
    let town = deployed();
    let sale = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    let body = format!(r#"{{"module":"Deals","id":"{}"}}"#, sale.id);
    let signed = signature::sign(&SecretText::new(KEY), body.as_bytes(), town.now());
    let request = WebhookRequest {
        query: String::new(),
        method: "POST".into(),
        path: format!("/callouts/{}", ORGS[0].target),
        parameters: BTreeMap::new(),
        headers: vec![
            ("content-type".into(), "application/json".into()),
            (signature::HEADER.into(), signed.unwrap_or_default()),
        ],
        body: body.into_bytes(),
        source_ip: "203.0.113.17".into(),
    };
    let until = town.now() + HOUR * 5;
    let denied = Trouble::SendingDenied("events.send");
    town.world.troubles.begin(denied, town.now(), until);
    let refused = call(&town, &request);
    town.world.clock.advance_to(until + HOUR);
    let taken = call(&town, &request);
    let mut broken = town.at_rest();
    if (refused, taken) != (503, 200) {
        let what = format!("a callout is answered {refused}, and when it is repeated {taken}");
        broken.push(Broken::new(&ANSWERED, what));
    }
    broken
}
