//! The verbs over a world in memory.

use clap::Parser as _;
use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Clock as _;
use counterpart_simulation::world::{CONFIG, MemoryPorts, World};
use serde_json::Value;

use super::*;
use crate::cli::{Cli, Command};

fn world() -> World {
    let config = CONFIG.replace("unmapped = \"park\"", "unmapped = \"leave\"");
    let world = World::with_config(1, &config);
    let company = Company::new("ABC").unwrap();
    for (number, name) in [
        ("ABF", "American Business Futures"),
        ("NEW", "American Business Futures Inc"),
    ] {
        let key = SageKey::new(&company, Entity::CUSTOMER, &format!("01-{number}")).unwrap();
        let columns = [
            ("ARDivisionNo", "01"),
            ("CustomerNo", number),
            ("CustomerName", name),
        ];
        world.sage.edit(&key, &columns);
        let key = SageKey::new(&company, Entity::CONTACT, &format!("01-{number}/MAIN")).unwrap();
        let columns = [
            ("ARDivisionNo", "01"),
            ("CustomerNo", number),
            ("ContactCode", "MAIN"),
            ("ContactName", "Artie Johnson"),
        ];
        world.sage.edit(&key, &columns);
    }
    world.poll_all(&company);
    world.drain();
    world
}

fn run(world: &World, arguments: &[&str]) -> Result<Answer, Refusal> {
    // Whoever runs the tests may have no name.
    let does = arguments.contains(&"--yes") && !arguments.contains(&"--by");
    let by: &[&str] = if does { &["--by", "sam"] } else { &[] };
    let line = ["counterpart", "link"].iter().chain(arguments).chain(by);
    let Command::Link(command) = Cli::try_parse_from(line).unwrap().command else {
        panic!("another verb");
    };
    let (target, settings) = world.config.targets.iter().next().unwrap();
    let desk = Desk::<MemoryPorts> {
        context: world.context(),
        target,
        settings,
        crm: &world.crms[target],
    };
    let answer = world.clock.block_on(async {
        let named = desk.find(&command).await?;
        desk.answer(&command, named, &world.sage, Style::Plain)
            .await
    });
    while world.write_once(target, ConfiguredMapper) {}
    answer
}

fn id(world: &World, key: &str) -> String {
    let crm = world.crms.values().next().unwrap();
    let held = crm.with_key("Accounts", key);
    held.first()
        .map(|held| held.id.0.clone())
        .unwrap_or_default()
}

#[test]
fn a_move_is_said_first_then_done_and_taken_back_by_what_it_names() {
    let world = world();
    let (old, new) = (id(&world, "ABC:01-ABF"), id(&world, "ABC:01-NEW"));
    let said = run(&world, &["move", "zoho", &old, "abc:01-new"]).unwrap();
    insta::assert_snapshot!(said.text);
    let move_by = ["move", "zoho", &old, "ABC:01-NEW", "--yes", "--by"];
    let nobody = run(&world, &[&move_by[..], &[" "]].concat()).unwrap_err();
    assert_eq!(nobody.code, "E_WHO");
    assert_eq!(id(&world, "ABC:01-NEW"), new, "only said");

    let done = run(&world, &[&move_by[..], &["pat"]].concat()).unwrap();
    assert_eq!(done.json["done"], true);
    assert_eq!(id(&world, "ABC:01-NEW"), old);
    let shown = run(&world, &["show", "zoho", &new]).unwrap();
    assert_eq!(shown.json["former"], new.as_str());
    assert_eq!(shown.json["record"], old.as_str());
    assert_eq!(shown.json["history"][0]["code"], "LINK_MOVED");
    assert_eq!(shown.json["history"][0]["changes"][1]["after"], "pat");

    for command in done.json["undo"].as_array().unwrap() {
        let words: Vec<&str> = command.as_str().unwrap().split(' ').skip(2).collect();
        run(&world, &words).unwrap();
    }
    assert_eq!(
        (id(&world, "ABC:01-ABF"), id(&world, "ABC:01-NEW")),
        (old, new)
    );
}

/// The words of a command as a shell reads them, without the command's name.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => quoted = !quoted,
            '\\' if !quoted => words.last_mut().unwrap().extend(letters.next()),
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words.split_off(2)
}

#[test]
fn what_is_below_a_record_comes_back_with_it() {
    let world = world();
    let company = Company::new("ABC").unwrap();
    let pat = |number: &str| {
        let key = SageKey::new(
            &company,
            Entity::CONTACT,
            &format!("01-{number}/PAT O'NEIL"),
        );
        let columns = [
            ("ARDivisionNo", "01"),
            ("CustomerNo", number),
            ("ContactCode", "PAT O'NEIL"),
            ("ContactName", "Pat O'Neil"),
        ];
        (
            key.unwrap(),
            columns.map(|(name, value)| (name, value.to_owned())),
        )
    };
    for number in ["ABF", "NEW"] {
        let (key, columns) = pat(number);
        let columns = columns
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        world.sage.edit(&key, &columns);
    }
    world.poll_all(&company);
    world.drain();
    let crm = world.crms.values().next().unwrap();
    let contacts = || {
        let mut held = Vec::new();
        for number in ["ABF", "NEW"] {
            for code in ["MAIN", "PAT O'NEIL"] {
                let found = crm.with_key("Contacts", &format!("ABC:01-{number}/{code}"));
                held.push(found.first().map(|one| one.id.0.clone()));
            }
        }
        held
    };
    let (before, old) = (contacts(), id(&world, "ABC:01-ABF"));
    assert!(before.iter().all(Option::is_some), "{before:?}");
    // The number is another one in Sage now, and so are those of what is below it.
    for code in ["", "/MAIN", "/PAT O'NEIL"] {
        let entity = if code.is_empty() {
            Entity::CUSTOMER
        } else {
            Entity::CONTACT
        };
        let key = SageKey::new(&company, entity, &format!("01-ABF{code}")).unwrap();
        world.sage.remove(&key);
    }
    let done = run(&world, &["move", "zoho", &old, "ABC:01-NEW", "--yes"]).unwrap();
    assert_ne!(contacts(), before);
    for command in done.json["undo"].as_array().unwrap() {
        let words = words(command.as_str().unwrap());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        run(&world, &words).unwrap();
    }
    assert_eq!(contacts(), before);
}

#[test]
fn a_contact_is_found_by_its_key_as_lists_print_it() {
    let world = world();
    for key in ["ABC:01-ABF/MAIN", "abc:01-abf/main"] {
        let shown = run(&world, &["show", "zoho", key]).unwrap();
        assert_eq!(shown.json["key"], "ABC:01-ABF/MAIN");
    }
    // Nothing is known of it yet: each entity that it may be of is named once.
    let refusal = run(&world, &["show", "zoho", "ABC:01-ABF/NEW"]).unwrap_err();
    assert_eq!(refusal.code, "E_KEY_AMBIGUOUS");
    assert_eq!(refusal.message.matches("contact").count(), 1, "{refusal:?}");
}

#[test]
fn what_a_crm_does_not_tell_is_not_counted() {
    let world = world();
    let crm = world.crms.values().next().unwrap();
    let now = world.clock.now();
    crm.outage(now, now + jiff::SignedDuration::from_hours(1));
    let shown = run(&world, &["show", "zoho", "ABC:01-ABF"]).unwrap();
    assert_eq!(shown.json["crm"]["state"], "unread");
    assert_eq!(shown.json["children"], Value::Null);
    assert!(!shown.text.contains("linked records: 0"), "{}", shown.text);
}

#[test]
fn a_link_is_shown_with_what_both_sides_hold() {
    let world = world();
    let shown = run(&world, &["show", "zoho", "ABC:01-ABF"]).unwrap();
    let text = shown.text.lines().filter(|line| !line.contains("revision"));
    insta::assert_snapshot!(text.collect::<Vec<_>>().join("\n"));
    assert_eq!(shown.json["children"], 1);
    assert_eq!(shown.json["crm"]["key"], "ABC:01-ABF");
}

#[test]
fn a_release_says_what_comes_of_it() {
    let world = world();
    let said = run(&world, &["release", "zoho", "ABC:01-ABF"]).unwrap();
    insta::assert_snapshot!(said.text);
    run(&world, &["release", "zoho", "ABC:01-ABF", "--yes"]).unwrap();
    let shown = run(&world, &["show", "zoho", "ABC:01-ABF"]).unwrap();
    assert_eq!(shown.json["stage"], "released");
    let again = run(&world, &["release", "zoho", "ABC:01-ABF"]).unwrap_err();
    assert_eq!(again.code, "E_LINK_NONE");
}

#[test]
fn what_names_nothing_is_said() {
    let world = world();
    let refusal = |arguments: &[&str]| run(&world, arguments).unwrap_err().code;
    assert_eq!(refusal(&["show", "zoho", "nonsense"]), "E_ID_INVALID");
    assert_eq!(refusal(&["show", "zoho", "ABC:nonsense"]), "E_KEY_INVALID");
    assert_eq!(
        refusal(&["show", "zoho", "4150868000000000099"]),
        "E_LINK_NONE"
    );
    let gone = ["move", "zoho", "4150868000000000099", "ABC:01-NEW"];
    assert_eq!(refusal(&gone), "E_CRM_RECORD_GONE");
}
