//! The command. It is all in the library, so that its parts are built once.

use std::process::ExitCode;

fn main() -> ExitCode {
    conformant::cli::main()
}
