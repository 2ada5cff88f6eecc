//! The text form of `.pyc` files, `*.cpyasm`.
//!
//! ```text
//! DEFINE main                             # the module
//!     LOAD_CONST          adder           # a code object by its name
//!     LOAD_CONST          'adder'
//!     MAKE_FUNCTION       0
//!     STORE_NAME          adder
//!     LOAD_NAME           print
//!     LOAD_NAME           adder
//!     LOAD_CONST          40
//!     LOAD_CONST          2
//!     CALL_FUNCTION       2
//!     CALL_FUNCTION       1
//!     POP_TOP
//!     LOAD_CONST          None
//!     RETURN_VALUE
//! END
//!
//! DEFINE adder
//!     ADD_ARG a
//!     ADD_ARG b
//!     LOAD_FAST           a
//! LABEL again
//!     LOAD_FAST           b
//!     POP_JUMP_IF_FALSE   done            # 2 + 1 + 1 …
//!     LOAD_CONST          1
//!     BINARY_ADD
//!     LOAD_FAST           b
//!     LOAD_CONST          1
//!     BINARY_SUBTRACT
//!     STORE_FAST          b
//!     JUMP_ABSOLUTE       again
//! LABEL done
//!     RETURN_VALUE
//! END
//! ```
//!
//! # Lines
//!
//! One word and its operand a line, in any case of letters. The operand is the rest of the line, up
//! to a `#` outside Python quotes. Blank lines are free, and so is indentation. `DEFINE NAME` …
//! `END` is a code object; one may stand inside another, which says nothing of either. `NAME` is
//! unique in the file. The object `main`, in any case, is the module.
//!
//! # Operands
//!
//! | instruction | operand |
//! |---|---|
//! | without an argument | nothing, or a number that is kept |
//! | `LOAD_CONST` | a Python literal (see [`literal`]), or the name of an object; a literal wins |
//! | loads, stores, imports, attributes | a name, bare or in quotes |
//! | jumps, `FOR_ITER`, `SETUP_…` | a label of the same object, or a number: the raw target or distance |
//! | `COMPARE_OP`, `IS_OP`, `CONTAINS_OP` | the operator; `COMPARE_OP not in` is `CONTAINS_OP not in` |
//! | `MAKE_FUNCTION` | a number, or `defaults`, `kwdefaults`, `annotations`, `closure` |
//! | `FORMAT_VALUE` | a number, or `!s`, `!r`, `!a`, `spec` |
//! | `CALL_FUNCTION_EX` | a number, or `kwargs` |
//! | `UNPACK_EX` | a number, or two: how many before and behind the list |
//! | others | a number |
//!
//! In place of a constant or a name `@3` is an index. An `EXTENDED_ARG` that is needed is put in; one
//! that is written stands before the instruction as well.
//!
//! # Lines in an object
//!
//! | line | meaning |
//! |---|---|
//! | `LABEL NAME` | a place to jump to |
//! | `LINE 12` | what follows comes from this line of the source |
//! | `BYTES 00 05` | bytes that are no instruction |
//!
//! # Lines directly under `DEFINE`
//!
//! | line | meaning | if there is none |
//! |---|---|---|
//! | `ADD_ARG x` | a parameter; `ADD_ARG /` ends those by position only, `ADD_ARG *` begins those by name only, `*x` and `**x` take the rest | no parameters |
//! | `NAME x` | `co_name` | the object's name; of the module `<module>` |
//! | `FILE 'x.py'` | `co_filename` | that of the file |
//! | `FIRST_LINE 3` | `co_firstlineno` | the first `LINE`; without any, lines are those of this text |
//! | `DOC 'text'` | the first constant, which Python takes for `__doc__`; alone: none | a function begins with `None`, unless it is called `<listcomp>` or so |
//! | `FLAGS +X -Y` | flags, by name or number, beside those that are found | see below |
//! | `STACK_SIZE 4` | `co_stacksize` | as the compiler finds it |
//! | `LOCALS_COUNT 2` | `co_nlocals` | the number of variables |
//! | `CELLS x, y` | `co_cellvars` | the variables that cell instructions name and that are not free, sorted |
//! | `FREES x, y` | `co_freevars` | those of the tuple of `LOAD_CLOSURE`s that the function is made with |
//! | `CONST_AT 3 'x'` | the constant of an index | the order of first use, tuples of defaults last |
//! | `NAME_AT 3 x` | the name of an index | the order of first use |
//! | `LOCAL_AT 3 x` | the variable of an index | parameters, then the order of first use |
//! | `LINE_TABLE b'…'` | `co_lnotab` | what the `LINE`s say |
//!
//! An object that is made a function right behind `LOAD_BUILD_CLASS` is a class's body. What else is
//! not the module is a function: `NEWLOCALS`, and `OPTIMIZED` unless it has instructions such as
//! `LOAD_NAME` that need a namespace. `NESTED` in a function, `NOFREE` without cells, `VARARGS` and
//! `VARKEYWORDS` by the parameters, `GENERATOR` if it yields, `COROUTINE` if it awaits,
//! `ASYNC_GENERATOR` if it does both. An `async def` that never awaits needs `FLAGS +COROUTINE`.
//!
//! # Lines above the first `DEFINE`
//!
//! | line | meaning | if there is none |
//! |---|---|---|
//! | `HEADER timestamp SECONDS BYTES`, `HEADER checked HASH`, `HEADER unchecked HASH` | the header | `timestamp 0 0` |
//! | `FILE 'x.py'` | `co_filename` of all objects | the name of the text |
//! | `FUTURE annotations` | flags of all objects | none |
//! | `SHARE …` | which objects of the file are one, interned, and marked | as CPython when it compiles a module in a fresh process |
//!
//! `SHARE held 'x', 'y'` names strings that the process held beside those that any does, `unheld`
//! those it did not; `interned` and `plain` say so of constants. What is left is said of places, by
//! the order in which objects are written: `SHARE @7 own`, `SHARE @9 is @3`, `SHARE @7 marked`,
//! `unmarked`, `interned`, `plain`. None of it matters to a program.
//!
//! # There and back
//!
//! What [`disassemble`] prints, [`assemble`] turns into the same bytes, whatever code the file
//! holds. What it would choose by itself is not printed.
//!
//! ```
//! use vm_py_code::pyc::Pyc;
//! use vm_py_text::{assemble, disassemble};
//! let text = "\
//! FILE 'greet.py'
//!
//! DEFINE main
//!     FIRST_LINE 1
//!         LOAD_CONST          greet
//!         LOAD_CONST          'greet'
//!         MAKE_FUNCTION       0
//!         STORE_NAME          greet
//!         LOAD_CONST          None
//!         RETURN_VALUE
//! END
//!
//! DEFINE greet
//!     ADD_ARG *names
//!     FIRST_LINE 1
//!
//!     LINE 2
//!         LOAD_FAST           names
//!         GET_ITER
//!     LABEL loop
//!         FOR_ITER            done
//!         STORE_FAST          name
//!
//!     LINE 3
//!         LOAD_GLOBAL         print
//!         LOAD_CONST          'hello,'
//!         LOAD_FAST           name
//!         CALL_FUNCTION       2
//!         POP_TOP
//!         JUMP_ABSOLUTE       loop
//!     LABEL done
//!         LOAD_CONST          None
//!         RETURN_VALUE
//! END
//! ";
//! let bytes = assemble("greet.cpyasm", text.as_bytes()).unwrap().write();
//! let again = Pyc::read("greet.pyc", &bytes).unwrap();
//! assert_eq!(disassemble(&again), text);
//! ```

mod assemble;
pub mod cpython_dis;
mod edit;
pub mod json;
mod lift;
mod line;
pub mod literal;
mod parse;
mod print;
pub mod repr;
mod set_items;
pub mod unit;
mod words;
mod wrong;

pub use parse::parse;
pub use print::{print, print_object};

use unit::{CodeObject, Unit};
use vm_base::{Diagnostic, Place, Span};
use vm_py_code::object::{Id, Pool};
use vm_py_code::pyc::Pyc;

/// Reads a text and puts the file together that it describes. `file` is what messages call it,
/// and `co_filename` where the text names no other.
pub fn assemble(file: &str, text: &[u8]) -> Result<Pyc, Vec<Diagnostic>> {
    let text = str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to();
        let bad = at..at + error.error_len().unwrap_or(1);
        let place = Place::in_bytes(file, text, bad, "no UTF-8");
        vec![Diagnostic::error("the text is not UTF-8").at(place)]
    })?;
    let unit = parse(file, text)?;
    assemble::assemble(&unit, file).map_err(|wrong| wrong::diagnostics(wrong, file, text))
}

/// Where instructions stand in the text that was assembled to these objects: each is given by its
/// code object and offset; without an offset it is the object.
pub fn spans(
    file: &str,
    text: &[u8],
    pool: &Pool,
    places: impl Iterator<Item = (Id, Option<u32>)>,
) -> Vec<Option<Span>> {
    let unit = str::from_utf8(text).ok().map(|text| parse(file, text));
    match unit {
        Some(Ok(unit)) => assemble::spans(&unit, pool, places),
        _ => places.map(|_| None).collect(),
    }
}

/// Puts a unit together that need not come from a text. `file` is `co_filename` where the unit
/// names no other.
pub fn assemble_unit(unit: &Unit, file: &str) -> Result<Pyc, Vec<Diagnostic>> {
    assemble::assemble(unit, file).map_err(wrong::without_text)
}

/// Takes a file apart. Few files have no text: those with a constant that holds itself or a code
/// object, or is longer as text than anybody could read; no compiler makes one.
pub fn lift(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    lift::lift(pyc)
}

/// Takes a file apart to be changed: all jumps go to labels, and the file that is put together
/// of it again need not be the same, byte for byte, even if nothing is changed.
pub fn lift_to_change(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    lift::lift_to_change(pyc)
}

/// The text of a file; a file that has none has its reason as a comment.
pub fn disassemble(pyc: &Pyc) -> String {
    match lift(pyc.clone()) {
        Ok(unit) => print(&unit),
        Err(why) => format!("# {}\n", why.message),
    }
}

/// The object that a path leads to: its label, or its qualified name as Python has it
/// (`Class.method.<locals>.function`), or the end of one, if there is but one such object.
pub fn find<'u>(unit: &'u Unit, path: &str) -> Option<&'u CodeObject> {
    let label = path.replace(".<locals>", "");
    let main = matches!(path, "<module>").then(|| unit.main()).flatten();
    let end = format!(".{label}");
    let mut ends = unit
        .objects
        .iter()
        .filter(|object| object.label.ends_with(&end));
    let only = ends.next().filter(|_| ends.next().is_none());
    main.or_else(|| unit.object(&label)).or(only)
}

/// The instruction at `offset` of a code object as its text has it, cut if it is very long. It is
/// found by any of its bytes, prefixes too.
///
/// ```
/// use vm_py_text::{assemble, instruction};
/// let text = b"DEFINE main\nLOAD_CONST 'x'\nSTORE_NAME here\nLOAD_CONST None\nRETURN_VALUE\nEND";
/// let pyc = assemble("main.cpyasm", text).unwrap();
/// assert_eq!(instruction(&pyc.pool, pyc.code, 2).unwrap(), "STORE_NAME here");
/// assert_eq!(instruction(&pyc.pool, pyc.code, 8), None);
/// ```
pub fn instruction(pool: &Pool, code: Id, offset: u32) -> Option<String> {
    lift::instruction(pool, code, offset)
}

/// The words that a line can begin with, in upper case.
pub fn line_words() -> impl Iterator<Item = &'static str> {
    words::Words::all()
}

/// The labels of a file's code objects.
pub fn labels(pyc: &Pyc) -> Vec<(Id, String)> {
    lift::labels(&pyc.pool, pyc.code)
}

/// Returns the first word and the operand of each line that has one, without comments; a line
/// with an open quote is left out.
///
/// ```
/// let text = "LOAD_CONST 'a  b' # a string\n\nRETURN_VALUE";
/// let pairs: Vec<_> = vm_py_text::word_pairs(text).collect();
/// assert_eq!(pairs, [("LOAD_CONST", "'a  b'"), ("RETURN_VALUE", "")]);
/// ```
pub fn word_pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = line::lines(text).flatten();
    lines.map(|line| (line.word, line.operand))
}
