//! A code object that is being written, and how it accesses its variables.

use super::tables::{Kind, PARAMETERS, VARIABLES};
use std::fmt::Write as _;

/// The role of a code object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Module,
    Class,
    Function,
    Generator,
    Coroutine,
}

impl Role {
    /// Returns true if its variables are in slots.
    pub(super) fn is_function(self) -> bool {
        matches!(self, Role::Function | Role::Generator | Role::Coroutine)
    }
}

/// A code object that is being written.
pub(super) struct Code {
    pub(super) role: Role,
    /// The name of its `DEFINE`.
    pub(super) name: String,
    header: String,
    body: String,
    /// The variables that are set on most paths to here, one bit for each; so are the following sets.
    pub(super) set: u32,
    /// The variables that are global.
    pub(super) global: u32,
    /// The variables that inner code objects share.
    pub(super) cells: u32,
    /// The variables that it shares with the code object around it.
    pub(super) free: u32,
    labels: usize,
    /// The number of instructions that it runs at most, approximately.
    pub(super) cost: u64,
}

impl Code {
    pub(super) fn new(role: Role, name: String) -> Code {
        Code {
            role,
            name,
            header: String::new(),
            body: String::new(),
            set: 0,
            global: 0,
            cells: 0,
            free: 0,
            labels: 0,
            cost: 0,
        }
    }

    /// Adds a parameter or another directive.
    pub(super) fn directive(&mut self, line: &str) {
        let _ = writeln!(self.header, "    {line}");
    }

    /// Adds an instruction or a label.
    pub(super) fn line(&mut self, mnemonic: &str, operand: &str) {
        let _ = match (mnemonic, operand) {
            ("LABEL", label) => writeln!(self.body, "  LABEL {label}"),
            (mnemonic, "") => writeln!(self.body, "    {mnemonic}"),
            (mnemonic, operand) => writeln!(self.body, "    {mnemonic} {operand}"),
        };
    }

    /// Puts the instructions of another code object before its own.
    pub(super) fn put_before(&mut self, front: Code) {
        self.body.insert_str(0, &front.body);
    }

    /// Returns a number that makes labels unique.
    pub(super) fn next_label(&mut self) -> usize {
        self.labels += 1;
        self.labels
    }

    /// Returns its text.
    pub(super) fn finish(self) -> String {
        let names = |bits: u32| -> String {
            let is = |&at: &usize| bits >> at & 1 == 1;
            let names: Vec<&str> = (0..VARIABLES.len()).filter(is).map(name).collect();
            names.join(", ")
        };
        let mut text = format!("DEFINE {}\n{}", self.name, self.header);
        for (word, bits) in [("CELLS", self.cells), ("FREES", self.free)] {
            if bits != 0 {
                let _ = writeln!(text, "    {word} {}", names(bits));
            }
        }
        text + &self.body + "END\n"
    }

    // ---------------------------------------------------------------------------- variables

    /// Returns the mnemonics that load, store and delete a variable here.
    pub(super) fn access(&self, variable: usize) -> [&'static str; 3] {
        let bit = 1 << variable;
        if (self.cells | self.free) & bit != 0 {
            ["LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF"]
        } else if self.global & bit != 0 {
            ["LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL"]
        } else if self.role.is_function() {
            ["LOAD_FAST", "STORE_FAST", "DELETE_FAST"]
        } else {
            ["LOAD_NAME", "STORE_NAME", "DELETE_NAME"]
        }
    }

    /// Returns the mnemonic that loads a built-in name.
    pub(super) fn load_builtin(&self) -> &'static str {
        match self.role.is_function() {
            true => "LOAD_GLOBAL",
            false => "LOAD_NAME",
        }
    }

    /// Returns true if a variable may be assigned: a parameter only if it is set.
    pub(super) fn has(&self, variable: usize) -> bool {
        variable < PARAMETERS || self.set >> variable & 1 == 1
    }
}

/// Returns the name of a variable.
pub(super) fn name(variable: usize) -> &'static str {
    VARIABLES[variable].0
}

/// Returns the variables of a kind, one bit for each.
pub(super) fn of_kind(kind: Kind) -> u32 {
    let bits = VARIABLES.iter().enumerate();
    bits.filter(|(_, (_, other))| *other == kind)
        .map(|(at, _)| 1 << at)
        .sum()
}
