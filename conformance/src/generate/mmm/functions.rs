//! Functions and calls.

use super::tables::*;
use super::{Builder, Function, Item, MAX_FUNCTIONS, MAX_STEPS, NAMES, Open, layout};
use crate::generate::Atom;

impl Builder {
    /// Calls a complete function, if there is one and it does not cost too much.
    pub(super) fn call(&mut self, index: usize, atom: &mut Atom) {
        let Some(callee) = self.functions.get(index) else {
            return self.push_any(atom);
        };
        let cost = callee.cost;
        if self.open.cost.steps + cost.steps <= MAX_STEPS {
            self.call_now(index, atom);
        }
    }

    pub(super) fn call_now(&mut self, index: usize, atom: &mut Atom) {
        let callee = &mut self.functions[index];
        callee.called = true;
        let (cost, returns) = (callee.cost, callee.returns);
        let (file, name) = (callee.file, callee.name);
        self.emit_call(file, name, atom);
        let units = self.open.stack.len() as u64 + 1;
        let own = &mut self.open.cost;
        own.steps += cost.steps;
        own.prints += cost.prints;
        own.depth = own.depth.max(cost.depth + 1);
        own.peak = own.peak.max(units + cost.peak);
        if let Some(item) = returns {
            self.pushed(item);
        }
    }

    pub(super) fn emit_call(&mut self, file: usize, name: &str, atom: &mut Atom) {
        let way = atom.below(PATHS.len());
        self.word(FIRST_PATH, way);
        self.called_files |= 1 << file;
        let mut operand = layout::path(self.names[self.open.file], self.names[file], way);
        operand.push('#');
        operand.push_str(name);
        self.emit(CALL, &operand);
    }

    pub(super) fn call_uncalled_functions(&mut self) {
        for index in 0..self.functions.len() {
            if !self.functions[index].called {
                self.call(index, &mut Atom::default());
            }
        }
    }

    /// Begins a function of a few steps; inside a function, ends it.
    pub(super) fn next_function(&mut self, atom: &mut Atom) {
        if self.aside.is_some() {
            self.steps_left = 0;
        } else if self.functions.len() < MAX_FUNCTIONS {
            let file = atom.below(self.files);
            let name = self.fresh_name(file, atom.below(NAMES.len()));
            self.steps_left = 2 + atom.below(7);
            self.function_ending = *atom;
            self.open(name, file);
        }
    }

    /// Begins a function, and puts aside what is being written.
    pub(super) fn open(&mut self, name: &'static str, file: usize) {
        let main = std::mem::replace(&mut self.open, Open::new(name, file));
        self.aside = Some(main);
    }

    /// Ends a function with or without a `ret`, and returns to `main`.
    pub(super) fn end_function(&mut self) {
        let mut atom = self.function_ending;
        let mut returns = None;
        if !atom.one_in(3) {
            if self.open.stack.is_empty() {
                self.push_any(&mut atom);
            }
            while self.open.stack.len() > 1 {
                self.pop();
            }
            self.emit(RET, "");
            returns = self.open.stack.pop();
            if atom.one_in(4) {
                self.dead_code(&mut atom);
            }
        }
        self.close(returns);
    }

    /// Writes an instruction that never executes.
    pub(super) fn dead_code(&mut self, atom: &mut Atom) {
        let (mnemonic, operand) = atom.pick(&BAD_LITERALS);
        self.write(mnemonic, operand);
    }

    /// Completes the function that is being written, and returns to what was put aside. Returns the
    /// index of the function.
    pub(super) fn close(&mut self, returns: Option<Item>) -> usize {
        if let Some(main) = self.aside.take() {
            let done = std::mem::replace(&mut self.open, main);
            self.functions.push(Function {
                name: done.name,
                file: done.file,
                body: done.body,
                cost: done.cost,
                returns,
                called: false,
            });
        }
        self.functions.len() - 1
    }

    /// Returns a name that no function of a file has.
    pub(super) fn fresh_name(&self, file: usize, first: usize) -> &'static str {
        let is_taken = |name: &str| {
            let entry_main = file == 0 && name == "main";
            let same = |function: &Function| function.file == file && function.name == name;
            entry_main || self.functions.iter().any(same)
        };
        let names = NAMES.iter().cycle().skip(first).take(NAMES.len());
        names
            .copied()
            .find(|name| !is_taken(name))
            .unwrap_or("spare")
    }
}
