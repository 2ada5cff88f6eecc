//! A `.pyc` file as one JSON object, for tools.
//!
//! ```json
//! {"python": "3.9",
//!  "header": {"kind": "timestamp", "mtime": 0, "size": 12},
//!  "objects": [
//!   {"object": 0, "label": "main", "name": "<module>", "filename": "a.py", "firstlineno": 1,
//!    "argcount": 0, "posonlyargcount": 0, "kwonlyargcount": 0, "nlocals": 0,
//!    "stacksize": 2, "flags": 64, "flag_names": ["NOFREE"],
//!    "consts": [{"type": "str", "literal": "'x'"}, {"type": "code", "object": 1}],
//!    "names": ["print"], "varnames": [], "freevars": [], "cellvars": [],
//!    "code": "6500…", "lnotab": "0c01…",
//!    "instructions": [
//!     {"offset": 0, "line": 1, "op": "LOAD_NAME", "opcode": 101, "arg": 0, "name": "print"}]}]}
//! ```
//!
//! The first object is the module. Objects are numbered in depth-first order of their constants;
//! `label` is the label in the text form. The meaning of an argument is in `const` (the text of a
//! literal, or else the `repr`), `object` (a code object), `name`, `local`, `cell`, `operator`, `to`
//! (the offset of a jump target or a handler) or `flags`. `extended` is the number of prefixes, if
//! there are any. `target` is true if a jump leads to the instruction. Bytes that are not an
//! instruction have only `offset`, `opcode` and `arg`. A surrogate in a name is written as `\udcxx`,
//! with the backslash doubled, because JSON has no such character.

use crate::cpython_dis::{Limited, MAX_BYTES, Stop};
use crate::literal;
use crate::repr;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use vm_py_code::insn::{Arg, COMPARISONS};
use vm_py_code::lnotab;
use vm_py_code::object::{Code, Id, Object, Pool, flags};
use vm_py_code::pyc::{Header, Pyc};
use vm_py_code::wordcode::{self, Insn, Oddity};

/// Writes the file and a newline.
///
/// # Errors
///
/// Returns an error if the text is longer than [`MAX_BYTES`], because objects share parts, and if
/// `out` fails.
pub fn write(pyc: &Pyc, out: &mut dyn Write) -> Result<(), Stop> {
    let mut out = Json {
        out: Limited::new(out, MAX_BYTES),
        first: true,
        constants: 2 * repr::MAX_BYTES,
    };
    let objects = objects(&pyc.pool, pyc.code);
    let labels: HashMap<Id, String> = crate::labels(pyc).into_iter().collect();
    let numbers: HashMap<Id, usize> = objects.iter().copied().zip(0..).collect();
    out.open('{')?;
    out.key("python")?;
    out.string("3.9")?;
    out.key("header")?;
    header(pyc.header, &mut out)?;
    out.key("objects")?;
    out.open('[')?;
    for (number, &id) in objects.iter().enumerate() {
        if let Some(code) = pyc.pool.code(id) {
            out.next()?;
            out.out.text("\n ")?;
            let file = File {
                pool: &pyc.pool,
                numbers: &numbers,
            };
            let label = labels.get(&id).map_or("", |label| label);
            file.object((number, label), code, &mut out)?;
        }
    }
    out.close(']')?;
    out.close('}')?;
    out.out.text("\n")
}

/// Returns all code objects, in depth-first order.
fn objects(pool: &Pool, root: Id) -> Vec<Id> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut path = vec![root];
    while let Some(id) = path.pop() {
        let Some(code) = pool.code(id) else {
            continue;
        };
        if seen.insert(id) {
            found.push(id);
            path.extend(pool.tuple(code.consts).unwrap_or(&[]).iter().rev());
        }
    }
    found
}

/// A writer of values with commas between them.
struct Json<'a> {
    out: Limited<'a>,
    /// Whether the innermost brackets are still empty.
    first: bool,
    /// The number of bytes of constants that may still be written.
    constants: usize,
}

impl Json<'_> {
    /// Begins the next value in the brackets.
    fn next(&mut self) -> Result<(), Stop> {
        if !std::mem::take(&mut self.first) {
            self.out.text(",")?;
        }
        Ok(())
    }

    fn open(&mut self, bracket: char) -> Result<(), Stop> {
        self.first = true;
        self.out.text(bracket.encode_utf8(&mut [0; 4]))
    }

    fn close(&mut self, bracket: char) -> Result<(), Stop> {
        self.first = false;
        self.out.text(bracket.encode_utf8(&mut [0; 4]))
    }

    fn key(&mut self, key: &str) -> Result<(), Stop> {
        self.next()?;
        self.string(key)?;
        self.out.text(":")
    }

    fn string(&mut self, text: &str) -> Result<(), Stop> {
        let mut quoted = String::with_capacity(text.len() + 2);
        quoted.push('"');
        for c in text.chars() {
            // Writing to a String cannot fail.
            let _ = match c {
                '"' | '\\' => write!(quoted, "\\{c}"),
                '\n' => write!(quoted, "\\n"),
                c if c.is_control() => write!(quoted, "\\u{:04x}", u32::from(c)),
                c => write!(quoted, "{c}"),
            };
        }
        quoted.push('"');
        self.out.text(&quoted)
    }

    fn number(&mut self, number: impl Into<i128>) -> Result<(), Stop> {
        self.out.text(&number.into().to_string())
    }

    fn hex(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let mut text = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        self.string(&text)
    }

    /// Writes a key with a text.
    fn text_of(&mut self, key: &str, text: &str) -> Result<(), Stop> {
        self.key(key)?;
        self.string(text)
    }

    /// Writes a key with a number.
    fn number_of(&mut self, key: &str, number: impl Into<i128>) -> Result<(), Stop> {
        self.key(key)?;
        self.number(number)
    }
}

fn header(header: Header, out: &mut Json) -> Result<(), Stop> {
    out.open('{')?;
    match header {
        Header::Timestamp { mtime, size } => {
            out.text_of("kind", "timestamp")?;
            out.number_of("mtime", mtime)?;
            out.number_of("size", size)?;
        }
        Header::Hash { checked, hash } => {
            out.text_of("kind", "hash")?;
            out.key("checked")?;
            out.out.text(if checked { "true" } else { "false" })?;
            out.key("hash")?;
            out.hex(&hash)?;
        }
    }
    out.close('}')
}

struct File<'a> {
    pool: &'a Pool,
    numbers: &'a HashMap<Id, usize>,
}

impl File<'_> {
    fn object(
        &self,
        (number, label): (usize, &str),
        code: &Code,
        out: &mut Json,
    ) -> Result<(), Stop> {
        let text = |id| self.pool.str(id).map_or("".into(), |text| text.shown());
        out.open('{')?;
        out.number_of("object", number as i128)?;
        out.text_of("label", label)?;
        out.text_of("name", &text(code.name))?;
        out.text_of("filename", &text(code.filename))?;
        out.number_of("firstlineno", code.firstlineno)?;
        for (key, number) in [
            ("argcount", code.argcount),
            ("posonlyargcount", code.posonlyargcount),
            ("kwonlyargcount", code.kwonlyargcount),
            ("nlocals", code.nlocals),
            ("stacksize", code.stacksize),
            ("flags", code.flags),
        ] {
            out.number_of(key, number)?;
        }
        out.key("flag_names")?;
        out.open('[')?;
        for (bit, name) in flags::NAMES {
            if code.flags & bit != 0 {
                out.next()?;
                out.string(name)?;
            }
        }
        out.close(']')?;
        out.key("consts")?;
        out.open('[')?;
        for &id in self.pool.tuple(code.consts).unwrap_or(&[]) {
            out.next()?;
            out.open('{')?;
            out.text_of("type", type_name(self.pool.get(id)))?;
            self.constant("literal", id, out)?;
            out.close('}')?;
        }
        out.close(']')?;
        for (key, tuple) in [
            ("names", code.names),
            ("varnames", code.varnames),
            ("freevars", code.freevars),
            ("cellvars", code.cellvars),
        ] {
            out.key(key)?;
            out.open('[')?;
            for &id in self.pool.tuple(tuple).unwrap_or(&[]) {
                out.next()?;
                out.string(&text(id))?;
            }
            out.close(']')?;
        }
        for (key, bytes) in [("code", code.code), ("lnotab", code.lnotab)] {
            out.key(key)?;
            out.hex(self.pool.bytes(bytes).unwrap_or(&[]))?;
        }
        out.key("instructions")?;
        out.open('[')?;
        self.instructions(code, out)?;
        out.close(']')?;
        out.close('}')
    }

    /// Writes a code object by its number, and another object as a literal under `key` or, if it has
    /// no literal, by its `repr`.
    fn constant(&self, key: &str, id: Id, out: &mut Json) -> Result<(), Stop> {
        if let Some(&number) = self.numbers.get(&id) {
            return out.number_of("object", number as i128);
        }
        let (key, text) = match literal::print(self.pool, id) {
            Some(text) => (key, text),
            None => ("repr", repr::repr(self.pool, id)),
        };
        let left = out.constants.checked_sub(text.len());
        out.constants = left.ok_or(Stop::TooLong)?;
        out.text_of(key, &text)
    }

    fn instructions(&self, code: &Code, out: &mut Json) -> Result<(), Stop> {
        let bytes = self.pool.bytes(code.code).unwrap_or(&[]);
        let table = self.pool.bytes(code.lnotab).unwrap_or(&[]);
        let starts = lnotab::starts(table, code.firstlineno, bytes.len());
        let targets: HashSet<u64> = wordcode::decode(bytes)
            .filter_map(|insn| insn.ok()?.target())
            .collect();
        let mut line = 0;
        for item in wordcode::decode(bytes) {
            let offset = match item {
                Ok(insn) => insn.start(),
                Err(oddity) => oddity.offset(),
            };
            while let Some(start) = starts.get(line + 1)
                && start.offset <= offset.into()
            {
                line += 1;
            }
            out.next()?;
            out.out.text("\n  ")?;
            out.open('{')?;
            out.number_of("offset", offset)?;
            if let Some(start) = starts.get(line) {
                out.number_of("line", start.line)?;
            }
            match item {
                Ok(insn) => {
                    self.instruction(code, insn, out)?;
                    if (insn.start()..=insn.offset).any(|at| targets.contains(&at.into())) {
                        out.key("target")?;
                        out.out.text("true")?;
                    }
                }
                Err(Oddity::Undefined { opcode, arg, .. }) => {
                    out.number_of("opcode", opcode)?;
                    out.number_of("arg", arg)?;
                }
                Err(Oddity::Half { opcode, .. }) => out.number_of("opcode", opcode)?,
            }
            out.close('}')?;
        }
        Ok(())
    }

    fn instruction(&self, code: &Code, insn: Insn, out: &mut Json) -> Result<(), Stop> {
        out.text_of("op", insn.op.mnemonic())?;
        out.number_of("opcode", insn.op as u8)?;
        if insn.op.arg() != Arg::None || insn.arg != 0 {
            out.number_of("arg", insn.arg)?;
        }
        if insn.extended > 0 {
            out.number_of("extended", insn.extended)?;
        }
        if let Some(target) = insn.target() {
            return out.number_of("to", target);
        }
        let index = insn.arg as usize;
        let item = |tuple| Some(*self.pool.tuple(tuple)?.get(index)?);
        let named = |key: &str, tuple: Id, index: usize, out: &mut Json| {
            let id = self.pool.tuple(tuple).unwrap_or(&[]).get(index);
            match id.and_then(|&id| self.pool.str(id)) {
                Some(name) => out.text_of(key, &name.shown()),
                None => Ok(()),
            }
        };
        let operator = |words: &[&str], out: &mut Json| match words.get(index) {
            Some(word) => out.text_of("operator", word),
            None => Ok(()),
        };
        let bits = |words: &[&str], out: &mut Json| {
            out.key("flags")?;
            out.open('[')?;
            for (bit, word) in words.iter().enumerate() {
                if index >> bit & 1 == 1 {
                    out.next()?;
                    out.string(word)?;
                }
            }
            out.close(']')
        };
        match insn.op.arg() {
            Arg::Const => match item(code.consts) {
                Some(id) => self.constant("const", id, out),
                None => Ok(()),
            },
            Arg::Name => named("name", code.names, index, out),
            Arg::Local => named("local", code.varnames, index, out),
            Arg::Cell => {
                let cells = self.pool.tuple(code.cellvars).unwrap_or(&[]).len();
                match index.checked_sub(cells) {
                    None => named("cell", code.cellvars, index, out),
                    Some(index) => named("cell", code.freevars, index, out),
                }
            }
            Arg::Compare => operator(&COMPARISONS, out),
            Arg::Is => operator(&["is", "is not"], out),
            Arg::Contains => operator(&["in", "not in"], out),
            Arg::MakeFunction => bits(&["defaults", "kwdefaults", "annotations", "closure"], out),
            Arg::CallEx => bits(&["keywords"], out),
            Arg::Format => {
                let conversion = ["", "str", "repr", "ascii"][index & 3];
                out.key("flags")?;
                out.open('[')?;
                for word in [conversion, ["", "format"][index >> 2 & 1]] {
                    if !word.is_empty() {
                        out.next()?;
                        out.string(word)?;
                    }
                }
                out.close(']')
            }
            Arg::None
            | Arg::JumpTo
            | Arg::JumpForward
            | Arg::Count
            | Arg::Depth
            | Arg::Unpack
            | Arg::Raise
            | Arg::Slice
            | Arg::Extended => Ok(()),
        }
    }
}

/// Returns the name of an object's type in Python.
fn type_name(object: &Object) -> &'static str {
    match object {
        Object::None => "NoneType",
        Object::Bool(_) => "bool",
        Object::Ellipsis => "ellipsis",
        Object::StopIteration => "type",
        Object::Int(_) | Object::Long(_) => "int",
        Object::Float(_) => "float",
        Object::Complex(..) => "complex",
        Object::Bytes(_) => "bytes",
        Object::Str(_) => "str",
        Object::Tuple(_) => "tuple",
        Object::List(_) => "list",
        Object::Dict(_) => "dict",
        Object::Set(_) => "set",
        Object::FrozenSet(_) => "frozenset",
        Object::Code(_) => "code",
    }
}
