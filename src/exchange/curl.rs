//! A request as a line that can be pasted into a POSIX shell.

use std::fmt::Write as _;

use super::request::Request;
use crate::printable::is_unprintable;

impl Request {
    /// The request as one line for a POSIX shell: `curl -X DELETE -H '…' --data-raw '…' 'URL'`, with all parts quoted. The
    /// secrets in the request of an [`Exchange`](super::Exchange) are masked.
    ///
    /// A body that is not UTF-8 or holds characters that do not print is piped: `printf '…' | curl …`.
    pub fn curl(&self) -> String {
        let mut line = String::new();
        let body = self.body.as_deref();
        let text =
            body.and_then(|body| std::str::from_utf8(body).ok()).filter(|text| !text.chars().any(is_unprintable));
        if let (Some(body), None) = (body, text) {
            line.push_str("printf ");
            printf(&mut line, body);
            line.push_str(" | ");
        }
        line.push_str("curl");
        match self.method.as_str() {
            "GET" if body.is_none() => {}
            // After `-X HEAD` curl waits for a body.
            "HEAD" => line.push_str(" --head"),
            method if method.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                line.push_str(" -X ");
                line.push_str(method);
            }
            method => {
                line.push_str(" -X ");
                quote(&mut line, method);
            }
        }
        // Without these flags curl resolves `/../` in a URL, and reads brackets and braces as patterns.
        if self.target.split(['/', '?']).any(|segment| matches!(segment, "." | "..")) {
            line.push_str(" --path-as-is");
        }
        if self.url().contains(['[', ']', '{', '}']) {
            line.push_str(" --globoff");
        }
        for (name, value) in &self.fields {
            line.push_str(" -H ");
            // `Name:` removes the field, `Name;` sends it empty.
            let field = if value.trim().is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            quote(&mut line, &field);
        }
        if body.is_some() && !self.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            // Otherwise curl sends the media type of a form.
            line.push_str(" -H 'Content-Type:'");
        }
        match (body, text) {
            (_, Some(text)) => {
                line.push_str(" --data-raw ");
                quote(&mut line, text);
            }
            (Some(_), None) => line.push_str(" --data-binary @-"),
            (None, None) => {}
        }
        line.push(' ');
        quote(&mut line, &self.url());
        line
    }
}

/// Adds a text, quoted as one word for the shell.
fn quote(line: &mut String, text: &str) {
    if text.chars().any(is_unprintable) {
        line.push_str("\"$(printf ");
        printf(line, text.as_bytes());
        line.push_str(")\"");
        return;
    }
    line.push('\'');
    line.push_str(&text.replace('\'', "'\\''"));
    line.push('\'');
}

/// Adds bytes as the quoted format of `printf`.
fn printf(line: &mut String, bytes: &[u8]) {
    line.push('\'');
    for byte in bytes {
        match byte {
            b'\n' => line.push_str("\\n"),
            b'\r' => line.push_str("\\r"),
            b'\t' => line.push_str("\\t"),
            b'\\' => line.push_str("\\\\"),
            b'%' => line.push_str("%%"),
            b'\'' => line.push_str("'\\''"),
            b' '..=b'~' => line.push(char::from(*byte)),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(line, "\\{byte:03o}");
            }
        }
    }
    line.push('\'');
}

#[cfg(test)]
mod tests {
    use super::super::request::Request;

    fn request(method: &str, target: &str, fields: &[(&str, &str)], body: Option<&[u8]>) -> Request {
        Request {
            method: method.to_owned(),
            origin: "http://127.0.0.1:1".to_owned(),
            target: target.to_owned(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn each_request_has_its_line() {
        let json = &[("Content-Type", "application/json")][..];
        for (request, expected) in [
            (request("GET", "/a?b=c&d", &[], None), "curl 'http://127.0.0.1:1/a?b=c&d'"),
            (request("HEAD", "/", &[], None), "curl --head 'http://127.0.0.1:1/'"),
            (
                request("DELETE", "/a", &[("Authorization", "Bearer ****")], None),
                "curl -X DELETE -H 'Authorization: Bearer ****' 'http://127.0.0.1:1/a'",
            ),
            (
                request("DELETE", "/a", json, Some(b"{\"user\":\"it's\"}")),
                "curl -X DELETE -H 'Content-Type: application/json' --data-raw '{\"user\":\"it'\\''s\"}' \
                 'http://127.0.0.1:1/a'",
            ),
            (
                request("POST", "/a", &[("X-Empty", "")], Some(b"")),
                "curl -X POST -H 'X-Empty;' -H 'Content-Type:' --data-raw '' 'http://127.0.0.1:1/a'",
            ),
            (
                request("POST", "/a", json, Some(b"a\n\r\t~%\\'\0\x7F\xFF")),
                "printf 'a\\n\\r\\t~%%\\\\'\\''\\000\\177\\377' | curl -X POST -H 'Content-Type: application/json' \
                 --data-binary @- 'http://127.0.0.1:1/a'",
            ),
            (request("GET", "/a/../b", &[], None), "curl --path-as-is 'http://127.0.0.1:1/a/../b'"),
            (request("GET", "/a[1]", &[], None), "curl --globoff 'http://127.0.0.1:1/a[1]'"),
            (request("X;Y", "/", &[], None), "curl -X 'X;Y' 'http://127.0.0.1:1/'"),
            (
                request("GET", "/", &[("A", "\u{1B}[31m")], None),
                "curl -H \"$(printf 'A: \\033[31m')\" 'http://127.0.0.1:1/'",
            ),
        ] {
            assert_eq!(request.curl(), expected);
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_shell_reads_back_what_was_quoted() {
        for body in [&b"it's $HOME `x` \"q\" \\ !1 #"[..], b"%s\\n\0\x01\xFF'\n", "ä€😀 \u{202E}".as_bytes(), b"@file"]
        {
            let line = request("POST", "/", &[("Content-Type", "x")], Some(body)).curl();
            // A shell function replaces curl and prints the body that curl would send.
            let script = format!(
                "curl() {{ while [ $# -gt 0 ]; do case $1 in --data-raw) printf %s \"$2\";; --data-binary) cat;; esac; \
                 shift; done; }}\n{line}"
            );
            let output = std::process::Command::new("sh").arg("-c").arg(&script).output().expect("a shell");
            assert_eq!(output.stdout, body, "{line}");
        }
    }
}
