//! Objects that are only read: users and their profiles, record types, the organisation.

use super::schema::{Field, Kind, Object};

/// User.
pub const USER: Object = Object {
    name: "User",
    label: "User",
    plural: "Users",
    prefix: "005",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::new("Username", "Username", Kind::Text, 80).required(),
        Field::new("LastName", "Last Name", Kind::Text, 80).required(),
        Field::new("FirstName", "First Name", Kind::Text, 40),
        Field::system("Name", "Full Name", Kind::Text, 121),
        Field::new("Alias", "Alias", Kind::Text, 8).required(),
        Field::new("Email", "Email", Kind::Email, 128).required(),
        Field::new("Title", "Title", Kind::Text, 80),
        Field::new("Phone", "Phone", Kind::Phone, 40),
        Field::new("EmployeeNumber", "Employee Number", Kind::Text, 20),
        Field::new(
            "FederationIdentifier",
            "SAML Federation ID",
            Kind::Text,
            512,
        ),
        Field::new("IsActive", "Active", Kind::Boolean, 0).defaulted(),
        Field::new("UserType", "User Type", Kind::Picklist(&["Standard"]), 40).read_only(),
        Field::new("TimeZoneSidKey", "Time Zone", Kind::Text, 40),
        Field::new("LocaleSidKey", "Locale", Kind::Text, 40),
        Field::new("LanguageLocaleKey", "Language", Kind::Text, 40),
        Field::new("EmailEncodingKey", "Email Encoding", Kind::Text, 40),
        Field::reference("ProfileId", "Profile ID", "Profile", "Profile").required(),
        Field::reference("ManagerId", "Manager ID", "User", "Manager"),
    ],
};

/// Profile.
pub const PROFILE: Object = Object {
    name: "Profile",
    label: "Profile",
    plural: "Profiles",
    prefix: "00e",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("Name", "Name", Kind::Text, 255),
        Field::system("UserType", "User Type", Kind::Text, 40),
    ],
};

/// RecordType.
pub const RECORD_TYPE: Object = Object {
    name: "RecordType",
    label: "Record Type",
    plural: "Record Types",
    prefix: "012",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("Name", "Name", Kind::Text, 80),
        Field::system("DeveloperName", "Record Type Name", Kind::Text, 80),
        Field::system("NamespacePrefix", "Namespace Prefix", Kind::Text, 15),
        Field::system("Description", "Description", Kind::Text, 255),
        Field::system("SobjectType", "SObject Type Name", Kind::Text, 40),
        Field::system("IsActive", "Active", Kind::Boolean, 0),
    ],
};

/// Organization, with its one record.
pub const ORGANIZATION: Object = Object {
    name: "Organization",
    label: "Organization",
    plural: "Organizations",
    prefix: "00D",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("Name", "Name", Kind::Text, 80),
        Field::system("City", "City", Kind::Text, 40),
        Field::system("State", "State/Province", Kind::Text, 80),
        Field::system("Country", "Country", Kind::Text, 80),
        Field::system("OrganizationType", "Edition", Kind::Text, 40),
        Field::system("InstanceName", "Instance Name", Kind::Text, 5),
        Field::system("IsSandbox", "Is Sandbox", Kind::Boolean, 0),
        Field::system("NamespacePrefix", "Namespace Prefix", Kind::Text, 15),
        Field::system(
            "TrialExpirationDate",
            "Trial Expiration Date",
            Kind::DateTime,
            0,
        ),
        Field::system("TimeZoneSidKey", "Time Zone", Kind::Text, 40),
        Field::system("DefaultLocaleSidKey", "Locale", Kind::Text, 40),
        Field::system("LanguageLocaleKey", "Language", Kind::Text, 40),
    ],
};
