//! Masking the secrets in an exchange.

use std::ops::Range;
use std::sync::Arc;

use super::answer::{Answer, Framing, Head, Protocol, Unpacked};
use super::chunked;
use super::end::End;
use super::fault::FaultKind;
use super::request::{Exchange, Request};
use crate::secret::Secrets;

impl Exchange {
    /// The exchange with every secret overwritten. [`Exchange::repeated_credentials`] has the names of the credentials that the response
    /// repeated. Lengths and ranges do not change. An exchange must not be stored or shown before this.
    #[must_use]
    pub fn masked(mut self, secrets: &Secrets) -> Self {
        if secrets.is_empty() {
            return self;
        }
        request(Arc::make_mut(&mut self.request), secrets);
        let mut masker = Masker { secrets, repeated: std::mem::take(&mut self.repeated_credentials) };
        masker.answer(&mut self.answer);
        self.repeated_credentials = masker.repeated;
        self
    }
}

impl Request {
    /// The request with every secret overwritten.
    #[must_use]
    pub fn masked(mut self, secrets: &Secrets) -> Self {
        request(&mut self, secrets);
        self
    }
}

fn request(request: &mut Request, secrets: &Secrets) {
    let texts = [&mut request.method, &mut request.origin, &mut request.target];
    let fields = request.fields.iter_mut().flat_map(|(name, value)| [name, value]);
    for text in texts.into_iter().chain(fields) {
        if let std::borrow::Cow::Owned(masked) = secrets.mask_str(text) {
            *text = masked;
        }
    }
    if let Some(body) = &mut request.body {
        secrets.mask(body);
    }
}

/// Masks the parts of a response, and collects the names of the credentials in it.
struct Masker<'a> {
    secrets: &'a Secrets,
    repeated: Vec<String>,
}

impl Masker<'_> {
    fn answer(&mut self, answer: &mut Answer) {
        let found = self.secrets.find(&answer.raw);
        self.leak(self.secrets.names(&found));
        self.unpacked(answer);
        // A secret in a part is in the raw bytes too, unless the part was joined from pieces.
        let together = answer.framing != Framing::Chunked
            && answer.apart == 0
            && answer.protocol == Protocol::Http1
            && !answer.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Folding | FaultKind::Trailer));
        if together && found.ranges.is_empty() {
            return;
        }
        found.overwrite(&mut answer.raw);
        for head in answer.interim.iter_mut().chain(&mut answer.head) {
            self.head(head);
        }
        for field in &mut answer.trailers {
            self.text(&mut field.name);
            self.bytes(&mut field.value);
        }
        self.body(answer);
        if let Some(surplus) = &mut answer.surplus {
            self.bytes(&mut surplus.bytes);
        }
        if let End::Broken(_, how) = &mut answer.end {
            self.text(how);
        }
        for fault in &mut answer.faults {
            let hit = found.ranges.iter().any(|range| range.start < fault.range.end && fault.range.start < range.end);
            for text in texts(&mut fault.kind) {
                self.text(text);
                // A truncated text may end with the start of a secret, which cannot be recognised.
                if hit && text.ends_with('…') {
                    "***".clone_into(text);
                }
            }
        }
    }

    /// Masks the decoded body. If it holds a secret, all compressed bytes are masked.
    fn unpacked(&mut self, answer: &mut Answer) {
        let Unpacked::Content(content) = &mut answer.unpacked else { return };
        let names = self.secrets.mask(content);
        if names.is_empty() {
            return;
        }
        self.leak(names);
        answer.body.fill(b'*');
        let start = answer.head.as_ref().map_or(0, |head| head.range.end);
        if let Some(rest) = answer.raw.get_mut(start..) {
            rest.fill(b'*');
        }
    }

    /// Masks the body, and in the raw bytes also the secrets that are split over chunks.
    fn body(&mut self, answer: &mut Answer) {
        let found = self.secrets.find(&answer.body);
        self.leak(self.secrets.names(&found));
        found.overwrite(&mut answer.body);
        if answer.apart > 0 {
            // A secret that ends outside the raw bytes cannot be found in them.
            let both = answer.body.len() - answer.apart;
            let start = answer.raw.len() - both;
            answer.raw[start..].copy_from_slice(&answer.body[..both]);
            return;
        }
        let Some(head) = &answer.head else { return };
        if answer.framing != Framing::Chunked || found.ranges.is_empty() {
            return;
        }
        let mut at = 0;
        for data in chunked::data(&answer.raw, head.range.end) {
            let part = at..at + data.len();
            at = part.end;
            for range in &found.ranges {
                let Range { start, end } = range.start.max(part.start)..range.end.min(part.end);
                if start < end {
                    answer.raw[data.start + start - part.start..data.start + end - part.start].fill(b'*');
                }
            }
        }
    }

    fn head(&mut self, head: &mut Head) {
        self.text(&mut head.version);
        self.text(&mut head.reason);
        for field in &mut head.fields {
            self.text(&mut field.name);
            self.bytes(&mut field.value);
        }
    }

    fn text(&mut self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        self.bytes(&mut bytes);
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        let names = self.secrets.mask(bytes);
        self.leak(names);
    }

    fn leak(&mut self, names: Vec<String>) {
        for name in names {
            if !self.repeated.contains(&name) {
                self.repeated.push(name);
            }
        }
    }
}

/// The texts of a violation that quote the response.
fn texts(kind: &mut FaultKind) -> Vec<&mut String> {
    match kind {
        FaultKind::Version(text)
        | FaultKind::StatusCode(text)
        | FaultKind::ContentLengthInvalid(text)
        | FaultKind::ContentLengthRepeated(text)
        | FaultKind::TransferEncoding(text)
        | FaultKind::BodilessWithLength(text)
        | FaultKind::BodilessWithTransferEncoding(text)
        | FaultKind::Chunk(text) => vec![text],
        FaultKind::ContentLengthConflict(values) => values.iter_mut().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::super::request::Timing;
    use super::*;

    const KEY: &str = "app-ChatflowKey0000000000001";

    fn exchange(request: Request, answer: Answer) -> Exchange {
        Exchange {
            request: Arc::new(request),
            answer,
            timing: Timing::default(),
            reused: false,
            repeated_credentials: Vec::new(),
        }
    }

    fn request() -> Request {
        Request {
            method: "DELETE".to_owned(),
            origin: "http://127.0.0.1:1".to_owned(),
            target: format!("/x?key={KEY}"),
            fields: vec![("Authorization".to_owned(), format!("Bearer {KEY}"))],
            body: Some(format!("{{\"key\":\"{KEY}\"}}").into_bytes()),
        }
    }

    fn secrets() -> Secrets {
        let mut secrets = Secrets::none();
        secrets.add("chat_app", KEY);
        secrets.add("other", "another-key-of-another-app");
        secrets
    }

    /// Whether any part of the key still shows.
    fn shows(exchange: &Exchange) -> bool {
        let all = format!("{exchange:?}");
        let raw = String::from_utf8_lossy(&exchange.answer.raw).into_owned();
        let body = String::from_utf8_lossy(&exchange.answer.body).into_owned();
        let values: Vec<_> = exchange.answer.head.iter().flat_map(|head| head.values("x-echo")).collect();
        let trailers: Vec<_> =
            exchange.answer.trailers.iter().map(|field| String::from_utf8_lossy(&field.value)).collect();
        [all, raw, body, values.concat(), trailers.concat()].iter().any(|text| text.contains("ChatflowKey"))
    }

    #[test]
    fn a_request_is_masked_and_is_no_leak() {
        let masked = exchange(request(), Reader::read("DELETE", b"HTTP/1.1 204 x\r\n\r\n")).masked(&secrets());
        assert!(!shows(&masked));
        assert_eq!(masked.repeated_credentials, Vec::<String>::new());
        let stars = "*".repeat(KEY.len());
        assert_eq!(masked.request.target, format!("/x?key={stars}"));
        assert_eq!(masked.request.fields[0].1, format!("Bearer {stars}"));
        assert_eq!(masked.request.body, Some(format!("{{\"key\":\"{stars}\"}}").into_bytes()));
        assert!(!request().masked(&secrets()).curl().contains(KEY));
    }

    #[test]
    fn an_answer_is_masked_in_every_part() {
        let (front, back) = KEY.split_at(9);
        for text in [
            format!("HTTP/1.1 200 {KEY}\r\nContent-Length: 0\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nX-Echo: {KEY}\r\nContent-Length: 0\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\n{KEY}: x\r\nContent-Length: 0\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nContent-Length: {KEY}\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nContent-Length: {}{KEY}\r\n\r\n", "x".repeat(60)),
            format!("HTTP/1.1 204 x\r\nTransfer-Encoding: {KEY}\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nContent-Length: 3, {KEY}\r\n\r\n"),
            format!("HTTP/{KEY} 200 x\r\n\r\n"),
            format!("HTTP/1.1 {KEY} x\r\n\r\n"),
            format!("HTTP/1.1 103 x\r\nX-Echo: {KEY}\r\n\r\nHTTP/1.1 204 x\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nContent-Length: 28\r\n\r\n{KEY}"),
            format!("HTTP/1.1 204 x\r\n\r\n{KEY}"),
            format!("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n1c;x=y\r\n{KEY}\r\n0\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{front}\r\n13\r\n{back}\r\n0\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n9\n{front}\n13\n{back}\n0\n\n"),
            format!("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Echo: {KEY}\r\n\r\n"),
            format!("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n"),
            format!("{KEY}\r\n\r\n"),
        ] {
            let before = Reader::read("DELETE", text.as_bytes());
            let (raw, body) = (before.raw.len(), before.body.len());
            let masked = exchange(request(), before).masked(&secrets());
            assert!(!shows(&masked), "{text}: {masked:?}");
            assert!(!String::from_utf8_lossy(&masked.answer.raw).contains(back), "{text}");
            assert_eq!(masked.repeated_credentials, ["chat_app"], "{text}");
            assert_eq!((masked.answer.raw.len(), masked.answer.body.len()), (raw, body), "{text}");
        }
    }

    #[test]
    fn what_chunks_tear_apart_is_masked_at_its_own_bytes_and_nowhere_else() {
        let head = "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n";
        let text = format!(
            "{head}5\r\nab{}\r\n1\r\n{}\r\n18\r\n{}\r\n4\r\n{}yzz\r\n0\r\n\r\n",
            &KEY[..3],
            &KEY[3..4],
            &KEY[4..],
            "x"
        );
        let masked = exchange(request(), Reader::read("DELETE", text.as_bytes())).masked(&secrets());
        let expected = format!("{head}5\r\nab***\r\n1\r\n*\r\n18\r\n{}\r\n4\r\nxyzz\r\n0\r\n\r\n", "*".repeat(24));
        assert_eq!(String::from_utf8_lossy(&masked.answer.raw), expected);
        assert_eq!(String::from_utf8_lossy(&masked.answer.body), format!("ab{}xyzz", "*".repeat(28)));
    }

    #[test]
    fn what_a_fault_quotes_is_masked_and_otherwise_left_as_it_is() {
        let mut secrets = secrets();
        secrets.add("number", "90817263");
        let conflict = "HTTP/1.1 200 x\r\nContent-Length: 5\r\nContent-Length: 90817263\r\n\r\n12345";
        let masked = exchange(request(), Reader::read("DELETE", conflict.as_bytes())).masked(&secrets);
        let values = vec!["5".to_owned(), "********".to_owned()];
        assert_eq!(masked.answer.faults[0].kind, FaultKind::ContentLengthConflict(values));
        assert_eq!(masked.repeated_credentials, ["number"]);

        // A long quotation that holds nothing secret, beside a secret; and a short one with a secret in it.
        let long = format!("HTTP/1.1 200 x\r\nX-Echo: {KEY}\r\nContent-Length: {}\r\n\r\n", "x".repeat(300));
        let before = Reader::read("DELETE", long.as_bytes());
        let quoted = before.faults[0].kind.clone();
        assert!(matches!(&quoted, FaultKind::ContentLengthInvalid(text) if text.ends_with('…')), "{quoted:?}");
        assert_eq!(exchange(request(), before).masked(&secrets).answer.faults[0].kind, quoted);
        let short = format!("HTTP/1.1 200 x\r\nContent-Length: is {KEY}\r\n\r\n");
        let masked = exchange(request(), Reader::read("DELETE", short.as_bytes())).masked(&secrets);
        let text = format!("is {}", "*".repeat(KEY.len()));
        assert_eq!(masked.answer.faults[0].kind, FaultKind::ContentLengthInvalid(text));
    }

    #[test]
    fn an_answer_of_a_library_is_masked_without_its_bytes() {
        let answer = Answer {
            body: KEY.as_bytes().to_vec(),
            protocol: Protocol::Library,
            framing: Framing::Length(28),
            ..Answer::default()
        };
        let masked = exchange(request(), answer).masked(&secrets());
        assert!(!shows(&masked));
        assert_eq!(masked.repeated_credentials, ["chat_app"]);
    }
}
