//! One channel: subscribed, renewed, ended.

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, Digest, Fault, TargetName, digest_of};
use jiff::{SignedDuration, Timestamp};

use super::{ChannelKeeper, TargetChannels};
use crate::SecretText;
use crate::ingress::hook::LONGEST_CHANNEL_TOKEN;
use crate::ingress::{HookSecret, HookSecrets};
use crate::ports::prelude::*;
use crate::ports::{Channel, ChannelRequest, CrmChannels};

/// The life that is asked for. Zoho grants a week; whoever asks for more gets an hour.
const LIFE: SignedDuration = SignedDuration::from_hours(6 * 24);

/// What is subscribed, but for the module.
pub(super) struct Terms {
    notify_url: SecretText,
    token: SecretText,
}

impl Terms {
    /// Out of configuration and secret.
    ///
    /// # Errors
    /// `E_CHANNEL_SECRET` (class configuration) when path or token is missing, or the token is longer than Zoho takes.
    pub(super) fn of(
        name: &TargetName,
        target: &TargetConfig,
        secret: &HookSecret,
    ) -> Result<Self, Fault> {
        let crm = target.crm.profile();
        let refused = |message: String| {
            let message = format!("{message} (secret {}).", target.events.secret);
            Fault::new(Class::Configuration, "E_CHANNEL_SECRET", message)
        };
        let (Some(path), Some(token)) = (&secret.path, &secret.channel_token) else {
            return Err(refused(format!(
                "{}'s channels need `path` and `channel_token` in the hook's secret",
                crm.short
            )));
        };
        if token.reveal().chars().count() > LONGEST_CHANNEL_TOKEN {
            return Err(refused(format!(
                "{} takes a `channel_token` of at most {LONGEST_CHANNEL_TOKEN} characters",
                crm.short
            )));
        }
        let url = target.events.notify_url.as_deref().unwrap_or_default();
        Ok(Self {
            notify_url: SecretText::new(format!(
                "{}/{}/{name}/notifications/{}",
                url.trim_end_matches('/'),
                crm.name,
                path.reveal()
            )),
            token: token.clone(),
        })
    }

    fn request(&self, channel: &Channel, now: Timestamp) -> ChannelRequest {
        ChannelRequest {
            channel_id: channel.channel_id.clone(),
            events: vec![format!("{}.all", channel.module)],
            notify_url: self.notify_url.clone(),
            token: self.token.clone(),
            expiry: now.saturating_add(LIFE).unwrap_or(now),
        }
    }

    fn digest(&self, channel: &Channel) -> Digest {
        let (url, token) = (self.notify_url.reveal(), self.token.reveal());
        digest_of([
            channel.channel_id.as_str(),
            channel.module.as_str(),
            url,
            token,
        ])
    }
}

/// A channel that was never subscribed.
pub(super) fn unheard(target: &TargetName, module: &str) -> Channel {
    Channel {
        target: target.clone(),
        module: module.to_owned(),
        channel_id: channel_id(target, module),
        expires_at: None,
        renewed_at: None,
        terms: None,
        rev: 0,
    }
}

/// 15 digits, the same for ever: whoever reads them as a number keeps all of them.
pub(super) fn channel_id(target: &TargetName, module: &str) -> String {
    let digest = digest_of(["channel", target.as_str(), module]);
    let bits = digest.as_str().get(..15).unwrap_or_default();
    let number = u64::from_str_radix(bits, 16).unwrap_or_default();
    (100_000_000_000_000 + number % 900_000_000_000_000).to_string()
}

/// What a channel needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Renewal,
    /// It was never there, or was subscribed with another address or token.
    Subscription,
    /// Its life ran out.
    Lapsed,
}

fn need(channel: &Channel, terms: &Digest, now: Timestamp) -> Need {
    match channel.expires_at {
        None => Need::Subscription,
        Some(expires_at) if expires_at <= now => Need::Lapsed,
        Some(_) if channel.terms.as_ref() != Some(terms) => Need::Subscription,
        Some(expires_at) => {
            let since = channel.renewed_at.unwrap_or(now);
            let left = expires_at.duration_since(now);
            let past = now.duration_since(since);
            if left <= past {
                Need::Renewal
            } else {
                Need::Nothing
            }
        }
    }
}

impl<P: Ports, H: HookSecrets> ChannelKeeper<'_, P, H>
where
    P::Crm: CrmChannels,
{
    /// Sees to it that a channel is alive. None: another keeper wrote it meanwhile.
    pub(super) async fn keep(
        &self,
        crm: &P::Crm,
        mut channel: Channel,
        terms: &Terms,
        report: &mut TargetChannels,
    ) -> Result<Option<Channel>, Fault> {
        if channel.rev == 0 {
            // Stored first: a callback may come before the answer to the subscription does.
            match self.put(channel).await? {
                Some(stored) => channel = stored,
                None => return Ok(None),
            }
        }
        let digest = terms.digest(&channel);
        let mut need = need(&channel, &digest, self.clock.now());
        if need == Need::Nothing {
            return Ok(Some(channel));
        }
        let request = terms.request(&channel, self.clock.now());
        if need == Need::Renewal {
            match crm.renew(&request).await {
                Ok(expires_at) => {
                    let now = self.clock.now();
                    report.renewed += 1;
                    channel.expires_at = Some(expires_at);
                    channel.renewed_at = Some(now);
                    return self.put(channel).await;
                }
                Err(fault) if fault.code == "E_CRM_NOT_SUBSCRIBED" => need = Need::Lapsed,
                Err(fault) => return Err(fault),
            }
        }
        if need == Need::Lapsed {
            report.lapsed.push(channel.module.clone());
            tracing::error!(target.name = %channel.target, crm.module = %channel.module, fault.code = "E_CHANNEL_LAPSED",
                "a channel had lapsed; what was changed meanwhile is read by its stamp");
        }
        let expires_at = crm.subscribe(&request).await?;
        let now = self.clock.now();
        report.subscribed += 1;
        channel.expires_at = Some(expires_at);
        channel.renewed_at = Some(now);
        channel.terms = Some(digest);
        self.put(channel).await
    }

    /// Ends a channel whose module is not watched any more.
    pub(super) async fn end(
        &self,
        crm: &P::Crm,
        channel: &Channel,
        report: &mut TargetChannels,
    ) -> Result<(), Fault> {
        crm.unsubscribe(std::slice::from_ref(&channel.channel_id))
            .await?;
        let ended = Channel {
            expires_at: None,
            terms: None,
            ..channel.clone()
        };
        self.put(ended).await?;
        report.ended += 1;
        Ok(())
    }

    /// Writes a channel, if nobody else did since it was read.
    pub(super) async fn put(&self, mut channel: Channel) -> Result<Option<Channel>, Fault> {
        if !self.store.put_channel(&channel).await? {
            tracing::info!(target.name = %channel.target, crm.module = %channel.module,
                "another keeper looked after the channel meanwhile");
            return Ok(None);
        }
        channel.rev += 1;
        Ok(Some(channel))
    }
}
