use clap::Parser as _;
use counterpart_delivery::ports::Clock as _;
use counterpart_simulation::{VirtualClock, memory::MemoryStore};

use super::*;
use crate::cli::{Cli, Command};

struct Scene {
    clock: VirtualClock,
    store: MemoryStore,
    config: SyncConfig,
}

impl Scene {
    fn new() -> Self {
        let window = "[targets.zoho.contact]\nquiet = [{ from = \"18:00\", to = \"22:00\", zone = \"UTC\" }]";
        let config = SyncConfig::DEFAULT.replacen("[targets.zoho.contact]", window, 1);
        Self {
            clock: VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1),
            store: MemoryStore::new(),
            config: SyncConfig::parse(&config).unwrap(),
        }
    }

    fn say(&self, line: &str) -> Result<Answer, Refusal> {
        // An equals sign stands for a space within a word.
        let words = line.split(' ').map(|word| word.replace('=', " "));
        let cli = Cli::try_parse_from(std::iter::once("counterpart".to_owned()).chain(words));
        let (store, clock, config) = (&self.store, &self.clock, &self.config);
        let done = async {
            match cli.unwrap().command {
                Command::Pause(args) => begin(store, clock, config, &args).await,
                Command::Resume(args) => end(store, clock, config, &args).await,
                Command::Pauses(_) => show(store, clock, config, 20, Style::Plain).await,
                _ => unreachable!(),
            }
        };
        clock.block_on(done)
    }

    fn code(&self, line: &str) -> String {
        self.say(line).unwrap_err().code
    }
}

#[test]
fn a_pause_is_begun_shown_and_ended() {
    let scene = Scene::new();
    let begun = scene
        .say("pause --company ABC --reason period=end --for 3h --by ann")
        .unwrap();
    insta::assert_snapshot!(begun.text);
    scene.clock.advance(std::time::Duration::from_secs(600));
    scene
        .say("pause --target zoho --entity contact --reason new=phones --by bob")
        .unwrap();
    insta::assert_snapshot!(scene.say("pauses").unwrap().text);
    let ended = scene.say("resume --company ABC --by carl").unwrap();
    insta::assert_snapshot!(ended.text);
    insta::assert_json_snapshot!(scene.say("pauses").unwrap().json);
}

#[test]
fn of_several_pauses_of_one_thing_one_is_ended_by_its_id() {
    let scene = Scene::new();
    for by in ["ann", "bob"] {
        let line = format!("pause --company ABC --reason backup --by {by}");
        scene.say(&line).unwrap();
    }
    let several = scene.say("resume --company ABC --by carl").unwrap_err();
    assert_eq!(several.code, "E_PAUSES_SEVERAL");
    let id = several.remedy.split_whitespace().nth(2).unwrap().to_owned();
    let ended = scene.say(&format!("resume {id} --by carl")).unwrap();
    assert!(
        ended.text.contains("Still paused: company ABC since"),
        "{}",
        ended.text
    );
    assert_eq!(
        scene.code(&format!("resume {id} --by carl")),
        "E_NOT_PAUSED"
    );
    assert!(scene.say("resume --company ABC --by carl").is_ok());
    let none = scene.say("resume --company ABC --by carl").unwrap_err();
    assert!(
        none.remedy.contains("taking it out of sync.toml"),
        "{}",
        none.remedy
    );
}

#[test]
fn what_makes_no_sense_pauses_nothing() {
    let scene = Scene::new();
    for (line, code) in [
        ("pause --reason x --by ann", "E_PAUSE_WHAT"),
        ("pause --company XYZ --reason x --by ann", "E_UNKNOWN"),
        ("pause --target salesforce --reason x --by ann", "E_UNKNOWN"),
        (
            "pause --entity ship_to --reason x --by ann",
            "E_PAUSE_NOTHING",
        ),
        (
            "pause --target zoho --entity salesperson --reason x --by ann",
            "E_PAUSE_NOTHING",
        ),
        ("pause --all --reason = --by ann", "E_PAUSE_REASON"),
        ("pause --all --reason x --by =", "E_WHO"),
        ("pause --all --reason x --by ann --for 2w", "E_PAUSE_END"),
        (
            "pause --all --reason x --by ann --until 2026-11-22T19:30:00Z",
            "E_PAUSE_END",
        ),
        ("resume --by ann", "E_PAUSE_WHAT"),
        ("resume --all --by ann", "E_NOT_PAUSED"),
    ] {
        assert_eq!(scene.code(line), code, "{line}");
    }
    let pauses = scene.clock.block_on(scene.store.pauses()).unwrap();
    assert_eq!(pauses.on(scene.clock.now()).count(), 0);
    let offset = scene.say("pause --all --reason x --by ann --until 2026-11-23T06:00:00-06:00");
    assert_eq!(offset.unwrap().json["until"], "2026-11-23T12:00:00Z");
}
