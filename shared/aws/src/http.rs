//! The SDK's requests over the HTTP client that everything else here has: one implementation, one TLS configuration.
//!
//! DynamoDB, SQS and Secrets Manager take small requests and give answers of at most some megabytes, so bodies are whole in
//! memory. The SDK's own time-outs bound an attempt; here the connection is bounded.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use reqwest::Client;

/// The longest wait for a connection.
pub(crate) const CONNECT: Duration = Duration::from_secs(2);
/// Says which attempt a request is: `attempt=2; max=3`.
const ATTEMPT: &str = "amz-sdk-request";

/// The client. Nothing is set up before the first request.
pub(crate) fn client() -> SharedHttpClient {
    SharedHttpClient::new(Over(Arc::default()))
}

#[derive(Debug, Clone, Default)]
struct Over(Arc<Clients>);

#[derive(Debug, Default)]
struct Clients {
    first: OnceLock<Client>,
    repeats: OnceLock<Client>,
}

impl HttpClient for Over {
    /// One for all settings: `tuned` sets the same time-outs for every client.
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Over {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let clients = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let client = clients.for_request(&request)?;
            exchange(&client, request).await
        })
    }
}

impl Clients {
    /// A repeated attempt gets a connection of its own: the one before may be the trouble.
    fn for_request(&self, request: &HttpRequest) -> Result<Client, ConnectorError> {
        let attempt = request.headers().get(ATTEMPT).unwrap_or_default();
        if attempt.is_empty() || attempt.starts_with("attempt=1;") {
            made(&self.first, usize::MAX)
        } else {
            made(&self.repeats, 0)
        }
    }
}

fn made(place: &OnceLock<Client>, idle: usize) -> Result<Client, ConnectorError> {
    if let Some(client) = place.get() {
        return Ok(client.clone());
    }
    let client = counterpart_http::client()
        .connect_timeout(CONNECT)
        // Never from the surroundings: signed requests go to AWS and nowhere else.
        .no_proxy()
        .pool_max_idle_per_host(idle)
        .build()
        .map_err(|error| ConnectorError::user(error.into()))?;
    Ok(place.get_or_init(|| client).clone())
}

async fn exchange(client: &Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let whole = request.body().bytes().map(<[u8]>::to_vec);
    let whole = whole.ok_or_else(|| {
        ConnectorError::user("the body is a stream, and cannot be sent twice".into())
    })?;
    let request = request.map(|_same| whole);
    let request = reqwest::Request::try_from(request).map_err(failed)?;
    let mut answer = client.execute(request).await.map_err(failed)?;
    let status = StatusCode::try_from(answer.status().as_u16())
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let headers = std::mem::take(answer.headers_mut());
    let body = answer.bytes().await.map_err(failed)?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    let headers =
        headers
            .try_into()
            .map_err(|error: aws_smithy_runtime_api::http::HttpError| {
                ConnectorError::other(error.into(), None)
            })?;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Repeated are those that are of time or of the wire.
fn failed(error: reqwest::Error) -> ConnectorError {
    let (connecting, late, own) = (error.is_connect(), error.is_timeout(), error.is_builder());
    // The address says nothing that the fault does not say, and would be the same for all.
    let source = error.without_url().into();
    if own {
        return ConnectorError::user(source);
    }
    let failed = if late {
        ConnectorError::timeout(source)
    } else {
        ConnectorError::io(source)
    };
    if connecting {
        failed.never_connected()
    } else {
        failed
    }
}
