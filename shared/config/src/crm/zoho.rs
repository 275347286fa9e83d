//! Zoho CRM. Pages: "Zoho CRM API v8", "Modules API", "Notification APIs".

use super::profile::{
    CrmProfile, EntityProfile, FieldForms, IdForms, KeyAdvice, LineProfile, OneOrg, SourceProfile,
    WaysIn, Webhook, WebhookToken,
};
use super::setting::{Setting, SettingForm};

/// Zoho CRM.
pub static ZOHO: CrmProfile = CrmProfile {
    name: "zoho",
    title: "Zoho CRM",
    short: "Zoho",
    api_version: "v8",
    bulk_size: 100,
    settings: &[
        Setting {
            key: "data_center",
            needed: Some("Add the data centre, such as data_center = \"us\"."),
            form: SettingForm::Word(&["us", "eu", "in", "au", "jp", "ca", "cn", "sa"]),
        },
        Setting {
            key: "accounts_url",
            needed: None,
            form: SettingForm::Loopback,
        },
        Setting {
            key: "api_url",
            needed: None,
            form: SettingForm::Loopback,
        },
        Setting {
            key: "api_version",
            needed: None,
            form: SettingForm::Gone("Take it out: v8 is what is spoken with Zoho."),
        },
    ],
    place: Some("data_center"),
    // A refresh token belongs to one org.
    one_org: OneOrg::SecretAndSettings,
    token_limit: Some("ten in ten minutes"),
    secrets: &[&["client_id", "client_secret", "refresh_token"]],
    org_right: "Authorise with ZohoCRM.org.READ too: without it nobody sees here which org it is.",
    entities: &[
        EntityProfile {
            entity: "customer",
            module: "Accounts",
            key_field: "Sage_Key",
            parent_field: None,
            mandatory: &["Account_Name"],
            composed: &[],
            city_field: Some("Billing_City"),
        },
        EntityProfile {
            entity: "contact",
            module: "Contacts",
            key_field: "Sage_Key",
            parent_field: Some("Account_Name"),
            mandatory: &["Last_Name"],
            composed: &[],
            city_field: None,
        },
        EntityProfile {
            entity: "ship_to",
            module: "Ship_To_Addresses",
            key_field: "Sage_Key",
            parent_field: Some("Account"),
            mandatory: &["Name"],
            composed: &[],
            city_field: None,
        },
    ],
    owner_field: "Owner",
    id_field: "id",
    ids: IdForms {
        record: digits,
        user: digits,
        organization: digits,
        user_words: "up to 19 digits",
        user_wanted: "up to 19 digits are wanted, not a name",
        fixed: None,
    },
    key: KeyAdvice {
        unique: "\"Do not allow duplicate values\"",
        matched: None,
        custom_only: None,
    },
    fields: FieldForms {
        custom: None,
        lookups: &[],
        own: &[],
        composed: &[],
        record_type: None,
        // It wants a list.
        multi_picklist_takes_text: false,
        checks_forms: true,
        lines_are_a_field: true,
    },
    // It has no field that says so.
    mergeable: &[],
    sources: &[
        SourceProfile {
            module: "Deals",
            account: "Account_Name",
            root: None,
            total: Some("Amount"),
            tax: None,
            discount: None,
            adjustment: None,
            day: Some("Closing_Date"),
            price_book: None,
            relation: None,
            line_module: None,
            line_parent: None,
            line_tax: None,
            line_price_book: None,
            line_discount_percent: None,
        },
        SourceProfile {
            module: "Sales_Orders",
            account: "Account_Name",
            root: Some("Deal_Name"),
            total: Some("Grand_Total"),
            tax: Some("Tax"),
            discount: Some("Discount"),
            adjustment: Some("Adjustment"),
            day: None,
            price_book: None,
            relation: Some("Ordered_Items"),
            line_module: None,
            line_parent: None,
            line_tax: Some("Tax"),
            line_price_book: None,
            line_discount_percent: None,
        },
    ],
    lines: LineProfile {
        code: "Product_Name.Product_Code",
        product: "Product_Name",
        product_unit: "Product_Name.Usage_Unit",
        quantity: "Quantity",
        unit_price: "List_Price",
        discount_amount: Some("Discount"),
    },
    ways_in: WaysIn {
        channels: true,
        bus: false,
        tells_of_our_writes: true,
        lists_deletions: true,
        webhooks: &[
            Webhook {
                path: "notifications",
                name: "notifications_url",
                place: "notifications: made by the channel keeper, nothing to enter; they come to",
                token: None,
            },
            Webhook {
                path: "webhook",
                name: "webhook_url",
                place: "workflow webhook, URL to notify",
                token: Some(WebhookToken {
                    name: "webhook_token",
                    place: "workflow webhook, header X-Counterpart-Token",
                }),
            },
        ],
    },
    modules: &["Accounts", "Contacts", "Vendors", "Products"],
};

/// Ids of everything are numbers, which are written as texts.
fn digits(id: &str) -> Option<String> {
    let fits = (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| id.to_owned())
}
