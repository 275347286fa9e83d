//! AR_CustomerContact_bus: contacts are created, changed and deleted.

use super::{
    customers::{check_email, exists, no_record, required},
    desk::Desk,
    entities::CONTACTS,
    refusal::Refusal,
    sales::text,
};
use crate::data::{Row, Values};

const OBJECT: &str = "AR_CustomerContact_bus";

/// A contact to be written.
#[derive(Debug, Clone, Default)]
pub struct ContactWrite {
    /// The customer's key.
    pub customer: String,
    /// `ContactCode`.
    pub code: String,
    /// The other columns that are named.
    pub values: Values,
}

/// Creates a contact from division, number and code.
///
/// # Errors
/// Why it is not; nothing was written.
pub fn create(desk: &mut Desk<'_>, key: Vec<String>, values: Values) -> Result<String, Refusal> {
    let mut parts = key.into_iter();
    let (division, number) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    desk.create_contact(&ContactWrite {
        customer: format!("{division}-{number}"),
        code: parts.next().unwrap_or_default(),
        values,
    })
}

/// Changes a contact.
///
/// # Errors
/// Why it is not; nothing was written.
pub fn update(desk: &mut Desk<'_>, key: &str, values: &Values) -> Result<(), Refusal> {
    desk.update_contact(key, values)
}

impl Desk<'_> {
    /// Creates a contact.
    ///
    /// # Errors
    /// Why it is not; nothing was written.
    pub fn create_contact(&mut self, write: &ContactWrite) -> Result<String, Refusal> {
        let source = self.source(CONTACTS.source);
        let code = source.check("ContactCode", &write.code)?;
        if code.is_empty() {
            return Err(required(OBJECT, "ContactCode"));
        }
        let Some(customer) = self.customer(&write.customer) else {
            return Err(no_record(OBJECT, &format!("Customer {}", write.customer)));
        };
        let keys = ["ARDivisionNo", "CustomerNo"]
            .map(|name| (name, text(&customer.fields, name).to_owned()));
        let key = format!("{}/{code}", write.customer);
        self.lock_of_contact(&key)?;
        if self.contact(&key).is_some() {
            return Err(exists(OBJECT, &format!("Contact {key}")));
        }
        let given = self.checked(source, &write.values)?;
        let mut row = Row::new(
            CONTACTS.columns(),
            key.clone(),
            self.now.clone(),
            &self.now,
            &[],
        );
        row.fields.extend(given.clone());
        for (name, value) in keys {
            row.fields.insert(name.to_owned(), value);
        }
        row.fields.insert("ContactCode".to_owned(), code);
        self.complete_contact(&row.fields, &given)?;
        row.fields
            .insert("UserCreatedKey".to_owned(), "0000000011".to_owned());
        self.touch(&mut row);
        self.company.table_mut(&CONTACTS).put(row);
        Ok(key)
    }

    /// Changes the named columns of a contact.
    ///
    /// # Errors
    /// Why it does not; nothing was written.
    pub fn update_contact(&mut self, key: &str, changes: &Values) -> Result<(), Refusal> {
        let Some(mut row) = self.contact(key).cloned() else {
            return Err(no_record(OBJECT, &format!("Contact {key}")));
        };
        self.lock_of_contact(key)?;
        let source = self.source(CONTACTS.source);
        let changed: Values = self
            .checked(source, changes)?
            .into_iter()
            .filter(|(name, value)| text(&row.fields, name) != value)
            .collect();
        row.fields.extend(changed.clone());
        self.complete_contact(&row.fields, &changed)?;
        self.touch(&mut row);
        self.company.table_mut(&CONTACTS).put(row);
        Ok(())
    }

    /// Deletes a contact.
    ///
    /// # Errors
    /// It is not there, or it is locked.
    pub fn delete_contact(&mut self, key: &str) -> Result<(), Refusal> {
        if self.contact(key).is_none() {
            return Err(no_record(OBJECT, &format!("Contact {key}")));
        }
        self.lock_of_contact(key)?;
        self.company.table_mut(&CONTACTS).remove(key);
        Ok(())
    }

    /// A contact's record.
    pub fn contact(&self, key: &str) -> Option<&Row> {
        self.company.table(&CONTACTS)?.get(key)
    }

    fn lock_of_contact(&mut self, key: &str) -> Result<(), Refusal> {
        self.settings
            .check_lock(self.code, CONTACTS.name, key, OBJECT)
    }

    fn complete_contact(&self, values: &Values, changed: &Values) -> Result<(), Refusal> {
        if text(values, "ContactName").trim().is_empty() {
            return Err(required(OBJECT, "ContactName"));
        }
        if changed.contains_key("ZipCode") || changed.contains_key("CountryCode") {
            self.check_zip(OBJECT, values, "ZipCode", "CountryCode")?;
        }
        check_email(OBJECT, changed, "EmailAddress")
    }
}
