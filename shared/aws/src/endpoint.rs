//! Endpoints of one's own: `AWS_ENDPOINT_URL` for all services, `AWS_ENDPOINT_URL_DYNAMODB` and the like for one.

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

const ALL: &str = "AWS_ENDPOINT_URL";

/// What the environment says, looked up when a client is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoints {
    variable: fn(&str) -> Option<String>,
}

impl Endpoints {
    pub(crate) fn of_process() -> Self {
        Self {
            variable: |name| std::env::var(name).ok(),
        }
    }

    /// The endpoint of every service that has none of its own.
    pub(crate) fn of_all(self) -> Option<String> {
        self.set(ALL)
    }

    fn set(self, name: &str) -> Option<String> {
        let ignored = (self.variable)("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        if ignored.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return None;
        }
        (self.variable)(name).filter(|url| !url.is_empty())
    }
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        // Clients ask for their endpoint alone; anything else would be a setting that we do not take from the environment.
        if key.env() != ALL {
            return None;
        }
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        self.set(&format!("{ALL}_{service}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key<'a>(service: &'a str, env: &'a str) -> ServiceConfigKey<'a> {
        ServiceConfigKey::builder()
            .service_id(service)
            .env(env)
            .profile("endpoint_url")
            .build()
            .unwrap()
    }

    #[test]
    fn a_service_is_sent_to_its_own_endpoint_and_the_others_are_not() {
        let endpoints = Endpoints {
            variable: |name| {
                (name == "AWS_ENDPOINT_URL_SECRETS_MANAGER").then(|| "http://one".to_owned())
            },
        };
        let found = endpoints.load_config(key("Secrets Manager", ALL));
        assert_eq!(found.as_deref(), Some("http://one"));
        assert_eq!(endpoints.load_config(key("SQS", ALL)), None);
        assert_eq!(endpoints.load_config(key("SQS", "AWS_OTHER")), None);
        assert_eq!(endpoints.of_all(), None);
    }

    #[test]
    fn an_empty_variable_is_none_and_all_can_be_ignored() {
        let empty = Endpoints {
            variable: |name| (name == ALL).then(String::new),
        };
        assert_eq!(empty.of_all(), None);
        let ignored = Endpoints {
            variable: |name| match name {
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" => Some("true".to_owned()),
                _ => Some("http://one".to_owned()),
            },
        };
        assert_eq!(ignored.of_all(), None);
        assert_eq!(ignored.load_config(key("SQS", ALL)), None);
    }
}
