//! Cursors go back to the time that the table was restored to: what was written to a CRM since then is read again, and the links
//! learn of it.

use counterpart_config::SyncConfig;
use counterpart_domain::{Class, Company, Entity, Fault};
use jiff::{SignedDuration, Timestamp};

use super::{HELD, MOST_WAITS, OVERLAP};
use crate::ports::{Clock, Cursor, Cursors, Ids, Leased};

/// By so much the clock of the ERP's server may have been put forward since: moved to another zone, and to summer time. What is
/// read once more for it is unchanged, and costs no call of a CRM.
const MOVED: SignedDuration = SignedDuration::from_hours(6);

/// Has everything read again that changed in Sage 100 since the time that the table was restored to. The functions stand still
/// meanwhile. The answer is how many cursors went back.
///
/// # Errors
/// When the store failed, or a poller is at work: it is to be repeated, which does no harm.
pub async fn rewind<S: Cursors, C: Clock + Ids>(
    store: &S,
    clock: &C,
    config: &SyncConfig,
    restored_to: Timestamp,
) -> Result<u64, Fault> {
    let mut count = 0;
    for company in config.companies.keys() {
        for entity in Entity::ALL
            .into_iter()
            .filter(|entity| entity.goes_to_crm())
        {
            if rewind_one(store, clock, company, entity, restored_to).await? {
                count += 1;
            }
        }
    }
    Ok(count)
}

/// `false`: it has never been anywhere.
async fn rewind_one<S: Cursors, C: Clock + Ids>(
    store: &S,
    clock: &C,
    company: &Company,
    entity: Entity,
    restored_to: Timestamp,
) -> Result<bool, Fault> {
    let owner = clock.new_id();
    for _ in 0..MOST_WAITS {
        let now = clock.now();
        let until = now.saturating_add(HELD).unwrap_or(now);
        let leased = store.lease_cursor(company, entity, &owner, now, until);
        match leased.await? {
            Leased::Ours(mut cursor) => {
                let been = cursor.watermark.is_some();
                let passed = now.duration_since(restored_to) + OVERLAP;
                go_back(&mut cursor, passed + MOVED);
                let saved = match been {
                    true => store.save_cursor(&cursor, &owner).await,
                    false => Ok(()),
                };
                store.release_cursor(company, entity, &owner).await?;
                saved?;
                return Ok(been);
            }
            Leased::Busy(until) => clock.sleep(until.duration_since(now).unsigned_abs()).await,
        }
    }
    let message =
        format!("A poller reads {entity} of {company}. Stop the functions, then repeat this.");
    Err(Fault::new(
        Class::Transient,
        "E_RESTORE_POLLER_AT_WORK",
        message,
    ))
}

/// In the ERP's own clock: by how much, not to when. A window under way begins again from there.
fn go_back(cursor: &mut Cursor, by: SignedDuration) {
    let back = cursor.watermark.map(|watermark| watermark.earlier(by));
    if let (Some(open), Some(back)) = (&mut cursor.open, back) {
        open.from = open.from.min(back);
        open.after = None;
    }
    cursor.watermark = back;
    for apart in cursor.apart.values_mut() {
        go_back(apart, by);
    }
}
