//! Our own writes move stamps, too, and are no news.

use std::time::Duration;

use counterpart_domain::CrmId;

use super::super::scene::*;
use super::super::whole::selling;
use super::Desk;

fn watched() -> String {
    // The integration user is known, and accounts may be changed in the CRM.
    config().replace(
        "[targets.zoho.customer.create_in_sage]",
        "[targets.zoho.events]\nintegration_user = \"4150868000000225013\"\n\n[targets.zoho.customer.create_in_sage]",
    )
}

#[test]
fn an_import_queues_nothing_and_an_edit_under_our_own_write_is_found() {
    let world = selling(&watched());
    crm(&world).know_us_as(&CrmId("4150868000000225013".into()));
    let mut desk = Desk::open(&world);
    for n in 0..150 {
        let key = customer(&format!("01-N{n:03}"));
        put_customer(&world, &key, &format!("Customer {n}"));
    }
    settle(&world);
    assert!(crm(&world).records("Accounts").len() > 150);
    desk.pass(Duration::from_secs(3_600));
    let sum = |desk: &Desk<'_>, own: bool| -> u64 {
        let reports = desk.reports.iter();
        reports
            .map(|report| report.sum(|one| if own { one.own } else { one.queued }))
            .sum()
    };
    assert!(sum(&desk, true) >= 150, "{:?}", desk.reports);
    let queued = sum(&desk, false);
    assert!(
        queued <= 2,
        "{queued} own writes are queued: {:?}",
        desk.reports
    );
    // A person changes a name, nobody tells, and we write another field of the record before anybody looks.
    let id = crm(&world).with_key("Accounts", "ABC:01-N007")[0]
        .id
        .clone();
    let edited = fields([("Account_Name", text("Renamed by a person"))]);
    crm(&world).edit("Accounts", &id, "person", edited);
    let ours = fields([("Fax", text("1"))]);
    crm(&world).edit("Accounts", &id, "4150868000000225013", ours);
    desk.pass(Duration::from_secs(1_800));
    assert_eq!(sum(&desk, false), queued + 1, "{:?}", desk.reports);
}
