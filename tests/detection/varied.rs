//! The documented 404 in the many ways that HTTP and JSON allow, each by a seed.

/// A small generator of numbers (a linear congruence), so that a seed always gives the same answer.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn sometimes(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// An answer that says what the document's 404 says, followed by the end of the connection.
pub(crate) fn not_found(seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let body = body(&mut numbers);
    let mut text = String::new();
    let version = numbers.pick(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"]);
    if version == "HTTP/1.1" {
        for _ in 0..numbers.below(3) {
            text.push_str(numbers.pick(&[
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 102 \r\n\r\n",
            ]));
        }
    }
    text.push_str(version);
    text.push_str(numbers.pick(&[" 404 Not Found", " 404 NOT FOUND", " 404 ", " 404", " 404 Nirgends"]));
    text.push_str("\r\n");

    let mut fields = vec![field(
        &mut numbers,
        "Content-Type",
        &[
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
        ],
    )];
    let extras: [(&str, &[&str]); 7] = [
        ("Server", &["gunicorn", "nginx/1.26", ""]),
        ("Date", &["Mon, 23 Nov 2026 20:12:00 GMT"]),
        ("Vary", &["Cookie", "*"]),
        ("Set-Cookie", &["a=1; Path=/; HttpOnly"]),
        ("Connection", &["close"]),
        ("X-Trace-Id", &["0af7651916cd43dd", "\u{e9}t\u{e9}"]),
        ("Content-Encoding", &["identity"]),
    ];
    for (name, values) in extras {
        if numbers.sometimes() {
            fields.push(field(&mut numbers, name, values));
        }
    }
    let framing = if version == "HTTP/1.0" { numbers.below(2) } else { numbers.below(3) };
    match framing {
        0 => fields.push(field(&mut numbers, "Content-Length", &[&body.len().to_string()])),
        1 => {}
        _ => fields.push(field(&mut numbers, "Transfer-Encoding", &["chunked", "Chunked"])),
    }
    for last in (1..fields.len()).rev() {
        fields.swap(last, numbers.below(last + 1));
    }
    for field in fields {
        text.push_str(&field);
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    if framing == 2 {
        chunks(&mut numbers, body.as_bytes(), &mut bytes);
    } else {
        bytes.extend(body.into_bytes());
    }
    bytes
}

fn field(numbers: &mut Numbers, name: &str, values: &[&str]) -> String {
    let name = match numbers.below(3) {
        0 => name.to_owned(),
        1 => name.to_ascii_lowercase(),
        _ => name.to_ascii_uppercase(),
    };
    let (before, after) = (numbers.pick(&[" ", "", "\t "]), numbers.pick(&["", "", " "]));
    format!("{name}:{before}{}{after}\r\n", numbers.pick(values))
}

fn body(numbers: &mut Numbers) -> String {
    let mut members = [
        ["code", "\"not_found\"", "\"not\\u005Ffound\""],
        ["message", "\"Conversation Not Exists.\"", "\"Conversation\\u0020Not Exists.\""],
        ["status", "404", "404"],
    ];
    for last in (1..members.len()).rev() {
        members.swap(last, numbers.below(last + 1));
    }
    let mut space = || ["", "", " ", "\n", "\r\n\t"][numbers.below(5)].to_owned();
    let mut text = space() + "{";
    for (index, [key, plain, escaped]) in members.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let value = if space().is_empty() { plain } else { escaped };
        text.extend([space(), format!("\"{key}\""), space(), ":".to_owned(), space(), value.to_owned(), space()]);
    }
    text + "}" + &space()
}

fn chunks(numbers: &mut Numbers, mut body: &[u8], bytes: &mut Vec<u8>) {
    while !body.is_empty() {
        let (chunk, rest) = body.split_at(1 + numbers.below(body.len()));
        let zeros = numbers.pick(&["", "0", "000"]);
        let extension = numbers.pick(&["", ";a", ";name=\"a b\""]);
        let size = if numbers.sometimes() { format!("{:x}", chunk.len()) } else { format!("{:X}", chunk.len()) };
        bytes.extend(format!("{zeros}{size}{extension}\r\n").into_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
        body = rest;
    }
    bytes.extend(numbers.pick(&["0\r\n\r\n", "00;last\r\n\r\n", "0\r\nX-Took: 3\r\n\r\n"]).bytes());
}
