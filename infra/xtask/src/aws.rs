//! The few AWS calls that the tasks make, to MiniStack on this machine and nowhere else.
//!
//! MiniStack checks the policies of roles; to its root key `test` it grants everything without looking at the
//! signature, so none is made here.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Failure, Result};
use crate::http::{Answer, Http};

/// The key id and secret of MiniStack's root.
pub const ROOT_KEY: &str = "test";
/// The region that everything local lives in.
pub const REGION: &str = "us-east-1";

/// MiniStack's endpoint.
#[derive(Clone, Debug)]
pub struct LocalAws {
    http: Http,
    endpoint: String,
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be received.
    pub ready: u64,
    /// Received and not yet deleted, or handed back for later.
    pub in_flight: u64,
    /// Sent with a delay that is not over.
    pub delayed: u64,
}

impl Depth {
    /// Nothing left in any state.
    pub fn is_empty(self) -> bool {
        self.ready + self.in_flight + self.delayed == 0
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            ready: self.ready + other.ready,
            in_flight: self.in_flight + other.in_flight,
            delayed: self.delayed + other.delayed,
        }
    }
}

impl LocalAws {
    /// Speaks to the endpoint, `http://127.0.0.1:<port>`.
    pub fn new(endpoint: &str) -> Self {
        Self {
            // A poll may take the function's whole five minutes.
            http: Http::new(Duration::from_secs(330)),
            endpoint: endpoint.to_owned(),
        }
    }

    /// The base URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether the server is up and takes calls.
    pub fn is_ready(&self) -> bool {
        self.http
            .get(&format!("{}/_ministack/ready", self.endpoint), &[])
            .is_ok_and(|answer| answer.status == 200)
    }

    /// Invokes a function and waits for what it returns.
    ///
    /// # Errors
    /// When it can't be invoked, or ends with an error of its own.
    pub fn invoke(&self, function: &str, event: &Value) -> Result<Value> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.send("lambda", &path, None, &event.to_string())?;
        let failed = answer.header("x-amz-function-error").is_some();
        let result = answer.json()?;
        if failed {
            return Err(Failure::new(format!("{function} failed: {result}")));
        }
        Ok(result)
    }

    /// The environment variables a function was deployed with.
    ///
    /// # Errors
    /// When the function is unknown.
    pub fn environment(&self, function: &str) -> Result<Vec<(String, String)>> {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let configuration = self.get("lambda", &path)?;
        let variables = configuration
            .pointer("/Environment/Variables")
            .and_then(Value::as_object)
            .ok_or_else(|| Failure::new(format!("{function} has no environment")))?;
        Ok(variables
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect())
    }

    /// Base URL of the HTTP API with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn api_url(&self, name: &str) -> Result<String> {
        let apis = self.get("apigateway", "/v2/apis")?;
        let id = apis
            .get("items")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|api| api.get("name").and_then(Value::as_str) == Some(name))
            .and_then(|api| api.get("apiId").and_then(Value::as_str))
            .ok_or_else(|| Failure::new(format!("no HTTP API is named {name}")))?;
        Ok(format!("{}/_aws/execute-api/{id}/$default", self.endpoint))
    }

    /// Makes an event bus of one's own.
    ///
    /// # Errors
    /// When it is there already, or EventBridge does not answer.
    pub fn create_bus(&self, name: &str) -> Result<()> {
        let body = json!({ "Name": name });
        self.json_call("events", "AWSEvents.CreateEventBus", &body)
            .map(drop)
    }

    /// Gives a secret its value.
    ///
    /// # Errors
    /// When the secret does not exist.
    pub fn put_secret(&self, name: &str, value: &Value) -> Result<()> {
        let body = json!({ "SecretId": name, "SecretString": value.to_string() });
        self.json_call("secretsmanager", "secretsmanager.PutSecretValue", &body)
            .map(|_version| ())
    }

    /// The value of a secret.
    ///
    /// # Errors
    /// When the secret does not exist or has no JSON value.
    pub fn secret(&self, name: &str) -> Result<Value> {
        let found = self.json_call(
            "secretsmanager",
            "secretsmanager.GetSecretValue",
            &json!({ "SecretId": name }),
        )?;
        let text = found.get("SecretString").and_then(Value::as_str);
        Ok(serde_json::from_str(text.unwrap_or_default())?)
    }

    /// How full a queue is.
    ///
    /// # Errors
    /// When the queue does not exist.
    pub fn depth(&self, queue_url: &str) -> Result<Depth> {
        let found = self.json_call(
            "sqs",
            "AmazonSQS.GetQueueAttributes",
            &json!({ "QueueUrl": queue_url, "AttributeNames": ["All"] }),
        )?;
        let count = |name: &str| {
            found
                .pointer(&format!("/Attributes/{name}"))
                .and_then(Value::as_str)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        Ok(Depth {
            ready: count("ApproximateNumberOfMessages"),
            in_flight: count("ApproximateNumberOfMessagesNotVisible"),
            delayed: count("ApproximateNumberOfMessagesDelayed"),
        })
    }

    /// URLs of all queues.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub fn queues(&self) -> Result<Vec<String>> {
        let found = self.json_call("sqs", "AmazonSQS.ListQueues", &json!({}))?;
        Ok(found
            .get("QueueUrls")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|url| url.as_str().map(str::to_owned))
            .collect())
    }

    /// Every line of a log group since an instant, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the group does not exist.
    pub fn log_lines(&self, group: &str, since_ms: u64) -> Result<Vec<String>> {
        let events = self.log_events(group, since_ms)?;
        Ok(events.into_iter().map(|(_, line)| line).collect())
    }

    /// The same with the instant of each line.
    ///
    /// # Errors
    /// When the group does not exist.
    pub fn log_events(&self, group: &str, since_ms: u64) -> Result<Vec<(u64, String)>> {
        let mut lines = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut body = json!({ "logGroupName": group, "startTime": since_ms });
            if let Some(token) = &next {
                body["nextToken"] = json!(token);
            }
            let page = self.json_call("logs", "Logs_20140328.FilterLogEvents", &body)?;
            let events = page.get("events").and_then(Value::as_array);
            for event in events.into_iter().flatten() {
                let at = event.get("timestamp").and_then(Value::as_u64);
                if let Some(message) = event.get("message").and_then(Value::as_str) {
                    lines.push((at.unwrap_or_default(), message.to_owned()));
                }
            }
            next = page
                .get("nextToken")
                .and_then(Value::as_str)
                .map(str::to_owned);
            if next.is_none() {
                return Ok(lines);
            }
        }
    }

    /// Any other call of the JSON protocols: `DynamoDB_20120810.Scan`.
    ///
    /// # Errors
    /// When it is refused.
    pub fn json_call(&self, service: &str, target: &str, body: &Value) -> Result<Value> {
        self.send(service, "/", Some(target), &body.to_string())?
            .json()
            .map_err(|failure| failure.during(target))
    }

    fn get(&self, service: &str, path: &str) -> Result<Value> {
        let credential = credential(service);
        self.http
            .get(
                &format!("{}{path}", self.endpoint),
                &[("authorization", &credential)],
            )?
            .json()
            .map_err(|failure| failure.during(path))
    }

    fn send(&self, service: &str, path: &str, target: Option<&str>, body: &str) -> Result<Answer> {
        let credential = credential(service);
        let mut headers = vec![
            ("authorization", credential.as_str()),
            ("content-type", "application/x-amz-json-1.0"),
        ];
        if let Some(target) = target {
            headers.push(("x-amz-target", target));
        }
        self.http
            .post(&format!("{}{path}", self.endpoint), &headers, body)
    }
}

fn credential(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={ROOT_KEY}/20260101/{REGION}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}
