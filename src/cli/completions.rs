//! `conformant completions`: the script that tells a shell what may stand on the command line.

use clap_complete::{Shell, generate};

use super::commands::{Purpose, SHELLS, parser};
use crate::location::{InputError, nearest};

/// The script for a shell.
pub(super) fn script(shell: &str) -> Result<String, InputError> {
    let shell = match shell {
        "bash" => Shell::Bash,
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        "powershell" => Shell::PowerShell,
        other => {
            let near = nearest(other, SHELLS).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
            return Err(InputError::new(format!("there are no completions for `{other}`"))
                .help(format!("{near}the shells are {}", SHELLS.join(", "))));
        }
    };
    let mut script = Vec::new();
    generate(shell, &mut parser(Purpose::Completing), "conformant", &mut script);
    Ok(String::from_utf8_lossy(&script).into_owned())
}
