//! What is wrong with a TLS connection, found among the causes of an error, and what to do about it.

use std::error::Error;

use rustls::CertificateError;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsProblem {
    /// The certificate has run out.
    Expired,
    /// The certificate is not valid yet.
    NotValidYet,
    /// The certificate was issued for another host name.
    OtherName,
    /// The certificate comes from a CA that is not trusted here.
    UnknownIssuer,
    /// The certificate has been revoked.
    Revoked,
    /// The certificate cannot be accepted for another reason.
    Unacceptable,
    /// No certificate was presented.
    NoCertificate,
    /// The two did not come to speak TLS with each other.
    Handshake,
}

/// Whose server presents the certificate: that decides what helps.
#[derive(Debug, Clone, Copy)]
pub enum Server<'a> {
    /// A product's on the internet, by its name: whatever is wrong stands in between.
    Public(&'a str),
    /// The customer's own.
    Own {
        /// What it is, as in "the agent".
        noun: &'a str,
        /// The setting that holds its address.
        setting: &'a str,
        /// Who runs it, as in "on the Sage 100 side".
        side: &'a str,
    },
}

impl TlsProblem {
    /// The problem in words, with what to do.
    #[must_use]
    pub fn sentence(self, server: Server<'_>) -> String {
        match server {
            Server::Public(name) => self.of_public(name),
            Server::Own {
                noun,
                setting,
                side,
            } => self.of_own(noun, setting, side),
        }
    }

    fn of_public(self, name: &str) -> String {
        let wrong = match self {
            Self::Expired => {
                "has run out: check this machine's clock, and whether a proxy stands in between"
            }
            Self::NotValidYet => "is not valid yet: check this machine's clock",
            Self::OtherName => {
                "was issued for another host name: check the address, and whether a proxy stands in between"
            }
            Self::UnknownIssuer => {
                "comes from a CA that is not trusted here: a proxy seems to open the connection on its way"
            }
            Self::Revoked => "has been revoked",
            Self::Unacceptable => "cannot be accepted",
            Self::NoCertificate => return format!("{name} presented no certificate."),
            Self::Handshake => {
                return format!(
                    "TLS with {name} failed: what answers at its address may not speak https, or a proxy stands in \
                     between."
                );
            }
        };
        format!("The certificate that was presented for {name} {wrong}.")
    }

    fn of_own(self, noun: &str, setting: &str, side: &str) -> String {
        let wrong = match self {
            Self::Expired => format!("has run out: renew it on the {side} side"),
            Self::NotValidYet => {
                "is not valid yet: check the clock of the machine that issued it".to_owned()
            }
            Self::OtherName => {
                format!("was issued for another host name than the one in {setting}")
            }
            Self::UnknownIssuer => format!(
                "comes from a CA that is not trusted here: with a private CA, give its root certificate with the \
                 {noun}'s secret"
            ),
            Self::Revoked => "has been revoked".to_owned(),
            Self::Unacceptable => "cannot be accepted".to_owned(),
            Self::NoCertificate => return format!("The {noun} presented no certificate."),
            Self::Handshake => {
                return format!(
                    "TLS with the {noun} failed: what answers at its address may not speak https, or only an old \
                     version of it."
                );
            }
        };
        format!("The {noun}'s certificate {wrong}.")
    }
}

/// The TLS problem behind an error, where there is one.
#[must_use]
pub fn tls_problem(error: &(dyn Error + 'static)) -> Option<TlsProblem> {
    find(error).map(problem)
}

fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut current: Option<&'a (dyn Error + 'static)> = Some(error);
    while let Some(error) = current {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An io::Error shows the source of what it wraps, not what it wraps.
        current = match error
            .downcast_ref::<std::io::Error>()
            .and_then(|io| io.get_ref())
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn problem(error: &rustls::Error) -> TlsProblem {
    use CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            C::Expired | C::ExpiredContext { .. } => TlsProblem::Expired,
            C::NotValidYet | C::NotValidYetContext { .. } => TlsProblem::NotValidYet,
            C::NotValidForName | C::NotValidForNameContext { .. } => TlsProblem::OtherName,
            C::UnknownIssuer => TlsProblem::UnknownIssuer,
            C::Revoked => TlsProblem::Revoked,
            _ => TlsProblem::Unacceptable,
        },
        rustls::Error::NoCertificatesPresented => TlsProblem::NoCertificate,
        _ => TlsProblem::Handshake,
    }
}
