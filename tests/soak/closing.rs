//! A proxy that ends kept connections, as every server does sooner or later, at the moments that are worst for clients.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// When it ends a connection. It never says so in a head, and never while an answer is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends {
    /// With the last byte of so many answers.
    After(usize),
    /// When no request has begun for a time from one to so many milliseconds, another time after every answer.
    Idle(u64),
    /// When one more request has begun to come, of which nothing is passed on: the client sent it before it could know
    /// that the connection ends. The bytes that came are left unread, so the client sees a reset.
    AtRequest(usize),
    /// The same, but the request is read to its end, so the client sees an orderly end.
    AfterRequest(usize),
}

/// The proxy; it serves until the process ends.
pub(crate) struct Closing {
    pub(crate) port: u16,
    counts: Arc<Counts>,
}

/// What it has done.
#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
    ended: AtomicUsize,
}

impl Closing {
    pub(crate) fn start(upstream: SocketAddr, ends: Ends) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let counts = Arc::clone(&shared);
                // A connection that the client ends is no failure.
                thread::spawn(move || drop(carry(client, upstream, ends, number, &counts)));
            }
        });
        Self { port, counts }
    }

    /// How many connections came, how many requests were passed on, and how many connections it ended.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let Counts { connections, requests, ended } = &*self.counts;
        (connections.load(Ordering::Relaxed), requests.load(Ordering::Relaxed), ended.load(Ordering::Relaxed))
    }
}

fn carry(mut client: TcpStream, upstream: SocketAddr, ends: Ends, number: usize, counts: &Counts) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut chance = number as u64;
    for earlier in 0.. {
        if let Ends::Idle(longest) = ends {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let wait = if earlier == 0 { None } else { Some(Duration::from_millis(1 + (chance >> 33) % longest)) };
            client.set_read_timeout(wait)?;
        }
        // The moment at which a request begins to come.
        let begun = client.peek(&mut [0]);
        client.set_read_timeout(None)?;
        let idle = match begun {
            Ok(0) => return Ok(()),
            Ok(_) => false,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => true,
            Err(error) => return Err(error),
        };
        let stale = match ends {
            Ends::AtRequest(after) => earlier >= after,
            Ends::AfterRequest(after) if earlier >= after => {
                message(&mut client)?;
                true
            }
            Ends::After(_) | Ends::Idle(_) | Ends::AfterRequest(_) => false,
        };
        if idle || stale {
            break;
        }
        server.write_all(&message(&mut client)?)?;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        client.write_all(&message(&mut server)?)?;
        if matches!(ends, Ends::After(count) if earlier + 1 >= count) {
            break;
        }
    }
    counts.ended.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// One request, or one answer of the reference, which frames every body by its length.
fn message(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(END) {
        from.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
    let start = bytes.len();
    bytes.resize(start + length, 0);
    from.read_exact(&mut bytes[start..])?;
    Ok(bytes)
}
