//! Why a request is not taken: the status, a stable code, a sentence. What exactly was wrong with a secret is for our logs.

use counterpart_domain::Fault;
use serde_json::json;

use super::WebhookResponse;

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 404: no such route.
    Route,
    /// 405: only POST.
    Method,
    /// 413: more bytes than are taken.
    TooLarge(usize),
    /// 415: another content type, charset or encoding.
    ContentType(&'static str),
    /// 400: the body is not UTF-8.
    Encoding,
    /// 401: target, path, token, channel or signature; for us alone, which. All have the same answer.
    Unauthenticated(&'static str),
    /// 401: the signature is good and its time is off. Only whoever has the key ever sees this one.
    Stale,
    /// 403: an organisation that the configuration does not list.
    Organization,
    /// 400: the body is not what the route takes; for us, what is wrong with it, without any of its content.
    Body(&'static str),
    /// 503: nothing is wrong with the request; it was not, or not surely, taken.
    Later(Fault),
}

impl Refusal {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Encoding | Self::Body(_) => 400,
            Self::Unauthenticated(_) | Self::Stale => 401,
            Self::Organization => 403,
            Self::Route => 404,
            Self::Method => 405,
            Self::TooLarge(_) => 413,
            Self::ContentType(_) => 415,
            Self::Later(_) => 503,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "E_WEBHOOK_NOT_UTF8",
            Self::Body(_) => "E_WEBHOOK_BODY",
            Self::Unauthenticated(_) => "E_WEBHOOK_UNAUTHENTICATED",
            Self::Stale => "E_WEBHOOK_STALE",
            Self::Organization => "E_WEBHOOK_ORGANIZATION",
            Self::Route => "E_WEBHOOK_ROUTE",
            Self::Method => "E_WEBHOOK_METHOD",
            Self::TooLarge(_) => "E_WEBHOOK_TOO_LARGE",
            Self::ContentType(_) => "E_WEBHOOK_CONTENT_TYPE",
            Self::Later(_) => "E_WEBHOOK_LATER",
        }
    }

    /// For our logs.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::ContentType(why) | Self::Unauthenticated(why) | Self::Body(why) => {
                (*why).to_owned()
            }
            Self::Later(fault) => fault.to_string(),
            Self::TooLarge(most) => format!("more than {most} bytes"),
            Self::Encoding | Self::Stale | Self::Organization | Self::Route | Self::Method => {
                String::new()
            }
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Route => "There is no such route.".into(),
            Self::Method => "Only POST is taken.".into(),
            Self::TooLarge(most) => format!("A body has at most {most} bytes."),
            Self::ContentType(takes) => (*takes).into(),
            Self::Encoding => "The body is not UTF-8.".into(),
            Self::Unauthenticated(_) => {
                "The target, the path, the token or the signature is not right.".into()
            }
            Self::Stale => "The signature's time is more than five minutes off.".into(),
            Self::Organization => "The organisation is not on this target's list.".into(),
            Self::Body(_) => "The body is not what this route takes.".into(),
            Self::Later(_) => "It was not taken, or not surely; send it again later.".into(),
        }
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self) -> WebhookResponse {
        let body = json!({"code": self.code(), "message": self.sentence()});
        let mut answer = WebhookResponse::json(self.status(), &body);
        match self {
            Self::Method => answer.headers.insert("allow", "POST".into()),
            Self::Later(_) => answer.headers.insert("retry-after", "30".into()),
            _ => None,
        };
        answer
    }
}
