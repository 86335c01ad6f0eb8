//! Who answered, where it was not the API: a gateway's own error page, or a login page in front of it.
//!
//! Such an answer says nothing about the API, so it is an error and no violation. The doubt goes to the API: only a
//! gateway's status, or a page that asks to log in, is ever taken away from judgement, and never one that is JSON. An
//! HTML page under any other status is the API's own answer.

use memchr::memmem;

use crate::exchange::Answer;

/// How much of a body is looked at.
const WINDOW: usize = 16 * 1024;

/// Marks in a page, in lower case, and who writes it.
const PAGES: &[(&str, &str)] = &[
    ("<center>openresty", "OpenResty"),
    ("<center>nginx", "nginx"),
    ("cloudflare", "Cloudflare"),
    ("cloudfront", "CloudFront"),
    ("varnish", "Varnish"),
    ("guru meditation", "Varnish"),
    ("squid", "Squid"),
    ("traefik", "Traefik"),
    ("haproxy", "HAProxy"),
    ("no server is available to handle this request", "HAProxy"),
    ("the server didn't respond in time", "HAProxy"),
    ("upstream connect error or disconnect", "Envoy"),
    ("upstream request timeout", "Envoy"),
    ("no healthy upstream", "Envoy"),
    ("<center>awselb", "an AWS load balancer"),
    ("service unavailable - zero size object", "Akamai"),
    ("akamai", "Akamai"),
    ("fastly error", "Fastly"),
    ("the proxy server received an invalid", "Apache as a proxy"),
    ("the proxy server could not handle the request", "Apache as a proxy"),
    ("the gateway did not receive a timely response", "Apache as a proxy"),
    ("apache traffic server", "Apache Traffic Server"),
    ("microsoft-azure-application-gateway", "Azure Application Gateway"),
    ("fortinet", "a Fortinet gateway"),
    ("zscaler", "Zscaler"),
    ("mitmproxy", "mitmproxy"),
];

/// Names in `Server` and `Via`, in lower case, and who says so.
const SERVERS: &[(&str, &str)] = &[
    ("openresty", "OpenResty"),
    ("nginx", "nginx"),
    ("cloudflare", "Cloudflare"),
    ("cloudfront", "CloudFront"),
    ("varnish", "Varnish"),
    ("squid", "Squid"),
    ("traefik", "Traefik"),
    ("haproxy", "HAProxy"),
    ("envoy", "Envoy"),
    ("awselb", "an AWS load balancer"),
    ("akamaighost", "Akamai"),
    ("azure-application-gateway", "Azure Application Gateway"),
    ("apachetrafficserver", "Apache Traffic Server"),
    ("ats/", "Apache Traffic Server"),
    ("apache", "Apache as a proxy"),
    ("caddy", "Caddy"),
    ("mitmproxy", "mitmproxy"),
    ("zscaler", "Zscaler"),
    ("google frontend", "a Google front end"),
    ("gws", "a Google front end"),
    ("istio-envoy", "Envoy"),
];

/// Names who answered instead of the API, with the status: `nginx (502 Bad Gateway)`. None if the API itself may have.
pub fn intermediary(answer: &Answer) -> Option<String> {
    let status = answer.status()?;
    match status {
        502..=504 | 520..=530 | 407 | 511 => {}
        200..=299 | 301..=303 | 307 | 308 | 401 | 403 => return login_page(answer, status),
        _ => return None,
    }
    let window = &answer.content()[..answer.content().len().min(WINDOW)];
    if is_json(answer, window) {
        return None;
    }
    let page = window.to_ascii_lowercase();
    let server = by_field(answer);
    let who = match (status, by_page(&page), server) {
        (_, Some(page), _) => page.to_owned(),
        (_, None, Some(server)) => server.to_owned(),
        // Nobody but a proxy asks for proxy credentials, nobody but a portal for network access.
        (407, ..) => "a proxy that wants credentials".to_owned(),
        (511, ..) => "a network portal that wants a login".to_owned(),
        _ => return None,
    };
    Some(format!("{who} ({})", title(answer, status)))
}

fn title(answer: &Answer, status: u16) -> String {
    let reason = answer.head.as_ref().map_or("", |head| head.reason.trim());
    if reason.is_empty() { status.to_string() } else { format!("{status} {}", super::shown::short(reason)) }
}

/// Whether an answer is JSON, by its type or by its first byte: then some program wrote it for programs.
fn is_json(answer: &Answer, window: &[u8]) -> bool {
    answer.value("content-type").is_some_and(|value| value.to_ascii_lowercase().contains("json"))
        || matches!(window.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn by_page(page: &[u8]) -> Option<&'static str> {
    PAGES.iter().find(|(mark, _)| memmem::find(page, mark.as_bytes()).is_some()).map(|(_, who)| *who)
}

fn by_field(answer: &Answer) -> Option<&'static str> {
    ["server", "via"].into_iter().find_map(|field| {
        answer.values(field).find_map(|value| {
            let value = value.to_ascii_lowercase();
            SERVERS.iter().find(|(mark, _)| value.contains(mark)).map(|(_, who)| *who)
        })
    })
}

/// A page that asks a person to log in: an HTML form with a password field, or a redirect to a login on another host.
fn login_page(answer: &Answer, status: u16) -> Option<String> {
    if (300..400).contains(&status) {
        let location = answer.value("location")?.to_ascii_lowercase();
        let known = [
            "accounts.google.com/",
            "login.microsoftonline.com/",
            "cloudflareaccess.com/",
            ".okta.com/",
            "/oauth2/start?rd=",
            "/oauth2/sign_in",
        ];
        return known
            .iter()
            .any(|mark| location.contains(mark))
            .then(|| format!("a login in front of the API ({})", title(answer, status)));
    }
    if answer.content().len() < 64 {
        return None;
    }
    let html = answer.value("content-type").is_some_and(|value| value.to_ascii_lowercase().contains("html"));
    if !html {
        return None;
    }
    let page = answer.content()[..answer.content().len().min(WINDOW)].to_ascii_lowercase();
    let has = |mark: &str| memmem::find(&page, mark.as_bytes()).is_some();
    let password = has("type=\"password\"") || has("type='password'") || has("type=password");
    let portal = has("captive portal") || has("cloudflare access") || has("cf-challenge") || has("challenge-platform");
    ((has("<form") && password) || portal).then(|| {
        let what = if portal { "a portal in front of the API" } else { "a login page" };
        format!("{what} ({})", title(answer, status))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Reader;

    fn who(head: &str, body: &str) -> Option<String> {
        let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        intermediary(&Reader::read("DELETE", text.as_bytes()))
    }

    #[test]
    fn a_gateway_is_named_by_its_page_or_its_field() {
        let html = "Content-Type: text/html";
        for (head, body, expected) in [
            ("502 Bad Gateway", "<html><hr><center>nginx/1.26.0</center></html>", "nginx (502 Bad Gateway)"),
            ("504 Gateway Time-out\r\nServer: nginx", "", "nginx (504 Gateway Time-out)"),
            (
                "503 Service Unavailable",
                "upstream connect error or disconnect/reset before headers",
                "Envoy (503 Service Unavailable)",
            ),
            (
                "503 Service Unavailable",
                "<h1>503</h1>No server is available to handle this request.",
                "HAProxy (503 Service Unavailable)",
            ),
            ("522 \r\nServer: cloudflare", "", "Cloudflare (522)"),
            ("503 Backend fetch failed", "<h3>Guru Meditation:</h3>", "Varnish (503 Backend fetch failed)"),
            ("504 Gateway Timeout\r\nServer: awselb/2.0", "<html>", "an AWS load balancer (504 Gateway Timeout)"),
            ("502 Bad Gateway\r\nVia: 1.1 squid (squid/6)", "", "Squid (502 Bad Gateway)"),
            ("502 Bad Gateway", "The proxy server received an invalid response", "Apache as a proxy (502 Bad Gateway)"),
            (
                "407 Proxy Authentication Required",
                "",
                "a proxy that wants credentials (407 Proxy Authentication Required)",
            ),
            (
                "511 Network Authentication Required",
                "",
                "a network portal that wants a login (511 Network Authentication Required)",
            ),
        ] {
            assert_eq!(who(&format!("{head}\r\n{html}"), body).as_deref(), Some(expected), "{head} {body}");
        }
    }

    #[test]
    fn what_the_api_itself_may_have_said_is_judged() {
        for (head, body) in [
            ("404 Not Found\r\nServer: nginx\r\nContent-Type: text/html", "<center>nginx</center>"),
            ("500 Internal Server Error\r\nServer: nginx\r\nContent-Type: text/html", "<center>nginx</center>"),
            ("503 Service Unavailable\r\nServer: nginx\r\nContent-Type: application/json", r#"{"code":"busy"}"#),
            ("502 Bad Gateway\r\nServer: cloudflare", r#" {"code":"upstream"}"#),
            ("503 Service Unavailable", "busy"),
            ("204 No Content\r\nServer: nginx", ""),
            (
                "200 OK\r\nContent-Type: text/html",
                "<html><body><h1>Welcome to our API, which has many pages to read.</h1></body></html>",
            ),
            ("302 Found\r\nLocation: /v1/conversations/", ""),
            ("407 Proxy Authentication Required", r#"{"code":"x"}"#),
        ] {
            assert_eq!(who(head, body), None, "{head}");
        }
    }

    #[test]
    fn a_login_page_is_none_of_the_api() {
        let form = r#"<html><form action="/login" method="post"><input name="u"><input type="password" name="p"></form></html>"#;
        let html = "Content-Type: text/html; charset=utf-8";
        assert_eq!(who(&format!("200 OK\r\n{html}"), form).as_deref(), Some("a login page (200 OK)"));
        assert_eq!(who(&format!("403 Forbidden\r\n{html}"), form).as_deref(), Some("a login page (403 Forbidden)"));
        assert_eq!(who(&format!("404 Not Found\r\n{html}"), form), None);
        assert_eq!(who("200 OK\r\nContent-Type: text/plain", form), None);
        let question =
            "<html><form action='/ask'>What is your favourite colour, and why is it so?<input name=q></form></html>";
        assert_eq!(who(&format!("200 OK\r\n{html}"), question), None);
        let portal =
            "<html><title>Captive Portal</title><p>Please accept the terms of this network to go on.</p></html>";
        assert_eq!(who(&format!("200 OK\r\n{html}"), portal).as_deref(), Some("a portal in front of the API (200 OK)"));
        let to = who("302 Found\r\nLocation: https://login.microsoftonline.com/tenant/oauth2", "");
        assert_eq!(to.as_deref(), Some("a login in front of the API (302 Found)"));
    }
}
