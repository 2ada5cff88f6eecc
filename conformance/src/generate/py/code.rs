//! A code object while it is written, and how it has its variables.

use super::tables::{Kind, PARAMETERS, VARIABLES};
use std::fmt::Write as _;

/// What a code object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Module,
    Class,
    Function,
    Generator,
    Coroutine,
}

impl Role {
    /// Whether its variables are in slots.
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
    /// The variables that are set on most ways here, each a bit; those that are global.
    pub(super) set: u32,
    pub(super) global: u32,
    /// Those that closures share with it, and those that it shares with what it is made in.
    pub(super) cells: u32,
    pub(super) free: u32,
    labels: usize,
    /// Instructions that it runs at most, or thereabouts.
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

    /// Adds a line on top: a parameter or directive.
    pub(super) fn directive(&mut self, line: &str) {
        let _ = writeln!(self.header, "    {line}");
    }

    pub(super) fn line(&mut self, mnemonic: &str, operand: &str) {
        let _ = match (mnemonic, operand) {
            ("LABEL", label) => writeln!(self.body, "  LABEL {label}"),
            (mnemonic, "") => writeln!(self.body, "    {mnemonic}"),
            (mnemonic, operand) => writeln!(self.body, "    {mnemonic} {operand}"),
        };
    }

    /// Puts the instructions of another in front of its own.
    pub(super) fn put_before(&mut self, front: Code) {
        self.body.insert_str(0, &front.body);
    }

    /// A number that makes labels its own.
    pub(super) fn labels(&mut self) -> usize {
        self.labels += 1;
        self.labels
    }

    /// Its text.
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

    /// How a variable is loaded, stored and deleted here.
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

    /// What a built-in name is loaded by.
    pub(super) fn load_builtin(&self) -> &'static str {
        match self.role.is_function() {
            true => "LOAD_GLOBAL",
            false => "LOAD_NAME",
        }
    }

    /// Whether a variable may be assigned: parameters are, where they are set.
    pub(super) fn has(&self, variable: usize) -> bool {
        variable < PARAMETERS || self.set >> variable & 1 == 1
    }
}

/// A variable's name.
pub(super) fn name(variable: usize) -> &'static str {
    VARIABLES[variable].0
}

/// The variables of a kind, each a bit.
pub(super) fn of_kind(kind: Kind) -> u32 {
    let bits = VARIABLES.iter().enumerate();
    bits.filter(|(_, (_, other))| *other == kind)
        .map(|(at, _)| 1 << at)
        .sum()
}
