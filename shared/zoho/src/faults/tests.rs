use counterpart_http::{Silence, Unanswered, unanswered};

use super::*;

fn moment() -> Moment {
    Moment {
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        jitter_seconds: 7,
    }
}

fn reply(status: u16, body: &str, credits_remaining: Option<u64>) -> Reply {
    let mut reply = Reply {
        status,
        body: body.to_owned(),
        ..Reply::default()
    };
    if let Some(credits) = credits_remaining {
        reply
            .headers
            .insert("X-API-CREDITS-REMAINING", credits.into());
    }
    reply
}

fn line(fault: &Fault) -> String {
    let until = fault.not_before.map(|until| format!(" until {until}"));
    format!("{:?} {fault}{}", fault.class, until.unwrap_or_default())
}

#[test]
fn each_refusal_of_a_whole_call_has_its_class() {
    let error = |code: &str| {
        format!(r#"{{"code":"{code}","details":{{}},"message":"m","status":"error"}}"#)
    };
    let wrapped = |code: &str| format!(r#"{{"data":[{}]}}"#, error(code));
    let table: String = [
        (401, error("INVALID_TOKEN"), None),
        (401, error("AUTHENTICATION_FAILURE"), None),
        (401, error("OAUTH_SCOPE_MISMATCH"), None),
        (401, "<html>no</html>".to_owned(), None),
        (400, error("INVALID_MODULE"), None),
        (400, wrapped("INVALID_MODULE"), None),
        (404, error("INVALID_URL_PATTERN"), None),
        (400, error("INVALID_REQUEST_METHOD"), None),
        (405, error("METHOD_NOT_ALLOWED"), None),
        (400, error("REQUIRED_PARAM_MISSING"), None),
        (
            400,
            r#"{"code":"INVALID_DATA","details":{"api_name":"duplicate_check_fields"},"message":"invalid data","status":"error"}"#.to_owned(),
            None,
        ),
        (400, error("INVALID_DATA"), None),
        (
            400,
            r#"{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"select_query"},"message":"required field not found","status":"error"}"#.to_owned(),
            None,
        ),
        (400, error("AUTHORIZATION_FAILED"), None),
        (403, error("NO_PERMISSION"), None),
        (403, wrapped("NO_PERMISSION"), None),
        (403, error("NOT_SUPPORTED"), None),
        (403, error("BRAND_NEW_CODE"), None),
        (400, error("BRAND_NEW_CODE"), None),
        (400, error("INVALID_QUERY"), None),
        (400, error("LIMIT_EXCEEDED"), None),
        (413, "<html>too large</html>".to_owned(), None),
        (400, error("DEPENDENT_SERVICE_ERROR"), None),
        (429, error("TOO_MANY_REQUESTS"), None),
        (429, error("TOO_MANY_REQUESTS"), Some(0)),
        (429, "<html>slow</html>".to_owned(), Some(5)),
        (500, error("INTERNAL_ERROR"), None),
        (502, "<html>\nBad Gateway</html>".to_owned(), None),
        (503, String::new(), None),
        (504, error("INVALID_MODULE"), None),
        (302, String::new(), None),
        (403, "<html>blocked</html>".to_owned(), None),
    ]
    .into_iter()
    .map(|(status, body, credits)| {
        let fault = refused(&reply(status, &body, credits), moment());
        format!("{status} {body:?}\n    {}\n", line(&fault))
    })
    .collect();
    insta::assert_snapshot!(table);
}

#[test]
fn silence_after_a_write_is_ambiguous_and_after_a_read_it_passes() {
    let silences = || {
        [
            (Silence::Unreachable, "refused"),
            (Silence::TimedOut, "timeout"),
            (Silence::Broken, "reset"),
            (Silence::TooLong, "more than 10 bytes"),
        ]
        .map(|(how, detail)| Unanswered {
            how,
            tls: None,
            detail: detail.to_owned(),
        })
    };
    let table: String = [Purpose::Write, Purpose::Read]
        .into_iter()
        .flat_map(|purpose| {
            silences()
                .map(|why| format!("{purpose:?} {}\n", line(&unanswered("Zoho", purpose, why))))
        })
        .collect();
    insta::assert_snapshot!(table);
}

#[test]
fn only_a_refused_token_is_worth_a_new_one() {
    for (status, body, refused) in [
        (401, r#"{"code":"INVALID_TOKEN"}"#, true),
        (401, r#"{"code":"AUTHENTICATION_FAILURE"}"#, true),
        (401, "", true),
        (401, r#"{"code":"OAUTH_SCOPE_MISMATCH"}"#, false),
        (401, r#"{"data":[{"code":"OAUTH_SCOPE_MISMATCH"}]}"#, false),
        (400, r#"{"code":"INVALID_TOKEN"}"#, true),
        (400, r#"{"code":"INVALID_DATA"}"#, false),
        (403, r#"{"code":"NO_PERMISSION"}"#, false),
        (200, "{}", false),
        (503, "", false),
    ] {
        assert_eq!(
            is_token_refused(&reply(status, body, None)),
            refused,
            "{status} {body}"
        );
    }
}
