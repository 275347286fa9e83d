//! The routes of the HTTP API that this function serves.

use counterpart_config::CrmProfile;

use super::WebhookRequest;

/// What comes by a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `POST /{product}/{target}/notifications/{path}`
    Notifications,
    /// `POST /{product}/{target}/webhook/{path}`
    Workflow,
    /// `POST /{product}/{target}/outbound/{path}`
    Outbound,
    /// `POST /callouts/{target}`
    Callout,
}

/// A route with its parameters.
pub(super) struct Route<'a> {
    pub(super) way: Way,
    /// The product that the route belongs to; none: any.
    pub(super) crm: Option<&'static CrmProfile>,
    pub(super) target: &'a str,
    /// The secret segment; empty where the route has none.
    pub(super) path: &'a str,
}

impl Way {
    /// The way of a product's webhook, by its path.
    fn of(path: &str) -> Option<Self> {
        match path {
            "notifications" => Some(Self::Notifications),
            "webhook" => Some(Self::Workflow),
            "outbound" => Some(Self::Outbound),
            _ => None,
        }
    }

    /// As it stands in a route.
    const fn name(self) -> &'static str {
        match self {
            Self::Notifications => "notifications",
            Self::Workflow => "webhook",
            Self::Outbound => "outbound",
            Self::Callout => "callout",
        }
    }

    /// The media types that it takes, and the sentence for others.
    pub(super) const fn takes(self) -> (&'static [&'static str], &'static str) {
        match self {
            // JSON, whatever its sender calls it.
            Self::Notifications => (
                &["application/json", "text/plain", ""],
                "Only application/json in UTF-8, not compressed, is taken here.",
            ),
            Self::Callout => (
                &["application/json"],
                "Only application/json in UTF-8, not compressed, is taken here.",
            ),
            Self::Workflow => (
                &[
                    "application/json",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                    "text/plain",
                    "",
                ],
                "Only JSON, form data or URL parameters in UTF-8, not compressed, are taken here.",
            ),
            Self::Outbound => (
                &["text/xml", "application/xml"],
                "Only text/xml in UTF-8, not compressed, is taken here.",
            ),
        }
    }
}

impl<'a> Route<'a> {
    /// The route of a request; a stage before it is passed over.
    pub(super) fn of(request: &'a WebhookRequest) -> Option<Self> {
        let mut parts = request.path.rsplit('/');
        let mut part = || parts.next().unwrap_or_default();
        let (last, third, second, first) = (part(), part(), part(), part());
        let crm = CrmProfile::named(first).filter(|crm| crm.has_webhook(third));
        let (way, target, path) = match (crm, third) {
            (Some(_), path) => (Way::of(path)?, second, last),
            (None, "callouts") => (Way::Callout, last, ""),
            _ => return None,
        };
        let parameter = |name: &str, otherwise: &'a str| {
            let given = request.parameters.get(name).map(String::as_str);
            given.unwrap_or(otherwise)
        };
        let route = Self {
            way,
            crm,
            target: parameter("target", target),
            path: match way {
                Way::Callout => "",
                _ => parameter("path", path),
            },
        };
        let complete = !route.target.is_empty() && (way == Way::Callout || !route.path.is_empty());
        complete.then_some(route)
    }

    /// The name in logs.
    pub(super) fn name(&self) -> String {
        match self.crm {
            Some(crm) => format!("{}_{}", crm.name, self.way.name()),
            None => self.way.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(Way, String, String)> {
        let request = WebhookRequest {
            path: path.into(),
            ..WebhookRequest::default()
        };
        Route::of(&request).map(|route| (route.way, route.target.into(), route.path.into()))
    }

    #[test]
    fn each_route_is_found_also_behind_a_stage_and_nothing_else_is() {
        let found = |way, target: &str, path: &str| Some((way, target.to_owned(), path.to_owned()));
        assert_eq!(
            of("/zoho/z/notifications/p"),
            found(Way::Notifications, "z", "p")
        );
        assert_eq!(of("/live/zoho/z/webhook/p"), found(Way::Workflow, "z", "p"));
        assert_eq!(
            of("/salesforce/s/outbound/p"),
            found(Way::Outbound, "s", "p")
        );
        assert_eq!(of("/callouts/s"), found(Way::Callout, "s", ""));
        assert_eq!(of("/live/callouts/s"), found(Way::Callout, "s", ""));
        for path in [
            "",
            "/",
            "/zoho/z/notifications",
            "/zoho/z/notifications/",
            "/zoho//notifications/p",
            "/salesforce/z/notifications/p",
            "/callouts/",
            "/callouts",
            "/zoho/z/notifications/p/q",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn parameters_of_the_gateway_win() {
        let request = WebhookRequest {
            path: "/zoho/z/notifications/a%20b".into(),
            parameters: [("path".to_owned(), "a b".to_owned())].into(),
            ..WebhookRequest::default()
        };
        assert_eq!(Route::of(&request).map(|route| route.path), Some("a b"));
    }
}
