//! The template names entities by text: whether it knows all of them.

use std::collections::BTreeSet;

use counterpart_domain::Entity;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The names in the rows of the template's mapping `Entities`. That each row is polled is for `cargo xtask check`.
fn polled() -> BTreeSet<&'static str> {
    let (_, rows) = TEMPLATE.split_once("\n  Entities:\n").unwrap_or_default();
    let rows = rows.lines().take_while(|line| line.starts_with("    "));
    rows.filter_map(|row| row.split_once("{ name: ")?.1.split(',').next())
        .collect()
}

#[test]
fn every_entity_is_polled() {
    let all: BTreeSet<&str> = Entity::ALL.iter().map(|entity| entity.name()).collect();
    assert_eq!(polled(), all);
}
