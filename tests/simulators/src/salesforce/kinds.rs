//! The types of fields, and what describe calls them.

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The record's own id.
    Id,
    /// One line of text.
    Text,
    /// Several lines of up to 255 characters.
    TextArea,
    /// Long text: neither filtered nor sorted by.
    LongText,
    /// Long text of HTML: a rich text area.
    Html,
    /// An e-mail address.
    Email,
    /// A phone number, in whatever form.
    Phone,
    /// A web address.
    Url,
    /// One of several values; other values are taken, too, unless it is restricted.
    Picklist(&'static [&'static str]),
    /// The label of a country, and a picklist only when those of states and countries are on.
    Country,
    /// The label of a state, likewise.
    State,
    /// The code of a country or a state; there only when those picklists are on.
    CountryCode,
    /// The code of a state; there only when those picklists are on.
    StateCode,
    /// True or false.
    Boolean,
    /// A number of so many digits, so many of them after the point.
    Number(u32, u32),
    /// A whole number of so many digits.
    Int(u32),
    /// An amount of money.
    Currency(u32, u32),
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// A record of an object.
    Reference(&'static str),
    /// A share of a hundred.
    Percent(u32, u32),
    /// The code of a currency; there only in an organisation with several.
    CurrencyCode,
    /// The parts of an address, together.
    Address(&'static str),
}

impl Kind {
    /// The name of the type in describe.
    pub fn name(self, picklists: bool) -> &'static str {
        match self {
            Kind::Id => "id",
            Kind::Text => "string",
            Kind::TextArea | Kind::LongText | Kind::Html => "textarea",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Url => "url",
            Kind::Picklist(_) | Kind::CountryCode | Kind::StateCode | Kind::CurrencyCode => {
                "picklist"
            }
            Kind::Country | Kind::State if picklists => "picklist",
            Kind::Country | Kind::State => "string",
            Kind::Boolean => "boolean",
            Kind::Number(..) => "double",
            Kind::Int(_) => "int",
            Kind::Currency(..) => "currency",
            Kind::Percent(..) => "percent",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::Reference(_) => "reference",
            Kind::Address(_) => "address",
        }
    }

    /// The name of the type in SOAP, which describe tells, too.
    pub fn soap(self) -> &'static str {
        match self {
            Kind::Id | Kind::Reference(_) => "tns:ID",
            Kind::Boolean => "xsd:boolean",
            Kind::Number(..) | Kind::Currency(..) | Kind::Percent(..) => "xsd:double",
            Kind::Int(_) => "xsd:int",
            Kind::Date => "xsd:date",
            Kind::DateTime => "xsd:dateTime",
            Kind::Address(_) => "urn:address",
            _ => "xsd:string",
        }
    }
}

/// Where a place lies, in degrees.
pub const LATITUDE: Kind = Kind::Number(18, 15);
/// How well it is known where a place lies.
pub const ACCURACY: Kind = Kind::Picklist(&[
    "Address",
    "NearAddress",
    "Block",
    "Street",
    "ExtendedZip",
    "Zip",
    "Neighborhood",
    "City",
    "County",
    "State",
    "Unknown",
]);
