//! The SOAP service of a company: what it says of itself, whether it lets us in, and what was learned of it.

use counterpart_config::SoapConfig;
use counterpart_delivery::ports::Bindings;
use counterpart_domain::{Company, Fault};
use counterpart_runtime::Deployment;
use counterpart_sage100::soap::{Binding, SoapClient, SoapSettings, learn};

use super::probe::{Found, Probe, Subject};

/// The probes, and a client where one can be made.
pub(super) async fn probes(
    deployment: &Deployment,
    company: &Company,
    service: &SoapConfig,
    keep: bool,
) -> (Vec<Probe>, Option<SoapClient>) {
    let subject = Subject::new("sage", company);
    let settings = match deployment.soap_settings(service).await {
        Ok(settings) => settings,
        Err(fault) => return (vec![subject.failed("web services", &fault)], None),
    };
    of_service(&subject, company, &settings, &*deployment.store, keep).await
}

/// `keep`: what is learned now takes the place of what is stored.
pub(super) async fn of_service(
    subject: &Subject,
    company: &Company,
    settings: &SoapSettings,
    bindings: &impl Bindings,
    keep: bool,
) -> (Vec<Probe>, Option<SoapClient>) {
    let mut made = None;
    let work = async {
        let binding = learn(settings).await?;
        let found = compared(company, bindings, &binding, keep).await?;
        made = Some(SoapClient::new(settings, binding)?);
        Ok(found)
    };
    let mut probes = vec![subject.probe("web services: description", work).await];
    let Some(client) = made else {
        probes.push(subject.skipped(
            "web services: logon",
            "Their description has to be readable first.",
        ));
        return (probes, None);
    };
    let version = async {
        let told = client.contract_information().await?;
        Ok(Found::Well(format!(
            "contract {}, assembly {}, blank date {}",
            told.contract_version,
            told.assembly_version,
            told.null_date.as_deref().unwrap_or("not told")
        )))
    };
    probes.push(subject.probe("web services: version", version).await);
    let logon = async {
        client.logon(company).await?;
        Ok(Found::Well("the user is let in".into()))
    };
    probes.push(subject.probe("web services: logon", logon).await);
    (probes, Some(client))
}

/// What was learned now beside what is stored: a service that was changed drops what stands out of its order.
async fn compared(
    company: &Company,
    bindings: &impl Bindings,
    learned: &Binding,
    keep: bool,
) -> Result<Found, Fault> {
    let facts = learned.facts().join("; ");
    if keep {
        bindings.put_binding(company, &learned.to_json()?).await?;
        return Ok(Found::Well(format!("learned and stored: {facts}")));
    }
    let stored = match bindings.binding(company).await? {
        None => {
            return Ok(Found::Well(format!(
                "nothing is stored yet; the service says: {facts}"
            )));
        }
        Some(text) => Binding::from_json(&text)?,
    };
    Ok(match stored {
        Some(stored) if stored == *learned => Found::Well(facts),
        None => Found::Well(format!(
            "stored by another version, and learned anew at the next use: {facts}"
        )),
        Some(_) => Found::Doubtful(
            format!("the service is not what was learned of it; now it says: {facts}"),
            "`counterpart doctor --learn` stores what it says now.".into(),
        ),
    })
}
