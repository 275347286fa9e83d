//! What refusals of the service mean. Its operations are atomic and its errors are faults, so a fault in Sage's own words
//! is definite: nothing was written. `An exception occurred.`, and whatever is no fault of the service's, leave it open.

use counterpart_domain::{Class, Fault, bounded};

use super::answer::SoapFault;
use super::settings::FaultTexts;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reads one record by its key.
    Read,
    /// Creates a record.
    Create,
    /// Changes or deletes one.
    Change,
    /// Moves a number counter.
    Number,
}

/// No (usable) answer to a call that was sent.
pub(super) fn unknown(purpose: Purpose, why: impl std::fmt::Display) -> Fault {
    match purpose {
        Purpose::Read => Fault::new(
            Class::Transient,
            "E_SAGE_UNAVAILABLE",
            "The Sage 100 SOAP service gave no usable answer; it is asked again.",
        ),
        Purpose::Number => Fault::new(
            Class::Ambiguous,
            "E_SAGE_OUTCOME_UNKNOWN",
            "The Sage 100 SOAP service gave no usable answer; it may have given a number away.",
        ),
        Purpose::Create | Purpose::Change => Fault::new(
            Class::Ambiguous,
            "E_SAGE_OUTCOME_UNKNOWN",
            "Nobody knows whether Sage 100 took this: the SOAP service gave no usable answer. It is looked up before it is sent again.",
        ),
    }
    .with_detail(why)
}

/// An answer that is no SOAP. It is not the service's: whatever stands before it may have passed a write on before it gave an
/// answer of its own, so only what writes nothing learns more from the status.
pub(super) fn no_soap(purpose: Purpose, status: u16, why: &str) -> Fault {
    let writes = matches!(purpose, Purpose::Create | Purpose::Change);
    let (class, code, message) = match status {
        // What is refused for its length was not taken whole, and part of an envelope is no request.
        300..=407 | 409..=412 | 414..=499 | 503 if writes => (
            Class::Ambiguous,
            "E_SAGE_NO_VERDICT",
            "Nobody knows whether Sage 100 took this: something else answered in the SOAP service's place. It is looked up before it is sent again.",
        ),
        401 => (
            Class::Configuration,
            "E_SAGE_UNAUTHORIZED",
            "The web server before the SOAP service wants credentials of its own: allow anonymous access to the service there.",
        ),
        403 => (
            Class::Configuration,
            "E_SAGE_FORBIDDEN",
            "The web server before the SOAP service refuses: check its rules for addresses and certificates.",
        ),
        503 => (
            Class::Transient,
            "E_SAGE_MAINTENANCE",
            "The SOAP service is stopped, as it is in maintenance; it is asked again.",
        ),
        404 | 405 | 300..=399 => (
            Class::Configuration,
            "E_SAGE_NO_SERVICE",
            "There is no SOAP service at this address: check the SOAP service's url.",
        ),
        413 => (
            Class::Data,
            "E_SAGE_TOO_LONG",
            "The web server before the SOAP service takes no request of this length: allow longer ones there.",
        ),
        415 => (
            Class::Configuration,
            "E_SAGE_BINDING",
            "What answers at the SOAP service's address does not speak SOAP 1.1.",
        ),
        429 => (
            Class::Throttled,
            "E_SAGE_BUSY",
            "The web server before the SOAP service asks for patience.",
        ),
        _ => return unknown(purpose, format!("HTTP {status}: {why}")),
    };
    Fault::new(class, code, message).with_detail(format!("HTTP {status}: {why}"))
}

/// A fault of the service: its code decides, else its text.
pub(super) fn of(purpose: Purpose, fault: &SoapFault, texts: &FaultTexts) -> Fault {
    let said = fault.text.as_str();
    let lower = said.to_lowercase();
    if lower.contains("an exception occurred") {
        return unknown(purpose, format!("{}: {said}", fault.code));
    }
    if let Some(fault) = by_code(purpose, fault).or_else(|| by_text(fault, &lower, texts)) {
        return fault;
    }
    // Its own codes stand in the envelope also where its detail is switched off.
    let its_own = fault.code.starts_with("CI_") || fault.code.starts_with("WS_");
    if fault.from_sage || its_own || place(said).is_some() || said.contains("failed validation") {
        return refused(fault);
    }
    unknown(purpose, format!("{}: {said}", fault.code))
}

fn made(fault: &SoapFault, class: Class, code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(class, code, message).with_detail(bounded(fault.code.clone(), 60))
}

/// The record, as it is, is not accepted.
fn refused(fault: &SoapFault) -> Fault {
    let said = fault.text.as_str();
    let message = match place(said) {
        Some((column, reason)) => format!("Sage 100 refuses {column}: {reason}"),
        None => format!("Sage 100 refuses this: {said}"),
    };
    made(fault, Class::Data, "E_SAGE_REFUSED", message)
}

fn by_code(purpose: Purpose, fault: &SoapFault) -> Option<Fault> {
    let said = fault.text.as_str();
    let data = |code, begin: &str| made(fault, Class::Data, code, format!("{begin}: {said}"));
    Some(match fault.code.as_str() {
        "WS_AlreadyExists" => data("E_SAGE_ALREADY_EXISTS", "Sage 100 has this number already"),
        "CI_CharLength" => data("E_SAGE_TOO_LONG", "A value is too long"),
        // Not on file: the record itself, or what one of its columns points to.
        "CI_NOF" if purpose == Purpose::Create || place(said).is_some() => refused(fault),
        "CI_NoKey" | "CI_NOF" => data("E_SAGE_NOT_FOUND", "Sage 100 has no such record"),
        "ActionNotSupported" | "DeserializationFailed" | "MustUnderstand" | "VersionMismatch" => {
            made(
                fault,
                Class::Configuration,
                "E_SAGE_BINDING",
                "The SOAP service does not understand what was learned of it: it was changed, and has to be learned anew.",
            )
        }
        _ => return None,
    })
}

/// `lower`: the text in lower case.
fn by_text(fault: &SoapFault, lower: &str, texts: &FaultTexts) -> Option<Fault> {
    let has = |texts: &[String]| {
        texts
            .iter()
            .any(|text| !text.is_empty() && lower.contains(&text.to_lowercase()))
    };
    let (class, code, message) = if lower.contains("logon failure") {
        (
            Class::Configuration,
            "E_SAGE_UNAUTHORIZED",
            "Sage 100 does not accept the user: check name and password in the secret, and that web services are enabled for system, company and user.",
        )
    } else if lower.contains("not authorized")
        || lower.starts_with("no access")
        || fault.text.contains("AllowRemoteDiagnostics")
    {
        (
            Class::Configuration,
            "E_SAGE_FORBIDDEN",
            "Sage 100 does not allow this to the user of the web services: give its role the right.",
        )
    } else if has(&texts.locked) {
        (
            Class::Transient,
            "E_SAGE_LOCKED",
            "Somebody has the record open in Sage 100.",
        )
    } else if has(&texts.busy) {
        (
            Class::Transient,
            "E_SAGE_BUSY",
            "No licence or session of Sage 100 is free.",
        )
    } else {
        return None;
    };
    Some(made(fault, class, code, message))
}

/// Column and reason of `Could not set AR_Customer_bus column ZipCode$: why`, or of `CreditCardGUID$: why`.
fn place(said: &str) -> Option<(&str, &str)> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.len() <= 64
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some((_, rest)) = said.split_once("Could not set ") {
        let (_, rest) = rest.split_once(" column ")?;
        let end = rest.find([':', ' ', '$', '.', '…']).unwrap_or(rest.len());
        let (column, reason) = rest.split_at_checked(end)?;
        let reason = reason.trim_start_matches(['$', ':', ' ', '.', '…']).trim();
        let reason = if reason.is_empty() {
            "Sage 100 does not take the value"
        } else {
            reason
        };
        return is_name(column).then_some((column, reason));
    }
    let (column, reason) = said.split_once("$: ")?;
    is_name(column).then_some((column, reason.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classed(purpose: Purpose, code: &str, text: &str, from_sage: bool) -> String {
        let fault = SoapFault {
            code: code.into(),
            text: text.into(),
            from_sage,
        };
        let fault = of(purpose, &fault, &FaultTexts::default());
        format!(
            "{purpose:?} {code} {text:?} -> {:?} {}: {}",
            fault.class, fault.code, fault.message
        )
    }

    #[test]
    fn every_fault_has_a_class_a_code_and_a_sentence() {
        use Purpose::{Change, Create, Number, Read};
        let lines: Vec<String> = [
            (Create, "CI_NOF", "Could not set AR_Customer_bus column ZipCode$: The Zip Code is not on file.", true),
            (Create, "CI_NOF", "Could not set SO_SalesOrder_Bus column ShipToZipCode…", true),
            (Create, "CI_NOF", "The item is not on file.", true),
            (Change, "CI_NOF", "Could not set AR_Customer_bus column ZipCode$: The Zip Code is not on file.", true),
            (Change, "CI_NOF", "The sales order is not on file.", true),
            (Read, "CI_NOF", "The sales order is not on file.", true),
            (Read, "CI_NoKey", "The customer does not exist.", true),
            (Create, "CI_NoKey", "The customer does not exist.", true),
            (Create, "CI_CharLength", "The AVS State is greater than 2 character(s).", true),
            (Create, "WS_AlreadyExists", "The sales order number is already in use by another order.", true),
            (Create, "", "Logon failure: The user logon or password does not match or the user logon is not enabled for web services.", true),
            (Create, "", "No Access - you are not authorized to perform this action", true),
            (Read, "", "'AllowRemoteDiagnostics' must be set to 'True' to access this method remotely.", true),
            (Create, "", "Could not set SO_SalesOrder_Bus column BillToDivisionNo$: This field cannot be set when the Accounts Receivable option Bill To Customer Reporting is No.", true),
            (Create, "", "The Skip Printing Of This Component failed validation on Y,N", false),
            (Create, "", "CreditCardGUID$: The Accounts Receivable division number and customer number is required.", true),
            (Change, "X_Lock", "The record is in use by another user.", true),
            (Change, "", "Could not set AR_Customer_bus column City$: The record is locked by MARY.", true),
            (Create, "", "The maximum number of users has been reached.", true),
            (Create, "", "An exception occurred.", true),
            (Change, "InternalServiceFault", "An exception occurred.", false),
            (Number, "", "An exception occurred.", true),
            (Read, "", "An exception occurred.", true),
            (Create, "InternalServiceFault", "The server was unable to process the request due to an internal error.", false),
            (Create, "ActionNotSupported", "The message cannot be processed at the receiver.", false),
            (Create, "XX_New", "Something that nobody has seen.", true),
            (Create, "Server", "", false),
            (Create, "CI_Invalid", "The Ship Via is not valid.", false),
            (Create, "WS_InvalidOperation", "An exception occurred.", false),
        ]
        .into_iter()
        .map(|(purpose, code, text, from_sage)| classed(purpose, code, text, from_sage))
        .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn the_texts_of_locks_are_a_matter_of_configuration() {
        let texts = FaultTexts {
            locked: vec!["BLOQUÉ".into()],
            busy: vec![String::new()],
        };
        let fault = SoapFault {
            code: String::new(),
            text: "Enregistrement bloqué".into(),
            from_sage: true,
        };
        assert_eq!(of(Purpose::Change, &fault, &texts).code, "E_SAGE_LOCKED");
        let fault = SoapFault {
            text: "is locked".into(),
            ..fault
        };
        assert_eq!(of(Purpose::Change, &fault, &texts).code, "E_SAGE_REFUSED");
    }
}
