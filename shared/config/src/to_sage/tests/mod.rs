//! Sales, accounts and contacts as Sage is to have them.

mod blanks;
mod codes;
mod conditions;
mod decimals;
mod money;
mod orders;
mod properties;
mod records;
mod totals;
mod whole;

use counterpart_domain::sale::{CurrencyNote, Reference, SaleCustomer, SaleOrder};
use counterpart_domain::{Company, CrmId, Fault, Fields, TableSpec, TargetName, Value};

use super::{Lengths, OrderInput};
use crate::{OrdersConfig, SyncConfig, TargetConfig};

/// A Salesforce target with further tables.
pub(super) fn target(more: &str) -> TargetConfig {
    let text = format!(
        "[companies.ABC]\nagent_url = \"https://agent.example.com\"\nwrite = \"agent\"\n\
         [companies.XYZ]\nagent_url = \"https://agent.example.com\"\nwrite = \"agent\"\n\
         [targets.crm]\ncrm = \"salesforce\"\nmy_domain = \"acme.my.salesforce.com\"\ncompanies = [\"ABC\", \"XYZ\"]\n{more}\n"
    );
    let mut config = SyncConfig::parse(&text).unwrap_or_else(|found| panic!("{found:#?}"));
    config
        .targets
        .remove(&TargetName::new("crm").unwrap())
        .unwrap()
}

const CUSTOMER: &str = "[targets.crm.customer]\nmodule = \"Account\"\nkey_field = \"Sage_Key__c\"\n\
    [targets.crm.customer.fields]\nName = \"CustomerName\"\n";

/// Orders of opportunities, with lines of the orders' table and of the source's.
pub(super) fn orders(of_all: &str, of_source: &str) -> OrdersConfig {
    let more = format!(
        "{CUSTOMER}[targets.crm.orders]\ncompany = \"ABC\"\nsince = 2020-01-01\nreference_column = \"UDF_CRM_REFERENCE\"\n\
         prices = \"crm\"\n{of_all}\n\
         [targets.crm.orders.sources.Opportunity]\nwhen = [{{ field = \"StageName\", equals = \"Closed Won\" }}]\n{of_source}"
    );
    target(&more).orders.unwrap()
}

pub(super) fn fields(pairs: &[(&str, Value)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

pub(super) fn text(text: &str) -> Value {
    Value::text(text)
}

pub(super) fn number(number: &str) -> Value {
    Value::Number(number.parse().unwrap())
}

/// A line of one product.
pub(super) fn line(code: &str, quantity: &str, price: &str) -> Fields {
    fields(&[
        ("id", text("00k000000000001AAA")),
        ("Product2Id", Value::Reference("01t000000000001AAA".into())),
        ("Product2.ProductCode", text(code)),
        ("Quantity", number(quantity)),
        ("UnitPrice", number(price)),
    ])
}

/// What a sale is tried with.
pub(super) struct Sale<'a> {
    pub(super) config: &'a OrdersConfig,
    pub(super) fields: Fields,
    pub(super) lines: Vec<Fields>,
    pub(super) rate: Option<CurrencyNote>,
    pub(super) lengths: Lengths,
}

impl<'a> Sale<'a> {
    pub(super) fn new(config: &'a OrdersConfig, lines: Vec<Fields>) -> Self {
        Self {
            config,
            fields: Fields::new(),
            lines,
            rate: None,
            lengths: Lengths::new(),
        }
    }

    pub(super) fn with(mut self, pairs: &[(&str, Value)]) -> Self {
        self.fields.extend(fields(pairs));
        self
    }

    pub(super) fn long(mut self, table: &'static TableSpec, column: &str, length: u32) -> Self {
        self.lengths.insert(table, column, length);
        self
    }

    pub(super) fn order(&self) -> Result<SaleOrder, Fault> {
        let company = Company::new("ABC").unwrap();
        let account = CrmId("001000000000001AAA".into());
        let root = CrmId("006000000000001AAA".into());
        let reference = Reference::of(&TargetName::new("crm").unwrap(), &company, &root);
        self.config.order(
            &self.config.sources[0],
            OrderInput {
                company: &company,
                reference,
                customer: SaleCustomer {
                    account,
                    key: None,
                    create: None,
                },
                fields: &self.fields,
                lines: &self.lines,
                rate: self.rate.clone(),
                lengths: &self.lengths,
            },
        )
    }

    pub(super) fn refused(&self) -> Fault {
        self.order().unwrap_err()
    }
}
