//! The token endpoint's answers. Page: "OAuth 2.0 Authorization Errors".

use counterpart_domain::{Class, Fault};
use counterpart_http::{Granted, Moment, TokenReply, text, token_unavailable};

use crate::faults::NAME;

/// No reply says how long a token is good: its session lives on with its use, for as long as the org's settings let it.
/// It is used until it is refused; this is only the end of what the store keeps.
pub(crate) const LIFETIME_SECONDS: i64 = 365 * 24 * 3600;
/// How long the endpoint is left alone after it asked for that.
const THROTTLE_SECONDS: i64 = 60;

/// Reads an answer; `api_base` of what comes out is the reply's `instance_url`, unchecked. `scrub` takes the credentials
/// out of a text.
pub(crate) fn read(
    status: u16,
    body: &str,
    moment: Moment,
    scrub: impl Fn(String) -> String,
) -> Result<Granted, Fault> {
    match TokenReply::of(status, body, scrub) {
        TokenReply::Token(access_token, json) => Ok(Granted {
            access_token,
            api_base: text(&json, "instance_url").map(str::to_owned),
            lifetime_seconds: LIFETIME_SECONDS,
        }),
        TokenReply::Refused {
            error,
            description,
            detail,
        } => Err(refused(status, &error, &description, moment, &detail)),
        TokenReply::NoJson(_) | TokenReply::Neither(_) if status == 429 => {
            Err(throttled(moment, &format!("HTTP {status}")))
        }
        // No outage answers so: another page lives there, or the org has moved.
        TokenReply::NoJson(said) if matches!(status, 300..400 | 404 | 410) => Err(Fault::new(
            Class::Configuration,
            "E_CRM_AUTHORIZATION_REFUSED",
            "There is no token endpoint at this address; check my_domain: it must be the org's own.",
        )
        .with_detail(said)),
        TokenReply::NoJson(said) | TokenReply::Neither(said) => Err(unavailable(&said)),
    }
}

/// Everything but an outage and a rate limit stays as it is until a person mends it.
fn refused(status: u16, error: &str, description: &str, moment: Moment, detail: &str) -> Fault {
    let said = description.to_ascii_lowercase();
    if error == "rate_limit_exceeded" || status == 429 {
        return throttled(moment, detail);
    }
    if status >= 500 || said.contains("retry your request") {
        return unavailable(detail);
    }
    let (code, message) = match error {
        _ if said.contains("not supported on this domain") => (
            "E_CRM_AUTHORIZATION_REFUSED",
            "Salesforce hands out no token at this address; check my_domain: it must be the org's own.",
        ),
        _ if said.contains("no client credentials user") => (
            "E_CRM_AUTHORIZATION_REFUSED",
            "The app has no user to run as; name one in the app's policies under Client Credentials Flow.",
        ),
        _ if said.contains("must be installed") => (
            "E_CRM_NOT_APPROVED",
            "The app is not installed in this org; install it there, and admit the integration user to it.",
        ),
        "invalid_client_id" | "invalid_client" => (
            "E_CRM_CLIENT_INVALID",
            "Salesforce does not know the client id in this org, or the client secret is wrong.",
        ),
        "invalid_app_access" => (
            "E_CRM_NOT_APPROVED",
            "The integration user is not admitted to the app; assign the app's permission set or profile.",
        ),
        "invalid_grant" if said.contains("approved") => (
            "E_CRM_NOT_APPROVED",
            "The app is not approved for the integration user; set it to admin-approved users, and assign its permission \
             set or profile.",
        ),
        "invalid_grant" if said.contains("audience") => (
            "E_CRM_ASSERTION_REFUSED",
            "Salesforce refused the assertion's audience; check that my_domain is the sandbox or the production org that \
             the user belongs to.",
        ),
        "invalid_grant" if said.contains("assertion") || said.contains("expired") => (
            "E_CRM_ASSERTION_REFUSED",
            "Salesforce refused the signed assertion; check that the app holds the certificate of this private key, the \
             username, and this machine's clock.",
        ),
        "inactive_user" => (
            "E_CRM_AUTHORIZATION_REFUSED",
            "The integration user is not active.",
        ),
        "inactive_org" => (
            "E_CRM_AUTHORIZATION_REFUSED",
            "The org is locked, suspended or closed.",
        ),
        "unsupported_grant_type" => (
            "E_CRM_AUTHORIZATION_REFUSED",
            "The app does not allow this OAuth flow; enable the client credentials flow, or the JWT bearer flow.",
        ),
        _ => (
            "E_CRM_AUTHORIZATION_REFUSED",
            "Salesforce refused to hand out an access token; check the credentials, the user and my_domain.",
        ),
    };
    Fault::new(Class::Configuration, code, message).with_detail(detail)
}

fn throttled(moment: Moment, detail: &str) -> Fault {
    Fault::new(
        Class::Throttled,
        "E_CRM_TOKEN_THROTTLED",
        "Salesforce was asked for too many access tokens and refuses more for a while.",
    )
    .with_detail(detail)
    .until(moment.after(THROTTLE_SECONDS))
}

fn unavailable(detail: &str) -> Fault {
    token_unavailable(NAME, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Granted, Fault> {
        let moment = Moment {
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
            jitter_seconds: 7,
        };
        read(status, body, moment, |text| text.replace("hush", "…"))
    }

    #[test]
    fn each_refusal_of_the_token_endpoint_has_its_class() {
        let error = |error: &str, description: &str| {
            format!(r#"{{"error":"{error}","error_description":"{description}"}}"#)
        };
        let table: String = [
            (
                400,
                error("invalid_grant", "user hasn't approved this consumer"),
            ),
            (400, error("invalid_grant", "audience is invalid")),
            (400, error("invalid_grant", "Audience validation failed")),
            (400, error("invalid_grant", "invalid assertion")),
            (400, error("invalid_grant", "expired authorization code")),
            (400, error("invalid_grant", "authentication failure")),
            (
                400,
                error("invalid_grant", "request not supported on this domain"),
            ),
            (
                400,
                error("invalid_grant", "no client credentials user enabled"),
            ),
            (400, error("invalid_grant", "Please retry your request")),
            (
                400,
                error("invalid_client_id", "client identifier invalid hush"),
            ),
            (400, error("invalid_client", "invalid client credentials")),
            (
                400,
                error("invalid_client", "app must be installed into org"),
            ),
            (400, error("inactive_user", "user is inactive")),
            (400, error("inactive_org", "organization is inactive")),
            (
                400,
                error("unsupported_grant_type", "grant type not supported"),
            ),
            (
                400,
                error(
                    "invalid_app_access",
                    "user is not admin approved to access this app",
                ),
            ),
            (400, error("rate_limit_exceeded", "too many")),
            (429, "slow down".to_owned()),
            (500, error("unknown_error", "oops")),
            (503, String::new()),
            (502, "<html>hush Bad Gateway</html>".to_owned()),
            (302, String::new()),
            (404, "<html>hush Not Found</html>".to_owned()),
            (403, "<html>Denied by a proxy</html>".to_owned()),
            (200, "<html>Sign in</html>".to_owned()),
            (200, "[]".to_owned()),
            (200, "{}".to_owned()),
            (200, r#"{"access_token":"00D!broken of"#.to_owned()),
            (
                400,
                error("invalid_grant", &format!("{}hush", "x".repeat(118))),
            ),
            (403, r#"{"access_token":"00D!hush"}"#.to_owned()),
        ]
        .into_iter()
        .map(|(status, body)| {
            let fault = answer(status, &body).unwrap_err();
            let until = fault.not_before.map(|until| format!(" until {until}"));
            format!(
                "{status} {body}\n  {:?} {fault}{}\n",
                fault.class,
                until.unwrap_or_default()
            )
        })
        .collect();
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_token_is_never_seen_and_its_instance_is_taken_as_it_stands() {
        let body = r#"{"access_token":"00D!AQ.secret","scope":"api","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA","token_type":"Bearer","issued_at":"1763812800000","signature":"x"}"#;
        let granted = answer(200, body).unwrap();
        assert_eq!(
            granted.api_base.as_deref(),
            Some("https://acme.my.salesforce.com")
        );
        assert!(!format!("{granted:?}").contains("secret"));
    }
}
