//! Calls to services of AWS that nothing else here talks to, signed by hand: no client of theirs has to be built.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use counterpart_domain::{Class, Fault};
use counterpart_runtime::Deployment;

use crate::who;

const FORM: &str = "application/x-www-form-urlencoded";

/// One call.
pub(crate) struct Call {
    /// The service, as hosts and signatures name it.
    pub(crate) service: &'static str,
    /// The method.
    pub(crate) method: &'static str,
    /// The path, with its slash.
    pub(crate) path: String,
    /// The body.
    pub(crate) body: String,
    /// The longest wait for the answer.
    pub(crate) longest: Duration,
}

/// What came back of a call that was taken.
pub(crate) struct Reply {
    /// The body.
    pub(crate) body: String,
    /// Whether Lambda says that the function itself failed.
    pub(crate) function_failed: bool,
}

impl Call {
    /// Sends it.
    ///
    /// # Errors
    /// `E_AWS_REFUSED` (transient) when AWS cannot be reached or says no; the detail has what it said.
    pub(crate) async fn send(&self, deployment: &Deployment) -> Result<Reply, Fault> {
        let sdk = &deployment.sdk;
        let region = sdk.region().map_or("us-east-1", |region| region.as_ref());
        let host = format!("https://{}.{region}.{}", self.service, partition(region).1);
        let own = std::env::var(format!("AWS_ENDPOINT_URL_{}", self.service.to_uppercase()));
        let base = own.ok().filter(|url| !url.is_empty());
        let base = base
            .or_else(|| sdk.endpoint_url().map(str::to_owned))
            .unwrap_or(host);
        let url = format!("{}{}", base.trim_end_matches('/'), self.path);
        let client = counterpart_http::client()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(failed)?;
        let mut request = client
            .request(self.method.parse().map_err(failed)?, &url)
            .header("content-type", FORM)
            .timeout(self.longest)
            .body(self.body.clone());
        for (name, value) in self.signature(deployment, &url, region).await? {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let function_failed = answer.headers().contains_key("x-amz-function-error");
        let body = answer.text().await.map_err(failed)?;
        if !status.is_success() {
            return Err(failed(format!("{status}: {body}")));
        }
        Ok(Reply {
            body,
            function_failed,
        })
    }

    /// The headers that say who asks.
    async fn signature(
        &self,
        deployment: &Deployment,
        url: &str,
        region: &str,
    ) -> Result<Vec<(String, String)>, Fault> {
        let provider = deployment.sdk.credentials_provider();
        let provider = provider.ok_or_else(|| failed("there are no credentials"))?;
        let identity = provider.provide_credentials().await.map_err(failed)?.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(failed)?
            .into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let headers = [("content-type", FORM)].into_iter();
        let signable = SignableRequest::new(self.method, url, headers, body);
        let signed = sign(signable.map_err(failed)?, &parameters).map_err(failed)?;
        let headers = signed.output().headers();
        Ok(headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}

/// The partition of a region, and the end of its hosts' names.
pub(crate) fn partition(region: &str) -> (&'static str, &'static str) {
    if region.starts_with("cn-") {
        ("aws-cn", "amazonaws.com.cn")
    } else if region.starts_with("us-gov-") {
        ("aws-us-gov", "amazonaws.com")
    } else {
        ("aws", "amazonaws.com")
    }
}

/// Who runs the command, as AWS names them; where AWS does not say, as this machine does.
pub(crate) async fn caller(deployment: &Deployment) -> String {
    let call = Call {
        service: "sts",
        method: "POST",
        path: "/".to_owned(),
        body: "Action=GetCallerIdentity&Version=2011-06-15".to_owned(),
        longest: Duration::from_secs(10),
    };
    let said = call.send(deployment).await.ok();
    let arn = said.as_ref().and_then(|said| {
        let (_, rest) = said.body.split_once("<Arn>")?;
        let (arn, _) = rest.split_once("</Arn>")?;
        Some(arn.trim().to_owned())
    });
    who::of_aws(arn)
}

fn failed(error: impl ToString) -> Fault {
    Fault::new(
        Class::Transient,
        "E_AWS_REFUSED",
        "AWS did not answer a question of this command.",
    )
    .with_detail(error.to_string())
}
