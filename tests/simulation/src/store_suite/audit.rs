//! Checks of [`Audit`].

use counterpart_delivery::ports::{Audit, ByHand};

use super::samples::at;

/// Each deed stays, the newest comes first.
pub async fn what_people_did_is_kept_in_order<S: Audit>(store: &S) {
    assert_eq!(store.by_hand(9).await.unwrap(), []);
    let deed = |seconds: i64, to: &str| ByHand {
        at: at(seconds),
        who: "arn:aws:iam::1:user/jo".to_owned(),
        verb: "circuit close".to_owned(),
        to: to.to_owned(),
        before: "failures in a row: 4; E_CRM_DOWN".to_owned(),
    };
    for (seconds, to) in [(5, "zoho"), (7, "sage-abc"), (6, "zoho")] {
        store.note_by_hand(&deed(seconds, to)).await.unwrap();
    }
    let all = store.by_hand(9).await.unwrap();
    assert_eq!(all, [deed(7, "sage-abc"), deed(6, "zoho"), deed(5, "zoho")]);
    assert_eq!(store.by_hand(1).await.unwrap(), [deed(7, "sage-abc")]);
}
