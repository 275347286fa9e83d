//! What a person decides by sending again what was set aside.

/// Codes that a redrive answers instead of only trying again: it sends what is older than the connection, creates a customer
/// who looks like one that is there, writes over what people did in Sage, sends once more what may have been there or was
/// cancelled, or takes a total as it is, or says that a sale is one of its own.
const ANSWERED: [&str; 22] = [
    "E_SALE_TOO_OLD",
    "E_SALE_AGE_UNKNOWN",
    "E_RECORD_TOO_OLD",
    "E_RECORD_AGE_UNKNOWN",
    "E_CUSTOMER_MAY_EXIST",
    "E_CUSTOMER_SEARCH_NOT_OFFERED",
    "E_ORDER_CHANGED_IN_SAGE",
    "E_ORDER_TOTAL_DIFFERS",
    "E_ORDER_OF_DELETED",
    "E_ORDER_AMBIGUOUS",
    "E_ORDER_CANCELLED",
    "E_ORDER_OF_ANOTHER_SALE",
    "E_SALE_MARK_TAKEN",
    "E_ORDER_NO_HISTORY",
    "E_ORDER_RESEND_TOO_LATE",
    "E_RECORD_RESEND_TOO_LATE",
    "E_RECORD_AMBIGUOUS",
    "E_CRM_RECORD_GONE",
    "E_CRM_MERGED",
    "E_LINK_RELEASED",
    "E_CRM_MAY_EXIST",
    "E_RECORD_MAY_EXIST",
];

/// Whether a redrive of what is parked under this code is a person's answer to a question: nobody gives it without having
/// read which.
#[must_use]
pub fn is_answer(code: &str) -> bool {
    ANSWERED.contains(&code)
}
