//! Whatever stands in a field, it goes over as it is, or a sentence says why not. A blank comes of a blank only, what stands
//! beside a value stays, and our own write never comes back as an edit.

use counterpart_domain::{SageKey, Value};
use counterpart_simulation::world::World;
use proptest::prelude::*;

use super::records::two_way;
use super::scene::*;
use super::whole::{assert_still, event_flow, flow, selling};
use crate::hands::QUARTER;

const MAIN: &str = "01-ABF/MAIN";

/// E-mail, name and phone are both sides'; what is no address is left out.
fn shared() -> String {
    two_way()
        .replace(
            "Email = \"EmailAddress\"",
            "Email = { from = \"EmailAddress\", with = \"email\", otherwise = \"blank\", owner = \"both\" }\n\
             Fax = { from = \"FaxNo\", with = \"phone\", owner = \"both\" }\n\
             Description = { from = \"ContactNotes\", length = 32000, cut = true }",
        )
        .replace(
            "with = \"last_name\" }",
            "with = \"last_name\", owner = \"both\" }",
        )
        .replace(
            "with = \"first_name\" }",
            "with = \"first_name\", owner = \"both\" }",
        )
        .replace(
            "Account_Name = \"CustomerName\"",
            "Account_Name = { from = \"CustomerName\", owner = \"both\" }",
        )
}

fn main() -> SageKey {
    contact(MAIN)
}

/// A customer with a contact, both linked.
fn linked(config: &str, email: &str) -> World {
    let world = selling(config);
    put_contact(&world, &main(), "Dr. Artie Johnson");
    world.sage.edit(&main(), &[("EmailAddress", email)]);
    settle(&world);
    world.clock.advance(QUARTER);
    world
}

fn held(world: &World, field: &str) -> Value {
    let record = &crm(world).records("Contacts")[0];
    record.fields.get(field).cloned().unwrap_or(Value::Blank)
}

/// A person edits the contact in the CRM.
fn in_crm(world: &World, field: &str, value: Value) {
    let id = crm(world).records("Contacts")[0].id.clone();
    crm(world).edit("Contacts", &id, "u", fields([(field, value)]));
    event_flow(world, "Contacts", &id);
    world.clock.advance(QUARTER);
}

/// A person edits the contact in Sage.
fn in_sage(world: &World, column: &str, value: &str) {
    world.clock.advance(QUARTER);
    world.sage.edit(&main(), &[(column, value)]);
    settle(world);
    flow(world);
}

fn email(world: &World) -> String {
    world.sage.column(&main(), "EmailAddress")
}

#[test]
fn an_address_of_any_atom_goes_both_ways() {
    let world = linked(&shared(), "old@x.com");
    for address in ["sales#west@example.com", "a*b@x.com", "{x}|y~`z`@x.com"] {
        in_crm(&world, "Email", text(address));
        assert_eq!(email(&world), address);
        assert_still(&world);
        in_sage(&world, "EmailAddress", &format!("w.{address}"));
        assert_eq!(held(&world, "Email"), text(&format!("w.{address}")));
        assert_still(&world);
    }
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

#[test]
fn what_is_no_address_takes_none_away_on_either_side() {
    let world = linked(&shared(), "old@x.com");
    in_sage(&world, "EmailAddress", "ask Artie");
    assert_eq!(held(&world, "Email"), text("old@x.com"), "it was no blank");
    assert_still(&world);
    assert_eq!(email(&world), "ask Artie");
    // Its neighbours go on, both ways.
    in_sage(&world, "FaxNo", "(414) 555-1111");
    assert_eq!(held(&world, "Fax"), text("(414) 555-1111"));
    in_crm(&world, "Fax", text("(414) 555-2222"));
    assert_eq!(world.sage.column(&main(), "FaxNo"), "(414) 555-2222");
    assert_eq!(
        (email(&world), held(&world, "Email")),
        ("ask Artie".to_owned(), text("old@x.com"))
    );
    // An edit in the CRM stands, and so does a blank of Sage's.
    in_crm(&world, "Email", text("new@x.com"));
    assert_eq!(email(&world), "new@x.com");
    in_sage(&world, "EmailAddress", "");
    assert_eq!(held(&world, "Email"), Value::Blank);
    in_crm(&world, "Email", text("again@x.com"));
    in_crm(&world, "Email", Value::Blank);
    assert_eq!(email(&world), "");
    assert_still(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

#[test]
fn of_several_addresses_the_first_is_the_crms() {
    let world = linked(&shared(), "ap@x.com; owner@y.com");
    assert_eq!(held(&world, "Email"), text("ap@x.com"));
    in_crm(&world, "Email", text("new@x.com"));
    assert_eq!(email(&world), "new@x.com; owner@y.com");
    assert_still(&world);
    // What stands behind it is Sage's own.
    in_sage(&world, "EmailAddress", "new@x.com; boss@y.com");
    assert_eq!(held(&world, "Email"), text("new@x.com"));
    in_crm(&world, "Email", Value::Blank);
    assert_eq!(email(&world), "boss@y.com");
    assert_still(&world);
    // And the other way: a field of the CRM that holds several.
    in_crm(&world, "Email", text("a@x.com, b@y.com"));
    in_sage(&world, "EmailAddress", "c@x.com");
    assert_eq!(held(&world, "Email"), text("c@x.com, b@y.com"));
    assert_still(&world);
    assert_eq!(email(&world), "c@x.com");
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

#[test]
fn a_name_keeps_its_title_and_its_parts_are_not_doubled() {
    let world = linked(&shared(), "old@x.com");
    in_crm(&world, "Last_Name", text("Lee Smith"));
    assert_eq!(
        world.sage.column(&main(), "ContactName"),
        "Dr. Artie Lee Smith"
    );
    assert_still(&world);
    assert_eq!(held(&world, "First_Name"), text("Artie"));
    assert_eq!(held(&world, "Last_Name"), text("Lee Smith"));
    in_crm(&world, "First_Name", text("Anna"));
    assert_eq!(
        world.sage.column(&main(), "ContactName"),
        "Dr. Anna Lee Smith"
    );
    assert_still(&world);
    in_sage(&world, "ContactName", "Dr. Anna Miller");
    assert_eq!(held(&world, "Last_Name"), text("Miller"));
    assert_still(&world);
}

#[test]
fn a_long_note_arrives_and_one_beyond_all_bounds_leaves_the_rest_alone() {
    let world = linked(&shared(), "old@x.com");
    in_sage(&world, "ContactNotes", &"n".repeat(4_001));
    assert_eq!(held(&world, "Description"), text(&"n".repeat(4_001)));
    world.sage.edit(&main(), &[("EmailAddress", "new@x.com")]);
    in_sage(&world, "ContactNotes", &"m".repeat(70_000));
    assert_eq!(held(&world, "Description"), text(&"n".repeat(4_001)));
    assert_eq!(held(&world, "Email"), text("new@x.com"));
    in_crm(&world, "Email", text("newer@x.com"));
    assert_eq!(email(&world), "newer@x.com");
    assert_eq!(world.sage.column(&main(), "ContactNotes").len(), 70_000);
    assert_still(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

#[test]
fn a_name_that_sage_cannot_hold_is_told_and_never_becomes_question_marks() {
    let world = linked(&shared(), "old@x.com");
    let name = |world: &World| world.sage.column(&customer("01-ABF"), "CustomerName");
    let account = account(&world);
    let rename = |to: &str| {
        crm(&world).edit(
            "Accounts",
            &account,
            "u",
            fields([("Account_Name", text(to))]),
        );
        event_flow(&world, "Accounts", &account);
    };
    rename("Łódź Furniture");
    assert_eq!(name(&world), "American Business Futures");
    let parked = parked(&world);
    assert_eq!(parked[0].1, "E_CUSTOMER_VALUE_INVALID", "{parked:?}");
    let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
    assert!(
        said.starts_with("Account_Name of the account is \"Łódź Furniture\""),
        "{said}"
    );
    assert_eq!(
        shown(&world, "Accounts", &account, "Account_Name"),
        text("Łódź Furniture")
    );
    rename("Söhne & Co. “1e5” <b>&amp;");
    assert!(super::scene::parked(&world).is_empty());
    assert_eq!(name(&world), "Söhne & Co. “1e5” <b>&amp;");
    assert_still(&world);
}

#[test]
fn a_name_in_other_letters_stays_as_it_is_in_the_crm() {
    let config = shared().replace(
        "write = \"agent\"",
        "write = \"agent\"\ntransliterate = true",
    );
    let world = linked(&config, "old@x.com");
    let account = account(&world);
    crm(&world).edit(
        "Accounts",
        &account,
        "u",
        fields([("Account_Name", text("Łódź Furniture"))]),
    );
    event_flow(&world, "Accounts", &account);
    assert_eq!(
        world.sage.column(&customer("01-ABF"), "CustomerName"),
        "Lódz Furniture"
    );
    assert_still(&world);
    assert_eq!(
        shown(&world, "Accounts", &account, "Account_Name"),
        text("Łódź Furniture")
    );
    // A new customer is no other case.
    let fresh = super::whole::client(&world);
    crm(&world).edit(
        "Accounts",
        &fresh,
        "u",
        fields([("Account_Name", text("Žižka s.r.o. Ł"))]),
    );
    event_flow(&world, "Accounts", &fresh);
    assert_still(&world);
    assert_eq!(
        shown(&world, "Accounts", &fresh, "Account_Name"),
        text("Žižka s.r.o. Ł")
    );
    let rows = world
        .sage
        .rows(&abc(), counterpart_domain::Entity::CUSTOMER);
    assert!(
        rows.iter()
            .any(|(_, row)| row.text("CustomerName") == "Žižka s.r.o. L")
    );
    // Renamed in Sage, it is renamed in the CRM.
    world
        .sage
        .edit(&customer("01-ABF"), &[("CustomerName", "ABF")]);
    settle(&world);
    assert_eq!(
        shown(&world, "Accounts", &account, "Account_Name"),
        text("ABF")
    );
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

/// Texts of every kind, many of them of the kinds that have gone wrong.
fn texts() -> impl Strategy<Value = String> {
    let looks = [
        "2026-03-01",
        "001A0000012abcd",
        "00123",
        "true",
        "1e5",
        "<b>",
        "&amp;",
        "a;b, c@d.e",
        "Łódź",
        "北京",
        "a\u{1}b",
        "x\ny",
        "Mu\u{308}ller",
        "“quoted” – €",
        "ask Artie",
        "?",
    ];
    prop_oneof![
        prop::sample::select(looks.to_vec()).prop_map(str::to_owned),
        "\\PC{1,12}",
        any::<String>().prop_map(|text| text.chars().take(12).collect()),
    ]
}

/// Question marks of all scripts: they alone may become one in Sage. All others stand for what was lost.
const QUESTIONS: &[char] = &[
    '?', '\u{37e}', '\u{61f}', '\u{1367}', '\u{fe56}', '\u{ff1f}', '\u{203d}', '\u{2047}',
    '\u{2048}', '\u{2049}', '\u{2e2e}',
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// What a person writes in the CRM stays there, and is in Sage as it is, or is not and a sentence says why.
    #[test]
    fn any_text_from_the_crm(written in texts(), at in 0..3_usize, transliterate: bool) {
        prop_assume!(!written.trim().is_empty());
        let config = if transliterate {
            shared().replace("write = \"agent\"", "write = \"agent\"\ntransliterate = true")
        } else {
            shared()
        };
        let world = linked(&config, "old@x.com");
        let (field, column) = [("Last_Name", "ContactName"), ("Email", "EmailAddress"), ("Fax", "FaxNo")][at];
        let before = world.sage.column(&main(), column);
        in_crm(&world, field, text(&written));
        assert_still(&world);
        // CRMs keep no space at either end.
        prop_assert_eq!(held(&world, field), text(written.trim()));
        let now = world.sage.column(&main(), column);
        prop_assert!(written.contains(QUESTIONS) || !now.contains('?'), "{:?} became {:?}", written, now);
        let told = !parked(&world).is_empty();
        prop_assert!(!told || now == before, "{:?} was refused and written: {:?}", written, now);
        prop_assert!(told || now != before || before.contains(written.trim()), "{:?} is lost", written);
    }

    /// What stands in Sage stays there, whatever it is, and no echo of what we made of it comes back.
    #[test]
    fn any_text_from_sage(written in texts(), at in 0..4_usize) {
        // Nothing but spaces, of whatever width, is a blank everywhere.
        prop_assume!(!written.trim().is_empty());
        let world = linked(&shared(), "old@x.com");
        let column = ["ContactName", "EmailAddress", "FaxNo", "ContactNotes"][at];
        in_sage(&world, column, &written);
        let before = world.sage.column(&main(), column);
        assert_still(&world);
        prop_assert_eq!(&world.sage.column(&main(), column), &before);
        prop_assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
        if column == "ContactNotes" {
            // CRMs take spaces away at both ends.
            let bare = written.trim_end_matches([' ', '\0']).trim();
            let held = held(&world, "Description").to_string();
            prop_assert_eq!(held.trim(), bare);
        }
    }
}
