//! The FIFO queue, as SQS is.

use super::*;

fn queue() -> (VirtualClock, MemoryQueue) {
    let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
    let queue = MemoryQueue::new(QueueName::SageWrites, &clock, Duration::from_secs(60));
    (clock, queue)
}

fn send(queue: &MemoryQueue, group: &str, bodies: &[&str]) {
    let job = |body: &&str| {
        Outgoing::in_group(
            (*body).to_owned(),
            group.to_owned(),
            format!("{group}-{body}"),
        )
    };
    let jobs: Vec<_> = bodies.iter().map(job).collect();
    let answers = queue.send(&jobs).unwrap();
    assert!(answers.iter().all(Result::is_ok));
}

fn bodies(received: &[Received]) -> Vec<&str> {
    received
        .iter()
        .map(|message| message.body.as_str())
        .collect()
}

#[test]
fn a_group_waits_for_what_is_in_flight_and_others_go_on() {
    let (clock, queue) = queue();
    send(&queue, "a", &["a1", "a2", "a3"]);
    send(&queue, "b", &["b1"]);
    let first = queue.receive(2);
    assert_eq!(bodies(&first), ["a1", "a2"]);
    assert_eq!(bodies(&queue.receive(9)), ["b1"], "a3 waits for a1 and a2");
    queue
        .hand_back(&first[0].receipt, Duration::from_secs(300))
        .unwrap();
    clock.advance(Duration::from_secs(60));
    assert_eq!(bodies(&queue.receive(9)), ["b1"], "a1 is still put off");
    clock.advance(Duration::from_secs(240));
    let again = queue.receive(9);
    assert_eq!(bodies(&again), ["a1", "a2", "a3", "b1"]);
    assert_eq!(again[0].receive_count, 2);
    assert!(!queue.delete(&first[0].receipt), "an old receipt");
    assert!(queue.delete(&again[0].receipt));
}

#[test]
fn a_send_repeated_within_five_minutes_counts_once() {
    let (clock, queue) = queue();
    send(&queue, "a", &["a1"]);
    send(&queue, "a", &["a1"]);
    assert_eq!(queue.len(), 1);
    clock.advance(Duration::from_secs(301));
    send(&queue, "a", &["a1"]);
    assert_eq!(queue.len(), 2);
}

#[test]
fn a_dead_letter_is_kept_anew_and_an_old_message_is_not() {
    let (clock, queue) = queue();
    let queue = queue.with_most_receives(1);
    let day = Duration::from_secs(24 * 3600);
    send(&queue, "a", &["a1"]);
    clock.advance(day * 13);
    for _ in 0..2 {
        queue.receive(1);
        clock.advance(Duration::from_secs(60));
    }
    send(&queue, "b", &["b1"]);
    clock.advance(day * 13);
    assert_eq!(bodies(&queue.dead()), ["a1"], "its time counts anew");
    assert!(queue.expired().is_empty());
    clock.advance(day);
    assert!(queue.receive(9).is_empty());
    assert_eq!(queue.expired(), ["b1", "a1"]);
}

#[test]
fn nothing_is_received_while_too_many_are_in_flight() {
    let (_, queue) = queue();
    let queue = queue.with_most_in_flight(1);
    send(&queue, "a", &["a1"]);
    send(&queue, "b", &["b1"]);
    let first = queue.receive(9);
    assert_eq!(bodies(&first), ["a1"]);
    assert!(queue.receive(9).is_empty());
    assert!(queue.delete(&first[0].receipt));
    assert_eq!(bodies(&queue.receive(9)), ["b1"]);
}

#[test]
fn a_message_for_another_kind_of_queue_is_refused_and_none_is_sent_anew() {
    let (clock, queue) = queue();
    let standard = MemoryQueue::new(QueueName::CrmEvents, &clock, Duration::from_secs(60));
    let grouped = Outgoing::in_group("a".into(), "g".into(), "d".into());
    let answers = [
        queue.send(&[Outgoing::now("a".into())]),
        standard.send(&[grouped]),
        queue
            .send_anew("a", clock.now(), Duration::ZERO)
            .map(|()| Vec::new()),
    ];
    for answer in answers {
        assert_eq!(answer.unwrap_err().code, "E_QUEUE_KIND");
    }
    assert!(queue.is_empty() && standard.is_empty());
}
