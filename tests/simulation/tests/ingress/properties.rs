//! Whatever comes: no panic, a status of the list, and nothing queued that was not authenticated.

use proptest::prelude::*;

use crate::scene::{
    ORG, SECRETS, Scene, callback, notification, opportunities, outbound, request, soap,
};

const STATUSES: [u16; 8] = [200, 400, 401, 403, 404, 405, 413, 415];

/// A good body with a few bytes taken out, put in, or changed.
fn hurt(good: String) -> impl Strategy<Value = Vec<u8>> {
    let hurts = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..8);
    hurts.prop_map(move |hurts| {
        let mut bytes = good.clone().into_bytes();
        for (at, how, byte) in hurts {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                _ => bytes[at] = byte,
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_body_on_any_route_has_an_answer(
        body in prop::collection::vec(any::<u8>(), 0..300),
        path in "(/(zoho|salesforce|callouts|live|notifications|webhook|outbound|hush-path|é|%00|[a-z]{0,3})){0,6}",
        content_type in "(application/json|text/xml|application/x-www-form-urlencoded)?(; ?charset=[a-z-]{0,5})?",
    ) {
        let scene = Scene::new();
        let mut any = request(&path, &content_type, "");
        any.body = body;
        let answer = scene.post(&any);
        prop_assert!(STATUSES.contains(&answer.status), "{}: {}", answer.status, answer.body);
        prop_assert!(scene.told().is_empty());
    }

    #[test]
    fn a_hurt_callback_is_taken_or_refused(body in hurt(callback(&["5725767000003000010".into()]))) {
        let scene = Scene::new();
        let mut any = notification("");
        any.body = body;
        let answer = scene.post(&any);
        prop_assert!([200, 400, 401].contains(&answer.status), "{}: {}", answer.status, answer.body);
    }

    #[test]
    fn a_hurt_outbound_message_is_taken_or_refused(body in hurt(outbound(ORG, &opportunities(2)))) {
        let scene = Scene::new();
        let mut any = soap("");
        any.body = body;
        let answer = scene.post(&any);
        prop_assert!([200, 400, 403].contains(&answer.status), "{}: {}", answer.status, answer.body);
        prop_assert!(!answer.body.contains("<Ack>false"), "{}", answer.body);
    }

    #[test]
    fn any_json_and_any_form_of_a_webhook_has_an_answer(
        json in "[\\[{\"a-z:,0-9.e\\]}]{0,40}", form in "(module|id|ids|%|[&=+%0-9A-F]){0,12}",
    ) {
        let scene = Scene::new();
        for (content_type, body) in [("application/json", json), ("application/x-www-form-urlencoded", form)] {
            let mut any = request("/zoho/zoho/webhook/hush-path", content_type, &body);
            any.headers.push(("X-Counterpart-Token".into(), SECRETS[2].into()));
            let answer = scene.post(&any);
            prop_assert!([200, 400].contains(&answer.status), "{}: {}", answer.status, answer.body);
        }
        let answer = scene.post(&scene.signed("{\"module\":[[[[\""));
        prop_assert_eq!(answer.status, 400);
    }
}
