//! The machines by name.

use serde::Serialize;
use std::fmt;

/// A machine that programs are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Machine {
    /// The typed text stack machine.
    Mmm,
    /// The binary format of constants, asts and loops.
    Sc,
    /// CPython 3.9 bytecode.
    Py,
}

impl Machine {
    /// All of them.
    pub const ALL: [Machine; 3] = [Machine::Mmm, Machine::Sc, Machine::Py];

    /// Whether there is a reference evaluator of it.
    pub fn has_reference(self) -> bool {
        match self {
            Machine::Mmm | Machine::Sc => true,
            Machine::Py => false,
        }
    }

    /// Its name, as flags, folders and the protocol have it.
    pub fn name(self) -> &'static str {
        match self {
            Machine::Mmm => "mmm",
            Machine::Sc => "sc",
            Machine::Py => "py",
        }
    }

    /// The machine of that name.
    pub fn from_name(name: &str) -> Option<Machine> {
        Machine::ALL
            .into_iter()
            .find(|machine| machine.name() == name)
    }

    /// The endings of its files' names.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Machine::Mmm => &["mmm"],
            Machine::Sc => &["sca", "sc"],
            Machine::Py => &["cpyasm", "pyc"],
        }
    }

    /// The machine that a file is for, by its first bytes or else by the ending of its name.
    pub fn of_file(name: &str, bytes: &[u8]) -> Option<Machine> {
        if bytes.starts_with(b".Sc.") {
            return Some(Machine::Sc);
        }
        if bytes.starts_with(b"\x61\x0d\x0d\x0a") {
            return Some(Machine::Py);
        }
        let file = name.rsplit('/').next().unwrap_or(name);
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        Machine::ALL
            .into_iter()
            .find(|machine| machine.endings().contains(&ending))
            .or_else(|| begins_a_function(bytes).then_some(Machine::Mmm))
    }
}

/// Whether the first words of a file are those of the text machine's programs: this is how a fuzz
/// target's artifact is known, whose name has no ending.
fn begins_a_function(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && line[0] != b'#');
    first.is_some_and(|line| line.starts_with(b"function ") || line.starts_with(b"function\t"))
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
