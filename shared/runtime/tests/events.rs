//! The sample events, one per trigger and shape, are what the functions read.

use counterpart_delivery::Pack;
use counterpart_delivery::ports::QueueName;
use counterpart_domain::Entity;
use counterpart_runtime::{PollerEvent, SqsBatch};

fn queue(_arn: &str) -> Option<QueueName> {
    Some(QueueName::CrmEvents)
}

#[test]
fn the_schedule_polls_a_company_and_entity() {
    let event = serde_json::from_str(include_str!("../../../events/poller-schedule.json")).unwrap();
    let PollerEvent::Poll { company, entity } = PollerEvent::read(&event).unwrap() else {
        panic!("another event");
    };
    assert_eq!((company.as_str(), entity), ("ABC", Entity::CUSTOMER));
}

#[test]
fn the_hint_names_company_signature_and_body() {
    let event = serde_json::from_str(include_str!("../../../events/poller-hint.json")).unwrap();
    let PollerEvent::Hint(request) = PollerEvent::read(&event).unwrap() else {
        panic!("another event");
    };
    assert_eq!(request.company, "ABC");
    assert!(request.signature.starts_with("t=1795375800,v1="));
    assert_eq!(
        request.body.as_deref(),
        Some(&br#"{"entity":"customer","keys":["01-ABF","01-AVNET"]}"#[..])
    );
}

#[test]
fn the_batch_holds_a_pack_whose_hash_is_its_records() {
    let event =
        serde_json::from_str(include_str!("../../../events/crm-writer-batch.json")).unwrap();
    let batch = SqsBatch::read(event, jiff::Timestamp::UNIX_EPOCH, queue).unwrap();
    let decoded = Pack::decode(&batch.messages[0].body).unwrap();
    assert!(decoded.unreadable.is_empty(), "{:?}", decoded.unreadable);
    let entry = &decoded.pack.entries[0];
    assert_eq!(decoded.pack.key(entry).text(), "ABC:01-ABF");
    assert_eq!(entry.hash, entry.record.content_hash());
}

#[test]
fn the_batches_to_sage_are_read_whole_with_their_groups() {
    let read = |text: &str| {
        SqsBatch::read(
            serde_json::from_str(text).unwrap(),
            jiff::Timestamp::UNIX_EPOCH,
            queue,
        )
        .unwrap()
    };
    let events = read(include_str!("../../../events/order-transform-batch.json"));
    let write_backs = read(include_str!("../../../events/crm-writer-write-back.json"));
    let jobs = read(include_str!("../../../events/sage-writer-batch.json"));
    let groups = |batch: &SqsBatch| -> Vec<String> {
        let messages = batch.messages.iter();
        messages
            .map(|message| message.group.clone().unwrap_or_default())
            .collect()
    };
    assert_eq!(groups(&events), [""; 4], "a standard queue has no groups");
    assert_eq!(groups(&write_backs), [""; 2]);
    let accounts = ["30", "40", "50", "30", "30"];
    let expected = accounts.map(|account| format!("zoho:57257670000030000{account}"));
    assert_eq!(groups(&jobs), expected);
    for batch in [events, write_backs, jobs] {
        assert_eq!(batch.odd, Vec::<String>::new());
    }
}
