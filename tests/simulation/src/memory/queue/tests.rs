//! The standard queue, as SQS is.

use counterpart_domain::TargetName;

use super::super::lambda::Function;
use super::*;

fn message(body: &str) -> Outgoing {
    Outgoing::now(body.to_owned())
}

fn queue() -> (VirtualClock, MemoryQueue) {
    let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
    let name = QueueName::CrmWrites(TargetName::new("zoho").unwrap());
    let queue = MemoryQueue::new(name, &clock, Duration::from_secs(60));
    (clock, queue)
}

#[test]
fn a_message_comes_back_after_its_visibility_and_counts_its_receives() {
    let (clock, queue) = queue();
    queue.send(&[message("a")]).unwrap();
    let first = queue.receive(10);
    assert_eq!((first.len(), first[0].receive_count), (1, 1));
    assert!(queue.receive(10).is_empty());
    clock.advance(Duration::from_secs(60));
    let second = queue.receive(10);
    assert_eq!(second[0].receive_count, 2);
    assert!(!queue.delete(&first[0].receipt), "an old receipt");
    assert!(queue.delete(&second[0].receipt));
    assert!(queue.is_empty());
}

#[test]
fn handing_back_sets_the_wait_and_needs_a_valid_receipt() {
    let (clock, queue) = queue();
    let delayed = Outgoing {
        delay: Duration::from_secs(30),
        ..message("a")
    };
    queue.send(&[delayed]).unwrap();
    assert!(queue.receive(10).is_empty());
    clock.advance(Duration::from_secs(30));
    let receipt = queue.receive(10)[0].receipt.clone();
    let back = |seconds| queue.hand_back(&receipt, Duration::from_secs(seconds));
    back(900).unwrap();
    clock.advance(Duration::from_secs(899));
    assert!(queue.receive(10).is_empty());
    clock.advance(Duration::from_secs(1));
    assert_eq!(back(1).unwrap_err().code, "E_QUEUE_RECEIPT");
    assert_eq!(queue.receive(10).len(), 1);
}

#[test]
fn refused_entries_leave_their_neighbours_alone() {
    let (_, queue) = queue();
    queue.refuse([1]);
    let batch = [message("a"), message("b"), message("c"), message("")];
    let answers = queue.send(&batch).unwrap();
    let went: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(went, [true, false, true, false]);
    assert_eq!(queue.bodies(), ["a", "c"]);
}

#[test]
fn a_message_may_be_delivered_twice_at_once_or_after_others() {
    let (_, queue) = queue();
    assert!(!queue.deliver_again(3) && !queue.put_off(3, Duration::ZERO));
    let batch = [message("a"), message("b")];
    queue.send(&batch).unwrap();
    assert!(queue.put_off(2, Duration::from_secs(5)));
    let first = queue.receive(10);
    assert_eq!(first.len(), 1, "the other one comes later");
    assert!(queue.deliver_again(0));
    let again = queue.receive(10);
    assert_eq!((again.len(), again[0].receive_count), (1, 2));
    assert!(!queue.delete(&first[0].receipt));
}

#[test]
fn a_message_that_nobody_finishes_dies_after_its_receives() {
    let (clock, queue) = queue();
    let queue = queue.with_most_receives(2);
    queue.send(&[message("a")]).unwrap();
    for _ in 0..2 {
        assert_eq!(queue.receive(1).len(), 1);
        clock.advance(Duration::from_secs(60));
    }
    assert!(queue.receive(1).is_empty());
    assert_eq!(queue.dead().len(), 1);
}

#[test]
fn a_message_that_is_too_old_is_gone_without_a_trace() {
    let (clock, queue) = queue();
    queue.send(&[message("a")]).unwrap();
    let day = Duration::from_secs(24 * 3600);
    clock.advance(day * 9);
    let received = queue.receive(1);
    let hour = Duration::from_secs(3600);
    let waits = queue.hand_back(&received[0].receipt, hour);
    waits.unwrap();
    assert!(queue.expired().is_empty());
    clock.advance(day);
    assert!(queue.receive(1).is_empty());
    assert!(queue.is_empty() && queue.dead().is_empty());
    assert_eq!(queue.expired(), ["a"], "counted from its first send");
}

#[test]
fn a_dead_letter_keeps_the_time_of_its_first_send() {
    let (clock, queue) = queue();
    let queue = queue.with_most_receives(1);
    queue.send(&[message("a")]).unwrap();
    let day = Duration::from_secs(24 * 3600);
    clock.advance(day * 9);
    for _ in 0..2 {
        queue.receive(1);
        clock.advance(Duration::from_secs(60));
    }
    assert_eq!(queue.dead().len(), 1);
    clock.advance(day * 5);
    assert!(queue.dead().is_empty());
    assert_eq!(queue.expired(), ["a"]);
}

#[test]
fn nothing_is_received_while_too_many_are_in_flight() {
    let (_, queue) = queue();
    let queue = queue.with_most_in_flight(2);
    let batch = ["a", "b", "c"].map(message);
    queue.send(&batch).unwrap();
    let first = queue.receive(10);
    assert_eq!(first.len(), 2);
    assert!(queue.receive(10).is_empty());
    assert!(queue.delete(&first[0].receipt));
    assert_eq!(queue.receive(10).len(), 1);
}

#[test]
fn twelve_hours_of_invisibility_count_from_the_receive() {
    let (clock, queue) = queue();
    queue.send(&[message("a")]).unwrap();
    let received = queue.receive(1);
    let (half, longest) = (Duration::from_secs(6 * 3600), LONGEST_INVISIBLE);
    let hand_back = |by| queue.hand_back(&received[0].receipt, by);
    hand_back(longest).unwrap();
    clock.advance(half);
    hand_back(half).unwrap();
    assert_eq!(hand_back(longest).unwrap_err().code, "E_QUEUE_RECEIPT");
}

#[test]
fn what_is_sent_within_an_invocation_belongs_to_its_chain() {
    let (_, queue) = queue();
    let lambda = Lambda::that_allows(false);
    let queue = queue.with_lambda(&lambda);
    let chain = lambda
        .invoke(Function::CrmWriter, Chain::default())
        .unwrap();
    let send = |body| queue.send(&[message(body)]);
    lambda.within(chain, || send("a")).unwrap();
    send("b").unwrap();
    let chains = queue.receive(2).into_iter();
    let chains: Vec<_> = chains.map(|message| message.chain).collect();
    assert_eq!(chains, [chain, Chain::default()]);
}
