//! Which modules of a target somebody waits for.

use counterpart_config::TargetConfig;

/// Whether changes of a module are of use: it is mapped, an order's source, watched, or named by a platform event.
#[must_use]
pub fn knows(target: &TargetConfig, module: &str) -> bool {
    let mapped = target
        .entities
        .values()
        .any(|entity| entity.module == module);
    let orders = target.orders.as_ref();
    let source = || orders.is_some_and(|orders| orders.sources.iter().any(|s| s.module == module));
    let watched = || target.events.watch.iter().any(|watched| watched == module);
    let named = || {
        target
            .events
            .platform_events
            .values()
            .any(|event| event.module == module)
    };
    mapped || source() || watched() || named()
}
