//! Writing to a reader that takes its time.

use std::io::{self, ErrorKind, Write};
use std::thread;
use std::time::Duration;

/// How soon the next attempt follows when the reader takes nothing.
const PAUSE: Duration = Duration::from_millis(10);

/// Writes all bytes. It waits while the reader takes no more of them, also on a stream that does not block.
pub fn write_all_waiting(to: &mut dyn Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    loop {
        match to.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
