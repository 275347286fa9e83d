//! Who may change a field: `owner`, `on_conflict`, `foreign_edit`.

use counterpart_domain::reconcile::{FieldOwner, FieldRule, ForeignEdit, OnConflict};

use super::section::Section;
use crate::FieldMap;

/// What to do with an edit on the side that does not own the field.
pub(super) const FOREIGN_EDIT: [(&str, ForeignEdit); 2] = [
    ("revert", ForeignEdit::Revert),
    ("report", ForeignEdit::Report),
];

/// Reads the rule of one field; `usual` is the entity's.
pub(super) fn read(section: &mut Section<'_>, usual: FieldRule, map: &FieldMap) -> FieldRule {
    let owners = [
        ("sage", FieldOwner::Sage),
        ("crm", FieldOwner::Crm),
        ("both", FieldOwner::Both),
    ];
    let conflicts = [
        ("sage", OnConflict::Sage),
        ("crm", OnConflict::Crm),
        ("latest", OnConflict::Latest),
        ("park", OnConflict::Park),
    ];
    let owner = section
        .get("owner")
        .and_then(|item| item.word(&owners))
        .unwrap_or(usual.owner);
    let conflict = section.get("on_conflict");
    let foreign = section.get("foreign_edit");
    if owner != FieldOwner::Both
        && let Some(item) = &conflict
    {
        item.report(
            "`on_conflict` has no effect on a field with one owner.",
            "Take it out, or set owner = \"both\".",
        );
    }
    if owner == FieldOwner::Both
        && let Some(item) = &foreign
    {
        item.report(
            "`foreign_edit` has no effect on a field that both own.",
            "Take it out, or name one owner.",
        );
    }
    FieldRule {
        owner,
        on_conflict: conflict
            .and_then(|item| item.word(&conflicts))
            .unwrap_or(usual.on_conflict),
        foreign_edit: foreign
            .and_then(|item| item.word(&FOREIGN_EDIT))
            .unwrap_or(usual.foreign_edit),
        crm_length: map.length,
        sage_length: None,
    }
}
