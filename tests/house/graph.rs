//! Which file imports what from which other, and the circles in that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::{Files, Module, Modules};

/// The imports between the files of a crate.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// From a file, to a file: the names that are imported, each with its first line.
    pub(crate) of: BTreeMap<String, BTreeMap<String, BTreeMap<String, usize>>>,
    /// What could not be read, as in [`Modules::unread`].
    pub(crate) unread: Vec<String>,
}

/// What a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// A module, by index.
    Module(usize),
    /// An item that this module defines, by index.
    Item(usize),
}

impl Imports {
    /// Reads the crates with these root files, the library's first.
    ///
    /// A file imports from another what it names in a `use` or in a path, wherever that is defined: re-exports are looked
    /// through. A re-export alone is no import. A module is none either; what is named through it is.
    pub(crate) fn read(files: &Files, roots: &[&str]) -> Self {
        let modules = Modules::read(files, roots);
        let mut imports = Self { unread: modules.unread.clone(), ..Self::default() };
        for (index, module) in modules.all.iter().enumerate() {
            for import in &module.imports {
                if import.name == "*" {
                    imports.add_all_named(&modules, index, &import.path, import.line);
                } else if !import.exported || module.names.contains(&import.name) {
                    imports.add(&modules, index, &import.path, import.line);
                }
            }
            for (line, path) in &module.paths {
                imports.add(&modules, index, path, *line);
            }
        }
        imports
    }

    fn add(&mut self, modules: &Modules, from: usize, path: &[String], line: usize) {
        if let Some((defining, name)) = modules.definition(from, path) {
            self.insert(&modules.all[from], &modules.all[defining], name, line);
        }
    }

    /// Adds what is used of the names that `use path::*` brings in.
    fn add_all_named(&mut self, modules: &Modules, from: usize, path: &[String], line: usize) {
        match modules.meaning(from, path, true, &mut BTreeSet::new()) {
            Some(Meaning::Module(module)) => {
                for name in &modules.all[from].names {
                    let found = modules.lookup(module, name, false, &mut BTreeSet::new());
                    if let Some(Meaning::Item(defining)) = found {
                        self.insert(&modules.all[from], &modules.all[defining], name, line);
                    }
                }
            }
            // The variants of an enum.
            _ => self.add(modules, from, path, line),
        }
    }

    fn insert(&mut self, from: &Module, to: &Module, name: &str, line: usize) {
        if from.file != to.file {
            let names = self.of.entry(from.file.clone()).or_default().entry(to.file.clone()).or_default();
            names.entry(name.to_owned()).and_modify(|first| *first = line.min(*first)).or_insert(line);
        }
    }

    /// The circles, one for each group of files that all reach each other.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.of.keys().map(|file| (file.as_str(), self.reached(file))).collect();
        let reach = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
        let mut circles = Vec::new();
        let mut done = BTreeSet::new();
        for (file, ahead) in &reached {
            if done.contains(file) || !ahead.contains(file) {
                continue;
            }
            let group: Vec<&str> = ahead.iter().copied().filter(|other| reach(other, file)).collect();
            done.extend(group.iter().copied());
            let shortest =
                group.iter().map(|start| self.shortest_circle(start)).min_by_key(Vec::len).unwrap_or_default();
            let files = group.into_iter().map(ToOwned::to_owned).collect();
            circles.push(Circle { files, text: self.text(&shortest) });
        }
        circles
    }

    /// The files that a file imports from, directly or not.
    pub(crate) fn reached(&self, file: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open = vec![file];
        while let Some(file) = open.pop() {
            for next in self.of.get(file).into_iter().flat_map(BTreeMap::keys) {
                if found.insert(next.as_str()) {
                    open.push(next);
                }
            }
        }
        found
    }

    /// A shortest chain of imports from a file back to itself. The file is at both ends.
    fn shortest_circle<'a>(&'a self, start: &'a str) -> Vec<&'a str> {
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([start]);
        while let Some(file) = open.pop_front() {
            for next in self.of.get(file).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    let mut chain = vec![start, file];
                    while let Some(previous) = chain.last().and_then(|file| before.get(file)) {
                        chain.push(previous);
                    }
                    if file == start {
                        chain.pop();
                    }
                    chain.reverse();
                    return chain;
                }
                if !before.contains_key(next.as_str()) {
                    before.insert(next, file);
                    open.push_back(next);
                }
            }
        }
        Vec::new()
    }

    fn text(&self, chain: &[&str]) -> String {
        let lines = chain.windows(2).map(|two| {
            let names = self.of[two[0]][two[1]].iter().map(|(name, line)| format!("{name} (line {line})"));
            format!("{} -> {}: {}", two[0], two[1], names.collect::<Vec<_>>().join(", "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A group of files that reach each other by imports.
#[derive(Debug)]
pub(crate) struct Circle {
    /// All files of the group.
    pub(crate) files: Vec<String>,
    /// A shortest circle in the group: `file -> file: names`, a line for each step.
    pub(crate) text: String,
}

impl Modules {
    /// The module that defines what a path names, and the name; none for modules and for what other crates define.
    fn definition<'a>(&self, from: usize, path: &'a [String]) -> Option<(usize, &'a str)> {
        // Behind a type come its variants and functions, which are defined with it or not named here.
        (1..=path.len()).find_map(|length| {
            match self.meaning(from, &path[..length], length < path.len(), &mut BTreeSet::new())? {
                Meaning::Item(defining) => Some((defining, path[length - 1].as_str())),
                Meaning::Module(_) => None,
            }
        })
    }

    /// What a path means in a module; where `as_module`, a module comes before an item of the same name.
    fn meaning(
        &self,
        from: usize,
        path: &[String],
        as_module: bool,
        seen: &mut BTreeSet<(usize, String)>,
    ) -> Option<Meaning> {
        let (first, rest) = path.split_first()?;
        let mut meaning = match first.as_str() {
            "crate" => Meaning::Module(self.root_of(from)),
            "conformant" => Meaning::Module(0),
            "self" => Meaning::Module(from),
            "super" => Meaning::Module(self.all[from].parent),
            name => self.lookup(from, name, as_module || !rest.is_empty(), seen)?,
        };
        for (index, name) in rest.iter().enumerate() {
            let Meaning::Module(module) = meaning else { return Some(meaning) };
            meaning = match name.as_str() {
                "super" => Meaning::Module(self.all[module].parent),
                "self" => meaning,
                name => self.lookup(module, name, as_module || index + 1 < rest.len(), seen)?,
            };
        }
        Some(meaning)
    }

    /// What a name means in a module: its own, or what it imports.
    fn lookup(
        &self,
        index: usize,
        name: &str,
        as_module: bool,
        seen: &mut BTreeSet<(usize, String)>,
    ) -> Option<Meaning> {
        let module = &self.all[index];
        let child = module.children.get(name).map(|child| Meaning::Module(*child));
        let item = module.items.contains(name).then_some(Meaning::Item(index));
        // Only a module or a type can stand before `::`; a function may have the name of an imported module.
        let is_type = || module.types.iter().any(|(_, own)| own == name);
        let own = if as_module { child.or(item.filter(|_| is_type())) } else { item.or(child) };
        if own.is_some() || !seen.insert((index, name.to_owned())) {
            return own;
        }
        let imported = module.imports.iter().filter(|import| import.name == name);
        let imported = imported.into_iter().find_map(|import| self.meaning(index, &import.path, as_module, seen));
        imported.or_else(|| {
            let all = module.imports.iter().filter(|import| import.name == "*");
            all.into_iter().find_map(|import| match self.meaning(index, &import.path, true, seen)? {
                Meaning::Module(other) if other != index => self.lookup(other, name, as_module, seen),
                _ => None,
            })
        })
    }

    fn root_of(&self, mut index: usize) -> usize {
        while self.all[index].parent != index {
            index = self.all[index].parent;
        }
        index
    }
}
