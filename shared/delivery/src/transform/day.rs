//! Which day a moment of a sale is in Sage, and what its currency was worth on that day.

use counterpart_config::Lengths;
use counterpart_domain::sale::CurrencyNote;
use counterpart_domain::{Company, Fields};
use jiff::tz::{Offset, TimeZone};

use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::Intent;
use crate::disposition::Disposition;
use crate::ports::prelude::*;

impl<P: Ports> OrderTransform<'_, P> {
    /// Where no time zone is set, the days of an order go by the clock that Sage had when it was asked for first: by today's,
    /// the same moment would be another day after each change to or from summer time.
    pub(super) fn by_its_clock(
        &self,
        work: &mut Work<'_, P::Crm>,
        company: &Company,
        lengths: Lengths,
        stored: Option<&Intent>,
    ) -> Lengths {
        let settings = self.config.companies.get(company);
        let is_set = settings.is_some_and(|settings| settings.time_zone.is_some());
        let Some(zone) = lengths.zone().filter(|_| !is_set) else {
            return lengths;
        };
        let kept = stored
            .filter(|intent| intent.company == *company)
            .and_then(|intent| intent.utc_offset_minutes)
            .and_then(|minutes| Offset::from_seconds(minutes.saturating_mul(60)).ok());
        let offset = kept.unwrap_or_else(|| zone.to_offset(self.clock.now()));
        work.utc_offset_minutes = Some(offset.seconds() / 60);
        lengths.in_zone(Some(TimeZone::fixed(offset)))
    }

    /// The CRM's own rate, where the order needs it.
    pub(super) async fn rate(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        fields: &Fields,
        (company, lengths): (&Company, &Lengths),
        report: &mut TransformReport,
    ) -> Result<Option<CurrencyNote>, Disposition> {
        let zone = lengths.zone();
        let Some(wanted) = sale.orders.wanted_rate(sale.source, fields, zone) else {
            return Ok(None);
        };
        let day = match wanted.day {
            Some(day) => day,
            None => {
                let zone = self.zone(company).await?.unwrap_or(TimeZone::UTC);
                self.clock.now().to_zoned(zone).date()
            }
        };
        let rates = self.rates(work, day, report).await?;
        let currency = &sale.orders.currency;
        let pair = rates.get(&wanted.from).zip(rates.get(&currency.sage));
        Ok(pair.and_then(|(from, sage)| {
            let date = from.since.max(sage.since).or(Some(day));
            currency.crossed(&wanted.from, from.per_home, sage.per_home, date)
        }))
    }
}
