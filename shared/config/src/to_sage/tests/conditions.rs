use counterpart_domain::Value;

use super::{fields, number, orders, text};

#[test]
fn a_sale_is_won_when_all_its_conditions_hold() {
    let config = orders(
        "",
        "cancel_when = [{ field = \"StageName\", in = [\"Closed Lost\", \"Void\"] }, { field = \"Amount\", not = 0 }, { field = \"Name\", starts_with = \"S-\" }]",
    );
    let source = &config.sources[0];
    for (stage, won) in [("Closed Won", true), ("closed won", false), ("", false)] {
        assert_eq!(
            source.is_won(&fields(&[("StageName", text(stage))])),
            won,
            "{stage}"
        );
    }
    assert!(!source.is_won(&fields(&[])));
    let lost = |stage: &str, amount: &str, name: &str| {
        source.is_cancelled(&fields(&[
            ("StageName", text(stage)),
            ("Amount", number(amount)),
            ("Name", text(name)),
        ]))
    };
    assert!(lost("Void", "1.0", "S-1"));
    assert!(!lost("Void", "0.00", "S-1"));
    assert!(!lost("Void", "1", "T-1"));
    assert!(!lost("Closed Won", "1", "S-1"));
    assert!(!orders("", "").sources[0].is_cancelled(&fields(&[])));
}

#[test]
fn ids_and_days_are_compared_as_texts_and_blanks_with_an_empty_one() {
    let holds = |test: &str, value: Value| {
        let config = orders("", &format!("cancel_when = [{{ field = \"F\", {test} }}]"));
        config.sources[0].is_cancelled(&fields(&[("F", value)]))
    };
    assert!(holds("equals = \"005A\"", Value::Reference("005A".into())));
    assert!(holds(
        "equals = \"2026-11-22\"",
        Value::Date("2026-11-22".parse().unwrap())
    ));
    assert!(holds("equals = true", Value::Flag(true)));
    assert!(!holds("equals = \"true\"", Value::Flag(true)));
    assert!(holds("equals = \"\"", Value::Blank));
    assert!(holds("not = \"\"", text("x")));
    assert!(!holds("not = \"\"", Value::Blank));
}
