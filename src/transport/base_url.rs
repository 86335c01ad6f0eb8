//! The base URL of a target, read strictly.

use std::net::IpAddr;

use url::{Host, Url};

use super::authority::{self, Authority, UrlFault};
use crate::location::InputError;

/// The help for a base URL that cannot be read.
const FORM: &str = "it is like https://api.example.com/v1";

/// Where a target is: scheme, host, port, and the path under which its API lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    https: bool,
    authority: Authority,
    origin: String,
    base_path: String,
}

impl BaseUrl {
    /// Reads `http[s]://host[:port][/path]`. Each mistake has its own message: another scheme or none, no host, a user or
    /// password, a query, a fragment, white space or quotes around the URL. Host names in other scripts are converted to
    /// punycode. A slash at the end of the path is ignored.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        // A text with an @ may hold a password, so it is not quoted.
        let quotable = !text.contains('@');
        let shown = if quotable { format!("the base URL {text:?}") } else { "the base URL".to_owned() };
        let wrong = |why: &str| InputError::new(format!("{shown} {why}"));
        let faulty = |fault: UrlFault| {
            let error = wrong(&fault.why);
            match fault.help {
                Some(help) => error.help(help),
                None => error.help(FORM),
            }
        };
        if text.is_empty() {
            return Err(InputError::new("the base URL is empty").help(FORM));
        }
        if let Err(fault) = authority::tidy(text) {
            let bare = authority::bare(text);
            let error = faulty(fault);
            return Err(if quotable && bare != text { error.help(format!("write it as {bare}")) } else { error });
        }
        let Some((scheme, _)) = text.split_once("://") else {
            let help = if quotable { format!("did you mean http://{text}?") } else { FORM.to_owned() };
            return Err(wrong("does not begin with http:// or https://").help(help));
        };
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(
                wrong(&format!("has the scheme {scheme:?}, which is not supported")).help("use http:// or https://")
            );
        }
        let (url, authority) = authority::read(text).map_err(faulty)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InputError::new("the base URL has a user name or password in it")
                .help("put credentials into the variables that the suite names"));
        }
        Ok(Self {
            https: url.scheme() == "https",
            authority,
            origin: url.origin().ascii_serialization(),
            base_path: url.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Whether it is `https`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host: a name in lower case (punycode), or an address without brackets.
    pub fn host(&self) -> String {
        self.authority.host()
    }

    /// The host if it is an address.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.authority.address()
    }

    /// The port; that of the scheme if the URL has none.
    pub fn port(&self) -> u16 {
        self.authority.port
    }

    /// `http://host:port`, without the port if it is that of the scheme.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The value of the Host field: the origin without its scheme.
    pub(super) fn authority(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// `host:port`, always with the port: the target of a CONNECT request.
    pub(super) fn authority_with_port(&self) -> String {
        self.authority.to_string()
    }

    /// The path without a slash at its end; empty for the root.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Whether the host is this machine: 127.0.0.0/8, `::1`, `localhost` and names below it (RFC 6761 §6.3).
    pub fn is_loopback(&self) -> bool {
        match &self.authority.host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => IpAddr::from(*address).to_canonical().is_loopback(),
            Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                name == "localhost" || name.ends_with(".localhost")
            }
        }
    }

    /// Whether its host is that of `other`, which is a host or a URL. Scheme, case, port, path, user, and a dot at the end are
    /// ignored.
    pub fn is_host(&self, other: &str) -> bool {
        host_of(other).is_some_and(|other| other == plain(&self.authority.host))
    }
}

impl std::fmt::Display for BaseUrl {
    /// Origin and path, without a slash at the end.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin, self.base_path)
    }
}

/// The host of a URL or of `host[:port]`, normalised for comparison.
pub(super) fn host_of(text: &str) -> Option<Host<String>> {
    let text = text.trim();
    let url = match text.split_once("//") {
        Some((_, rest)) => format!("http://{rest}"),
        None if text.parse::<std::net::Ipv6Addr>().is_ok() => format!("http://[{text}]"),
        None => format!("http://{text}"),
    };
    Url::parse(&url).ok()?.host().map(|host| plain(&host.to_owned()))
}

/// A host for comparison: without a dot at the end, and an IPv4 address that is mapped into IPv6 as IPv4.
fn plain(host: &Host<String>) -> Host<String> {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_ascii_lowercase()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => address.to_ipv4_mapped().map_or(Host::Ipv6(*address), Host::Ipv4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn origin_and_path_are_taken_apart() {
        for (text, origin, path) in [
            ("http://example.com", "http://example.com", ""),
            ("http://example.com/", "http://example.com", ""),
            ("HTTPS://Example.COM:443/v1/", "https://example.com", "/v1"),
            ("http://example.com:8080/a/b//", "http://example.com:8080", "/a/b"),
            ("http://[::1]:8080/v1", "http://[::1]:8080", "/v1"),
            ("https://bücher.example/v1", "https://xn--bcher-kva.example", "/v1"),
            ("http://10.0.0.1/%7Ex", "http://10.0.0.1", "/%7Ex"),
        ] {
            let base = base(text);
            assert_eq!((base.origin(), base.base_path()), (origin, path), "{text}");
        }
        assert_eq!(base("http://[::1]:8080").authority(), "[::1]:8080");
        assert_eq!(base("http://[::1]:8080").host(), "::1");
        assert_eq!(base("https://h.example").port(), 443);
    }

    #[test]
    fn each_mistake_has_its_own_message() {
        for (text, part) in [
            ("", "is empty"),
            ("example.com/v1", "does not begin with http:// or https://"),
            ("localhost:8080", "did you mean http://localhost:8080?"),
            ("/v1", "does not begin with"),
            ("http:example.com", "does not begin with"),
            ("ftp://example.com", "scheme \"ftp\""),
            ("http://", "has no host"),
            ("http:///v1", "has no host"),
            ("http://:8080/v1", "has no host"),
            ("https://?x", "has no host"),
            ("http://example.com?x=1", "has a query"),
            ("http://example.com/v1#top", "has a fragment"),
            ("http://user:hunter22@example.com", "user name or password"),
            ("http://user:hunter22@exa mple.com", "the base URL has white space"),
            (" http://user:hunter22@example.com", "the base URL has white space or quotes around it"),
            ("user:hunter22@example.com", "does not begin with http:// or https://"),
            ("http://user:hunter22@example.com:99999", "is not a URL: invalid port number"),
            ("http://user:hunter22@example.com?x", "has a query"),
            (" http://example.com", "write it as http://example.com"),
            ("\"http://example.com\"", "white space or quotes around it"),
            ("http://example.com\n", "white space or quotes around it"),
            ("http://exa mple.com", "white space"),
            ("http://example.com\\v1", "backslashes"),
            ("http://example.com:99999", "is not a URL: invalid port number"),
            ("http://example.com:0", "the port 0"),
            ("http://[::1", "is not a URL"),
            ("http://a%00b/", "is not a URL"),
        ] {
            let error = BaseUrl::parse(text).expect_err(text).to_string();
            assert!(error.contains(part), "{text:?} gave {error}");
            assert!(!error.contains("hunter22"), "{error}");
        }
    }

    #[test]
    fn loopback_is_recognised_in_every_spelling() {
        for text in [
            "http://localhost",
            "http://LOCALHOST.:1",
            "http://api.localhost",
            "http://127.0.0.1:1",
            "http://127.1",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(base(text).is_loopback(), "{text}");
        }
        for text in ["http://localhost.example.com", "http://128.0.0.1", "http://[::2]", "http://0.0.0.0"] {
            assert!(!base(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn hosts_are_compared_without_what_does_not_matter() {
        let base = base("https://API.example.com.:8443/v1");
        for other in [
            "api.example.com",
            "API.EXAMPLE.COM",
            "api.example.com.",
            "api.example.com:1",
            "http://api.example.com/other",
            "https://user@api.example.com:9/",
            "//api.example.com/v1",
        ] {
            assert!(base.is_host(other), "{other}");
        }
        for other in ["example.com", "api.example.com.evil.org", "xapi.example.com", "", "/v1", "{api_base_url}"] {
            assert!(!base.is_host(other), "{other}");
        }
        assert!(BaseUrl::parse("http://127.0.0.1").is_ok_and(|base| base.is_host("[::ffff:127.0.0.1]")));
    }
}
