//! The machines, and the facts about each of them that are data.
//!
//! Everything that can be said of a machine without running anything is in its [`MachineRow`]. What
//! has to be done in code is one exhaustive `match` over [`Machine`] in each room, so the compiler
//! lists what a new machine lacks. Besides its own rooms (its crate below `vm`, its specification,
//! corpus, generator, reducer and reference evaluator), a machine is named in six files:
//!
//! | file | what it says of a machine |
//! |---|---|
//! | `conformance/case/src/machine.rs` | its row |
//! | `conformance/src/engines/machines.rs` | how programs are loaded, run, assembled and printed |
//! | `conformance/src/spec.rs` | the text of its specification, and the faults and instructions it names |
//! | `conformance/src/generate/mod.rs` | its generator, if it has one |
//! | `conformance/src/reduce.rs` | how its programs are made smaller |
//! | `conformance/reference/src/lib.rs` | its reference evaluator and quirks, if it has them |

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

/// The facts about a machine that are data.
#[derive(Debug)]
#[non_exhaustive]
pub struct MachineRow {
    /// The name in flags, folders and the protocol.
    pub name: &'static str,
    /// The ending of the names of text files, without the dot.
    pub text_ending: &'static str,
    /// The binary form of programs, if there is one.
    pub binary: Option<BinaryForm>,
    /// The name of the entry of a program in several files.
    pub entry: &'static str,
    /// The first words of text files whose names have other endings, if they identify the machine.
    pub first_words: &'static [&'static str],
    /// True if a strict load refuses extensions of the machine's format.
    pub has_extensions: bool,
    /// The instruction that starts the debugger, if there is one.
    pub debugger: Option<&'static str>,
    /// The instruction that prints something whose layout is this project's own, if there is one.
    pub own_layout: Option<&'static str>,
    /// The limits that count the same on every engine, by their names in requests. A program that
    /// reaches one that its case sets must end exactly so.
    pub comparable_limits: &'static [&'static str],
    /// The simplest programs, for a first look at a VM. They use no extensions.
    pub smoke: &'static [SmokeProgram],
    /// The unit in which the sizes of programs are reported.
    pub unit: SizeUnit,
    /// What the generator counts besides instructions, as a heading.
    pub boundaries: &'static str,
    /// True if there is a reference evaluator. Without one, the first engine of a campaign is the
    /// oracle.
    pub has_reference: bool,
    /// True if this build runs programs of the machine; otherwise it only loads and checks them.
    ///
    /// When all machines are executed, this column goes, and with it `Ending::Loaded`,
    /// `NotCompared::LoadedOnly`, `machines::absent` and the `Option` that `Program::run` returns.
    pub is_executed: bool,
}

/// The binary form of a machine's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinaryForm {
    /// The ending of file names, without the dot.
    pub ending: &'static str,
    /// The first bytes of every file.
    pub magic: &'static [u8],
}

/// The unit of the sizes of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeUnit {
    /// Instructions.
    Instruction,
    /// Bytes, where instructions cannot be counted.
    Byte,
}

impl SizeUnit {
    /// Returns its name in the singular.
    pub fn name(self) -> &'static str {
        match self {
            SizeUnit::Instruction => "instruction",
            SizeUnit::Byte => "byte",
        }
    }
}

/// A program that every VM of a machine can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmokeProgram {
    /// Its text.
    pub text: &'static str,
    /// What it prints.
    pub output: &'static str,
}

const fn smoke(text: &'static str, output: &'static str) -> SmokeProgram {
    SmokeProgram { text, output }
}

static MMM: MachineRow = MachineRow {
    name: "mmm",
    text_ending: "mmm",
    binary: None,
    entry: "main.mmm",
    first_words: &["function"],
    has_extensions: false,
    debugger: Some("breakpoint"),
    own_layout: Some("stack_dump"),
    comparable_limits: &["fuel", "call_depth", "output_bytes"],
    smoke: &[
        smoke("function main\n    int 7\n    printn *\nend\n", "7\n"),
        smoke("function main\nend\n", ""),
        smoke("function main\n    nop\nend\n", ""),
    ],
    unit: SizeUnit::Instruction,
    boundaries: "operands at a boundary",
    has_reference: true,
    is_executed: true,
};

static SC: MachineRow = MachineRow {
    name: "sc",
    text_ending: "sca",
    binary: Some(BinaryForm {
        ending: "sc",
        magic: b".Sc.",
    }),
    entry: "main.sca",
    first_words: &[],
    has_extensions: true,
    debugger: None,
    own_layout: None,
    comparable_limits: &[],
    smoke: &[
        smoke("", ""),
        smoke("pass\n", ""),
        smoke("for i = 0 to 3\nend\n", ""),
    ],
    unit: SizeUnit::Instruction,
    boundaries: "operands at a boundary",
    has_reference: true,
    is_executed: true,
};

static PY: MachineRow = MachineRow {
    name: "py",
    text_ending: "cpyasm",
    binary: Some(BinaryForm {
        ending: "pyc",
        magic: b"\x61\x0d\x0d\x0a",
    }),
    entry: "main.cpyasm",
    first_words: &[],
    has_extensions: false,
    debugger: None,
    own_layout: None,
    comparable_limits: &[],
    smoke: &[
        smoke(
            "DEFINE main\n    LOAD_NAME print\n    LOAD_CONST 7\n    CALL_FUNCTION 1\n    \
             RETURN_VALUE\nEND\n",
            "7\n",
        ),
        smoke(
            "DEFINE main\n    LOAD_CONST None\n    RETURN_VALUE\nEND\n",
            "",
        ),
        smoke(
            "DEFINE main\n    NOP\n    LOAD_CONST None\n    RETURN_VALUE\nEND\n",
            "",
        ),
    ],
    unit: SizeUnit::Byte,
    boundaries: "spellings",
    has_reference: false,
    is_executed: false,
};

impl Machine {
    /// All machines.
    pub const ALL: [Machine; 3] = [Machine::Mmm, Machine::Sc, Machine::Py];

    /// Returns the facts about the machine.
    ///
    /// ```
    /// use mmm_case::Machine;
    ///
    /// assert_eq!(Machine::Sc.row().text_ending, "sca");
    /// assert_eq!(Machine::Sc.row().binary.unwrap().magic, b".Sc.");
    /// ```
    pub fn row(self) -> &'static MachineRow {
        match self {
            Machine::Mmm => &MMM,
            Machine::Sc => &SC,
            Machine::Py => &PY,
        }
    }

    /// Returns true if there is a reference evaluator of the machine.
    pub fn has_reference(self) -> bool {
        self.row().has_reference
    }

    /// Returns true if this build runs programs of the machine; it loads and checks those of all.
    pub fn is_executed(self) -> bool {
        self.row().is_executed
    }

    /// Returns the machines whose programs this build runs.
    pub fn executed() -> impl Iterator<Item = Machine> {
        Machine::ALL.into_iter().filter(|it| it.is_executed())
    }

    /// Returns the name in flags, folders and the protocol.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the machine of that name.
    pub fn from_name(name: &str) -> Option<Machine> {
        Machine::ALL
            .into_iter()
            .find(|machine| machine.name() == name)
    }

    /// Returns the endings of file names, without the dot: that of text files first.
    pub fn endings(self) -> impl Iterator<Item = &'static str> {
        let row = self.row();
        let binary = row.binary.map(|binary| binary.ending);
        std::iter::once(row.text_ending).chain(binary)
    }

    /// Returns true if a file begins as a binary file of the machine does.
    pub fn is_binary(self, bytes: &[u8]) -> bool {
        let binary = self.row().binary;
        binary.is_some_and(|binary| bytes.starts_with(binary.magic))
    }

    /// Returns true if a file's name ends as that of a binary file of the machine.
    pub fn names_binary(self, name: &str) -> bool {
        let binary = self.row().binary;
        binary.is_some_and(|binary| ending(name) == binary.ending)
    }

    /// Returns the machine that a file is for, by its first bytes or else by the ending of its name.
    ///
    /// ```
    /// use mmm_case::Machine;
    ///
    /// assert_eq!(Machine::of_file("a.py", b".Sc.\0"), Some(Machine::Sc));
    /// assert_eq!(Machine::of_file("a.cpyasm", b""), Some(Machine::Py));
    /// assert_eq!(Machine::of_file("artifact", b"# x\nfunction main\n"), Some(Machine::Mmm));
    /// assert_eq!(Machine::of_file("a.txt", b"x"), None);
    /// ```
    pub fn of_file(name: &str, bytes: &[u8]) -> Option<Machine> {
        let find = |is_it: &dyn Fn(Machine) -> bool| Machine::ALL.into_iter().find(|it| is_it(*it));
        find(&|machine| machine.is_binary(bytes))
            .or_else(|| find(&|machine| machine.endings().any(|one| one == ending(name))))
            .or_else(|| find(&|machine| machine.begins_text(bytes)))
    }

    /// Returns true if the first words of a file are those of the machine's programs. This is how
    /// the artifact of a fuzz target is recognised, whose name has no ending.
    fn begins_text(self, bytes: &[u8]) -> bool {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.find(|line| !line.is_empty() && line[0] != b'#');
        first.is_some_and(|line| {
            let rests = self.row().first_words.iter();
            let mut rests = rests.filter_map(|word| line.strip_prefix(word.as_bytes()));
            rests.any(|rest| matches!(rest.first(), Some(b' ' | b'\t')))
        })
    }
}

/// Returns the ending of a file's name, without the dot; empty if it has none.
fn ending(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.rsplit_once('.').map_or("", |(_, ending)| ending)
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Machine;

    #[test]
    fn rows_do_not_contradict_each_other() {
        for machine in Machine::ALL {
            let row = machine.row();
            assert_eq!(row.entry, format!("main.{}", row.text_ending));
            assert_eq!(Machine::from_name(row.name), Some(machine));
            for ending in machine.endings() {
                let name = format!("a/b.{ending}");
                assert_eq!(Machine::of_file(&name, b""), Some(machine));
            }
            if let Some(binary) = row.binary {
                assert_eq!(Machine::of_file("", binary.magic), Some(machine));
            }
        }
    }
}
