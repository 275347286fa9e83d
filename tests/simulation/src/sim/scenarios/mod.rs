//! Schedules by hand: each is a day that once went wrong, told in the order in which it happened.

mod customers;
mod identity;
mod money;
mod odd;
mod outages;
mod races;
mod scene;
mod zones;

use counterpart_delivery::invariants::Broken;

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// The name, for `--scenario`.
    pub name: &'static str,
    /// What happens.
    pub says: &'static str,
    /// The invariant that the product breaks in it as it is now; none: it holds. A scenario that holds although it is said
    /// not to fails its test as well: then this goes.
    pub breaks: Option<&'static str>,
    play: fn() -> Vec<Broken>,
}

macro_rules! scenarios {
    ($($module:ident::$name:ident, $says:literal $(, breaks $breaks:literal)?;)*) => {
        /// All of them.
        pub const ALL: &[Scenario] = &[$(Scenario {
            name: stringify!($name),
            says: $says,
            breaks: scenarios!(@ $($breaks)?),
            play: $module::$name,
        }),*];
    };
    (@ $breaks:literal) => { Some($breaks) };
    (@) => { None };
}

scenarios! {
    identity::a_lookup_is_set,
        "A sales order without a deal is an order; then somebody fills its deal.";
    identity::a_lookup_is_set_to_a_deal_that_asked,
        "A sales order without a deal is an order; then it gets a deal that was won for a moment, which is touched.";
    identity::a_root_is_deleted,
        "A sales order of a deal is an order; the deal is deleted, and the order corrected.";
    identity::a_root_is_deleted_before_its_order_is_read,
        "A deal is an order; a sales order is made of it, and the deal deleted before anybody has read the sales order.";
    identity::a_lookup_is_moved,
        "A sales order of a deal is an order; then it is moved to another deal.";
    identity::won_before_the_start,
        "A deal that was won before the start is touched.";
    identity::the_table_is_restored,
        "A deal is an order; the table of sales is restored to a time before it; the deal is corrected.";
    identity::the_table_forgets_a_deal_that_is_deleted,
        "A sales order of a deal is an order that no record shows yet; the deal is deleted, the table restored to a time before.";
    identity::the_table_is_restored_while_a_job_waits,
        "The job of a deal waits for Sage; the table of sales is restored to a time before it; the deal is open again.";
    identity::the_mark_is_gone,
        "A create is done, its answer lost, and the mark dropped; Sage is down; a clerk corrects the quantity.";
    identity::refused_after_an_unknown_send,
        "A create is under way, a second one is refused, the sale is cancelled, and the first one takes effect.";
    identity::cancelled_while_a_create_is_under_way,
        "A create is under way, the sale is cancelled, and the create takes effect.";
    identity::closed_while_a_create_is_under_way,
        "A create is under way; what is there of the sale is deleted; the create takes effect.";
    identity::won_and_open_in_one_second,
        "A deal is won and opened again within one second, before Sage is asked.";
    money::another_quantity_of_a_discounted_line,
        "A line with an amount off gets another quantity: its percentage no longer comes out.";
    money::a_discount_is_taken_away,
        "A discount is set to zero, and another one is blanked.";
    money::columns_are_blanked,
        "Comment, freight and a line's comment are blanked.";
    money::the_total_has_an_adjustment,
        "The CRM's total is less than its lines come to.";
    money::a_clerk_works_on_the_order,
        "A clerk adds a line and corrects a quantity; then the sales person changes the comment.";
    money::the_first_of_two_lines_goes,
        "Of two lines with one item the first is taken out; a clerk had noted something on the second.";
    money::the_second_of_two_lines_becomes_the_first,
        "Of two lines with one item the first is taken out, and the second gets its quantity; a clerk had noted something on it.";
    money::a_late_update_over_a_newer_one,
        "An update is under way, a newer one is done, and the older one takes effect over it.";
    money::two_edits_in_one_second,
        "Two edits of one second: the older one's job comes after the newer one's.";
    money::an_edit_back_while_the_job_of_the_first_is_tried_again,
        "A sale is edited and edited back while Sage does not take the first edit.";
    customers::a_client_is_edited_while_it_is_created,
        "The phone of a new client is changed before its customer is there.";
    customers::an_answer_about_a_new_customer_is_lost,
        "A customer is created, the answer lost, and Sage down when it is looked for.";
    customers::a_linked_account_is_merged_into_a_new_one,
        "An account that is a customer is merged into one that is none yet.";
    customers::a_key_is_emptied,
        "The Sage key of a linked account is emptied, and its customer edited in Sage.";
    identity::lost_while_a_transform_is_slow,
        "A transform has read a won deal and is slow; the deal is lost, and that is told; then the transform goes on.";
    money::corrected_while_a_transform_is_slow,
        "A transform has read a new deal and is slow; the deal is corrected and becomes an order; then the transform goes on.";
    money::corrected_while_a_create_is_under_way,
        "A create takes effect after its answer was lost; before it is sent again, the deal is corrected.";
    identity::a_create_never_arrives,
        "A create never arrives, and nobody says so; it is sent again under its number.";
    customers::an_edit_goes_to_sage,
        "The phone of a linked account is changed in the CRM.";
    races::two_writers_of_one_link,
        "A writer with an old observation is overtaken by one with a newer one, at any step.";
    races::three_writers_of_one_link,
        "Three writers at one link: a slow old one, its duplicate, and the repair that the duplicate asks for.";
    outages::sage_is_down_for_13_days,
        "Sage cannot be reached for 13 days.";
    outages::zoho_is_down_for_13_days,
        "Zoho CRM answers 503 for 13 days.";
    outages::salesforce_is_down_for_13_days,
        "Salesforce answers 503 for 13 days.";
    outages::crms_refuse_our_credentials_for_a_day,
        "Both CRMs refuse our credentials for a day.";
    outages::crms_refuse_our_credentials_for_13_days,
        "Both CRMs refuse our credentials for 13 days.";
    outages::sage_refuses_our_credentials_for_13_days,
        "Sage's agent refuses our credentials for 13 days.";
    outages::secrets_are_unreadable_for_13_days,
        "No secret can be read for 13 days.";
    outages::the_writers_secret_is_unreadable_for_13_days,
        "The Sage writer cannot read the agent's secret for 13 days; the CRMs go on.";
    outages::an_hour_of_503,
        "Both CRMs answer 503 for an hour.";
    outages::a_storm_of_429,
        "Both CRMs answer four of five calls with 429 for three hours.";
    outages::a_days_calls_are_used_up,
        "The calls of both CRMs are used up for most of a day.";
    outages::the_configuration_is_unreadable_for_hours,
        "The configuration cannot be read for five hours.";
    outages::lambda_throttles_for_hours,
        "Lambda runs nothing for five hours.";
    outages::tables_refuse_us_for_a_day,
        "No role may use the tables for a day.";
    outages::a_company_is_paused_for_13_days,
        "Somebody pauses a company for 13 days.";
    outages::a_crm_is_paused_for_13_days,
        "Somebody pauses a CRM for 13 days.";
    outages::everything_is_paused_for_a_night,
        "Everything is paused for a night, and the accounts besides for half of it.";
    zones::sage_is_moved_while_it_is_down,
        "Sage cannot be reached for nine hours, and its server is moved by one, four or five hours of time zone meanwhile.";
    zones::an_edit_is_taken_back_after_sage_was_moved,
        "An edit is on its way to CRMs that are down for days; the Sage server is moved in time, and the edit taken back.";
    outages::a_record_is_locked_for_hours,
        "The record that an order came from is locked for eight hours.";
    odd::one_order_is_answered_oddly,
        "Sage's agent gives no proper answer about the item of one deal; others sell on.";
    odd::a_callout_is_repeated_hours_later,
        "A signed callout is refused since the queue does not take it, and repeated six hours later.";
}

impl Scenario {
    /// Plays it. What is not as it must be at the end.
    #[must_use]
    pub fn play(&self) -> Vec<Broken> {
        super::panics::watch();
        let mut broken = (self.play)();
        broken.extend(super::panics::seen());
        broken
    }

    /// The scenario of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|one| one.name == name)
    }
}
