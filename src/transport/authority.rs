//! The host and port in the URL of a target or a proxy. They are read strictly, because a URL that is nearly right may lead to
//! another server.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// A host and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: Host<String>,
    pub(super) port: u16,
}

/// Why a URL is refused. The texts do not quote the URL, which may hold a password.
#[derive(Debug)]
pub(super) struct UrlFault {
    /// What is wrong: the end of a sentence that begins with `the base URL`.
    pub(super) why: String,
    /// What to do, if there is something special.
    pub(super) help: Option<&'static str>,
}

impl UrlFault {
    fn new(why: impl Into<String>, help: Option<&'static str>) -> Self {
        Self { why: why.into(), help }
    }
}

/// The text without white space and quotes around it.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>'))
}

/// Refuses characters that the URL standard removes or replaces.
pub(super) fn tidy(text: &str) -> Result<(), UrlFault> {
    if bare(text) != text {
        return Err(UrlFault::new("has white space or quotes around it", None));
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(UrlFault::new(
            "has white space, control characters or backslashes inside",
            Some("percent-encode what belongs there"),
        ));
    }
    Ok(())
}

/// Reads a URL whose scheme was checked. It must have no query and no fragment.
pub(super) fn read(text: &str) -> Result<(Url, Authority), UrlFault> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    // The URL standard accepts `http:///x` and `http://:80`, which are mistakes.
    if rest.is_empty() || rest.starts_with(['/', ':', '?', '#']) {
        return Err(UrlFault::new("has no host", None));
    }
    let url = Url::parse(text).map_err(|error| UrlFault::new(format!("is not a URL: {error}"), None))?;
    if url.query().is_some() {
        return Err(UrlFault::new("has a query", Some("leave out the question mark and what follows")));
    }
    if url.fragment().is_some() {
        return Err(UrlFault::new("has a fragment", Some("leave out the # and what follows")));
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(UrlFault::new("has no host", None));
    };
    if port == 0 {
        return Err(UrlFault::new("has the port 0, on which nothing can listen", None));
    }
    let authority = Authority { host: host.to_owned(), port };
    Ok((url, authority))
}

impl Authority {
    /// The host: a name in lower case (punycode), or an address without brackets.
    pub(super) fn host(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// The host if it is an address.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match &self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some((*address).into()),
            Host::Ipv6(address) => Some((*address).into()),
        }
    }
}

impl fmt::Display for Authority {
    /// `host:port`, an IPv6 address in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
