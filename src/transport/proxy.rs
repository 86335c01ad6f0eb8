//! The HTTP proxy between this machine and the target, as the usual variables name it.
//!
//! An `https` target is reached through a tunnel (CONNECT), so the bytes of its responses are its own. For an `http` target the
//! proxy receives the whole URL (RFC 9112 §3.2.2) and rewrites the response. A target on this machine is never reached through
//! a proxy.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use percent_encoding::percent_decode_str;
use url::Host;

use super::authority::{self, Authority};
use super::base_url::{BaseUrl, host_of};
use super::failure::Failure;
use crate::exchange::Answer;
use crate::location::InputError;

/// An HTTP proxy.
#[derive(Clone)]
pub struct Proxy {
    authority: Authority,
    login: Option<(String, String)>,
    from: &'static str,
}

impl Proxy {
    /// Reads `[http://][user:password@]host[:port]`. `from` is the variable. Errors do not quote its value, which may hold a
    /// password.
    pub fn parse(text: &str, from: &'static str) -> Result<Self, InputError> {
        let wrong = |why: String| {
            InputError::new(format!("the proxy in {from} {why}"))
                .help(format!("set {from} to http://host:port, or name the target's host in NO_PROXY to do without"))
        };
        authority::tidy(text).map_err(|fault| wrong(fault.why))?;
        let read = match text.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => authority::read(text),
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
                return Err(wrong("has an https:// URL, which is not supported for proxies".to_owned()));
            }
            Some((scheme, _)) if scheme.to_ascii_lowercase().starts_with("socks") => {
                return Err(wrong("is a SOCKS proxy, which is not supported: it must be an HTTP proxy".to_owned()));
            }
            Some(_) => return Err(wrong("has a scheme that is no proxy's".to_owned())),
            None => authority::read(&format!("http://{text}")),
        };
        let (url, authority) = read.map_err(|fault| wrong(fault.why))?;
        if !matches!(url.path(), "" | "/") {
            return Err(wrong("has something after host and port".to_owned()));
        }
        let decoded = |text: &str| match percent_decode_str(text).decode_utf8() {
            Ok(text) if !text.contains(char::is_control) => Ok(text.into_owned()),
            _ => Err(wrong("has a user or password that no field can carry".to_owned())),
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
        };
        Ok(Self { authority, login, from })
    }

    /// The user and the password, if the URL has them.
    pub fn login(&self) -> Option<(&str, &str)> {
        self.login.as_ref().map(|(user, password)| (user.as_str(), password.as_str()))
    }

    /// The variable that names it.
    pub fn from(&self) -> &'static str {
        self.from
    }

    /// The value of Proxy-Authorization, if it has a login.
    pub(super) fn authorization(&self) -> Option<String> {
        let (user, password) = self.login()?;
        let both = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        Some(format!("Basic {both}"))
    }

    /// Its host, an address without brackets.
    pub(super) fn host(&self) -> String {
        self.authority.host()
    }

    /// Its host, if it is an address.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.authority.address()
    }

    /// Its port.
    pub(super) fn port(&self) -> u16 {
        self.authority.port
    }

    /// A failure whose subject is the proxy.
    pub(super) fn failure(&self, why: impl Into<String>, help: Option<String>) -> Failure {
        Failure::Proxy { proxy: format!("{self} ({})", self.from), why: why.into(), help }
    }

    /// From a failure to reach it.
    pub(super) fn unreached(&self, failure: Failure) -> Failure {
        let why = match failure {
            Failure::Unresolved { why, .. } => format!("has a host without an address: {why}"),
            Failure::Refused { .. } => "refused the connection: nothing listens there".to_owned(),
            Failure::ConnectTimedOut { after, .. } => format!("did not accept the connection within {after:?}"),
            Failure::Unreachable { why, .. } => format!("cannot be reached: {why}"),
            other => return other,
        };
        self.failure(why, Some(self.or_without()))
    }

    /// Whether a response comes from the proxy and not from the target: it requires the login of a proxy, or it is a gateway
    /// error that is not JSON and has no Via field (RFC 9110 §7.6.3).
    pub(super) fn is_its_own(answer: &Answer) -> bool {
        let json = answer.value("content-type").is_some_and(|value| value.to_ascii_lowercase().contains("json"))
            || matches!(answer.body.trim_ascii_start().first(), Some(b'{' | b'['));
        match answer.status() {
            Some(407) => true,
            Some(502..=504) if !json && answer.value("via").is_none() => true,
            _ => answer.value("x-squid-error").is_some(),
        }
    }

    /// The failure for a response of the proxy that refuses a tunnel or a request.
    pub(super) fn refused(&self, answer: &Answer, asked: &str) -> Failure {
        let Some(head) = &answer.head else {
            return self.failure(
                format!("answered the request for {asked} with something that is not HTTP"),
                Some(self.or_without()),
            );
        };
        let said = format!("{} {}", head.status, head.reason.trim());
        let said = said.trim();
        if head.status == 407 {
            return match self.login {
                None => self.failure(
                    format!("requires a login ({said})"),
                    Some(format!("put it into {}: http://user:password@{}", self.from, self.authority)),
                ),
                Some(_) => self.failure(
                    format!("does not accept the user and password that are given for it ({said})"),
                    Some(format!("correct them in {}; special characters are percent-encoded there", self.from)),
                ),
            };
        }
        let own = answer.value("x-squid-error").or_else(|| answer.value("server"));
        let own = own.map(|own| format!(", {}", crate::exchange::escape_bytes(own.as_bytes(), 80))).unwrap_or_default();
        let help = match head.status {
            502..=504 => "check the host in the base URL; the proxy could not reach it, or not in time".to_owned(),
            _ => format!("the proxy's rules must allow {asked}; {}", self.or_without()),
        };
        self.failure(format!("answered {said} when asked for {asked}{own}"), Some(help))
    }

    /// The help for a proxy that does not work.
    pub(super) fn or_without(&self) -> String {
        format!("correct {}, or name the target's host in NO_PROXY to do without a proxy", self.from)
    }
}

impl fmt::Display for Proxy {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// Whether a target is reached without a proxy: it is this machine, or the list (`NO_PROXY`) names it.
///
/// An entry is a host, an address, a block of addresses (`10.0.0.0/8`), or `*` for all targets. A host includes all names below
/// it; a dot or `*.` before it is ignored. `:port` after an entry limits it to that port. Entries are separated by commas or
/// spaces.
pub fn goes_direct(base: &BaseUrl, list: Option<&str>) -> bool {
    let entries = list.unwrap_or_default().split(|c: char| c == ',' || c.is_whitespace());
    base.is_loopback() || entries.filter(|entry| !entry.is_empty()).any(|entry| names(entry, base))
}

fn names(entry: &str, base: &BaseUrl) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/') {
        let network = network.trim_matches(['[', ']']).parse().ok();
        return match (network, bits.parse().ok(), base.address()) {
            (Some(network), Some(bits), Some(address)) => within(address, network, bits),
            _ => false,
        };
    }
    let (host, port) = match entry.rsplit_once(':') {
        // More colons than one, without brackets: an IPv6 address.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (entry, None),
    };
    if port.is_some_and(|port| port.parse() != Ok(base.port())) {
        return false;
    }
    let host = host.strip_prefix("*.").or_else(|| host.strip_prefix('.')).unwrap_or(host);
    if base.is_host(host) {
        return true;
    }
    let (Some(Host::Domain(above)), None) = (host_of(host), base.address()) else { return false };
    let own = base.host();
    own.trim_end_matches('.').strip_suffix(above.as_str()).is_some_and(|below| below.ends_with('.'))
}

/// Whether an address lies in a block.
fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address.to_canonical(), network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_proxy_is_read_and_shown_without_its_login() {
        for (text, shown, login) in [
            ("http://proxy.test:3128", "http://proxy.test:3128", None),
            ("proxy.test:3128/", "http://proxy.test:3128", None),
            ("HTTP://10.0.0.1", "http://10.0.0.1:80", None),
            ("http://[::1]:8080", "http://[::1]:8080", None),
            ("http://me:p%40ss%3Aword@proxy.test:1", "http://proxy.test:1", Some(("me", "p@ss:word"))),
            ("me@proxy.test:1", "http://proxy.test:1", Some(("me", ""))),
        ] {
            let proxy = Proxy::parse(text, "HTTPS_PROXY").unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((proxy.to_string().as_str(), proxy.login()), (shown, login), "{text}");
            assert_eq!(proxy.from(), "HTTPS_PROXY");
            assert!(!format!("{proxy:?}").contains("ss"), "{proxy:?}");
        }
        let proxy = Proxy::parse("http://me:hunter22@p.test:1", "HTTPS_PROXY").expect("a proxy");
        assert_eq!(proxy.authorization().as_deref(), Some("Basic bWU6aHVudGVyMjI="));
    }

    #[test]
    fn a_response_of_the_proxy_differs_from_one_that_it_forwards() {
        let own = |text: &str| Proxy::is_its_own(&crate::exchange::Reader::read("GET", text.as_bytes()));
        for text in [
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>",
            "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Length: 0\r\n\r\n",
        ] {
            assert!(own(text), "{text}");
        }
        for text in [
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/JSON\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n  {}",
            "HTTP/1.1 503 Service Unavailable\r\nVia: 1.1 proxy\r\nContent-Length: 0\r\n\r\n",
            "",
        ] {
            assert!(!own(text), "{text}");
        }
    }

    #[test]
    fn each_malformed_proxy_has_its_own_sentence_without_its_password() {
        for (text, part) in [
            ("https://u:hunter22@p.test", "has an https:// URL, which is not supported"),
            ("socks5h://u:hunter22@p.test", "is a SOCKS proxy"),
            ("ftp://u:hunter22@p.test", "a scheme that is no proxy's"),
            ("http://", "has no host"),
            ("http://:3128", "has no host"),
            ("\"http://u:hunter22@p.test\"", "has white space or quotes around it"),
            ("http://u:hunter22@p\t.test", "has white space, control characters"),
            ("http://u:hunter22@p.test:99999", "is not a URL: invalid port number"),
            ("http://u:hunter22@p.test:0", "the port 0, on which nothing can listen"),
            ("http://u:hunter22@p.test?q", "has a query"),
            ("http://u:hunter22@p.test/path", "something after host and port"),
            ("http://u:hunter22%0A@p.test", "a user or password that no field can carry"),
        ] {
            let error = Proxy::parse(text, "HTTPS_PROXY").expect_err(text).to_string();
            assert!(error.contains("the proxy in HTTPS_PROXY") && error.contains(part), "{text}: {error}");
            assert!(!error.contains("hunter22"), "{error}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_suffixes_addresses_blocks_and_ports() {
        for (list, url) in [
            ("*", "https://any.test"),
            ("api.example.com", "https://api.example.com"),
            ("other.test, example.com", "https://API.example.com./v1"),
            (".example.com", "https://example.com"),
            ("*.example.com other.test", "https://a.b.example.com"),
            ("example.com:8443", "https://api.example.com:8443"),
            ("10.1.2.3", "http://10.1.2.3:8080"),
            ("10.0.0.0/8", "http://10.200.0.1"),
            ("0.0.0.0/0", "http://10.200.0.1"),
            ("fd00::/8", "http://[fd12::1]:80"),
            ("fd12::1", "http://[fd12::1]"),
            ("[fd12::1]:8080", "http://[fd12::1]:8080"),
            ("", "http://localhost:1"),
            ("", "http://127.0.0.1"),
            ("", "https://[::1]"),
        ] {
            assert!(goes_direct(&base(url), Some(list)), "{list} {url}");
        }
        for (list, url) in [
            ("", "https://api.example.com"),
            (",, ", "https://api.example.com"),
            ("example.com", "https://badexample.com"),
            ("api.example.com", "https://example.com"),
            ("example.com:443", "https://example.com:8443"),
            ("example.com:x", "https://example.com"),
            ("10.0.0.0/8", "http://11.0.0.1"),
            ("10.0.0.0/8", "http://10.example.com"),
            ("10.0.0.0/99", "http://10.0.0.1"),
            ("0.0.1", "http://10.0.0.1"),
            ("1", "http://10.0.0.1"),
            ("fd00::/8", "http://[fe80::1]"),
        ] {
            assert!(!goes_direct(&base(url), Some(list)), "{list} {url}");
        }
        assert!(!goes_direct(&base("https://api.example.com"), None));
    }
}
