//! How far there is to reach, and the table of how far each code does.

use Reach::{Call, Connection, Module, Record, Unclear};

/// How far a fault reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The record that met it, and no other: it is parked, or tried again by itself. It never opens a circuit.
    Record,
    /// The call, as it was put together: the same records may pass in smaller ones. The next calls are smaller, too.
    Call,
    /// Nobody can tell by one record: its own, if others get through; everybody's, if nobody does.
    Unclear,
    /// What is set up for one module or field: whatever is of it waits for a person.
    Module,
    /// The connection as a whole: the CRM's org, or the company's Sage. It opens the circuit, and parks nothing.
    Connection,
}

/// One code, as far as its reach goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeReach {
    /// `E_CRM_…` or `E_SAGE_…`.
    pub code: &'static str,
    /// How far.
    pub reach: Reach,
    /// What it says, in a few words.
    pub says: &'static str,
}

const fn code(code: &'static str, reach: Reach, says: &'static str) -> CodeReach {
    CodeReach { code, reach, says }
}

/// How far each code of a CRM or of Sage reaches.
pub const CODES: &[CodeReach] = &[
    // CRM: one record's own.
    code(
        "E_CRM_ALREADY_MODIFIED",
        Record,
        "somebody changed the record at the same moment",
    ),
    code(
        "E_CRM_AUTOMATION_FAILED",
        Record,
        "a trigger or flow failed on the record",
    ),
    code("E_CRM_DUPLICATE", Record, "another record has the value"),
    code(
        "E_CRM_DUPLICATE_RULE",
        Record,
        "a duplicate rule holds it for another record",
    ),
    code(
        "E_CRM_FIELD_DEPENDENCY",
        Record,
        "a value does not go with another one",
    ),
    code("E_CRM_INVALID_DATA", Record, "a value is refused"),
    code(
        "E_CRM_MATCHED_OTHER_FIELD",
        Record,
        "another unique field decided which record was written",
    ),
    code(
        "E_CRM_MATCHED_SEVERAL",
        Record,
        "several records have the key",
    ),
    code(
        "E_CRM_NOT_PROCESSED",
        Record,
        "left undone because of others in the call",
    ),
    code(
        "E_CRM_NOT_SUBSCRIBED",
        Record,
        "a watch channel is not there any more",
    ),
    code(
        "E_CRM_OWNER_INVALID",
        Record,
        "the owner does not exist, or is not active",
    ),
    code(
        "E_CRM_PARENT_NOT_FOUND",
        Record,
        "a record that it points to is not there",
    ),
    code("E_CRM_PICKLIST", Record, "a value is not on the picklist"),
    code(
        "E_CRM_QUERY_EXPIRED",
        Record,
        "a query was closed before its end",
    ),
    code("E_CRM_RECORD_GONE", Record, "the record is not there"),
    code(
        "E_CRM_RECORD_LOCKED",
        Record,
        "a user or a process holds the record",
    ),
    code(
        "E_CRM_RECORD_REFUSED",
        Record,
        "the integration user may not see or change this record",
    ),
    code(
        "E_CRM_REFUSED",
        Record,
        "refused, for a reason that we do not know",
    ),
    code(
        "E_CRM_REQUIRED_MISSING",
        Record,
        "a required field is empty",
    ),
    code("E_CRM_TOO_LONG", Record, "a value is too long"),
    code(
        "E_CRM_TOO_MANY",
        Record,
        "more records hold a value than are looked at",
    ),
    code(
        "E_CRM_VALIDATION_RULE",
        Record,
        "a validation rule refused it",
    ),
    // CRM: the call's.
    code(
        "E_CRM_AUTOMATION_LIMIT",
        Call,
        "triggers and flows need more than one call may use",
    ),
    code("E_CRM_LIMIT_EXCEEDED", Call, "the call is too large"),
    code("E_CRM_REPLY_TOO_LARGE", Call, "the answer is too large"),
    code("E_CRM_TIMEOUT", Call, "no answer in time"),
    code("E_CRM_TOO_SLOW", Call, "it took longer than the CRM allows"),
    // CRM: nobody can tell by one.
    code(
        "E_CRM_FIELD_READ_ONLY",
        Unclear,
        "a field may not be written, perhaps only of this record",
    ),
    code(
        "E_CRM_LIMIT_REACHED",
        Unclear,
        "a limit of the org, or of the record",
    ),
    code(
        "E_CRM_PERMISSION",
        Unclear,
        "the integration user may not do this",
    ),
    code(
        "E_CRM_REPLY_UNREADABLE",
        Unclear,
        "the answer cannot be read",
    ),
    code(
        "E_CRM_REQUEST_REFUSED",
        Unclear,
        "a whole call is refused, perhaps for one of its records",
    ),
    code(
        "E_CRM_UNEXPLAINED",
        Unclear,
        "a whole call failed without a word",
    ),
    // CRM: what is set up for a module.
    code(
        "E_CRM_EDITION",
        Module,
        "the edition or set-up does not have this",
    ),
    code(
        "E_CRM_FIELD_INVALID",
        Module,
        "a field of the mapping does not exist",
    ),
    code(
        "E_CRM_FIELD_UNKNOWN",
        Module,
        "a field that is read does not exist",
    ),
    code("E_CRM_KEY_FIELD", Module, "the key field is none"),
    code(
        "E_CRM_MODULE_INVALID",
        Module,
        "the module does not exist, or is hidden",
    ),
    code("E_CRM_QUERY_REFUSED", Module, "a query is refused"),
    code("E_CRM_QUERY_TOO_LONG", Module, "too many fields are read"),
    // CRM: the connection's.
    code(
        "E_CRM_API_VERSION",
        Connection,
        "the API version is not offered",
    ),
    code(
        "E_CRM_APP_NOT_ATTACHED",
        Connection,
        "the app is not attached to its agent",
    ),
    code(
        "E_CRM_BUDGET_RESERVED",
        Connection,
        "what is left of the day's calls is kept for orders",
    ),
    code(
        "E_CRM_ANSWER_COUNT",
        Connection,
        "the CRM answered for another number of rows",
    ),
    code(
        "E_CRM_CONNECTION_LOST",
        Connection,
        "the connection broke off",
    ),
    code(
        "E_CRM_CREDITS_EXHAUSTED",
        Connection,
        "the day's credits are used up",
    ),
    code(
        "E_CRM_DAILY_LIMIT",
        Connection,
        "the day's calls are used up",
    ),
    code("E_CRM_MAINTENANCE", Connection, "the org is in maintenance"),
    code("E_CRM_SCOPE", Connection, "the token lacks a scope"),
    code(
        "E_CRM_STORAGE_FULL",
        Connection,
        "the org's storage is full",
    ),
    code("E_CRM_THROTTLED", Connection, "too many calls at a time"),
    code("E_CRM_TLS", Connection, "the certificate or the handshake"),
    code("E_CRM_UNAUTHORIZED", Connection, "a fresh token is refused"),
    code(
        "E_CRM_UNAVAILABLE",
        Connection,
        "the CRM does not work at present",
    ),
    code("E_CRM_UNREACHABLE", Connection, "no connection"),
    // Sage: one record's own.
    code("E_SAGE_ALREADY_EXISTS", Record, "the number is in use"),
    code(
        "E_SAGE_ANOTHER_RECORD",
        Record,
        "another record came than was asked for",
    ),
    code("E_SAGE_BAD_REQUEST", Record, "the question made no sense"),
    code(
        "E_SAGE_KEY_REUSED",
        Record,
        "another request came under the same key",
    ),
    code("E_SAGE_LOCKED", Record, "somebody has the record open"),
    code("E_SAGE_NOT_FOUND", Record, "there is no such record"),
    code(
        "E_SAGE_NOT_OFFERED",
        Record,
        "the agent does not offer this",
    ),
    code(
        "E_SAGE_OUTCOME_UNKNOWN",
        Record,
        "nobody knows whether it was written",
    ),
    code(
        "E_SAGE_TOO_LONG",
        Record,
        "a value, or the request, is too long",
    ),
    // Sage: nobody can tell by one.
    code(
        "E_SAGE_CONTRACT",
        Unclear,
        "an answer is not what the contract says",
    ),
    code(
        "E_SAGE_REFUSED",
        Unclear,
        "refused, for a reason that we do not know",
    ),
    code(
        "E_SAGE_TOO_LARGE",
        Unclear,
        "the page or the answer is too large",
    ),
    code("E_SAGE_UNKNOWN_COLUMN", Unclear, "Sage has no such column"),
    code(
        "E_SAGE_UNKNOWN_ENTITY",
        Unclear,
        "the agent does not serve the entity",
    ),
    // Sage: the company's.
    code(
        "E_SAGE_BINDING",
        Connection,
        "the SOAP service is not the one that was learned",
    ),
    code("E_SAGE_BUSY", Connection, "no licence or session is free"),
    code("E_SAGE_DOWN", Connection, "Sage does not answer"),
    code(
        "E_SAGE_FORBIDDEN",
        Connection,
        "the token or the user may not do this",
    ),
    code(
        "E_SAGE_MAINTENANCE",
        Connection,
        "the SOAP service is stopped",
    ),
    code("E_SAGE_NO_AGENT", Connection, "what answers is no agent"),
    code(
        "E_SAGE_NO_SERVICE",
        Connection,
        "what answers is no SOAP service",
    ),
    code(
        "E_SAGE_NO_VERDICT",
        Connection,
        "something else answered in Sage's place",
    ),
    code("E_SAGE_TLS", Connection, "the certificate or the handshake"),
    code(
        "E_SAGE_UNAUTHORIZED",
        Connection,
        "the credentials are refused",
    ),
    code("E_SAGE_UNAVAILABLE", Connection, "Sage cannot be reached"),
    code(
        "E_SAGE_UNKNOWN_COMPANY",
        Connection,
        "the agent does not serve the company",
    ),
];
