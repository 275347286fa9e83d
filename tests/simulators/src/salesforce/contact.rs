//! Contact: standard fields with their documented lengths, and this organisation's own.

use super::{
    kinds::{ACCURACY, LATITUDE},
    sales::CURRENCY,
    schema::{Field, Kind, Object},
};

const SALUTATIONS: &[&str] = &["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."];
const SOURCES: &[&str] = &[
    "Web",
    "Phone Inquiry",
    "Partner Referral",
    "Purchased List",
    "Other",
];

/// Contact.
pub const OBJECT: Object = Object {
    name: "Contact",
    label: "Contact",
    plural: "Contacts",
    prefix: "003",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference(
            "MasterRecordId",
            "Master Record ID",
            "Contact",
            "MasterRecord",
        )
        .read_only(),
        Field::reference("AccountId", "Account ID", "Account", "Account")
            .children("Contacts")
            .cascade(),
        Field::new("LastName", "Last Name", Kind::Text, 80).required(),
        Field::new("FirstName", "First Name", Kind::Text, 40),
        Field::new("Salutation", "Salutation", Kind::Picklist(SALUTATIONS), 40),
        Field::system("Name", "Full Name", Kind::Text, 121).never_empty(),
        Field::new("OtherStreet", "Other Street", Kind::TextArea, 255),
        Field::new("OtherCity", "Other City", Kind::Text, 40),
        Field::new("OtherState", "Other State/Province", Kind::State, 80),
        Field::new("OtherPostalCode", "Other Zip/Postal Code", Kind::Text, 20),
        Field::new("OtherCountry", "Other Country", Kind::Country, 80),
        Field::new(
            "OtherStateCode",
            "Other State/Province Code",
            Kind::StateCode,
            10,
        ),
        Field::new(
            "OtherCountryCode",
            "Other Country Code",
            Kind::CountryCode,
            10,
        ),
        Field::new("OtherLatitude", "Other Latitude", LATITUDE, 0),
        Field::new("OtherLongitude", "Other Longitude", LATITUDE, 0),
        Field::new(
            "OtherGeocodeAccuracy",
            "Other Geocode Accuracy",
            ACCURACY,
            40,
        )
        .restricted(),
        Field::system("OtherAddress", "Other Address", Kind::Address("Other"), 0),
        Field::new("MailingStreet", "Mailing Street", Kind::TextArea, 255),
        Field::new("MailingCity", "Mailing City", Kind::Text, 40),
        Field::new("MailingState", "Mailing State/Province", Kind::State, 80),
        Field::new(
            "MailingPostalCode",
            "Mailing Zip/Postal Code",
            Kind::Text,
            20,
        ),
        Field::new("MailingCountry", "Mailing Country", Kind::Country, 80),
        Field::new(
            "MailingStateCode",
            "Mailing State/Province Code",
            Kind::StateCode,
            10,
        ),
        Field::new(
            "MailingCountryCode",
            "Mailing Country Code",
            Kind::CountryCode,
            10,
        ),
        Field::new("MailingLatitude", "Mailing Latitude", LATITUDE, 0),
        Field::new("MailingLongitude", "Mailing Longitude", LATITUDE, 0),
        Field::new(
            "MailingGeocodeAccuracy",
            "Mailing Geocode Accuracy",
            ACCURACY,
            40,
        )
        .restricted(),
        Field::system(
            "MailingAddress",
            "Mailing Address",
            Kind::Address("Mailing"),
            0,
        ),
        Field::new("Phone", "Business Phone", Kind::Phone, 40),
        Field::new("Fax", "Business Fax", Kind::Phone, 40),
        Field::new("MobilePhone", "Mobile Phone", Kind::Phone, 40),
        Field::new("HomePhone", "Home Phone", Kind::Phone, 40),
        Field::new("OtherPhone", "Other Phone", Kind::Phone, 40),
        Field::new("AssistantPhone", "Asst. Phone", Kind::Phone, 40),
        Field::reference("ReportsToId", "Reports To ID", "Contact", "ReportsTo"),
        Field::new("Email", "Email", Kind::Email, 80),
        Field::new("Title", "Title", Kind::Text, 128),
        Field::new("Department", "Department", Kind::Text, 80),
        Field::new("AssistantName", "Assistant's Name", Kind::Text, 40),
        Field::new("LeadSource", "Lead Source", Kind::Picklist(SOURCES), 255),
        Field::new("Birthdate", "Birthdate", Kind::Date, 0),
        Field::new("Description", "Contact Description", Kind::LongText, 32_000),
        Field::reference("OwnerId", "Owner ID", "User", "Owner").defaulted(),
        Field::new("HasOptedOutOfEmail", "Email Opt Out", Kind::Boolean, 0).defaulted(),
        Field::new("DoNotCall", "Do Not Call", Kind::Boolean, 0).defaulted(),
        Field::new("Sage_Key__c", "Sage Key", Kind::Text, 255)
            .external_id()
            .unique(),
        Field::new("Legacy_Id__c", "Legacy Id", Kind::Text, 80).external_id(),
        CURRENCY,
        Field::new("Sage_Contact_Code__c", "Sage Contact Code", Kind::Text, 30),
        Field::new("Sage_Company__c", "Sage Company", Kind::Text, 10),
        Field::new(
            "Contact_Role__c",
            "Contact Role",
            Kind::Picklist(&["Buyer", "Accounts Payable", "Shipping", "Owner"]),
            255,
        )
        .restricted(),
        Field::new("Sage_Score__c", "Sage Score", Kind::Number(16, 2), 0),
        Field::new("Sage_Inactive__c", "Sage Inactive", Kind::Boolean, 0).defaulted(),
        Field::new("Account_Status__c", "Account Status", Kind::Text, 255).formula(),
    ],
};
