//! `[companies.ABC]`.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::item::Item;
use super::section::Section;
use super::{quiet, sale, words};
use crate::CompanyConfig;

pub(super) fn read(mut section: Section<'_>) -> CompanyConfig {
    let agent_url = section
        .need(
            "agent_url",
            "Add the address of the Sage agent: agent_url = \"https://HOST:PORT\".",
        )
        .and_then(|item| words::base_url(&item))
        .unwrap_or_default();
    let page_size = section
        .get("page_size")
        .and_then(|item| item.whole(1, 1000));
    let overlap = span(
        &mut section,
        "overlap",
        "1m",
        "168h",
        SignedDuration::from_hours(2),
    );
    let wide_overlap = span(
        &mut section,
        "wide_overlap",
        "1m",
        "744h",
        SignedDuration::from_hours(25),
    );
    if wide_overlap < overlap {
        section.report(
            "`wide_overlap` is shorter than `overlap`.",
            "Make it the longer one; 25h reaches over a day and a clock change.",
        );
    }
    let config = CompanyConfig {
        agent_url,
        agent_secret: words::secret(&mut section, "agent_secret", "agent"),
        hint_secret: words::secret(&mut section, "hint_secret", "hint"),
        page_size: page_size.unwrap_or(500),
        overlap,
        wide_overlap,
        wide_every: span(
            &mut section,
            "wide_every",
            "1h",
            "168h",
            SignedDuration::from_hours(24),
        ),
        lag: span(
            &mut section,
            "lag",
            "0s",
            "1h",
            SignedDuration::from_secs(30),
        ),
        time_zone: section.get("time_zone").and_then(|item| zone(&item)),
        write: sale::way(&mut section),
        writers: sale::writers(&mut section),
        transliterate: sale::transliterate(&mut section),
        creations_per_hour: sale::creations(&mut section),
        quiet: quiet::read(&mut section),
    };
    section.gone(
        "every",
        "Take it out: how often is polled is said by the schedules of the deployment.",
    );
    section.finish();
    config
}

fn zone(item: &Item<'_>) -> Option<TimeZone> {
    let name = item.filled()?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        item.report(
            format!("{name:?} is no time zone."),
            "Write its IANA name, such as \"America/Chicago\".",
        );
    }
    zone
}

fn span(
    section: &mut Section<'_>,
    name: &'static str,
    least: &str,
    most: &str,
    usual: SignedDuration,
) -> SignedDuration {
    let given = section
        .get(name)
        .and_then(|item| item.duration(least, most));
    given.unwrap_or(usual)
}
