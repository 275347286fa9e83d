//! The way to Sage.

use super::*;

const FILE: &str = include_str!("sale.toml");

fn account() -> CrmModule {
    module(
        "Account",
        vec![
            required(text("Name", 255)),
            key("Sage_Key__c"),
            picklist("Type", true, &["Prospect", "Client"]),
            reference("OwnerId", "User"),
            text("Sage_Status_Text__c", 255),
        ],
    )
}

fn opportunity() -> CrmModule {
    module(
        "Opportunity",
        vec![
            picklist(
                "StageName",
                true,
                &["Prospecting", "Closed Won", "Closed Lost"],
            ),
            reference("AccountId", "Account"),
            unfollowed(reference("ContactId", "Contact")),
            field("Amount", CrmFieldKind::Number),
            field("CloseDate", CrmFieldKind::Date),
            reference("Pricebook2Id", "Pricebook2"),
            text("Description", 32_000),
            text("Sage_Order_No__c", 20),
            picklist(
                "Sage_Status__c",
                true,
                &["New", "Booked", "Hold", "Closed", "Cancelled"],
            ),
            text("Sage_Status_Text__c", 255),
            field("Sage_Total__c", CrmFieldKind::Number),
        ],
    )
}

fn line() -> CrmModule {
    module(
        "OpportunityLineItem",
        vec![
            reference("Product2Id", "Product2"),
            reference("PricebookEntryId", "PricebookEntry"),
            field("Quantity", CrmFieldKind::Number),
            field("UnitPrice", CrmFieldKind::Number),
            field("Discount", CrmFieldKind::Number),
            text("Description", 255),
        ],
    )
}

fn product() -> CrmModule {
    module(
        "Product2",
        vec![
            text("ProductCode", 255),
            text("QuantityUnitOfMeasure", 255),
            field("Sage_On_Hand__c", CrmFieldKind::Number),
        ],
    )
}

/// A world in which the file is in order.
fn sound() -> World {
    let contact = module("Contact", vec![text("Name", 121)]);
    let modules = vec![account(), opportunity(), line(), product(), contact];
    let mut world = world("crm", modules);
    world
        .agents
        .insert(Company::new("ABC").unwrap(), Ok(writing()));
    world
}

/// An agent that writes, with the order tables.
fn writing() -> AgentCapabilities {
    let column = |name: &str, length: u32, read_only: bool| AgentField {
        name: name.into(),
        kind: "text".into(),
        length: Some(length),
        precision: None,
        scale: None,
        read_only,
    };
    let mut agent = agent(&["ABC"], &[]);
    for company in &mut agent.companies {
        company.writes = ["orders", "customers"].map(str::to_owned).into();
        company.orders = Some(AgentOrders {
            header: AgentEntity {
                fields: vec![
                    column("UDF_CRM_REFERENCE", 20, false),
                    column("UDF_SHORT", 10, false),
                    column("Comment", 30, false),
                    column("TermsCode", 2, true),
                ],
            },
            lines: AgentEntity {
                fields: vec![column("CommentText", 2048, false)],
            },
        });
    }
    agent
}

/// The file with some of it replaced.
fn with(replaced: &[(&str, &str)]) -> String {
    replaced.iter().fold(FILE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn sales_whose_fields_are_all_there_have_no_finding() {
    assert_eq!(shown(&problems(FILE, &sound())), shown(&[]));
}

#[test]
fn lines_without_a_unit_are_said_and_whether_anybody_compares_it() {
    for (lines, expected) in [
        (
            "",
            "a sale is refused where its product is counted in another one (Product2.QuantityUnitOfMeasure)",
        ),
        ("product_unit = \"\"\n", "24 pieces may become 24 cases"),
        (
            "product_unit = \"Product2.Unit__c\"\n",
            "Product2 has no field Unit__c",
        ),
    ] {
        let text = with(&[("unit = \"Product2.QuantityUnitOfMeasure\"\n", lines)]);
        let found = shown(&problems(&text, &sound()));
        assert!(found.contains("E_CHECK_UNIT_UNNAMED"), "{found}");
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn what_the_crm_does_not_have_or_let_us_write_is_named() {
    let text = with(&[
        ("equals = \"Client\"", "equals = \"Customer\""),
        ("equals = \"Closed Won\"", "equals = \"Won\""),
        ("field = \"StageName\", in", "field = \"Stage\", in"),
        (
            "contact = { field = \"ContactId\" }",
            "contact = { field = \"ContactId\", name_field = \"Acount.Name\" }",
        ),
        ("currency = \"\"", "currency = \"Account.Currency__c\""),
        (
            "day = \"CloseDate\"",
            "root = \"Amount\"\nday = \"Close_Date\"",
        ),
        ("Comment = \"Description\"", "Comment = \"Descriptn\""),
        (
            "code = \"Product2.ProductCode\"",
            "code = \"Product2.Code\"\nwarehouse = \"Warehouse__c\"",
        ),
        ("number = \"Sage_Order_No__c\"", "number = \"Amount\""),
        ("Open = \"Booked\"", "Open = \"Open\""),
        ("text_length = 255", "text_length = 300"),
        ("total = \"Sage_Total__c\"", "total = \"Description\""),
        (
            "on_hand = \"Sage_On_Hand__c\"",
            "on_hand = \"ProductCode\", available = \"Sage_Available__c\"",
        ),
    ]);
    let mut world = sound();
    let here = world.targets.values_mut().next().unwrap();
    let Some(Ok(Some(account))) = here.modules.get_mut("Account") else {
        panic!("no account");
    };
    for field in &mut account.fields {
        field.updateable &= field.name != "Sage_Status_Text__c";
    }
    insta::assert_snapshot!(shown(&problems(&text, &world)));
}

#[test]
fn a_lookup_that_cannot_be_followed_is_named_with_its_line_by_whatever_name_it_is_tried() {
    let mut world = sound();
    let here = world.targets.values_mut().next().unwrap();
    let Some(Ok(Some(opportunity))) = here.modules.get_mut("Opportunity") else {
        panic!("no opportunity");
    };
    let mut buyer = reference("Buyer__c", "Contact");
    buyer.relation = Some("Purchaser__r".into());
    opportunity.fields.push(buyer);
    let line = "contact = { field = \"ContactId\" }";
    let named = |name: &str| {
        let text = line.replace(" }", &format!(", name_field = \"{name}\" }}"));
        problems(&with(&[(line, &text)]), &world)
    };
    for name in ["Contact.Name", "ContactId.Name"] {
        let found = named(name);
        let [found] = found.as_slice() else {
            panic!("{name}: {found:?}");
        };
        assert_eq!(
            (found.severity, found.code),
            (Severity::Mistake, "E_CHECK_LOOKUP_CLOSED"),
            "{name}"
        );
        let stands = FILE.lines().position(|text| text == line).unwrap() + 1;
        assert_eq!(found.line, stands);
        assert!(found.message.contains("Opportunity.ContactId"), "{found:?}");
        assert!(found.remedy.contains("Name ContactId itself"), "{found:?}");
    }
    // A relationship is called as the CRM calls it, not after the field.
    assert_eq!(named("Purchaser__r.Name"), []);
    assert_eq!(named("Buyer__r.Name")[0].code, "E_CHECK_FIELD_UNKNOWN");
}

#[test]
fn what_sage_does_not_have_or_let_us_write_is_named() {
    let text = with(&[
        ("UDF_CRM_REFERENCE", "UDF_SHORT"),
        (
            "Comment = \"Description\"",
            "UDF_CHANNEL = \"Description\"\nTermsCode = { const = \"01\" }",
        ),
        (
            "CommentText = \"Description\"",
            "UDF_LINE = \"Description\"",
        ),
    ]);
    let mut world = sound();
    if let Some(Ok(agent)) = world.agents.values_mut().next() {
        agent.companies[0].writes.remove("orders");
    }
    insta::assert_snapshot!(shown(&problems(&text, &world)));
}

#[test]
fn a_cut_to_a_length_that_nobody_tells_is_warned_of() {
    let text = with(&[(
        "Comment = \"Description\"",
        "Comment = { from = \"Description\", cut = true }",
    )]);
    let mut world = sound();
    assert_eq!(problems(&text, &world), [], "the agent tells the length");
    if let Some(Ok(agent)) = world.agents.values_mut().next() {
        let orders = agent.companies[0].orders.as_mut().unwrap();
        for field in &mut orders.header.fields {
            field.length = field.length.filter(|_| field.name != "Comment");
        }
    }
    let found = problems(&text, &world);
    let [found] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (found.severity, found.code),
        (Severity::Warning, "E_CHECK_CUT")
    );
    let own = text.replacen("cut = true", "length = 30, cut = true", 1);
    assert_eq!(problems(&own, &world), []);
}

#[test]
fn a_module_that_is_not_there_is_named_and_one_that_was_not_read_is_unchecked() {
    let mut world = sound();
    let here = world.targets.values_mut().next().unwrap();
    here.modules.insert("Opportunity".into(), Ok(None));
    here.modules.insert("Product2".into(), Err(down()));
    insta::assert_snapshot!(shown(&problems(FILE, &world)));
}

/// An opportunity with a moment that is to be a day of Sage.
fn dated() -> (String, World) {
    let mut dated = opportunity();
    dated
        .fields
        .push(field("Ordered_At__c", CrmFieldKind::DateTime));
    let mut world = sound();
    let target = TargetName::new("crm").unwrap();
    let here = world.targets.get_mut(&target).unwrap();
    here.modules.insert("Opportunity".into(), Ok(Some(dated)));
    let company = Company::new("ABC").unwrap();
    let Some(Ok(agent)) = world.agents.get_mut(&company) else {
        unreachable!("an agent that answers");
    };
    let served = agent.companies[0].orders.as_mut().unwrap();
    served.header.fields.push(AgentField {
        name: "OrderDate".into(),
        kind: "date".into(),
        length: None,
        precision: None,
        scale: None,
        read_only: false,
    });
    let text = with(&[(
        "Comment = \"Description\"",
        "Comment = \"Description\"\nOrderDate = \"Ordered_At__c\"",
    )]);
    (text, world)
}

#[test]
fn a_moment_that_is_to_be_a_day_wants_a_time_zone() {
    let (text, mut world) = dated();
    let found = problems(&text, &world);
    assert_eq!(
        codes(&found),
        ["E_CHECK_DAY_OF_MOMENT"],
        "{}",
        shown(&found)
    );
    assert_eq!(found[0].severity, crate::check::Severity::Warning);
    assert!(
        found[0].remedy.contains("[companies.ABC]"),
        "{}",
        found[0].remedy
    );
    // The agent knows it.
    let Some(Ok(agent)) = world.agents.get_mut(&Company::new("ABC").unwrap()) else {
        unreachable!("an agent that answers");
    };
    agent.time_zone = Some("America/Chicago".into());
    let found = problems(&text, &world);
    let remedy = "time_zone = \"America/Chicago\", as its agent says";
    assert!(found[0].remedy.contains(remedy), "{}", found[0].remedy);
    let zoned = "write = \"agent\"\ntime_zone = \"America/Chicago\"";
    let text = text.replacen("write = \"agent\"", zoned, 1);
    assert_eq!(shown(&problems(&text, &world)), shown(&[]));
}
