//! The public items of the library, as the files of `src/` declare them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::tokens::{Token, tokens};

/// The tokens of every file below `src/`.
type Sources = BTreeMap<PathBuf, Vec<Token>>;

/// Every public item that is not hidden, sorted: `macro!`, `Type`, `Type::method`, `Type.field`, `Type::Variant`.
pub(crate) fn public_items() -> Vec<String> {
    let mut sources = Sources::new();
    read(Path::new("src"), &mut sources);
    let mut found: Vec<String> = sources.values().flat_map(|tokens| macros(tokens)).collect();
    for name in exported(&sources[Path::new("src/lib.rs")]) {
        found.extend(sources.values().flat_map(|tokens| items_of(tokens, &name)));
    }
    found.sort();
    found
}

fn read(folder: &Path, sources: &mut Sources) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a readable file");
            sources.insert(path, tokens(&text));
        }
    }
}

/// The names that `src/lib.rs` exports. Everything else that is public there must be hidden.
fn exported(tokens: &[Token]) -> Vec<String> {
    let mut names = Vec::new();
    for item in items(tokens) {
        if !item.is_public() || item.is_hidden() {
            continue;
        }
        assert_eq!(item.text(1), "use", "src/lib.rs:{}: a public item that is not hidden", item.tokens[0].line);
        assert!(
            item.tokens.iter().all(|token| !matches!(token.text.as_str(), "*" | "as")),
            "src/lib.rs: `use` too wide"
        );
        let path = item.tokens.iter().skip(2);
        // The last name of a path, and every name in braces.
        let list: Vec<&Token> = match item.tokens.iter().position(|token| token.text == "{") {
            Some(brace) => path.skip(brace - 1).filter(|token| token.is_name()).collect(),
            None => path.rev().find(|token| token.is_name()).into_iter().collect(),
        };
        names.extend(list.into_iter().map(|token| token.text.clone()));
    }
    names
}

/// The macros that other crates see.
fn macros(tokens: &[Token]) -> Vec<String> {
    let all = items(tokens).into_iter();
    let seen = all.filter(|item| item.has_attribute("macro_export") && !item.is_hidden());
    seen.map(|item| format!("{}!", item.text(2))).collect()
}

/// What a file declares of a type: the type, its fields and variants, and its methods.
fn items_of(tokens: &[Token], name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for item in items(tokens) {
        match item.text(0) {
            "pub" if matches!(item.text(1), "struct" | "enum" | "trait" | "type" | "fn") && item.text(2) == name => {
                found.push(name.to_owned());
                let inner = items(item.body());
                let is_enum = item.text(1) == "enum";
                found.extend(inner.iter().filter(|one| !one.is_hidden()).filter_map(|one| match one.text(0) {
                    "pub" if !is_enum => Some(format!("{name}.{}", one.text(1))),
                    variant if is_enum => Some(format!("{name}::{variant}")),
                    _ => None,
                }));
            }
            "impl" if item.text(1) == name && item.text(2) == "{" => {
                let inner = items(item.body());
                let seen = inner.iter().filter(|one| one.is_public() && !one.is_hidden());
                found.extend(seen.map(|one| format!("{name}::{}", one.name())));
            }
            _ => {}
        }
    }
    found
}

/// An item, a field or a variant: its attributes and its tokens.
struct Item<'a> {
    attributes: Vec<&'a [Token]>,
    tokens: &'a [Token],
}

impl<'a> Item<'a> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    /// Whether it is `pub` without a limit such as `pub(crate)`.
    fn is_public(&self) -> bool {
        self.text(0) == "pub" && self.text(1) != "("
    }

    fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.iter().any(|token| token.text == name))
    }

    fn is_hidden(&self) -> bool {
        self.has_attribute("hidden")
    }

    /// The name of a function or a constant.
    fn name(&self) -> &str {
        let at = self.tokens.iter().position(|token| token.text == "fn").or_else(|| {
            self.tokens.iter().position(|token| matches!(token.text.as_str(), "const" | "type" | "static"))
        });
        at.map_or("", |at| self.text(at + 1))
    }

    /// The tokens in its braces.
    fn body(&self) -> &'a [Token] {
        let Some(open) = self.tokens.iter().position(|token| token.text == "{") else { return &[] };
        &self.tokens[open + 1..self.tokens.len() - 1]
    }
}

/// The items of a file or of a body. Fields and variants count as items.
fn items(tokens: &[Token]) -> Vec<Item<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut attributes = Vec::new();
        while tokens.get(at).is_some_and(|token| token.text == "#") {
            // `#![…]` belongs to the file.
            let is_inner = tokens.get(at + 1).is_some_and(|token| token.text == "!");
            let open = if is_inner { at + 2 } else { at + 1 };
            let end = group_end(tokens, open);
            if !is_inner {
                attributes.push(&tokens[open..end]);
            }
            at = end;
        }
        let start = at;
        while let Some(token) = tokens.get(at) {
            match token.text.as_str() {
                ";" | "," => break,
                // The group of a `use` is not its end.
                "{" if !tokens[start..at].iter().any(|token| token.text == "use" || token.text == "=") => {
                    at = group_end(tokens, at);
                    break;
                }
                "{" | "(" | "[" => at = group_end(tokens, at),
                _ => at += 1,
            }
        }
        if at > start {
            found.push(Item { attributes, tokens: &tokens[start..at] });
        }
        while tokens.get(at).is_some_and(|token| matches!(token.text.as_str(), ";" | ",")) {
            at += 1;
        }
    }
    found
}

/// The place behind the group that opens here.
fn group_end(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}
