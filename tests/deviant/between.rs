//! Answers of something between: no case that gets one can be judged, and the reason names who answered.

use crate::message::Message;
use crate::row::{Deviation, on, sent};

pub(crate) fn all() -> Vec<Deviation> {
    let page = |who: &'static str, line: &'static str, server: &'static str, body: &'static str| {
        let named = if who == "login" { "a login page" } else { who };
        on(204, who, &[], move |_| {
            let answer = Message::new(line, "text/html", body);
            sent(&if server.is_empty() { answer } else { answer.with("Server", server) })
        })
        .between(named, &[204])
    };
    let marked =
        |name: &'static str, who: &'static str, line: &'static str, mark: (&'static str, &'static str), body| {
            on(204, name, &[], move |_| sent(&Message::new(line, "application/json", body).with(mark.0, mark.1)))
                .between(who, &[204])
        };
    let rows = vec![
        page(
            "nginx",
            "502 Bad Gateway",
            "nginx/1.26.2",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\
             \r\n<hr><center>nginx/1.26.2</center>\r\n</body>\r\n</html>\r\n",
        ),
        page(
            "nginx",
            "504 Gateway Time-out",
            "",
            "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1>\
             </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        ),
        page(
            "Envoy",
            "503 Service Unavailable",
            "envoy",
            "upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
        ),
        page("Envoy", "503 Service Unavailable", "", "no healthy upstream"),
        page(
            "HAProxy",
            "503 Service Unavailable",
            "",
            "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n",
        ),
        page(
            "Cloudflare",
            "522 ",
            "cloudflare",
            "<!DOCTYPE html>\n<html><head><title>522: Connection timed out</title></head><body>Cloudflare</body></html>",
        ),
        page("Cloudflare", "502 Bad Gateway", "cloudflare", "error code: 502"),
        page(
            "login",
            "200 OK",
            "",
            "<!doctype html><html><title>Sign in</title><body><form method=post action=/login><input name=user>\
             <input type=\"password\" name=secret></form></body></html>",
        ),
        marked("Kong", "Kong", "502 Bad Gateway", ("Server", "kong/3.7.1"), "{\"message\":\"no\"}"),
        marked(
            "AWS API Gateway",
            "AWS API Gateway",
            "403 Forbidden",
            ("x-amzn-ErrorType", "ForbiddenException"),
            "{\"message\":\"Forbidden\"}",
        ),
        marked(
            "AWS API Gateway, by its words",
            "AWS API Gateway",
            "504 Gateway Timeout",
            ("X-Note", "none"),
            "{\"message\": \"Endpoint request timed out\"}",
        ),
        on(204, "the bare name of a gateway's status", &[], |_| {
            sent(&Message::new("502 Bad Gateway", "text/plain", "Bad Gateway"))
        })
        .between("a gateway", &[204]),
        on(204, "a login on another host", &[], |_| {
            sent(&Message::new("302 Found", "text/html", "").with("Location", "https://sso.example.com/saml?next=x"))
        })
        .between("a login in front of the API", &[204]),
    ];
    rows.into_iter().map(|row| row.of("identity")).collect()
}
