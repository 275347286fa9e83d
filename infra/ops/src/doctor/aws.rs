//! Tables, queues and secrets of the deployment.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::QueueAttributeName;
use counterpart_config::{SageWay, SyncConfig, TargetConfig};
use counterpart_delivery::ingress::{HookSecret, HookSecrets as _};
use counterpart_domain::{Class, Fault, bounded};
use counterpart_runtime::{AgentSecret, DeployedHooks, Deployment, SoapSecret};
use futures_util::future::{BoxFuture, join_all};

use super::account;
use super::crm::hears;
use super::probe::{Found, Probe, Subject};

/// Tries all of them at once.
pub(super) async fn probes(deployment: &Deployment, config: Option<&SyncConfig>) -> Vec<Probe> {
    let aws = |name: &str| Subject::new("aws", name);
    let dynamo = aws_sdk_dynamodb::Client::new(&deployment.sdk);
    let sqs = aws_sdk_sqs::Client::new(&deployment.sdk);
    let tables = &deployment.environment.tables;
    let mut work: Vec<BoxFuture<'_, Probe>> = Vec::new();
    for (variable, table) in [
        ("LINKS", &tables.links),
        ("REPS", &tables.reps),
        ("CURSORS", &tables.cursors),
        ("LEDGER", &tables.ledger),
        ("PARKED", &tables.parked),
        ("SETTINGS", &tables.settings),
        ("TOKENS", &tables.tokens),
    ] {
        let dynamo = dynamo.clone();
        work.push(Box::pin(async move {
            let subject = aws(table);
            let probe = subject.probe("table", self::table(&dynamo, variable, table));
            probe.await
        }));
    }
    for (name, url) in deployment.environment.all_queues() {
        let sqs = sqs.clone();
        work.push(Box::pin(async move {
            aws(&name).probe("queue", queue(&sqs, &url)).await
        }));
    }
    let mut probes = join_all(work).await;
    probes.extend(account::probes(deployment).await);
    if let Some(config) = config {
        probes.extend(secrets(deployment, config).await);
    }
    probes
}

async fn table(
    dynamo: &aws_sdk_dynamodb::Client,
    variable: &str,
    table: &str,
) -> Result<Found, Fault> {
    let call = dynamo.describe_table().table_name(table).send().await;
    let answer = call.map_err(|error| refused("The table", &error))?;
    let status = answer
        .table
        .and_then(|table| table.table_status)
        .map(|status| status.as_str().to_owned())
        .unwrap_or_default();
    Ok(match status.as_str() {
        "ACTIVE" => Found::Well("active".into()),
        "UPDATING" => Found::Doubtful("it is being changed".into(), "Wait for it to end.".into()),
        other => Found::Wrong(
            "E_STORE_STATUS",
            format!("its status is {other}"),
            format!("Check the stack, and COUNTERPART_TABLE_{variable}."),
        ),
    })
}

async fn queue(sqs: &aws_sdk_sqs::Client, url: &str) -> Result<Found, Fault> {
    let call = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All);
    let answer = call
        .send()
        .await
        .map_err(|error| refused("The queue", &error))?;
    let attributes = answer.attributes.unwrap_or_default();
    let waiting = attributes
        .get(&QueueAttributeName::ApproximateNumberOfMessages)
        .map_or("?", String::as_str);
    let found = format!("{waiting} messages wait");
    Ok(
        if attributes.contains_key(&QueueAttributeName::RedrivePolicy) {
            Found::Well(found)
        } else {
            Found::Doubtful(
            format!("{found}; it has no dead-letter queue"),
            "Deploy the template's queue: without a dead-letter queue a message that ends no function is tried for ever."
                .into(),
        )
        },
    )
}

/// A call that AWS refused, or that did not reach it.
fn refused<E, R>(what: &str, error: &SdkError<E, R>) -> Fault
where
    E: Error + ProvideErrorMetadata + 'static,
    R: fmt::Debug,
{
    let code = error.code().unwrap_or_default();
    let is_answer = matches!(error, SdkError::ResponseError(_));
    let (class, code, says) = match code {
        "ResourceNotFoundException"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => (
            Class::Configuration,
            "E_AWS_MISSING",
            "does not exist in this account and region: check the variables, AWS_PROFILE and AWS_REGION.",
        ),
        "AccessDeniedException" | "AccessDenied" => (
            Class::Configuration,
            "E_AWS_DENIED",
            "may not be looked at: the credentials of this command need the right to describe it.",
        ),
        "ExpiredTokenException"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId" => (
            Class::Configuration,
            "E_AWS_CREDENTIALS",
            "was not shown: AWS does not accept the credentials of this command, or they have run out.",
        ),
        "" if is_answer => (
            Class::Configuration,
            "E_AWS_ANSWER",
            "was shown in a way that this command cannot read: something else than AWS may have answered.",
        ),
        "" => (
            Class::Transient,
            "E_AWS_UNREACHABLE",
            "was not reached: no credentials, no region, or no way to AWS from here.",
        ),
        _ => (Class::Transient, "E_AWS_REFUSED", "was not shown by AWS."),
    };
    let mut causes = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes = format!("{causes}: {inner}");
        cause = inner.source();
    }
    Fault::new(class, code, format!("{what} {says}")).with_detail(bounded(causes, 300))
}

/// Each secret that the configuration names: whether it can be read, and has its form.
async fn secrets(deployment: &Deployment, config: &SyncConfig) -> Vec<Probe> {
    let subject = |name: &str| Subject::new("aws", name);
    let mut probes = Vec::new();
    for company in config.companies.values() {
        let agent = async {
            let secret = deployment.secrets.secret(&company.agent_secret).await?;
            let secret = AgentSecret::read(&secret)?;
            Ok(Found::Well(match secret.ca {
                Some(_) => "readable: a token, and the certificates of a private CA".into(),
                None => "readable: a token".into(),
            }))
        };
        let hint = async {
            deployment.hint_key(company).await?;
            Ok(Found::Well("readable: a key for hints".into()))
        };
        if let SageWay::Soap(service) = &company.write {
            let soap = async {
                let secret = deployment.secrets.secret(&service.secret).await?;
                let secret = SoapSecret::read(&secret)?;
                Ok(Found::Well(match secret.ca {
                    Some(_) => "readable: a user, and the certificates of a private CA".into(),
                    None => "readable: a user of the web services".into(),
                }))
            };
            probes.push(subject(&service.secret).probe("secret", soap).await);
        }
        probes.push(subject(&company.agent_secret).probe("secret", agent).await);
        probes.push(subject(&company.hint_secret).probe("secret", hint).await);
    }
    for (name, target) in &config.targets {
        if hears(target) {
            let hooks = DeployedHooks { deployment, config };
            let hook = async { Ok(hook(target, &hooks.hook(name).await?)) };
            probes.push(subject(&target.events.secret).probe("secret", hook).await);
        }
        let crm = async {
            deployment.secrets.secret(&target.secret).await?;
            Ok(Found::Well(format!(
                "readable: its form is tried with {}",
                target.crm.profile().name
            )))
        };
        probes.push(subject(&target.secret).probe("secret", crm).await);
    }
    // Companies may share secrets.
    probes.sort_by(|one, other| (&one.subject, &one.found).cmp(&(&other.subject, &other.found)));
    probes.dedup_by(|one, other| one.subject == other.subject && one.found == other.found);
    probes
}

/// What the hook's secret holds, and what is missing of it.
fn hook(target: &TargetConfig, secret: &HookSecret) -> Found {
    let channels = target.events.notify_url.is_some();
    let parts = [
        (true, secret.path.is_some(), "path"),
        (true, secret.hmac_key.is_some(), "hmac_key"),
        (channels, secret.channel_token.is_some(), "channel_token"),
    ];
    let missing: Vec<&str> = parts
        .into_iter()
        .filter_map(|(wanted, there, name)| (wanted && !there).then_some(name))
        .collect();
    if missing.is_empty() {
        return Found::Well("readable: what the CRM has to know when it calls".into());
    }
    Found::Doubtful(
        format!("readable, but without {}", missing.join(", ")),
        "Calls that need it are refused. With `hmac_key` all else follows from it.".into(),
    )
}
