//! Refuses the server that the document itself names: that is where real data lives.

use super::BaseUrl;
use super::base_url::host_of;
use crate::location::InputError;
use crate::spec::Document;

/// Refuses a base URL whose host is one of the document's own default servers. Scheme, port, path, case, dots at the end
/// and how its characters are written (percent-encoded, full-width, other dots) do not matter: production answers under
/// all of them. Servers without a host, or on this machine, name no
/// production. Other names of the same machine cannot be known without asking the network, so they are not found.
pub fn refuse_production(base: &BaseUrl, document: &Document) -> Result<(), InputError> {
    if base.is_loopback() {
        return Ok(());
    }
    let own = document.servers.iter().chain(document.operations.iter().flat_map(|operation| &operation.servers));
    let Some(server) = own.map(|server| &server.default_url).find(|url| has_host(url) && base.is_host(url)) else {
        return Ok(());
    };
    Err(InputError::new(format!(
        "{} is the server that {} itself names ({server}): production is not tested by deleting from it",
        base.host(),
        document.source.name(),
    ))
    .help("point the base URL at a staging system, or pass --allow-production if this is meant"))
}

/// Whether a server URL names a host at all: a relative one begins with a path.
fn has_host(url: &str) -> bool {
    url.contains("//") && host_of(url).is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::location::{Anchor, Source, Span};
    use crate::spec::Server;
    use crate::tree::{Node, Tree, Value};

    fn document(urls: &[&str]) -> Document {
        let anchor = Anchor { pointer: Arc::from("/servers/0"), line: 1 };
        let source = Source::new("api.yaml", "");
        let root = Node { value: Value::Null, span: Span::new(0, 0) };
        let server = |url: &&str| Server {
            template: (*url).to_owned(),
            default_url: (*url).to_owned(),
            variables: Vec::new(),
            anchor: anchor.clone(),
        };
        Document {
            tree: Arc::new(Tree { source: source.clone(), root }),
            source,
            title: String::new(),
            version: String::new(),
            openapi: "3.0.1".to_owned(),
            sha256: String::new(),
            operations: Vec::new(),
            servers: urls.iter().map(server).collect(),
            schemes: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn refused(base: &str, urls: &[&str]) -> Option<String> {
        let base = BaseUrl::parse(base).unwrap_or_else(|error| panic!("{error}"));
        refuse_production(&base, &document(urls)).err().map(|error| error.to_string())
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
}
