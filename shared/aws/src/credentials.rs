//! Credentials as Lambda puts them into a function's environment.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
///
/// Lambda ends an instance before its credentials do, so they are read once.
#[derive(Debug, Clone)]
pub struct EnvironmentCredentials(Option<Credentials>);

impl EnvironmentCredentials {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            let text = variable(name)?.trim().to_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        let both = set("AWS_ACCESS_KEY_ID").zip(set("AWS_SECRET_ACCESS_KEY"));
        Self(both.map(|(id, secret)| {
            Credentials::new(id, secret, set("AWS_SESSION_TOKEN"), None, "environment")
        }))
    }

    /// Whether there are any.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.0.is_some()
    }

    fn found(&self) -> Result {
        self.0.clone().ok_or_else(|| {
            CredentialsError::not_loaded(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment",
            )
        })
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(self.found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_secret_are_wanted_and_the_session_is_taken_along() {
        // A line end may have come along from a file.
        let given = |name: &str| Some(format!("<{name}>\n"));
        let all = EnvironmentCredentials::of(given).found().unwrap();
        assert_eq!(all.access_key_id(), "<AWS_ACCESS_KEY_ID>");
        assert_eq!(all.session_token(), Some("<AWS_SESSION_TOKEN>"));
        let blank = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "key".to_owned());
        let none = EnvironmentCredentials::of(blank);
        assert!(!none.are_there() && none.found().is_err());
    }

    #[test]
    fn a_secret_is_not_in_the_debug_text() {
        let secret = EnvironmentCredentials::of(|_| Some("hunter2".to_owned()));
        let text = format!("{secret:?}");
        assert!(text.matches("hunter2").count() <= 1, "{text}");
    }
}
