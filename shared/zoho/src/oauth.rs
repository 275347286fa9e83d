//! The token endpoint's answers. The body is read before the status: a revoked refresh token is told with 200.

use counterpart_domain::{Class, Fault};
use counterpart_http::{Granted, Moment, TokenReply, id, text, token_unavailable};
use serde_json::Value as Json;

use crate::faults::NAME;

/// When the reply does not say.
const USUAL_LIFETIME_SECONDS: i64 = 3600;
/// A larger number is in milliseconds, as the oldest token endpoints had it.
const LONGEST_LIFETIME_SECONDS: i64 = 86_400;
/// Zoho's throttle lasts ten minutes from the last try.
const THROTTLE_SECONDS: i64 = 600;

/// Reads an answer; `scrub` takes the credentials out of a text.
pub(crate) fn read(
    status: u16,
    body: &str,
    moment: Moment,
    scrub: impl Fn(String) -> String,
) -> Result<Granted, Fault> {
    match TokenReply::of(status, body, scrub) {
        TokenReply::Token(access_token, json) => Ok(Granted {
            access_token,
            api_base: text(&json, "api_domain").map(str::to_owned),
            lifetime_seconds: lifetime(&json),
        }),
        TokenReply::Refused {
            error,
            description,
            detail,
        } => Err(refused(status, &error, &description, moment, &detail)),
        TokenReply::NoJson(_) | TokenReply::Neither(_) if status == 429 => {
            Err(throttled(moment, status))
        }
        TokenReply::NoJson(said) | TokenReply::Neither(said) => Err(token_unavailable(NAME, &said)),
    }
}

fn lifetime(json: &Json) -> i64 {
    let number = |name| id(json.get(name)).and_then(|text| text.parse::<i64>().ok());
    let told = number("expires_in_sec").or_else(|| number("expires_in"));
    match told {
        Some(told) if told > LONGEST_LIFETIME_SECONDS => {
            (told / 1000).min(LONGEST_LIFETIME_SECONDS)
        }
        Some(told) if told > 0 => told,
        _ => USUAL_LIFETIME_SECONDS,
    }
}

fn refused(status: u16, error: &str, description: &str, moment: Moment, detail: &str) -> Fault {
    let configuration = |code: &'static str, message: &'static str| {
        Fault::new(Class::Configuration, code, message).with_detail(detail)
    };
    let throttle = error == "Access Denied" || description.contains("too many requests");
    match error {
        _ if throttle || status == 429 => throttled(moment, status).with_detail(detail),
        "invalid_code" => configuration(
            "E_CRM_REFRESH_TOKEN_INVALID",
            "Zoho refused the refresh token: it was revoked, is mistyped, or belongs to another data centre. \
             Authorise again and store the new one.",
        ),
        "invalid_client" | "invalid_client_secret" => configuration(
            "E_CRM_CLIENT_INVALID",
            "Zoho does not know the client id in this data centre, or the client secret is wrong.",
        ),
        "general_error" | "server_error" | "temporarily_unavailable" => {
            token_unavailable(NAME, detail)
        }
        _ if status >= 500 => token_unavailable(NAME, detail),
        _ => configuration(
            "E_CRM_AUTHORIZATION_REFUSED",
            "Zoho refused to hand out an access token; check the credentials and the data centre.",
        ),
    }
}

fn throttled(moment: Moment, status: u16) -> Fault {
    Fault::new(
        Class::Throttled,
        "E_CRM_TOKEN_THROTTLED",
        "Zoho was asked for too many access tokens and refuses more for ten minutes. Each run of `counterpart` that \
         calls Zoho takes one of the ten; something else may be using the same refresh token as well.",
    )
    .with_detail(format!("HTTP {status}"))
    .until(moment.after(THROTTLE_SECONDS))
}

#[cfg(test)]
mod tests {
    use counterpart_domain::bounded;

    use super::*;

    fn moment() -> Moment {
        Moment {
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
            jitter_seconds: 7,
        }
    }

    fn answer(status: u16, body: &str) -> Result<Granted, Fault> {
        read(status, body, moment(), |text| text)
    }

    #[test]
    fn each_refusal_of_the_token_endpoint_has_its_class() {
        let busy = r#"{"error":"Access Denied","error_description":"You have made too many requests continuously. Please try again after some time."}"#;
        let table: String = [
            (200, r#"{"error":"invalid_code"}"#),
            (400, r#"{"error":"invalid_client"}"#),
            (200, r#"{"error":"invalid_client_secret"}"#),
            (400, busy),
            (200, busy),
            (429, "slow down"),
            (200, r#"{"error":"general_error"}"#),
            (500, r#"{"error":"oops"}"#),
            (400, r#"{"error":"unsupported_grant_type"}"#),
            (502, "<html>Bad Gateway</html>"),
            (200, "<html>Sign in</html>"),
            (200, "[]"),
            (200, "{}"),
            (403, r#"{"access_token":"1000.x"}"#),
        ]
        .into_iter()
        .map(|(status, body)| {
            let fault = answer(status, body).unwrap_err();
            let until = fault.not_before.map(|until| format!(" until {until}"));
            format!(
                "{status} {}\n  {:?} {fault}{}\n",
                bounded(body.to_owned(), 60),
                fault.class,
                until.unwrap_or_default()
            )
        })
        .collect();
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_lifetime_is_in_seconds_whatever_the_unit_and_an_hour_when_it_is_missing() {
        for (body, seconds) in [
            (r#"{"access_token":"t","expires_in":3600}"#, 3600),
            (r#"{"access_token":"t","expires_in":"1800"}"#, 1800),
            (r#"{"access_token":"t","expires_in":3600000}"#, 3600),
            (
                r#"{"access_token":"t","expires_in":3600000,"expires_in_sec":3500}"#,
                3500,
            ),
            (r#"{"access_token":"t"}"#, 3600),
            (r#"{"access_token":"t","expires_in":0}"#, 3600),
        ] {
            assert_eq!(
                answer(200, body).unwrap().lifetime_seconds,
                seconds,
                "{body}"
            );
        }
    }

    #[test]
    fn a_secret_at_the_edge_of_what_is_kept_is_not_cut_in_two_and_a_broken_token_not_repeated() {
        let x = "x".repeat(118);
        for (status, body) in [
            (502, format!("{x}hush")),
            (
                400,
                format!(r#"{{"error":"invalid_client","error_description":"{x}hush"}}"#),
            ),
            (400, format!(r#"{{"error":"{}hush"}}"#, &x[..58])),
            (200, r#"{"access_token":"hush"#.to_owned()),
        ] {
            let scrub = |text: String| text.replace("hush", "…");
            let fault = read(status, &body, moment(), scrub).unwrap_err();
            assert!(!fault.detail.contains("hu"), "{}", fault.detail);
        }
    }

    #[test]
    fn a_token_is_never_seen() {
        let granted = answer(200, r#"{"access_token":"1000.secret"}"#).unwrap();
        assert!(!format!("{granted:?}").contains("1000.secret"));
    }
}
