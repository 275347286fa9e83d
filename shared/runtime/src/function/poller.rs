//! The poller function: polls by schedule, and signed hints.

use counterpart_config::{CompanyConfig, SyncConfig};
use counterpart_delivery::pause::Pausing;
use counterpart_delivery::ports::{Clock as _, Cursor, Cursors as _, Settings as _};
use counterpart_delivery::{PollReport, Poller, hint};
use counterpart_domain::{Class, Company, Entity, Fault};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Function, end};
use crate::{
    Active, Deployment, HintRequest, HttpAnswer, PollerEvent, UsageLine, lag_beyond_pauses,
    lag_seconds,
};

const COMPANY_UNKNOWN: &str = "E_COMPANY_UNKNOWN";

/// The function.
pub struct PollerFunction(Deployment);

impl PollerFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    async fn poll(
        &self,
        company: &Company,
        entity: Entity,
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Value, Fault> {
        usage.company = Some(company.to_string());
        usage.entity = Some(entity.name());
        match self.try_poll(company, entity, deadline, usage).await {
            Ok(report) => {
                tracing::info!(company = %company, entity = %entity, run = report.run.as_deref(), pages = report.pages,
                    seen = report.seen, sent = report.sent, unchanged = report.unchanged, excluded = report.excluded,
                    parked = report.parked, complete = report.complete, "{company} {entity}: polled");
                Ok(json!(report))
            }
            // The next poll goes on where this one stopped: Lambda has nothing to try again, and nothing to set aside.
            Err(fault) if fault.is_retryable() || is_out_of_reach(&fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::warn!(company = %company, entity = %entity, fault.code = %fault.code, fault = %fault,
                    "{company} {entity}: the poll was stopped; the next one goes on");
                Ok(json!({"complete": false, "fault": fault}))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn try_poll(
        &self,
        company: &Company,
        entity: Entity,
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<PollReport, Fault> {
        let active = self.0.active().await?;
        let rules = rules(&active, company)?;
        let agent = self.0.agent(rules).await?;
        let poller = Poller {
            context: self.0.context(&active),
            sage: &agent,
        };
        // Boxed: the compiler lays futures out whole, and the SDK's are deep.
        let report = Box::pin(poller.poll(company, entity, deadline)).await;
        usage.agent_calls = agent.calls();
        let report =
            report.inspect_err(|fault| self.0.secret_refused(&rules.agent_secret, fault))?;
        count(usage, &report);
        Ok(report)
    }

    async fn hint(
        &self,
        request: &HintRequest,
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Value, Fault> {
        let answer = match self.try_hint(request, deadline, usage).await {
            Ok((keys, report)) => {
                let accepted = keys - report.missing.len();
                let body =
                    json!({"accepted": accepted, "missing": report.missing, "run": report.run});
                HttpAnswer::json(202, &body)
            }
            Err(fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::warn!(fault.code = %fault.code, fault = %fault, "a hint was not taken");
                HttpAnswer::refusal(&fault)
            }
        };
        Ok(json!(answer))
    }

    async fn try_hint(
        &self,
        request: &HintRequest,
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<(usize, PollReport), Fault> {
        // Before anything is looked up for it.
        let Some(body) = &request.body else {
            return Err(refused("E_HINT_INVALID", "The hint cannot be decoded."));
        };
        if body.len() > hint::LONGEST_BODY {
            return Err(refused("E_HINT_TOO_LARGE", "A hint has at most 16 KiB."));
        }
        let active = self.0.active().await?;
        // Which companies there are is not told to those who cannot sign.
        let company = Company::new(&request.company).ok();
        let known = company
            .as_ref()
            .and_then(|company| active.config.companies.get_key_value(company));
        let Some((company, rules)) = known else {
            return Err(refused(
                "E_HINT_UNSIGNED",
                "The hint is not signed with this installation's key, or its time is off.",
            ));
        };
        let key = self.0.hint_key(rules).await?;
        let hint = hint::verify(company, &key, &request.signature, body, self.0.clock.now())?;
        usage.company = Some(company.to_string());
        usage.entity = hint.keys.first().map(|key| key.entity.name());
        let agent = self.0.agent(rules).await?;
        let poller = Poller {
            context: self.0.context(&active),
            sage: &agent,
        };
        if !poller.has_time(deadline) {
            return Err(Fault::new(
                Class::Transient,
                "E_HINT_NO_TIME",
                "The function has too little time left for a hint.",
            ));
        }
        let report = Box::pin(poller.hint(company, &hint)).await;
        usage.agent_calls = agent.calls();
        let report =
            report.inspect_err(|fault| self.0.secret_refused(&rules.agent_secret, fault))?;
        count(usage, &report);
        Ok((hint.keys.len(), report))
    }

    /// How far behind the cursor is, also when the poll failed: an outage has to be seen. What is not read is never behind:
    /// the alarm, which rings for a poller that says nothing too, is not for an entity that nobody asked for.
    async fn lag(&self, company: &Company, entity: Entity) -> Option<i64> {
        let active = self.0.active().await;
        if let Ok(active) = &active
            && !is_read(&active.config, company, entity)
        {
            return Some(0);
        }
        let now = self.0.clock.now();
        match self.0.store.cursor(company, entity).await {
            Ok(cursor) => {
                let cursor = cursor.unwrap_or_else(|| Cursor::new(company.clone(), entity));
                match (active, self.0.store.pauses().await) {
                    (Ok(active), Ok(pauses)) => {
                        let (pauses, config) = (&pauses, &*active.config);
                        let pausing = Pausing {
                            pauses,
                            config,
                            now,
                        };
                        lag_beyond_pauses(&cursor, &pausing)
                    }
                    // Whatever is paused: what cannot be read is no reason to be silent.
                    _ => lag_seconds(&cursor, now),
                }
            }
            Err(fault) => {
                tracing::warn!(company = %company, entity = %entity, fault = %fault, "the cursor's lag cannot be read");
                None
            }
        }
    }
}

impl Function for PollerFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("poller");
        let answer = match PollerEvent::read(&event) {
            Ok(PollerEvent::Poll { company, entity }) => {
                let polled = Box::pin(self.poll(&company, entity, deadline, &mut usage)).await;
                usage.cursor_lag_seconds = self.lag(&company, entity).await;
                polled
            }
            Ok(PollerEvent::Hint(request)) => {
                Box::pin(self.hint(&request, deadline, &mut usage)).await
            }
            Err(fault) => Err(fault),
        };
        if let Err(fault) = &answer {
            usage.fault_code = Some(fault.code.to_string());
            tracing::error!(fault.code = %fault.code, fault = %fault, "the poller cannot go on until a person mends this");
        }
        end(&self.0, usage, started);
        answer
    }
}

/// A configuration, a secret or a permission that cannot be read: a person has to mend it, and the lag's alarm says so. A
/// company that is polled and not configured is a mistake of the deployment.
fn is_out_of_reach(fault: &Fault) -> bool {
    fault.class == Class::Configuration && fault.code != COMPANY_UNKNOWN
}

/// Whether a poll of an entity reads anything of a company. A company that is not configured is for the poll to refuse.
fn is_read(config: &SyncConfig, company: &Company, entity: Entity) -> bool {
    !entity.goes_to_crm()
        || !config.companies.contains_key(company)
        || config.targets_of(company, entity).next().is_some()
}

fn rules<'a>(active: &'a Active, company: &Company) -> Result<&'a CompanyConfig, Fault> {
    active.config.companies.get(company).ok_or_else(|| {
        Fault::new(
            Class::Configuration,
            COMPANY_UNKNOWN,
            format!("Company {company} is polled, but is not in the sync.toml in force."),
        )
    })
}

fn refused(code: &'static str, message: &str) -> Fault {
    Fault::new(Class::Data, code, message)
}

fn count(usage: &mut UsageLine, report: &PollReport) {
    // One target behind is no end of the invocation, but somebody should know.
    let failed = report.failed.first();
    usage.fault_code = failed.map(|failed| failed.fault.code.to_string());
    usage.paused = report.paused.iter().len() as u64;
    usage.packs = report.packs;
    // Salespersons are kept, not queued: their poll reports records, but sends no pack.
    usage.pack_records = if report.packs == 0 {
        0
    } else {
        report.sent + report.remapped
    };
    usage.parked = report.parked;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_target_wants_of_a_company_is_not_read() {
        let text = r#"
            [companies.ABC]
            agent_url = "https://agent.example.com"
            [companies.XYZ]
            agent_url = "https://agent.example.com"
            [targets.zoho]
            crm = "zoho"
            data_center = "us"
            companies = ["ABC"]
            [targets.zoho.customer]
            module = "Accounts"
            key_field = "Sage_Key"
            [targets.zoho.customer.fields]
            Account_Name = "CustomerName"
        "#;
        let config = SyncConfig::parse(text).unwrap();
        let read =
            |company: &str, entity| is_read(&config, &Company::new(company).unwrap(), entity);
        assert!(read("ABC", Entity::CUSTOMER));
        assert!(!read("ABC", Entity::CONTACT));
        assert!(!read("XYZ", Entity::CUSTOMER));
        // Kept as a directory, whoever wants it; and what is not configured is refused, which has to be seen.
        assert!(read("XYZ", Entity::SALESPERSON));
        assert!(read("QQQ", Entity::CUSTOMER));
    }
}
