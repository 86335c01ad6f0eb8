//! The modules of a crate, as its files declare them: what each defines, what it imports, and which paths its code
//! names. Test modules are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, tokens};

/// Source files by their paths.
pub(crate) type Files = BTreeMap<String, String>;

/// A module, in a file of its own or inside another's file.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The file that holds it.
    pub(crate) file: String,
    /// The module that declares it, by index; itself for the root of a crate.
    pub(crate) parent: usize,
    /// The modules that it declares, by name.
    pub(crate) children: BTreeMap<String, usize>,
    /// The items that it defines.
    pub(crate) items: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// The paths that its code names outside of imports, each with its line.
    pub(crate) paths: Vec<(usize, Vec<String>)>,
    /// Every name in its code outside of imports, except after a dot (fields, methods) and after `fn`.
    pub(crate) names: BTreeSet<String>,
    /// The types that it defines (`struct`, `enum`, `union`, `trait`, `type`), also inside functions, with their lines.
    pub(crate) types: Vec<(usize, String)>,
    /// The folder in which the files of its children lie.
    folder: String,
}

/// One name that a `use` brings in.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// The name by which the module knows it; `*` for all names of a module.
    pub(crate) name: String,
    /// Whether it is a re-export.
    pub(crate) exported: bool,
}

/// The modules of a library and of the command that uses it; the root of the library is the first.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    pub(crate) all: Vec<Module>,
    /// The paths of test modules with a file, without `.rs`.
    pub(crate) for_tests: BTreeSet<String>,
    /// What could not be read: `mod` lines whose file was not found, and files of which a part was not understood.
    pub(crate) unread: Vec<String>,
}

impl Modules {
    /// Reads the crates with these root files.
    pub(crate) fn read(files: &Files, roots: &[&str]) -> Self {
        let mut modules = Self::default();
        for root in roots {
            let index = modules.all.len();
            let folder = parent_folder(root).to_owned();
            modules.all.push(Module { file: (*root).to_owned(), parent: index, folder, ..Module::default() });
            modules.read_file(files, index);
        }
        modules
    }

    fn read_file(&mut self, files: &Files, index: usize) {
        let text = &files[&self.all[index].file];
        let tokens = tokens(text);
        let mut reader = Reader { modules: self, files, tokens: &tokens, at: 0 };
        reader.module(index);
        if let Some(token) = tokens.get(reader.at) {
            let unread = format!("{}:{}: what comes here", self.all[index].file, token.line);
            self.unread.push(unread);
        }
    }
}

/// Reads the tokens of one file.
struct Reader<'a> {
    modules: &'a mut Modules,
    files: &'a Files,
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    /// Reads up to the end of a module: the end of the file, or the brace that closes it.
    fn module(&mut self, index: usize) {
        let mut depth = 0_usize;
        let mut declared_file = None;
        while let Some(token) = self.tokens.get(self.at) {
            match token.text.as_str() {
                "#" if self.is("[", 1) => {
                    let attribute = self.attribute();
                    if is_for_tests(attribute) {
                        self.skip_item(index);
                    } else if let [path, _, value] = attribute
                        && path.text == "path"
                    {
                        declared_file = Some(value.text.trim_matches('"').to_owned());
                    } else {
                        // An attribute may name paths: its tokens are read as any other.
                        self.at -= attribute.len() + 2;
                    }
                    continue;
                }
                "{" | "(" | "[" => depth += 1,
                "}" if depth == 0 => return self.at += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                "use" if !self.is("<", 1) => {
                    self.import(index);
                    continue;
                }
                "mod" if self.is("{", 2) || self.is(";", 2) => {
                    self.child(index, declared_file.take());
                    continue;
                }
                _ if token.is_name() => {
                    self.definition(index, depth);
                    self.name(index);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| &token.text)
    }

    fn is(&self, text: &str, ahead: usize) -> bool {
        self.text(ahead) == text
    }

    /// Whether the token before this one, by so many, is this text.
    fn was(&self, text: &str, before: usize) -> bool {
        self.at.checked_sub(before).and_then(|at| self.tokens.get(at)).is_some_and(|token| token.text == text)
    }

    /// The tokens inside `#[…]`; goes on behind it.
    fn attribute(&mut self) -> &[Token] {
        self.at += 1;
        let start = self.at + 1;
        self.skip_group();
        &self.tokens[start..self.at - 1]
    }

    /// Goes on behind the group that opens here.
    fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes on behind an item, a field or a statement, its further attributes included.
    fn skip_item(&mut self, index: usize) {
        while self.is("#", 0) {
            self.attribute();
        }
        if self.is("mod", 0) {
            let path = format!("{}/{}", self.modules.all[index].folder, self.text(1));
            self.modules.for_tests.insert(path);
        }
        let mut ahead = 0;
        if self.is("pub", 0) {
            ahead = if self.is("(", 1) { 4 } else { 1 };
        }
        let ends_with_semicolon =
            matches!(self.text(ahead), "use" | "const" | "static" | "type" | "let") && !self.is("fn", ahead + 1);
        while self.at < self.tokens.len() {
            match self.text(0) {
                ";" | "," => return self.at += 1,
                "}" | ")" | "]" => return,
                "{" if !ends_with_semicolon => return self.skip_group(),
                "{" | "(" | "[" => self.skip_group(),
                _ => self.at += 1,
            }
        }
    }

    /// Reads `use …;`.
    fn import(&mut self, index: usize) {
        let exported = self.was("pub", 1) || self.was(")", 1) && self.was("pub", 4);
        self.at += 1;
        if self.is("::", 0) {
            self.at += 1;
        }
        self.import_tree(index, &[], exported);
        // The semicolon.
        self.at += 1;
    }

    /// Reads one branch of a `use` tree, and goes on behind it.
    fn import_tree(&mut self, index: usize, before: &[String], exported: bool) {
        let mut path = before.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.text(0) {
                "{" => {
                    self.at += 1;
                    while !self.is("}", 0) && self.at < self.tokens.len() {
                        self.import_tree(index, &path, exported);
                        if self.is(",", 0) {
                            self.at += 1;
                        }
                    }
                    return self.at += 1;
                }
                "*" => {
                    self.at += 1;
                    return self.modules.all[index].imports.push(Import { line, path, name: "*".to_owned(), exported });
                }
                _ => path.push(self.text(0).to_owned()),
            }
            self.at += 1;
            if !self.is("::", 0) {
                break;
            }
            self.at += 1;
        }
        // `use a::b::{self}` brings in `b`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if self.is("as", 0) {
            self.text(1).clone_into(&mut name);
            self.at += 2;
        }
        self.modules.all[index].imports.push(Import { line, path, name, exported });
    }

    /// Reads `mod name;` or `mod name { … }`.
    fn child(&mut self, index: usize, declared_file: Option<String>) {
        let name = self.text(1).to_owned();
        let is_inline = self.is("{", 2);
        let line = self.tokens[self.at].line;
        self.at += 3;
        let parent = &self.modules.all[index];
        let folder = format!("{}/{name}", parent.folder);
        let child = self.modules.all.len();
        if is_inline {
            let file = parent.file.clone();
            self.modules.all.push(Module { file, parent: index, folder, ..Module::default() });
            self.modules.all[index].children.insert(name, child);
            return self.module(child);
        }
        let candidates = declared_file.map_or_else(
            || vec![format!("{folder}.rs"), format!("{folder}/mod.rs")],
            |file| vec![format!("{}/{file}", parent_folder(&parent.file))],
        );
        let Some(file) = candidates.into_iter().find(|file| self.files.contains_key(file)) else {
            self.modules.unread.push(format!("{}:{line}: mod {name}", parent.file));
            return;
        };
        self.modules.all.push(Module { file, parent: index, folder, ..Module::default() });
        self.modules.all[index].children.insert(name, child);
        self.modules.read_file(self.files, child);
    }

    /// Notes what a keyword here defines.
    fn definition(&mut self, index: usize, depth: usize) {
        let defined = match self.text(0) {
            "struct" | "enum" | "union" | "trait" | "type" | "fn" | "const" | "static" => 1,
            "macro_rules" => 2,
            _ => return,
        };
        let Some(token) = self.tokens.get(self.at + defined).filter(|token| token.is_name()) else { return };
        let is_type = match self.text(0) {
            "struct" | "enum" | "trait" => true,
            // Inside of braces `type` stands in a trait or its implementation.
            "union" | "type" => depth == 0,
            _ => false,
        };
        let module = &mut self.modules.all[index];
        if is_type {
            module.types.push((token.line, token.text.clone()));
        }
        if depth == 0 {
            module.items.insert(token.text.clone());
        }
    }

    /// Notes a name, or the path that begins with it; goes on behind it.
    fn name(&mut self, index: usize) {
        let line = self.tokens[self.at].line;
        let goes_on = self.was("::", 1) || self.was(".", 1) || self.was("fn", 1);
        let mut path = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.is("::", 0) && self.tokens.get(self.at + 1).is_some_and(Token::is_name) {
            path.push(self.text(1).to_owned());
            self.at += 2;
        }
        if goes_on {
            return;
        }
        let module = &mut self.modules.all[index];
        module.names.insert(path[0].clone());
        if path.len() > 1 {
            module.paths.push((line, path));
        }
    }
}

/// Whether what has this attribute is compiled for tests alone.
fn is_for_tests(attribute: &[Token]) -> bool {
    let has = |text: &str| attribute.iter().any(|token| token.text == text);
    attribute.first().is_some_and(|first| first.text == "cfg") && has("test") && !has("not")
}

fn parent_folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
