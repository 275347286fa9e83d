//! One Sage 100 company: where its agent is and how it is polled.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::{QuietWindow, SageWay};

/// One Sage 100 company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyConfig {
    /// The agent's address without a path; `https`, or `http` on a loopback address for trying things out.
    pub agent_url: String,
    /// The logical name of the secret that holds the agent's token.
    pub agent_secret: String,
    /// The logical name of the secret that holds the key for signed hints.
    pub hint_secret: String,
    /// Records per page, 1 to 1000.
    pub page_size: u32,
    /// How far each poll looks back behind the cursor.
    pub overlap: SignedDuration,
    /// How far the wide poll looks back.
    pub wide_overlap: SignedDuration,
    /// The time from one wide poll to the next.
    pub wide_every: SignedDuration,
    /// How far the upper bound of a poll stays behind the ERP's clock.
    pub lag: SignedDuration,
    /// Where its days begin: which of them a moment of a CRM is. None: as its Sage's clock says.
    pub time_zone: Option<TimeZone>,
    /// How it is written.
    pub write: SageWay,
    /// How many write to it at once; Sage's COM layer wants one.
    pub writers: u32,
    /// Whether letters that Sage's code page does not have are written with others; otherwise what holds them is refused.
    pub transliterate: bool,
    /// How many orders, customers and contacts are created in it within an hour, at most; the rest waits.
    pub creations_per_hour: u32,
    /// When nothing is done for it: it is not read or written, and nothing of it is written to a CRM.
    pub quiet: Vec<QuietWindow>,
}
