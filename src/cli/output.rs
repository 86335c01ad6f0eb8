//! Where the command writes: results to stdout, everything else to stderr.

use std::io;

use crate::outcome::Exit;
use crate::report;
use crate::run;
use crate::write;

/// Writes a result to stdout. It is no error if the reader stops early (`| head`).
pub(super) fn write_stdout(text: &str) -> Exit {
    let mut stdout = io::stdout().lock();
    match write::write_all_waiting(&mut stdout, report::to_stdout(text).as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            write_stderr(&format!("error: stdout cannot be written to: {error}"));
            Exit::NotJudged
        }
        _ => Exit::Conforms,
    }
}

/// Writes to stderr, without secrets. A failure to do so is ignored, as there is no other place to report it.
pub(super) fn write_stderr(text: &str) {
    write::write_stderr(&report::to_stderr(&run::printable(text)));
}
