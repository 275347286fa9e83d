//! `write`, `writers`, `transliterate` and `creations_per_hour` of a company.

use super::super::item::Item;
use super::super::section::Section;
use super::super::words;
use crate::{SageWay, SoapConfig};

const WAYS: &str =
    "Write \"agent\", \"none\", or { soap = { url = \"https://HOST/PATH\", secret = \"soap\" } }.";

/// The shortest text that a fault is told by, in characters.
const SHORTEST_TEXT: usize = 5;

/// `write = "agent"`, or `{ soap = … }`.
pub(in crate::read) fn way(section: &mut Section<'_>) -> SageWay {
    let Some(item) = section.get("write") else {
        return SageWay::None;
    };
    if item.is_table() {
        return soap(&item).map_or(SageWay::None, SageWay::Soap);
    }
    match item.text() {
        Some("agent") => SageWay::Agent,
        Some("none") | None => SageWay::None,
        Some("soap") => {
            item.report("The service's address is missing.", WAYS);
            SageWay::None
        }
        Some(other) => {
            item.report(format!("{other:?} is not known here."), WAYS);
            SageWay::None
        }
    }
}

/// How many write at once.
pub(in crate::read) fn writers(section: &mut Section<'_>) -> u32 {
    let given = section.get("writers").and_then(|item| item.whole(1, 20));
    given.unwrap_or(1)
}

/// How many records are created within an hour, at most.
pub(in crate::read) fn creations(section: &mut Section<'_>) -> u32 {
    let given = section
        .get("creations_per_hour")
        .and_then(|item| item.whole(1, 10_000));
    given.unwrap_or(100)
}

/// Whether letters that Sage does not have are written with others.
pub(in crate::read) fn transliterate(section: &mut Section<'_>) -> bool {
    let given = section.get("transliterate").and_then(|item| item.flag());
    given.unwrap_or(false)
}

fn soap(item: &Item<'_>) -> Option<SoapConfig> {
    let mut outer = item.table()?;
    let inner = outer.need("soap", WAYS).and_then(|item| item.table());
    outer.finish();
    let mut section = inner?;
    let url = section
        .need(
            "url",
            "Add the address of eBusiness Web Services: url = \"https://HOST/ebusinesswebservices/MasService.svc\".",
        )
        .and_then(|item| words::service_url(&item));
    let secret = words::secret(&mut section, "secret", "soap");
    let locked_texts = section.get("locked_texts").map(|item| fault_texts(&item));
    let busy_texts = section.get("busy_texts").map(|item| fault_texts(&item));
    section.finish();
    Some(SoapConfig {
        url: url?,
        secret,
        locked_texts,
        busy_texts,
    })
}

/// Parts of texts by which faults are told apart. A short one would be found in texts that mean something else.
fn fault_texts(item: &Item<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    for element in item.list().unwrap_or_default() {
        let Some(text) = element.filled() else {
            continue;
        };
        if text.trim().chars().count() < SHORTEST_TEXT {
            element.report(
                format!("{text:?} is too short to tell a fault by."),
                "Write more of the text that Sage 100 shows, at least 5 characters.",
            );
            continue;
        }
        texts.push(text.trim().to_owned());
    }
    texts
}
