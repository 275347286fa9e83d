//! One mapped field against the CRM's own field.

use counterpart_config::{CrmProfile, FieldMap, Helper, Source};
use counterpart_delivery::ports::{CrmField, CrmFieldKind, CrmModule};
use counterpart_domain::{ColumnKind, bounded};

use super::made::{Made, name_of};
use super::nearest;
use super::problem::Report;

/// What is checked, and in which light.
pub(super) struct FieldCheck<'a> {
    /// The product.
    pub(super) crm: &'a CrmProfile,
    /// The module.
    pub(super) module: &'a CrmModule,
    /// The map.
    pub(super) map: &'a FieldMap,
    /// What it makes of each company's columns.
    pub(super) made: &'a [(String, Made)],
    /// Its path.
    pub(super) path: &'a str,
    /// Whether records are created with it.
    pub(super) creates: bool,
    /// Whether records are updated with it.
    pub(super) updates: bool,
}

/// The field of this name; an unknown name is a mistake.
pub(super) fn find<'m>(
    module: &'m CrmModule,
    name: &str,
    path: &str,
    report: &mut Report<'_>,
) -> Option<&'m CrmField> {
    let found = module.fields.iter().find(|field| field.name == name);
    if found.is_none() {
        let names = module.fields.iter().map(|field| field.name.as_str());
        let otherwise = format!(
            "Create the field in {}, let the integration user see it, or take the line out.",
            module.name
        );
        report.mistake(
            "E_CHECK_FIELD_UNKNOWN",
            path,
            format!("{} has no field {name} that we can see.", module.name),
            nearest::remedy(name, names, &otherwise),
        );
    }
    found
}

/// Whether we may write it as often as we have to; if not, that is a mistake.
pub(super) fn writable(
    module: &CrmModule,
    field: &CrmField,
    path: &str,
    creates: bool,
    updates: bool,
    report: &mut Report<'_>,
) -> bool {
    let refused = match (creates && !field.createable, updates && !field.updateable) {
        (false, false) => return true,
        (true, true) => "be written",
        (true, false) => "be set when a record is created",
        (false, true) => "be changed afterwards",
    };
    report.mistake(
        "E_CHECK_FIELD_READ_ONLY",
        path,
        format!("{}.{} cannot {refused} by us.", module.name, field.name),
        "Map another field, or give the integration user the right to edit this one where it is not computed.",
    );
    false
}

impl FieldCheck<'_> {
    /// Everything that is wrong with the map.
    pub(super) fn run(&self, report: &mut Report<'_>) {
        let Some(field) = find(self.module, &self.map.field, self.path, report) else {
            return;
        };
        if !writable(
            self.module,
            field,
            self.path,
            self.creates,
            self.updates,
            report,
        ) {
            return;
        }
        let Some((_, first)) = self.made.first() else {
            return;
        };
        if self.crm.fields.record_type == Some(field.name.as_str()) {
            self.record_type(field, first, report);
            return;
        }
        // Types and fixed values are the same for all companies; lengths and digits are not.
        if !self.type_fits(field, first, report) {
            return;
        }
        self.picklist(field, first, report);
        self.length(field, report);
        self.digits(field, report);
        self.format(field, first, report);
    }

    fn type_fits(&self, field: &CrmField, made: &Made, report: &mut Report<'_>) -> bool {
        let kinds = &made.makes.kinds;
        let wrong = kinds.iter().find(|kind| !self.takes(field, **kind, made));
        let Some(kind) = wrong else { return true };
        let fixed = matches!(self.map.from, Source::Const(_));
        let remedy = match field.kind {
            CrmFieldKind::Text
            | CrmFieldKind::Email
            | CrmFieldKind::Phone
            | CrmFieldKind::Url
            | CrmFieldKind::Picklist
                if fixed =>
            {
                "Write the value of `const` as a text, in quotes."
            }
            CrmFieldKind::Number if fixed => {
                "Write the value of `const` as a number, without quotes."
            }
            CrmFieldKind::Flag if fixed => "Write const = true or const = false, without quotes.",
            CrmFieldKind::Date if fixed => "A date cannot be fixed: map a column that holds one.",
            CrmFieldKind::Text
            | CrmFieldKind::Email
            | CrmFieldKind::Phone
            | CrmFieldKind::Url
            | CrmFieldKind::Picklist => "Add with = \"text\", or a table of `values`.",
            CrmFieldKind::Number => "Add with = \"number\", or map a column that holds a number.",
            CrmFieldKind::Flag => "Add with = \"flag\", or map a column that holds Y or N.",
            CrmFieldKind::Date => "Add with = \"date\", or map a column that holds a date.",
            CrmFieldKind::DateTime => "Sage 100 has days only: map a date field.",
            CrmFieldKind::MultiPicklist => "Map a text field or a plain picklist.",
            CrmFieldKind::Reference | CrmFieldKind::Id | CrmFieldKind::Other => {
                "Only `owner` and `parent_field` fill references: map a text field."
            }
        };
        report.mistake(
            "E_CHECK_TYPE",
            self.path,
            format!(
                "{}.{} is of type {}, but the mapping makes {}.",
                self.module.name,
                field.name,
                field.native_type,
                name_of(*kind)
            ),
            remedy,
        );
        false
    }

    fn takes(&self, field: &CrmField, kind: ColumnKind, made: &Made) -> bool {
        match field.kind {
            CrmFieldKind::Text => matches!(kind, ColumnKind::Text | ColumnKind::Date),
            CrmFieldKind::Email
            | CrmFieldKind::Phone
            | CrmFieldKind::Url
            | CrmFieldKind::Picklist => kind == ColumnKind::Text,
            CrmFieldKind::Number => kind == ColumnKind::Number,
            CrmFieldKind::Flag => kind == ColumnKind::Flag,
            CrmFieldKind::Date => kind == ColumnKind::Date,
            // Counterpart makes no moments.
            CrmFieldKind::DateTime => false,
            CrmFieldKind::MultiPicklist => {
                kind == ColumnKind::Text && self.crm.fields.multi_picklist_takes_text
            }
            CrmFieldKind::Reference | CrmFieldKind::Id => {
                // A record's id that stands in the configuration itself.
                kind == ColumnKind::Text
                    && self.crm.ids.fixed.is_some_and(|may_be| {
                        let texts = made.makes.texts.as_ref();
                        texts.is_some_and(|texts| texts.iter().all(|text| may_be(text)))
                    })
            }
            CrmFieldKind::Other => true,
        }
    }

    fn picklist(&self, field: &CrmField, made: &Made, report: &mut Report<'_>) {
        if field.kind != CrmFieldKind::Picklist || field.values.is_empty() {
            return;
        }
        let listed = || bounded(field.values.join(", "), 200);
        let Some(texts) = &made.makes.texts else {
            let shortest = field.values.iter().map(|value| value.chars().count()).min();
            // `A` for a list of `Active` and `Inactive`: not one record would be taken.
            let fits_none = made
                .makes
                .longest
                .zip(shortest)
                .is_some_and(|(longest, shortest)| longest < shortest);
            if field.restricted && fits_none {
                report.mistake(
                    "E_CHECK_PICKLIST",
                    self.path,
                    format!(
                        "{}.{} takes listed values only, and all are longer than what the mapping writes.",
                        self.module.name, field.name
                    ),
                    format!("Add a table of `values`. The field takes: {}.", listed()),
                );
            } else if field.restricted {
                let remedy = if self.is_place() {
                    "Say otherwise = \"blank\", so that what cannot be standardised is left out."
                        .to_owned()
                } else {
                    format!("Add a table of `values`. The field takes: {}.", listed())
                };
                report.warning(
                    "E_CHECK_PICKLIST_OPEN",
                    self.path,
                    format!(
                        "{}.{} takes listed values only, but the mapping writes whatever Sage 100 holds.",
                        self.module.name, field.name
                    ),
                    remedy,
                );
            }
            return;
        };
        let values = || field.values.iter().map(String::as_str);
        let strange: Vec<&str> = texts
            .iter()
            .map(String::as_str)
            .filter(|text| !values().any(|known| known == *text))
            .collect();
        if self.is_standard() && strange.len() < texts.len() {
            self.beyond_the_list(field, &strange, report);
            return;
        }
        for text in strange {
            let message = format!(
                "{text:?} is not among the values of {}.{}.",
                self.module.name, field.name
            );
            let remedy = nearest::remedy(text, values(), &format!("It takes: {}.", listed()));
            if field.restricted {
                report.mistake("E_CHECK_PICKLIST", self.path, message, remedy);
            } else {
                report.warning("E_CHECK_PICKLIST", self.path, message, remedy);
            }
            // The wrong form of a standard list: one of its values says it all.
            if self.is_standard() {
                return;
            }
        }
    }

    /// States and countries.
    const fn is_place(&self) -> bool {
        matches!(self.map.with, Helper::State { .. } | Helper::Country { .. })
    }

    /// Whether the texts are those of a list of ours, of which few orgs have all and few customers want more than some.
    const fn is_standard(&self) -> bool {
        self.is_place() || matches!(self.map.with, Helper::Salutation)
    }

    /// Some values of a list of ours are not among the field's.
    fn beyond_the_list(&self, field: &CrmField, strange: &[&str], report: &mut Report<'_>) {
        if strange.is_empty() || !field.restricted {
            return;
        }
        report.warning(
            "E_CHECK_PICKLIST",
            self.path,
            format!(
                "{}.{} lacks {} of the values that the mapping can make: {}. A record with one of them is refused.",
                self.module.name,
                field.name,
                strange.len(),
                bounded(strange.join(", "), 120)
            ),
            "Add to the CRM's list what your customers need.",
        );
    }

    fn length(&self, field: &CrmField, report: &mut Report<'_>) {
        let Some(most) = field.length else { return };
        let place = format!("{}.{}", self.module.name, field.name);
        let remedy = format!(
            "Add length = {most}, and cut = true unless a longer text should park the record."
        );
        let longest = self.made.iter().filter_map(|(company, made)| {
            let longest = made.makes.longest.filter(|_| made.makes.has_text())?;
            Some((longest, company, made))
        });
        if let Some((longest, company, made)) = longest
            .max_by_key(|(longest, ..)| *longest)
            .filter(|(longest, ..)| *longest > most as usize)
        {
            let source = match (made.makes.texts.is_some(), self.map.length) {
                (true, _) => "the configuration".to_owned(),
                (false, Some(length)) if length as usize == longest => format!("length = {length}"),
                (false, _) => format!("the columns of company {company}"),
            };
            report.mistake(
                "E_CHECK_LENGTH",
                self.path,
                format!("{place} takes {most} characters, {source} can make {longest}."),
                remedy,
            );
        } else if let Some((company, _)) = self.made.iter().find(|(_, made)| made.unlimited) {
            report.warning(
                "E_CHECK_LENGTH_OPEN",
                self.path,
                format!("{place} takes {most} characters; the agent of company {company} tells no greatest length."),
                remedy,
            );
        }
    }

    fn digits(&self, field: &CrmField, report: &mut Report<'_>) {
        let Some((before, after)) = field.digits else {
            return;
        };
        let place = format!("{}.{}", self.module.name, field.name);
        let made = || self.made.iter().filter_map(|(_, made)| made.digits);
        if let Some(most) = made()
            .map(|digits| digits.0)
            .max()
            .filter(|most| *most > before)
        {
            report.mistake(
                "E_CHECK_DIGITS",
                self.path,
                format!(
                    "{place} takes {before} digits before the point, the mapping can make {most}."
                ),
                "Give the CRM field more digits, or map another field.",
            );
        }
        if let Some(most) = made()
            .map(|digits| digits.1)
            .max()
            .filter(|most| *most > after)
        {
            if is_whole(&field.native_type) {
                report.mistake(
                    "E_CHECK_DECIMALS",
                    self.path,
                    format!("{place} takes whole numbers only, the mapping can make {most} digits after the point."),
                    "Map a field of decimals, or compute a whole number.",
                );
                return;
            }
            report.warning(
                "E_CHECK_DECIMALS",
                self.path,
                format!("{place} keeps {after} digits after the point, the mapping can make {most}: the CRM rounds."),
                "Give the CRM field more decimals where they matter.",
            );
        }
    }

    /// Fields that look at the form of a text.
    fn format(&self, field: &CrmField, made: &Made, report: &mut Report<'_>) {
        let (wanted, fits) = match field.kind {
            CrmFieldKind::Email => ("email", self.map.with == Helper::Email),
            CrmFieldKind::Phone if self.crm.fields.checks_forms => {
                ("phone", self.map.with == Helper::Phone)
            }
            CrmFieldKind::Url if self.crm.fields.checks_forms => {
                ("website", self.map.with == Helper::Website)
            }
            _ => return,
        };
        if !fits && made.makes.texts.is_none() {
            report.warning(
                "E_CHECK_FORMAT",
                self.path,
                format!(
                    "{}.{} refuses a text of another form than {}, and the whole record with it.",
                    self.module.name, field.name, field.native_type
                ),
                format!("Add with = \"{wanted}\"."),
            );
        }
    }

    fn record_type(&self, field: &CrmField, made: &Made, report: &mut Report<'_>) {
        let Some(texts) = &made.makes.texts else {
            report.mistake(
                "E_CHECK_RECORD_TYPE",
                self.path,
                format!(
                    "{} wants ids of record types, not what Sage 100 holds.",
                    field.name
                ),
                "Use `const` with an id, or a table of `values`.",
            );
            return;
        };
        let known: Vec<String> = self
            .module
            .record_types
            .iter()
            .filter(|kind| kind.available)
            .map(|kind| format!("{} ({})", kind.name, kind.id))
            .collect();
        let remedy = if known.is_empty() {
            format!(
                "{} has no record types that we may use: take the line out.",
                self.module.name
            )
        } else {
            format!("Use one of: {}.", bounded(known.join(", "), 250))
        };
        for id in texts {
            let found = self
                .module
                .record_types
                .iter()
                .find(|kind| same_id(&kind.id.0, id));
            let wrong = match found {
                None => "does not exist",
                Some(kind) if !kind.available => "may not be used by the integration user",
                Some(_) => continue,
            };
            report.mistake(
                "E_CHECK_RECORD_TYPE",
                self.path,
                format!("Record type {id} of {} {wrong}.", self.module.name),
                remedy.clone(),
            );
        }
    }
}

/// Types of which a number with decimals is refused, not rounded.
fn is_whole(native_type: &str) -> bool {
    matches!(native_type, "integer" | "bigint" | "int" | "long")
}

/// An id of 15 characters is the beginning of that of 18.
pub(super) fn same_id(one: &str, other: &str) -> bool {
    one == other
        || (one.len() == 18 && one.get(..15) == Some(other))
        || (other.len() == 18 && other.get(..15) == Some(one))
}
