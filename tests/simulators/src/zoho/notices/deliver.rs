//! Posts go out once each, side by side; whatever comes back, there is no second try.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::callback;
use crate::zoho::org::{Org, System};

/// Posts that the door still shows.
const KEPT: usize = 2_000;
const PAUSE: Duration = Duration::from_millis(25);

/// Something to post.
#[derive(Debug, Clone)]
pub struct Post {
    /// Whose it is, for the door.
    pub what: String,
    /// Where to.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// Sends what is to be sent, for ever.
pub async fn deliver(system: Arc<System>) {
    let client = crate::plain_http().timeout(Duration::from_secs(10)).build();
    let Ok(client) = client else {
        return;
    };
    // They end with this task.
    let mut running = JoinSet::new();
    loop {
        let posts: Vec<Post> = {
            let mut org = system.org();
            callback::flush(&mut org);
            org.notices.waiting.drain(..).collect()
        };
        for post in posts {
            let (client, system) = (client.clone(), system.clone());
            running.spawn(async move {
                let done = send(&client, &post).await;
                note(&mut system.org(), &post, &done);
            });
        }
        while running.try_join_next().is_some() {}
        tokio::time::sleep(PAUSE).await;
    }
}

/// The status, or why there is none. Only this machine is told anything.
async fn send(client: &reqwest::Client, post: &Post) -> Result<u16, String> {
    let url: reqwest::Url = post.url.parse().map_err(|_| "no URL".to_owned())?;
    if !matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
        return Err("not on this machine's loopback interface".to_owned());
    }
    let mut request = client.post(url).body(post.body.clone());
    for (name, value) in &post.headers {
        request = request.header(name, value);
    }
    let response = request.send().await;
    response
        .map(|response| response.status().as_u16())
        .map_err(|error| error.without_url().to_string())
}

fn note(org: &mut Org, post: &Post, done: &Result<u16, String>) {
    let (status, error) = match done {
        Ok(status) => (json!(status), Value::Null),
        Err(error) => (Value::Null, json!(error)),
    };
    let log = &mut org.notices.log;
    log.push_back(json!({"of": post.what, "status": status, "error": error, "body": post.body}));
    if log.len() > KEPT {
        log.pop_front();
    }
}
