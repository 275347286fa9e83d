//! What a CRM's screen asks, answered by the memory Sage: known, unknown and silent, in time.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::ingress::{HookSecret, HookSecrets, WebhookRequest, WebhookResponse};
use counterpart_delivery::lookup::{LONGEST_QUESTION, Lookup, LookupCache, TIME_OUT};
use counterpart_delivery::ports::{Clock as _, Links as _};
use counterpart_delivery::signature;
use counterpart_domain::{Class, Company, Fault, TargetName};
use counterpart_simulation::world::{CONFIG, World};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::scene::*;

const ORDERS: &str = r#"
[targets.zoho.orders]
company = "ABC"
since = 2020-01-01
reference_column = "UDF_CRM_REFERENCE"
items = { upper = true, table = { "CHAIR" = "1001-HON-H252" } }

[targets.zoho.orders.sources.Deals]
when = [{ field = "Stage", equals = "Closed Won" }]
lines = { relation = "Sale_Items" }
"#;

fn config(orders: &str) -> String {
    let written = CONFIG.replace("page_size = 7", "page_size = 7\nwrite = \"agent\"");
    format!("{written}{orders}")
}

struct Keys;

impl HookSecrets for Keys {
    async fn hook(&self, target: &TargetName) -> Result<HookSecret, Fault> {
        Ok(HookSecret {
            hmac_key: Some(SecretText::new(format!("key of {target}"))),
            ..HookSecret::default()
        })
    }
}

/// A screen: the world, the last answers, how long Sage takes, and which agent cannot be had.
struct Screen {
    world: World,
    cache: LookupCache,
    sage_takes: Duration,
    broken: Option<Fault>,
    account: String,
}

impl Screen {
    fn new() -> Self {
        let world = World::with_config(1, &config(ORDERS));
        world.map_rep(&zoho(), &rep("01-0100"), "user-1");
        let abf = customer("01-ABF");
        put_customer(&world, &abf, "American Business Futures");
        settle(&world);
        world.sage.set_credit(
            &abf,
            "120000.00".parse().unwrap(),
            "20000.10".parse().unwrap(),
        );
        world
            .sage
            .put_item(&abc(), "1001-HON-H252", "84.5".parse().unwrap());
        let target = zoho();
        let link = world.store.inner.link(&target, &abf);
        let link = world.clock.block_on(link).unwrap().unwrap();
        Self {
            account: link.crm_id.unwrap().0,
            world,
            cache: LookupCache::default(),
            sage_takes: Duration::ZERO,
            broken: None,
        }
    }

    fn request(&self, body: &Json) -> WebhookRequest {
        let body = body.to_string().into_bytes();
        let key = SecretText::new("key of zoho");
        let signed = signature::sign(&key, &body, self.world.clock.now()).unwrap();
        WebhookRequest {
            method: "POST".into(),
            path: "/lookup/zoho".into(),
            headers: vec![
                (
                    "Content-Type".into(),
                    "application/json; charset=UTF-8".into(),
                ),
                ("X-Counterpart-Signature".into(), signed),
            ],
            body,
            ..WebhookRequest::default()
        }
    }

    fn send(&self, request: &WebhookRequest) -> WebhookResponse {
        let world = &self.world;
        let agents = async |_: &Company| {
            world.clock.sleep(self.sage_takes).await;
            self.broken
                .clone()
                .map_or_else(|| Ok(world.sage.clone()), Err)
        };
        let lookup = Lookup {
            agents: &agents,
            context: world.context(),
            secrets: &Keys,
            cache: &self.cache,
            time_out: TIME_OUT,
        };
        world.clock.block_on(lookup.handle(request))
    }

    fn ask(&self, body: &Json) -> Json {
        let answer = self.send(&self.request(body));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store");
        serde_json::from_str(&answer.body).unwrap()
    }

    fn credit(&self) -> Json {
        self.ask(&json!({"kind": "credit", "account": self.account}))
    }

    /// The answer without what depends on the world's time.
    fn plain(&self, body: &Json) -> Json {
        let mut answer = self.ask(body);
        let members = answer.as_object_mut().unwrap();
        assert_eq!(members.remove("age_seconds"), Some(json!(0)));
        assert!(members.remove("as_of").is_some());
        answer
    }
}

fn unknown(answer: &Json) -> &str {
    assert_eq!(answer["known"], false, "{answer}");
    assert!(
        answer["reason"].as_str().unwrap().ends_with('.'),
        "{answer}"
    );
    answer["code"].as_str().unwrap()
}

#[test]
fn an_account_may_be_a_number_as_zohos_functions_hold_it() {
    let screen = Screen::new();
    let ask = |account: Json| screen.plain(&json!({"kind": "credit", "account": account}));
    assert_eq!(
        ask(json!(4_150_868_000_000_700_001_u64)),
        ask(json!("4150868000000700001"))
    );
}

#[test]
fn credit_stock_and_price_are_told_to_the_last_digit() {
    let screen = Screen::new();
    let credit = screen.plain(&json!({"kind": "credit", "account": screen.account}));
    assert_eq!(
        credit,
        json!({"kind": "credit", "known": true, "company": "ABC", "customer": "ABC:01-ABF", "hold": false, "unlimited": false,
            "limit": "120000.00", "due": "20000.10", "open_orders": "0", "remaining": "99999.90"})
    );
    let row = json!({"on_hand": "100", "on_sales_order": "0", "on_back_order": "0", "on_purchase_order": "0", "available": "100"});
    let mut warehouse = row.clone();
    warehouse["warehouse"] = json!("000");
    let stock = json!({"kind": "stock", "known": true, "company": "ABC", "item": "1001-HON-H252", "total": row, "warehouses": [warehouse]});
    for asked in [
        json!({"kind": "stock", "item": "1001-HON-H252"}),
        json!({"kind": "stock", "product": "chair", "company": "ABC"}),
    ] {
        assert_eq!(screen.plain(&asked), stock);
    }
    let asked =
        json!({"kind": "price", "account": screen.account, "product": "Chair", "quantity": "2.50"});
    let price = screen.plain(&asked);
    assert_eq!(
        (
            &price["known"],
            &price["unit_price"],
            &price["quantity"],
            &price["customer"]
        ),
        (
            &json!(true),
            &json!("84.5"),
            &json!("2.5"),
            &json!("ABC:01-ABF")
        )
    );
}

#[test]
fn a_limit_of_nothing_is_no_limit_or_no_credit_as_the_configuration_says() {
    let mut screen = Screen::new();
    screen
        .world
        .sage
        .set_credit(&customer("01-ABF"), 0.into(), 5.into());
    let credit = screen.credit();
    assert_eq!(
        (&credit["unlimited"], &credit["remaining"]),
        (&json!(true), &Json::Null)
    );
    let config = config(&ORDERS.replace("items", "credit_zero = \"none\"\nitems"));
    screen.world.push(&config);
    screen.cache = LookupCache::default();
    let credit = screen.credit();
    assert_eq!(
        (&credit["unlimited"], &credit["remaining"]),
        (&json!(false), &json!("-5"))
    );
}

#[test]
fn what_sage_does_not_have_is_unknown_with_its_reason() {
    let screen = Screen::new();
    for (body, code) in [
        (
            json!({"kind": "credit", "account": "999"}),
            "E_LOOKUP_NOT_LINKED",
        ),
        (
            json!({"kind": "price", "account": "999", "item": "X"}),
            "E_LOOKUP_NOT_LINKED",
        ),
        (
            json!({"kind": "price", "account": screen.account, "item": "NONE"}),
            "E_LOOKUP_NO_PRICE",
        ),
        (json!({"kind": "stock", "item": "NONE"}), "E_LOOKUP_NO_ITEM"),
        (
            json!({"kind": "stock", "company": "XYZ", "item": "1001-HON-H252"}),
            "E_LOOKUP_NO_ITEM",
        ),
    ] {
        assert_eq!(unknown(&screen.ask(&body)), code, "{body}");
    }
    screen.world.sage.remove(&customer("01-ABF"));
    assert_eq!(unknown(&screen.credit()), "E_LOOKUP_NO_CUSTOMER");
}

#[test]
fn an_outage_is_an_answer_and_comes_in_time() {
    let mut screen = Screen::new();
    let start = screen.world.clock.now();
    let hour = start + SignedDuration::from_hours(1);
    screen.world.sage.outage(start, hour);
    assert_eq!(unknown(&screen.credit()), "E_LOOKUP_NO_ANSWER");
    screen
        .world
        .clock
        .advance_to(hour + SignedDuration::from_secs(1));
    assert_eq!(screen.credit()["known"], true, "back again");

    screen.cache = LookupCache::default();
    screen.sage_takes = Duration::from_secs(30);
    let asked = screen.world.clock.now();
    assert_eq!(unknown(&screen.credit()), "E_LOOKUP_NO_ANSWER");
    let waited = screen.world.clock.now().duration_since(asked);
    assert_eq!(waited, SignedDuration::from_secs(4));
    // Whoever asks right after is not kept waiting again.
    let again = screen.credit();
    assert_eq!(unknown(&again), "E_LOOKUP_NO_ANSWER");
    assert_eq!(again["age_seconds"], 4);
    assert_eq!(screen.world.clock.now().duration_since(asked), waited);
    screen.world.clock.advance(Duration::from_secs(3));
    screen.sage_takes = Duration::from_secs(3);
    assert_eq!(screen.credit()["known"], true);

    // The links cannot be read: the same answer, no error page.
    screen.cache = LookupCache::default();
    screen.world.faults.reset();
    screen.world.faults.fail_from(0);
    assert_eq!(unknown(&screen.credit()), "E_LOOKUP_NO_ANSWER");
    screen.world.faults.reset();
    screen.cache = LookupCache::default();
    let message = "The agent's secret is not a JSON object with the text token.";
    screen.broken = Some(Fault::new(Class::Configuration, "E_SAGE_SECRET", message));
    let answer = screen.credit();
    assert_eq!(unknown(&answer), "E_LOOKUP_OUT_OF_ORDER");
    assert!(!answer.to_string().contains("secret"), "{answer}");
}

#[test]
fn an_answer_is_told_again_for_seconds_with_its_age() {
    let screen = Screen::new();
    let first = screen.credit();
    screen
        .world
        .sage
        .set_credit(&customer("01-ABF"), 1.into(), 0.into());
    screen.world.clock.advance(Duration::from_secs(9));
    let calls = screen.world.faults.calls();
    let again = screen.credit();
    assert_eq!(screen.world.faults.calls(), calls, "nobody was asked");
    assert_eq!(
        (&again["limit"], &again["age_seconds"]),
        (&json!("120000.00"), &json!(9))
    );
    assert_eq!(again["as_of"], first["as_of"]);
    screen.world.clock.advance(Duration::from_secs(1));
    let fresh = screen.credit();
    assert_eq!(
        (&fresh["limit"], &fresh["age_seconds"]),
        (&json!("1"), &json!(0))
    );
}

#[test]
fn who_may_not_ask_and_what_is_no_question_has_its_status() {
    let screen = Screen::new();
    let body = json!({"kind": "credit", "account": screen.account});
    let good = || screen.request(&body);
    let with = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = good();
        change(&mut request);
        request
    };
    let signature = |text: &str| (String::from("x-counterpart-signature"), text.to_owned());
    let asked = |body: &Json| screen.request(body);
    let stale = good();
    screen.world.clock.advance(Duration::from_secs(301));
    let calls = screen.world.faults.calls();
    for (request, status, code) in [
        (stale, 401, "E_WEBHOOK_STALE"),
        (
            with(&|request| request.headers[1] = signature("")),
            401,
            "E_WEBHOOK_UNAUTHENTICATED",
        ),
        (
            with(&|request| request.headers[1] = signature("t=1,v1=00")),
            401,
            "E_WEBHOOK_UNAUTHENTICATED",
        ),
        (
            with(&|request| request.body.push(b' ')),
            401,
            "E_WEBHOOK_UNAUTHENTICATED",
        ),
        (
            with(&|request| request.path = "/lookup/salesforce".into()),
            401,
            "E_WEBHOOK_UNAUTHENTICATED",
        ),
        (
            with(&|request| request.path = "/lookup/no such".into()),
            401,
            "E_WEBHOOK_UNAUTHENTICATED",
        ),
        (
            with(&|request| request.path = "/lookups".into()),
            404,
            "E_WEBHOOK_ROUTE",
        ),
        (
            with(&|request| request.method = "GET".into()),
            405,
            "E_WEBHOOK_METHOD",
        ),
        (
            with(&|request| request.body = vec![b' '; LONGEST_QUESTION + 1]),
            413,
            "E_WEBHOOK_TOO_LARGE",
        ),
        (
            with(&|request| request.headers[0].1 = "text/plain".into()),
            415,
            "E_WEBHOOK_CONTENT_TYPE",
        ),
        (
            with(&|request| request.headers.truncate(0)),
            415,
            "E_WEBHOOK_CONTENT_TYPE",
        ),
        (asked(&json!([])), 400, "E_WEBHOOK_BODY"),
        (asked(&json!({"kind": "orders"})), 400, "E_WEBHOOK_BODY"),
        (asked(&json!({"kind": "credit"})), 400, "E_WEBHOOK_BODY"),
        (
            asked(&json!({"kind": "credit", "account": "1 or 1"})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "credit", "account": "1", "limit": 5})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (asked(&json!({"kind": "stock"})), 400, "E_WEBHOOK_BODY"),
        (
            asked(&json!({"kind": "stock", "item": "A", "product": "A"})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "stock", "item": "A\u{0}B"})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "stock", "item": "x".repeat(256)})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "stock", "item": "A", "company": "QQQ"})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "price", "account": "1", "item": "A", "quantity": 0})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "price", "account": "1", "item": "A", "quantity": "-1"})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "price", "account": "1", "item": "A", "quantity": "0.00001"})),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(
                &json!({"kind": "price", "account": "1", "item": "A", "quantity": "9".repeat(40)}),
            ),
            400,
            "E_WEBHOOK_BODY",
        ),
        (
            asked(&json!({"kind": "price", "account": "1", "item": "A", "quantity": [1]})),
            400,
            "E_WEBHOOK_BODY",
        ),
    ] {
        let answer = screen.send(&request);
        let told: Json = serde_json::from_str(&answer.body).unwrap();
        let asked = String::from_utf8_lossy(&request.body).into_owned();
        assert_eq!(
            (answer.status, told["code"].as_str()),
            (status, Some(code)),
            "{asked}"
        );
    }
    assert_eq!(
        screen.world.faults.calls(),
        calls,
        "nothing was looked up for them"
    );
    assert_eq!(screen.send(&good()).status, 200);
}
