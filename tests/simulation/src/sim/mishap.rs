//! What may go wrong, by name.

use std::collections::BTreeSet;

use super::dice::Dice;

macro_rules! mishaps {
    ($($variant:ident = $name:literal, $says:literal;)*) => {
        /// Something that goes wrong, or that people do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Mishap {
            $(#[doc = $says] $variant,)*
        }

        impl Mishap {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name, for `--faults`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }
        }
    };
}

mishaps! {
    Killed = "killed", "A worker dies at any await point.";
    Frozen = "frozen", "A worker stands still until its lease and its messages are another's, and then goes on.";
    AnswerLost = "answer-lost", "A call is done, and its answer is lost.";
    CallFails = "call-fails", "A call fails before anything is done.";
    Duplicate = "duplicate", "A standard queue delivers a message twice.";
    Reordered = "reordered", "A standard queue delivers messages in another order.";
    Skew = "skew", "The clocks of workers are up to a minute ahead or behind.";
    LateCreate = "late-create", "A create takes effect minutes after its answer was lost.";
    LateUpdate = "late-update", "An update takes effect minutes after its answer was lost.";
    SageDown = "sage-down", "Sage cannot be reached for a while.";
    SageRefuses = "sage-refuses", "Sage refuses an order for a while, as when a period is closed.";
    SageLocked = "sage-locked", "Another user has an order open.";
    NumberTaken = "number-taken", "Another user takes the number that was just given out.";
    CrmDown = "crm-down", "A CRM answers 503 for a while.";
    CrmRefusesUs = "crm-refuses-us", "A CRM refuses our credentials for a while.";
    TableRestored = "table-restored", "The table of sales is restored to an earlier time.";
    IndexLags = "index-lags", "An index of the tables lags behind while an owner is mapped anew.";
    MarkDropped = "mark-dropped", "Sage drops our mark from an order.";
    MarkTypedOver = "mark-typed-over", "A clerk types over our mark.";
    ClerkEdits = "clerk-edits", "Clerks add lines, change quantities and columns of orders.";
    ClerkCloses = "clerk-closes", "Clerks invoice orders, and delete some.";
    WonBefore = "won-before", "Sales that were won before the start are touched.";
    LookupMoves = "lookup-moves", "A look-up between sales is set, cleared or moved.";
    RootDeleted = "root-deleted", "The deal of a sales order is deleted or merged.";
    Clone = "clone", "A won sale is cloned.";
    Undelete = "undelete", "A sale is deleted and brought back.";
    AccountsMerged = "accounts-merged", "Two accounts are merged.";
    KeyEmptied = "key-emptied", "The Sage key of an account is emptied.";
    SameSecond = "same-second", "A sale is changed, won or lost twice within one second.";
    TakenAway = "taken-away", "People take discounts, comments, freight and lines away again, and change discounted lines.";
    ToldNothing = "told-nothing", "Of some changes a CRM tells nobody; what was changed is read on a schedule.";
    TotalDiffers = "total-differs", "The CRM's total has an adjustment that no line shows.";
    StoreThrottles = "store-throttles", "DynamoDB throttles every second call for a while.";
    QueuesThrottle = "queues-throttle", "SQS throttles every second call for a while.";
    LambdaThrottles = "lambda-throttles", "Lambda runs nothing for a while; what queues handed out comes back by itself.";
    StoreDenied = "store-denied", "A role may not use a table for a while.";
    SendingDenied = "sending-denied", "A role may not send to a queue for a while.";
    ConfigUnreadable = "config-unreadable", "The configuration cannot be read for a while.";
    SecretsUnreadable = "secrets-unreadable", "The secrets of Sage or of a CRM cannot be read for a while.";
    CrmThrottles = "crm-throttles", "A CRM answers most calls with 429 for a while.";
    CrmLimit = "crm-limit", "The calls that a CRM allows in a day are used up.";
    NotificationsRefused = "notifications-refused", "Zoho CRM's notifications are refused for a while, and told later.";
    RelayStands = "relay-stands", "Salesforce's relay stands still for a while, and tells later.";
    HourRepeated = "hour-repeated", "The clock of the Sage server is put back an hour, as in autumn.";
    HourSkipped = "hour-skipped", "The clock of the Sage server is put forward an hour, as in spring.";
    ZoneMoved = "zone-moved", "The Sage server is moved by four or five hours of time zone, either way.";
    SageDownForDays = "sage-down-for-days", "Sage cannot be reached for days.";
    CrmDownForDays = "crm-down-for-days", "A CRM answers 503 for days.";
    CredentialsRefusedForDays = "credentials-refused-for-days", "Sage or a CRM refuses our credentials for days.";
    SecretsUnreadableForDays = "secrets-unreadable-for-days", "The secrets of Sage or of a CRM cannot be read for days.";
    Paused = "paused", "People pause a company, a CRM, a kind of records or everything, and resume it.";
}

impl Mishap {
    /// All of them.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        Self::ALL.iter().copied().collect()
    }

    /// The mishap of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// Whether it lasts for days.
    pub(super) const fn is_for_days(self) -> bool {
        use Mishap::{
            CredentialsRefusedForDays, CrmDownForDays, SageDownForDays, SecretsUnreadableForDays,
        };
        matches!(
            self,
            SageDownForDays | CrmDownForDays | CredentialsRefusedForDays | SecretsUnreadableForDays
        )
    }

    /// Whether it is out of order for a while, as [`super::town::Town`] has it.
    pub(super) const fn is_trouble(self) -> bool {
        use Mishap::{
            ConfigUnreadable, CrmLimit, CrmThrottles, HourRepeated, HourSkipped, LambdaThrottles,
            NotificationsRefused, QueuesThrottle, RelayStands, SecretsUnreadable, SendingDenied,
            StoreDenied, StoreThrottles, ZoneMoved,
        };
        matches!(
            self,
            StoreThrottles
                | QueuesThrottle
                | LambdaThrottles
                | StoreDenied
                | SendingDenied
                | ConfigUnreadable
                | SecretsUnreadable
                | CrmThrottles
                | CrmLimit
                | NotificationsRefused
                | RelayStands
                | HourRepeated
                | HourSkipped
                | ZoneMoved
        )
    }

    /// Whether it is a matter of chance at each call or turn.
    pub(super) const fn is_by_chance(self) -> bool {
        use Mishap::{
            AnswerLost, CallFails, Duplicate, Frozen, Killed, LateCreate, LateUpdate, Reordered,
            Skew,
        };
        matches!(
            self,
            Killed
                | Frozen
                | AnswerLost
                | CallFails
                | Duplicate
                | Reordered
                | Skew
                | LateCreate
                | LateUpdate
        )
    }

    /// Whether two cannot come together: with both, no implementation could tell what belongs to what.
    const fn excludes(self, other: Self) -> bool {
        use Mishap::{
            ClerkCloses, MarkDropped, MarkTypedOver, NumberTaken, TableRestored, WonBefore,
        };
        matches!(
            (self, other),
            // Neither the table nor Sage knows the sale any more.
            (
                TableRestored,
                MarkDropped | MarkTypedOver | ClerkCloses | NumberTaken | WonBefore
            )
        )
    }
}

/// One seed in so many is a long one.
const LONG: u64 = 12;

/// The mishaps of one run, out of those that are allowed: a third of them, so that each run has room for what it has, and fewer
/// of those that bring everything to a stop. Some runs are long, and have something out of order for days.
pub(super) fn drawn(allowed: &BTreeSet<Mishap>, seed: u64, dice: &Dice) -> BTreeSet<Mishap> {
    let all = allowed.len() <= 2;
    let mut drawn: BTreeSet<Mishap> = BTreeSet::new();
    // By dice of their own: days without them stay what they were.
    let own = [(Mishap::ToldNothing, 0x701d), (Mishap::Paused, 0x9a5e)];
    for (one, salt) in own {
        if allowed.contains(&one) && (Dice::new(seed ^ salt).one_in(3) || all) {
            drawn.insert(one);
        }
    }
    let is_own = |one: &Mishap| own.iter().any(|(own, _)| own == one);
    let in_a_day = |one: &&Mishap| !is_own(one) && !one.is_for_days();
    for one in allowed.iter().filter(in_a_day) {
        let rare = if one.is_trouble() { 8 } else { 3 };
        if !(dice.one_in(rare) || all) {
            continue;
        }
        let excluded = |other: &Mishap| one.excludes(*other) || other.excludes(*one);
        if !drawn.iter().any(excluded) {
            drawn.insert(*one);
        }
    }
    let for_days: Vec<Mishap> = allowed
        .iter()
        .copied()
        .filter(|one| one.is_for_days())
        .collect();
    // A restore is over only when everything could be reached and looked at again: nobody begins one in the days of an outage.
    let may_be_long = !for_days.is_empty() && !drawn.contains(&Mishap::TableRestored);
    if may_be_long && (all || dice.one_in(LONG)) {
        drawn.extend(dice.pick(&for_days));
        drawn.extend(dice.pick(&for_days));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for one in Mishap::ALL {
            assert_eq!(Mishap::of(one.name()), Some(*one));
            assert!(one.says().ends_with('.'));
        }
        assert_eq!(Mishap::of("none"), None);
    }
}
