//! Modules and fields: what the fields metadata tells and what a row is checked against.

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// Several lines of text.
    TextArea,
    /// Several lines of HTML.
    RichText,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Website,
    /// One of several values; Zoho takes others too.
    Picklist(&'static [&'static str]),
    /// True or false.
    Boolean,
    /// A whole number of up to nine digits.
    Integer,
    /// A longer whole number.
    BigInt,
    /// A number with decimals.
    Double,
    /// An amount of money.
    Currency,
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// A record of a module.
    Lookup(&'static str),
    /// A user.
    Owner,
    /// Rows of a subform.
    Subform(&'static str),
    /// A list of objects, of this `data_type`.
    List(&'static str),
}

impl Kind {
    /// Zoho's `data_type`.
    pub fn data_type(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::TextArea | Kind::RichText => "textarea",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Website => "website",
            Kind::Picklist(_) => "picklist",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::BigInt => "bigint",
            Kind::Double => "double",
            Kind::Currency => "currency",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::Lookup(_) => "lookup",
            Kind::Owner => "ownerlookup",
            Kind::Subform(_) => "subform",
            Kind::List(data_type) => data_type,
        }
    }

    /// Zoho's `json_type`.
    pub fn json_type(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::BigInt => "string",
            Kind::Double | Kind::Currency => "double",
            Kind::Lookup(_) | Kind::Owner => "jsonobject",
            Kind::Subform(_) | Kind::List(_) => "jsonarray",
            Kind::Text
            | Kind::TextArea
            | Kind::RichText
            | Kind::Email
            | Kind::Phone
            | Kind::Website
            | Kind::Picklist(_)
            | Kind::Date
            | Kind::DateTime => "string",
        }
    }
}

/// Who fills a field in, which the metadata tells by four flags that do not say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// Whoever writes the record.
    Anybody,
    /// Zoho, with who wrote it and when: neither `read_only` nor `field_read_only`, but no operation.
    System,
    /// Zoho, from other fields: `read_only`, and shown in the form all the same.
    Formula,
    /// Zoho, by counting: both flags.
    Count,
}

/// One field of a module.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// API name.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// The most characters (or digits) it holds.
    pub length: u32,
    /// Added by this organisation.
    pub custom: bool,
    /// "Do not allow duplicate values".
    pub unique: bool,
    /// Needed to create a record.
    pub mandatory: bool,
    /// What is not filled in by anybody is silently ignored in rows.
    pub filled: Filled,
    /// What people see, where the name does not tell.
    pub label: Option<&'static str>,
    /// How records are counted, if this names them by a number.
    pub auto_number: Option<AutoNumber>,
}

/// How records are counted.
#[derive(Debug, Clone, Copy)]
pub struct AutoNumber {
    /// What stands before the number.
    pub prefix: &'static str,
    /// What stands behind it.
    pub suffix: &'static str,
    /// The first number.
    pub start: u64,
}

impl Field {
    /// A plain field.
    pub const fn new(name: &'static str, kind: Kind, length: u32) -> Self {
        Self {
            name,
            kind,
            length,
            custom: false,
            unique: false,
            mandatory: false,
            filled: Filled::Anybody,
            label: None,
            auto_number: None,
        }
    }

    /// Only there with several currencies.
    pub fn is_of_currencies(&self) -> bool {
        matches!(self.name, "Currency" | "Exchange_Rate")
    }

    /// Rows within a record: only a read of one record shows them.
    pub fn is_subform(&self) -> bool {
        matches!(self.kind, Kind::Subform(_))
    }

    /// The field, needed to create a record.
    pub const fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    /// The field, added by this organisation.
    pub const fn custom(mut self) -> Self {
        self.custom = true;
        self
    }

    /// The field, with unique values.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The field, set by Zoho alone.
    pub const fn read_only(mut self) -> Self {
        self.filled = Filled::System;
        self
    }

    /// The field, computed from others.
    pub const fn formula(mut self) -> Self {
        self.filled = Filled::Formula;
        self
    }

    /// The field, counted up.
    pub const fn counted(mut self) -> Self {
        self.filled = Filled::Count;
        self
    }

    /// Whether rows may bring it.
    pub fn is_written(&self) -> bool {
        self.filled == Filled::Anybody
    }

    /// Zoho's `data_type`.
    pub fn data_type(&self) -> &'static str {
        match self.filled {
            Filled::Formula => "formula",
            Filled::Count => "autonumber",
            Filled::Anybody | Filled::System => self.kind.data_type(),
        }
    }
}

/// One module.
#[derive(Debug)]
pub struct Module {
    /// API name, also in URLs.
    pub name: &'static str,
    /// Singular label.
    pub singular: &'static str,
    /// Plural label, where the name does not tell.
    pub plural: Option<&'static str>,
    /// Added by this organisation.
    pub custom: bool,
    /// The module's id.
    pub id: u64,
    /// The system-defined duplicate-check field.
    pub check: &'static str,
    /// The field that names a record.
    pub display: &'static str,
    /// Fields in the order of the layout.
    pub fields: &'static [Field],
}

impl Module {
    /// The field of an API name; names are case-sensitive.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fields, without those of several currencies where there is one.
    pub fn fields_with(&self, multi_currency: bool) -> impl Iterator<Item = &'static Field> {
        self.fields
            .iter()
            .filter(move |field| multi_currency || !field.is_of_currencies())
    }

    /// The user-defined unique fields, in the order of the layout.
    pub fn uniques(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.unique)
    }
}

/// The standard modules; `catalog` knows those that this organisation has besides.
pub const STANDARD: &[&Module] = &[
    &super::accounts::MODULE,
    &super::contacts::MODULE,
    &super::vendors::MODULE,
    &super::sales::DEALS,
    &super::sales::PRODUCTS,
    &super::sales::SALES_ORDERS,
    &super::sales::PRICE_BOOKS,
];

/// The modules whose records are rows of another module's records.
pub const SUBFORMS: &[&Module] = &[&super::sales::ORDERED_ITEMS, &super::sales::SALE_ITEMS];

/// The subform of an API name.
pub fn subform(name: &str) -> Option<&'static Module> {
    SUBFORMS.iter().copied().find(|module| module.name == name)
}
