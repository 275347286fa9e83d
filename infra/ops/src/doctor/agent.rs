//! The basics of the agent's contract, tried on a living agent. It reads only, and little; what writes stands in `sales`.

use counterpart_delivery::ports::{Clock, Page, Sage as _, Window};
use counterpart_domain::{Company, Entity, Fault, Stamp};
use counterpart_sage100::{AgentCapabilities, AgentClient};
use jiff::Timestamp;

use super::probe::{Found, MOST_SKEW_SECONDS, Probe, State, Subject};

/// Records of a page that is only looked at.
const FEW: u32 = 5;
/// Records of the range whose digest is counted.
const RANGE: u32 = 50;

/// An agent to be tried.
pub(super) struct Patient<'a, C> {
    /// With the right token.
    pub(super) agent: &'a AgentClient<C>,
    /// The same agent, with a wrong one.
    pub(super) stranger: Option<&'a AgentClient<C>>,
    /// Our clock.
    pub(super) clock: &'a C,
    /// The columns of orders that hold the mark: targets may have one each.
    pub(super) columns: &'a [String],
}

impl<C: Clock> Patient<'_, C> {
    /// Everything about one company.
    pub(super) async fn probes(&self, company: &Company) -> Vec<Probe> {
        let subject = Subject::new("sage", company);
        let health = subject.probe("health", async {
            let health = self.agent.health().await?;
            Ok(Found::Well(format!(
                "agent {}, contract {}, {}",
                health.agent_version, health.contract_version, health.status
            )))
        });
        let health = health.await;
        let reached = health.state == State::Well;
        let mut probes = vec![health];
        if !reached {
            probes.push(subject.skipped("contract", "The agent has to be reached first."));
            return probes;
        }
        let mut served = None;
        probes.push(
            subject
                .probe("capabilities", async {
                    let capabilities = self.agent.capabilities().await?;
                    let found = told(&capabilities, company);
                    served = Some(capabilities);
                    Ok(found)
                })
                .await,
        );
        let Some(served) = served else {
            probes.push(subject.skipped("contract", "The token has to be accepted first."));
            return probes;
        };
        probes.extend(self.refusals(&subject, &served, company).await);
        for entity in Entity::ALL {
            let here = served.companies.iter().find(|one| one.code == *company);
            if here.is_some_and(|here| here.entities.contains_key(entity.plural())) {
                probes.push(self.feed(&subject, &served, company, entity).await);
                probes.push(self.digests(&subject, company, entity).await);
            }
        }
        probes.extend(self.questions(&subject, &served, company).await);
        probes.extend(self.of_itself(&subject, &served, company).await);
        probes
    }

    /// What has to be refused.
    async fn refusals(
        &self,
        subject: &Subject,
        served: &AgentCapabilities,
        company: &Company,
    ) -> Vec<Probe> {
        let mut probes = Vec::new();
        if let Some(stranger) = self.stranger {
            let work = async {
                Ok(expected(
                    stranger.capabilities().await.map(|_| ()),
                    "E_SAGE_UNAUTHORIZED",
                    "a wrong token",
                    "401",
                ))
            };
            probes.push(subject.probe("a wrong token is refused", work).await);
        }
        let unknown = unknown_company(served, company);
        if let Some(unknown) = unknown {
            let work = async {
                let window = window(None, None, FEW);
                let answer = self
                    .agent
                    .changes(&unknown, Entity::CUSTOMER, &window)
                    .await;
                Ok(expected(
                    answer.map(|_| ()),
                    "E_SAGE_UNKNOWN_COMPANY",
                    "a company that it does not serve",
                    "404 and E_UNKNOWN_COMPANY",
                ))
            };
            probes.push(subject.probe("an unknown company is refused", work).await);
        }
        probes
    }

    /// The change feed: readable, in order (the client refuses a page that is not), resumable, each read later than the
    /// one before; and the clocks.
    async fn feed(
        &self,
        subject: &Subject,
        served: &AgentCapabilities,
        company: &Company,
        entity: Entity,
    ) -> Probe {
        let work = async {
            let first = self
                .agent
                .changes(company, entity, &window(None, None, FEW))
                .await?;
            let to = first.server_time.wall;
            let again = self
                .agent
                .changes(company, entity, &window(Some(to), None, FEW))
                .await?;
            if again.as_of <= first.as_of {
                return Ok(broken(
                    "E_AGENT_AS_OF",
                    "the as-of does not rise from one read to the next",
                    "The agent has to take it from a counter that survives a restart, before it reads.",
                ));
            }
            if let Some(next) = again.next.as_deref() {
                let second = window(Some(to), Some(next), FEW);
                let second = self.agent.changes(company, entity, &second).await?;
                if !follows(&again, &second) {
                    return Ok(broken(
                        "E_AGENT_POSITION",
                        "the second page does not begin behind the first",
                        "`after` has to go on behind the last (stamp, key) of the page before.",
                    ));
                }
            }
            Ok(clocks(&first, served, self.clock.now(), entity))
        };
        subject
            .probe(format!("{} in order", entity.plural()), work)
            .await
    }

    /// The first range's digest counts what the list of keys holds.
    async fn digests(&self, subject: &Subject, company: &Company, entity: Entity) -> Probe {
        let work = async {
            let digests = self.agent.digests(company, entity, RANGE, None).await?;
            let Some(range) = digests.ranges.first() else {
                return Ok(Found::Well("no records yet".into()));
            };
            let keys = self.agent.keys(company, entity, 1000, None).await?.keys;
            let at = |key| keys.iter().position(|one| one == key);
            let counted = at(&range.first)
                .zip(at(&range.last))
                .map(|(first, last)| last + 1 - first.min(last));
            Ok(match counted {
                Some(counted) if counted as u64 == range.count => Found::Well(format!(
                    "the first range holds {counted} keys, as the list does"
                )),
                // Records may come and go between the two calls.
                Some(counted) => Found::Doubtful(
                    format!(
                        "the first range says {} records, the list of keys {counted}",
                        range.count
                    ),
                    "Try again; if it stays so, digests and keys of the agent do not fit.".into(),
                ),
                None => broken(
                    "E_AGENT_DIGESTS",
                    "the first range's keys are not at the head of the list of keys",
                    "Digests and keys have to walk the records in the same order.",
                ),
            })
        };
        subject
            .probe(format!("{} digests", entity.plural()), work)
            .await
    }
}

fn window(to: Option<Stamp>, after: Option<&str>, limit: u32) -> Window {
    Window {
        from: Stamp::BEGINNING,
        to,
        after: after.map(str::to_owned),
        limit,
    }
}

fn broken(code: &'static str, found: &str, remedy: &str) -> Found {
    Found::Wrong(code, found.to_owned(), remedy.to_owned())
}

/// Whether the second page starts behind the end of the first.
fn follows(first: &Page, second: &Page) -> bool {
    let place = |record: &counterpart_delivery::ports::ChangedRecord| {
        (record.stamp, record.key.local.clone())
    };
    match (
        first.records.last().map(place),
        second.records.first().map(place),
    ) {
        (Some(last), Some(next)) => next > last,
        _ => true,
    }
}

/// Codes that no site uses; one that the agent does not serve.
fn unknown_company(served: &AgentCapabilities, company: &Company) -> Option<Company> {
    ["ZZ9", "QQ8", "XX7"]
        .into_iter()
        .filter_map(|code| Company::new(code).ok())
        .find(|code| code != company && !served.companies.iter().any(|one| one.code == *code))
}

fn expected(answer: Result<(), Fault>, code: &str, what: &str, how: &str) -> Found {
    match answer {
        Err(fault) if fault.code == code => Found::Well(format!("refused with {how}")),
        Err(fault) => Found::Doubtful(
            format!("{what} is answered with {}: {}", fault.code, fault.message),
            format!("The contract wants {how}."),
        ),
        Ok(()) => Found::Wrong(
            "E_AGENT_OPEN",
            format!("{what} is let in"),
            format!("The contract wants {how}; put nothing in force before that is mended."),
        ),
    }
}

fn told(served: &AgentCapabilities, company: &Company) -> Found {
    let Some(here) = served.companies.iter().find(|one| one.code == *company) else {
        let codes: Vec<&str> = served
            .companies
            .iter()
            .map(|one| one.code.as_str())
            .collect();
        return Found::Wrong(
            "E_SAGE_UNKNOWN_COMPANY",
            format!("the agent does not serve company {company}"),
            format!(
                "It serves: {}. Grant the token this company at the agent.",
                codes.join(", ")
            ),
        );
    };
    let entities: Vec<&str> = here.entities.keys().map(String::as_str).collect();
    let (hours, minutes) = (
        served.utc_offset_minutes / 60,
        served.utc_offset_minutes % 60,
    );
    Found::Well(format!(
        "Sage {}, {}: {}; clock at UTC{hours:+03}:{:02}; pages of at most {}",
        served.sage_version,
        here.name,
        entities.join(", "),
        minutes.abs(),
        served.max_page_size
    ))
}

fn clocks(page: &Page, served: &AgentCapabilities, now: Timestamp, entity: Entity) -> Found {
    let time = page.server_time;
    let skew = time.instant.duration_since(now).as_secs();
    if skew.abs() > MOST_SKEW_SECONDS {
        let direction = if skew > 0 { "ahead of" } else { "behind" };
        return Found::Doubtful(
            format!(
                "the agent's clock is {} seconds {direction} ours",
                skew.abs()
            ),
            "Set the clock of the Sage server (or of this machine) by a time server.".into(),
        );
    }
    if time.utc_offset_minutes != served.utc_offset_minutes {
        return Found::Doubtful(
            format!(
                "the page says {} minutes east of UTC, the capabilities {}",
                time.utc_offset_minutes, served.utc_offset_minutes
            ),
            "Both have to come from the ERP's time zone as it is now.".into(),
        );
    }
    Found::Well(format!(
        "{} {} read, in order, resumable; clocks {} s apart",
        page.records.len(),
        entity.plural(),
        skew.abs()
    ))
}
