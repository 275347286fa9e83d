//! The order of observations.

use serde::{Deserialize, Serialize};

/// Taken by the agent from a persisted counter *before* it reads, so that a later observation never carries a smaller
/// value. The epoch rises when the counter itself was lost. Compared as (epoch, sequence).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct AsOf {
    /// Rises when the agent had to start its counter anew.
    pub epoch: u64,
    /// Rises with each read within an epoch.
    pub sequence: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_epoch_is_newer_than_any_sequence_of_the_old_one() {
        let old = AsOf {
            epoch: 1,
            sequence: 9_000,
        };
        let new = AsOf {
            epoch: 2,
            sequence: 1,
        };
        assert!(new > old);
    }
}
