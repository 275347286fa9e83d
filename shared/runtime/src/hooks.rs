//! What CRMs have to know when they call, from Secrets Manager.

use counterpart_config::SyncConfig;
use counterpart_delivery::ingress::{HookSecret, HookSecrets};
use counterpart_domain::{Class, Fault, TargetName};

use crate::Deployment;

/// The hooks' secrets of a configuration's targets.
pub struct DeployedHooks<'a> {
    /// Where they are.
    pub deployment: &'a Deployment,
    /// Whose they are.
    pub config: &'a SyncConfig,
}

impl HookSecrets for DeployedHooks<'_> {
    async fn hook(&self, target: &TargetName) -> Result<HookSecret, Fault> {
        let known = self.config.targets.get(target).ok_or_else(|| {
            Fault::new(
                Class::Configuration,
                "E_TARGET_UNKNOWN",
                format!("Target {target} is not in sync.toml."),
            )
        })?;
        let secret = self.deployment.secrets.secret(&known.events.secret).await?;
        HookSecret::read(secret.reveal()).inspect_err(|fault| {
            self.deployment.secret_refused(&known.events.secret, fault);
        })
    }
}
