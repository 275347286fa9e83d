//! Which modules of a target somebody waits for.

use std::collections::BTreeSet;

use counterpart_config::{EntityConfig, OrderSource, OrdersConfig, RepDirection, TargetConfig};

/// Whether changes of a module are of use: it is mapped, an order's source, watched, or named by a platform event.
#[must_use]
pub fn knows(target: &TargetConfig, module: &str) -> bool {
    all(target).any(|known| known == module)
}

/// The name under which a module is known that a person wrote, perhaps in other letters.
#[must_use]
pub(super) fn known_as<'a>(target: &'a TargetConfig, module: &str) -> Option<&'a str> {
    let exact = all(target).find(|known| *known == module);
    exact.or_else(|| all(target).find(|known| known.eq_ignore_ascii_case(module)))
}

fn all(target: &TargetConfig) -> impl Iterator<Item = &str> {
    let mapped = target.entities.values();
    let mapped = mapped.map(|entity| entity.module.as_str());
    mapped.chain(sources(target)).chain(lines(target))
}

/// The source whose lines are the records of a module: a line is changed without its record, which then says nothing of it.
#[must_use]
pub(crate) fn source_of_lines<'a>(
    target: &'a TargetConfig,
    module: &str,
) -> Option<(&'a OrdersConfig, &'a OrderSource)> {
    let orders = target.orders.as_ref()?;
    let profile = target.crm.profile().source_of_lines(module)?;
    let source = orders.source(profile.module)?;
    let is_usual = Some(source.lines.relation.as_str()) == profile.relation;
    is_usual.then_some((orders, source))
}

/// The modules of the lines of all sources, where lines are records of their own.
fn lines(target: &TargetConfig) -> impl Iterator<Item = &str> {
    let sources = target.crm.profile().sources.iter();
    let modules = sources.filter_map(|source| source.line_module);
    modules.filter(|module| source_of_lines(target, module).is_some())
}

/// The modules whose changes are read by their stamps as well: all that the CRM is asked to tell of, and all from which
/// something goes to Sage.
#[must_use]
pub fn listened(target: &TargetConfig) -> BTreeSet<&str> {
    // Change events come of whatever objects the org's administrator chose.
    let tells_of_all = !target.events.organizations.is_empty();
    let mapped = target
        .entities
        .values()
        .filter(|entity| tells_of_all || goes_to_sage(entity))
        .map(|entity| entity.module.as_str());
    mapped.chain(sources(target)).chain(lines(target)).collect()
}

fn sources(target: &TargetConfig) -> impl Iterator<Item = &str> {
    let orders = target.orders.iter().flat_map(|orders| &orders.sources);
    let watched = target.events.watch.iter().map(String::as_str);
    let named = target.events.platform_events.values();
    orders
        .map(|source| source.module.as_str())
        .chain(watched)
        .chain(named.map(|event| event.module.as_str()))
}

fn goes_to_sage(entity: &EntityConfig) -> bool {
    let rep = entity.owner.as_ref().map(|owner| owner.direction);
    entity.to_sage.create.is_some()
        || !entity.to_sage.columns.is_empty()
        || rep.is_some_and(|direction| direction != RepDirection::SageToCrm)
}
