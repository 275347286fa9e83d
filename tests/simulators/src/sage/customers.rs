//! AR_Customer_bus: customers are created, changed and deleted.

use super::{
    codes,
    desk::Desk,
    entities::{CUSTOMERS, SALESPERSONS},
    refusal::{Reason, Refusal},
    sales::text,
    words,
    zip::Zip,
};
use crate::data::{PAYMENT_TYPES, Row, TAX_SCHEDULES, TERMS, Values};

/// The business object's name.
const OBJECT: &str = "AR_Customer_bus";

/// What Sage puts into columns of a new customer that nobody fills (5.5 of the reference page).
const DEFAULTS: &[(&str, &str)] = &[
    ("TermsCode", "00"),
    ("CustomerStatus", "A"),
    ("CreditHold", "N"),
    ("OpenItemCustomer", "Y"),
    ("TemporaryCustomer", "N"),
    ("StatementCycle", "M"),
    ("PrintDunningMessage", "Y"),
    ("ResidentialAddress", "N"),
    ("EBMEnabled", "N"),
    ("BatchFax", "N"),
    ("EmailStatements", "N"),
    ("DefaultPaymentType", "CHECK"),
];

/// A customer to be written: columns by name, without those of the key.
#[derive(Debug, Clone, Default)]
pub struct CustomerWrite {
    /// `ARDivisionNo`.
    pub division: String,
    /// `CustomerNo`.
    pub number: String,
    /// The other columns that are named.
    pub values: Values,
}

/// `The Salesperson Number is required.`
pub fn required(object: &'static str, column: &str) -> Refusal {
    Refusal::value(
        Reason::Required,
        object,
        column,
        format!("The {} is required.", words::of_column(column)),
    )
}

/// Creates a customer from division and number.
///
/// # Errors
/// Why it is not; nothing was written.
pub fn create(desk: &mut Desk<'_>, key: Vec<String>, values: Values) -> Result<String, Refusal> {
    let mut parts = key.into_iter();
    desk.create_customer(&CustomerWrite {
        division: parts.next().unwrap_or_default(),
        number: parts.next().unwrap_or_default(),
        values,
    })
}

/// Changes a customer.
///
/// # Errors
/// Why it is not; nothing was written.
pub fn update(desk: &mut Desk<'_>, key: &str, values: &Values) -> Result<(), Refusal> {
    desk.update_customer(key, values)
}

impl Desk<'_> {
    /// The next CustomerNo; the counter has moved on.
    pub fn next_customer_number(&mut self) -> String {
        self.company.next_customer_number()
    }

    /// Creates a customer.
    ///
    /// # Errors
    /// Why it is not; nothing was written.
    pub fn create_customer(&mut self, write: &CustomerWrite) -> Result<String, Refusal> {
        let source = self.source(CUSTOMERS.source);
        let division = source.check("ARDivisionNo", &write.division)?;
        let division = if division.is_empty() {
            "00".to_owned()
        } else {
            division
        };
        let number = source.check("CustomerNo", &write.number)?;
        if number.is_empty() {
            return Err(required(OBJECT, "CustomerNo"));
        }
        if division.len() != 2 || !division.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_on_file(OBJECT, "ARDivisionNo"));
        }
        let key = format!("{division}-{number}");
        self.settings.check_customer_lock(self.code, &key, OBJECT)?;
        if self.customer(&key).is_some() {
            return Err(exists(OBJECT, &format!("Customer {key}")));
        }
        let given: Values = write
            .values
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let given = self.checked(source, &given)?;
        let mut row = Row::new(
            CUSTOMERS.columns(),
            key.clone(),
            self.now.clone(),
            &self.now,
            DEFAULTS,
        );
        row.fields.insert("ARDivisionNo".to_owned(), division);
        row.fields.insert("CustomerNo".to_owned(), number);
        row.fields
            .insert("DateEstablished".to_owned(), self.today());
        let sort: String = text(&given, "CustomerName").chars().take(10).collect();
        row.fields
            .insert("SortField".to_owned(), sort.trim_end().to_uppercase());
        row.fields.extend(given.clone());
        self.complete(&mut row, &given)?;
        row.fields
            .insert("UserCreatedKey".to_owned(), "0000000011".to_owned());
        self.touch(&mut row);
        self.company.table_mut(&CUSTOMERS).put(row);
        Ok(key)
    }

    /// Changes the named columns of a customer; a blank text blanks.
    ///
    /// # Errors
    /// Why it does not; nothing was written.
    pub fn update_customer(&mut self, key: &str, changes: &Values) -> Result<(), Refusal> {
        if self.customer(key).is_none() {
            return Err(no_record(OBJECT, &format!("Customer {key}")));
        }
        self.settings.check_customer_lock(self.code, key, OBJECT)?;
        let source = self.source(CUSTOMERS.source);
        let changes = self.checked(source, changes)?;
        let Some(mut row) = self.customer(key).cloned() else {
            return Err(no_record(OBJECT, &format!("Customer {key}")));
        };
        // Only what changes is judged: what has stood there for years stays.
        let changed: Values = changes
            .into_iter()
            .filter(|(name, value)| text(&row.fields, name) != value)
            .collect();
        row.fields.extend(changed.clone());
        self.complete(&mut row, &changed)?;
        self.touch(&mut row);
        self.company.table_mut(&CUSTOMERS).put(row);
        Ok(())
    }

    /// Deletes a customer with its contacts.
    ///
    /// # Errors
    /// It is not there, it is locked, it has open orders or owes something.
    pub fn delete_customer(&mut self, key: &str) -> Result<(), Refusal> {
        let Some(row) = self.customer(key) else {
            return Err(no_record(OBJECT, &format!("Customer {key}")));
        };
        let owes = super::credit::due(&row.fields);
        self.settings.check_customer_lock(self.code, key, OBJECT)?;
        let has_orders = self
            .company
            .sales
            .orders
            .values()
            .any(|order| order.customer() == key);
        if has_orders || !owes.is_zero() {
            return Err(Refusal::record(
                Reason::Invalid,
                OBJECT,
                format!("Customer {key} cannot be deleted: it has open orders or a balance."),
            ));
        }
        self.company.remove_below(&CUSTOMERS, key);
        self.company.table_mut(&CUSTOMERS).remove(key);
        Ok(())
    }

    /// Checks a customer as a whole, and fills in what follows from the rest.
    fn complete(&self, row: &mut Row, changed: &Values) -> Result<(), Refusal> {
        if text(&row.fields, "CustomerName").trim().is_empty() {
            return Err(required(OBJECT, "CustomerName"));
        }
        if text(&row.fields, "SalespersonNo").is_empty() {
            return Err(required(OBJECT, "SalespersonNo"));
        }
        if text(&row.fields, "SalespersonDivisionNo").is_empty() {
            let division = text(&row.fields, "ARDivisionNo").to_owned();
            row.fields
                .insert("SalespersonDivisionNo".to_owned(), division);
        }
        let touched = |name: &str| changed.contains_key(name);
        if touched("SalespersonNo") || touched("SalespersonDivisionNo") {
            self.check_salesperson(OBJECT, &row.fields)?;
        }
        if touched("ZipCode") || touched("CountryCode") {
            self.check_zip(OBJECT, &row.fields, "ZipCode", "CountryCode")?;
        }
        self.check_codes(OBJECT, changed)?;
        check_email(OBJECT, changed, "EmailAddress")
    }

    /// The salesperson of a record is on file.
    pub fn check_salesperson(&self, object: &'static str, values: &Values) -> Result<(), Refusal> {
        let key = format!(
            "{}-{}",
            text(values, "SalespersonDivisionNo"),
            text(values, "SalespersonNo")
        );
        let known = self
            .company
            .table(&SALESPERSONS)
            .is_some_and(|table| table.get(&key).is_some());
        if known {
            Ok(())
        } else {
            Err(not_on_file(object, "SalespersonNo"))
        }
    }

    /// Country and zip code of an address are on file.
    pub fn check_zip(
        &self,
        object: &'static str,
        values: &Values,
        zip: &str,
        country: &str,
    ) -> Result<(), Refusal> {
        let (code, land) = (text(values, zip), text(values, country));
        if !land.is_empty() && !codes::is_country(land) {
            return Err(not_on_file(object, country));
        }
        if code.is_empty() {
            return Ok(());
        }
        match self.company.sales.zip_codes.judge(code, land) {
            Zip::Known => Ok(()),
            Zip::Unknown => Err(not_on_file(object, zip)),
            Zip::Malformed => Err(Refusal::value(
                Reason::Invalid,
                object,
                zip,
                format!("The {} format is invalid.", words::of_column(zip)),
            )),
        }
    }

    /// Codes that stand in small tables.
    pub fn check_codes(&self, object: &'static str, values: &Values) -> Result<(), Refusal> {
        let known = |column: &str, value: &str| match column {
            "TermsCode" => TERMS.iter().any(|(code, _)| *code == value),
            "TaxSchedule" => TAX_SCHEDULES.iter().any(|(code, _)| *code == value),
            "DefaultPaymentType" | "PaymentType" => PAYMENT_TYPES.contains(&value),
            _ => true,
        };
        for (column, value) in values {
            if !value.is_empty() && !known(column, value) {
                return Err(not_on_file(object, column));
            }
        }
        Ok(())
    }
}

/// An e-mail address looks like one; several may stand there, separated by semicolons.
pub fn check_email(object: &'static str, values: &Values, column: &str) -> Result<(), Refusal> {
    let value = text(values, column);
    let fits = |address: &str| {
        let address = address.trim();
        !address.contains(char::is_whitespace)
            && address.split_once('@').is_some_and(|(user, host)| {
                !user.is_empty()
                    && host.contains('.')
                    && !host.contains('@')
                    && !host.ends_with('.')
            })
    };
    if value.is_empty() || value.split(';').all(fits) {
        return Ok(());
    }
    Err(Refusal::value(
        Reason::Invalid,
        object,
        column,
        "The e-mail address format is invalid.",
    ))
}

/// No table knows a code.
pub fn not_on_file(object: &'static str, column: &str) -> Refusal {
    Refusal::value(
        Reason::NotOnFile,
        object,
        column,
        format!("The {} is not on file.", words::of_column(column)),
    )
}

/// A key is in use.
pub fn exists(object: &'static str, what: &str) -> Refusal {
    Refusal::record(Reason::Exists, object, format!("{what} already exists."))
}

/// There is no such record.
pub fn no_record(object: &'static str, what: &str) -> Refusal {
    Refusal::record(Reason::NoRecord, object, format!("{what} does not exist."))
}
