//! Refuses the servers that the document names, because they hold real data.

use std::borrow::Cow;

use url::Host;

use super::base_url::{BaseUrl, host_of};
use crate::location::InputError;
use crate::spec::{Document, Server};
use crate::suite::DeclaredHosts;

/// Up to this many combinations of the values of a server's variables are tried. Beyond that each variable matches any text, so
/// that no document can make this take long. That refuses more hosts, never fewer.
const MOST: usize = 4096;

/// Refuses a base URL whose host is that of a server of the document, with each variable at its default or at any value of its
/// `enum`. Scheme, port, path, case, dots at the end, and the spelling of characters (percent-encoded, full-width, other dots)
/// are ignored. Servers without a host, or on this machine, are no production. Other names of the same machine are not found,
/// because that would need the network; nor are values of a variable without an `enum`.
///
/// `hosts` has what the file `suite` says of hosts:
///
/// - `staging` allows hosts from an `enum`, but never a default, because a user who chooses nothing uses the default.
/// - `production` replaces the hosts of the document: its hosts are refused, and those of the document are allowed. If the
///   document has several default hosts, at least one of the others must be in the list. Otherwise a list of any host would
///   allow them all. Gives a note if a host of the document is allowed, because that must never happen in silence.
pub fn refuse_production(
    base: &BaseUrl,
    document: &Document,
    hosts: &DeclaredHosts,
    suite: &str,
) -> Result<Option<String>, InputError> {
    if base.is_loopback() {
        return Ok(None);
    }
    if let Some(host) = hosts.production.iter().find(|host| base.is_host(host)) {
        return Err(InputError::new(format!(
            "refused to run: {} is a production host by {suite} (`production: [{host}]`), and a run makes and deletes objects",
            base.host(),
        ))
        .help("name a staging system as the base URL; to run against this server all the same, pass --allow-production"));
    }
    let Some(listed) = listed(base, document, hosts, suite) else { return Ok(None) };
    if hosts.production.is_empty() {
        return Err(listed);
    }
    let others = other_defaults(base, document);
    let is_production = |other: &String| hosts.production.iter().any(|host| host_of(host) == host_of(other));
    if let Some(other) = others.first().filter(|_| !others.iter().any(is_production)) {
        return Err(listed.help(format!(
            "{} lists other servers too, and `production` of {suite} names none of them; if {other} is the production host, \
             add it there, or pass --allow-production",
            document.source.name(),
        )));
    }
    Ok(Some(format!(
        "{suite} says which hosts are production (`production: [{}]`), so {} is allowed, although {} lists it as a server",
        hosts.production.join(", "),
        base.host(),
        document.source.name(),
    )))
}

/// The refusal of a base URL whose host a server of the document has, unless `staging` allows it.
fn listed(base: &BaseUrl, document: &Document, hosts: &DeclaredHosts, suite: &str) -> Option<InputError> {
    let named = hosts.staging.iter().any(|host| base.is_host(host));
    let refusal = |server: &str, by: &str| {
        InputError::new(format!(
            "refused to run: {} is a server that {} lists ({server}{by}), so it may hold production data, and a run makes \
             and deletes objects",
            base.host(),
            document.source.name(),
        ))
    };
    if let Some(server) = servers(document).find(|server| names_host(&server.default_url, base)) {
        let refusal = refusal(&server.default_url, "");
        return Some(if named {
            refusal.help(format!(
                "{suite} lists it under `staging`, but that cannot allow a host that the document names by default; name the \
                 production hosts by `production` if they are others; to run against this server all the same, pass \
                 --allow-production"
            ))
        } else {
            refusal.help(
                "name a staging system as the base URL; to run against this server all the same, pass --allow-production",
            )
        });
    }
    let server = servers(document).find(|server| !named && may_be(server, base))?;
    Some(refusal(&server.template, ", by the `enum` of its variables").help(format!(
        "point the base URL at a staging system; if this is one, write `staging: [{}]` into {suite}, or pass \
         --allow-production",
        base.host(),
    )))
}

/// The default hosts of the document besides that of the base URL, without those on this machine.
fn other_defaults(base: &BaseUrl, document: &Document) -> Vec<String> {
    let hosts = servers(document).filter_map(|server| host_of(&host_in(&server.default_url)?));
    let hosts = hosts.map(|host| host.to_string()).filter(|host| !base.is_host(host));
    hosts.filter(|host| !BaseUrl::parse(&format!("http://{host}")).is_ok_and(|url| url.is_loopback())).collect()
}

/// The servers of the document and of its operations.
fn servers(document: &Document) -> impl Iterator<Item = &Server> {
    document.servers.iter().chain(document.operations.iter().flat_map(|operation| operation.servers.iter()))
}

/// Whether a server URL without variables has the host of the base URL.
fn names_host(url: &str, base: &BaseUrl) -> bool {
    host_in(url).is_some_and(|url| base.is_host(&url))
}

/// A server URL with a host; none if it is relative. A URL without a scheme is relative by the standard, but the writer of
/// `prod.example.com/v1` means a host.
fn host_in(url: &str) -> Option<Cow<'_, str>> {
    let url = url.trim();
    if url.contains("//") {
        return host_of(url).map(|_| Cow::Borrowed(url));
    }
    let first = url.split(['/', '?', '#']).next().unwrap_or_default();
    let port = first.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let means_host = port || (!first.starts_with('.') && host_of(first).is_some_and(|host| has_dot(&host)));
    means_host.then(|| Cow::Owned(format!("//{url}")))
}

fn has_dot(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name.contains('.'),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    }
}

/// Whether some values of the variables give the host of the base URL.
fn may_be(server: &Server, base: &BaseUrl) -> bool {
    let head = before_path(&server.template);
    let variables: Vec<UrlVariable<'_>> = server
        .variables
        .iter()
        .zip(&server.values)
        .map(|(name, values)| UrlVariable { written: format!("{{{name}}}"), values })
        .filter(|variable| head.contains(&variable.written))
        .collect();
    let together = variables.iter().map(|variable| variable.values.len()).fold(1, usize::saturating_mul);
    // The values of one variable are no product, however many there are.
    if together <= MOST || variables.len() == 1 {
        return choose(head, &variables, base);
    }
    fits(head, &variables, base)
}

/// A variable of a server's URL.
struct UrlVariable<'a> {
    /// Its name with braces.
    written: String,
    values: &'a [String],
}

/// Tries every value of the first variable, with every value of the others.
fn choose(url: &str, variables: &[UrlVariable<'_>], base: &BaseUrl) -> bool {
    let Some((variable, others)) = variables.split_first() else { return names_host(url, base) };
    variable.values.iter().any(|value| choose(&url.replace(&variable.written, value), others, base))
}

/// The part of a URL template before the path: up to the slash, question mark or hash after the host.
fn before_path(template: &str) -> &str {
    let after_scheme = outside_braces(template, "//").map_or(0, |at| at + 2);
    let end = ["/", "?", "#"].iter().filter_map(|mark| outside_braces(&template[after_scheme..], mark)).min();
    &template[..end.map_or(template.len(), |end| after_scheme + end)]
}

/// The offset of a text outside of braces.
fn outside_braces(template: &str, wanted: &str) -> Option<usize> {
    template.match_indices(wanted).map(|(at, _)| at).find(|at| {
        let before = &template[..*at];
        before.matches('{').count() == before.matches('}').count()
    })
}

/// Whether the host of the base URL matches a URL whose variables match any text. True if that cannot be read as a host.
fn fits(head: &str, variables: &[UrlVariable<'_>], base: &BaseUrl) -> bool {
    /// Replaces a variable: a label that no document has.
    const ANY: &str = "x0any0x";
    let filled = variables.iter().fold(head.to_owned(), |url, variable| url.replace(&variable.written, ANY));
    let filled = filled.split_once("//").map_or(filled.as_str(), |(_, rest)| rest);
    // The port does not matter, and a variable in its place is no number.
    let before_port = filled.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(filled, |(host, _)| host);
    let Some(host) = host_of(before_port) else { return true };
    let host = host.to_string();
    let own = base.host();
    let mut rest = own.trim_end_matches('.');
    let mut pieces = host.split(ANY);
    let first = pieces.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let mut last = None;
    for piece in pieces {
        if let Some(piece) = last.replace(piece) {
            let Some((_, after)) = rest.split_once(piece) else { return false };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::location::{Anchor, Source, Span};
    use crate::tree::{Node, Tree, Value};

    fn server(template: &str, variables: &[(&str, &[&str])]) -> Server {
        let names: Vec<String> = variables.iter().map(|(name, _)| (*name).to_owned()).collect();
        let values: Vec<Vec<String>> =
            variables.iter().map(|(_, values)| values.iter().map(|value| (*value).to_owned()).collect()).collect();
        let default_url = names
            .iter()
            .zip(&values)
            .fold(template.to_owned(), |url, (name, values)| url.replace(&format!("{{{name}}}"), &values[0]));
        let anchor = Anchor { pointer: Arc::from("/servers/0"), line: 1 };
        Server { template: template.to_owned(), default_url, variables: names, values, anchor }
    }

    fn document(servers: Vec<Server>) -> Document {
        let source = Source::new("api.yaml", "");
        let root = Node { value: Value::Null, span: Span::new(0, 0) };
        Document {
            tree: Arc::new(Tree { source: source.clone(), root }),
            source,
            title: String::new(),
            version: String::new(),
            openapi: "3.0.1".to_owned(),
            sha256: String::new(),
            operations: Vec::new(),
            servers,
            schemes: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn refused(base: &str, urls: &[&str]) -> Option<String> {
        refused_of(base, urls.iter().map(|url| server(url, &[])).collect(), &[])
    }

    fn refused_of(base: &str, servers: Vec<Server>, staging: &[&str]) -> Option<String> {
        let error = declared(base, servers, staging, &[]).err()?;
        Some(format!("{error} {}", error.help.as_deref().unwrap_or_default()))
    }

    fn declared(
        base: &str,
        servers: Vec<Server>,
        staging: &[&str],
        production: &[&str],
    ) -> Result<Option<String>, InputError> {
        let base = BaseUrl::parse(base).unwrap_or_else(|error| panic!("{error}"));
        let list = |hosts: &[&str]| hosts.iter().map(|host| (*host).to_owned()).collect();
        let hosts = DeclaredHosts { staging: list(staging), production: list(production) };
        refuse_production(&base, &document(servers), &hosts, "a.yaml")
    }

    #[test]
    fn the_production_hosts_of_a_suite_replace_those_of_the_document() {
        let fetched = || vec![server("https://staging.vendor.example/v1", &[])];
        let production = &["API.vendor.example."];
        let refused = declared("https://api.vendor.example/v1", fetched(), &[], production).expect_err("production");
        assert!(refused.to_string().contains("is a production host by a.yaml"), "{refused}");
        let note = declared("https://staging.vendor.example/v1", fetched(), &[], production).expect("it is allowed");
        let note = note.expect("and this is said");
        assert!(note.contains("so staging.vendor.example is allowed, although api.yaml lists it"), "{note}");
        // Nothing of the document is used, so nothing is said.
        assert_eq!(declared("https://next.vendor.example", fetched(), &[], production).ok(), Some(None));
        let chosen = || vec![server("https://{stage}.example.com", &[("stage", &["api", "staging"])])];
        let note = declared("https://staging.example.com", chosen(), &[], &["api.example.com"]);
        assert!(note.is_ok_and(|note| note.is_some()));
        assert!(declared("https://api.example.com", chosen(), &["staging.example.com"], &["api.example.com"]).is_err());
    }

    #[test]
    fn a_list_of_any_host_does_not_allow_every_server_of_a_document() {
        let servers = || {
            vec![
                server("https://api.vendor.example", &[]),
                server("eu.vendor.example/v1", &[]),
                server("http://localhost:3000", &[]),
            ]
        };
        let error =
            declared("https://api.vendor.example", servers(), &[], &["nowhere.example"]).expect_err("two servers");
        let help = error.help.as_deref().unwrap_or_default();
        assert!(help.contains("`production` of a.yaml names none of them; if eu.vendor.example is"), "{help}");
        let other = declared("https://api.vendor.example", servers(), &[], &["nowhere.example", "EU.vendor.example"]);
        assert!(other.is_ok_and(|note| note.is_some()));
        let local = vec![server("https://api.vendor.example", &[]), server("http://localhost:3000", &[])];
        assert!(
            declared("https://api.vendor.example", local, &[], &["nowhere.example"]).is_ok_and(|note| note.is_some())
        );
    }

    #[test]
    fn the_documents_own_host_is_refused_however_it_is_written() {
        for base in [
            "https://api.vendor.example/v1",
            "https://API.Vendor.Example/v1",
            "https://api.vendor.example./v1",
            "http://api.vendor.example:8080",
            "https://api.vendor.example/other/path",
            "https://api.vendor.example../v1",
            "https://%61pi.vendor.example/v1",
            "https://api%2Evendor%2eexample/v1",
            "https://api%EF%BC%8Evendor.example/v1",
            "https://ａｐｉ.vendor.example/v1",
            "https://api。vendor．example。/v1",
            "https://API.VENDOR.EXAMPLE.:443",
            "https://a\u{ad}pi.vendor.example",
            "https://api.vendor.exam\u{200b}ple",
        ] {
            let error = refused(base, &["/v0", "https://api.vendor.example/v1"]).expect(base);
            assert!(error.contains("--allow-production"), "{error}");
        }
    }

    #[test]
    fn other_hosts_pass() {
        for (base, server) in [
            ("https://staging.vendor.example/v1", "https://api.vendor.example/v1"),
            ("https://api.vendor.example.test", "https://api.vendor.example/v1"),
            ("https://v1.example", "/v1"),
            ("https://v1", "v1"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/v1"),
        ] {
            assert_eq!(refused(base, &[server]), None);
        }
    }

    #[test]
    fn a_url_without_a_scheme_names_a_host_too() {
        for (server, base) in [
            ("prod.example.com/v1", "https://prod.example.com/v1"),
            ("prod.example.com", "https://PROD.example.com"),
            ("prod.example.com:8443/v1", "https://prod.example.com"),
            ("prod:8443/v1", "https://prod"),
            ("10.1.2.3/v1", "https://10.1.2.3"),
            ("//prod.example.com/v1", "https://prod.example.com"),
        ] {
            assert!(refused(base, &[server]).is_some(), "{server}");
        }
        for server in ["v1", "./prod.example.com", "../v1.0", "/prod.example.com", "", ":", "?x=prod.example.com"] {
            assert_eq!(refused("https://prod.example.com", &[server]), None, "{server}");
        }
    }

    #[test]
    fn every_host_that_an_enum_can_give_is_refused() {
        let servers = || {
            vec![
                server(
                    "https://{tenant}.api.example.com/{base}",
                    &[("tenant", &["acme", "umbrella"]), ("base", &["v1", "v2"])],
                ),
                server(
                    "{scheme}://{host}:{port}",
                    &[
                        ("scheme", &["https", "http"]),
                        ("host", &["a.example", "b.example"]),
                        ("port", &["443", "8443"]),
                    ],
                ),
                server("{url}", &[("url", &["https://one.example/v1", "//two.example", "three.example/v1", "/here"])]),
            ]
        };
        for host in
            ["acme.api.example.com", "umbrella.api.example.com", "UMBRELLA.api.example.com.", "a.example", "b.example"]
                .iter()
                .chain(&["one.example", "two.example", "three.example"])
        {
            let error = refused_of(&format!("https://{host}:1/x"), servers(), &[]).expect(host);
            assert!(error.contains("--allow-production"), "{error}");
        }
        for host in ["other.api.example.com", "api.example.com", "v2", "c.example", "here", "v1"] {
            assert_eq!(refused_of(&format!("https://{host}"), servers(), &[]), None, "{host}");
        }
    }

    #[test]
    fn a_host_that_the_suite_calls_staging_passes_unless_it_is_a_default() {
        let servers = || vec![server("https://{stage}.example.com", &[("stage", &["api", "staging", "next"])])];
        let staging = &["Staging.example.com.", "api.example.com"];
        assert_eq!(refused_of("https://staging.example.com", servers(), staging), None);
        let other = refused_of("https://next.example.com", servers(), staging).expect("it is not named");
        assert!(other.contains("`staging: [next.example.com]` into a.yaml"), "{other}");
        let default = refused_of("https://api.example.com", servers(), staging).expect("it is the default");
        assert!(default.contains("cannot allow a host that the document names by default"), "{default}");
    }

    #[test]
    fn variables_of_too_many_values_stand_for_any_text() {
        let many: Vec<String> = (0..200).map(|number| format!("v{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let servers = |template: &str| {
            let names = ["a", "b", "c", "d"];
            vec![server(template, &names.map(|name| (name, many.as_slice())))]
        };
        for (template, base, is_refused) in [
            ("https://{a}.{b}.{c}.example.com:{d}/x", "https://v1.v2.v199.example.com", true),
            ("https://{a}.{b}.{c}.example.com/{d}", "https://staging.example.org", false),
            ("https://{a}.{b}.{c}.example.com", "https://example.com", false),
            ("https://x{a}{b}{c}.example.com", "https://v1.example.com", false),
            ("https://{a}-mid-{b}{c}", "https://v1-mid-v2v3", true),
            ("{a}.{b}.{c}/v1", "https://v1.v2.v3", true),
            ("https://exa mple{a}{b}{c}", "https://v1.example", true),
            // Only the path is open here.
            ("https://api.example.com/{a}/{b}/{c}/{d}", "https://api.example.com", true),
            ("https://api.example.com/{a}/{b}/{c}/{d}", "https://staging.example.com", false),
            ("/{a}/{b}/{c}/{d}", "https://v1", false),
        ] {
            let refused = refused_of(base, servers(template), &[]);
            assert_eq!(refused.is_some(), is_refused, "{template} {base}: {refused:?}");
        }
    }
}
