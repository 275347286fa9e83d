//! The verbs over a world in memory.

use clap::Parser as _;
use counterpart_delivery::ConfiguredMapper;
use counterpart_simulation::world::{CONFIG, MemoryPorts, World};

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
