//! Content codings (RFC 9110 §8.4.1). A body is decoded up to a limit, however much it claims to hold.

use std::io::{self, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::answer::{Answer, Head, Unpacked};
use super::end::End;
use super::fault::{Fault, FaultKind};

/// How many codings on top of each other are decoded.
const MAX_LAYERS: usize = 4;

impl Answer {
    /// Decodes the content coding of a complete body, up to the limit in bytes. Call it once, when the response has been read.
    pub fn unpack(&mut self, limit: usize) {
        if self.end == End::Complete {
            self.unpacked = unpack(self, limit);
        }
        if self.unpacked == Unpacked::TooLarge {
            let end = self.raw.len();
            self.faults.push(Fault { kind: FaultKind::ContentTooLarge, range: end..end });
        }
    }

    /// The content codings that the answer names, in lower case, in the order in which they were applied; `identity` is
    /// none.
    pub fn codings(&self) -> Vec<String> {
        self.head.as_ref().map(named).unwrap_or_default()
    }
}

/// The codings that a head names, in lower case and in the order in which they were applied, without `identity`.
fn named(head: &Head) -> Vec<String> {
    let values: Vec<_> = head.values("content-encoding").collect();
    let all = values.iter().flat_map(|value| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    all.filter(|coding| !coding.is_empty() && coding != "identity").collect()
}

/// Decodes a complete body, the last coding first.
fn unpack(answer: &Answer, limit: usize) -> Unpacked {
    let Some(head) = &answer.head else { return Unpacked::Plain };
    if answer.body.is_empty() {
        return Unpacked::Plain;
    }
    let codings = named(head);
    let known = |coding: &String| matches!(coding.as_str(), "gzip" | "x-gzip" | "deflate");
    if codings.is_empty() {
        return Unpacked::Plain;
    }
    if codings.len() > MAX_LAYERS || !codings.iter().all(known) {
        return Unpacked::Unknown;
    }
    let mut content = None;
    for coding in codings.iter().rev() {
        match layer(coding, content.as_deref().unwrap_or(&answer.body), limit) {
            Ok(Some(unpacked)) => content = Some(unpacked),
            Ok(None) => return Unpacked::TooLarge,
            Err(error) => return Unpacked::Broken(error.to_string()),
        }
    }
    content.map_or(Unpacked::Plain, Unpacked::Content)
}

/// Decodes one coding. None if the result is larger than the limit.
fn layer(coding: &str, bytes: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    let most = limit as u64 + 1;
    if coding == "deflate" {
        let mut decoder = ZlibDecoder::new(bytes);
        decoder.by_ref().take(most).read_to_end(&mut content)?;
        if content.len() <= limit && decoder.total_in() < bytes.len() as u64 {
            return Err(io::Error::other("bytes follow the end of the compressed data"));
        }
    } else {
        MultiGzDecoder::new(bytes).take(most).read_to_end(&mut content)?;
    }
    Ok((content.len() <= limit).then_some(content))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::super::reader::Reader;
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn answer(coding: &str, body: &[u8]) -> Answer {
        let head = format!("HTTP/1.1 404 X\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
        Reader::read("DELETE", &[head.as_bytes(), body].concat())
    }

    #[test]
    fn a_body_in_the_named_coding_is_decoded() {
        let text = br#"{"code":"not_found"}"#;
        for (coding, body) in [
            ("gzip", gzip(text)),
            ("GZip", gzip(text)),
            ("x-gzip", gzip(text)),
            ("deflate", zlib(text)),
            ("gzip, gzip", gzip(&gzip(text))),
            ("deflate, identity , gzip", gzip(&zlib(text))),
            ("gzip", [gzip(&text[..5]), gzip(&text[5..])].concat()),
        ] {
            let answer = answer(coding, &body);
            assert_eq!(answer.unpacked, Unpacked::Content(text.to_vec()), "{coding}");
            assert_eq!(answer.content(), text);
        }
        let layers = |count: usize| {
            let body = (0..count).fold(text.to_vec(), |body, _| gzip(&body));
            answer(&vec!["gzip"; count].join(", "), &body).unpacked
        };
        assert_eq!(layers(MAX_LAYERS), Unpacked::Content(text.to_vec()));
        assert_eq!([layers(MAX_LAYERS + 1), layers(MAX_LAYERS + 2)], [Unpacked::Unknown, Unpacked::Unknown]);
        assert_eq!(answer("identity", text).content(), text);
        assert_eq!(answer("gzip", &gzip(b"")).content(), b"");
        assert_eq!(answer("br", text).unpacked, Unpacked::Unknown);
    }

    #[test]
    fn a_body_that_is_not_in_the_named_coding_is_broken() {
        let text = br#"{"code":"not_found"}"#;
        let cut = &gzip(text)[..20];
        let wrong_sum: Vec<u8> =
            gzip(text).iter().rev().enumerate().map(|(at, it)| if at < 8 { 0 } else { *it }).collect();
        let wrong_sum: Vec<u8> = wrong_sum.into_iter().rev().collect();
        let bare = &zlib(text)[2..];
        for (coding, body) in [
            ("gzip", text.as_slice()),
            ("gzip", cut),
            ("gzip", &wrong_sum),
            ("gzip", &[gzip(text), b"junk".to_vec()].concat()),
            ("gzip", &zlib(text)),
            ("deflate", &gzip(text)),
            ("deflate", bare),
            ("deflate", &[zlib(text), b"junk".to_vec()].concat()),
            ("gzip, gzip", &gzip(text)),
        ] {
            let answer = answer(coding, body);
            assert!(matches!(answer.unpacked, Unpacked::Broken(_)), "{coding} {:?}", answer.unpacked);
            assert_eq!(answer.content(), body);
        }
    }

    #[test]
    fn decoding_stops_at_the_limit() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(answer("gzip", &bomb).unpacked, Unpacked::TooLarge);
        assert_eq!(answer("gzip, gzip", &gzip(&bomb)).unpacked, Unpacked::TooLarge);
    }
}
