//! What is accepted is cheap, stays in its bounds, and means what CEL means.

use std::time::{Duration, Instant};

use cel::Context;
use counterpart_domain::{Entity, Value};
use proptest::prelude::*;

use super::COLUMNS;
use crate::Expression;
use crate::compute::LONGEST_TEXT;
use crate::testing::abf;

/// Texts, over three columns.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("City".to_owned()),
        Just("State".to_owned()),
        Just("UDF_WORD".to_owned()),
        Just("\"\"".to_owned()),
        "[a-zA-Z ü]{0,3}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(a, b)| format!("{a} + {b}")),
            (pair.clone(), inner.clone())
                .prop_map(|((a, b), c)| format!("({a} < {b} ? {b} : {c})")),
            (pair.clone(), inner.clone()).prop_map(|((a, b), c)| format!(
                "[{a}, {b}, {c}].map(x, x != {b}, x + {c}).join({a})"
            )),
            (pair.clone(), inner.clone())
                .prop_map(|((a, b), c)| format!("({a}).replace({b}, {c})")),
            inner.clone().prop_map(|a| format!("({a}).trim()")),
            inner.clone().prop_map(|a| format!("({a}).upperAscii()")),
            (inner.clone(), 0..3_u8).prop_map(|(a, n)| format!("({a}).substring({n})")),
            pair.prop_map(|(a, b)| format!("[{a}, \"q\"].filter(x, {b}.contains(x)).join(\"-\")")),
        ]
    })
}

/// Conditions over texts.
fn condition() -> impl Strategy<Value = String> {
    let leaf = (text(), text()).prop_flat_map(|(a, b)| {
        prop_oneof![
            Just(format!("{a} == {b}")),
            Just(format!("{a} != {b}")),
            Just(format!("{a} <= {b}")),
            Just(format!("({a}).startsWith({b})")),
            Just(format!("({a}).endsWith({b})")),
            Just(format!("{a} in [{b}, City]")),
            Just(format!("size({a}) > ({b}).size()")),
            Just(format!("[{a}, {b}].exists(x, x > City)")),
            Just(format!("[{a}, {b}].all(x, x.contains(\"a\"))")),
            Just(format!("[{a}, {b}].exists_one(x, x == State)")),
        ]
    });
    leaf.prop_recursive(3, 12, 2, |inner| {
        (inner.clone(), inner).prop_flat_map(|(a, b)| {
            prop_oneof![
                Just(format!("({a}) && ({b})")),
                Just(format!("({a}) || !({b})")),
                Just(format!("(({a}) ? ({b}) : {a})")),
            ]
        })
    })
}

/// Numbers, and conditions over them.
fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("CreditLimit".to_owned()),
        Just("CurrentBalance".to_owned()),
        Just("AgingCategory1".to_owned()),
        Just("DateEstablished.getMonth()".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("number(\"79228162514264337593543950335\")".to_owned()),
        Just("number(UDF_WORD)".to_owned()),
        "-?[0-9]{1,18}".prop_map(|n| n),
        "[0-9]{1,5}\\.[0-9]{1,5}".prop_map(|n| n),
        text().prop_map(|text| format!("size({text})")),
        text().prop_map(|text| format!("({text}).indexOf(\"u\")")),
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let operators = prop::sample::select(vec!["+", "-", "*"]);
        let orders = prop::sample::select(vec!["<", "<=", "==", "!=", ">"]);
        prop_oneof![
            (pair.clone(), operators).prop_map(|((a, b), op)| format!("({a} {op} {b})")),
            (pair.clone(), inner.clone(), orders)
                .prop_map(|((a, b), c, order)| format!("({a} {order} {b} ? {c} : null)")),
            pair.clone()
                .prop_map(|(a, b)| format!("round({a} / {b}, 2)")),
            inner.clone().prop_map(|a| format!("round({a}, 10)")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("int({a})")),
            pair.prop_map(|(a, b)| format!("size([{a}, {b}].map(x, x > {b}, x * {a}))")),
            (text(), inner).prop_map(|(text, a)| format!("size(({text}).substring({a}))")),
        ]
    })
}

/// Anything that could be written, much of it wrong.
fn anything() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![number(), text(), condition(), Just("null".to_owned())];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let operators =
            prop::sample::select(vec!["+", "-", "*", "==", "<", "&&", "||", "in", "%", "/"]);
        let functions =
            prop::sample::select(vec!["string", "number", "int", "flag", "date", "-", "!"]);
        let loops = prop::sample::select(vec!["all", "exists", "exists_one", "map", "filter"]);
        prop_oneof![
            (pair.clone(), operators).prop_map(|((a, b), op)| format!("({a} {op} {b})")),
            (inner, functions).prop_map(|(a, f)| format!("{f}({a})")),
            (pair, loops).prop_map(|((a, b), f)| format!("[{a}, {b}].{f}(x, x == {b})")),
        ]
    })
}

/// Evaluates what is accepted, and holds it to its bounds.
fn run(source: &str) -> Option<Result<Value, String>> {
    let started = Instant::now();
    let expression = Expression::compile(source, Entity::CUSTOMER).ok()?;
    // Texts as long as a record can hold.
    let long = "ab ü".repeat(1_000);
    let mut columns = COLUMNS.to_vec();
    columns.extend([("City", long.as_str()), ("UDF_WORD", long.as_str())]);
    let (key, record) = abf(&columns);
    let made = expression.value(&key, &record);
    // The meter is the second line of defence: what was accepted never needs it.
    assert_ne!(
        made,
        Err(crate::compute::eval::TOO_LONG.to_owned()),
        "{source}"
    );
    if let Ok(Value::Text(text)) = made {
        let count = text.chars().count();
        let bound = expression.longest(|_| Some(4_000)).unwrap();
        assert!(
            count <= bound.min(LONGEST_TEXT),
            "{count} > {bound}: {source}"
        );
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{source}");
    let (key, record) = abf(COLUMNS);
    Some(expression.value(&key, &record))
}

/// What CEL's own interpreter says, with the functions of its extensions.
fn oracle(source: &str) -> Option<cel::Value> {
    let mut env = cel::Env::stdlib();
    cel::extensions::strings(&mut env).ok()?;
    let program = env.compile(source).ok()?;
    let mut context = Context::with_env(std::sync::Arc::new(env));
    for (name, value) in COLUMNS {
        context.add_variable(*name, *value).ok()?;
    }
    program.execute(&context).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_accepted_ends_soon_without_a_panic_and_within_its_bounds(source in prop_oneof![number(), anything()]) {
        run(&source);
    }

    #[test]
    fn no_text_at_all_makes_the_reading_panic(source in "\\PC{0,80}", more in "[()\\[\\]{}!?:.,+xa1\"'\\\\-]{0,60}") {
        run(&source);
        run(&more);
    }

    #[test]
    fn texts_and_conditions_mean_what_cel_means(source in prop_oneof![text(), condition()]) {
        if let Some(Ok(ours)) = run(&source) {
            match oracle(&source) {
                Some(cel::Value::String(text)) => prop_assert_eq!(ours, Value::text(text.as_str()), "{}", source),
                Some(cel::Value::Bool(flag)) => prop_assert_eq!(ours, Value::Flag(flag), "{}", source),
                other => prop_assert!(false, "{other:?} for {source}"),
            }
        }
    }
}
