//! `conformant completions`: the script that tells a shell what may stand on the command line.

use clap_complete::{Shell, generate};

use super::commands::{ParserUse, SHELLS, parser, word};
use crate::location::{InputError, nearest};
use crate::settings::CommandName;

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
    generate(shell, &mut parser(ParserUse::Completing), "conformant", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Fish {
        script.push_str(&words_for_fish());
    }
    Ok(script)
}

/// The words besides flags, which the generator leaves out for fish.
fn words_for_fish() -> String {
    let line = |command: CommandName| {
        let words = word(command)?.offered()?.join(" ");
        let command = command.word();
        Some(format!("complete -c conformant -n \"__fish_conformant_using_subcommand {command}\" -f -a \"{words}\"\n"))
    };
    CommandName::ALL.into_iter().filter_map(line).collect()
}
