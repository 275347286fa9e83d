//! A receiver of what the CRMs send: it keeps all bodies, and answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

type Answers = Arc<Mutex<(VecDeque<(u16, String)>, Vec<Got>)>>;

/// A listening receiver.
pub struct Receiver {
    pub url: String,
    state: Answers,
    usual: String,
}

impl Receiver {
    /// A receiver that answers 200 with this body, when it is told nothing else.
    pub async fn new(usual: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Answers::default();
        let app = Router::new()
            .fallback(answer)
            .with_state((state.clone(), usual.to_owned()));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            state,
            usual: usual.to_owned(),
        }
    }

    /// Answers the next requests like this; `ok` is the usual answer.
    pub fn then(&self, answers: &[(u16, &str)]) {
        let told = answers.iter().map(|(status, body)| {
            let body = if *body == "ok" { &self.usual } else { *body };
            (*status, body.to_owned())
        });
        self.state.lock().unwrap().0.extend(told);
    }

    /// Waits until so many requests are there, and answers them.
    pub async fn wait(&self, count: usize) -> Vec<Got> {
        let mut got = Vec::new();
        for _ in 0..1_000 {
            got = self.state.lock().unwrap().1.clone();
            if got.len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(got.len() >= count, "{} of {count} requests", got.len());
        got
    }

    /// What came in after some quiet time.
    pub async fn settled(&self) -> Vec<Got> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.state.lock().unwrap().1.clone()
    }
}

async fn answer(
    State((state, usual)): State<(Answers, String)>,
    request: Request,
) -> (StatusCode, String) {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut state = state.lock().unwrap();
    state.1.push(Got {
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let (status, body) = state.0.pop_front().unwrap_or((200, usual));
    (StatusCode::from_u16(status).unwrap(), body)
}
