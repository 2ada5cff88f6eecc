//! The symbol table: which names each scope has, and where they live.

mod analyze;
mod visit;

use crate::ast::ExprId;
use crate::error::{Failure, Result};
use crate::names::{FastMap, Names, Sym};

/// What is known of a name in a scope, as bits.
pub(crate) mod def {
    pub(crate) const GLOBAL: u16 = 1;
    pub(crate) const LOCAL: u16 = 2;
    pub(crate) const PARAM: u16 = 4;
    pub(crate) const NONLOCAL: u16 = 8;
    pub(crate) const USE: u16 = 16;
    pub(crate) const FREE_CLASS: u16 = 64;
    pub(crate) const IMPORT: u16 = 128;
    pub(crate) const ANNOT: u16 = 256;
    pub(crate) const COMP_ITER: u16 = 512;
    pub(crate) const BOUND: u16 = LOCAL | PARAM | IMPORT;
}

/// Where a name lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    Unknown,
    Local,
    GlobalExplicit,
    GlobalImplicit,
    Free,
    Cell,
}

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Module,
    Class,
    Function,
}

/// A name in a scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: Sym,
    pub(crate) flags: u16,
    pub(crate) place: Place,
}

/// A scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) block: Block,
    parent: Option<u32>,
    line: u32,
    col: u32,
    pub(crate) symbols: Vec<Symbol>,
    /// Its parameters.
    pub(crate) varnames: Vec<Sym>,
    pub(crate) nested: bool,
    pub(crate) generator: bool,
    pub(crate) coroutine: bool,
    pub(crate) comprehension: bool,
    pub(crate) varargs: bool,
    pub(crate) varkeywords: bool,
    pub(crate) needs_class_closure: bool,
    comp_iter_target: bool,
    comp_iter_expr: u32,
    /// Names of `global` and `nonlocal` statements, with their places.
    directives: Vec<(Sym, u32, u32)>,
}

/// The scopes of a source.
pub(crate) struct Table {
    pub(crate) scopes: Vec<Scope>,
    /// Where each name is among a scope's symbols.
    index: FastMap<(u32, Sym), u32>,
    functions: Vec<u32>,
    classes: Vec<u32>,
    exprs: FastMap<ExprId, u32>,
}

impl Table {
    /// The scope of a function, by its number in the tree.
    pub(crate) fn function(&self, index: u32) -> u32 {
        self.functions[index as usize]
    }

    /// The scope of a class.
    pub(crate) fn class(&self, index: u32) -> u32 {
        self.classes[index as usize]
    }

    /// The scope of a lambda or comprehension.
    pub(crate) fn expr(&self, id: ExprId) -> u32 {
        self.exprs.get(&id).copied().unwrap_or(0)
    }

    fn symbol(&self, scope: u32, name: Sym) -> Option<&Symbol> {
        let at = *self.index.get(&(scope, name))?;
        self.scopes[scope as usize].symbols.get(at as usize)
    }

    fn flags(&self, scope: u32, name: Sym) -> u16 {
        self.symbol(scope, name).map_or(0, |symbol| symbol.flags)
    }

    /// Where a name lives, as a scope sees it.
    pub(crate) fn place(&self, scope: u32, name: Sym) -> Place {
        self.symbol(scope, name)
            .map_or(Place::Unknown, |symbol| symbol.place)
    }

    /// The names of a scope that are in a place or have a flag, in the order of their texts.
    pub(crate) fn sorted(&self, names: &Names, scope: u32, place: Place, flag: u16) -> Vec<Sym> {
        let symbols = self.scopes[scope as usize].symbols.iter();
        let mut found: Vec<Sym> = symbols
            .filter(|symbol| symbol.place == place || symbol.flags & flag != 0)
            .map(|symbol| symbol.name)
            .collect();
        found.sort_by(|&a, &b| names.get(a).cmp(names.get(b)));
        found
    }

    /// Where a name is among a scope's symbols; it gets a place if it is new.
    fn slot(&mut self, scope: u32, name: Sym) -> usize {
        let symbols = &mut self.scopes[scope as usize].symbols;
        let next = symbols.len() as u32;
        let at = *self.index.entry((scope, name)).or_insert(next);
        if at == next {
            symbols.push(Symbol {
                name,
                flags: 0,
                place: Place::Unknown,
            });
        }
        at as usize
    }

    fn set(&mut self, scope: u32, name: Sym, flags: u16) {
        let slot = self.slot(scope, name);
        self.scopes[scope as usize].symbols[slot].flags = flags;
    }

    /// An error at the statement that declared a name.
    fn at_directive<T>(&self, scope: u32, name: Sym, message: String) -> Result<T> {
        let directives = self.scopes[scope as usize].directives.iter();
        let found = directives.copied().find(|directive| directive.0 == name);
        let (_, line, col) = found.unwrap_or((name, 0, 0));
        Err(Failure::syntax(message, line, i64::from(col) + 1))
    }
}

pub(crate) use visit::{Depth, Root, build, first_part};
