//! `quiet = [{ days = "mon-fri", from = "18:00", to = "06:00", zone = "America/Chicago" }]`.

use counterpart_domain::TargetName;
use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::{self, TimeZone};

use super::item::Item;
use super::section::Section;
use super::suggest;
use crate::quiet::leave_no_time;
use crate::{QuietWindow, SyncConfig};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
/// The end of a day, where a window lasts to it.
const MIDNIGHT: &str = "24:00";

/// What is said where windows leave no time.
const REMEDY: &str =
    "Leave some time free; `counterpart pause` stops everything until somebody resumes it.";

/// The windows of a table.
pub(super) fn read(section: &mut Section<'_>) -> Vec<QuietWindow> {
    let Some(item) = section.get("quiet") else {
        return Vec::new();
    };
    let windows = item.list().unwrap_or_default();
    let windows: Vec<QuietWindow> = windows
        .iter()
        .filter_map(|window| self::window(window.table()?))
        .collect();
    if never(&windows) {
        item.report(
            "These windows leave no time at all: nothing would ever be done.",
            REMEDY,
        );
    }
    windows
}

/// Any week does: what is left free for an hour in one of them by the clocks alone is no plan.
fn never(windows: &[QuietWindow]) -> bool {
    leave_no_time(windows, Timestamp::UNIX_EPOCH)
}

/// Work stands still in the windows of its company, of its target and of its table there: together they have to leave time, too.
pub(super) fn check(targets: &Section<'_>, config: &SyncConfig) {
    for item in targets.entries() {
        let target = TargetName::new(item.name()).and_then(|name| config.targets.get(&name));
        let Some(target) = target else {
            continue;
        };
        let tables = target.entities.iter();
        let tables = tables.map(|(of, table)| (of.to_string(), &table.quiet));
        let orders = target.orders.iter();
        let orders = orders.map(|orders| ("order".to_owned(), &orders.quiet));
        let tables: Vec<(String, &Vec<QuietWindow>)> = tables.chain(orders).collect();
        let here = config.companies.iter();
        for (company, settings) in here.filter(|(company, _)| target.companies.contains(company)) {
            let outer = [settings.quiet.as_slice(), &target.quiet];
            // What one table leaves no time for by itself is said there.
            if outer.iter().any(|windows| never(windows)) {
                continue;
            }
            let outer = outer.concat();
            if never(&outer) {
                let what = format!(
                    "Its quiet windows and those of company {company} leave no time at all."
                );
                item.report(what, REMEDY);
                continue;
            }
            for (table, windows) in &tables {
                if !windows.is_empty()
                    && !never(windows)
                    && never(&[&outer, windows.as_slice()].concat())
                {
                    let what = format!(
                        "The quiet windows of its table {table}, its own and those of company {company} leave no time at all."
                    );
                    item.report(what, REMEDY);
                }
            }
        }
    }
}

fn window(mut section: Section<'_>) -> Option<QuietWindow> {
    let days = match section.get("days") {
        Some(item) => days(&item),
        None => Some(DAYS.map(|(_, day)| day).to_vec()),
    };
    let from = section.need("from", "Add when it begins, such as from = \"18:00\".");
    let to = section.need("to", "Add when it ends, such as to = \"06:00\".");
    let zone = section.need(
        "zone",
        "Add the time zone of the place, such as zone = \"America/Chicago\".",
    );
    let zone = zone.and_then(|item| self::zone(&item));
    let begin = from.as_ref().and_then(|item| time(item, false));
    let end = to.as_ref().and_then(|item| time(item, true));
    if let (Some(from), Some(to)) = (&from, &to)
        && from.text().is_some()
        && from.text() == to.text()
    {
        to.report(
            "It ends when it begins.",
            "Write another time; a whole day is from = \"00:00\", to = \"24:00\".",
        );
    }
    section.finish();
    Some(QuietWindow {
        days: days?,
        from: begin?,
        to: end?,
        zone: zone?,
    })
}

/// `mon-fri`, `sat,sun`, `mon,wed-fri`.
fn days(item: &Item<'_>) -> Option<Vec<Weekday>> {
    let text = item.filled()?;
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(item, first)?, day(item, last)?);
        // A range may go over the end of the week.
        let length = first.until(last);
        days.extend((0..=length).map(|on| first.wrapping_add(on)));
    }
    Some(days)
}

fn day(item: &Item<'_>, name: &str) -> Option<Weekday> {
    let name = name.trim();
    let found = DAYS.iter().find(|(day, _)| day.eq_ignore_ascii_case(name));
    if found.is_none() {
        let remedy = "Write days such as \"mon-fri\" or \"sat,sun\".";
        item.report(format!("{name:?} is no day of the week."), remedy);
    }
    found.map(|(_, day)| *day)
}

fn time(item: &Item<'_>, is_end: bool) -> Option<Time> {
    let text = item.filled()?;
    if is_end && text == MIDNIGHT {
        return Some(Time::midnight());
    }
    let parts = text.split_once(':').filter(|(hours, minutes)| {
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits(hours) && digits(minutes)
    });
    let time = parts.and_then(|(hours, minutes)| {
        Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
    });
    if time.is_none() {
        item.report(
            format!("{text:?} is no time of day."),
            "Write hours and minutes of the 24-hour clock, such as \"06:00\" or \"18:30\".",
        );
    }
    time
}

fn zone(item: &Item<'_>) -> Option<TimeZone> {
    let text = item.filled()?;
    let zone = TimeZone::get(text).ok();
    if zone.is_none() {
        let names: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
        let near = suggest::nearest(text, names.iter().map(String::as_str));
        let remedy = near.map_or_else(
            || "Write a name of the IANA time zone database, such as \"America/Chicago\" or \"UTC\".".to_owned(),
            |near| format!("Did you mean `{near}`?"),
        );
        item.report(format!("{text:?} is no time zone."), remedy);
    }
    zone
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Company, Entity};

    use super::*;
    use crate::testing::findings;

    fn with(of: &str, quiet: &str) -> String {
        SyncConfig::DEFAULT.replacen(of, &format!("{of}\nquiet = {quiet}"), 1)
    }

    #[test]
    fn windows_are_read_wherever_they_may_stand() {
        let window =
            r#"[{ days = "Fri-mon, wed", from = "22:30", to = "24:00", zone = "Europe/Berlin" }]"#;
        let (abc, zoho) = (
            Company::new("ABC").unwrap(),
            TargetName::new("zoho").unwrap(),
        );
        let read = |of| SyncConfig::parse(&with(of, window)).unwrap();
        let company = &read("[companies.ABC]").companies[&abc];
        let days = [
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
            Weekday::Monday,
            Weekday::Wednesday,
        ];
        let wanted = [QuietWindow {
            days: days.to_vec(),
            from: jiff::civil::time(22, 30, 0, 0),
            to: Time::midnight(),
            zone: TimeZone::get("Europe/Berlin").unwrap(),
        }];
        assert_eq!(company.quiet, wanted);
        assert_eq!(read("[targets.zoho]").targets[&zoho].quiet, wanted);
        let config = read("[targets.zoho.contact]");
        let contact = &config.targets[&zoho].entities[&Entity::CONTACT];
        assert_eq!(contact.quiet, wanted);
        // When something is written changes nothing of what is.
        let usual = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
        let usual = &usual.targets[&zoho].entities[&Entity::CONTACT];
        assert_eq!(contact.version, usual.version);
    }

    #[test]
    fn what_is_wrong_with_a_window_is_said() {
        let said = |quiet: &str| {
            let found = findings(&with("[companies.ABC]", quiet));
            let found = found
                .into_iter()
                .map(|one| format!("{} {}", one.message, one.remedy));
            found.collect::<Vec<_>>()
        };
        let day = r#"from = "06:00", to = "18:00""#;
        for (quiet, text) in [
            (
                format!("[{{ {day}, zone = \"America/Chicgo\" }}]"),
                "`America/Chicago`?",
            ),
            (format!("[{{ {day}, zone = \"CSTT-99\" }}]"), "no time zone"),
            (format!("[{{ {day} }}]"), "`zone` is missing"),
            (
                format!("[{{ days = \"mon-day\", {day}, zone = \"UTC\" }}]"),
                "no day of the week",
            ),
            (
                r#"[{ from = "6:00", to = "18:00", zone = "UTC" }]"#.to_owned(),
                "no time of day",
            ),
            (
                r#"[{ from = "24:00", to = "18:00", zone = "UTC" }]"#.to_owned(),
                "no time of day",
            ),
            (
                r#"[{ from = "06:00", to = "06:00", zone = "UTC" }]"#.to_owned(),
                "ends when it begins",
            ),
            (
                format!("[{{ {day}, zone = \"UTC\", until = \"never\" }}]"),
                "not known here",
            ),
            (
                format!(
                    r#"[{{ {day}, zone = "UTC" }}, {{ from = "17:00", to = "07:00", zone = "UTC" }}]"#
                ),
                "leave no time at all",
            ),
            ("\"at night\"".to_owned(), "a list"),
        ] {
            let found = said(&quiet);
            assert!(
                found.iter().any(|one| one.contains(text)),
                "{quiet}: {found:?}"
            );
        }
        // Every day at every time is said once.
        let whole = r#"[{ from = "00:00", to = "24:00", zone = "UTC" }]"#;
        assert_eq!(said(whole).len(), 1);
    }

    #[test]
    fn windows_of_several_tables_leave_time_together() {
        let window = |from: &str, to: &str| {
            format!("\nquiet = [{{ from = \"{from}\", to = \"{to}\", zone = \"UTC\" }}]")
        };
        let found = |parts: &[(&str, &str, &str)]| {
            let mut text = SyncConfig::DEFAULT.to_owned();
            for (of, from, to) in parts {
                text = text.replacen(of, &format!("{of}{}", window(from, to)), 1);
            }
            assert!(
                SyncConfig::stored(&text).is_ok(),
                "what is in force goes on"
            );
            let found = SyncConfig::parse(&text)
                .err()
                .unwrap_or_default()
                .into_iter();
            found.map(|one| (one.path, one.message)).collect::<Vec<_>>()
        };
        let (company, target, contact) = (
            ("[companies.ABC]", "06:00", "18:00"),
            ("[targets.zoho]", "18:00", "06:00"),
            ("[targets.zoho.contact]", "18:00", "06:00"),
        );
        for (parts, says) in [
            (
                [company, target].as_slice(),
                "those of company ABC leave no",
            ),
            (&[company, contact], "table contact"),
            (&[company, target, contact], "those of company ABC leave no"),
        ] {
            let found = found(parts);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].0, "targets.zoho");
            assert!(found[0].1.contains(says), "{found:?}");
        }
        let target = ("[targets.zoho]", "18:00", "05:59");
        assert_eq!(found(&[company, target]), []);
        assert_eq!(found(&[target, contact]), []);
    }

    #[test]
    fn a_company_that_does_not_go_to_a_target_says_nothing_of_it() {
        let text = SyncConfig::DEFAULT.replacen(
            "[targets.zoho]",
            "[companies.XYZ]\nagent_url = \"https://agent2.example.com\"\nquiet = [{ from = \"06:00\", to = \"18:00\", zone = \"UTC\" }]\n\n[targets.zoho]\nquiet = [{ from = \"18:00\", to = \"06:00\", zone = \"UTC\" }]",
            1,
        );
        let found = SyncConfig::parse(&text).err().unwrap_or_default();
        let found: Vec<_> = found
            .into_iter()
            .map(|one| (one.path, one.message))
            .collect();
        assert_eq!(found, []);
    }
}
