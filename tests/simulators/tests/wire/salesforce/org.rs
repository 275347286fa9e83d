//! A simulated organisation with a session.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World, answer};

/// An organisation, and an access token of its integration user.
pub struct Org {
    world: World,
    token: String,
}

impl Org {
    /// An organisation without records.
    pub async fn new() -> Self {
        let mut org = Self {
            world: World::new(0, 1).await,
            token: String::new(),
        };
        org.log_on().await;
        org
    }

    /// Takes a new access token.
    pub async fn log_on(&mut self) {
        let reply = self.token(&self.credentials()).await;
        self.token = reply.body["access_token"].as_str().unwrap().to_owned();
    }

    /// The form of client credentials.
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.announced("client_id")),
            ("client_secret", self.announced("client_secret")),
        ]
    }

    /// Asks the token endpoint.
    pub async fn token(&self, form: &[(&'static str, String)]) -> Answer {
        let url = format!("{}/services/oauth2/token", self.announced("login_url"));
        answer(self.world.client().post(url).form(form))
            .await
            .unwrap()
    }

    /// A member of the announcement.
    pub fn announced(&self, member: &str) -> String {
        self.world.announced("salesforce", member)
    }

    /// Ids of users: of the integration user, of a salesperson, of the one who has left.
    pub fn users(&self) -> [String; 3] {
        let users = self.world.announcement()["salesforce"]["users"]
            .as_array()
            .unwrap();
        let id = |user: &Value| user["id"].as_str().unwrap().to_owned();
        [id(&users[0]), id(&users[2]), id(users.last().unwrap())]
    }

    /// A call below the newest version's path.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        self.call_with(method, &format!("/services/data/v67.0/{path}"), body, &[])
            .await
    }

    /// A call of any path, with more headers.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.announced("url"));
        let mut request = self.world.client().request(method, url);
        if !headers.iter().any(|(name, _)| *name == "Authorization") {
            request = request.bearer_auth(&self.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        answer(request).await.unwrap()
    }

    /// Creates a record; answers its id.
    pub async fn create(&self, object: &str, row: Value) -> String {
        let created = self
            .call(Method::POST, &format!("sobjects/{object}"), row)
            .await;
        assert_eq!(created.status, 201, "{}", created.body);
        created.body["id"].as_str().unwrap().to_owned()
    }

    /// Creates a record that is refused; answers code and message of the first error.
    pub async fn refused(&self, object: &str, row: Value) -> (String, String) {
        let refused = self
            .call(Method::POST, &format!("sobjects/{object}"), row)
            .await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        let text = |name: &str| refused.body[0][name].as_str().unwrap().to_owned();
        (text("errorCode"), text("message"))
    }

    /// Changes a record.
    pub async fn update(&self, object: &str, id: &str, row: Value) -> Answer {
        self.call(Method::PATCH, &format!("sobjects/{object}/{id}"), row)
            .await
    }

    /// A collection upsert by `Sage_Key__c`; the rows get their types.
    pub async fn upsert(&self, object: &str, rows: Value) -> Answer {
        let typed: Vec<Value> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let mut row = row.clone();
                row["attributes"] = json!({"type": object});
                row
            })
            .collect();
        let path = format!("composite/sobjects/{object}/Sage_Key__c");
        self.call(
            Method::PATCH,
            &path,
            json!({"allOrNone": false, "records": typed}),
        )
        .await
    }

    /// The session.
    pub fn session(&self) -> &str {
        &self.token
    }

    /// A client for calls that the helpers here do not cover.
    pub fn http(&self) -> &reqwest::Client {
        self.world.client()
    }

    /// A query.
    pub async fn query(&self, soql: &str) -> Answer {
        let encoded: String = soql.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.call(Method::GET, &format!("query?q={encoded}"), Value::Null)
            .await
    }

    /// A call of the control door: GET without a body.
    pub async fn door(&self, path: &str, body: Value) -> Value {
        self.world.door("salesforce", path, body).await
    }

    /// A record as the control door shows it.
    pub async fn record(&self, object: &str, id: &str) -> Value {
        let found = self
            .door(&format!("records/{object}?id={id}"), Value::Null)
            .await;
        found["records"][0].clone()
    }
}

/// The status codes of a collection's rows; `OK` for those that were done.
pub fn codes(answer: &Answer) -> Vec<String> {
    let rows = answer.body.as_array().unwrap();
    rows.iter()
        .map(|row| {
            let code = row["errors"][0]["statusCode"].as_str();
            code.unwrap_or("OK").to_owned()
        })
        .collect()
}
