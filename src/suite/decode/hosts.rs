//! `staging` and `production` of a suite: the hosts that are not production, and those that are.

use super::context::Decoder;
use crate::suite::hosts::DeclaredHosts;
use crate::suite::strict::shown;
use crate::tree::Node;

impl Decoder<'_> {
    /// Reads both lists. No host may be in both.
    pub(super) fn declared_hosts(&mut self, suite: &Node) -> DeclaredHosts {
        let staging = suite.get("staging").map_or_else(Vec::new, |node| self.hosts(node, "staging"));
        let production = suite.get("production").map_or_else(Vec::new, |node| self.hosts(node, "production"));
        for (host, node) in &production {
            if staging.iter().any(|(other, _)| bare(other) == bare(host)) {
                let message = format!("`{}` is under `staging` and under `production`", shown(host));
                self.strict.error(node.span, message, "Keep it in one of the two lists.");
            }
        }
        let names = |hosts: Vec<(String, &Node)>| hosts.into_iter().map(|(host, _)| host).collect();
        DeclaredHosts { staging: names(staging), production: names(production) }
    }

    /// Reads a list of hosts. Only the host of a target is compared, so a port, path or pattern is refused.
    fn hosts<'n>(&mut self, node: &'n Node, key: &str) -> Vec<(String, &'n Node)> {
        let example = if key == "production" { "api" } else { key };
        let help = format!("Write a list of hosts, such as `{key}: [{example}.example.com]`.");
        let Some(items) = self.strict.sequence(node, &format!("`{key}`"), &help) else { return Vec::new() };
        if items.is_empty() {
            self.strict.error(node.span, format!("`{key}` is empty"), &help);
        }
        let mut hosts = Vec::new();
        for item in items {
            let Some(text) = self.strict.string(item, &format!("a host of `{key}`"), &help) else { continue };
            let is_address = bare(text).parse::<std::net::IpAddr>().is_ok();
            if !is_address && (text.contains(|c: char| ":/?#@*{}[]".contains(c)) || url::Host::parse(text).is_err()) {
                let message = format!("`{}` is not a host", shown(text));
                let help =
                    format!("Write only the host, such as `{example}.example.com`: no scheme, port, path or pattern.");
                self.strict.error(item.span, message, help);
            }
            hosts.push((text.to_owned(), item));
        }
        hosts
    }
}

/// A host for comparison: in lower case, without brackets, and without a dot at the end.
fn bare(host: &str) -> String {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    inside.trim_end_matches('.').to_ascii_lowercase()
}
