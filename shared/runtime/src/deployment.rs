//! A deployment, ready to use: the adapters that its environment names.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use counterpart_aws::{DynamoStore, SdkConfig, SecretsManager, SqsQueues, SystemClock, Usage};
use counterpart_config::{CompanyConfig, SageWay, SoapConfig, TargetConfig};
use counterpart_delivery::{Context, SecretText};
use counterpart_domain::{Class, Company, Fault, TargetName};
use counterpart_sage100::AgentClient;
use counterpart_sage100::soap::{SoapClient, SoapSettings};
use serde::Deserialize;

use crate::{
    Active, ActiveConfig, Deployed, Environment, SageClient, SharedTokens, SoapSecret,
    TargetClient, UsageLine, agent,
};

/// The shortest key that hints may be signed with, in bytes.
const SHORTEST_KEY: usize = 16;

/// Made once per process. Nothing is called until it is used.
pub struct Deployment {
    /// What it was made from.
    pub environment: Environment,
    /// Durable state.
    pub store: Arc<DynamoStore>,
    /// All queues.
    pub queue: SqsQueues,
    /// Secrets.
    pub secrets: SecretsManager,
    /// What was asked of AWS.
    pub usage: Arc<Usage>,
    /// Time, chance and ids.
    pub clock: SystemClock,
    /// For clients that have no port.
    pub sdk: SdkConfig,
    active: ActiveConfig,
    /// Whether the configuration that was last worked by was not the one in force.
    behind: AtomicBool,
    clients: Mutex<BTreeMap<TargetName, Made>>,
}

/// A client, and what it was made from.
struct Made {
    target: TargetConfig,
    secret: SecretText,
    client: TargetClient,
}

impl Deployment {
    /// The deployment that this process's environment describes.
    ///
    /// # Errors
    /// `E_ENVIRONMENT`, naming every variable that is missing or wrong.
    pub fn of_process() -> Result<Self, Fault> {
        let environment = Environment::of_process()?;
        Ok(Self::new(environment, counterpart_aws::sdk_config()))
    }

    /// The deployment of an environment.
    #[must_use]
    pub fn new(environment: Environment, sdk: SdkConfig) -> Self {
        let usage = Arc::new(Usage::default());
        Self {
            store: Arc::new(DynamoStore::new(
                &sdk,
                environment.tables.clone(),
                Arc::clone(&usage),
            )),
            queue: SqsQueues::new(&sdk, environment.queue_urls(), Arc::clone(&usage)),
            secrets: SecretsManager::new(
                &sdk,
                environment.secrets_prefix.clone(),
                Arc::clone(&usage),
            ),
            environment,
            usage,
            clock: SystemClock,
            sdk,
            active: ActiveConfig::default(),
            behind: AtomicBool::new(false),
            clients: Mutex::default(),
        }
    }

    /// What handlers over this deployment share.
    #[must_use]
    pub fn context<'a>(&'a self, active: &'a Active) -> Context<'a, Deployed> {
        Context {
            store: &*self.store,
            queue: &self.queue,
            clock: &self.clock,
            config: &active.config,
            config_version: active.version,
            is_behind: active.is_behind(),
        }
    }

    /// The configuration in force, at most a minute old.
    ///
    /// # Errors
    /// As [`ActiveConfig::get`].
    pub async fn active(&self) -> Result<Active, Fault> {
        let active = self.active.get(&*self.store, &self.clock).await?;
        self.behind.store(active.is_behind(), Ordering::Relaxed);
        // Ledger items of all targets lie in one table; the longest wish holds.
        if let Some(days) = active
            .config
            .targets
            .values()
            .map(|target| target.ledger_days)
            .max()
        {
            self.store.set_ledger_days(days);
        }
        Ok(active)
    }

    /// Ends an invocation's account: what was asked of AWS, and whether the configuration in force could not be read.
    pub fn close(&self, usage: &mut UsageLine) {
        usage.aws = self.usage.take();
        usage.config_behind = self.behind.load(Ordering::Relaxed).then_some(1);
    }

    /// A client of a company's agent.
    ///
    /// # Errors
    /// When its secret cannot be read or is none, or its address cannot be used.
    pub async fn agent(&self, company: &CompanyConfig) -> Result<AgentClient<SystemClock>, Fault> {
        let secret = self.secrets.secret(&company.agent_secret).await?;
        agent::client(&company.agent_url, &secret, self.environment.allow_loopback)
    }

    /// The way to write to a company. The binding of a SOAP service is learned once, and stored.
    pub async fn sage_client(&self, code: &Company, company: &CompanyConfig) -> SageClient {
        let made = match &company.write {
            SageWay::None => Err(Fault::new(
                Class::Configuration,
                "E_SAGE_NOT_WRITTEN",
                format!("Company {code} is not written: sync.toml has no `write` for it."),
            )),
            SageWay::Agent => self.agent(company).await.map(SageClient::Agent),
            SageWay::Soap(service) => self.soap(code, service).await.map(SageClient::Soap),
        };
        made.unwrap_or_else(SageClient::Unusable)
    }

    async fn soap(&self, code: &Company, service: &SoapConfig) -> Result<SoapClient, Fault> {
        let settings = self.soap_settings(service).await?;
        SoapClient::of_company(&settings, code, &*self.store).await
    }

    /// How a company's SOAP service is reached, with the credentials of its secret.
    ///
    /// # Errors
    /// When the secret cannot be read or is none.
    pub async fn soap_settings(&self, service: &SoapConfig) -> Result<SoapSettings, Fault> {
        let secret = self.secrets.secret(&service.secret).await?;
        let secret = SoapSecret::read(&secret)?;
        let mut settings = SoapSettings::new(&service.url, secret.username, secret.password);
        settings.extra_root_ca = secret.ca;
        settings.allow_loopback = self.environment.allow_loopback;
        if let Some(locked) = &service.locked_texts {
            settings.texts.locked.clone_from(locked);
        }
        if let Some(busy) = &service.busy_texts {
            settings.texts.busy.clone_from(busy);
        }
        Ok(settings)
    }

    /// The key that a company's hints are signed with.
    ///
    /// # Errors
    /// When its secret cannot be read, or holds no key of at least 16 bytes.
    pub async fn hint_key(&self, company: &CompanyConfig) -> Result<SecretText, Fault> {
        #[derive(Deserialize)]
        struct Plain {
            key: String,
        }
        let secret = self.secrets.secret(&company.hint_secret).await?;
        let plain: Option<Plain> = serde_json::from_str(secret.reveal()).ok();
        plain
            .map(|plain| plain.key)
            .filter(|key| key.len() >= SHORTEST_KEY)
            .map(SecretText::new)
            .ok_or_else(|| {
                Fault::new(
                    Class::Configuration,
                    "E_HINT_KEY",
                    "The secret for hints is not {\"key\": \"…\"} with at least 16 characters.",
                )
            })
    }

    /// Forgets a secret after a call that was refused for what a person has to mend: should the secret have been rotated,
    /// the next call has the new one.
    pub fn secret_refused(&self, name: &str, fault: &Fault) {
        if fault.class == Class::Configuration {
            self.secrets.forget(name);
        }
    }

    /// The clients of these targets, kept as long as neither target nor secret changes. A target whose client cannot be
    /// made is there all the same: its calls fail, the other targets go on.
    pub async fn crms(
        &self,
        active: &Active,
        targets: &[&TargetName],
    ) -> BTreeMap<TargetName, TargetClient> {
        let mut clients = BTreeMap::new();
        for name in targets {
            if let Some(target) = active.config.targets.get(name) {
                clients.insert((*name).clone(), self.crm(name, target).await);
            }
        }
        clients
    }

    async fn crm(&self, name: &TargetName, target: &TargetConfig) -> TargetClient {
        let secret = self.secrets.secret(&target.secret).await;
        if let Ok(secret) = &secret
            && let Some(made) = self.clients().get(name)
            && made.target == *target
            && made.secret == *secret
        {
            return made.client.clone();
        }
        let tokens = SharedTokens(Arc::clone(&self.store));
        let client = TargetClient::new(
            name,
            target,
            secret.clone(),
            tokens,
            self.environment.allow_loopback,
        );
        if let TargetClient::Unusable(fault) = &client {
            tracing::error!(target.name = %name, fault = %fault, "no client can be made for this target");
        } else if let Ok(secret) = secret {
            let made = Made {
                target: target.clone(),
                secret,
                client: client.clone(),
            };
            self.clients().insert(name.clone(), made);
        }
        client
    }

    fn clients(&self) -> MutexGuard<'_, BTreeMap<TargetName, Made>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
