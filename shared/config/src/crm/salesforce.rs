//! Salesforce. Pages: "REST API Developer Guide", "Object Reference".

use super::profile::{
    Composed, CrmProfile, EntityProfile, FieldForms, IdForms, KeyAdvice, LineProfile, Lookup,
    OneOrg, SourceProfile, WaysIn, Webhook,
};
use super::salesforce_id::salesforce_id;
use super::setting::{Setting, SettingForm, Unfit};

/// Salesforce.
pub static SALESFORCE: CrmProfile = CrmProfile {
    name: "salesforce",
    title: "Salesforce",
    short: "Salesforce",
    // Summer '26.
    api_version: "67.0",
    bulk_size: 200,
    settings: &[
        Setting {
            key: "my_domain",
            needed: Some("Add the org's My Domain: my_domain = \"acme.my.salesforce.com\"."),
            form: SettingForm::Text(my_domain),
        },
        Setting {
            key: "login_url",
            needed: None,
            form: SettingForm::Loopback,
        },
        Setting {
            key: "instance_url",
            needed: None,
            form: SettingForm::Loopback,
        },
        Setting {
            key: "api_version",
            needed: None,
            form: SettingForm::Text(api_version),
        },
    ],
    place: None,
    one_org: OneOrg::Setting("my_domain"),
    token_limit: None,
    secrets: &[
        &["client_id", "client_secret"],
        &["client_id", "username", "private_key"],
    ],
    org_right: "Let the integration user log on with the scope id: without it nobody sees here which org it is.",
    entities: &[
        EntityProfile {
            entity: "customer",
            module: "Account",
            key_field: "Sage_Key__c",
            parent_field: None,
            mandatory: &["Name"],
            composed: &[],
            city_field: Some("BillingCity"),
        },
        EntityProfile {
            entity: "contact",
            module: "Contact",
            key_field: "Sage_Key__c",
            parent_field: Some("AccountId"),
            mandatory: &["LastName"],
            composed: &[Composed {
                field: "Name",
                what: Some("a contact's Name"),
                remedy: "Map LastName, FirstName and Salutation.",
            }],
            city_field: None,
        },
        EntityProfile {
            entity: "ship_to",
            module: "Ship_To_Address__c",
            key_field: "Sage_Key__c",
            parent_field: Some("Account__c"),
            mandatory: &["Name"],
            composed: &[],
            city_field: None,
        },
    ],
    owner_field: "OwnerId",
    id_field: "Id",
    ids: IdForms {
        record: salesforce_id,
        user,
        organization,
        user_words: "18 (or 15) letters and digits that start with 005",
        user_wanted: "18 (or 15) letters and digits that start with 005 are wanted, exactly as Salesforce shows them",
        fixed: Some(may_be_an_id),
    },
    key: KeyAdvice {
        unique: "\"Unique\" and \"External ID\"",
        matched: Some("External ID"),
        // Only a custom field can be an External ID that Counterpart fills.
        custom_only: Some(
            "Make a custom text field of 255 characters, marked External ID and Unique: \"Sage_Key__c\".",
        ),
    },
    fields: FieldForms {
        custom: Some("__c"),
        lookups: &[
            Lookup {
                field: "Id",
                relation: "",
            },
            Lookup {
                field: "__c",
                relation: "__r",
            },
        ],
        own: &[
            "Id",
            "IsDeleted",
            "CreatedDate",
            "CreatedById",
            "LastModifiedDate",
            "LastModifiedById",
            "SystemModstamp",
        ],
        composed: &[
            Composed {
                field: "BillingAddress",
                what: None,
                remedy: "Map BillingStreet, BillingCity, BillingState, BillingPostalCode and BillingCountry.",
            },
            Composed {
                field: "ShippingAddress",
                what: None,
                remedy: "Map ShippingStreet, ShippingCity, ShippingState, ShippingPostalCode and ShippingCountry.",
            },
            Composed {
                field: "MailingAddress",
                what: None,
                remedy: "Map MailingStreet, MailingCity, MailingState, MailingPostalCode and MailingCountry.",
            },
            Composed {
                field: "OtherAddress",
                what: None,
                remedy: "Map OtherStreet, OtherCity, OtherState, OtherPostalCode and OtherCountry.",
            },
        ],
        record_type: Some("RecordTypeId"),
        // With `;` between the values.
        multi_picklist_takes_text: true,
        checks_forms: false,
        // What it calls a relation is not among an object's fields.
        lines_are_a_field: false,
    },
    mergeable: &["Account", "Contact", "Lead", "Case"],
    sources: &[
        SourceProfile {
            module: "Opportunity",
            account: "AccountId",
            root: None,
            total: Some("Amount"),
            tax: None,
            discount: None,
            adjustment: None,
            day: Some("CloseDate"),
            price_book: Some("Pricebook2Id"),
            relation: Some("OpportunityLineItems"),
            line_module: Some("OpportunityLineItem"),
            line_parent: Some("OpportunityId"),
            line_tax: None,
            line_price_book: Some("PricebookEntry.Pricebook2Id"),
            line_discount_percent: Some("Discount"),
        },
        SourceProfile {
            module: "Order",
            account: "AccountId",
            root: Some("OpportunityId"),
            total: Some("TotalAmount"),
            tax: None,
            discount: None,
            adjustment: None,
            day: Some("EffectiveDate"),
            price_book: Some("Pricebook2Id"),
            relation: Some("OrderItems"),
            line_module: Some("OrderItem"),
            line_parent: Some("OrderId"),
            line_tax: None,
            line_price_book: Some("PricebookEntry.Pricebook2Id"),
            // Order products have no discount of their own.
            line_discount_percent: None,
        },
    ],
    lines: LineProfile {
        code: "Product2.ProductCode",
        product: "Product2Id",
        product_unit: "Product2.QuantityUnitOfMeasure",
        quantity: "Quantity",
        unit_price: "UnitPrice",
        discount_amount: None,
    },
    ways_in: WaysIn {
        channels: false,
        bus: true,
        tells_of_our_writes: false,
        lists_deletions: false,
        webhooks: &[Webhook {
            path: "outbound",
            name: "outbound_url",
            place: "Outbound Message, Endpoint URL",
            token: None,
        }],
    },
    modules: &["Account", "Contact", "Product2", "Opportunity"],
};

/// Users' ids begin with 005.
fn user(id: &str) -> Option<String> {
    salesforce_id(id).filter(|id| id.starts_with("005"))
}

/// Organisations' ids begin with 00D.
fn organization(id: &str) -> Option<String> {
    salesforce_id(id).filter(|id| id.starts_with("00D"))
}

/// A slip in an id is not looked for here: what the field wants says more of it.
fn may_be_an_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A My Domain: the host alone, `acme.my.salesforce.com`, or `acme--dev.sandbox.my.salesforce.com` for a sandbox.
fn my_domain(text: &str) -> Result<String, Unfit> {
    let host = text.to_ascii_lowercase();
    let labels = host.strip_suffix(".my.salesforce.com");
    let sound = labels.is_some_and(|labels| {
        host.len() <= 253
            && labels.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
    });
    if !sound {
        return Err(Unfit {
            message: format!("{text:?} is no My Domain of Salesforce."),
            remedy: "Write the host alone, as Setup shows it under My Domain: \"acme.my.salesforce.com\".",
        });
    }
    Ok(host)
}

/// A version of the API, without the `v`: `67.0`.
fn api_version(text: &str) -> Result<String, Unfit> {
    let number = text
        .strip_suffix(".0")
        .and_then(|number| number.parse::<u16>().ok());
    // 46.0 is the first that answers an upsert of an existing record with its id.
    if number.is_none_or(|number| !(46..1000).contains(&number)) {
        return Err(Unfit {
            message: format!("{text:?} is no API version that can be used."),
            remedy: "Write it as Salesforce does, \"46.0\" or later, or leave it out.",
        });
    }
    Ok(text.to_owned())
}
