//! Currencies and their rates. Page: "Get Currencies".

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Clock, CurrencyRate, Ids, Tokens};
use counterpart_domain::{Fault, bounded};
use counterpart_http::{Purpose, decimal, text};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::client::ZohoClient;
use crate::faults::unreadable;
use crate::metadata::list;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// An `exchange_rate` is a text, and says how much of the currency one unit of the home currency is; no date goes with
    /// it. An org with its home currency only has nothing to tell, and a currency that is switched off has no rate, since
    /// nobody keeps it up to date.
    pub(crate) async fn rates(&self) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        let body = match self.get("/crm/v8/org/currencies", &[]).await {
            Ok(Some(body)) => body,
            Ok(None) => return Ok(BTreeMap::new()),
            // Several currencies are not switched on.
            Err(fault) if fault.code == "E_CRM_EDITION" => return Ok(BTreeMap::new()),
            Err(fault) => return Err(fault),
        };
        let mut rates = BTreeMap::new();
        for currency in list(&body, "currencies")? {
            if currency.get("is_active").and_then(Json::as_bool) == Some(false) {
                continue;
            }
            let rate = rate(currency)?;
            rates.insert(rate.iso.clone(), rate);
        }
        if rates.len() < 2 {
            rates.clear();
        }
        Ok(rates)
    }
}

fn rate(currency: &Json) -> Result<CurrencyRate, Fault> {
    let home = currency.get("is_base").and_then(Json::as_bool) == Some(true);
    let told = currency.get("exchange_rate");
    let per_home = match told {
        Some(Json::String(text)) => decimal(text.trim()),
        Some(Json::Number(number)) => decimal(&number.to_string()),
        _ => None,
    };
    let per_home = per_home.filter(|rate| rate.is_sign_positive() && !rate.is_zero());
    match (text(currency, "iso_code"), per_home, home) {
        (Some(iso), Some(per_home), _) => Ok((iso, per_home)),
        (Some(iso), None, true) => Ok((iso, Decimal::ONE)),
        (iso, ..) => {
            let why = format!("currency {iso:?} with rate {told:?}");
            Err(unreadable(Purpose::Metadata, &why))
        }
    }
    .map(|(iso, per_home)| CurrencyRate {
        iso: bounded(iso.to_owned(), 3),
        per_home,
        home,
        since: None,
    })
}
