//! What a body holds once its content coding is undone (RFC 9110 §8.4.1), read within a limit whatever it claims to
//! unpack to.

use std::io::{self, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::{Answer, Head};

/// How many codings on top of each other are undone.
const MAX_LAYERS: usize = 4;

/// What became of a body that is said to be coded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unpacked {
    /// Nothing says that it is coded, or there is none.
    #[default]
    Plain,
    /// It is in these codings and holds this.
    Content(Vec<u8>),
    /// It is not in the coding; what is wrong with it.
    Broken(String),
    /// It holds more than the limit.
    TooLarge,
    /// It is said to be in a coding that is not undone here.
    Unknown,
}

/// The codings that a head names, in lower case, in the order in which they were applied; `identity` is none.
pub(super) fn named(head: &Head) -> Vec<String> {
    let values: Vec<_> = head.values("content-encoding").collect();
    let all = values.iter().flat_map(|value| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    all.filter(|coding| !coding.is_empty() && coding != "identity").collect()
}

/// Undoes the codings of a whole body, the last one first.
pub(super) fn unpack(answer: &Answer, limit: usize) -> Unpacked {
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

/// Undoes one coding; none if the content is larger than the limit.
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

    use super::super::Reader;
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
    fn what_is_coded_as_it_says_is_read() {
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
    fn what_is_not_is_told() {
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
    fn what_unpacks_without_end_stops_at_the_limit() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(answer("gzip", &bomb).unpacked, Unpacked::TooLarge);
        assert_eq!(answer("gzip, gzip", &gzip(&bomb)).unpacked, Unpacked::TooLarge);
    }
}
