//! Currencies and their rates. Pages: "CurrencyType", "DatedConversionRate".

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Clock, CurrencyRate, Ids, Tokens};
use counterpart_domain::{Fault, Value, bounded};
use jiff::civil::Date;

use counterpart_http::Purpose;

use crate::client::SalesforceClient;
use crate::faults::unreadable;
use crate::query::{Row, plain, raw};
use crate::wire::value::{FieldType, incoming};

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// A `ConversionRate` says how much of the currency one unit of the corporate currency is. The objects exist only where
    /// several currencies, or dated rates, are switched on: where they do not, there is nothing to tell. A currency that is
    /// switched off has no rate, since nobody keeps it up to date.
    pub(crate) async fn rates(&self, day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        let all =
            "SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType WHERE IsActive = true";
        let Some(rows) = self.where_it_exists(all).await? else {
            return Ok(BTreeMap::new());
        };
        let mut rates = BTreeMap::new();
        for row in &rows {
            let (iso, per_home) = rate(row)?;
            let home = value(row, "IsCorporate") == Some(Value::Flag(true));
            let since = None;
            rates.insert(
                iso.clone(),
                CurrencyRate {
                    iso,
                    per_home,
                    home,
                    since,
                },
            );
        }
        let dated = format!(
            "SELECT IsoCode, ConversionRate, StartDate FROM DatedConversionRate \
             WHERE StartDate <= {day} AND NextStartDate > {day}"
        );
        for row in self.where_it_exists(&dated).await?.unwrap_or_default() {
            let (iso, per_home) = rate(&row)?;
            if let Some(known) = rates.get_mut(&iso).filter(|known| !known.home) {
                known.per_home = per_home;
                known.since = match value(&row, "StartDate") {
                    Some(Value::Date(date)) => Some(date),
                    _ => None,
                };
            }
        }
        Ok(rates)
    }

    /// Rows of an object that not every org has.
    async fn where_it_exists(&self, soql: &str) -> Result<Option<Vec<Row>>, Fault> {
        match self.sale_query("query", soql).await {
            Ok(rows) => Ok(Some(rows)),
            Err(fault) if fault.code == "E_CRM_MODULE_INVALID" => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

fn value(row: &Row, name: &str) -> Option<Value> {
    let field = if name == "StartDate" {
        FieldType::Date
    } else {
        FieldType::Text
    };
    incoming(field, raw(row, name)?)
}

fn rate(row: &Row) -> Result<(String, rust_decimal::Decimal), Fault> {
    let iso = plain(row, "IsoCode").map(|iso| bounded(iso, 3));
    match (iso, value(row, "ConversionRate")) {
        (Some(iso), Some(Value::Number(rate))) if rate.is_sign_positive() && !rate.is_zero() => {
            Ok((iso, rate))
        }
        (iso, rate) => Err(unreadable(
            Purpose::Read,
            &format!("currency {iso:?} with rate {rate:?}"),
        )),
    }
}
