//! Values and conditions that are computed.

use counterpart_domain::{Class, Entity, Value};

use super::map;
use crate::testing::{abf, entity, file};
use crate::{Expression, Verdict};

#[test]
fn an_expression_makes_a_value_of_its_own_type() {
    let columns = [
        ("CustomerName", "American Business Futures"),
        ("CreditLimit", "120000.00"),
        ("CurrentBalance", "99.90"),
        ("CreditHold", "Y"),
    ];
    for (line, expected) in [
        (
            "A = { compute = \"CreditLimit - CurrentBalance\" }",
            "119900.1",
        ),
        (
            "A = { compute = 'CreditHold ? \"On hold\" : \"Open\"' }",
            "On hold",
        ),
        ("A = { compute = \"CreditLimit > 1000\" }", "true"),
        (
            "A = { compute = \"CustomerName + company\", length = 10, cut = true }",
            "American B",
        ),
        (
            "A = { compute = \"UDF_WEB\", with = \"website\", otherwise = \"blank\" }",
            "",
        ),
        (
            "A = { compute = 'CreditLimit > 1000 ? \"A\" : \"B\"', values = { A = \"Large\", B = \"Small\" } }",
            "Large",
        ),
    ] {
        assert_eq!(map(line, &columns).unwrap().to_string(), expected, "{line}");
    }
    let flag = map("A = { compute = \"CreditHold\" }", &columns).unwrap();
    assert_eq!(flag, Value::Flag(true));
}

#[test]
fn what_has_no_value_parks_the_record_or_is_left_blank() {
    let columns = [("UDF_RATE", "soon")];
    let fault = map("A = { compute = \"number(UDF_RATE) * 2\" }", &columns).unwrap_err();
    assert_eq!(fault.class, Class::Data);
    insta::assert_snapshot!(fault, @r#"E_MAPPING_COMPUTED: A of ABC:01-ABF cannot be computed: "soon" is no number. (number(UDF_RATE) * 2)"#);
    let blank = "A = { compute = \"number(UDF_RATE) * 2\", otherwise = \"blank\" }";
    assert_eq!(map(blank, &columns).unwrap(), Value::Blank);
    let fault = map(
        "A = { compute = \"UDF_RATE\", with = \"number\" }",
        &columns,
    )
    .unwrap_err();
    insta::assert_snapshot!(fault, @r#"E_MAPPING_NUMBER: A of ABC:01-ABF cannot be computed: "soon" is no number. (UDF_RATE)"#);
    let fault = map("A = { compute = \"UDF_RATE\", length = 2 }", &columns).unwrap_err();
    insta::assert_snapshot!(fault, @r#"E_MAPPING_TOO_LONG: A of ABC:01-ABF cannot be computed: "soon" makes 4 characters, 2 are allowed. (UDF_RATE)"#);
}

#[test]
fn a_condition_includes_excludes_or_has_no_answer() {
    let verdict = |when: &str| {
        let fields = "[targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"";
        let text = file(&format!("include = [{{ when = '{when}' }}]\n{fields}"));
        let config = entity(&text, Entity::CUSTOMER);
        assert!(config.columns().contains("CreditLimit"));
        let (key, record) = abf(&[("CreditLimit", "5000"), ("UDF_RATE", "soon")]);
        config.include(&key, &record)
    };
    assert_eq!(verdict("CreditLimit > 1000"), Ok(Verdict::Include));
    let Ok(Verdict::Exclude { code, reason }) = verdict("CreditLimit > 10000") else {
        panic!("it is included");
    };
    assert_eq!(code, "EXCLUDED_BY_FILTER");
    insta::assert_snapshot!(reason, @"ABC:01-ABF does not meet a condition of `include`: CreditLimit > 10000");
    let fault = verdict("CreditLimit > number(UDF_RATE)").unwrap_err();
    assert_eq!(fault.class, Class::Data);
    insta::assert_snapshot!(fault, @r#"E_FILTER_COMPUTED: Whether ABC:01-ABF belongs in the CRM cannot be computed: "soon" is no number. (CreditLimit > number(UDF_RATE))"#);
}

#[test]
fn another_expression_is_another_version() {
    let version = |line: &str| entity(&crate::testing::fields(line), Entity::CUSTOMER).version;
    let one = version("A = { compute = \"City\" }");
    assert_eq!(one, version("A = { compute = 'City' }"));
    assert_ne!(one, version("A = { compute = \"State\" }"));
    assert_ne!(one, version("A = \"City\""));
    let expression = |source| Expression::compile(source, Entity::CUSTOMER).unwrap();
    assert_eq!(expression("City"), expression("City"));
    assert_ne!(
        expression("City"),
        Expression::compile("City", Entity::CONTACT).unwrap()
    );
}
