//! Secrets Manager, read seldom.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};

use crate::Usage;
use crate::fault::{Service, classify};

/// How long a secret is kept in the instance: a rotated one is in use after this time at the latest.
const KEPT: Duration = Duration::from_secs(300);

/// Secrets by their logical names.
pub struct SecretsManager {
    client: Client,
    prefix: String,
    usage: Arc<Usage>,
    kept: Mutex<HashMap<String, (Instant, SecretText)>>,
}

impl SecretsManager {
    /// Secrets whose names begin with `prefix` (`COUNTERPART_SECRETS_PREFIX`).
    #[must_use]
    pub fn new(config: &SdkConfig, prefix: impl Into<String>, usage: Arc<Usage>) -> Self {
        Self {
            client: Client::new(config),
            prefix: prefix.into(),
            usage,
            kept: Mutex::default(),
        }
    }

    /// The current text of the secret `name`, at most five minutes old.
    ///
    /// # Errors
    /// `E_SECRET_MISSING`, `E_SECRET_DENIED`, `E_SECRET_EMPTY` (class configuration), or what any call can meet.
    pub async fn secret(&self, name: &str) -> Result<SecretText, Fault> {
        if let Some(secret) = self.kept(name) {
            return Ok(secret);
        }
        let id = format!("{}{name}", self.prefix);
        self.usage.secrets_request();
        let call = self.client.get_secret_value().secret_id(&id).send();
        let answer = call
            .await
            .map_err(|error| classify(Service::Secret, &id, &error))?;
        let text = answer.secret_string.filter(|text| !text.is_empty());
        let Some(text) = text else {
            return Err(Service::Secret.fault(
                Class::Configuration,
                "EMPTY",
                format!("Secret {id} holds no text: put its JSON there."),
            ));
        };
        let secret = SecretText::new(text);
        self.lock()
            .insert(name.to_owned(), (Instant::now(), secret.clone()));
        Ok(secret)
    }

    /// Forgets what is kept of a secret, because it was refused: the next reading is fresh.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    fn kept(&self, name: &str) -> Option<SecretText> {
        let kept = self.lock();
        let (read, secret) = kept.get(name)?;
        (read.elapsed() < KEPT).then(|| secret.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, SecretText)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
