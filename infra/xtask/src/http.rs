//! Plain HTTP with JSON to servers on this machine.

use std::time::Duration;

use serde_json::Value;

use crate::error::{Failure, Result};

/// An answer of a server.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body as text.
    pub text: String,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON, of an answer between 200 and 299.
    ///
    /// # Errors
    /// For another status, or a body that is not JSON.
    pub fn json(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            let start: String = self.text.chars().take(400).collect();
            return Err(Failure::new(format!("answered {}: {start}", self.status)));
        }
        if self.text.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_str(&self.text)?)
    }
}

/// A client with one time-out for everything.
#[derive(Clone, Debug)]
pub struct Http {
    agent: ureq::Agent,
}

impl Http {
    /// A client that gives up after so long.
    pub fn new(time_out: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(time_out))
            // Everything spoken to is on this machine, whatever proxy the environment names.
            .proxy(None)
            .build();
        Self {
            agent: config.into(),
        }
    }

    /// GET.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        let mut request = self.agent.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        finish(url, request.call())
    }

    /// POST or PUT of a body.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let mut request = self.agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        finish(url, request.send(body))
    }
}

fn finish(
    url: &str,
    outcome: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer> {
    let failed = |error: ureq::Error| Failure::new(format!("{url}: {error}"));
    let mut response = outcome.map_err(failed)?;
    let text = response
        .body_mut()
        .with_config()
        .limit(256 * 1024 * 1024)
        .read_to_string()
        .map_err(failed)?;
    Ok(Answer {
        status: response.status().as_u16(),
        text,
        headers: response.headers().clone(),
    })
}
