//! Who answered instead of the API: a gateway with its own error page, or a login page in front of the API.
//!
//! Such an answer says nothing about the API, so the case is an error and no failure. In doubt the answer is the API's own.
//! It is a gateway's only if it has a status of gateways or asks to log in. A JSON answer must also have the mark of a
//! gateway. An HTML page with any other status is the API's own answer.

use memchr::memmem;

use crate::exchange::{Answer, Exchange};

/// How many bytes of a body are searched.
const WINDOW: usize = 16 * 1024;

/// Texts in a page, in lower case, and who writes such a page.
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
    ("the server returned an invalid or incomplete response", "HAProxy"),
    ("herokucdn.com/error-pages", "Heroku's router"),
    ("the server encountered a temporary error and could not complete your request", "a Google load balancer"),
    ("errors.edgesuite.net", "Akamai"),
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

/// Names in `Server` and `Via`, in lower case, and who has such a name.
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

/// Sentences in the JSON of gateways, in lower case, and who writes them.
const SENTENCES: &[(&str, &str)] = &[
    ("an invalid response was received from the upstream server", "Kong"),
    ("the upstream server is timing out", "Kong"),
    ("failure to get a peer from the ring-balancer", "Kong"),
    ("endpoint request timed out", "AWS API Gateway"),
];

/// Parts of the URLs at which people log in, in lower case: the first label of a host, and parts of a path.
const LOGIN_HOSTS: &[&str] = &["login", "signin", "sso", "auth", "idp", "accounts", "adfs"];
const LOGIN_PATHS: &[&str] =
    &["/login", "/signin", "/sign-in", "/sign_in", "/sso", "/saml", "/oauth2/", "/openid-connect/auth", "/adfs/"];

/// Parts of the titles of login pages and of network portals, in lower case.
const LOGIN_TITLES: &[&str] = &["sign in", "sign-in", "signin", "log in", "log-in", "login"];
const PORTAL_TITLES: &[&str] = &["session expired", "wi-fi", "wifi", "hotspot", "attention required", "just a moment"];

/// Who answered instead of the API, with the status: `nginx (502 Bad Gateway)`. None if the API itself may have answered.
pub fn intermediary(exchange: &Exchange) -> Option<String> {
    let answer = &exchange.answer;
    let status = answer.status()?;
    let window = &answer.content()[..answer.content().len().min(WINDOW)];
    if let Some(who) = marked_gateway(answer, status, window) {
        return Some(format!("{who} ({})", title(answer, status)));
    }
    match status {
        502..=504 | 520..=530 | 407 | 511 => {}
        301..=303 | 307 | 308 => return login_redirect(answer, status, &exchange.request.origin),
        200..=299 | 401 | 403 => return login_page(answer, status),
        _ => return None,
    }
    if is_json(answer, window) {
        return None;
    }
    let page = window.to_ascii_lowercase();
    let server = by_field(answer);
    let who = match (status, by_page(&page), server) {
        (_, Some(page), _) => page.to_owned(),
        (_, None, Some(server)) => server.to_owned(),
        // Only a proxy asks for proxy credentials, and only a portal asks for network access.
        (407, ..) => "a proxy that requires credentials".to_owned(),
        (511, ..) => "a network portal that requires a login".to_owned(),
        // By definition gateways send these two statuses (RFC 9110 §15.6.3, §15.6.5). An API that sends them itself writes
        // more than their names.
        (502 | 504, ..) if says_its_name(answer, status, window) => "a gateway".to_owned(),
        _ => return None,
    };
    Some(format!("{who} ({})", title(answer, status)))
}

fn title(answer: &Answer, status: u16) -> String {
    let reason = answer.head.as_ref().map_or("", |head| head.reason.trim());
    if reason.is_empty() { status.to_string() } else { format!("{status} {}", super::format::short(reason)) }
}

/// Whether an answer is JSON, by its media type or by its first byte.
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

/// A gateway that sends its errors as JSON and marks them.
fn marked_gateway(answer: &Answer, status: u16, window: &[u8]) -> Option<&'static str> {
    // AWS API Gateway adds this field to its own answers.
    if matches!(status, 403 | 413 | 429 | 502..=504) && answer.value("x-amzn-errortype").is_some() {
        return Some("AWS API Gateway");
    }
    if !matches!(status, 502..=504) {
        return None;
    }
    // In answers that Kong passes on, it names itself in Via.
    if answer.value("server").is_some_and(|value| value.to_ascii_lowercase().starts_with("kong/")) {
        return Some("Kong");
    }
    let text = window.to_ascii_lowercase();
    SENTENCES.iter().find(|(mark, _)| memmem::find(&text, mark.as_bytes()).is_some()).map(|(_, who)| *who)
}

/// Whether the whole body is the name of the status, as plain text.
fn says_its_name(answer: &Answer, status: u16, window: &[u8]) -> bool {
    let plain = answer.value("content-type").is_none_or(|value| value.to_ascii_lowercase().starts_with("text/plain"));
    let name: &[u8] = if status == 502 { b"bad gateway" } else { b"gateway timeout" };
    plain && window.trim_ascii().eq_ignore_ascii_case(name)
}

/// A redirect to a login page on another host.
fn login_redirect(answer: &Answer, status: u16, origin: &str) -> Option<String> {
    let location = answer.value("location")?.to_ascii_lowercase();
    let known = [
        "accounts.google.com/",
        "login.microsoftonline.com/",
        "cloudflareaccess.com/",
        ".okta.com/",
        "/oauth2/start?rd=",
        "/oauth2/sign_in",
    ];
    let elsewhere = host_and_path(&location).is_some_and(|(host, path)| {
        let own = host_and_path(origin).map_or_else(String::new, |(host, _)| host.to_ascii_lowercase());
        let label = host.split('.').next().unwrap_or_default();
        host != own && (LOGIN_HOSTS.contains(&label) || LOGIN_PATHS.iter().any(|mark| path.contains(mark)))
    });
    (elsewhere || known.iter().any(|mark| location.contains(mark)))
        .then(|| format!("a login in front of the API ({})", title(answer, status)))
}

/// The host and the path of a URL with or without a scheme.
fn host_and_path(url: &str) -> Option<(&str, &str)> {
    let rest = url.split_once("//").filter(|(scheme, _)| scheme.is_empty() || scheme.ends_with(':'))?.1;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host.rfind(':').filter(|at| host[at + 1..].bytes().all(|byte| byte.is_ascii_digit()));
    Some((&host[..port.unwrap_or(host.len())], path.split(['?', '#']).next().unwrap_or_default()))
}

/// The title of a page.
fn page_title(page: &[u8]) -> &[u8] {
    let Some(start) = memmem::find(page, b"<title>") else { return b"" };
    let rest = &page[start + b"<title>".len()..];
    &rest[..memmem::find(rest, b"</title>").unwrap_or(0)]
}

/// A page that asks a person to log in: its title says so, or it has a form with a password field.
fn login_page(answer: &Answer, status: u16) -> Option<String> {
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
    // The title asks to log in.
    let title_of = page_title(&page);
    let asks = LOGIN_TITLES.iter().any(|mark| memmem::find(title_of, mark.as_bytes()).is_some());
    let portal = ["captive portal", "cloudflare access", "cf-challenge", "challenge-platform", "cf-error-details"];
    let portal = portal.into_iter().any(has)
        || PORTAL_TITLES.iter().any(|mark| memmem::find(title_of, mark.as_bytes()).is_some());
    let edge = status == 403 && has("errors.edgesuite.net");
    (asks || (has("<form") && password) || portal || edge).then(|| {
        let what = if edge {
            "Akamai"
        } else if portal {
            "a portal in front of the API"
        } else {
            "a login page"
        };
        format!("{what} ({})", title(answer, status))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::exchange::{Reader, Request, Timing};

    fn who(head: &str, body: &str) -> Option<String> {
        let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let request = Request {
            method: "DELETE".to_owned(),
            origin: "https://API.example.com".to_owned(),
            target: "/v1/things/1".to_owned(),
            fields: Vec::new(),
            body: None,
        };
        let answer = Reader::read("DELETE", text.as_bytes());
        let timing = Timing::default();
        intermediary(&Exchange {
            request: Arc::new(request),
            answer,
            timing,
            reused: false,
            repeated_credentials: Vec::new(),
        })
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
            (
                "502 Bad Gateway",
                "<h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.",
                "HAProxy (502 Bad Gateway)",
            ),
            ("522 \r\nServer: cloudflare", "", "Cloudflare (522)"),
            ("503 Backend fetch failed", "<h3>Guru Meditation:</h3>", "Varnish (503 Backend fetch failed)"),
            ("504 Gateway Timeout\r\nServer: awselb/2.0", "<html>", "an AWS load balancer (504 Gateway Timeout)"),
            ("502 Bad Gateway\r\nVia: 1.1 squid (squid/6)", "", "Squid (502 Bad Gateway)"),
            ("502 Bad Gateway", "The proxy server received an invalid response", "Apache as a proxy (502 Bad Gateway)"),
            ("502 Bad Gateway\r\nServer: kong/3.4", r#"{"message":"x"}"#, "Kong (502 Bad Gateway)"),
            ("504 Gateway Timeout", r#"{"message":"The upstream server is timing out"}"#, "Kong (504 Gateway Timeout)"),
            (
                "504 Gateway Timeout",
                r#"{"message": "Endpoint request timed out"}"#,
                "AWS API Gateway (504 Gateway Timeout)",
            ),
            (
                "403 Forbidden\r\nx-amzn-ErrorType: ForbiddenException",
                r#"{"message":"Forbidden"}"#,
                "AWS API Gateway (403 Forbidden)",
            ),
            (
                "407 Proxy Authentication Required",
                "",
                "a proxy that requires credentials (407 Proxy Authentication Required)",
            ),
            (
                "511 Network Authentication Required",
                "",
                "a network portal that requires a login (511 Network Authentication Required)",
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
            ("404 Not Found\r\nServer: kong/3.4", r#"{"message":"x"}"#),
            ("404 Not Found\r\nx-amzn-ErrorType: x", r#"{"message":"x"}"#),
            ("500 Internal Server Error", r#"{"message":"Endpoint request timed out"}"#),
            ("502 Bad Gateway\r\nServer: gunicorn\r\nVia: 1.1 kong/3.4", r#"{"message":"x"}"#),
        ] {
            assert_eq!(who(head, body), None, "{head}");
        }
    }

    #[test]
    fn a_status_that_is_a_gateways_and_nothing_but_its_name_is_no_answer_of_the_api() {
        for (head, body) in [
            ("502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8", "Bad Gateway"),
            ("502 x", "bad gateway\n"),
            ("504 Gateway Timeout\r\nContent-Type: Text/Plain", "Gateway Timeout"),
        ] {
            assert!(who(head, body).is_some_and(|who| who.starts_with("a gateway (50")), "{head}");
        }
        for (head, body) in [
            ("502 Bad Gateway\r\nContent-Type: text/plain", "Gateway Timeout"),
            ("504 Gateway Timeout\r\nContent-Type: text/plain", "Bad Gateway"),
            ("503 Service Unavailable\r\nContent-Type: text/plain", "Service Unavailable"),
            ("502 Bad Gateway\r\nContent-Type: text/html", "Bad Gateway"),
            ("502 Bad Gateway", "Bad Gateway to the model provider"),
            ("502 Bad Gateway", ""),
        ] {
            assert_eq!(who(head, body), None, "{head}: {body}");
        }
    }

    #[test]
    fn a_redirect_to_a_login_elsewhere_is_none_of_the_api() {
        for location in [
            "https://login.example.com/?next=x",
            "https://SSO.example.com",
            "//idp.example.org/x",
            "https://example.com/users/Sign_In?next=%2Fv1",
            "https://me@example.com:8443/auth/realms/x/protocol/openid-connect/auth?client_id=y",
            "http://example.com/saml/start",
            "/oauth2/start?rd=https://api.example.com/v1",
        ] {
            let said = who(&format!("302 Found\r\nLocation: {location}"), "");
            assert_eq!(said.as_deref(), Some("a login in front of the API (302 Found)"), "{location}");
        }
        for location in [
            "https://api.example.com/login",
            "https://api.example.com:8443/sso",
            "https://www.example.com/v2/things/1",
            "https://www.example.com/x?next=/login",
            "https://loginless.example.com/v2",
            "/login",
            "login.example.com/",
            "",
        ] {
            assert_eq!(who(&format!("302 Found\r\nLocation: {location}"), ""), None, "{location}");
        }
        assert_eq!(who("302 Found", ""), None);
        assert_eq!(who("404 Not Found\r\nLocation: https://login.example.com/", ""), None);
    }

    #[test]
    fn a_login_page_is_none_of_the_api() {
        let form = r#"<html><form action="/login" method="post"><input name="u"><input type="password" name="p"></form></html>"#;
        let html = "Content-Type: text/html; charset=utf-8";
        assert_eq!(who(&format!("200 OK\r\n{html}"), form).as_deref(), Some("a login page (200 OK)"));
        assert_eq!(who(&format!("403 Forbidden\r\n{html}"), form).as_deref(), Some("a login page (403 Forbidden)"));
        assert_eq!(who(&format!("404 Not Found\r\n{html}"), form), None);
        assert_eq!(who("200 OK\r\nContent-Type: text/plain", form), None);
        for (page, named) in [
            (
                "<html><title>Sign in</title><form action=/login><input name=user></form></html>",
                "a login page (200 OK)",
            ),
            ("<html><head><title>Acme - Log In</title></head><body>one moment</body></html>", "a login page (200 OK)"),
            (
                "<html><title>Your session expired - HotelWiFi</title><p>Tap to go on</p></html>",
                "a portal in front of the API (200 OK)",
            ),
        ] {
            assert_eq!(who(&format!("200 OK\r\n{html}"), page).as_deref(), Some(named), "{page}");
            assert_eq!(who(&format!("404 Not Found\r\n{html}"), page), None, "{page}");
        }
        let denied = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY>Reference https://errors.edgesuite.net/18.x</BODY></HTML>";
        assert_eq!(who(&format!("403 Forbidden\r\n{html}"), denied).as_deref(), Some("Akamai (403 Forbidden)"));
        let blogs = "<html><title>Orders</title><p>Please sign in at the desk of the hotel, which has wifi.</p></html>";
        assert_eq!(who(&format!("200 OK\r\n{html}"), blogs), None);
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
