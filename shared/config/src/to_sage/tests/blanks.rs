use counterpart_domain::Value;

use super::{Sale, fields, line, orders, text};
use counterpart_domain::OnBlank;
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};

const COLUMNS: &str = "lines = { unit = \"Unit__c\", warehouse = \"Warehouse__c\", columns = { CommentText = \"Description\" } }\n\
    [targets.crm.orders.sources.Opportunity.columns]\n\
    CustomerPONo = \"PO__c\"\n\
    ShipVia = { from = \"Ship__c\", values = { Air = \"UPS BLUE\" } }\n\
    TermsCode = { from = \"Terms__c\", default = \"00\" }\n\
    EmailAddress = { from = \"Email__c\", with = \"email\" }\n\
    FreightAmt = \"Freight__c\"\n\
    Comment = { from = [\"First__c\", \"Last__c\"], with = \"join\" }\n\
    ShipToState = { from = [\"State\", \"Country\"], with = \"state_code\" }\n";

#[test]
fn a_blank_is_named_only_where_the_crms_own_field_is_blank() {
    let config = orders("", COLUMNS);
    let unread = Sale::new(&config, vec![line("6655", "1", "179")]);
    let order = unread.order().unwrap();
    let names: Vec<&str> = order.header.keys().map(String::as_str).collect();
    assert_eq!(names, ["TermsCode"], "what was not read is no blank");
    assert_eq!(
        (&order.lines[0].unit, &order.lines[0].warehouse),
        (&None, &None)
    );
    assert!(order.lines[0].columns.is_empty());

    let mut one = line("6655", "1", "179");
    let blanks = ["Unit__c", "Warehouse__c", "Description"].map(|name| (name, Value::Blank));
    one.extend(fields(&blanks));
    let sale = Sale::new(&config, vec![one]).with(&[
        ("PO__c", Value::Blank),
        ("Ship__c", Value::Blank),
        ("Terms__c", Value::Blank),
        ("Email__c", text("no address at all")),
        ("Freight__c", Value::Number(0.into())),
        ("First__c", Value::Blank),
        ("Last__c", text(" ")),
        ("State", Value::Blank),
        ("Country", text("US")),
    ]);
    let order = sale.order().unwrap();
    for column in ["CustomerPONo", "ShipVia", "Comment", "ShipToState"] {
        assert_eq!(order.header.get(column), Some(&Value::Blank), "{column}");
    }
    assert_eq!(order.header["FreightAmt"], Value::Number(0.into()));
    assert_eq!(
        order.header["TermsCode"],
        text("00"),
        "a default is no blank"
    );
    assert!(
        !order.header.contains_key("EmailAddress"),
        "a rule makes no blank"
    );
    let line = &order.lines[0];
    assert_eq!(
        (line.unit.as_deref(), line.warehouse.as_deref()),
        (Some(""), Some(""))
    );
    assert_eq!(line.columns["CommentText"], Value::Blank);
    assert_eq!(line.discount_percent, Some(0.into()));
    // A new order leaves them to Sage.
    let created = order.as_created();
    let names: Vec<&str> = created.header.keys().map(String::as_str).collect();
    assert_eq!(names, ["FreightAmt", "TermsCode"]);
    assert_eq!(
        (&created.lines[0].unit, created.lines[0].columns.len()),
        (&None, 0)
    );
}

#[test]
fn of_a_join_all_fields_have_to_be_blank() {
    let config = orders("", COLUMNS);
    let sale = Sale::new(&config, vec![line("6655", "1", "179")]);
    let half = sale.with(&[("First__c", Value::Blank)]).order().unwrap();
    assert!(!half.header.contains_key("Comment"));
}

#[test]
fn sage_takes_no_blank_where_it_cannot_do_without() {
    for (table, column, expected) in [
        (&ORDER_HEADER, "TermsCode", OnBlank::Stays),
        (&ORDER_HEADER, "PrintSalesOrders", OnBlank::Stays),
        (&ORDER_HEADER, "ShipVia", OnBlank::IfWritten),
        (&ORDER_HEADER, "ShipToName", OnBlank::IfWritten),
        (&ORDER_HEADER, "FreightAmt", OnBlank::IfWritten),
        (&ORDER_HEADER, "CustomerPONo", OnBlank::Blanked),
        (&ORDER_HEADER, "UDF_CHANNEL", OnBlank::Blanked),
        (&ORDER_LINE, "UnitOfMeasure", OnBlank::IfWritten),
        (&ORDER_LINE, "CommentText", OnBlank::Blanked),
        (&ORDER_LINE, "TaxClass", OnBlank::Stays),
    ] {
        assert_eq!(table.on_blank(column), expected, "{column}");
    }
}
