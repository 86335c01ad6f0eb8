//! A file of variables, read only if `--env-file` names it: `NAME=value` lines as shells and containers read them.
//!
//! A value may hold a secret, so no error quotes a line.

use std::collections::HashMap;
use std::path::Path;

use super::table::ENV_FILE;
use crate::file::{self, most};
use crate::location::{InputError, InputErrors};

/// How many mistakes are shown; the rest is counted. A file with more is probably not a file of variables.
const MAX_FAULTS: usize = 20;

/// The variables of a file, in its order. All errors come together, each with its line.
pub(super) fn read(path: &Path, from: &str) -> Result<Vec<(String, String)>, InputErrors> {
    let unreadable = |why: String, help: Option<&str>| {
        InputErrors::from(
            InputError::new(format!("{from} names {}, which cannot be read: {why}", path.display()))
                .help(help.unwrap_or("name a file of NAME=value lines")),
        )
    };
    let bytes = file::read(path, most::VARIABLES).map_err(|refused| unreadable(refused.to_string(), refused.help()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned(), None))?;
    let variables = parse(&text).map_err(|faults| {
        let more = faults.len().saturating_sub(MAX_FAULTS);
        let error = |(line, why): (usize, String)| InputError::new(format!("{}:{line}: {why}", path.display()));
        let mut errors: Vec<InputError> = faults.into_iter().take(MAX_FAULTS).map(error).collect();
        if more > 0 {
            let message = format!("{} has {more} more lines that set no variable", path.display());
            errors.push(InputError::new(message).help("name a file of NAME=value lines"));
        }
        InputErrors(errors)
    })?;
    if variables.is_empty() {
        // It was named because it should name the target; judging something else would be a surprise.
        let message = format!("{from} names {}, which sets no variable", path.display());
        return Err(InputError::new(message).help("was it written before it was named? A line is NAME=value").into());
    }
    Ok(variables)
}

/// A line's number and what is wrong with it.
type MistakenLine = (usize, String);

/// The variables of a text, or what is wrong with it by line.
fn parse(text: &str) -> Result<Vec<(String, String)>, Vec<MistakenLine>> {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut lines: HashMap<&str, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match variable(line) {
            Err(why) => faults.push((number, why)),
            Ok((name, value)) => {
                if let Some(first) = lines.get(name) {
                    faults.push((number, format!("{name} is set in line {first} already")));
                    continue;
                }
                lines.insert(name, number);
                variables.push((name.to_owned(), value));
            }
        }
    }
    if faults.is_empty() { Ok(variables) } else { Err(faults) }
}

fn variable(line: &str) -> Result<(&str, String), String> {
    let line = line.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(line).trim_start();
    let Some((name, value)) = line.split_once('=') else {
        return Err("there is no `=`; a line is NAME=value, or begins with #".to_owned());
    };
    if name.trim_end() != name {
        return Err("white space stands before the `=`".to_owned());
    }
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !name.starts_with(first) || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err("what stands before the `=` is no name of a variable: letters, digits and `_`".to_owned());
    }
    if name == ENV_FILE.flag.variable() {
        return Err(format!("{name} cannot be set in such a file: one file does not name another"));
    }
    if value.contains('\0') {
        return Err(format!("the value of {name} holds a NUL"));
    }
    let value = match value.chars().next() {
        Some('\'') => quoted(&value[1..], '\'').map(|(text, rest)| (text.to_owned(), rest)),
        Some('"') => quoted(&value[1..], '"').and_then(|(text, rest)| Ok((unescaped(text)?, rest))),
        _ => plain(value).map(|text| (text.to_owned(), "")),
    };
    let (value, rest) = value.map_err(|why| format!("the value of {name} {why}"))?;
    let rest = rest.trim_start();
    if !rest.is_empty() && !rest.starts_with('#') {
        return Err(format!("something stands behind the closing quote of {name}"));
    }
    Ok((name, value))
}

/// The text before the closing quote, and the text after it.
fn quoted(text: &str, quote: char) -> Result<(&str, &str), String> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return Ok((&text[..at], &text[at + 1..]));
        }
        escaped = quote == '"' && c == '\\' && !escaped;
    }
    Err("has an opening quote and no closing one in its line".to_owned())
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => return Err(EXPANDED.to_owned()),
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\' | '$' | '`')) => out.push(c),
                _ => {
                    return Err(
                        "has a backslash before something that is not escaped; put it in single quotes".to_owned()
                    );
                }
            },
            c => out.push(c),
        }
    }
    Ok(out)
}

const EXPANDED: &str = "holds a `$`, which a shell would expand and this is no shell; put it in single quotes";

/// A value without quotes ends before a comment.
fn plain(text: &str) -> Result<&str, String> {
    let comment = text.char_indices().find(|(at, c)| *c == '#' && (*at == 0 || text[..*at].ends_with([' ', '\t'])));
    let value = comment.map_or(text, |(at, _)| &text[..at]).trim();
    if value.contains('$') {
        return Err(EXPANDED.to_owned());
    }
    if value.contains(['"', '\'', '`']) || value.chars().any(char::is_whitespace) {
        return Err("holds white space or a quote; put it in single quotes".to_owned());
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_become_variables() {
        let text = "\u{feff}# keys\r\n\r\nAPI_KEY=app-1\r\n  export B='a b #$\"c'  # mine\nC=\"x\\\"y\\\\z\\n\\$1\"\nD= app-2 # mine\nE=a#b\nF=\n_g9=a=b=\n";
        let expected = [
            ("API_KEY", "app-1"),
            ("B", "a b #$\"c"),
            ("C", "x\"y\\z\n$1"),
            ("D", "app-2"),
            ("E", "a#b"),
            ("F", ""),
            ("_g9", "a=b="),
        ];
        let expected: Vec<(String, String)> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(parse(text), Ok(expected));
        assert_eq!(parse(""), Ok(vec![]));
    }

    #[test]
    fn each_mistake_is_told_with_its_line_and_without_its_value() {
        for (line, part) in [
            ("hunter22", "there is no `=`"),
            ("A =hunter22", "white space stands before"),
            ("1A=hunter22", "no name of a variable"),
            ("A-B=hunter22", "no name of a variable"),
            ("=hunter22", "no name of a variable"),
            ("A='hunter22", "no closing one"),
            ("A=\"hunter22\\\"", "no closing one"),
            ("A='hunter22'x", "behind the closing quote"),
            ("A=hunter22 hunter22", "white space or a quote"),
            ("A=hunter22'", "white space or a quote"),
            ("A=${hunter22}", "holds a `$`"),
            ("A=\"$hunter22\"", "holds a `$`"),
            ("A=\"hunter22\\q\"", "not escaped"),
            ("A=hunter22\0", "holds a NUL"),
            ("CONFORMANT_ENV_FILE=hunter22", "one file does not name another"),
            ("B=1\nB=hunter22", "B is set in line 2 already"),
        ] {
            let faults = parse(&format!("#\n{line}\n")).expect_err(line);
            assert_eq!(faults.len(), 1, "{line}: {faults:?}");
            assert!(faults[0].1.contains(part) && !faults[0].1.contains("hunter22"), "{line}: {faults:?}");
            assert_eq!(faults[0].0, 1 + line.lines().count(), "{line}");
        }
    }
}
