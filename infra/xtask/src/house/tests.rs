//! Small checkouts: each figure has to rise by what it is there to see, and by nothing else.

use std::path::Path;

use super::figures::Figures;
use super::rules::{self, Rules};
use super::tree::Tree;

const RULES: &str = r#"
[entities]
words = ["Contact", "Customer"]
counted = "Contact"
except = ["shared/domain/src/entity"]
[named.zoho_named]
words = ["Zoho"]
except = ["shared/zoho", "shared/config/src/crm/zoho.rs"]
[named.entity_spelled]
words = ["Contact", "CONTACT"]
texts = ["contact"]
except = []
[limits]
# Kept.
entity_named = 3
zoho_named = 0
[goals]
"#;

const MANIFEST: &str = "[workspace]\nmembers = [\"shared/*\"]\n";

/// The figures of a checkout with these files, and a manifest for each folder of `shared`.
fn figures(files: &[(&str, &str)]) -> Figures {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("Cargo.toml", MANIFEST);
    std::fs::create_dir_all(dir.path().join("shared")).unwrap();
    for (path, text) in files {
        write(path, text);
        if let Some((krate, _)) = path.split_once("/src/") {
            write(&format!("{krate}/Cargo.toml"), "[package]\nname = \"a\"\n");
        }
    }
    measured(dir.path())
}

fn measured(root: &Path) -> Figures {
    Figures::of(&Tree::read(root).unwrap(), &Rules::read(RULES).unwrap())
}

fn circles(files: &[(&str, &str)]) -> (usize, usize) {
    let figures = figures(files).figures;
    (figures["circular_imports"], figures["circular_at_all"])
}

#[test]
fn a_word_counts_in_names_and_texts_and_nowhere_else() {
    let figures = figures(&[
        ("shared/a/src/lib.rs", "mod b; mod c; mod d; mod e; mod f;"),
        ("shared/a/src/b.rs", "fn b() { take(Entity::Contact) }"),
        (
            "shared/a/src/c.rs",
            "const C: &str = r#\"a Contact of whom\"#;",
        ),
        (
            "shared/a/src/d.rs",
            "//! Contact\n/// Contact\n/* Contact */ fn d() {} // Contact\n",
        ),
        (
            "shared/a/src/e.rs",
            "struct ContactRow; const E: &str = \"Contacts\"; const CONTACT: u8 = 0;",
        ),
        ("shared/domain/src/entity/contact.rs", "struct Contact;"),
        ("functions/f.rs", "fn f(_: Contact) {}"),
        ("tests/g.rs", "fn g(_: Contact) {}"),
    ]);
    assert_eq!(
        figures.counted["entity_named"],
        ["shared/a/src/b.rs", "shared/a/src/c.rs", "functions/f.rs"]
    );
    assert_eq!(figures.entities["Customer"], 0);
}

#[test]
fn another_spelling_of_a_name_is_still_a_name() {
    let files = [
        ("shared/a/src/b.rs", "const B: Entity = Entity::CONTACT;"),
        ("shared/a/src/c.rs", "const C: &str = \"contact\";"),
        (
            "shared/a/src/d.rs",
            "fn d(contact: &str) { say(\"no contact\") }",
        ),
    ];
    let figures = figures(&files);
    assert_eq!(figures.figures["entity_named"], 0);
    assert_eq!(
        figures.counted["entity_spelled"],
        ["shared/a/src/b.rs", "shared/a/src/c.rs"]
    );
}

#[test]
fn a_products_own_places_are_exempt_and_places_named_alike_are_not() {
    let zoho = "struct Zoho;";
    let figures = figures(&[
        ("shared/zoho/src/lib.rs", zoho),
        ("shared/config/src/crm/zoho.rs", zoho),
        ("shared/config/src/crm/mod.rs", zoho),
        ("shared/zohoo/src/lib.rs", zoho),
    ]);
    assert_eq!(
        figures.counted["zoho_named"],
        ["shared/config/src/crm/mod.rs", "shared/zohoo/src/lib.rs"]
    );
}

#[test]
fn tests_are_left_out_wherever_they_stand() {
    let test = "fn t(_: Contact) {}";
    let figures = figures(&[
        (
            "shared/a/src/lib.rs",
            "mod b;\n#[cfg(test)]\nmod testing;\nmod tests;\n#[cfg(test)]\n#[path = \"odd_tests.rs\"]\nmod odd;\n",
        ),
        (
            "shared/a/src/b.rs",
            "fn b() {}\n\n#[cfg(test)]\nmod tests {\n    fn t(_: Contact) {}\n}\n#[cfg(test)]\nuse {Contact};\nfn c() {}\n",
        ),
        ("shared/a/src/testing.rs", "mod below; struct Contact;"),
        ("shared/a/src/testing/below.rs", test),
        ("shared/a/src/odd_tests.rs", test),
        ("shared/a/src/tests.rs", test),
        ("shared/a/tests/wire/main.rs", test),
        ("shared/b/src/lib.rs", "#![cfg(test)] struct Contact;"),
    ]);
    assert_eq!(figures.figures["entity_named"], 0);
    // Of the first the two `mod` for tests are gone, of the second five and two lines.
    assert_eq!(figures.all.files, 2);
    assert_eq!(figures.all.lines, 2 + 3);
    assert_eq!(figures.all.code, 2 + 2);
}

#[test]
fn lines_with_code_are_neither_empty_nor_comments_alone() {
    let figures = figures(&[(
        "shared/a/src/lib.rs",
        "//! Doc.\n\n/// Doc.\n#[must_use]\nfn a() -> &'static str {\n    // Not this.\n    \"two\n\nlines\" // This.\n}\n",
    )]);
    assert_eq!((figures.all.lines, figures.all.code), (10, 6));
    assert_eq!(figures.folders[0].folder, "shared/a");
}

#[test]
fn siblings_that_need_each_other_are_a_circle_however_they_say_it() {
    let lib = ("shared/a/src/lib.rs", "mod b; mod c; mod d;");
    let c = ("shared/a/src/c.rs", "pub fn c() { crate::d::d() }");
    let d = ("shared/a/src/d.rs", "use super::b; pub fn d() { b::b() }");
    for b in [
        "use super::c::c; pub fn b() { c() }",
        "use crate::{c as other}; pub fn b() { other::c() }",
        "pub fn b() { super::c::c() }",
        "use super::c::*; pub fn b() { c() }",
    ] {
        let found = figures(&[lib, ("shared/a/src/b.rs", b), c, d]);
        let circle = &found.counted["circular_imports"][0];
        assert!(
            circle.starts_with("shared/a/src/b.rs <-> shared/a/src/c.rs <-> shared/a/src/d.rs\n"),
            "{b}: {circle}"
        );
        assert!(circle.contains("shared/a/src/d.rs needs b::b of shared/a/src/b.rs"));
    }
    let alone = ("shared/a/src/b.rs", "pub fn b() {}");
    assert_eq!(circles(&[lib, alone, c, d]), (0, 0));
}

#[test]
fn what_is_passed_on_is_looked_for_where_it_is_defined() {
    let lib = ("shared/a/src/lib.rs", "mod x; mod y;");
    let y = ("shared/a/src/y.rs", "use crate::x::B; fn y(_: B) {}");
    let b = ("shared/a/src/x/b.rs", "use super::C; pub struct B(C);");
    let c = ("shared/a/src/x/c.rs", "pub struct C;");
    let passing = (
        "shared/a/src/x/mod.rs",
        "mod b; mod c; pub use b::B; pub(crate) use self::c::C;",
    );
    assert_eq!(circles(&[lib, y, b, c, passing]), (0, 0));
    let c = (
        "shared/a/src/x/c.rs",
        "use super::B; pub struct C; fn c(_: B) {}",
    );
    assert_eq!(circles(&[lib, y, b, c, passing]), (1, 1));
}

#[test]
fn a_parent_that_calls_its_child_is_told_apart() {
    let lib = (
        "shared/a/src/lib.rs",
        "mod b; use b::b; pub struct A; fn a() { b(); b::c() }",
    );
    let b = (
        "shared/a/src/b.rs",
        "use super::A; pub fn b(_: A) {} pub fn c() {}",
    );
    assert_eq!(circles(&[lib, b]), (0, 1));
}

#[test]
fn a_header_is_generic_by_its_types() {
    let text = "
        impl<A, B: Of<X, Y>, C: Fn(u8, u8) -> u8, D> Four<A, B, C, D> for [A] where A: B {}
        impl<'a, 'b, const N: usize, A, B, C> Three<'a, 'b, N, A, B, C> {}
        fn f(_: impl Fn(A, B, C, D)) {}
    ";
    let figures = figures(&[("shared/a/src/lib.rs", text)]);
    assert_eq!(
        figures.counted["generic_impls"],
        ["shared/a/src/lib.rs:2 impl Four<A, B, C, D> for[A] (4)"]
    );
}

#[test]
fn a_function_is_long_from_its_name_to_its_last_bracket() {
    let body = |lines: usize| "    one();\n".repeat(lines);
    let text = format!(
        "/// Doc.\n#[must_use]\nfn long(\n    a: [u8; {{ 4 }}],\n) {{\n{}}}\n\nfn short() {{\n{}}}\n\ntrait T {{\n    fn none();\n{}}}\n",
        body(57),
        body(58),
        "    fn more();\n".repeat(70),
    );
    let figures = figures(&[("shared/a/src/lib.rs", &text)]);
    assert_eq!(
        figures.counted["long_functions"],
        ["shared/a/src/lib.rs:3 long (61)"]
    );
}

#[test]
fn members_are_counted_by_name_and_by_pattern() {
    let figures = figures(&[("shared/a/src/lib.rs", ""), ("shared/b/src/lib.rs", "")]);
    assert_eq!(
        figures.counted["workspace_members"],
        ["shared/a", "shared/b"]
    );
}

#[test]
fn a_figure_above_its_limit_and_one_below_it_are_told() {
    let rules = Rules::read(RULES).unwrap();
    let hold = |entity, zoho| {
        let figures = [("entity_named", entity), ("zoho_named", zoho)];
        let figures = figures
            .map(|(name, figure)| (name.to_owned(), figure))
            .into();
        rules.hold(&figures).map_err(|failure| failure.to_string())
    };
    assert_eq!(hold(3, 0), Ok(()));
    assert!(
        hold(4, 0)
            .unwrap_err()
            .contains("entity_named is 4 and may be 3 at most")
    );
    let low = hold(2, 1).unwrap_err();
    assert!(low.contains("write 2 in the place of 3"), "{low}");
    assert!(
        low.contains("zoho_named is 1 and may be 0 at most"),
        "{low}"
    );
    let unknown = rules
        .hold(&[("new".to_owned(), 7)].into())
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("write new = 7"), "{unknown}");
    assert!(unknown.contains("zoho_named is not counted"), "{unknown}");
}

#[test]
fn limits_are_written_and_all_else_stays() {
    let figures = [("entity_named".to_owned(), 2), ("zoho_named".to_owned(), 0)].into();
    let written = rules::with_limits(RULES, &figures).unwrap();
    assert_eq!(
        written,
        RULES.replace("entity_named = 3", "entity_named = 2")
    );
    Rules::read(&written).unwrap().hold(&figures).unwrap();
    assert!(rules::with_limits("[limits]\n", &figures).is_err());
}
