//! What every store has to hold, as a list of checks over nothing but the ports. Each takes a store of its own, empty,
//! and panics where a promise is broken. [`store_tests!`](crate::store_tests) makes one test of each.

// A check that fails says so by panicking, as any test does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this is test code that lives in a library"
)]

pub mod audit;
pub mod commits;
pub mod creations;
pub mod cursors;
pub mod ingress;
pub mod intents;
pub mod ledger;
pub mod links;
pub mod parking;
pub mod reps;
mod samples;
pub mod settings;
pub mod tokens;
pub mod waiting;

/// Makes a `#[test]` of each check. The argument is a function that takes an asynchronous check
/// (`impl AsyncFnOnce(STORE)`), makes an empty store and runs the check to its end.
#[macro_export]
macro_rules! store_tests {
    (@sale $with_store:path) => {
        $crate::store_tests! { @each $with_store;
            intents: an_intent_is_read_back_as_it_was_saved,
            intents: a_lease_is_one_workers_until_it_runs_out_or_is_given_back,
            intents: whoever_lost_the_lease_saves_nothing,
            intents: a_save_at_a_stale_revision_is_refused,
            intents: a_save_sent_again_is_done,
            intents: of_many_workers_at_once_one_has_the_intent,
            intents: what_is_written_back_never_goes_back,
            intents: what_belongs_to_a_sale_stays_with_it,
            intents: targets_and_kinds_are_apart,
            ingress: a_seat_is_kept_by_its_holder_and_falls_free_in_the_end,
            ingress: of_many_workers_at_once_as_many_sit_as_there_are_seats,
            creations: a_creation_counts_once_and_for_an_hour,
            creations: what_was_not_created_is_forgotten,
            creations: the_number_may_change_between,
            creations: of_many_creations_at_once_as_many_count_as_may,
            creations: each_hour_counts_its_own_creations_once,
            ingress: a_nonce_is_final_only_once_it_is_finished,
            ingress: a_channel_is_written_by_the_first_who_read_it,
            ingress: a_sweep_is_written_by_the_first_who_read_it,
            ingress: what_was_heard_is_kept_by_module,
            ingress: a_mark_only_rises,
            ingress: a_resync_that_was_noted_again_is_not_taken_away,
            ingress: a_binding_is_kept_per_company,
        }
    };
    ($with_store:path) => {
        $crate::store_tests! { @each $with_store;
            links: a_new_link_is_read_back_as_it_was,
            links: a_link_that_somebody_wrote_since_is_lost_with_the_item_as_it_is,
            links: of_many_writers_at_one_revision_one_wins,
            links: an_id_of_another_key_is_taken_and_nothing_is_written,
            links: the_reverse_item_is_there_at_once_and_moves_with_the_id,
            links: an_unlinked_record_gives_its_id_free,
            links: a_reverse_item_that_belongs_to_another_by_now_stays,
            links: those_that_rest_are_counted_and_have_no_rep,
            links: any_number_of_keys_is_read_in_order,
            links: targets_companies_and_entities_never_mix,
            links: the_keys_of_a_rep_come_in_pages_and_follow_the_links,
            audit: what_people_did_is_kept_in_order,
            commits: a_packs_records_are_stored_with_all_that_belongs_to_them,
            commits: a_record_that_lost_holds_up_no_other_and_leaves_nothing,
            commits: of_records_with_one_crm_id_one_has_it,
            commits: a_record_named_twice_is_stored_once,
            commits: a_commit_made_again_changes_nothing,
            commits: of_many_commits_at_once_each_record_is_one_of_them,
            commits: records_of_any_size_are_stored,
            commits: outcomes_go_along_without_records,
            waiting: only_a_newer_observation_replaces_what_waits,
            waiting: only_what_is_not_newer_is_forgotten,
            waiting: a_parents_children_are_its_own,
            waiting: many_children_wait_and_go_at_once,
            waiting: parents_for_whom_somebody_waits_are_known,
            reps: both_directions_follow_every_change,
            reps: every_change_of_a_mapping_leaves_a_remap,
            reps: a_remap_is_moved_and_finished_only_under_its_own_token,
            reps: salespersons_are_kept_per_company,
            cursors: a_lease_is_one_pollers_until_it_runs_out,
            cursors: a_cursor_is_saved_only_by_who_has_the_lease,
            cursors: a_lease_is_given_back_only_by_its_owner,
            ledger: a_final_outcome_stays_and_one_that_is_not_is_replaced,
            ledger: a_run_closes_by_its_manifests_whatever_is_written_twice,
            ledger: a_manifest_part_is_replaced_however_large_it_was,
            ledger: targets_of_a_run_are_counted_apart,
            ledger: runs_come_newest_first_and_end_as_written_last,
            ledger: the_history_of_a_record_comes_newest_first,
            ledger: a_history_among_many_is_found_and_tells_each_run_once,
            parking: parking_again_keeps_the_beginning_and_counts,
            parking: the_parked_come_in_pages_in_order_of_id,
            parking: what_is_unparked_is_gone,
            parking: several_are_read_in_order,
            settings: a_configuration_is_pushed_onto_the_one_that_was_read,
            settings: a_circuit_is_written_by_the_first_who_read_it,
            settings: pauses_are_written_with_their_notes_by_the_first_who_read_them,
            settings: the_progress_of_a_pack_is_kept,
            tokens: one_at_a_time_may_refresh,
            tokens: who_is_late_gets_the_token_that_another_stored,
            tokens: a_lease_that_ran_out_is_taken_over_and_its_token_refused,
            tokens: the_allowance_counts_grants_within_its_window,
            tokens: an_abandoned_refresh_may_ask_for_a_pause,
            tokens: a_claim_asked_again_by_its_owner_counts_once,
            tokens: of_many_claims_at_once_one_is_granted,
        }
    };
    (@each $with_store:path; $($module:ident: $check:ident,)*) => {
        $(
            #[test]
            fn $check() {
                $with_store(async |store| $crate::store_suite::$module::$check(&store).await);
            }
        )*
    };
}

/// The same for what the ways to Sage keep ([`SaleStore`](counterpart_delivery::ports::SaleStore)).
#[macro_export]
macro_rules! sale_store_tests {
    ($with_store:path) => {
        $crate::store_tests! { @sale $with_store }
    };
}

#[cfg(test)]
mod tests {
    use crate::memory::MemoryStore;

    fn with_store(check: impl AsyncFnOnce(MemoryStore)) {
        let start = jiff::Timestamp::UNIX_EPOCH;
        crate::VirtualClock::new(start, 0).block_on(check(MemoryStore::new()));
    }

    crate::store_tests!(with_store);
    crate::sale_store_tests!(with_store);
}
