//! `counterpart pause`, `resume` and `pauses`.

mod args;
mod render;
#[cfg(test)]
mod tests;

use counterpart_config::SyncConfig;
use counterpart_delivery::IntentKind;
use counterpart_delivery::pause::change::{self, Ended};
use counterpart_delivery::pause::{Pause, Pausing, Scope};
use counterpart_delivery::ports::{Clock, Ids, Settings};
use jiff::Timestamp;

use crate::output::{Answer, Refusal, Style};
use crate::status::{self, Paused};
use crate::who;

pub use args::{PAUSE_HELP, PauseArgs, PausesArgs, RESUME_HELP, ResumeArgs, ScopeArgs};

/// The longest reason.
const LONGEST_REASON: usize = 300;

/// Begins a pause.
///
/// # Errors
/// When what is named does not exist, the times make no sense, or the store cannot be written.
pub async fn begin(
    store: &impl Settings,
    clock: &(impl Clock + Ids),
    config: &SyncConfig,
    args: &PauseArgs,
) -> Result<Answer, Refusal> {
    let scope = scope(&args.scope)?.ok_or_else(|| {
        Refusal::new(
            "E_PAUSE_WHAT",
            "It is not said what is to be paused.",
            "Name --company, --target or --entity, or several of them; --all is everything.",
        )
    })?;
    known(&scope, config)?;
    let by = who::named(args.by.as_deref())?;
    let reason = args.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Refusal::new(
            "E_PAUSE_REASON",
            format!("A reason has 1 to {LONGEST_REASON} characters."),
            "Say it as you would to a colleague who finds the pause: --reason 'period end'.",
        ));
    }
    let until = until(args, clock.now())?;
    let pause = change::begin(store, clock, scope, &by, reason, until).await?;
    Ok(render::begun(&pause))
}

/// Ends a pause.
///
/// # Errors
/// When there is none that is meant, or more than one; or when the store cannot be written.
pub async fn end(
    store: &impl Settings,
    clock: &(impl Clock + Ids),
    config: &SyncConfig,
    args: &ResumeArgs,
) -> Result<Answer, Refusal> {
    let scope = scope(&args.scope)?;
    let by = who::named(args.by.as_deref())?;
    let ended = match (&args.id, &scope) {
        (Some(id), _) => change::end(store, clock, &by, |pause| pause.id == *id).await?,
        (None, Some(scope)) => {
            change::end(store, clock, &by, |pause| pause.scope == *scope).await?
        }
        (None, None) => {
            return Err(Refusal::new(
                "E_PAUSE_WHAT",
                "It is not said what is to be resumed.",
                "Name what `counterpart pause` named, or the pause's id; `counterpart pauses` shows both.",
            ));
        }
    };
    let pauses = store.pauses().await?;
    let pausing = Pausing {
        pauses: &pauses,
        config,
        now: clock.now(),
    };
    match ended {
        Ended::This(pause) => Ok(render::ended(&pause, &pausing)),
        Ended::None => Err(Refusal::new(
            "E_NOT_PAUSED",
            "Nobody paused that, or it is over.",
            render::what_is_on(&pausing),
        )),
        Ended::Several(several) => Err(Refusal::new(
            "E_PAUSES_SEVERAL",
            "More than one pause names that; nothing was ended.",
            render::by_id(&several),
        )),
    }
}

pub(crate) use render::what_is_on;

/// What is paused, and what was done before.
///
/// # Errors
/// When the store cannot be read.
pub async fn show(
    store: &impl Settings,
    clock: &impl Clock,
    config: &SyncConfig,
    limit: usize,
    style: Style,
) -> Result<Answer, Refusal> {
    let pauses = store.pauses().await?;
    let notes = store.pause_notes(limit).await?;
    let pausing = Pausing {
        pauses: &pauses,
        config,
        now: clock.now(),
    };
    Ok(render::all(&pausing, &notes, style))
}

/// What stands still now, for the status.
#[must_use]
pub fn stands_still(pausing: &Pausing<'_>) -> Paused {
    let on = || pausing.pauses.on(pausing.now);
    let forgotten = on().filter(|pause| pause.is_forgotten(pausing.now));
    Paused {
        lines: render::on_now(pausing),
        pauses: on().map(render::json_of).collect(),
        quiet: render::quiet_json(pausing),
        forgotten: forgotten.map(in_words).collect(),
    }
}

/// What is named; none: nothing.
fn scope(args: &ScopeArgs) -> Result<Option<Scope>, Refusal> {
    let scope = Scope {
        company: args.company.clone(),
        target: args.target.clone(),
        kind: args.entity,
    };
    if let (Some(target), Some(IntentKind::Record(of))) = (&scope.target, scope.kind)
        && !of.goes_to_crm()
    {
        return Err(Refusal::new(
            "E_PAUSE_NOTHING",
            format!(
                "{}s go to no target: a pause of them in {target} would stop nothing.",
                of.name()
            ),
            "Leave --target out: their reading from Sage 100 is paused.",
        ));
    }
    Ok((args.all || !scope.is_everything()).then_some(scope))
}

/// Refuses what is not in the configuration: a pause that stops nothing would be believed.
fn known(scope: &Scope, config: &SyncConfig) -> Result<(), Refusal> {
    let unknown = |what: &str, name: &str, known: Vec<String>| {
        Err(Refusal::new(
            "E_UNKNOWN",
            format!("There is no {what} {name} in the sync.toml in force."),
            format!("There is: {}.", known.join(", ")),
        ))
    };
    if let Some(company) = &scope.company
        && !config.companies.contains_key(company)
    {
        let known = config.companies.keys().map(ToString::to_string);
        return unknown("company", company.as_str(), known.collect());
    }
    if let Some(target) = &scope.target
        && !config.targets.contains_key(target)
    {
        let known = config.targets.keys().map(ToString::to_string);
        return unknown("target", target.as_str(), known.collect());
    }
    let targets = config.targets.iter();
    let mut targets = targets.filter(|(name, target)| {
        scope.target.as_ref().is_none_or(|only| only == *name)
            && scope
                .company
                .as_ref()
                .is_none_or(|only| target.companies.contains(only))
    });
    let is_there = match scope.kind {
        None => scope.company.is_none() || scope.target.is_none() || targets.next().is_some(),
        Some(IntentKind::Record(of)) if !of.goes_to_crm() => true,
        Some(IntentKind::Order) => targets.any(|(_, target)| target.orders.is_some()),
        Some(IntentKind::Record(of)) => {
            targets.any(|(_, target)| target.entities.contains_key(&of))
        }
    };
    if is_there {
        return Ok(());
    }
    Err(Refusal::new(
        "E_PAUSE_NOTHING",
        format!("Nothing of the sync.toml in force is about {scope}: a pause would stop nothing."),
        "Look at which companies and entities the targets have there.",
    ))
}

fn until(args: &PauseArgs, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let wrong = |text: &str| {
        Refusal::new(
            "E_PAUSE_END",
            format!("{text:?} is no time after now."),
            "Write --for 45m, 2h or 3d, or --until 2026-12-01T06:00:00-06:00 with its offset from UTC.",
        )
    };
    let end = match (&args.until, &args.lasts) {
        (Some(text), _) => (text, text.parse::<Timestamp>().ok()),
        (None, Some(text)) => {
            let end = status::span(text).and_then(|span| now.checked_add(span).ok());
            (text, end)
        }
        (None, None) => return Ok(None),
    };
    match end {
        (_, Some(end)) if end > now => Ok(Some(end)),
        (text, _) => Err(wrong(text)),
    }
}

/// A line of a pause: what, since when, until when, who, why.
fn in_words(pause: &Pause) -> String {
    let until = pause.until.map_or_else(
        || "until somebody resumes it".to_owned(),
        |until| format!("until {until:.0}"),
    );
    format!(
        "{} since {:.0}, {until}, by {}: {} (id {})",
        pause.scope, pause.since, pause.by, pause.reason, pause.id
    )
}
