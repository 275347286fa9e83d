use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Reps as _, SalespersonRow};
use counterpart_domain::{Company, CrmId, RepKey, TargetName};
use counterpart_simulation::{VirtualClock, memory::MemoryStore};

use super::*;
use crate::output::Style;

const FILE: &str = "company,salesperson,target,user_id,user_name\n\
    ABC,01-0100,zoho,11,Jim Kentley\n\
    ABC,01-0200,zoho,12,Shelly Westland\n\
    ABC,09-9999,zoho,13,Nobody Known\n";

struct Desk {
    clock: VirtualClock,
    store: MemoryStore,
    config: SyncConfig,
}

impl Desk {
    fn new() -> Self {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let store = MemoryStore::new();
        let company = Company::new("ABC").unwrap();
        clock.block_on(async {
            for (rep, name) in [
                ("01-0100", "Jim Kentley"),
                ("01-0200", "Shelly Westland"),
                ("01-0300", "Harry \"Dandy\", Jr"),
            ] {
                let rep = RepKey {
                    company: company.clone(),
                    rep: rep.into(),
                };
                let row = SalespersonRow {
                    rep,
                    name: name.into(),
                    email: String::new(),
                };
                store.put_salesperson(&row).await.unwrap();
            }
        });
        Self {
            clock,
            store,
            config: SyncConfig::parse(SyncConfig::DEFAULT).unwrap(),
        }
    }

    fn plan(&self, file: &str) -> Plan {
        let rows = parse(file.as_bytes(), &self.config).unwrap();
        self.clock.block_on(plan(&self.store, &rows)).unwrap()
    }

    fn import(&self, file: &str) -> Plan {
        let plan = self.plan(file);
        self.clock
            .block_on(apply(&self.store, &self.clock, &plan))
            .unwrap();
        plan
    }

    fn tokens(&self) -> Vec<String> {
        let remaps = self
            .clock
            .block_on(self.store.remaps(&Company::new("ABC").unwrap()))
            .unwrap();
        remaps
            .into_iter()
            .map(|remap| format!("{} {}", remap.rep, remap.token))
            .collect()
    }
}

#[test]
fn changes_are_said_and_only_real_ones_are_written_each_with_a_token() {
    let desk = Desk::new();
    let first = desk.import(FILE);
    insta::assert_snapshot!(first.text());
    let before = desk.tokens();
    assert_eq!(before.len(), 3);

    assert_eq!(desk.import(FILE).changes, []);
    assert_eq!(desk.tokens(), before);

    let changed = desk.import(&FILE.replace(",12,Shelly Westland", ",14,Artie Johnson"));
    insta::assert_snapshot!(changed.text());
    let after = desk.tokens();
    assert_eq!(
        after.iter().filter(|token| !before.contains(token)).count(),
        1
    );
    let zoho = TargetName::new("zoho").unwrap();
    let (company, user) = (Company::new("ABC").unwrap(), CrmId("14".into()));
    let of_user = desk
        .clock
        .block_on(desk.store.reps_of_user(&zoho, &company, &user))
        .unwrap();
    assert_eq!(of_user[0].rep, "01-0200");
}

#[test]
fn a_blank_user_takes_a_mapping_away_and_is_counted() {
    let desk = Desk::new();
    desk.import(FILE);
    let plan = desk.plan(&FILE.replace(",11,", ",,"));
    assert_eq!((plan.removals(), plan.changes.len()), (1, 1));
    assert_eq!(plan.json()["changes"][0]["after"], serde_json::Value::Null);
    // A salesperson who never had one loses nothing.
    assert_eq!(
        desk.plan("company,salesperson,target,user_id,user_name\nABC,01-0300,zoho,,\n")
            .removals(),
        0
    );
}

#[test]
fn the_export_names_everybody_and_imports_without_a_change() {
    let desk = Desk::new();
    desk.import(FILE);
    let lines = desk
        .clock
        .block_on(lines(&desk.store, &desk.config))
        .unwrap();
    let csv = export(&lines).unwrap();
    insta::assert_snapshot!(csv);
    assert_eq!(desk.plan(&csv).changes, []);
    insta::assert_snapshot!(list(&lines, Style::Plain).text);
}
