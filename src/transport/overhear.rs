//! The first bytes of a server that does not speak HTTP. The library does not give a response that it cannot read, so one more
//! request for the root of the base URL is sent, and the first bytes of the response are read.

use std::time::Duration;

use tokio::time::Instant;

use super::base_url::BaseUrl;
use super::connection::{Connection, ConnectionEvent, Stream};
use super::failure::Failure;
use crate::exchange::escape_bytes;
use crate::secret::Secrets;

/// How many of the first bytes a message quotes.
const KEPT: usize = 80;

/// How many bytes are read.
const ENOUGH: usize = 1024;

/// How long to wait for the first byte.
const FIRST: Duration = Duration::from_secs(2);

/// How long to wait for more bytes.
const MORE: Duration = Duration::from_millis(100);

/// The failure of a server whose first bytes on a new connection are no HTTP response.
pub(super) async fn failure(stream: Stream, base: &BaseUrl, secrets: &Secrets) -> Option<Failure> {
    let mut heard = first_bytes(stream, base).await;
    if heard.is_empty() || b"HTTP/".starts_with(&heard[..heard.len().min(5)]) {
        return None;
    }
    // The bytes are masked before they are cut, because half a secret cannot be recognised.
    secrets.mask(&mut heard);
    let said = escape_bytes(&heard, KEPT);
    let (who, help) = match speaker(&heard) {
        Some("TLS") => ("it speaks TLS".to_owned(), "write https:// in the base URL"),
        Some("HTTP/2") => ("it speaks HTTP/2 alone".to_owned(), "ask with --http 2"),
        Some(speaker) => (format!("it is {speaker}"), "name host and port of the API in the base URL"),
        None => ("it says something else".to_owned(), "name host and port of the API in the base URL"),
    };
    Some(Failure::NotHttp {
        asked: base.authority_with_port(),
        why: format!("{who}, and begins with \"{said}\""),
        help: help.to_owned(),
    })
}

async fn first_bytes(stream: Stream, base: &BaseUrl) -> Vec<u8> {
    let mut connection = Connection::new(stream);
    let (path, host) = (base.base_path(), base.authority());
    connection.output =
        format!("GET {path}/ HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n").into_bytes();
    connection.start();
    let mut heard = Vec::new();
    let mut deadline = Instant::now() + FIRST;
    while heard.len() < ENOUGH
        && let ConnectionEvent::Read(count @ 1..) = connection.next(deadline).await
    {
        heard.extend_from_slice(connection.bytes(count));
        deadline = Instant::now() + MORE;
    }
    heard
}

/// The kind of server that sends these first bytes.
fn speaker(heard: &[u8]) -> Option<&'static str> {
    let begins = |mark: &[u8]| heard.starts_with(mark);
    Some(match heard {
        // Records of TLS: an alert or a handshake, of any version.
        [0x15 | 0x16, 0x03, 0..=4, ..] => "TLS",
        // A frame of SETTINGS on stream 0 (RFC 9113 §6.5).
        [0, _, _, 0x04, 0, 0, 0, 0, 0, ..] => "HTTP/2",
        // Version 10 of the protocol, in the first packet; or the first packet is an error.
        [_, _, 0, 0, 0x0A | 0xFF, ..] => "a MySQL server",
        _ if begins(b"SSH-") => "an SSH server",
        _ if begins(b"-ERR") => "a Redis or POP3 server",
        _ if begins(b"+OK") => "a POP3 server",
        _ if begins(b"* OK") || begins(b"* PREAUTH") => "an IMAP server",
        _ if begins(b"RFB ") => "a VNC server",
        _ if begins(b"AMQP") => "an AMQP server",
        _ if begins(b"220 ") || begins(b"220-") => "an SMTP or FTP server",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_recognised_by_their_first_bytes() {
        for (heard, who) in [
            (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], Some("an SSH server")),
            (b"\x4a\x00\x00\x00\x0a8.0.36\x00", Some("a MySQL server")),
            (b"\x15\x03\x01\x00\x02\x02\x46", Some("TLS")),
            (b"\x16\x03\x03\x00\x7a\x02", Some("TLS")),
            (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", Some("HTTP/2")),
            (b"-ERR unknown command", Some("a Redis or POP3 server")),
            (b"220 mail.example ESMTP", Some("an SMTP or FTP server")),
            (b"* OK IMAP4rev1", Some("an IMAP server")),
            (b"hello", None),
            (b"\x15", None),
        ] {
            assert_eq!(speaker(heard), who, "{heard:?}");
        }
    }
}
