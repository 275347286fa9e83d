//! Salespersons: no CRM record, but the directory that the rep mapping is made from.

use counterpart_domain::{Fault, RepKey};

use super::{PollReport, Poller};
use crate::ports::prelude::*;
use crate::ports::{Page, SalespersonRow};

impl<P: Ports> Poller<'_, P> {
    /// Keeps the salespersons of a page. One that cannot be read is reported and does not hold up the others.
    pub(super) async fn keep_salespersons(
        &self,
        page: &Page,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        for changed in &page.records {
            report.seen += 1;
            match &changed.record {
                Ok(salesperson) => {
                    let identity = &salesperson.entity().spec().identity;
                    let row = SalespersonRow {
                        rep: RepKey {
                            company: changed.key.company.clone(),
                            rep: changed.key.local.clone(),
                        },
                        name: salesperson.text(identity.name).to_owned(),
                        email: salesperson.text(identity.email).to_owned(),
                    };
                    self.store.put_salesperson(&row).await?;
                    report.sent += 1;
                }
                Err(fault) => {
                    tracing::error!(salesperson = %changed.key, fault.code = %fault.code, "a salesperson cannot be read");
                    report.parked += 1;
                }
            }
        }
        Ok(())
    }
}
