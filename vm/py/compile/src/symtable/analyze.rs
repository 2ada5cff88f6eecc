//! Where each name lives. The scopes are numbered so that those within one follow it.

use super::{Block, Place, Table, def};
use crate::error::Result;
use crate::names::{FastSet, Names, Sym};

/// What a scope sees of a name that is not its own.
#[derive(PartialEq, Eq)]
enum Seen {
    Bound,
    Global,
    Nothing,
}

impl Table {
    pub(super) fn analyze(&mut self, names: &Names) -> Result<()> {
        for scope in 0..self.scopes.len() as u32 {
            for at in 0..self.scopes[scope as usize].symbols.len() {
                let symbol = self.scopes[scope as usize].symbols[at];
                let place = self.own_place(names, scope, symbol.name, symbol.flags)?;
                self.scopes[scope as usize].symbols[at].place = place;
            }
        }
        let mut free: Vec<FastSet<Sym>> = Vec::new();
        free.resize_with(self.scopes.len(), FastSet::default);
        for scope in (0..self.scopes.len()).rev() {
            let within = std::mem::take(&mut free[scope]);
            let own = self.resolve(scope as u32, within);
            if let Some(parent) = self.scopes[scope].parent {
                free[parent as usize].extend(own);
            }
        }
        Ok(())
    }

    /// What the scopes around `scope` say of a name.
    fn seen(&self, scope: u32, name: Sym) -> Seen {
        let mut around = self.scopes[scope as usize].parent;
        while let Some(at) = around {
            let outer = &self.scopes[at as usize];
            let flags = self.flags(at, name);
            match outer.block {
                Block::Class if name == Sym::CLASS => return Seen::Bound,
                Block::Class => {}
                Block::Function if flags & def::GLOBAL != 0 => return Seen::Global,
                Block::Function if flags & (def::BOUND | def::NONLOCAL) != 0 => {
                    return Seen::Bound;
                }
                Block::Function => {}
                Block::Module if flags & def::GLOBAL != 0 => return Seen::Global,
                Block::Module => {}
            }
            around = outer.parent;
        }
        Seen::Nothing
    }

    fn own_place(&self, names: &Names, scope: u32, name: Sym, flags: u16) -> Result<Place> {
        let show = || names.show(name);
        if flags & def::GLOBAL != 0 {
            if flags & def::NONLOCAL != 0 {
                let message = format!("name '{}' is nonlocal and global", show());
                return self.at_directive(scope, name, message);
            }
            return Ok(Place::GlobalExplicit);
        }
        if flags & def::NONLOCAL != 0 {
            if self.scopes[scope as usize].parent.is_none() {
                let message = "nonlocal declaration not allowed at module level";
                return self.at_directive(scope, name, message.to_owned());
            }
            if self.seen(scope, name) != Seen::Bound {
                let message = format!("no binding for nonlocal '{}' found", show());
                return self.at_directive(scope, name, message);
            }
            return Ok(Place::Free);
        }
        if flags & def::BOUND != 0 {
            return Ok(Place::Local);
        }
        Ok(match self.seen(scope, name) {
            Seen::Bound => Place::Free,
            Seen::Global | Seen::Nothing => Place::GlobalImplicit,
        })
    }

    /// Settles the names that scopes within `scope` take from around them; returns those that
    /// `scope` takes from around itself.
    fn resolve(&mut self, scope: u32, mut within: FastSet<Sym>) -> FastSet<Sym> {
        let block = self.scopes[scope as usize].block;
        if block == Block::Function {
            for symbol in &mut self.scopes[scope as usize].symbols {
                if symbol.place == Place::Local && within.remove(&symbol.name) {
                    symbol.place = Place::Cell;
                }
            }
        } else if block == Block::Class && within.remove(&Sym::CLASS) {
            self.scopes[scope as usize].needs_class_closure = true;
        }
        let mut inherited: Vec<Sym> = within.iter().copied().collect();
        inherited.sort_unstable();
        for name in inherited {
            let flags = self.flags(scope, name);
            if self.index.contains_key(&(scope, name)) {
                if block == Block::Class && flags & (def::BOUND | def::GLOBAL) != 0 {
                    self.set(scope, name, flags | def::FREE_CLASS);
                }
                continue;
            }
            let root = self.scopes[scope as usize].parent.is_none();
            if !root && self.seen(scope, name) != Seen::Bound {
                continue;
            }
            self.set(scope, name, 0);
            if let Some(symbol) = self.scopes[scope as usize].symbols.last_mut() {
                symbol.place = Place::Free;
            }
        }
        let symbols = self.scopes[scope as usize].symbols.iter();
        let own = symbols.filter(|symbol| symbol.place == Place::Free);
        within.extend(own.map(|symbol| symbol.name));
        within
    }
}
