//! The configuration in force, kept for at most a minute.

use std::sync::Arc;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Clock, Settings};
use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

/// How long the configuration is used without asking again.
const KEPT: SignedDuration = SignedDuration::from_secs(60);

/// A configuration in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Its version in the settings.
    pub version: u64,
    /// Its content.
    pub config: Arc<SyncConfig>,
}

/// Reads the configuration in force, at most once a minute.
#[derive(Debug, Default)]
pub struct ActiveConfig {
    kept: std::sync::Mutex<Option<(Timestamp, Active)>>,
}

impl ActiveConfig {
    /// The configuration in force, at most a minute old.
    ///
    /// # Errors
    /// `E_CONFIG_NONE` before the first push, `E_CONFIG_INVALID` where this version of the program cannot read it; or when
    /// the store cannot be read.
    pub async fn get(&self, store: &impl Settings, clock: &impl Clock) -> Result<Active, Fault> {
        let now = clock.now();
        let kept = self.lock().clone();
        if let Some((read_at, active)) = &kept
            && now.duration_since(*read_at).abs() < KEPT
        {
            return Ok(active.clone());
        }
        let stored = store.config().await?.ok_or_else(|| {
            Fault::new(
                Class::Configuration,
                "E_CONFIG_NONE",
                "No configuration is in force yet: put one in force with `counterpart config push sync.toml`.",
            )
        })?;
        let active = match kept {
            Some((_, active)) if active.version == stored.version => active,
            _ => Active {
                version: stored.version,
                config: Arc::new(parse(&stored.text)?),
            },
        };
        *self.lock() = Some((now, active.clone()));
        Ok(active)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, Active)>> {
        self.kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn parse(text: &str) -> Result<SyncConfig, Fault> {
    SyncConfig::stored(text).map_err(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Fault::new(
            Class::Configuration,
            "E_CONFIG_INVALID",
            "The configuration in force cannot be read by this version: check it with `counterpart config check`.",
        )
        .with_detail(findings.join("; "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_simulation::{VirtualClock, memory::MemoryStore};

    #[test]
    fn a_push_is_in_use_after_a_minute_and_not_asked_for_before() {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let store = MemoryStore::new();
        let active = ActiveConfig::default();
        clock.block_on(async {
            assert_eq!(
                active.get(&store, &clock).await.unwrap_err().code,
                "E_CONFIG_NONE"
            );
            store
                .push_config(SyncConfig::DEFAULT, 0, clock.now())
                .await
                .unwrap();
            assert_eq!(active.get(&store, &clock).await.unwrap().version, 1);
            let again = format!("{}\n# again\n", SyncConfig::DEFAULT);
            store.push_config(&again, 1, clock.now()).await.unwrap();
            assert_eq!(active.get(&store, &clock).await.unwrap().version, 1);
            clock.advance(KEPT.unsigned_abs());
            assert_eq!(active.get(&store, &clock).await.unwrap().version, 2);
            store
                .push_config("companies = 7", 2, clock.now())
                .await
                .unwrap();
            clock.advance(KEPT.unsigned_abs());
            assert_eq!(
                active.get(&store, &clock).await.unwrap_err().code,
                "E_CONFIG_INVALID"
            );
        });
    }
}
