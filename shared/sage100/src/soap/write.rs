//! The `SageWrite` port, by SOAP.

use counterpart_delivery::ports::{SageWrite, WriteContext};
use counterpart_domain::sale::{OrderChange, SaleOrder};
use counterpart_domain::{Company, Fault, Fields, SageKey};

use super::client::SoapClient;
use super::fault::{Purpose, unknown};

impl SageWrite for SoapClient {
    async fn next_order_number(&self, company: &Company) -> Result<String, Fault> {
        self.next_number("GetNextSalesOrderNo", company).await
    }

    async fn create_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        self.create_sales_order(number, customer, order, context.reference_column)
            .await
    }

    async fn update_order(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        self.update_sales_order(number, customer, change, context.reference_column)
            .await
    }

    async fn cancel_order(
        &self,
        company: &Company,
        number: &str,
        _: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let parameters = vec![
            ("companyCode", company.as_str().into()),
            ("salesOrderNo", number.into()),
        ];
        self.call("DeleteSalesOrder", Purpose::Change, parameters)
            .await
            .map(|_| ())
    }

    async fn next_customer_number(&self, company: &Company) -> Result<String, Fault> {
        self.next_number("GetNextCustomerNo", company).await
    }

    async fn create_record(
        &self,
        key: &SageKey,
        columns: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        self.create(key, context.parent, columns).await
    }

    async fn update_record(
        &self,
        key: &SageKey,
        changes: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        self.update(key, context.parent, changes).await
    }
}

impl SoapClient {
    async fn next_number(&self, operation: &str, company: &Company) -> Result<String, Fault> {
        let parameters = vec![("companyCode", company.as_str().into())];
        let result = self.call(operation, Purpose::Number, parameters).await?;
        let number = result
            .map(|result| result.text.trim().to_owned())
            .unwrap_or_default();
        let fits = (1..=20).contains(&number.chars().count())
            && !number.chars().any(|c| c.is_control() || c.is_whitespace());
        if fits {
            return Ok(number);
        }
        Err(unknown(
            Purpose::Number,
            "the number is empty, too long or not printable",
        ))
    }
}
