//! A deployment to call the command on, with simulated systems behind it.

use std::process::Output;

use counterpart_aws::Tables;
use counterpart_config::SyncConfig;
use counterpart_delivery::ports::Reps as _;
use counterpart_domain::{Company, RepKey};
use counterpart_runtime::DynamoStore;
use counterpart_simulators::{DataSet, Options, Running, start};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::any as any_request;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::tables;

pub struct Desk {
    environment: Vec<(String, String)>,
    pub files: TempDir,
    pub store: DynamoStore,
    simulators: Running,
    services: MockServer,
}

/// SQS, the secrets in this object by their names, and what the account says of itself.
fn service(request: &Request, secrets: &Value) -> ResponseTemplate {
    if request.url.path().ends_with("/account-settings/") {
        let limit = json!({"AccountLimit": {"UnreservedConcurrentExecutions": 1000}});
        return ResponseTemplate::new(200).set_body_json(limit);
    }
    if request.body.starts_with(b"Action=GetTopicAttributes") {
        let asked = String::from_utf8_lossy(&request.body).into_owned();
        assert!(
            asked.ends_with("TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A1%3Acp-alarms"),
            "{asked}"
        );
        return ResponseTemplate::new(200)
            .set_body_string("<entry><key>SubscriptionsConfirmed</key><value>1</value></entry>");
    }
    if request.body.starts_with(b"Action=GetCallerIdentity") {
        return ResponseTemplate::new(200)
            .set_body_string("<Arn>arn:aws:iam::1:user/jo</Arn><Account>1</Account>");
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    if request
        .url
        .path()
        .ends_with("/functions/cp-poller/invocations")
    {
        return ResponseTemplate::new(200).set_body_json(poller(&body));
    }
    match request.headers["x-amz-target"].to_str().unwrap() {
        "secretsmanager.GetSecretValue" => match &secrets[body["SecretId"].as_str().unwrap()] {
            Value::Null => ResponseTemplate::new(400).set_body_json(
                json!({"__type": "ResourceNotFoundException", "message": "there is none"}),
            ),
            secret => ResponseTemplate::new(200)
                .set_body_json(json!({"SecretString": secret.to_string()})),
        },
        _ => queue(request),
    }
}

/// The poller: it read three records, or was hinted at keys of which the last is not there.
fn poller(event: &Value) -> Value {
    let Some(body) = event["body"].as_str() else {
        assert!(
            event["company"] == "ABC" && event["entity"] == "customer",
            "{event}"
        );
        return json!({"run": "r1", "pages": 1, "seen": 3, "sent": 2, "unchanged": 1, "excluded": 0, "parked": 0,
                      "packs": 1, "remapped": 0, "missing": [], "complete": true, "busy_until": null, "failed": []});
    };
    let signature = event["headers"]["counterpart-signature"].as_str().unwrap();
    assert!(signature.starts_with("t="), "{signature}");
    let keys: Value = serde_json::from_str(body).unwrap();
    let gone = keys["keys"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .as_str()
        .unwrap();
    let answer = json!({"accepted": 1, "missing": [format!("ABC:{gone}")], "run": "r2"});
    json!({"statusCode": 202, "headers": {}, "body": answer.to_string()})
}

/// Two packs wait, one is being written; nothing lies behind.
fn queue(request: &Request) -> ResponseTemplate {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let answer = match request.headers["x-amz-target"].to_str().unwrap() {
        "AmazonSQS.GetQueueUrl" => {
            json!({"QueueUrl": format!("{}1/{}", request.url, body["QueueName"].as_str().unwrap())})
        }
        "AmazonSQS.GetQueueAttributes" if body["QueueUrl"].as_str().unwrap().ends_with("-dead") => {
            json!({"Attributes": {"ApproximateNumberOfMessages": "0"}})
        }
        "AmazonSQS.GetQueueAttributes" => json!({"Attributes": {
            "ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1",
            "ApproximateNumberOfMessagesDelayed": "0",
            "RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:1:cp-crm-writes-zoho-dead\",\"maxReceiveCount\":1000}"
        }}),
        "AmazonSQS.SendMessageBatch" => {
            let entries = body["Entries"].as_array().unwrap().iter();
            let sent: Vec<Value> = entries
                .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "00"}))
                .collect();
            json!({"Successful": sent, "Failed": []})
        }
        other => panic!("{other} is not expected"),
    };
    ResponseTemplate::new(200).set_body_json(answer)
}

impl Desk {
    pub async fn new() -> Self {
        let any = Some("127.0.0.1:0".parse().unwrap());
        let data = DataSet {
            customers: 0,
            seed: 1,
        };
        let simulators = start(Options {
            agent: any,
            soap: any,
            salesforce: any,
            zoho: any,
            data,
            ..Options::default()
        })
        .await
        .unwrap();
        let said = simulators.announcement();
        let secrets = json!({
            "cp/agent": {"token": said["agent"]["token"]},
            "cp/soap": {"username": said["soap"]["username"], "password": said["soap"]["password"]},
            "cp/zoho-hook": {"hmac_key": "what all else follows from"},
            "cp/salesforce-hook": {"hmac_key": "what all else follows from"},
            "cp/hint": {"key": "a key for hints, long enough"},
            "cp/salesforce": {"client_id": said["salesforce"]["client_id"],
                              "client_secret": said["salesforce"]["client_secret"]},
            "cp/zoho": {"client_id": said["zoho"]["client_id"], "client_secret": said["zoho"]["client_secret"],
                        "refresh_token": said["zoho"]["refresh_token"]},
        });
        let queues = MockServer::start().await;
        Mock::given(any_request())
            .respond_with(move |request: &Request| service(request, &secrets))
            .mount(&queues)
            .await;
        let names = Tables::with_prefix("cp");
        let dynamo = tables::tables(&names).await;
        let mut environment: Vec<(String, String)> = [
            "LINKS", "REPS", "CURSORS", "LEDGER", "PARKED", "SETTINGS", "TOKENS",
        ]
        .map(|table| {
            (
                format!("COUNTERPART_TABLE_{table}"),
                format!("cp-{}", table.to_lowercase()),
            )
        })
        .into();
        let mut set = |name: &str, value: String| environment.push((name.to_owned(), value));
        set("COUNTERPART_SECRETS_PREFIX", "cp/".into());
        set("COUNTERPART_TARGETS", "zoho,salesforce".into());
        set(
            "COUNTERPART_CRM_WRITES",
            format!("{}/1/cp-crm-writes-{{target}}", queues.uri()),
        );
        set(
            "COUNTERPART_SALESFORCE_EVENTS",
            format!("{}/1/cp-salesforce-events", queues.uri()),
        );
        set(
            "COUNTERPART_CRM_EVENTS",
            format!("{}/1/cp-crm-events", queues.uri()),
        );
        set(
            "COUNTERPART_SAGE_WRITES",
            format!("{}/1/cp-sage-writes.fifo", queues.uri()),
        );
        set(
            "AWS_ENDPOINT_URL_DYNAMODB",
            dynamo.endpoint_url().unwrap().to_owned(),
        );
        set("AWS_ENDPOINT_URL_SQS", queues.uri());
        set("AWS_ENDPOINT_URL_SECRETS_MANAGER", queues.uri());
        set("AWS_ENDPOINT_URL_LAMBDA", queues.uri());
        set("AWS_ENDPOINT_URL_SNS", queues.uri());
        set("AWS_ENDPOINT_URL_STS", queues.uri());
        set("COUNTERPART_ALLOW_LOOPBACK", "true".into());
        set("AWS_REGION", "us-east-1".into());
        set("AWS_ACCESS_KEY_ID", "local".into());
        set("AWS_SECRET_ACCESS_KEY", "local".into());
        Self {
            environment,
            files: TempDir::new().unwrap(),
            store: DynamoStore::new(&dynamo, names, Default::default()),
            simulators,
            services: queues,
        }
    }

    /// With the default configuration in force.
    pub async fn configured() -> Self {
        let desk = Self::new().await;
        let file = desk.file("sync.toml", &desk.sync_toml());
        let pushed = desk.run(&["config", "push", &file]).await;
        assert!(pushed.status.success(), "{pushed:?}");
        desk
    }

    /// How many orders stand in the simulated Sage's open files.
    pub async fn open_orders(&self) -> usize {
        let url = self.simulated()["agent"]["url"].as_str().unwrap();
        let url = format!("{url}/_sim/records/sales_orders?file=open");
        let client = counterpart_simulators::plain_http().build().unwrap();
        let answer = client.get(url).send().await.unwrap();
        let orders: Value = answer.json().await.unwrap();
        orders["records"].as_array().unwrap().len()
    }

    /// The default, for the simulated systems.
    pub fn sync_toml(&self) -> String {
        let said = self.simulators.announcement();
        let quoted = |pointer: &str| said.pointer(pointer).unwrap().to_string();
        let zoho = format!(
            "data_center = \"us\"\naccounts_url = {}\napi_url = {}",
            quoted("/zoho/accounts_url"),
            quoted("/zoho/url")
        );
        SyncConfig::DEFAULT
            .replace(
                "\"https://sage-agent.example.com:8443\"",
                &quoted("/agent/url"),
            )
            .replace("data_center = \"us\"", &zoho)
    }

    /// The configuration of the local stack, for the simulated systems.
    pub fn local_stack(&self) -> String {
        let mut text = include_str!("../../../local/sync.toml").to_owned();
        for (system, fields) in self.simulated().as_object().unwrap() {
            for (field, value) in fields.as_object().unwrap() {
                let place = format!("@{system}_{field}@").to_uppercase();
                text = text.replace(&place, value.as_str().unwrap_or_default());
            }
        }
        // The HTTP API has its address from the deployment.
        text.replace("@API_URL@", "https://hooks.example.com")
    }

    /// With the configuration of the local stack in force.
    pub async fn of_local_stack() -> Self {
        let desk = Self::new().await;
        let file = desk.file("sync.toml", &desk.local_stack());
        let pushed = desk.run(&["config", "push", &file]).await;
        assert!(pushed.status.success(), "{pushed:?}");
        desk
    }

    /// The default with its Salesforce part, but for the custom fields that the simulated org does not have.
    pub fn sync_toml_of_both(&self) -> String {
        let text = self.sync_toml();
        let (zoho, salesforce) = text.split_once("# The same for Salesforce.").unwrap();
        let (salesforce, _) = salesforce
            .split_once("# The way from Salesforce to Sage")
            .unwrap();
        let lines = salesforce
            .lines()
            .skip(1)
            .map(|line| match line.strip_prefix('#') {
                Some(line) if line.starts_with(|c: char| !c.is_whitespace() && c != '#') => line,
                _ => line,
            });
        let known = |line: &&str| {
            !["Sage_Region__c", "Credit_Left__c", "Sage_Type__c"]
                .iter()
                .any(|field| line.starts_with(field))
        };
        let lines: Vec<&str> = lines.filter(known).collect();
        let said = &self.simulated()["salesforce"];
        let hosts = format!(
            "my_domain = {}\nlogin_url = {}",
            said["my_domain"], said["login_url"]
        );
        let salesforce = lines
            .join("\n")
            .replace("my_domain = \"acme.my.salesforce.com\"", &hosts);
        format!("{zoho}\n{salesforce}\n")
    }

    /// The bodies that were sent to a queue whose URL ends so.
    pub async fn sent_to(&self, queue: &str) -> Vec<String> {
        let requests = self.services.received_requests().await.unwrap();
        let bodies = requests.iter().filter_map(|request| {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            let url = body["QueueUrl"].as_str()?;
            let entries = body["Entries"]
                .as_array()
                .filter(|_| url.ends_with(queue))?;
            let texts = entries
                .iter()
                .filter_map(|entry| entry["MessageBody"].as_str());
            Some(texts.map(str::to_owned).collect::<Vec<_>>())
        });
        bodies.flatten().collect()
    }

    /// What the simulators printed at their start.
    pub fn simulated(&self) -> &Value {
        self.simulators.announcement()
    }

    /// Says something at the control door of a simulator.
    pub async fn tell(&self, system: &str, door: &str, body: &Value) {
        let url = self.simulated()[system]["url"].as_str().unwrap();
        // The SOAP service's address has a path.
        let door = reqwest::Url::parse(url)
            .unwrap()
            .join(&format!("/_sim/{door}"))
            .unwrap();
        let client = counterpart_simulators::plain_http().build().unwrap();
        let reply = client.post(door).json(body).send().await.unwrap();
        assert!(
            reply.status().is_success(),
            "{}",
            reply.text().await.unwrap()
        );
    }

    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.files.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        tokio::process::Command::new(env!("CARGO_BIN_EXE_counterpart"))
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .await
            .unwrap()
    }

    /// Runs it with `--json`; the exit code and what it printed.
    pub async fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let output = self.run(&[arguments, &["--json"]].concat()).await;
        let value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.code(), value)
    }

    pub async fn salesperson(&self, rep: &str, name: &str) {
        let rep = RepKey {
            company: Company::new("ABC").unwrap(),
            rep: rep.into(),
        };
        let row = counterpart_delivery::ports::SalespersonRow {
            rep,
            name: name.into(),
            email: String::new(),
        };
        self.store.put_salesperson(&row).await.unwrap();
    }
}
