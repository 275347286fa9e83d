//! A session in one company: what the business objects work on.

use super::{
    check::Source,
    entities::CUSTOMERS,
    refusal::Refusal,
    settings::Settings,
    world::{Company, World},
};
use crate::data::{Row, Stamp, Values};

/// The user that writes of the agent and the SOAP service are stamped with.
const USER_KEY: &str = "0000000011";

/// A session.
pub struct Desk<'a> {
    /// The company's code.
    pub code: &'a str,
    /// Its data.
    pub company: &'a mut Company,
    /// What the door has set.
    pub settings: &'a mut Settings,
    /// What Sage would stamp a record with now.
    pub now: Stamp,
}

impl World {
    /// How long a text column is in this version.
    pub fn column_length(&self, name: &str, length: u32) -> u32 {
        let source = Source {
            object: "",
            columns: &[],
            read_only: &[],
            old_lengths: self.settings.site.old_lengths(),
        };
        source.length(name, length)
    }

    /// Sits down in a company, if there is one.
    pub fn desk<'a>(&'a mut self, code: &'a str) -> Option<Desk<'a>> {
        let now = self.stamp_now();
        let company = self.companies.get_mut(code)?;
        Some(Desk {
            code,
            company,
            settings: &mut self.settings,
            now,
        })
    }
}

impl Desk<'_> {
    /// A business object with the lengths of this version.
    pub fn source(&self, source: Source) -> Source {
        Source {
            old_lengths: self.settings.site.old_lengths(),
            ..source
        }
    }

    /// Today, as Sage writes it.
    pub fn today(&self) -> String {
        self.now.date.clone()
    }

    /// A customer's record.
    pub fn customer(&self, key: &str) -> Option<&Row> {
        self.company.table(&CUSTOMERS)?.get(key)
    }

    /// Checks values and those that the door has refused.
    ///
    /// # Errors
    /// The first value that is refused.
    pub fn checked(&mut self, source: Source, values: &Values) -> Result<Values, Refusal> {
        let mut checked = Values::new();
        for (name, value) in values {
            let value = source.check(name, value)?;
            self.settings.check_refused(source.object, name, &value)?;
            checked.insert(name.clone(), value);
        }
        Ok(checked)
    }

    /// Stamps a record, as maintenance does.
    pub fn touch(&self, row: &mut Row) {
        row.touch(self.now.clone(), USER_KEY);
    }

    /// Stamps the header of an order; a new one is stamped as created, too.
    pub fn touch_values(&self, values: &mut Values, new: bool) {
        let which: &[&str] = if new {
            &["Created", "Updated"]
        } else {
            &["Updated"]
        };
        for name in which {
            values.insert(format!("Date{name}"), self.now.date.clone());
            values.insert(format!("Time{name}"), self.now.time.clone());
            values.insert(format!("User{name}Key"), USER_KEY.to_owned());
        }
    }
}
