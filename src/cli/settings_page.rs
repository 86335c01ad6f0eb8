//! `docs/settings.md` and the table of network options in `docs/networks.md`, made from the table of flags.

use std::fmt::Write as _;

use super::commands::other_variables;
use crate::settings::table::FLAGS;
use crate::settings::{CommandName, Flag, FlagGroup, Takes};

/// The page of all settings.
pub fn settings_page() -> String {
    let mut page = String::from(BEGINNING);
    for group in FlagGroup::ALL {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(page, "\n## {}\n", group.heading());
        page.push_str("| flag | variable | default | commands | what it does |\n|---|---|---|---|---|\n");
        for flag in in_group(group) {
            let commands = CommandName::ALL.into_iter().filter(|command| flag.is_for(*command));
            let commands: Vec<&str> = commands.map(CommandName::word).collect();
            let default = flag.default_text().unwrap_or("-");
            let [written, variable] = [written(flag), variable(flag)];
            let _ =
                writeln!(page, "| {written} | {variable} | {default} | {} | {} |", commands.join(", "), about(flag));
        }
    }
    page.push_str("\n## Variables without a flag\n\n| variable | what it does |\n|---|---|\n");
    for (name, about) in other_variables() {
        let _ = writeln!(page, "| `{name}` | {about}. |");
    }
    page.push_str(END);
    page
}

/// The table of the network options.
pub fn flags_of_network() -> String {
    let mut table = String::from("| flag | variable | what it does |\n|---|---|---|\n");
    for flag in in_group(FlagGroup::Network) {
        let default = flag.default_text().map(|text| format!(" Default: {text}.")).unwrap_or_default();
        let _ = writeln!(table, "| {} | {} | {}{default} |", written(flag), variable(flag), about(flag));
    }
    table
}

fn in_group(group: FlagGroup) -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().copied().filter(move |flag| flag.group == group)
}

/// The flag as it is written, with the name of its value. A bar would end the column.
fn written(flag: &Flag) -> String {
    let value = match flag.takes {
        Takes::Value(name) => format!(" {name}"),
        Takes::Values { name, .. } if !flag.is_positional() => format!(" '{name}'"),
        Takes::Values { .. } | Takes::Switch | Takes::Count => String::new(),
    };
    let short = flag.short.map(|letter| format!("`-{letter}`, ")).unwrap_or_default();
    format!("{short}`{}{}`", flag.name, value.replace('|', "\\|"))
}

fn variable(flag: &Flag) -> String {
    flag.variable.map_or_else(|| "-".to_owned(), |name| format!("`{name}`"))
}

/// What it is, in sentences.
fn about(flag: &Flag) -> String {
    let several = match flag.takes {
        Takes::Values { apart: ',', .. } => " In the variable, commas separate several.",
        Takes::Values { .. } => " In the variable, each stands on a line of its own.",
        Takes::Value(_) | Takes::Switch | Takes::Count => "",
    };
    let details = if flag.details.is_empty() { String::new() } else { format!(" {}", flag.details) };
    format!("{}.{details}{several}", flag.about)
}

const BEGINNING: &str = "\
# Settings

Made from the table of flags in `src/settings/table.rs` by `CONFORMANT_UPDATE_DOCS=1 cargo test --test docs`.

A flag wins over its variable, and the variable over the default. `cargo test --test conformance` has no flags and reads
the variables alone. A switch, such as `--strict`, may be written `--strict=no`; its variable takes `yes` or `no`, `true` or
`false`, `1` or `0`. A variable that is set but empty is an error, and one that is nearly the name of a setting is reported.
Times are written `500ms`, `30s` or `2m`.
";

const END: &str = "
Keys are variables too; the suite names them. `NO_COLOR` and `CLICOLOR_FORCE` say whether to colour, and
[networks.md](networks.md) has the variables of proxies and certificate stores.

## Shell completions

`conformant completions SHELL` prints the script. Install it once:

```sh
# bash
conformant completions bash > ~/.local/share/bash-completion/completions/conformant
# zsh, where `fpath` has this folder before `compinit`
conformant completions zsh > ~/.zfunc/_conformant
# fish
conformant completions fish > ~/.config/fish/completions/conformant.fish
```

```powershell
conformant completions powershell >> $PROFILE
```

## Man pages

`conformant man` prints the main page, `conformant man run` that of a command. To read one, and to install them:

```sh
conformant man | man -l -
conformant man > ~/.local/share/man/man1/conformant.1
conformant man run > ~/.local/share/man/man1/conformant-run.1
```
";
