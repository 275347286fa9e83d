//! The configuration in force, kept for at most a minute.

use std::sync::Arc;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Clock, ConfigVersion, Settings};
use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

/// The code of a process that works by an older configuration than the one in force.
pub(crate) const BEHIND: &str = "E_CONFIG_BEHIND";
/// How many versions back one is looked for that can be read.
const MOST_BACK: usize = 20;
/// How long the configuration is used without asking again.
const KEPT: SignedDuration = SignedDuration::from_secs(60);

/// A configuration that this process works by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Its version in the settings.
    pub version: u64,
    /// Its content.
    pub config: Arc<SyncConfig>,
    /// The version in force: a later one, where this version of the program cannot read that.
    pub in_force: u64,
}

impl Active {
    /// Whether a later one is in force.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.version < self.in_force
    }
}

/// Reads the configuration in force, at most once a minute.
#[derive(Debug, Default)]
pub struct ActiveConfig {
    kept: std::sync::Mutex<Option<(Timestamp, Active)>>,
}

impl ActiveConfig {
    /// The configuration in force, at most a minute old; or the newest one before it that this version of the program can
    /// read: an older release that meets a newer configuration goes on as it did, and says so.
    ///
    /// # Errors
    /// `E_CONFIG_NONE` before the first push, `E_CONFIG_INVALID` where this version of the program can read none of the
    /// latest; or when the store cannot be read.
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
            Some((_, active)) if active.in_force == stored.version => active,
            _ => newest_readable(store, stored).await?,
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

/// The newest configuration that can be read, from the one in force backwards.
async fn newest_readable(store: &impl Settings, in_force: ConfigVersion) -> Result<Active, Fault> {
    let of = |version, config| Active {
        version,
        config: Arc::new(config),
        in_force: in_force.version,
    };
    let unreadable = match parse(&in_force.text) {
        Ok(config) => return Ok(of(in_force.version, config)),
        Err(fault) => fault,
    };
    tracing::error!(config.version = in_force.version, fault.code = %unreadable.code, fault = %unreadable,
        "the configuration in force cannot be read by this version of the program");
    for older in store.configs_before(in_force.version, MOST_BACK).await? {
        if let Ok(config) = parse(&older.text) {
            tracing::error!(
                config.version = in_force.version,
                config.served = older.version,
                fault.code = BEHIND,
                "an older configuration is worked by: deploy a newer version of the program, or push a configuration that this one reads"
            );
            return Ok(of(older.version, config));
        }
    }
    Err(unreadable)
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
        });
    }

    #[test]
    fn an_older_release_works_by_the_newest_configuration_that_it_reads() {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let store = MemoryStore::new();
        let active = ActiveConfig::default();
        let push = async |text: &str, expected| {
            let pushed = store.push_config(text, expected, clock.now()).await;
            assert!(pushed.unwrap());
            clock.advance(KEPT.unsigned_abs());
            active.get(&store, &clock).await
        };
        clock.block_on(async {
            let none = push("companies = 7", 0).await.unwrap_err();
            assert_eq!(none.code, "E_CONFIG_INVALID");
            let read = push(SyncConfig::DEFAULT, 1).await.unwrap();
            assert!((read.version, read.is_behind()) == (2, false));
            for version in 3..5 {
                let newer = format!(
                    "a_key_of_the_next_release = {version}\n{}",
                    SyncConfig::DEFAULT
                );
                let behind = push(&newer, version - 1).await.unwrap();
                assert_eq!((behind.version, behind.in_force), (2, version));
                assert!(behind.is_behind());
            }
            // Another process begins with it.
            let fresh = ActiveConfig::default().get(&store, &clock).await.unwrap();
            assert_eq!((fresh.version, fresh.in_force), (2, 4));
            let again = push(SyncConfig::DEFAULT, 4).await.unwrap();
            assert!((again.version, again.is_behind()) == (5, false));
        });
    }
}
