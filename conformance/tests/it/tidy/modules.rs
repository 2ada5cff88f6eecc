//! The modules of every crate and the paths that they name, resolved: through nested `use` groups,
//! `self`, `super` and `crate`, renamings and re-exports, to the module that defines the item.

use super::lex::{Kind, Token, tokens};
use super::{read, root};
use std::collections::{BTreeMap, BTreeSet};
use walkdir::WalkDir;

/// A module, in a file of its own or inside another's.
#[derive(Default)]
struct Module {
    /// Its path from the crate's root, which it includes.
    path: Vec<String>,
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// What `use` calls by which name.
    aliases: BTreeMap<String, Vec<String>>,
    /// The modules whose items it takes all together.
    globs: Vec<Vec<String>>,
    /// Names of the items that it defines.
    items: BTreeSet<String>,
    /// The paths that it names, each with its line.
    paths: Vec<(Vec<String>, usize)>,
}

/// A path that a file names.
pub(super) struct Use {
    pub(super) file: String,
    pub(super) line: usize,
    /// The module of that file.
    pub(super) module: Vec<String>,
    /// The path as it is written, and after each renaming and re-export; the last is the item's own.
    pub(super) forms: Vec<String>,
    /// The module whose file defines the item, if it is one of the project's.
    pub(super) defined_in: Option<Vec<String>>,
}

/// Every module of every crate.
pub(super) struct Modules {
    all: Vec<Module>,
    /// The root module of each library, by its name.
    crates: BTreeMap<String, usize>,
}

impl Modules {
    /// Reads the crates of the repository: libraries and programs, without their tests.
    pub(super) fn read() -> Modules {
        let mut modules = Modules {
            all: Vec::new(),
            crates: BTreeMap::new(),
        };
        for manifest in manifests() {
            let folder = manifest.strip_suffix("Cargo.toml").unwrap_or_default();
            let library = format!("{folder}src/lib.rs");
            if root().join(&library).exists() {
                let name = library_name(&manifest);
                let module = modules.add_file(&name, &library, None);
                modules.crates.insert(name, module);
            }
            let program = format!("{folder}src/main.rs");
            if root().join(&program).exists() {
                modules.add_file("main", &program, None);
            }
        }
        modules
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Modules {
        let mut modules = Modules {
            all: Vec::new(),
            crates: BTreeMap::new(),
        };
        let text = |name: &str| {
            let found = files.iter().find(|(file, _)| *file == name);
            found.map(|(_, text)| (*text).to_owned())
        };
        let module = modules.add("a", "a/src/lib.rs", None, &text);
        modules.crates.insert("a".to_owned(), module);
        modules
    }

    fn add_file(&mut self, name: &str, file: &str, parent: Option<usize>) -> usize {
        let text = |name: &str| root().join(name).is_file().then(|| read(name));
        self.add(name, file, parent, &text)
    }

    fn add(
        &mut self,
        name: &str,
        file: &str,
        parent: Option<usize>,
        text: &dyn Fn(&str) -> Option<String>,
    ) -> usize {
        let module = self.enter(name, file, parent);
        let source = text(file).unwrap_or_else(|| panic!("{file} cannot be read"));
        let tokens = tokens(&source).into_iter();
        let code: Vec<Token> = tokens.filter(|token| token.kind != Kind::Comment).collect();
        self.body(module, &code, text);
        module
    }

    fn enter(&mut self, name: &str, file: &str, parent: Option<usize>) -> usize {
        let mut path = parent.map_or(Vec::new(), |parent| self.all[parent].path.clone());
        path.push(name.to_owned());
        self.all.push(Module {
            path,
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        let module = self.all.len() - 1;
        if let Some(parent) = parent {
            self.all[parent].children.insert(name.to_owned(), module);
        }
        module
    }

    /// Reads the tokens of a module.
    fn body(&mut self, module: usize, code: &[Token], text: &dyn Fn(&str) -> Option<String>) {
        let is = |at: usize, word: &str| code.get(at).is_some_and(|token| token.is(word));
        let word = |at: usize| {
            let token = code.get(at).filter(|token| token.kind == Kind::Word);
            token.map(|token| token.text.to_owned())
        };
        let mut at = 0;
        while at < code.len() {
            if is(at, "#") && (is(at + 1, "[") || is(at + 1, "!")) {
                let end = closing(code, at + 1);
                let words: Vec<&str> = code[at..end].iter().map(|token| token.text).collect();
                at = match words.windows(3).any(|words| words == ["cfg", "(", "test"]) {
                    true => after_item(code, end),
                    false => end,
                };
            } else if is(at, "use") {
                let end = (at..code.len()).find(|&at| is(at, ";"));
                let end = end.unwrap_or(code.len());
                self.tree(module, &code[at + 1..end], Vec::new());
                at = end;
            } else if is(at, "mod")
                && let Some(name) = word(at + 1)
            {
                let file = self.all[module].file.clone();
                if is(at + 2, ";") {
                    let file = child_file(&file, &self.all[module].path, &name, text);
                    self.add(&name, &file, Some(module), text);
                    at += 2;
                } else {
                    let end = closing(code, at + 2);
                    let child = self.enter(&name, &file, Some(module));
                    self.body(child, &code[at + 3..end - 1], text);
                    at = end;
                }
            } else if is_definition(code[at]) {
                // `macro_rules! name`, `const fn name`, `static mut name`
                let skipped = usize::from(is(at + 1, "!") || is(at + 1, "mut"));
                self.all[module].items.extend(word(at + 1 + skipped));
                at += 1;
            } else if code[at].kind == Kind::Word && is(at + 1, "::") {
                let (line, mut path) = (code[at].line, vec![code[at].text.to_owned()]);
                let inside = at > 0 && (is(at - 1, "::") || is(at - 1, "."));
                while is(at + 1, "::")
                    && let Some(next) = word(at + 2)
                {
                    path.push(next);
                    at += 2;
                }
                if !inside && path.len() > 1 {
                    self.all[module].paths.push((path, line));
                }
                at += 1;
            } else {
                at += 1;
            }
        }
    }

    /// Reads a `use` tree: `a::b`, `a::b as c`, `a::{b, c::d}`, `a::*`.
    fn tree(&mut self, module: usize, tree: &[Token], mut prefix: Vec<String>) {
        let line = tree.first().map_or(0, |token| token.line);
        let mut at = 0;
        while at < tree.len() {
            match tree[at].text {
                "{" => {
                    let end = closing(tree, at);
                    for branch in branches(&tree[at + 1..end - 1]) {
                        self.tree(module, branch, prefix.clone());
                    }
                    return;
                }
                "*" => {
                    let module = &mut self.all[module];
                    module.paths.push((prefix.clone(), line));
                    module.globs.push(prefix);
                    return;
                }
                "as" => {
                    let name = tree.get(at + 1).map_or("_", |token| token.text);
                    self.alias(module, name, prefix, line);
                    return;
                }
                "self" if !prefix.is_empty() => {}
                text if tree[at].kind == Kind::Word => prefix.push(text.to_owned()),
                _ => {}
            }
            at += 1;
        }
        if let Some(name) = prefix.last().cloned() {
            self.alias(module, &name, prefix, line);
        }
    }

    fn alias(&mut self, module: usize, name: &str, path: Vec<String>, line: usize) {
        let module = &mut self.all[module];
        module.paths.push((path.clone(), line));
        if name != "_" && path != [name] {
            module.aliases.insert(name.to_owned(), path);
        }
    }

    /// Returns every path that a file names, resolved.
    pub(super) fn uses(&self) -> Vec<Use> {
        let mut uses = Vec::new();
        for (at, module) in self.all.iter().enumerate() {
            for (path, line) in &module.paths {
                let mut forms = vec![path.join("::")];
                let found = self.resolve(at, path, &mut forms, 0);
                // A module that is only named is not yet used; what is named in it is.
                let item = found.filter(|(_, rest)| *rest > 0 || self.is_glob(at, path));
                uses.push(Use {
                    file: module.file.clone(),
                    line: *line,
                    module: self.of_file(at),
                    forms,
                    defined_in: item.map(|(found, _)| self.of_file(found)),
                });
            }
        }
        uses
    }

    /// Returns the path of the module that has a file of its own and contains this one.
    fn of_file(&self, mut module: usize) -> Vec<String> {
        while let Some(parent) = self.all[module].parent
            && self.all[parent].file == self.all[module].file
        {
            module = parent;
        }
        self.all[module].path.clone()
    }

    fn is_glob(&self, module: usize, path: &[String]) -> bool {
        self.all[module].globs.iter().any(|glob| glob == path)
    }

    /// Returns the module that a path leads to, and how many of its words are left over for the
    /// item in it; adds each form of the path on the way.
    fn resolve(
        &self,
        from: usize,
        path: &[String],
        forms: &mut Vec<String>,
        depth: usize,
    ) -> Option<(usize, usize)> {
        let head = path.first()?;
        let module = match head.as_str() {
            "crate" => Some(self.crate_root(from)),
            "self" => Some(from),
            "super" => self.all[from].parent,
            _ => None,
        };
        if let Some(module) = module {
            return self.descend(module, &path[1..], forms, depth);
        }
        if self.knows(from, head) {
            return self.descend(from, path, forms, depth);
        }
        match self.crates.get(head) {
            Some(&module) => self.descend(module, &path[1..], forms, depth),
            None => None,
        }
    }

    /// Follows a path from a module.
    fn descend(
        &self,
        from: usize,
        path: &[String],
        forms: &mut Vec<String>,
        depth: usize,
    ) -> Option<(usize, usize)> {
        let module = &self.all[from];
        let Some((head, rest)) = path.split_first() else {
            forms.push(module.path.join("::"));
            return Some((from, 0));
        };
        if head == "super" {
            return self.descend(module.parent?, rest, forms, depth);
        }
        if let Some(&child) = module.children.get(head) {
            return self.descend(child, rest, forms, depth);
        }
        let own = [&module.path[..], path].concat().join("::");
        if depth < 20
            && let Some(alias) = module.aliases.get(head)
        {
            let path = [&alias[..], rest].concat();
            forms.extend([own, path.join("::")]);
            return self.resolve(from, &path, forms, depth + 1);
        }
        if depth < 20 && !module.items.contains(head) {
            for glob in &module.globs {
                let found = self.resolve(from, glob, &mut Vec::new(), depth + 1);
                if let Some((found, 0)) = found
                    && found != from
                    && self.knows(found, head)
                {
                    return self.descend(found, path, forms, depth + 1);
                }
            }
        }
        forms.push(own);
        Some((from, path.len()))
    }

    /// Returns true if a module defines or imports something of that name.
    fn knows(&self, module: usize, name: &str) -> bool {
        let module = &self.all[module];
        module.children.contains_key(name)
            || module.aliases.contains_key(name)
            || module.items.contains(name)
    }

    fn crate_root(&self, mut module: usize) -> usize {
        while let Some(parent) = self.all[module].parent {
            module = parent;
        }
        module
    }

    /// Returns true if there is a module or an item of that full path.
    pub(super) fn exists(&self, path: &str) -> bool {
        let words: Vec<String> = path.split("::").map(str::to_owned).collect();
        let Some(&root) = words.first().and_then(|name| self.crates.get(name)) else {
            return false;
        };
        match self.descend(root, &words[1..], &mut Vec::new(), 0) {
            Some((_, 0)) => true,
            Some((module, left)) => self.knows(module, &words[words.len() - left]),
            // A name that another crate gives it.
            None => true,
        }
    }

    /// Returns the names of all files.
    pub(super) fn files(&self) -> BTreeSet<&str> {
        self.all.iter().map(|module| &*module.file).collect()
    }
}

/// Returns true for a keyword before the name of an item.
fn is_definition(token: Token) -> bool {
    let keywords = [
        "fn",
        "struct",
        "enum",
        "trait",
        "type",
        "const",
        "static",
        "union",
        "macro_rules",
    ];
    keywords.iter().any(|keyword| token.is(keyword))
}

/// Returns the index after the bracket that closes the one at or after `at`.
fn closing(code: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in code.iter().enumerate().skip(at) {
        match token.text {
            "(" | "[" | "{" if token.kind == Kind::Mark => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Mark => {
                depth -= 1;
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Returns the index after the item that begins at `at`: after its `;` or its block.
fn after_item(code: &[Token], mut at: usize) -> usize {
    let is_use = |at: usize| code.get(at).is_some_and(|token| token.is("use"));
    let mut in_use = false;
    while let Some(token) = code.get(at) {
        in_use |= is_use(at);
        match token.text {
            ";" => return at + 1,
            "{" if !in_use => return closing(code, at),
            "(" | "[" | "{" if token.kind == Kind::Mark => at = closing(code, at),
            _ => at += 1,
        }
    }
    at
}

/// Splits what is between the braces of a `use` at its commas.
fn branches<'t, 'a>(tree: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let (mut found, mut start, mut at) = (Vec::new(), 0, 0);
    while at < tree.len() {
        match tree[at].text {
            "," => {
                found.push(&tree[start..at]);
                start = at + 1;
                at += 1;
            }
            "{" => at = closing(tree, at),
            _ => at += 1,
        }
    }
    found.push(&tree[start..]);
    found.retain(|branch| !branch.is_empty());
    found
}

/// Returns the file of a module that another file declares.
fn child_file(
    parent: &str,
    path: &[String],
    name: &str,
    text: &dyn Fn(&str) -> Option<String>,
) -> String {
    let (folder, file) = parent.rsplit_once('/').unwrap_or(("", parent));
    let folder = match file {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => format!("{folder}/{}", path.last().map_or("", String::as_str)),
    };
    let flat = format!("{folder}/{name}.rs");
    match text(&flat) {
        Some(_) => flat,
        None => format!("{folder}/{name}/mod.rs"),
    }
}

/// Returns the manifests of the workspace's packages.
pub(super) fn manifests() -> Vec<String> {
    let root = root();
    let is_hidden = |name: &str| name.starts_with('.') || name == "target";
    let files = WalkDir::new(&root).max_depth(4).sort_by_file_name();
    let files = files.into_iter().filter_entry(|entry| {
        entry.depth() == 0 || !is_hidden(&entry.file_name().to_string_lossy())
    });
    files
        .map(|entry| entry.expect("a folder can be read"))
        .filter(|entry| entry.file_name() == "Cargo.toml" && entry.depth() > 1)
        .map(|entry| {
            let path = entry
                .path()
                .strip_prefix(&root)
                .expect("it is in the repository");
            path.to_string_lossy().into_owned()
        })
        .collect()
}

/// Returns the name of a package's library.
fn library_name(manifest: &str) -> String {
    let text = read(manifest);
    let name = |section: &str| {
        let (_, section) = text.split_once(&format!("[{section}]\n"))?;
        let mut lines = section.lines().take_while(|line| !line.starts_with('['));
        let name = lines.find_map(|line| line.strip_prefix("name = "))?;
        Some(name.trim_matches('"').replace('-', "_"))
    };
    let name = name("lib").or_else(|| name("package"));
    name.unwrap_or_else(|| panic!("{manifest} has no name"))
}

#[track_caller]
fn check_use(source: &str, expected: &[(&str, Option<&str>)]) {
    let modules = Modules::of(&[
        (
            "a/src/lib.rs",
            "pub mod b; mod c; pub use b::deep::Item; use c::Other;",
        ),
        (
            "a/src/b.rs",
            "pub mod deep; pub use self::deep::Item as Renamed; pub fn f() {}",
        ),
        ("a/src/b/deep.rs", "pub struct Item; pub const N: u8 = 1;"),
        ("a/src/c.rs", source),
    ]);
    let uses = modules.uses();
    let uses = uses.iter().filter(|each| each.file == "a/src/c.rs");
    let found: Vec<(String, Option<String>)> = uses
        .map(|each| {
            let module = each.defined_in.as_ref().map(|module| module.join("::"));
            (each.forms.last().cloned().unwrap_or_default(), module)
        })
        .collect();
    let expected = expected.iter();
    let expected: Vec<(String, Option<String>)> = expected
        .map(|(form, module)| ((*form).to_owned(), module.map(str::to_owned)))
        .collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn paths_lead_to_the_module_that_defines_the_item() {
    const DEEP: Option<&str> = Some("a::b::deep");
    check_use("use crate::Item;", &[("a::b::deep::Item", DEEP)]);
    check_use("use super::b::Renamed as R;", &[("a::b::deep::Item", DEEP)]);
    check_use(
        "use crate::{b::{self, deep::{N, Item}}, Item as I};",
        &[
            ("a::b", None),
            ("a::b::deep::N", DEEP),
            ("a::b::deep::Item", DEEP),
            ("a::b::deep::Item", DEEP),
        ],
    );
    check_use(
        "use super::b; fn g() { b::f(); b::Renamed::new(); crate::b::deep::N }",
        &[
            ("a::b", None),
            ("a::b::f", Some("a::b")),
            ("a::b::deep::Item::new", DEEP),
            ("a::b::deep::N", DEEP),
        ],
    );
    check_use("use crate::b::deep::*;", &[("a::b::deep", DEEP)]);
    check_use(
        "use std::{fs}; fn g() { fs::read() }",
        &[("std::fs", None), ("std::fs::read", None)],
    );
    check_use(
        "// crate::Item\n#[cfg(test)] mod tests { use crate::Item; }",
        &[],
    );
    check_use(
        "#[cfg(test)] use crate::{Item}; const C: &str = \"crate::Item\";",
        &[],
    );
    check_use(
        "pub(crate) mod inner { use super::super::b::f; }",
        &[("a::b::f", Some("a::b"))],
    );
}
