//! Wrong configurations.

use super::*;

fn zoho() -> World {
    let accounts = vec![
        required(text("Account_Name", 200)),
        required(text("Site", 80)),
        key("Sage_Key"),
        field("Phone", CrmFieldKind::Phone),
        reference("Owner", "users"),
        reference("Account_Manager", "Contacts"),
        CrmField {
            createable: false,
            updateable: false,
            ..text("Created_Note", 255)
        },
        field("Credit_Limit", CrmFieldKind::Number),
        text("Short", 40),
        picklist("Status", true, &["Active", "Inactive"]),
        CrmField {
            digits: Some((6, 0)),
            ..field("Small", CrmFieldKind::Number)
        },
        text("Region", 40),
    ];
    let mut world = world("zoho", vec![module("Accounts", accounts)]);
    let zoho = world.targets.values_mut().next().unwrap();
    zoho.modules.insert("Contact".into(), Ok(None));
    world
}

#[test]
fn a_dozen_faults_of_a_dozen_kinds_are_a_dozen_findings_in_zoho() {
    let found = problems(include_str!("zoho.toml"), &zoho());
    let kinds: BTreeSet<_> = codes(&found).into_iter().collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
    insta::assert_snapshot!(shown(&found));
}

fn salesforce() -> World {
    let account = vec![
        required(text("Name", 255)),
        required(text("Segment__c", 80)),
        CrmField {
            upsert_key: false,
            ..key("Sage_Key__c")
        },
        text("BillingCity", 40),
        reference("OwnerId", "User"),
        CrmField {
            createable: false,
            updateable: false,
            ..field("LastActivityDate", CrmFieldKind::Date)
        },
        field("NumberOfEmployees", CrmFieldKind::Number),
        text("Site", 40),
        picklist("Rating", true, &["Hot", "Warm", "Cold"]),
        reference("RecordTypeId", "RecordType"),
        text("Sage_Region__c", 40),
    ];
    let contact = vec![
        required(text("LastName", 80)),
        CrmField {
            unique: false,
            ..text("Sage_Key__c", 20)
        },
        reference("AccountId", "Account"),
        reference("ReportsToId", "Contact"),
    ];
    let contact = CrmModule {
        createable: false,
        ..module("Contact", contact)
    };
    world("salesforce", vec![module("Account", account), contact])
}

#[test]
fn a_dozen_faults_of_a_dozen_kinds_are_a_dozen_findings_in_salesforce() {
    let found = problems(include_str!("salesforce.toml"), &salesforce());
    let kinds: BTreeSet<_> = codes(&found).into_iter().collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
    insta::assert_snapshot!(shown(&found));
}

/// A world that the configuration below fits, changed by `change`; the codes of what is found.
fn after(fields: &str, change: impl FnOnce(&mut World)) -> Vec<&'static str> {
    after_with(fields, change, &mut Vec::new())
}

fn after_with(
    fields: &str,
    change: impl FnOnce(&mut World),
    found: &mut Vec<Problem>,
) -> Vec<&'static str> {
    let file = format!(
        "[companies.ABC]\nagent_url = \"https://agent.example.com\"\n[targets.zoho]\ncrm = \"zoho\"\ndata_center = \"us\"\n\
         companies = [\"ABC\"]\n[targets.zoho.customer]\nmodule = \"Accounts\"\nkey_field = \"Sage_Key\"\n\
         [targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"\n{fields}\n"
    );
    let fields = vec![
        required(text("Account_Name", 255)),
        key("Sage_Key"),
        field("Flag", CrmFieldKind::Flag),
        field("Day", CrmFieldKind::Date),
        field("Moment", CrmFieldKind::DateTime),
        field("Mail", CrmFieldKind::Email),
        reference("Parent", "Accounts"),
        picklist("Open", false, &["A"]),
        picklist("Closed", true, &["A"]),
        field("Amount", CrmFieldKind::Number),
        text("Note", 40),
        CrmField {
            native_type: "integer".into(),
            digits: Some((9, 0)),
            ..field("Whole", CrmFieldKind::Number)
        },
        picklist("State", true, &["WI", "IL", "ON"]),
        picklist(
            "Letter",
            true,
            &[
                "Active, as all who buy from us are (A)",
                "Inactive, as those who do not (I)",
            ],
        ),
        picklist("Nation", true, &["United States", "Canada"]),
    ];
    let mut world = world("zoho", vec![module("Accounts", fields)]);
    change(&mut world);
    *found = problems(&file, &world);
    codes(found)
}

fn accounts(world: &mut World) -> &mut CrmModule {
    let zoho = world.targets.values_mut().next().unwrap();
    let module = zoho.modules.get_mut("Accounts").unwrap();
    module.as_mut().unwrap().as_mut().unwrap()
}

fn the_key(world: &mut World) -> &mut CrmField {
    let module = accounts(world);
    module
        .fields
        .iter_mut()
        .find(|field| field.name == "Sage_Key")
        .unwrap()
}

#[test]
fn each_mapping_is_held_against_its_field() {
    for (line, found) in [
        ("", vec![]),
        ("Flag = \"CreditHold\"", vec![]),
        ("Flag = \"Comment\"", vec!["E_CHECK_TYPE"]),
        ("Flag = { from = \"Comment\", with = \"flag\" }", vec![]),
        ("Day = \"DateEstablished\"", vec![]),
        ("Day = \"City\"", vec!["E_CHECK_TYPE"]),
        ("Moment = \"DateEstablished\"", vec!["E_CHECK_TYPE"]),
        ("Note = \"DateEstablished\"", vec![]),
        ("Note = \"CreditLimit\"", vec!["E_CHECK_TYPE"]),
        ("Note = { from = \"CreditLimit\", with = \"text\" }", vec![]),
        ("Note = \"Comment\"", vec!["E_CHECK_LENGTH"]),
        ("Note = { from = \"Comment\", length = 40 }", vec![]),
        (
            "Note = { from = \"Comment\", length = 50, cut = true }",
            vec!["E_CHECK_LENGTH"],
        ),
        (
            "Note = { from = [\"City\", \"State\"], with = \"join\" }",
            vec!["E_CHECK_LENGTH"],
        ),
        ("Mail = \"EmailAddress\"", vec!["E_CHECK_FORMAT"]),
        (
            "Mail = { from = \"EmailAddress\", with = \"email\" }",
            vec![],
        ),
        ("Parent = \"Comment\"", vec!["E_CHECK_TYPE"]),
        ("Open = \"City\"", vec![]),
        ("Open = { const = \"B\" }", vec!["E_CHECK_PICKLIST"]),
        ("Closed = \"City\"", vec!["E_CHECK_PICKLIST_OPEN"]),
        ("Closed = { const = \"A\" }", vec![]),
        ("Closed = { const = \"B\" }", vec!["E_CHECK_PICKLIST"]),
        ("Amount = \"CreditLimit\"", vec![]),
        ("Amount = { const = 12.345 }", vec!["E_CHECK_DECIMALS"]),
        (
            "Amount = { const = 12345678901234567 }",
            vec!["E_CHECK_DIGITS"],
        ),
        ("Note = \"UDF_NONE\"", vec!["E_CHECK_COLUMN"]),
        ("Letter = \"CustomerStatus\"", vec!["E_CHECK_PICKLIST"]),
        ("Whole = { const = 12 }", vec![]),
        ("Whole = { const = 12.5 }", vec!["E_CHECK_DECIMALS"]),
        // Few orgs have every state of the world in their lists: said once, and no reason to refuse the file.
        (
            "State = { from = [\"State\", \"CountryCode\"], with = \"state_code\", otherwise = \"blank\" }",
            vec!["E_CHECK_PICKLIST"],
        ),
        (
            "Nation = { from = \"CountryCode\", with = \"country_code\", otherwise = \"blank\" }",
            vec!["E_CHECK_PICKLIST"],
        ),
        (
            "Nation = { from = \"CountryCode\", with = \"country_name\" }",
            vec!["E_CHECK_PICKLIST_OPEN"],
        ),
    ] {
        assert_eq!(after(line, |_| {}), found, "{line}");
    }
}

#[test]
fn each_state_of_the_systems_has_its_finding() {
    type Change = fn(&mut World);
    let changes: [(&str, Change); 12] = [
        ("E_CHECK_KEY_TYPE", |world| {
            the_key(world).kind = CrmFieldKind::Number
        }),
        ("E_CHECK_KEY_NOT_UNIQUE", |world| {
            the_key(world).unique = false
        }),
        ("E_CHECK_KEY_NOT_EXTERNAL", |world| {
            the_key(world).upsert_key = false
        }),
        ("E_CHECK_KEY_LENGTH", |world| {
            the_key(world).length = Some(36)
        }),
        ("E_CHECK_FIELD_READ_ONLY", |world| {
            the_key(world).createable = false
        }),
        ("E_CHECK_MODULE_RIGHTS", |world| {
            accounts(world).createable = false
        }),
        ("E_CHECK_MODULE_RIGHTS", |world| {
            accounts(world).updateable = false
        }),
        ("E_CHECK_REQUIRED", |world| {
            accounts(world).fields.push(required(text("Site", 80)))
        }),
        ("E_CHECK_MODULE_UNREAD", |world| {
            let zoho = world.targets.values_mut().next().unwrap();
            zoho.modules.insert("Accounts".into(), Err(down()));
        }),
        ("E_CHECK_AGENT_UNREACHABLE", |world| {
            *world.agents.values_mut().next().unwrap() = Err(down());
        }),
        ("E_CHECK_COMPANY", |world| {
            *world.agents.values_mut().next().unwrap() = Ok(agent(&["XYZ"], &[]));
        }),
        ("E_CHECK_QUEUE", |world| {
            world.queues = Some(BTreeSet::new())
        }),
    ];
    for (code, change) in changes {
        assert_eq!(after("", change), [code]);
    }
    // The longest key of a customer has 4 + 30 + 1 + 30 characters in this world.
    assert_eq!(after("", |world| the_key(world).length = Some(65)), [""; 0]);
}

#[test]
fn a_system_that_is_down_is_one_finding_and_hides_no_other() {
    let mut world = salesforce();
    world.targets.values_mut().next().unwrap().org = Err(down());
    let found = problems(include_str!("salesforce.toml"), &world);
    assert_eq!(codes(&found), ["E_CHECK_CRM_UNREACHABLE", "E_CHECK_COLUMN"]);
    assert_eq!(found[0].severity, Severity::Unchecked);
    assert!(found[0].message.contains("nothing listens"), "{found:?}");

    let mut world = salesforce();
    *world.agents.values_mut().next().unwrap() = Err(down());
    let found = codes(&problems(include_str!("salesforce.toml"), &world));
    assert!(found.contains(&"E_CHECK_AGENT_UNREACHABLE"), "{found:?}");
    assert!(found.contains(&"E_CHECK_FIELD_UNKNOWN"), "{found:?}");
    // Without the agent nobody knows how long a comment is.
    assert!(!found.contains(&"E_CHECK_LENGTH"), "{found:?}");
}

#[test]
fn a_udf_that_one_company_lacks_is_a_warning_that_names_it() {
    let text = include_str!("zoho.toml")
        .replace(
            "[targets.zoho]",
            "[companies.XYZ]\nagent_url = \"https://agent.example.com\"\n\n[targets.zoho]",
        )
        .replace("companies = [\"ABC\"]", "companies = [\"ABC\", \"XYZ\"]");
    let mut world = zoho();
    let abc = agent(&["ABC"], &["UDF_REGION", "UDF_IN_CRM"]);
    world.agents.insert(Company::new("ABC").unwrap(), Ok(abc));
    world.agents.insert(
        Company::new("XYZ").unwrap(),
        Ok(agent(&["XYZ"], &["UDF_IN_CRM"])),
    );
    let found = problems(&text, &world);
    let udf: Vec<_> = found
        .iter()
        .filter(|found| found.message.contains("UDF_"))
        .collect();
    assert_eq!(udf.len(), 1, "{udf:?}");
    assert_eq!(
        (udf[0].severity, udf[0].code),
        (Severity::Warning, "E_CHECK_COLUMN_SOME")
    );
    assert!(
        udf[0].message.contains("company XYZ") && udf[0].path.ends_with("fields.Region.from"),
        "{udf:?}"
    );
}

/// What is found of one line of the fields.
fn said(line: &str) -> Vec<Problem> {
    let mut all = Vec::new();
    let _codes = after_with(line, |_| {}, &mut all);
    all
}

#[test]
fn a_list_of_ours_stops_a_push_only_where_nothing_of_it_fits() {
    let state = "State = { from = [\"State\", \"CountryCode\"], with = \"state_code\", otherwise = \"blank\" }";
    let found = said(state);
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(found[0].message.contains("lacks"), "{found:?}");
    let nation =
        "Nation = { from = \"CountryCode\", with = \"country_code\", otherwise = \"blank\" }";
    let found = said(nation);
    assert_eq!((found.len(), found[0].severity), (1, Severity::Mistake));
    let found = said("Whole = { const = 12.5 }");
    assert_eq!(found[0].severity, Severity::Mistake);
    // The agent's text columns are 30 long here, the list's values are longer.
    let found = said("Letter = \"CustomerStatus\"");
    assert_eq!(found[0].severity, Severity::Mistake);
    let found = said("Flag = { const = \"yes\" }");
    assert!(found[0].remedy.contains("const = true"), "{found:?}");
}

#[test]
fn another_case_of_a_module_is_said_and_the_rest_is_looked_at() {
    let found = after("Flag = \"Comment\"", |world| {
        accounts(world).name = "ACCOUNTS".into();
    });
    assert_eq!(found, vec!["E_CHECK_MODULE_UNKNOWN", "E_CHECK_TYPE"]);
}
