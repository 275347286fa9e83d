//! All of one item: what was set aside, why, and where a limit was met, which.

use counterpart_delivery::ports::{Parked, Parking};
use counterpart_domain::bounded;
use serde_json::{Value, json};

use super::find::{Meant, find, not_parked};
use super::list::{about, json_of};
use super::secrets;
use crate::output::{Answer, Refusal, printable};

/// The most that is shown of what was set aside, in characters; `--json` has all of it.
const LONGEST: usize = 20_000;

/// Each of them, in all these targets. A name that leads to nothing is told of, and the others are shown.
///
/// # Errors
/// When the store cannot be read, or none of the names leads to anything.
pub async fn show(
    store: &impl Parking,
    targets: &[String],
    names: &[String],
) -> Result<Answer, Refusal> {
    let (mut texts, mut all, mut none) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        match find(store, targets, name).await? {
            Meant::Nothing => none.push(not_parked(name, targets)),
            meant => {
                for item in meant.items() {
                    texts.push(describe(&item));
                    all.push(whole(&item));
                }
            }
        }
    }
    if all.is_empty()
        && let [one, ..] = none.as_slice()
    {
        return Err(one.clone());
    }
    texts.extend(none.iter().map(Refusal::text));
    all.extend(none.iter().map(Refusal::json));
    Ok(Answer {
        text: texts.join("\n\n"),
        json: Value::Array(all),
        well: none.is_empty(),
    })
}

/// One item, for programs.
fn whole(item: &Parked) -> Value {
    let mut json = json_of(item);
    let more = json!({"class": item.fault.class, "detail": item.fault.detail, "run": item.run,
                      "first_at": item.first_at, "payload": secrets::without(&item.payload)});
    if let (Value::Object(all), Value::Object(more)) = (&mut json, more) {
        all.extend(more);
    }
    json
}

fn describe(item: &Parked) -> String {
    let line = |name: &str, text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("  {name:<9} {}\n", printable(text))
        }
    };
    let mut text = format!("{} in {}\n", printable(&item.id), item.target);
    text.push_str(&line("of", &about(item)));
    text.push_str(&line("code", &item.fault.code));
    text.push_str(&line("why", &item.fault.message));
    text.push_str(&line("detail", &item.fault.detail));
    text.push_str(&line("run", item.run.as_deref().unwrap_or_default()));
    text.push_str(&line("first", &format!("{:.0}", item.first_at)));
    text.push_str(&line(
        "last",
        &format!("{:.0}, {} times in all", item.at, item.times),
    ));
    text.push_str(&set_aside(&item.payload));
    text.truncate(text.trim_end().len());
    text
}

/// What was set aside, as far as it is kept and may be seen.
fn set_aside(payload: &str) -> String {
    if payload.is_empty() {
        return "  what was set aside: nothing is kept of its content; look at the record where it came from\n".into();
    }
    let plain = secrets::without(payload);
    let whole = serde_json::from_str::<Value>(&plain)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_not_json| plain.replace('\r', ""));
    let length = whole.chars().count();
    let mut text = if length > LONGEST {
        format!(
            "  what was set aside (the first {LONGEST} of {length} characters; --json has all):\n"
        )
    } else {
        "  what was set aside:\n".into()
    };
    for line in bounded(whole, LONGEST).lines() {
        text.push_str(&format!("    {}\n", printable(line)));
    }
    text
}
