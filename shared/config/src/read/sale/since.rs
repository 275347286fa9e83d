//! `since`, of orders and of `create_in_sage`.

use super::super::item::Item;
use super::super::section::Section;
use crate::Since;

const FORMS: &str = "Write a day, since = 2026-12-01, or a moment with its offset, since = 2026-12-01T08:00:00-05:00.";

/// The moment from which on records count. Nothing is put in force without it; what was before there was such a setting is
/// read all the same.
pub(super) fn read(section: &mut Section<'_>, remedy: &str) -> Option<Since> {
    let item = section.need_to_push("since", remedy)?;
    let since = text(&item).as_deref().and_then(Since::parse);
    if since.is_none() {
        item.report(
            "This is neither a day nor a moment with an offset to UTC.",
            FORMS,
        );
    }
    since
}

/// With or without quotes.
fn text(item: &Item<'_>) -> Option<String> {
    let value = item.value();
    let bare = value.as_datetime().map(ToString::to_string);
    bare.or_else(|| value.as_str().map(str::to_owned))
}
