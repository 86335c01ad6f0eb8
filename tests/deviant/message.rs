//! An answer in parts that can be changed, and its bytes.

/// An HTTP/1.1 answer with a sound head.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The status line, without its end.
    pub(crate) line: String,
    /// Names and values, in order. Bytes beyond ASCII are kept as they would be in Latin-1.
    pub(crate) fields: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// An answer with a body of a type; its length is said.
    pub(crate) fn new(line: &str, media: &str, body: &str) -> Self {
        let fields = vec![("Content-Type".to_owned(), media.to_owned())];
        Self { line: format!("HTTP/1.1 {line}"), fields, body: Vec::new() }.with_body(body)
    }

    /// An answer without a body.
    pub(crate) fn empty(line: &str) -> Self {
        let fields = if line.starts_with("204") { Vec::new() } else { vec![length(0)] };
        Self { line: format!("HTTP/1.1 {line}"), fields, body: Vec::new() }
    }

    /// Takes a whole answer apart: what the reference sends, which is always sound.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the end of a head");
        let head = latin(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let line = lines.next().expect("a status line").to_owned();
        let fields = lines
            .map(|line| line.split_once(':').expect("a colon"))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Self { line, fields, body: bytes[end + 4..].to_vec() }
    }

    /// The status.
    pub(crate) fn status(&self) -> u16 {
        self.line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status")
    }

    /// The first value of a field.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// With another status line, after the version.
    pub(crate) fn with_line(mut self, line: &str) -> Self {
        self.line = format!("HTTP/1.1 {line}");
        self
    }

    /// With a field instead of all others of its name.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more field.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the fields of a name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self
    }

    /// With another body, whose length is said.
    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = length(self.body.len());
        self.without("Content-Length").and(&length.0, &length.1)
    }

    /// With another body, as if nobody had looked at the head.
    pub(crate) fn with_bare_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a text of the body replaced.
    #[track_caller]
    pub(crate) fn replacing(self, from: &str, to: &str) -> Self {
        let text = String::from_utf8(self.body.clone()).expect("text");
        assert!(text.contains(from), "{from} is not in {text}");
        self.with_body(text.replacen(from, to, 1))
    }

    /// The head's bytes, the empty line included.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut text = format!("{}\r\n", self.line);
        for (name, value) in &self.fields {
            for part in [name.as_str(), ": ", value.as_str(), "\r\n"] {
                text.push_str(part);
            }
        }
        unlatin(&(text + "\r\n"))
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// All bytes, the body in chunks of these sizes; the last size is for all the rest.
    pub(crate) fn chunked(self, size: usize) -> Vec<u8> {
        let body = self.body.clone();
        let mut bytes = self.without("Content-Length").and("Transfer-Encoding", "chunked").head();
        for chunk in body.chunks(size.max(1)) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }
}

fn length(length: usize) -> (String, String) {
    ("Content-Length".to_owned(), length.to_string())
}

/// Each byte as the character of its number.
pub(crate) fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Each character as the byte of its number.
pub(crate) fn unlatin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a character of Latin-1")).collect()
}
