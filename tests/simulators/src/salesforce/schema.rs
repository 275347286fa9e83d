//! Objects and fields: what describe tells and what a row is checked against.

pub use super::kinds::Kind;
use super::settings::Settings;

/// One field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// API name.
    pub name: &'static str,
    /// What people see.
    pub label: &'static str,
    /// Type.
    pub kind: Kind,
    /// The most characters.
    pub length: u32,
    /// Needed: never empty.
    pub required: bool,
    /// May be set when a record is created.
    pub createable: bool,
    /// May be set later.
    pub updateable: bool,
    /// Rows may be found and related by it.
    pub external_id: bool,
    /// No two records hold the same value, in whatever case.
    pub unique: bool,
    /// Only the values of the picklist are taken.
    pub restricted: bool,
    /// Set when the row does not tell.
    pub defaulted: bool,
    /// Filled in by Salesforce whatever a row tells.
    pub never_empty: bool,
    /// Computed from other fields.
    pub calculated: bool,
    /// The name under which a reference's record is reached.
    pub relationship: Option<&'static str>,
    /// The name under which the records that refer here are reached from the other side.
    pub children: Option<&'static str>,
    /// A record goes with the record that it refers to.
    pub cascade: bool,
    /// Salesforce counts it up; this is how the number is written.
    pub auto_number: Option<&'static str>,
    /// Nobody was given the right to see it.
    pub hidden: bool,
}

impl Field {
    /// A plain field that may be written.
    pub const fn new(name: &'static str, label: &'static str, kind: Kind, length: u32) -> Self {
        Self {
            name,
            label,
            kind,
            length,
            required: false,
            createable: true,
            updateable: true,
            external_id: false,
            unique: false,
            restricted: false,
            defaulted: false,
            never_empty: false,
            calculated: false,
            relationship: None,
            children: None,
            cascade: false,
            auto_number: None,
            hidden: false,
        }
    }

    /// A field that Salesforce alone sets.
    pub const fn system(name: &'static str, label: &'static str, kind: Kind, length: u32) -> Self {
        let mut field = Self::new(name, label, kind, length);
        field.createable = false;
        field.updateable = false;
        field
    }

    /// A reference to a record of an object, under a name.
    pub const fn reference(
        name: &'static str,
        label: &'static str,
        object: &'static str,
        relationship: &'static str,
    ) -> Self {
        let mut field = Self::new(name, label, Kind::Reference(object), 18);
        field.relationship = Some(relationship);
        field
    }

    /// The reference, under no name: its id is all that is told of the record it points to.
    pub const fn not_followed(mut self) -> Self {
        self.relationship = None;
        self
    }

    /// The reference, followed from the other side under a name.
    pub const fn children(mut self, name: &'static str) -> Self {
        self.children = Some(name);
        self
    }

    /// The reference, with whose record this one goes.
    pub const fn cascade(mut self) -> Self {
        self.cascade = true;
        self
    }

    /// The field, needed.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The field, an External ID.
    pub const fn external_id(mut self) -> Self {
        self.external_id = true;
        self
    }

    /// The field, with unique values.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The field, taking only its own values.
    pub const fn restricted(mut self) -> Self {
        self.restricted = true;
        self
    }

    /// The field, set when the row does not tell.
    pub const fn defaulted(mut self) -> Self {
        self.defaulted = true;
        self
    }

    /// The field, which no record lacks.
    pub const fn never_empty(mut self) -> Self {
        self.never_empty = true;
        self
    }

    /// The field, set once.
    pub const fn not_updateable(mut self) -> Self {
        self.updateable = false;
        self
    }

    /// The field, not to be set at creation.
    pub const fn not_createable(mut self) -> Self {
        self.createable = false;
        self
    }

    /// The field, not to be changed.
    pub const fn read_only(mut self) -> Self {
        self.createable = false;
        self.updateable = false;
        self
    }

    /// The field, computed from others.
    pub const fn formula(mut self) -> Self {
        self.calculated = true;
        self.read_only()
    }

    /// Added by this organisation.
    pub fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Whether the user sees it, and the organisation has it: with or without picklists of states and countries,
    /// with one currency or several.
    pub fn is_there(&self, settings: &Settings) -> bool {
        if self.hidden {
            return false;
        }
        match self.kind {
            Kind::CountryCode | Kind::StateCode => settings.state_country_picklists,
            Kind::CurrencyCode => settings.multi_currency,
            _ => true,
        }
    }

    /// A value is never absent: checkboxes are false.
    pub fn is_nillable(&self) -> bool {
        !self.required
            && self.kind != Kind::Boolean
            && self.kind != Kind::Id
            && !self.defaulted
            && !self.never_empty
            && !self.is_of_all_objects()
    }

    /// One of the fields that every object has, and every record from its first moment.
    pub fn is_of_all_objects(&self) -> bool {
        SYSTEM.iter().any(|field| field.name == self.name)
    }
}

/// A kind of record within an object.
#[derive(Debug, Clone, Copy)]
pub struct RecordType {
    /// Its id.
    pub id: &'static str,
    /// What people see.
    pub name: &'static str,
    /// Its name for programs.
    pub developer_name: &'static str,
    /// Whether the integration user may use it.
    pub available: bool,
}

/// One object.
#[derive(Debug)]
pub struct Object {
    /// API name, also in URLs.
    pub name: &'static str,
    /// Label of one record.
    pub label: &'static str,
    /// Label of several.
    pub plural: &'static str,
    /// The first three characters of its ids.
    pub prefix: &'static str,
    /// Whether rows may be created, updated and deleted through the API.
    pub writable: bool,
    /// Its own fields; `SYSTEM` ones come on top.
    pub fields: &'static [Field],
    /// Its record types beside the master.
    pub record_types: &'static [RecordType],
    /// Only there with several currencies.
    pub multi_currency: bool,
}

/// The id of the master record type, the same in all organisations; records have none instead.
pub const MASTER_RECORD_TYPE: &str = "012000000000000AAA";

/// Fields that every object has.
pub const SYSTEM: &[Field] = &[
    Field::system("Id", "Record ID", Kind::Id, 18),
    Field::system("IsDeleted", "Deleted", Kind::Boolean, 0),
    Field::system("CreatedDate", "Created Date", Kind::DateTime, 0),
    creator("CreatedById", "Created By ID", "CreatedBy"),
    Field::system("LastModifiedDate", "Last Modified Date", Kind::DateTime, 0),
    creator("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
    Field::system("SystemModstamp", "System Modstamp", Kind::DateTime, 0),
];

const fn creator(name: &'static str, label: &'static str, relationship: &'static str) -> Field {
    Field::reference(name, label, "User", relationship).read_only()
}

impl Object {
    /// Added by this organisation.
    pub fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// All fields, those of the system first.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        SYSTEM.iter().chain(self.fields)
    }

    /// The field of an API name, in whatever case.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.all_fields()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Whether the organisation has it, with one currency or several.
    pub fn is_there(&self, settings: &Settings) -> bool {
        let dated = settings.dated_rates || self.name != "DatedConversionRate";
        let shown = settings.view_setup || self.name != "EventRelayConfig";
        dated && shown && (settings.multi_currency || !self.multi_currency)
    }

    /// Whether deleted records go to the recycle bin: lines of opportunities do not.
    pub fn keeps_deleted(&self) -> bool {
        self.name != "OpportunityLineItem"
    }
}

/// The standard objects; `catalog` knows those that this organisation has besides.
pub const STANDARD: &[&Object] = &[
    &super::account::OBJECT,
    &super::contact::OBJECT,
    &super::sales::PRODUCT,
    &super::sales::PRICEBOOK,
    &super::sales::PRICEBOOK_ENTRY,
    &super::sales::OPPORTUNITY,
    &super::sales::OPPORTUNITY_LINE,
    &super::sales::OPPORTUNITY_HISTORY,
    &super::sales::ORDER,
    &super::sales::ORDER_ITEM,
    &super::sales::OPPORTUNITY_STAGE,
    &super::sales::ORDER_STATUS,
    &super::sales::CURRENCY_TYPE,
    &super::sales::DATED_RATE,
    &super::people::USER,
    &super::people::PROFILE,
    &super::people::RECORD_TYPE,
    &super::people::ORGANIZATION,
    &super::metadata::PERMISSION_SET,
    &super::metadata::PERMISSION_SET_ASSIGNMENT,
    &super::metadata::FIELD_PERMISSIONS,
    &super::telling::relays::CONFIG,
    &super::telling::relays::FEEDBACK,
];
