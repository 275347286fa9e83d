//! SO_SalesOrder_bus: orders are built, created, changed and deleted.

use super::{
    check::Source,
    customers::{check_email, exists, no_record, not_on_file, required},
    desk::Desk,
    entities::{CUSTOMERS, SHIP_TO},
    refusal::{Reason, Refusal},
    sales::{Order, text},
    totals,
};
use crate::data::{ORDER, ORDER_HISTORY, Values, WAREHOUSES, filled};

/// The business object's name, as its messages write it.
pub const OBJECT: &str = "SO_SalesOrder_Bus";

/// The business object.
pub const SOURCE: Source = Source {
    object: OBJECT,
    columns: ORDER,
    read_only: &[
        "SalesOrderNo",
        "ARDivisionNo",
        "CustomerNo",
        "MasterRepeatingOrderNo",
        "TaxableAmt",
        "NonTaxableAmt",
        "SalesTaxAmt",
        "TaxableSubjectToDiscount",
        "NonTaxableSubjectToDiscount",
        "TaxSubjToDiscPrcntOfTotSubjTo",
        "Weight",
        "EBMSubmissionType",
        "EBMUserIDSubmittingThisOrder",
        "LastInvoiceOrderDate",
        "LastInvoiceOrderNo",
        "CurrentInvoiceNo",
        "LotSerialLinesExist",
        "SalesOrderPrinted",
        "PickingSheetPrinted",
        "LastNoOfShippingLabels",
    ],
    old_lengths: false,
};

/// An order to be written.
#[derive(Debug, Clone, Default)]
pub struct OrderWrite {
    /// `SalesOrderNo`.
    pub number: String,
    /// The customer's key.
    pub customer: String,
    /// Header columns that are named.
    pub header: Values,
    /// The lines as a whole; none: they stay.
    pub lines: Option<Vec<LineWrite>>,
    /// `LineKey` of lines that go, where lines are named.
    pub removed: Vec<String>,
    /// Payments as a whole; none: they stay.
    pub payments: Option<Vec<Values>>,
}

/// A line to be written.
#[derive(Debug, Clone, Default)]
pub struct LineWrite {
    /// The `LineKey` of the line that it changes. Without one, lines are told apart by their item.
    pub key: Option<String>,
    /// Columns that are named.
    pub values: Values,
}

/// How the lines of a change find the lines that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// By `LineKey`; a line without one is new.
    ByKey,
    /// By item: the first line that has it and is not taken yet.
    ByItem,
    /// By `LineKey`; a line without one is new, and lines that are not named stay.
    Named,
}

impl Desk<'_> {
    /// The next SalesOrderNo; the counter has moved on. Where the door says so, another user creates an
    /// order under it before the caller can.
    pub fn next_order_number(&mut self) -> String {
        let number = self.company.sales.next_order_number();
        let taken = self
            .settings
            .taken_numbers
            .get_mut(self.code)
            .filter(|left| **left > 0);
        if let Some(left) = taken {
            *left -= 1;
            self.take_number(&number);
        }
        number
    }

    fn take_number(&mut self, number: &str) {
        let known = "01-BRESLIX".to_owned();
        let customer = match self.customer(&known) {
            Some(_) => Some(known),
            None => self.company.keys_below(&CUSTOMERS, "").into_iter().next(),
        };
        let Some(customer) = customer else { return };
        let line = LineWrite {
            key: None,
            values: [("ItemCode", "6655"), ("QuantityOrdered", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        let write = OrderWrite {
            number: number.to_owned(),
            customer,
            lines: Some(vec![line]),
            ..OrderWrite::default()
        };
        // Another user's order is a plain one; were it refused, the number would just stay free.
        self.create_order(&write, false).ok();
    }

    /// Creates an order. `reuse`: a number that only the history has may be used again.
    ///
    /// # Errors
    /// Why it is not; nothing was written.
    pub fn create_order(&mut self, write: &OrderWrite, reuse: bool) -> Result<(), Refusal> {
        let number = order_number(&write.number)?;
        self.lock_of_order(&number)?;
        let sales = &self.company.sales;
        if sales.orders.contains_key(&number) || !reuse && sales.in_history(&number) {
            return Err(exists(OBJECT, &format!("Sales order {number}")));
        }
        let mut order = self.build_order(write)?;
        order
            .header
            .insert("SalesOrderNo".to_owned(), number.clone());
        for line in &mut order.lines {
            line.insert("SalesOrderNo".to_owned(), number.clone());
        }
        self.drop_marked(&mut order);
        self.touch_values(&mut order.header, true);
        self.rebind(None, Some(&order));
        self.company.sales.orders.insert(number, order);
        Ok(())
    }

    /// An order as a create would store it: defaults, lines, prices, totals. Nothing is written.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn build_order(&mut self, write: &OrderWrite) -> Result<Order, Refusal> {
        self.settings
            .check_customer_lock(self.code, &write.customer, OBJECT)?;
        let header = self.checked_header(&write.header)?;
        let mut order = Order {
            header: self.template(
                &write.customer,
                header.get("ShipToCode").map(String::as_str),
            )?,
            ..Order::default()
        };
        let given: Values = header
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        order.header.extend(given.clone());
        self.check_header(&order.header, &given)?;
        for (at, line) in write.lines.iter().flatten().enumerate() {
            let built = self
                .build_line(&order.header, &line.values, None)
                .map_err(|refusal| refusal.in_line(at + 1))?;
            order.lines.push(built);
        }
        number_lines(&mut order.lines);
        order.payments = write.payments.clone().unwrap_or_default();
        totals::compute(&mut order);
        Ok(order)
    }

    /// Changes an open order: the columns that are named, and the lines as a whole where they are given.
    ///
    /// # Errors
    /// Why it does not; nothing was written.
    pub fn update_order(&mut self, write: &OrderWrite, matching: Matching) -> Result<(), Refusal> {
        let number = order_number(&write.number)?;
        let Some(before) = self.company.sales.orders.get(&number).cloned() else {
            return Err(no_record(OBJECT, &format!("Sales order {number}")));
        };
        self.lock_of_order(&number)?;
        self.settings
            .check_customer_lock(self.code, &before.customer(), OBJECT)?;
        if !write.customer.is_empty() && write.customer != before.customer() {
            return Err(Refusal::value(
                Reason::Invalid,
                OBJECT,
                "CustomerNo",
                format!("The customer of sales order {number} cannot be changed."),
            ));
        }
        let changed: Values = self
            .checked_header(&write.header)?
            .into_iter()
            .filter(|(name, value)| before.text(name) != value)
            .collect();
        let mut order = before.clone();
        if let Some(code) = changed.get("ShipToCode") {
            let template = self.template(&before.customer(), Some(code))?;
            let moved = template
                .into_iter()
                .filter(|(name, _)| name.starts_with("ShipTo"));
            order.header.extend(moved);
        }
        order.header.extend(changed.clone());
        self.check_header(&order.header, &changed)?;
        if let Some(lines) = &write.lines {
            order.lines = self.changed_lines(
                &order.header,
                &before.lines,
                (lines, &write.removed),
                matching,
            )?;
            for line in &mut order.lines {
                line.insert("SalesOrderNo".to_owned(), number.clone());
            }
        }
        if let Some(payments) = &write.payments {
            order.payments.clone_from(payments);
        }
        totals::compute(&mut order);
        self.drop_marked(&mut order);
        self.touch_values(&mut order.header, false);
        self.rebind(Some(&before), Some(&order));
        self.company.sales.orders.insert(number, order);
        Ok(())
    }

    /// Deletes an open order. Where the site keeps deleted orders, the history has it as cancelled.
    ///
    /// # Errors
    /// It is not in the open file, or it is locked.
    pub fn delete_order(&mut self, number: &str) -> Result<(), Refusal> {
        let Some(order) = self.company.sales.orders.get(number).cloned() else {
            return Err(no_record(OBJECT, &format!("Sales order {number}")));
        };
        self.lock_of_order(number)?;
        self.settings
            .check_customer_lock(self.code, &order.customer(), OBJECT)?;
        self.rebind(Some(&order), None);
        self.company.sales.orders.remove(number);
        if self.settings.site.keep_deleted_orders {
            let mut kept = order;
            kept.header
                .extend(filled(ORDER_HISTORY, &[("OrderStatus", "X")]));
            self.touch_values(&mut kept.header, false);
            self.company.sales.history.push(kept);
        }
        Ok(())
    }

    /// The header of a new order of a customer: what follows from the customer.
    ///
    /// # Errors
    /// Customer or ship-to address is not on file; the customer may not order.
    pub fn template(&mut self, customer: &str, ship_to: Option<&str>) -> Result<Values, Refusal> {
        let Some(row) = self.customer(customer).cloned() else {
            return Err(not_on_file(OBJECT, "CustomerNo"));
        };
        let of = |column: &str| text(&row.fields, column).to_owned();
        if self.settings.site.refuse_orders_on_hold
            && (of("CreditHold") == "Y" || of("CustomerStatus") == "I")
        {
            return Err(Refusal::value(
                Reason::Invalid,
                OBJECT,
                "CustomerNo",
                "The customer is on credit hold or inactive.",
            ));
        }
        let today = self.today();
        let mut header = filled(
            ORDER,
            &[
                ("OrderDate", &today),
                ("ShipExpireDate", &today),
                ("OrderType", "S"),
                ("OrderStatus", "N"),
                ("WarehouseCode", "000"),
                ("FreightCalculationMethod", "A"),
                ("SplitCommissions", "N"),
                ("PaymentTypeCategory", "D"),
                ("ShipWeight", "00000"),
                ("InvalidTaxCalc", "N"),
                ("PrintSalesOrders", "N"),
                ("PrintPickingSheets", "N"),
                ("BatchFax", "N"),
                ("BatchEmail", "N"),
                ("LotSerialLinesExist", "N"),
                ("SalesOrderPrinted", "N"),
                ("PickingSheetPrinted", "N"),
            ],
        );
        for (column, source) in [
            ("ARDivisionNo", "ARDivisionNo"),
            ("CustomerNo", "CustomerNo"),
            ("BillToName", "CustomerName"),
            ("BillToAddress1", "AddressLine1"),
            ("BillToAddress2", "AddressLine2"),
            ("BillToAddress3", "AddressLine3"),
            ("BillToCity", "City"),
            ("BillToState", "State"),
            ("BillToZipCode", "ZipCode"),
            ("BillToCountryCode", "CountryCode"),
            ("ShipToName", "CustomerName"),
            ("ShipToAddress1", "AddressLine1"),
            ("ShipToAddress2", "AddressLine2"),
            ("ShipToAddress3", "AddressLine3"),
            ("ShipToCity", "City"),
            ("ShipToState", "State"),
            ("ShipToZipCode", "ZipCode"),
            ("ShipToCountryCode", "CountryCode"),
            ("ShipVia", "ShipMethod"),
            ("TermsCode", "TermsCode"),
            ("TaxSchedule", "TaxSchedule"),
            ("TaxExemptNo", "TaxExemptNo"),
            ("SalespersonDivisionNo", "SalespersonDivisionNo"),
            ("SalespersonNo", "SalespersonNo"),
            ("EmailAddress", "EmailAddress"),
            ("FaxNo", "FaxNo"),
            ("ResidentialAddress", "ResidentialAddress"),
        ] {
            header.insert(column.to_owned(), of(source));
        }
        let discount = SOURCE.check("DiscountRate", &of("CustomerDiscountRate"));
        if let Ok(rate) = discount {
            header.insert("DiscountRate".to_owned(), rate);
        }
        let contact = format!("{customer}/{}", of("ContactCode"));
        if let Some(contact) = self.contact(&contact) {
            let name = text(&contact.fields, "ContactName").to_owned();
            header.insert("ConfirmTo".to_owned(), name);
        }
        let (code, named) = match ship_to.filter(|code| !code.is_empty()) {
            Some(code) => (code.to_owned(), true),
            None => (of("PrimaryShipToCode"), false),
        };
        self.ship_to(&mut header, customer, &code, named)?;
        Ok(header)
    }

    fn ship_to(
        &self,
        header: &mut Values,
        customer: &str,
        code: &str,
        named: bool,
    ) -> Result<(), Refusal> {
        let Some(address) = self
            .company
            .table(&SHIP_TO)
            .and_then(|table| table.get(&format!("{customer}/{code}")))
        else {
            return if named && !code.is_empty() {
                Err(not_on_file(OBJECT, "ShipToCode"))
            } else {
                Ok(())
            };
        };
        for (column, value) in &address.fields {
            let always = column.starts_with("ShipTo");
            let filled = !value.is_empty()
                && matches!(
                    column.as_str(),
                    "WarehouseCode"
                        | "TaxSchedule"
                        | "ShipVia"
                        | "ResidentialAddress"
                        | "SalespersonDivisionNo"
                        | "SalespersonNo"
                );
            if always || filled {
                header.insert(column.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn checked_header(&mut self, header: &Values) -> Result<Values, Refusal> {
        for column in ["BillToDivisionNo", "BillToCustomerNo"] {
            if !text(header, column).is_empty() {
                return Err(Refusal::value(
                    Reason::Invalid,
                    OBJECT,
                    column,
                    "This field cannot be set when the Accounts Receivable option Bill To Customer Reporting is No.",
                ));
            }
        }
        let source = self.source(SOURCE);
        self.checked(source, header)
    }

    /// Checks a header as a whole; `changed`: what is new in it.
    fn check_header(&self, header: &Values, changed: &Values) -> Result<(), Refusal> {
        if text(header, "OrderDate").is_empty() {
            return Err(required(OBJECT, "OrderDate"));
        }
        self.check_codes(OBJECT, changed)?;
        if let Some(code) = changed.get("WarehouseCode")
            && !WAREHOUSES.contains(&code.as_str())
        {
            return Err(not_on_file(OBJECT, "WarehouseCode"));
        }
        if changed.contains_key("SalespersonNo") || changed.contains_key("SalespersonDivisionNo") {
            self.check_salesperson(OBJECT, header)?;
        }
        for which in ["ShipTo", "BillTo"] {
            let (zip, country) = (format!("{which}ZipCode"), format!("{which}CountryCode"));
            if changed.contains_key(&zip) || changed.contains_key(&country) {
                self.check_zip(OBJECT, header, &zip, &country)?;
            }
        }
        check_email(OBJECT, changed, "EmailAddress")
    }

    fn lock_of_order(&mut self, number: &str) -> Result<(), Refusal> {
        self.settings
            .check_lock(self.code, "sales_orders", number, OBJECT)
    }

    fn drop_marked(&mut self, order: &mut Order) {
        if self.settings.drops_of(&order.header) {
            for column in self.settings.drop_columns() {
                if order.header.contains_key(&column) {
                    order.header.insert(column, String::new());
                }
            }
        }
    }
}

/// LineKey and LineSeqNo of lines that have none, behind those that have.
pub fn number_lines(lines: &mut [Values]) {
    let mut last = lines
        .iter()
        .filter_map(|line| text(line, "LineKey").parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    for line in lines {
        if text(line, "LineKey").is_empty() {
            last += 1;
            line.insert("LineKey".to_owned(), format!("{last:06}"));
            line.insert(
                "LineSeqNo".to_owned(),
                format!("{:014}", u64::from(last) * 100_000),
            );
        }
    }
}

/// A SalesOrderNo: seven characters at most; digits are filled with zeros.
fn order_number(number: &str) -> Result<String, Refusal> {
    if number.is_empty() {
        return Err(required(OBJECT, "SalesOrderNo"));
    }
    if number.chars().count() > 7 {
        return Err(Refusal::value(
            Reason::TooLong,
            OBJECT,
            "SalesOrderNo",
            "The Sales Order No is greater than 7 character(s)",
        ));
    }
    Ok(if number.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{number:0>7}")
    } else {
        number.to_uppercase()
    })
}
