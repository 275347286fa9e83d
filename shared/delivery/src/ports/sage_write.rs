//! The Sage 100 side: writing, by the agent or by the SOAP service.

use counterpart_domain::sale::{OrderChange, SaleOrder};
use counterpart_domain::{Company, Fault, Fields, SageKey};

/// What a write needs besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteContext<'a> {
    /// The same for each try of the same effect. An agent that has seen it answers as it did the first time; the SOAP
    /// service knows nothing of it.
    pub idempotency_key: &'a str,
    /// The order's column that holds our mark.
    pub reference_column: &'a str,
    /// Of a record that belongs to another one (a contact): that one. A key is taken apart by it, since both its parts may
    /// hold what stands between them: `01-ABF/A/P` is the contact `A/P` of `01-ABF`, or the contact `P` of `01-ABF/A`.
    pub parent: Option<&'a SageKey>,
}

/// Sage 100, as far as it is written.
///
/// Faults that handlers act on, beyond their class:
///
/// | code | class | means |
/// |---|---|---|
/// | `E_SAGE_LOCKED` | transient | another user has the record; nothing was written |
/// | `E_SAGE_BUSY` | transient | no licence or no session is free; nothing was written |
/// | `E_SAGE_UNAVAILABLE`, `E_SAGE_MAINTENANCE` | transient | not reached, or refused as a whole; nothing was written |
/// | `E_SAGE_OUTCOME_UNKNOWN` | ambiguous | the answer is missing, or says nothing: look before it is sent again |
/// | `E_SAGE_NO_VERDICT` | ambiguous | something else answered in Sage's place: as before, and Sage is called less for a while |
/// | `E_SAGE_ALREADY_EXISTS` | data | the number is in use |
/// | `E_SAGE_NOT_FOUND` | data | no such record |
/// | `E_SAGE_REFUSED`, `E_SAGE_TOO_LONG` | data | Sage refuses a value; the sentence names column and reason |
/// | `E_SAGE_KEY_REUSED` | data | another request came under the same idempotency key before; nothing was written |
/// | `E_SAGE_BINDING`, `E_SAGE_NO_SERVICE`, `E_SAGE_NOT_OFFERED` | configuration | the service or the agent is not what is needed |
/// | `E_SAGE_UNAUTHORIZED`, `E_SAGE_FORBIDDEN` | configuration | credentials, or the rights of the user |
pub trait SageWrite {
    /// The next `SalesOrderNo`. Every call takes one from Sage's counter, which never gives it again.
    ///
    /// # Errors
    /// `E_SAGE_*`. An ambiguous fault has cost a number and nothing else.
    async fn next_order_number(&self, company: &Company) -> Result<String, Fault>;

    /// Creates an order under a number, with our mark in the reference column. The customer is known.
    ///
    /// # Errors
    /// `E_SAGE_*`.
    async fn create_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        context: WriteContext<'_>,
    ) -> Result<(), Fault>;

    /// Changes an open order: header columns that are named, and lines by their key. What is not named stays.
    ///
    /// # Errors
    /// `E_SAGE_*`; `E_SAGE_NOT_FOUND` when it has left the open file, or its lines are others than the change was made for.
    async fn update_order(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
        context: WriteContext<'_>,
    ) -> Result<(), Fault>;

    /// Deletes an open order.
    ///
    /// # Errors
    /// `E_SAGE_*`; `E_SAGE_NOT_FOUND` when it is not in the open file.
    async fn cancel_order(
        &self,
        company: &Company,
        number: &str,
        context: WriteContext<'_>,
    ) -> Result<(), Fault>;

    /// The next `CustomerNo`, as with orders.
    ///
    /// # Errors
    /// `E_SAGE_*`.
    async fn next_customer_number(&self, company: &Company) -> Result<String, Fault>;

    /// Creates a customer or a contact with these columns, under Sage's names. The key columns follow from the key.
    ///
    /// # Errors
    /// `E_SAGE_*`.
    async fn create_record(
        &self,
        key: &SageKey,
        columns: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault>;

    /// Changes columns of a customer or a contact: reads the whole record, puts the changes in, writes it whole. Columns
    /// that are not named stay as they are.
    ///
    /// # Errors
    /// `E_SAGE_*`; `E_SAGE_NOT_FOUND`.
    async fn update_record(
        &self,
        key: &SageKey,
        changes: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault>;
}
