//! One CRM org, tried with its credentials. It reads only.

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_delivery::ingress::listened;
use counterpart_delivery::ports::{Clock, Crm, CrmMetadata, CrmOrg, CrmRelays};
use counterpart_domain::reconcile::{CreateInCrm, UpdateInCrm};
use counterpart_domain::{Entity, Fault, SageKey, TargetName};
use futures_util::future::{join, join_all};
use jiff::Timestamp;

use super::probe::{Found, MOST_SKEW_SECONDS, Probe, State, Subject};
use super::{orders, relay};

/// The share of a budget, in percent, from which it is worth a word.
const BUDGET_WARNING: u64 = 80;

/// Everything about one target.
pub(super) async fn probes<C: Crm + CrmMetadata + CrmRelays>(
    name: &TargetName,
    target: &TargetConfig,
    crm: &C,
    clock: &impl Clock,
) -> Vec<Probe> {
    let subject = Subject::new("crm", name);
    let mut org = None;
    let connection = subject.probe("connection", async {
        let found = crm.org().await?;
        let said = connected(target, &found);
        org = Some((found, clock.now()));
        Ok(said)
    });
    let connection = connection.await;
    let reached = matches!(connection.state, State::Well | State::Doubtful);
    let mut probes = vec![connection];
    let Some((org, asked_at)) = org.filter(|_| reached) else {
        probes.push(subject.skipped("rights", "A token and an answer are needed first."));
        return probes;
    };
    if hears(target) {
        let work = async { Ok(ours(target, &org)) };
        probes.push(subject.probe("integration user", work).await);
    }
    if let Some(time) = org.server_time {
        probes.push(
            subject
                .probe("clock", async { Ok(skew(time, asked_at)) })
                .await,
        );
    }
    if let Some(budget) = org.budget {
        let work = async {
            let left = budget.allowed.saturating_sub(budget.used);
            let found = format!(
                "{left} of {} calls or credits are left in this window",
                budget.allowed
            );
            let spent =
                budget.used.saturating_mul(100) >= budget.allowed.saturating_mul(BUDGET_WARNING);
            Ok(if spent {
                Found::Doubtful(
                    found,
                    "Work waits when none are left: look at what else uses the org's API.".into(),
                )
            } else {
                Found::Well(found)
            })
        };
        probes.push(subject.probe("budget", work).await);
    }
    let users = subject.probe("users", async {
        let users = crm.users().await?;
        Ok(Found::Well(format!("{} active users", users.len())))
    });
    let entities = join_all(target.entities.iter().map(async |(entity, config)| {
        let module = subject.probe(format!("{entity} rights"), rights(crm, target, config));
        let query = subject.probe(
            format!("{entity} query"),
            query(crm, target, *entity, config),
        );
        let (module, query) = join(module, query).await;
        [module, query]
    }));
    let (users, entities) = join(users, entities).await;
    probes.push(users);
    probes.extend(entities.into_iter().flatten());
    probes.extend(orders::probes(&subject, name, target, crm).await);
    probes.extend(relay::probes(&subject, target, crm).await);
    probes
}

fn connected(target: &TargetConfig, org: &CrmOrg) -> Found {
    let version = target.crm.described();
    if org.id.is_empty() {
        return Found::Doubtful(
            format!(
                "{version}, as {} ({}); the org itself is not shown",
                org.user_name, org.user_id
            ),
            target.crm.profile().org_right.into(),
        );
    }
    Found::Well(format!(
        "{version}: {} ({}), as {} ({})",
        org.name, org.id, org.user_name, org.user_id
    ))
}

/// Whether the CRM tells us of anything.
pub(super) fn hears(target: &TargetConfig) -> bool {
    !listened(target).is_empty() || target.events.notify_url.is_some()
}

/// Whether `integration_user` is the user that we are: by it our own writes are told from other people's.
fn ours(target: &TargetConfig, org: &CrmOrg) -> Found {
    let is = &org.user_id;
    match &target.events.integration_user {
        Some(user) if same_user(&user.0, &is.0) => Found::Well(format!("{is}, as sync.toml says")),
        Some(user) => Found::Wrong(
            "E_INTEGRATION_USER",
            format!("sync.toml says {user}, and we are {is} ({})", org.user_name),
            format!(
                "Write integration_user = \"{is}\": otherwise what {user} changes may be taken for our own."
            ),
        ),
        None => Found::Doubtful(
            "integration_user is not set: whatever we write ourselves is read again, one by one"
                .into(),
            format!("Write integration_user = \"{is}\" into [targets.X.events]."),
        ),
    }
}

/// Ids of one user; Salesforce writes them with 15 or 18 characters.
fn same_user(one: &str, other: &str) -> bool {
    let short = |id: &str| id.get(..15).map(str::to_owned);
    one == other || (one.len().min(other.len()) == 15 && short(one) == short(other))
}

fn skew(theirs: Timestamp, ours: Timestamp) -> Found {
    let skew = theirs.duration_since(ours).as_secs();
    if skew.abs() <= MOST_SKEW_SECONDS {
        return Found::Well(format!("{} s apart", skew.abs()));
    }
    let direction = if skew > 0 { "behind" } else { "ahead of" };
    Found::Doubtful(
        format!("this machine's clock is {} seconds {direction} the CRM's", skew.abs()),
        "Set this machine's clock by a time server; tokens that are signed with a time may be refused.".into(),
    )
}

/// The module's rights, and its key field.
async fn rights<C: CrmMetadata>(
    crm: &C,
    target: &TargetConfig,
    config: &EntityConfig,
) -> Result<Found, Fault> {
    let name = &config.module;
    let Some(module) = crm.describe(name).await? else {
        return Ok(Found::Wrong(
            "E_CRM_MODULE_INVALID",
            format!("there is no module {name}, or it is not shown to us"),
            "Check `module` in sync.toml, and the rights of the integration user.".into(),
        ));
    };
    // Only what the configuration does is asked for.
    let creates = config.policy.create == CreateInCrm::Always;
    let updates = config.policy.update != UpdateInCrm::Never;
    let lacking: Vec<&str> = [
        (creates && !module.createable, "create"),
        (updates && !module.updateable, "change"),
    ]
    .into_iter()
    .filter_map(|(lacks, doing)| lacks.then_some(doing))
    .collect();
    if !lacking.is_empty() {
        return Ok(Found::Wrong(
            "E_CRM_PERMISSION",
            format!("{name}: we may not {} records", lacking.join(" or ")),
            "Give the integration user's profile that right.".into(),
        ));
    }
    let key = module
        .fields
        .iter()
        .find(|field| field.name == config.key_field);
    let marks = target.crm.profile().key.unique;
    Ok(match key {
        Some(key) if key.unique && key.upsert_key && key.createable => Found::Well(format!(
            "{name}: {}; {} is the key, unique",
            match (creates, updates) {
                (true, true) => "create and change",
                (true, false) => "create",
                (false, true) => "change",
                (false, false) => "read",
            },
            key.name
        )),
        Some(key) => Found::Wrong(
            "E_CRM_KEY_FIELD",
            format!("{name}.{} cannot serve as the key", key.name),
            format!("Mark it {marks}, and let the integration user write it."),
        ),
        None => Found::Wrong(
            "E_CRM_KEY_FIELD",
            format!("{name} has no field {} that we can see", config.key_field),
            format!("Create it as a text field marked {marks}."),
        ),
    })
}

/// A key that nobody has: `00-COUNTERPART-DOCTOR`, `00-COUNTERPART-DOCTOR/NOBODY`.
fn nobody(entity: Entity) -> String {
    let shape = &entity.spec().key;
    let mut names = ["COUNTERPART-DOCTOR", "NOBODY"].into_iter();
    let parts = shape.parts.iter().map(|part| {
        if part.fixed {
            return "0".repeat(part.longest as usize);
        }
        names.next().unwrap_or("NOBODY").to_owned()
    });
    shape.join(parts)
}

/// A query by a key that nobody has: it proves the right to read.
async fn query<C: Crm>(
    crm: &C,
    target: &TargetConfig,
    entity: Entity,
    config: &EntityConfig,
) -> Result<Found, Fault> {
    let company = target.companies.first();
    let key = company.and_then(|company| SageKey::new(company, entity, &nobody(entity)).ok());
    let Some(key) = key else {
        return Ok(Found::Doubtful(
            "no company goes there".into(),
            "Name one in `companies`.".into(),
        ));
    };
    crm.read(&config.module, &config.key_field, &[key], &[])
        .await?;
    Ok(Found::Well(format!(
        "{} can be read by {}",
        config.module, config.key_field
    )))
}
