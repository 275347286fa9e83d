//! The SDK's errors, classed.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use counterpart_domain::{Class, Fault};

/// Which service a call went to: it gives the code its first part and the sentence its subject.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Service {
    /// DynamoDB; the name is a table's.
    Store,
    /// SQS; the name is the queue's.
    Queue,
    /// Secrets Manager; the name is a secret's.
    Secret,
}

impl Service {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Store => "E_STORE",
            Self::Queue => "E_QUEUE",
            Self::Secret => "E_SECRET",
        }
    }

    fn describe(self, name: &str) -> String {
        match self {
            Self::Store => format!("DynamoDB table {name}"),
            Self::Queue => format!("The {name}"),
            Self::Secret => format!("Secret {name}"),
        }
    }

    /// A fault of this service: `E_STORE_` and the like, then `suffix`.
    pub(crate) fn fault(self, class: Class, suffix: &str, message: String) -> Fault {
        Fault::new(class, format!("{}_{suffix}", self.prefix()), message)
    }
}

/// Classes a failed call. `name` is the table, target or secret that it was about.
pub(crate) fn classify<E>(service: Service, name: &str, error: &SdkError<E>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let what = service.describe(name);
    let fault = |class, suffix: &str, says: &str| {
        service
            .fault(class, suffix, format!("{what} {says}"))
            .with_detail(chain(error))
    };
    match error {
        SdkError::ConstructionFailure(_) => fault(
            Class::Bug,
            "REQUEST",
            "was asked in a way that the SDK refuses.",
        ),
        SdkError::TimeoutError(_) => fault(Class::Transient, "TIMEOUT", "did not answer in time."),
        SdkError::DispatchFailure(_) if chain(error).contains("credential") => fault(
            Class::Configuration,
            "CREDENTIALS",
            "cannot be asked: no AWS credentials were found.",
        ),
        SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            fault(Class::Transient, "UNREACHABLE", "cannot be reached.")
        }
        SdkError::ServiceError(refused) => {
            let status = refused.raw().status().as_u16();
            let code = refused.err().code().unwrap_or_default();
            let (class, suffix, says) = class_of(code, status);
            let message = refused.err().message().unwrap_or_default();
            fault(class, suffix, says).with_detail(format!("{status} {code}: {message}"))
        }
        _ => fault(Class::Transient, "UNKNOWN", "failed in an unknown way."),
    }
}

/// The class of an error code as the service names it. Codes come bare or with a namespace before them.
pub(crate) fn class_of(code: &str, status: u16) -> (Class, &'static str, &'static str) {
    let bare = code.rsplit(['.', '#']).next().unwrap_or(code);
    match bare {
        "ProvisionedThroughputExceededException"
        | "ProvisionedThroughputExceeded"
        | "ThrottlingException"
        | "ThrottlingError"
        | "Throttling"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "KmsThrottled"
        | "TooManyRequestsException"
        | "OverLimit" => (Class::Throttled, "THROTTLED", "asks for patience."),
        "TransactionConflictException"
        | "TransactionConflict"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException" => {
            (Class::Transient, "CONFLICT", "is being written by another.")
        }
        "ExpiredTokenException" | "ExpiredToken" => (
            Class::Configuration,
            "EXPIRED",
            "was asked with credentials that have run out: sign in again.",
        ),
        "AccessDeniedException"
        | "AccessDenied"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignatureException"
        | "KmsAccessDenied"
        | "KmsDisabled"
        | "KmsNotFound"
        | "KmsInvalidState"
        | "KmsOptInRequired"
        | "DecryptionFailure"
        | "InvalidSecurity" => (
            Class::Configuration,
            "DENIED",
            "may not be used by this role: mend its policy or the key's.",
        ),
        "ResourceNotFoundException" | "QueueDoesNotExist" | "NonExistentQueue" => (
            Class::Configuration,
            "MISSING",
            "does not exist in this account and region.",
        ),
        "ReceiptHandleIsInvalid" | "MessageNotInflight" => (
            Class::Transient,
            "RECEIPT",
            "no longer knows this receive: the message comes back by itself.",
        ),
        // An expired receipt hides behind the general code for bad parameters.
        "InvalidParameterValue" if status == 400 => (
            Class::Transient,
            "RECEIPT",
            "refuses a parameter: most likely the receive has run out.",
        ),
        _ if status >= 500 => (Class::Transient, "UNAVAILABLE", "is out of order."),
        _ if status == 429 => (Class::Throttled, "THROTTLED", "asks for patience."),
        _ => (Class::Bug, "REFUSED", "refused a request of ours."),
    }
}

/// An error and its causes as one line. Only what they say of themselves: requests and their secrets are no part of it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_refusal_has_its_code() {
        for (code, status, class, suffix) in [
            ("ThrottlingException", 400, Class::Throttled, "THROTTLED"),
            ("InternalServerError", 500, Class::Transient, "UNAVAILABLE"),
            ("AccessDeniedException", 400, Class::Configuration, "DENIED"),
            (
                "ExpiredTokenException",
                400,
                Class::Configuration,
                "EXPIRED",
            ),
            (
                "ResourceNotFoundException",
                400,
                Class::Configuration,
                "MISSING",
            ),
            (
                "AWS.SimpleQueueService.NonExistentQueue",
                400,
                Class::Configuration,
                "MISSING",
            ),
            (
                "com.amazonaws.sqs#QueueDoesNotExist",
                400,
                Class::Configuration,
                "MISSING",
            ),
            ("TransactionConflict", 400, Class::Transient, "CONFLICT"),
            ("ReceiptHandleIsInvalid", 404, Class::Transient, "RECEIPT"),
            ("ValidationException", 400, Class::Bug, "REFUSED"),
        ] {
            let (found, found_suffix, _) = class_of(code, status);
            assert_eq!((found, found_suffix), (class, suffix), "{code}");
        }
    }
}
