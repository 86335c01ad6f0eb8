//! What the response to a login gives: the secret, how long it is good, and a token against forged requests.

use std::time::Duration;

use serde_json::Value;

use crate::exchange::Exchange;
use crate::location::Pointer;
use crate::suite::{CredentialValue, Csrf, CsrfSource, LoginGives, LoginKey};

/// A shorter secret cannot be masked safely. It is refused unless the target is on this machine.
const SHORTEST: usize = 8;
/// The longest time that counts. A longer one never ends in a run.
const LONGEST: f64 = 1e9;
/// How many pointers a message lists.
const LISTED: usize = 8;

/// What the response to a login gives.
#[derive(Debug)]
pub(super) struct LoginAnswer {
    pub(super) value: CredentialValue,
    /// How long the secret is good, if the response says it.
    pub(super) lasts: Option<Duration>,
}

/// Why a response gives no secret. Neither text quotes a value of the response.
#[derive(Debug)]
pub(super) struct NoSecret {
    /// The end of a sentence.
    pub(super) why: String,
    pub(super) help: Option<String>,
}

impl NoSecret {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }
}

/// Reads the response to a login.
pub(super) fn read(gives: &LoginGives, exchange: &Exchange, loopback: bool) -> Result<LoginAnswer, NoSecret> {
    let body: Option<Value> = serde_json::from_slice(exchange.answer.content()).ok();
    let secret = match &gives.key {
        LoginKey::Token(pointer) => text(body.as_ref(), pointer, "token")?,
        LoginKey::Cookie(name) => cookie(exchange, name)?,
    };
    if secret.chars().any(char::is_control) {
        return Err(NoSecret::new("and the secret in it holds a control character, which no field can carry"));
    }
    if secret.len() < SHORTEST && !loopback {
        let why = format!("and the secret in it holds fewer than {SHORTEST} characters, too few to be masked safely");
        return Err(NoSecret::new(why));
    }
    let csrf = gives.csrf.as_ref().map(|csrf| forgery_token(csrf, body.as_ref(), exchange)).transpose()?;
    let lasts = gives.expires.as_ref().map(|pointer| seconds(body.as_ref(), pointer)).transpose()?;
    Ok(LoginAnswer { value: CredentialValue { secret, csrf }, lasts })
}

fn forgery_token(csrf: &Csrf, body: Option<&Value>, exchange: &Exchange) -> Result<String, NoSecret> {
    let token = match &csrf.from {
        CsrfSource::Pointer(pointer) => text(body, pointer, "CSRF token")?,
        CsrfSource::Cookie(name) => cookie(exchange, name)?,
        CsrfSource::Header(name) => {
            let value = exchange.answer.value(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| NoSecret::new(format!("and the response has no field {name}")))?.into_owned()
        }
    };
    if token.chars().any(char::is_control) {
        return Err(NoSecret::new("and the CSRF token in it holds a control character, which no field can carry"));
    }
    Ok(token)
}

/// The value at a pointer, if the body cannot be read with the reason.
fn value<'b>(body: Option<&'b Value>, pointer: &Pointer) -> Result<&'b Value, NoSecret> {
    let body = body.ok_or_else(|| NoSecret::new("and its body is not JSON"))?;
    body.pointer(pointer.as_str()).ok_or_else(|| {
        let mut texts = Vec::new();
        list_texts(body, &Pointer::root(), &mut texts);
        let help = (!texts.is_empty())
            .then(|| format!("the body has texts at {}: write the pointer of the right one", texts.join(", ")));
        NoSecret { why: format!("and its body has no value at {pointer}"), help }
    })
}

fn text(body: Option<&Value>, pointer: &Pointer, what: &str) -> Result<String, NoSecret> {
    match value(body, pointer)? {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::String(_) => Err(NoSecret::new(format!("and the {what} at {pointer} is empty"))),
        other => Err(NoSecret::new(format!("and the {what} at {pointer} is {}, not a string", kind(other)))),
    }
}

fn seconds(body: Option<&Value>, pointer: &Pointer) -> Result<Duration, NoSecret> {
    let found = value(body, pointer)?;
    let number = match found {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|number: &f64| number.is_finite()) {
        Some(number) if number > 0.0 => Ok(Duration::from_secs_f64(number.min(LONGEST))),
        Some(_) => Err(NoSecret::new(format!("and the time at {pointer} is over already"))),
        None => Err(NoSecret::new(format!("and the value at {pointer} is {}, not a number of seconds", kind(found)))),
    }
}

/// The value of a cookie that the response sets. The last of several counts, and an empty value deletes the cookie.
pub(super) fn cookie(exchange: &Exchange, name: &str) -> Result<String, NoSecret> {
    let mut found = None;
    let mut others: Vec<String> = Vec::new();
    for set in exchange.answer.values("set-cookie") {
        let pair = set.split(';').next().unwrap_or_default();
        let Some((own, value)) = pair.split_once('=') else { continue };
        if own.trim() == name {
            found = Some(value.trim().to_owned());
        } else if others.len() < LISTED {
            others.push(own.trim().to_owned());
        }
    }
    found.filter(|value| !value.is_empty()).ok_or_else(|| NoSecret {
        why: format!("and the response sets no cookie {name}"),
        help: (!others.is_empty()).then(|| format!("it sets {}: write the name of the right one", others.join(", "))),
    })
}

/// The pointers of texts in a body, up to [`LISTED`].
fn list_texts(value: &Value, at: &Pointer, texts: &mut Vec<String>) {
    if texts.len() >= LISTED {
        return;
    }
    match value {
        Value::String(_) => texts.push(at.to_string()),
        Value::Object(members) => members.iter().for_each(|(name, value)| list_texts(value, &at.join(name), texts)),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::exchange::{Reader, Request, Timing};

    fn exchange(fields: &str, body: &str) -> Exchange {
        let text = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len());
        Exchange {
            request: Arc::new(Request {
                method: "POST".to_owned(),
                origin: "http://127.0.0.1:1".to_owned(),
                target: "/t".to_owned(),
                fields: Vec::new(),
                body: None,
            }),
            answer: Reader::read("POST", text.as_bytes()),
            timing: Timing::default(),
            reused: false,
            repeated_credentials: Vec::new(),
        }
    }

    fn pointer(text: &str) -> Pointer {
        Pointer::parse(text).expect("a pointer")
    }

    fn token() -> LoginGives {
        LoginGives { key: LoginKey::Token(pointer("/token")), expires: Some(pointer("/ends")), csrf: None }
    }

    #[test]
    fn a_token_and_its_time_are_read() {
        for (ends, seconds) in [("3600", 3600.0), ("\"90\"", 90.0), ("1.5", 1.5), ("1e300", LONGEST)] {
            let body = format!("{{\"token\": \"tok-123456\", \"ends\": {ends}}}");
            let answer = read(&token(), &exchange("", &body), false).expect(ends);
            assert_eq!(answer.value.secret, "tok-123456");
            assert_eq!(answer.lasts, Some(Duration::from_secs_f64(seconds)), "{ends}");
        }
    }

    #[test]
    fn what_gives_no_secret_is_named_and_never_quoted() {
        let refused = |gives: &LoginGives, fields: &str, body: &str| {
            let refused = read(gives, &exchange(fields, body), false).expect_err(body);
            let text = format!("{} ({})", refused.why, refused.help.unwrap_or_default());
            assert!(!text.contains("s3cret"), "{text}");
            text
        };
        for (body, expected) in [
            ("<p>s3cret", "and its body is not JSON ()"),
            (
                r#"{"data": {"token": "s3cret-12345"}, "n": 1}"#,
                "and its body has no value at /token (the body has texts at /data/token: write the pointer of the right one)",
            ),
            (r#"{"token": 123456789}"#, "and the token at /token is a number, not a string ()"),
            (r#"{"token": null}"#, "and the token at /token is null, not a string ()"),
            (r#"{"token": ""}"#, "and the token at /token is empty ()"),
            (
                r#"{"token": "s3cret"}"#,
                "and the secret in it holds fewer than 8 characters, too few to be masked safely ()",
            ),
            (
                r#"{"token": "s3cret-\n12345"}"#,
                "and the secret in it holds a control character, which no field can carry ()",
            ),
            (
                r#"{"token": "s3cret-12345"}"#,
                "and its body has no value at /ends (the body has texts at /token: write the pointer of the right one)",
            ),
            (
                r#"{"token": "s3cret-12345", "ends": "soon"}"#,
                "and the value at /ends is a string, not a number of seconds ()",
            ),
            (r#"{"token": "s3cret-12345", "ends": 0}"#, "and the time at /ends is over already ()"),
        ] {
            assert_eq!(refused(&token(), "", body), expected, "{body}");
        }
        let cookie = LoginGives { key: LoginKey::Cookie("sid".to_owned()), expires: None, csrf: None };
        let set = "Set-Cookie: lang=en; Path=/\r\nSet-Cookie: sid=s3cret-12345\r\nSet-Cookie: sid=; Max-Age=0\r\n";
        let expected = "and the response sets no cookie sid (it sets lang: write the name of the right one)";
        assert_eq!(refused(&cookie, set, ""), expected);
        let from = CsrfSource::Header("X-CSRF".to_owned());
        let csrf = LoginGives { csrf: Some(Csrf { header: "X-CSRF".to_owned(), from }), ..cookie };
        let set = "Set-Cookie: sid=s3cret-12345\r\n";
        assert_eq!(refused(&csrf, set, ""), "and the response has no field X-CSRF ()");
    }

    #[test]
    fn a_cookie_and_a_token_against_forged_requests_are_read() {
        let key = LoginKey::Cookie("sid".to_owned());
        for (from, expected) in [
            (CsrfSource::Header("x-csrf".to_owned()), "from-header"),
            (CsrfSource::Cookie("crumb".to_owned()), "from=cookie"),
            (CsrfSource::Pointer(pointer("/a/csrf")), "from-body"),
        ] {
            let csrf = Some(Csrf { header: "X".to_owned(), from });
            let fields = "Set-Cookie: sid=a=b\r\nSet-Cookie: crumb=from=cookie; Path=/\r\nX-CSRF: from-header\r\n";
            let body = r#"{"a": {"csrf": "from-body"}}"#;
            let gives = LoginGives { key: key.clone(), expires: None, csrf };
            let answer = read(&gives, &exchange(fields, body), true).expect("it gives both");
            assert_eq!((answer.value.secret.as_str(), answer.value.csrf.as_deref()), ("a=b", Some(expected)));
        }
    }
}
