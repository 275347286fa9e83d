use std::collections::BTreeSet;

use counterpart_domain::Entity;

use super::*;

#[test]
fn every_entity_that_goes_to_a_crm_has_an_entry_in_every_profile() {
    for profile in CRM_PROFILES {
        let entries: BTreeSet<&str> = profile.entities.iter().map(|entry| entry.entity).collect();
        let wanted = Entity::ALL
            .into_iter()
            .filter(|entity| entity.goes_to_crm());
        let wanted: BTreeSet<&str> = wanted.map(Entity::name).collect();
        assert_eq!(entries, wanted, "{}", profile.name);
        assert_eq!(entries.len(), profile.entities.len(), "{}", profile.name);
        for entry in profile.entities {
            let child = Entity::ALL
                .into_iter()
                .any(|entity| entity.name() == entry.entity && entity.parent().is_some());
            assert_eq!(entry.parent_field.is_some(), child, "{}", entry.entity);
        }
    }
}

#[test]
fn names_are_one_products_alone_and_find_it() {
    let names: BTreeSet<&str> = CRM_PROFILES.map(|profile| profile.name).into();
    assert_eq!(names.len(), CRM_PROFILES.len());
    for profile in CRM_PROFILES {
        assert_eq!(CrmProfile::named(profile.name), Some(profile));
    }
    assert_eq!(CrmProfile::named("nobody"), None);
}

#[test]
fn a_lookup_leads_on_by_the_name_of_its_relation() {
    for (profile, field, relation) in [
        (&ZOHO, "Account_Name", Some("Account_Name")),
        (&ZOHO, "", None),
        (&SALESFORCE, "AccountId", Some("Account")),
        (&SALESFORCE, "Buyer__c", Some("Buyer__r")),
        (&SALESFORCE, "Account", None),
        (&SALESFORCE, "Id", None),
    ] {
        assert_eq!(profile.relation_of(field).as_deref(), relation, "{field}");
    }
}

#[test]
fn ids_have_the_form_of_their_product() {
    for (profile, id, record, user) in [
        (&ZOHO, "4150868000000225013", true, true),
        (&ZOHO, "41508680000002250131", false, false),
        (&ZOHO, "", false, false),
        (&SALESFORCE, "005D000000Kv3g5", true, true),
        (&SALESFORCE, "001D000000IqhSL", true, false),
        (&SALESFORCE, "001D000000IqhSLIAA", false, false),
    ] {
        assert_eq!((profile.ids.record)(id).is_some(), record, "{id}");
        assert_eq!((profile.ids.user)(id).is_some(), user, "{id}");
    }
    let full = (SALESFORCE.ids.user)("005D000000Kv3g5");
    assert_eq!(full.as_deref(), Some("005D000000Kv3g5IAB"));
}

#[test]
fn my_domain_and_version_are_written_as_setup_shows_them() {
    let check = |key: &str, text: &str| {
        let mut settings = SALESFORCE.settings.iter();
        match settings
            .find(|setting| setting.key == key)
            .map(|setting| &setting.form)
        {
            Some(SettingForm::Text(check)) => check(text).ok(),
            other => panic!("{other:?}"),
        }
    };
    let host = Some("acme.my.salesforce.com".to_owned());
    assert_eq!(check("my_domain", "ACME.my.salesforce.com"), host);
    assert_eq!(check("my_domain", "https://acme.my.salesforce.com"), None);
    assert_eq!(check("my_domain", ".my.salesforce.com"), None);
    assert_eq!(check("api_version", "67.0"), Some("67.0".to_owned()));
    assert_eq!(check("api_version", "45.0"), None);
    assert_eq!(check("api_version", "v67"), None);
}
