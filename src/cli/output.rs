//! Where the command writes: results to stdout, everything else to stderr.

use std::io;

use crate::outcome::Exit;
use crate::report;
use crate::run;
use crate::write;

/// Writes a result to stdout. It is no error if the reader stops early (`| head`).
pub(super) fn say(text: &str) -> Exit {
    let mut stdout = io::stdout().lock();
    match write::patiently(&mut stdout, report::to_stdout(text).as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("error: stdout cannot be written to: {error}"));
            Exit::NotJudged
        }
        _ => Exit::Conforms,
    }
}

/// Writes to stderr, without secrets. A failure to do so is ignored, as there is no other place to report it.
pub(super) fn complain(text: &str) {
    write::complain(&report::to_stderr(&run::printable(text)));
}
