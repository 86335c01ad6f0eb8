//! Why a request was not carried out.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::lack::Lack;
use crate::guard::Refusal;

/// Why a request was not carried out. None of these is a finding about the API: a response that is missing, malformed or
/// truncated gives an [`Exchange`](crate::exchange::Exchange) that says so.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The guard refused it; nothing was sent.
    Guarded(Refusal),
    /// The host's name has no address.
    Unresolved {
        /// The host.
        host: String,
        /// The message of the system.
        why: String,
    },
    /// Nothing listens on the port.
    Refused {
        /// Host and port.
        asked: String,
    },
    /// The connection was not established in time.
    ConnectTimedOut {
        /// Host and port.
        asked: String,
        /// The limit.
        after: Duration,
    },
    /// The connection was not established for another reason.
    Unreachable {
        /// Host and port.
        asked: String,
        /// The message of the system.
        why: String,
    },
    /// This machine lacks something that a connection needs.
    Starved {
        /// Host and port.
        asked: String,
        /// What is lacking.
        lack: Lack,
        /// The message of the system.
        why: String,
    },
    /// The connection was established, but TLS failed.
    Tls {
        /// Host and port.
        asked: String,
        /// What is wrong, the end of a sentence about the server.
        why: String,
        /// What to do.
        help: Option<String>,
    },
    /// The proxy does not forward the request.
    Proxy {
        /// The proxy and the variable that names it.
        proxy: String,
        /// What is wrong, the end of a sentence about the proxy.
        why: String,
        /// What to do.
        help: Option<String>,
    },
    /// HTTP/2 was requested, and the server does not speak it.
    NoHttp2 {
        /// Host and port.
        asked: String,
        /// What came instead, a sentence about the server.
        why: String,
    },
    /// The server speaks another protocol.
    NotHttp {
        /// Host and port.
        asked: String,
        /// What the server is and what it sent: the end of a sentence about it.
        why: String,
        /// What to do.
        help: String,
    },
    /// The request cannot be sent as it is.
    Unsendable {
        /// What is wrong, one sentence without a full stop.
        why: String,
    },
}

impl Failure {
    /// What to do, if anything.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Guarded(refusal) => refusal.help.clone(),
            Self::Unresolved { .. } => Some("check the host in the base URL, and the network's name server".to_owned()),
            Self::Refused { .. } => Some("start the server, or correct host and port in the base URL".to_owned()),
            Self::ConnectTimedOut { .. } => {
                Some("check host and port, and whether a firewall lies in between".to_owned())
            }
            Self::Unreachable { .. } | Self::Unsendable { .. } => None,
            Self::Starved { lack, .. } => Some(lack.help().to_owned()),
            Self::NoHttp2 { .. } => Some("leave out --http 2, or name the port on which it speaks HTTP/2".to_owned()),
            Self::NotHttp { help, .. } => Some(help.clone()),
            Self::Tls { help, .. } | Self::Proxy { help, .. } => help.clone(),
        }
    }

    /// Whether a repetition may succeed: the connection was not established, so nothing was sent.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unresolved { .. }
                | Self::Refused { .. }
                | Self::ConnectTimedOut { .. }
                | Self::Unreachable { .. }
                | Self::Starved { lack: Lack::Ports, .. }
        )
    }

    /// From an error of connecting.
    pub(super) fn connecting(asked: &str, error: &io::Error) -> Self {
        let asked = asked.to_owned();
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused { asked },
            _ => match Lack::of(error) {
                Some(lack) => Self::Starved { asked, lack, why: error.to_string() },
                None => Self::Unreachable { asked, why: error.to_string() },
            },
        }
    }

    /// From an error of the TLS handshake. rustls wraps its errors into those of the socket.
    pub(super) fn handshake(asked: &str, error: &io::Error) -> Self {
        let (why, help) =
            tls_cause(error).map_or_else(|| (broken_off(error), Some(IS_IT_PLAIN.to_owned())), handshake_trouble);
        Self::Tls { asked: asked.to_owned(), why, help }
    }

    /// Whether an error of a handshake shows that the other side speaks TLS.
    pub(super) fn is_from_tls(error: &io::Error) -> bool {
        tls_cause(error).is_some_and(|cause| {
            matches!(
                cause,
                TlsError::InvalidCertificate(_)
                    | TlsError::AlertReceived(_)
                    | TlsError::PeerIncompatible(_)
                    | TlsError::NoCertificatesPresented
            )
        })
    }

    /// The server requires a client certificate, or refuses the one that was sent.
    pub(super) fn certificate(asked: &str, shown: bool, alert: Option<AlertDescription>) -> Self {
        let alert_name = alert.map(|alert| format!(" ({alert:?})")).unwrap_or_default();
        let (why, help) = if shown {
            (
                format!("it does not accept the client certificate{alert_name}"),
                "give a certificate from an authority that the server trusts, with --client-cert",
            )
        } else {
            (
                format!("it requires a client certificate, but none is given{alert_name}"),
                "name a certificate with --client-cert, and its key with --client-key",
            )
        };
        Self::Tls { asked: asked.to_owned(), why, help: Some(help.to_owned()) }
    }

    /// From the error of the library for a connection that was not established.
    pub(super) fn connecting_by_library(asked: &str, https: bool, limit: Duration, error: &reqwest::Error) -> Self {
        let asked = asked.to_owned();
        if let Some(error) = tls_cause(error) {
            let (why, help) = handshake_trouble(error);
            return Self::Tls { asked, why, help };
        }
        if error.is_timeout() {
            return Self::ConnectTimedOut { asked, after: limit };
        }
        // An I/O error may wrap another. The innermost says what happened.
        let Some(error) = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last() else {
            return Self::Unreachable { asked, why: error.to_string() };
        };
        match error.kind() {
            // The TCP connection was established, so TLS failed.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe if https => {
                Self::Tls { asked, why: broken_off(error), help: Some(IS_IT_PLAIN.to_owned()) }
            }
            _ => Self::connecting(&asked, error),
        }
    }
}

/// An error and its causes. `source` does not give the error that an I/O error wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

/// The TLS alert that broke the connection, if the server sent one.
pub(super) fn alert(error: &(dyn Error + 'static)) -> Option<AlertDescription> {
    match tls_cause(error) {
        Some(TlsError::AlertReceived(alert)) => Some(*alert),
        _ => None,
    }
}

/// Whether an error is one of TLS.
pub(super) fn speaks_tls(error: &(dyn Error + 'static)) -> bool {
    tls_cause(error).is_some()
}

/// The error of TLS among the causes of an error.
fn tls_cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Guarded(refusal)
    }
}

impl std::fmt::Display for Failure {
    /// One sentence without a full stop. It names the server.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Guarded(refusal) => refusal.fmt(f),
            Self::Unresolved { host, why } => write!(f, "the host {host} has no address: {why}"),
            Self::Refused { asked } => write!(f, "nothing listens on {asked}: the connection was refused"),
            Self::ConnectTimedOut { asked, after } => {
                write!(f, "{asked} did not accept the connection within {after:?}")
            }
            Self::Unreachable { asked, why } => write!(f, "{asked} cannot be reached: {why}"),
            Self::Starved { asked, lack, why } => write!(f, "{asked} cannot be reached: {lack}: {why}"),
            Self::Tls { asked, why, .. } => write!(f, "TLS with {asked} failed: {why}"),
            Self::NoHttp2 { asked, why } => write!(f, "{asked} does not speak HTTP/2: {why}"),
            Self::NotHttp { asked, why, .. } => write!(f, "{asked} does not speak HTTP: {why}"),
            Self::Proxy { proxy, why, .. } => write!(f, "the proxy {proxy} {why}"),
            Self::Unsendable { why } => f.write_str(why),
        }
    }
}

impl Error for Failure {}

/// The help for a server that seems to have no TLS.
const IS_IT_PLAIN: &str = "if it is a server without TLS, write http:// in the base URL";

fn broken_off(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "it broke off the handshake".to_owned()
        }
        _ => format!("the handshake failed: {error}"),
    }
}

/// What is wrong: the end of a sentence about the server. And what to do.
fn handshake_trouble(error: &TlsError) -> (String, Option<String>) {
    let say = |why: &str, help: &str| (why.to_owned(), Some(help.to_owned()));
    match error {
        TlsError::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                say("its certificate has expired", "renew it; if it has been, check this machine's clock")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                say("its certificate is not valid yet", "check this machine's clock")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                say("its certificate is for another name", "use the host that the certificate names in the base URL")
            }
            CertificateError::UnknownIssuer => say(
                "its certificate is from an authority that this machine does not trust",
                "name the authority's certificate with --ca-file, or add it to the machine's trusted certificates",
            ),
            CertificateError::BadSignature => say(
                "its certificate is not signed by the authority that it names",
                "the machine trusts another authority of that name: add the right one",
            ),
            CertificateError::Revoked => say("its certificate is revoked", "renew it"),
            other if other.to_string().contains("CaUsedAsEndEntity") => say(
                "its certificate is that of an authority, which cannot identify a server",
                "give the server a certificate of its own (basicConstraints CA:FALSE)",
            ),
            other => (format!("its certificate is not valid: {other}"), None),
        },
        TlsError::InvalidMessage(_) => say("its response is not TLS", IS_IT_PLAIN),
        TlsError::AlertReceived(AlertDescription::UnrecognisedName) => {
            say("it has no certificate for this host", "check the host in the base URL")
        }
        TlsError::AlertReceived(alert) => (format!("it refused the handshake ({alert:?})"), None),
        TlsError::PeerIncompatible(_) => {
            say("it and this client have no version or cipher in common", "it must speak TLS 1.2 or 1.3")
        }
        other => (other.to_string(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_was_not_established_may_pass() {
        let (asked, why) = ("api.test:80".to_owned(), "why".to_owned());
        for (failure, may) in [
            (Failure::Unresolved { host: asked.clone(), why: why.clone() }, true),
            (Failure::Refused { asked: asked.clone() }, true),
            (Failure::ConnectTimedOut { asked: asked.clone(), after: Duration::ZERO }, true),
            (Failure::Unreachable { asked: asked.clone(), why: why.clone() }, true),
            (Failure::Tls { asked, why: why.clone(), help: None }, false),
            (Failure::Unsendable { why }, false),
        ] {
            assert_eq!(failure.may_pass(), may, "{failure:?}");
        }
    }

    #[test]
    fn a_handshake_that_breaks_off_has_another_message_than_one_with_an_alert() {
        let io = |kind: io::ErrorKind| io::Error::new(kind, "some words");
        for kind in [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe] {
            let failure = Failure::handshake("api.test:443", &io(kind));
            assert!(failure.to_string().contains("it broke off the handshake"), "{failure}");
            assert_eq!(failure.help().as_deref(), Some(IS_IT_PLAIN));
            assert!(!Failure::is_from_tls(&io(kind)) && !speaks_tls(&io(kind)) && alert(&io(kind)).is_none());
        }
        let other = Failure::handshake("api.test:443", &io(io::ErrorKind::NotConnected)).to_string();
        assert!(other.contains("the handshake failed: some words"), "{other}");
        let said = AlertDescription::ProtocolVersion;
        let error = io::Error::new(io::ErrorKind::InvalidData, TlsError::AlertReceived(said));
        assert!(Failure::is_from_tls(&error) && speaks_tls(&error) && alert(&error) == Some(said));
        let not = io::Error::new(io::ErrorKind::InvalidData, TlsError::HandshakeNotComplete);
        assert!(!Failure::is_from_tls(&not) && speaks_tls(&not) && alert(&not).is_none());
    }
}
