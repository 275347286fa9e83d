//! SOAP faults: Sage's own, with code and MasFault, and those that WCF itself answers.

use super::{binding::Binding, xml::escaped};
use crate::sage::{Reason, Refusal};

/// The text of a failed logon.
pub const LOGON: &str = "Logon failure: The user logon or password does not match or the user logon is not enabled for web services.";
/// The text of a missing right.
pub const NO_ACCESS: &str = "No Access - you are not authorized to perform this action";
/// The text of whatever Sage did not expect.
pub const UNEXPECTED: &str = "An exception occurred.";
/// The text of diagnostics from elsewhere.
pub const DIAGNOSTICS: &str =
    "'AllowRemoteDiagnostics' must be set to 'True' to access this method remotely.";

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Sage's own: a code in the data namespace, with a detail.
    Mas {
        /// `CI_NOF` …
        code: String,
        /// What people read.
        message: String,
    },
    /// WCF's: a prefixed code, the namespace of its prefix if it is not SOAP's.
    Wcf {
        /// `a:ActionNotSupported`, `s:Client` …
        code: String,
        /// What `a` stands for.
        namespace: &'static str,
        /// What people read.
        message: String,
    },
}

const ADDRESSING: &str = "http://schemas.microsoft.com/ws/2005/05/addressing/none";
const DISPATCHER: &str =
    "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher";

impl Fault {
    /// A fault of Sage's own.
    pub fn mas(code: &str, message: impl Into<String>) -> Self {
        Self::Mas {
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// Something that Sage did not expect; details stand in the server's event log only.
    pub fn unexpected(binding: &Binding) -> Self {
        Self::Wcf {
            code: binding.codes.unexpected.clone(),
            namespace: "",
            message: UNEXPECTED.to_owned(),
        }
    }

    /// The SOAPAction is none of the contract's.
    pub fn action(action: &str) -> Self {
        Self::Wcf {
            code: "a:ActionNotSupported".to_owned(),
            namespace: ADDRESSING,
            message: format!(
                "The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter mismatch at \
                 the EndpointDispatcher. This may be because of either a contract mismatch (mismatched Actions between sender \
                 and receiver) or a binding/security mismatch between the sender and the receiver.  Check that sender and \
                 receiver have the same contract and the same binding (including security requirements, e.g. Message, \
                 Transport, None)."
            ),
        }
    }

    /// The body cannot be read as what the operation takes.
    pub fn deserialization(message: impl Into<String>) -> Self {
        Self::Wcf {
            code: "a:DeserializationFailed".to_owned(),
            namespace: DISPATCHER,
            message: message.into(),
        }
    }

    /// A header that has to be understood and is not.
    pub fn must_understand() -> Self {
        Self::Wcf {
            code: "s:MustUnderstand".to_owned(),
            namespace: "",
            message: "A header of this message has to be understood and is not known.".to_owned(),
        }
    }

    /// The envelope is of another SOAP version.
    pub fn version() -> Self {
        Self::Wcf {
            code: "s:VersionMismatch".to_owned(),
            namespace: "",
            message: "The message version is not SOAP 1.1.".to_owned(),
        }
    }

    /// What a business object refused.
    pub fn of(refusal: &Refusal, binding: &Binding, lock_code: &str) -> Self {
        let code = match refusal.reason {
            Reason::NotOnFile => "CI_NOF",
            Reason::NoRecord => "CI_NoKey",
            Reason::TooLong => "CI_CharLength",
            Reason::Exists => "WS_AlreadyExists",
            Reason::Locked => lock_code,
            Reason::Invalid | Reason::Required | Reason::ReadOnly | Reason::UnknownColumn => {
                &binding.codes.validation
            }
        };
        Self::mas(refusal.code.as_deref().unwrap_or(code), text(refusal))
    }

    /// The body of the answer.
    pub fn envelope(&self, binding: &Binding) -> String {
        let (code, declared, message, detail) = match self {
            Self::Mas { code, message } => {
                let namespace = &binding.data_namespace;
                let (code, text) = (escaped(code), escaped(message));
                let detail = format!(
                    "<detail><MasFault xmlns=\"{namespace}\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">\
                     <ErrorCode>{code}</ErrorCode><ErrorMessage>{text}</ErrorMessage></MasFault></detail>"
                );
                (format!("a:{code}"), namespace.as_str(), message, detail)
            }
            Self::Wcf {
                code,
                namespace,
                message,
            } => (code.clone(), *namespace, message, String::new()),
        };
        let declared = if declared.is_empty() {
            String::new()
        } else {
            format!(" xmlns:a=\"{declared}\"")
        };
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>\
             <faultcode{declared}>{code}</faultcode><faultstring xml:lang=\"en-US\">{}</faultstring>{detail}\
             </s:Fault></s:Body></s:Envelope>",
            escaped(message)
        )
    }
}

/// `Could not set <object> column <Column$>: <message>`, where a value could not be set.
fn text(refusal: &Refusal) -> String {
    let message = &refusal.message;
    match (&refusal.column, refusal.reason) {
        (Some(column), Reason::NotOnFile | Reason::Invalid | Reason::UnknownColumn)
            if !message.contains("failed validation on") =>
        {
            let object = refusal.object;
            format!("Could not set {object} column {column}$: {message}")
        }
        _ => message.clone(),
    }
}
