use counterpart_domain::reconcile::{
    CreateInCrm, FieldOwner, ForeignEdit, OnConflict, UpdateInCrm,
};
use counterpart_domain::{Company, CrmId, Entity, TargetName, Value};
use proptest::prelude::*;

use super::helper::HELPERS;
use crate::testing::{abf, entity, fields, file, findings, record};
use crate::{EntityConfig, Inactive, SALESFORCE, SyncConfig, UnmappedRep, Verdict};

fn show(text: &str) -> String {
    let found = findings(text);
    found.iter().map(|finding| format!("{finding}\n")).collect()
}

#[test]
fn a_setting_that_had_no_effect_is_gone_with_a_word_and_a_stored_file_may_keep_it() {
    let text = SyncConfig::DEFAULT.replacen(
        "page_size = 500",
        "every = { customer = \"15m\", contact = \"15m\" }",
        1,
    );
    let text = text.replacen(
        "data_center = \"us\"",
        "data_center = \"us\"\napi_version = \"v8\"",
        1,
    );
    let line = |key: &str| {
        let before = text.find(&format!("\n{key} = ")).unwrap() + 1;
        1 + text[..before].matches('\n').count()
    };
    let found = findings(&text);
    let places: Vec<_> = found.iter().map(|one| (one.line, &*one.path)).collect();
    let (every, version) = (line("every"), line("api_version"));
    let wanted = [
        (every, "companies.ABC.every"),
        (version, "targets.zoho.api_version"),
    ];
    assert_eq!(places, wanted);
    assert!(
        found
            .iter()
            .all(|one| one.remedy.starts_with("Take it out"))
    );
    let usual = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    assert_eq!(SyncConfig::stored(&text), Ok(usual));
}

#[test]
fn the_default_is_clean_and_says_its_own_defaults() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let abc = Company::new("ABC").unwrap();
    let (name, target, customer) = config.targets_of(&abc, Entity::CUSTOMER).next().unwrap();
    assert_eq!(name.as_str(), "zoho");
    assert_eq!(customer.module, "Accounts");
    assert_eq!(customer.filter.inactive, Inactive::Exclude);
    assert_eq!(config.targets_of(&abc, Entity::SALESPERSON).count(), 0);
    let other = Company::new("XYZ").unwrap();
    assert_eq!(config.targets_of(&other, Entity::CUSTOMER).count(), 0);

    // What is left out is what the default says it is.
    let short = SyncConfig::parse(&fields("")).unwrap();
    let usual = short.targets.values().next().unwrap();
    assert_eq!(usual.parent_deadline, target.parent_deadline);
    assert_eq!(usual.ledger_days, target.ledger_days);
    assert_eq!(usual.secret, target.secret);
    let agent_url = config.companies[&abc].agent_url.clone();
    let mut abc_short = short.companies[&abc].clone();
    abc_short.agent_url = agent_url;
    assert_eq!(abc_short, config.companies[&abc]);
    let usual = &usual.entities[&Entity::CUSTOMER];
    assert_eq!(usual.filter, customer.filter);
    assert_eq!(usual.policy.create, customer.policy.create);
    assert_eq!(usual.policy.update, customer.policy.update);
    assert_eq!(usual.policy.rule("Phone"), customer.policy.rule("Website"));
}

#[test]
fn the_settings_that_the_default_has_switched_off_are_right_too() {
    let config = SyncConfig::parse(&all_on()).unwrap();
    let zoho = &config.targets[&TargetName::new("zoho").unwrap()];
    let customer = &zoho.entities[&Entity::CUSTOMER];
    assert_eq!(customer.filter.include.len(), 3);
    assert_eq!(customer.key_rule.as_ref().unwrap().length, Some(15));
    let has = |config: &EntityConfig, name: &str| config.fields.iter().any(|map| map.field == name);
    assert!(has(customer, "Sage_Region") && has(customer, "Credit_Left"));

    let salesforce = &config.targets[&TargetName::new("salesforce").unwrap()];
    assert_eq!(salesforce.crm.profile(), &SALESFORCE);
    assert_eq!(salesforce.crm.api_version(), SALESFORCE.api_version);
    assert_eq!(salesforce.secret, "salesforce");
    let customer = &salesforce.entities[&Entity::CUSTOMER];
    assert!(has(customer, "Sage_Region__c") && has(customer, "Sage_Type__c"));
    assert_eq!(
        salesforce.entities[&Entity::CONTACT]
            .parent_field
            .as_deref(),
        Some("AccountId")
    );
    // Both CRMs get the same of a record, each under its own names.
    for entity in [Entity::CONTACT, Entity::SHIP_TO] {
        assert_eq!(
            zoho.entities[&entity].columns(),
            salesforce.entities[&entity].columns()
        );
    }
}

#[test]
fn a_ship_to_address_without_a_name_goes_by_its_code_and_none_is_written_to_sage() {
    let config = entity(&all_on(), Entity::SHIP_TO);
    for (name, shown) in [("Dock 2", "Dock 2"), ("", "2")] {
        let columns = [
            ("ARDivisionNo", "01"),
            ("CustomerNo", "ABF"),
            ("ShipToCode", "2"),
            ("ShipToName", name),
            ("ShipToState", "Wis."),
        ];
        let (key, record) = record(Entity::SHIP_TO, &columns);
        let mapped = config.map(&key, &record).unwrap().fields;
        assert!(mapped.values().any(|value| *value == Value::text(shown)));
        assert!(
            mapped
                .values()
                .any(|value| *value == Value::text("Wisconsin") || *value == Value::text("WI"))
        );
    }
    let text = all_on();
    let (head, tail) = text.split_once("City = \"ShipToCity\"").unwrap();
    let edited = format!("{head}City = {{ from = \"ShipToCity\", owner = \"crm\" }}{tail}");
    let found = findings(&edited);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "A ship_to is changed in Sage alone.");
}

/// The default with every setting switched on that it has switched off.
fn all_on() -> String {
    fn on(line: &str) -> &str {
        match line.strip_prefix('#') {
            // A blank before a word is a sentence; four are the elements of a list.
            Some(setting)
                if setting.starts_with(|c: char| c.is_alphabetic() || "[]".contains(c)) =>
            {
                setting
            }
            Some(setting) if setting.starts_with("    {") => setting,
            _ => line,
        }
    }
    let text: Vec<&str> = SyncConfig::DEFAULT.lines().map(on).collect();
    text.join("\n")
}

/// The one line that a field takes, in either CRM.
#[test]
fn adding_a_field_is_one_line_for_both_crms() {
    let before = all_on();
    for (line, column) in [
        ("NAME = \"UDF_ROUTE\"", "UDF_ROUTE"),
        (
            "NAME = { from = \"UDF_ROUTE\", with = \"number\" }",
            "UDF_ROUTE",
        ),
        (
            "NAME = { compute = 'UDF_ROUTE.trim() == \"\" ? \"none\" : UDF_ROUTE' }",
            "UDF_ROUTE",
        ),
        ("NAME = \"SortField\"", "SortField"),
    ] {
        for (header, name) in [
            ("[targets.zoho.customer.fields]", "Sage_Route"),
            ("[targets.salesforce.customer.fields]", "Sage_Route__c"),
        ] {
            let line = line.replace("NAME", name);
            let text = before.replace(header, &format!("{header}\n{line}"));
            assert_eq!(text.lines().count(), before.lines().count() + 1);
            let config = SyncConfig::parse(&text).unwrap();
            let target = TargetName::new(header.split('.').nth(1).unwrap()).unwrap();
            let customer = &config.targets[&target].entities[&Entity::CUSTOMER];
            assert!(customer.crm_fields().contains(&name));
            assert!(customer.columns().contains(column));
            let columns = [(column, "12"), ("CustomerName", "Someone")];
            let (key, record) = abf(&columns);
            let mapped = customer.map(&key, &record).unwrap();
            assert_eq!(mapped.fields[name].to_string(), "12");
        }
    }
}

#[test]
fn the_default_names_every_helper() {
    for (word, _) in HELPERS {
        assert!(SyncConfig::DEFAULT.contains(word), "{word}");
    }
}

#[test]
fn a_dozen_mistakes_are_named_at_once() {
    insta::assert_snapshot!(show(include_str!("mistakes.toml")));
}

#[test]
fn a_file_that_is_no_toml_says_where() {
    insta::assert_snapshot!(show("[companies.ABC]\nagent_url = https://x\n\n[companies.ABC]\npage_size = 1\n"), @r#"
    line 2: This is not TOML: string values must be quoted, expected literal string. Mend the syntax; everything else is checked after that.
    line 4: This is not TOML: the key "ABC" stands twice. Mend the syntax; everything else is checked after that.
    "#);
}

#[test]
fn an_empty_file_says_what_is_wanted() {
    insta::assert_snapshot!(show(""), @"
    line 1: `companies` is missing. Add a table such as [companies.ABC] with its agent_url.
    line 1: `targets` is missing. Add a table such as [targets.zoho].
    ");
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let text = file("[targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"")
        .replace("https://agent.example.com", "admin:hunter2@agent.example.com")
        .replace("crm =", "secret = \"{\\\"client_secret\\\": \\\"hunter2\\\"}\"\nclient_secret = \"hunter2\"\ncrm =");
    let shown = show(&text);
    assert_eq!(shown.lines().count(), 3, "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn rules_of_a_field_reach_the_policy() {
    let text = file(
        "foreign_edit = \"revert\"\ncreate = \"never\"\nupdate = [\"Phone\"]\n\
         owner = { field = \"Owner\", column = \"UDF_MANAGER\", unmapped = { admin = \"4150868000000225013\" } }\n\
         [targets.zoho.customer.fields]\n\
         Phone = { from = \"TelephoneNo\", length = 30 }\n\
         Fax = { from = \"FaxNo\", foreign_edit = \"report\" }\n\
         Website = { from = \"URLAddress\", owner = \"crm\" }\n\
         Description = { from = \"Comment\", owner = \"both\", on_conflict = \"latest\" }",
    );
    let config = entity(&text, Entity::CUSTOMER);
    let rule = |field: &str| config.policy.rule(field);
    assert_eq!(rule("Phone").foreign_edit, ForeignEdit::Revert);
    assert_eq!(rule("Phone").crm_length, Some(30));
    assert_eq!(rule("Fax").foreign_edit, ForeignEdit::Report);
    assert_eq!(rule("Website").owner, FieldOwner::Crm);
    assert_eq!(rule("Description").owner, FieldOwner::Both);
    assert_eq!(rule("Description").on_conflict, OnConflict::Latest);
    assert_eq!(rule("Owner").foreign_edit, ForeignEdit::Revert);
    assert_eq!(config.policy.create, CreateInCrm::Never);
    assert_eq!(
        config.policy.update,
        UpdateInCrm::Listed(vec!["Phone".into()])
    );
    let admin = UnmappedRep::Admin(CrmId("4150868000000225013".into()));
    assert_eq!(config.owner.as_ref().unwrap().unmapped, admin);
    assert!(config.columns().contains("UDF_MANAGER"));
    assert_eq!(
        config.crm_fields(),
        [
            "Sage_Key",
            "Owner",
            "Description",
            "Fax",
            "Phone",
            "Website"
        ]
    );
}

#[test]
fn inactive_customers_and_those_that_fail_a_condition_are_excluded() {
    let config = |lines: &str| {
        let fields = "[targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"";
        entity(&file(&format!("{lines}\n{fields}")), Entity::CUSTOMER)
    };
    let verdict = |lines: &str, columns: &[(&str, &str)]| {
        let (key, record) = abf(columns);
        match config(lines).include(&key, &record).unwrap() {
            Verdict::Include => "",
            Verdict::Exclude { code, .. } => code,
        }
    };
    let inactive = [("CustomerStatus", "I")];
    assert_eq!(verdict("", &inactive), "EXCLUDED_INACTIVE");
    assert_eq!(verdict("inactive = \"sync\"", &inactive), "");
    assert_eq!(verdict("", &[("CustomerStatus", "T")]), "");
    let columns = [
        ("CustomerType", "W"),
        ("CreditLimit", "100.00"),
        ("CreditHold", "Y"),
        ("DateEstablished", "20190101"),
    ];
    for (condition, code) in [
        ("column = \"CustomerType\", equals = \"W\"", ""),
        (
            "column = \"CustomerType\", not = \"W\"",
            "EXCLUDED_BY_FILTER",
        ),
        ("column = \"CustomerType\", in = [\"A\", \"W\"]", ""),
        (
            "column = \"CustomerType\", in = [\"A\", \"B\"]",
            "EXCLUDED_BY_FILTER",
        ),
        ("column = \"CustomerName\", starts_with = \"American\"", ""),
        (
            "column = \"CustomerName\", starts_with = \"Z\"",
            "EXCLUDED_BY_FILTER",
        ),
        ("column = \"CreditLimit\", equals = 100", ""),
        ("column = \"CreditHold\", equals = true", ""),
        ("column = \"DateEstablished\", equals = 2019-01-01", ""),
        ("column = \"UDF_IN_CRM\", not = \"\"", "EXCLUDED_BY_FILTER"),
    ] {
        let line = format!("include = [{{ {condition} }}]");
        assert_eq!(verdict(&line, &columns), code, "{condition}");
    }
    let both = "include = [{ column = \"CustomerType\", equals = \"W\" }, { column = \"City\", equals = \"Racine\" }]";
    assert_eq!(verdict(both, &columns), "EXCLUDED_BY_FILTER");
}

#[test]
fn a_key_that_the_rule_does_not_allow_is_refused() {
    let line = "key_rule = { allowed = \"A-Z0-9_-\", length = 8 }\n\
                [targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"";
    let config = entity(&file(line), Entity::CUSTOMER);
    let check = |number: &str| {
        let columns = [("ARDivisionNo", "01"), ("CustomerNo", number)];
        let (key, _) = crate::testing::record(Entity::CUSTOMER, &columns);
        config.check_key(&key)
    };
    assert_eq!(check("ABF-1"), Ok(()));
    insta::assert_snapshot!(check("ABF 1").unwrap_err(), @"E_KEY_RULE: The key ABC:01-ABF 1 has the character ' ', which `key_rule` does not allow.");
    insta::assert_snapshot!(check("ABCDEFG").unwrap_err(), @"E_KEY_RULE: The key ABC:01-ABCDEFG has 10 characters; `key_rule` allows 8.");
}

#[test]
fn a_constant_is_taken_as_it_stands() {
    let config = entity(
        &fields("Account_Type = { const = \"Customer\" }"),
        Entity::CUSTOMER,
    );
    let (key, record) = abf(&[]);
    let mapped = config.map(&key, &record).unwrap().fields;
    assert_eq!(mapped["Account_Type"], Value::text("Customer"));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_findings_stay_within_it(text in "\\PC{0,200}") {
        if let Err(found) = SyncConfig::parse(&text) {
            prop_assert!(found.iter().all(|finding| finding.line == 1));
        }
    }

    /// Files that are nearly right: one line of the default taken out, or its value replaced.
    #[test]
    fn a_damaged_default_is_read_or_its_mistakes_are_in_order(
        at in 0..SyncConfig::DEFAULT.lines().count(), value in "(|1|true|\"x\"|\\[\\]|\\{\\}|\\[1\\])",
    ) {
        let damage = |(index, line): (usize, &str)| match line.split_once(" = ") {
            _ if index != at => line.to_owned(),
            Some((key, _)) if !value.is_empty() => format!("{key} = {value}"),
            _ => String::new(),
        };
        let text: Vec<String> = SyncConfig::DEFAULT.lines().enumerate().map(damage).collect();
        if let Err(found) = SyncConfig::parse(&text.join("\n")) {
            prop_assert!(found.iter().map(|finding| finding.line).is_sorted());
            prop_assert!(found.iter().all(|finding| finding.line <= text.len()));
            prop_assert!(found.iter().all(|finding| finding.message.ends_with('.')));
        }
    }
}

#[test]
fn the_examples_of_the_readme_are_right() {
    let blocks = include_str!("../../README.md").split("```toml\n").skip(1);
    let examples: Vec<&str> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert_eq!(examples.len(), 3);
    assert_eq!(
        SyncConfig::parse(&examples.concat()).unwrap().targets.len(),
        3
    );
}

#[test]
fn a_secret_that_is_not_named_has_the_name_of_its_target() {
    let other = file("[targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"")
        .replace(
            "[companies.ABC]\nagent_url = \"https://agent.example.com\"\n",
            "",
        )
        .replace("targets.zoho", "targets.zohoeu")
        .replace("data_center = \"us\"", "data_center = \"eu\"");
    let both = file("[targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"") + &other;
    let config = SyncConfig::parse(&both).unwrap();
    let secrets: Vec<_> = config
        .targets
        .values()
        .map(|target| target.secret.as_str())
        .collect();
    assert_eq!(secrets, ["zoho", "zohoeu"]);
}

#[test]
fn the_example_of_the_readme_is_in_order() {
    let readme = include_str!("../../../../README.md");
    let example = readme.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    assert_eq!(
        SyncConfig::parse(example).map(|config| config.targets.len()),
        Ok(2)
    );
}

#[test]
fn a_companys_time_zone_has_its_iana_name() {
    let with = |zone: &str| {
        let text = SyncConfig::DEFAULT.replacen(
            "[companies.ABC]\n",
            &format!("[companies.ABC]\ntime_zone = {zone:?}\n"),
            1,
        );
        SyncConfig::parse(&text)
    };
    let chicago = with("America/Chicago").unwrap();
    let company = counterpart_domain::Company::new("ABC").unwrap();
    let zone = chicago.companies[&company].time_zone.clone();
    assert_eq!(zone.unwrap().iana_name(), Some("America/Chicago"));
    for wrong in ["Chicago", "UTC-6", ""] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}
