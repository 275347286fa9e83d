mod properties;

use counterpart_domain::{ColumnKind, Entity, Value};

use super::{Expression, Problem};
use crate::testing::abf;

fn compile(source: &str) -> Result<Expression, Vec<Problem>> {
    Expression::compile(source, Entity::CUSTOMER)
}

const COLUMNS: &[(&str, &str)] = &[
    ("CustomerName", "American Business Futures"),
    ("City", "Milwaukee"),
    ("State", "WI"),
    ("ZipCode", "53205-1204"),
    ("CustomerType", "W"),
    ("CreditLimit", "120000.00"),
    ("CurrentBalance", "1000.10"),
    ("CreditHold", "N"),
    ("DateEstablished", "20190305"),
    ("UDF_RATE", "0.1"),
    ("UDF_WORD", "soon"),
];

/// The value for 01-ABF as text, or the reason why there is none.
fn value(source: &str) -> String {
    let expression = compile(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    let (key, record) = abf(COLUMNS);
    match expression.value(&key, &record) {
        Ok(Value::Blank) => "(blank)".to_owned(),
        Ok(value) => value.to_string(),
        Err(why) => format!("! {why}"),
    }
}

/// What is said about an expression that is refused.
fn refused(source: &str) -> String {
    match compile(source) {
        Ok(expression) => panic!("{expression:?}"),
        Err(problems) => {
            let line = |problem: &Problem| format!("{} {}", problem.message, problem.remedy);
            problems.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn expressions_read_columns_in_their_own_types() {
    for (source, expected) in [
        ("City + \", \" + State", "Milwaukee, WI"),
        ("Comment + City", "Milwaukee"),
        ("Comment", "(blank)"),
        ("UDF_NOT_THERE == \"\"", "true"),
        ("key + \" in \" + company", "01-ABF in ABC"),
        ("CreditHold ? \"On hold\" : \"Free\"", "Free"),
        ("CustomerType in [\"A\", \"W\"]", "true"),
        ("!(CustomerType == \"W\") || CreditLimit >= 120000", "true"),
        ("DateEstablished < date(\"2020-01-01\")", "true"),
        ("DateEstablished", "2019-03-05"),
        ("DateLastPayment == null", "true"),
        ("DateLastPayment < date(\"2020-01-01\")", "false"),
        ("CustomerType == \"A\" ? CreditLimit : null", "(blank)"),
        (
            "string(DateEstablished.getFullYear()) + \"/\" + string(DateEstablished.getMonth() + 1)",
            "2019/3",
        ),
        ("ZipCode.matches(\"^[0-9]{5}(-[0-9]{4})?$\")", "true"),
        (
            "[City, Comment, State].filter(x, x != \"\").map(x, x.upperAscii()).join(\" / \")",
            "MILWAUKEE / WI",
        ),
        ("[City, State].exists_one(x, x.startsWith(\"M\"))", "true"),
        ("[City, State].map(x, x.size() > 2, x).join()", "Milwaukee"),
        (
            "CustomerName.substring(0, CustomerName.indexOf(\" \"))",
            "American",
        ),
        (
            "CustomerName.replace(\"Business \", \"\").lowerAscii()",
            "american futures",
        ),
        ("\"  x \".trim() + '\\u00fc'", "xü"),
        ("size(\"Zürich\")", "6"),
    ] {
        assert_eq!(value(source), expected, "{source}");
    }
}

#[test]
fn numbers_stay_exact_or_there_is_none() {
    for (source, expected) in [
        ("CreditLimit - CurrentBalance", "118999.90"),
        ("0.1 + 0.2", "0.3"),
        ("0.1 + 0.2 == 0.3", "true"),
        ("number(UDF_RATE) * 3", "0.3"),
        ("CreditLimit == 120000", "true"),
        ("-CurrentBalance", "-1000.10"),
        ("round(CurrentBalance / 3, 2)", "333.37"),
        ("round(1 / 8, 2)", "0.13"),
        ("round(-2.345, 2)", "-2.35"),
        ("int(\" 12 \") + int(12.9)", "24"),
        ("string(CreditLimit)", "120000"),
        ("AgingCategory1 + 1", "(blank)"),
        ("AgingCategory1 > 0 || AgingCategory1 <= 0", "false"),
        (
            "number(\"79228162514264337593543950335\") + 1",
            "! a number is too large",
        ),
        (
            "number(\"0.0000000000000000000000000001\") * 0.5",
            "! a number has more digits than are kept exactly",
        ),
        (
            "number(\"7922816251426433759354395033.5\") + 0.01",
            "! a number has more digits than are kept exactly",
        ),
        (
            "round(1 / (CreditLimit - CreditLimit), 2)",
            "! something is divided by zero",
        ),
        ("number(UDF_WORD)", "! \"soon\" is no number"),
        ("int(\"1\" + \".5\")", "! \"1.5\" is no whole number"),
        (
            "City.substring(4, 2)",
            "! a text of 9 characters has no part from 4 to 2",
        ),
        (
            "round(number(\"79228162514264337593543950335\") / 11, 2)",
            "! a number has more digits than are kept exactly",
        ),
        ("round(CreditLimit / 7, 4)", "17142.8571"),
        ("City.substring(-1)", "! -1 is no position in a text"),
        (
            "City.substring(10)",
            "! a text of 9 characters has no part from 10 to 9",
        ),
    ] {
        assert_eq!(
            value(source).trim_end_matches('0'),
            expected.trim_end_matches('0'),
            "{source}"
        );
    }
}

#[test]
fn a_side_that_decides_wins_over_a_failure_of_the_other() {
    let fails = "number(UDF_WORD) > 1";
    assert_eq!(value(&format!("false && {fails}")), "false");
    assert_eq!(value(&format!("{fails} && false")), "false");
    assert_eq!(value(&format!("{fails} || true")), "true");
    assert_eq!(
        value(&format!("{fails} || false")),
        "! \"soon\" is no number"
    );
    assert_eq!(value("[\"soon\", \"2\"].exists(x, number(x) > 1)"), "true");
    assert_eq!(
        value("[\"soon\", \"2\"].all(x, number(x) > 1)"),
        "! \"soon\" is no number"
    );
}

#[test]
fn what_is_not_known_or_does_not_fit_is_said() {
    let sources = [
        "Citty == \"\"",
        "TaxpayerIDSocialSecurityNo",
        "City.startWith(\"M\")",
        "now() > DateEstablished",
        "City == ",
        "City == \"M",
        "City.Name",
        "has(City.Name)",
        "{\"a\": 1}",
        "City + CreditLimit",
        "City == null",
        "CreditLimit > \"1000\"",
        "DateEstablished > \"2020-01-01\"",
        "CreditLimit / 3",
        "round(CreditLimit / 3, State)",
        "City.substring(\"M\")",
        "startsWith(City, \"M\")",
        "0.1234567890123456789",
        "CreditLimit > 0.10000000000000000001",
        "1e40",
        "[City, CreditLimit]",
        "[]",
        "[[City]].size() > 0",
        "City.exists(x, x == \"\")",
        "City.matches(State)",
        "City.matches(\"(\")",
        "b\"City\"",
        "CustomerType ? 1 : 2",
        "CreditHold ? 1 : \"x\"",
        "City[0]",
    ];
    let said: Vec<_> = sources
        .iter()
        .map(|source| format!("{source}\n    {}", refused(source).replace('\n', "\n    ")))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_could_take_too_long_or_too_much_is_refused_before_it_runs() {
    let ten = "[1,2,3,4,5,6,7,8,9,10]";
    let nested = (0..8).fold("true".to_owned(), |body, n| {
        format!("{ten}.all(x{n}, {body})")
    });
    let doubling = format!("[City]{}.size() > 0", ".map(x, x + x)".repeat(12));
    let growing = format!("City{}", ".replace(\"\", City)".repeat(4));
    let joined = vec!["Comment"; 40].join(" + ");
    for (source, said) in [
        (nested.as_str(), "steps"),
        (doubling.as_str(), "characters"),
        (growing.as_str(), "characters"),
        (joined.as_str(), "characters"),
        (&"(".repeat(100_000), "bytes"),
        (&"(".repeat(1_900), "brackets"),
        (&"[".repeat(1_900), "brackets"),
        (&"true?".repeat(300), "conditionals"),
        (&"!".repeat(1_999), "This is not CEL"),
        (&format!("{}1", "-(".repeat(35)), "This is not CEL"),
        (
            &format!("{}CreditHold", "!-".repeat(900)),
            "parts within each other",
        ),
        (&vec!["1"; 900].join("+"), "parts within each other"),
        (
            &format!("City{}", ".trim()".repeat(200)),
            "parts within each other",
        ),
        (
            &format!("City.matches(\"{}\")", "(a{1000}){1000}"),
            "pattern",
        ),
        (
            &format!("City.matches(\"{}a{}\")", "(".repeat(30), ")".repeat(30)),
            "pattern",
        ),
        (
            &format!(
                "[{}].exists(x, UDF_A.matches(\"a\"))",
                vec!["1"; 100].join(",")
            ),
            "steps",
        ),
    ] {
        let refused = refused(source);
        assert!(
            refused.contains(said),
            "{}: {refused}",
            source.get(..60).unwrap_or(source)
        );
    }
}

#[test]
fn a_large_pattern_costs_what_it_takes() {
    let on = |texts: &str, pattern: &str| format!("({texts}).matches(\"{pattern}\")");
    for (source, accepted) in [
        (on("Comment", "^[0-9]{5}(-[0-9]{4})?$"), true),
        (on("Comment", "^.{1,40}$"), true),
        (on("key", "(.{0,9}.{0,9}){0,8}x"), true),
        (on("Comment", "(.{0,9}.{0,9}){0,8}x"), false),
        (on("Comment + Comment", "([a-z]?){60}x"), false),
    ] {
        assert_eq!(compile(&source).is_ok(), accepted, "{source}");
    }
}

#[test]
fn texts_and_comments_are_not_taken_for_code() {
    let brackets = "(".repeat(60);
    for source in [
        "City.replace(\"'\", \"\") == \"1.2345678901234567890\"",
        "City == r\"\\\" || City == '1.2345678901234567890'",
        "City == \"a\\\"1.2345678901234567890\"",
        "City == '''it's 1.2345678901234567890'''",
        "City == \"\" // 1.2345678901234567890 isn't read",
        &format!("City == \"{brackets}\" || City == '{}'", "?".repeat(60)),
    ] {
        assert!(compile(source).is_ok(), "{source}: {:?}", compile(source));
    }
    for source in [
        "\"it's\" == City && 1.00000000000000001 == 1.0",
        "'\"' == City || 1.00000000000000001 == 1.0",
        "City == r'\\' && 1.00000000000000001 == 1.0",
        "CreditLimit > 9123456789012341e-15",
        "CreditLimit > .12345678901234567",
    ] {
        assert!(refused(source).contains("too many digits"), "{source}");
    }
    let nested = format!("{}City{}", "(\")\" + ".repeat(60), ")".repeat(60));
    assert!(refused(&nested).contains("brackets"));
    assert_eq!(value("0xFFFFFFFFFFFFFFE == 0xFFFFFFFFFFFFFFE"), "true");
}

#[test]
fn what_is_written_out_is_read_before_the_first_record() {
    for source in [
        "DateEstablished > date(\"2020-13-01\")",
        "CreditLimit > number(\"a lot\")",
        "CreditLimit > int(\"1.5\")",
        "flag(\"perhaps\")",
    ] {
        assert!(refused(source).contains("written out"), "{source}");
    }
    assert_eq!(value("date(\"\") == null"), "true");
}

#[test]
fn a_mistake_in_a_text_of_several_lines_is_said_at_its_line() {
    let problems = compile("City == \"a\"\n  && State == \n  && true").unwrap_err();
    assert_eq!(problems[0].line, 2);
}

#[test]
fn it_tells_what_it_reads_and_makes() {
    let expression = compile("[City, UDF_X].exists(x, x == State) ? CreditLimit : null").unwrap();
    assert_eq!(
        expression.columns().into_iter().collect::<Vec<_>>(),
        ["City", "CreditLimit", "State", "UDF_X"]
    );
    assert_eq!(expression.kind(), Some(ColumnKind::Number));
    let length = |source: &str| {
        compile(source)
            .unwrap()
            .longest(|column| (column != "UDF_X").then_some(30))
    };
    assert_eq!(length("City + \", \" + State"), Some(62));
    assert_eq!(length("CreditHold ? City : \"x\""), Some(30));
    assert_eq!(length("City + UDF_X"), None);
    assert_eq!(length("CreditLimit"), None);
}

#[test]
fn the_dearest_that_is_accepted_takes_milliseconds() {
    // Found by doubling: the next one is refused.
    let deep = |n: usize| {
        let ten = "[1,2,3,4,5,6,7,8,9,10]";
        (0..n).fold("CreditLimit > 0".to_owned(), |body, n| {
            format!("{ten}.all(x{n}, {body})")
        })
    };
    let loops = (1..8)
        .map(deep)
        .take_while(|source| compile(source).is_ok())
        .last()
        .unwrap();
    let pattern = "UDF_WORD.matches(\"(a?){20}b\")".to_owned();
    let text = "a".repeat(4_000);
    let (key, record) = abf(&[("UDF_WORD", text.as_str()), ("CreditLimit", "1")]);
    for source in [loops, pattern] {
        let expression = compile(&source).unwrap();
        let started = std::time::Instant::now();
        expression.value(&key, &record).unwrap();
        let took = started.elapsed();
        assert!(
            took < std::time::Duration::from_secs(1),
            "{took:?}: {source}"
        );
    }
}
