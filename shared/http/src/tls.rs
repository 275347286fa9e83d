//! What is wrong with a TLS connection, found among the causes of an error.

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
