//! The bytes of a request as it was sent, for people. The judged client, the library and HTTP/2 add different fields.

use super::options::ClientOptions;
use super::proxy::Proxy;
use super::wire::Preamble;
use crate::exchange::{Protocol, Request};

/// The bytes of a request; over HTTP/2 its fields as lines.
pub(super) fn bytes(
    request: &Request,
    protocol: Protocol,
    preamble: &Preamble,
    authority: &str,
    options: &ClientOptions,
) -> Vec<u8> {
    let mut out = Vec::new();
    match protocol {
        _ if options.http2 => by_http2(request, authority, options, &mut out),
        Protocol::Library => by_library(request, preamble, authority, options, &mut out),
        _ => preamble.write(request, &mut out),
    }
    out
}

/// The library writes names in lower case: first the fields of the request, then the defaults with Accept first, and last Host
/// and Content-Length.
fn by_library(request: &Request, preamble: &Preamble, authority: &str, options: &ClientOptions, out: &mut Vec<u8>) {
    let login = options.proxy.as_ref().filter(|_| preamble.names_origin()).and_then(Proxy::authorization);
    start(out, &[&request.method, " ", preamble.origin(), &request.target, " HTTP/1.1\r\n"]);
    for (name, value) in &request.fields {
        field(out, name, value);
    }
    let mut added = missing(request, options);
    added.sort_by_key(|(name, _)| *name != "accept");
    for (name, value) in added {
        field(out, name, value);
    }
    if let Some(login) = login {
        field(out, "proxy-authorization", &login);
    }
    field(out, "host", authority);
    if let Some(body) = &request.body {
        field(out, "content-length", &body.len().to_string());
    }
    end(request, out);
}

fn by_http2(request: &Request, authority: &str, options: &ClientOptions, out: &mut Vec<u8>) {
    start(out, &[&request.method, " ", &request.target, " HTTP/2\r\n"]);
    field(out, ":authority", authority);
    for (name, value) in missing(request, options) {
        field(out, name, value);
    }
    for (name, value) in &request.fields {
        field(out, name, value);
    }
    if let Some(body) = &request.body {
        field(out, "content-length", &body.len().to_string());
    }
    end(request, out);
}

/// The default fields that a request does not set itself.
fn missing<'a>(request: &Request, options: &'a ClientOptions) -> Vec<(&'static str, &'a str)> {
    let mut all = vec![("user-agent", options.user_agent.as_str()), ("accept", "*/*"), ("accept-encoding", "identity")];
    all.retain(|(name, _)| !request.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
    all
}

fn start(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    start(out, &[&name.to_ascii_lowercase(), ": ", value, "\r\n"]);
}

fn end(request: &Request, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(request.body.as_deref().unwrap_or_default());
}
