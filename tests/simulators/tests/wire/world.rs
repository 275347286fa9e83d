//! Simulators started in this process, spoken to over HTTP.

use counterpart_simulators::{DataSet, Options, Running, start};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// Both systems, and an access token if one was taken.
pub struct World {
    running: Running,
    client: Client,
    token: Option<String>,
}

/// An answer: status, headers, JSON body (null if there is none).
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl World {
    /// Both systems with a data set, without an access token.
    pub async fn new(customers: u32, seed: u64) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let options = Options {
            salesforce: Some(any),
            agent: Some(any),
            zoho: Some(any),
            soap: Some(any),
            data: DataSet { customers, seed },
            ..Options::default()
        };
        let client = counterpart_simulators::plain_http().build().unwrap();
        Self {
            running: start(options).await.unwrap(),
            client,
            token: None,
        }
    }

    /// Zoho with an access token.
    pub async fn zoho() -> Self {
        let mut world = Self::new(0, 1).await;
        world.log_on().await;
        world
    }

    /// Takes a new access token.
    pub async fn log_on(&mut self) {
        let answer = self.refresh().await;
        self.token = Some(answer.body["access_token"].as_str().unwrap().to_owned());
    }

    /// A member of the announcement.
    pub fn announced(&self, system: &str, member: &str) -> String {
        self.running.announcement()[system][member]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The whole announcement.
    pub fn announcement(&self) -> &Value {
        self.running.announcement()
    }

    /// A call to Zoho's API with the access token.
    pub async fn api(&self, method: Method, path: &str, body: Value) -> Answer {
        self.api_with(method, path, body, &[]).await
    }

    /// A call to Zoho's API with more headers.
    pub async fn api_with(
        &self,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}/crm/v8/{path}", self.announced("zoho", "url"));
        let mut request = self.client.request(method, url);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Zoho-oauthtoken {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        answer(request).await.unwrap()
    }

    /// A read of the agent with its token.
    pub async fn agent(&self, path: &str) -> Answer {
        let url = format!("{}/v1/companies/{path}", self.announced("agent", "url"));
        answer(
            self.client
                .get(url)
                .bearer_auth(self.announced("agent", "token")),
        )
        .await
        .unwrap()
    }

    /// An upsert of accounts.
    pub async fn upsert(&self, body: Value) -> Answer {
        self.api(Method::POST, "Accounts/upsert", body).await
    }

    /// An upsert of one account by its key, sets off nothing.
    pub async fn upsert_one(&self, row: Value) -> Answer {
        self.upsert(json!({"data": [row], "duplicate_check_fields": ["Sage_Key"], "trigger": []}))
            .await
    }

    /// A call of a control door: GET without a body.
    pub async fn door(&self, system: &str, path: &str, body: Value) -> Value {
        let root = if system == "soap" { "door" } else { "url" };
        let url = format!("{}/_sim/{path}", self.announced(system, root));
        let request = if body.is_null() {
            self.client.get(url)
        } else {
            self.client.post(url).json(&body)
        };
        let answer = answer(request).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }

    /// The form of a refresh.
    pub fn form(&self) -> Vec<(&'static str, String)> {
        vec![
            ("refresh_token", self.announced("zoho", "refresh_token")),
            ("client_id", self.announced("zoho", "client_id")),
            ("client_secret", self.announced("zoho", "client_secret")),
            ("grant_type", "refresh_token".to_owned()),
        ]
    }

    /// Asks for an access token with a form body.
    pub async fn refresh(&self) -> Answer {
        let url = self.announced("zoho", "accounts_url");
        answer(self.client.post(url).form(&self.form()))
            .await
            .unwrap()
    }

    /// A request that the helpers above do not cover.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

/// Sends a request.
pub async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    Ok(Answer {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
    })
}
