//! The text form of `.pyc` files, `*.cpyasm`: an assembler and a disassembler, and listings.
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
//! Each line has a word, in upper or lower case, and an operand, which is the rest of the line up to
//! a `#` outside of quotes. Blank lines and indentation have no meaning. `DEFINE NAME` … `END` is a
//! code object, and `NAME` is its label, which is unique in the file. An object can be written inside
//! another one, which has no meaning either. The object `main`, in any case, is the module.
//!
//! # Operands
//!
//! | instruction | operand |
//! |---|---|
//! | without an argument | nothing, or a number, which is kept |
//! | `LOAD_CONST` | a Python literal (see [`literal`]), or the label of a code object |
//! | loads, stores, imports, attributes | a name, bare or in quotes |
//! | jumps, `FOR_ITER`, `SETUP_…` | a label of the same object, or a number: the raw target or distance |
//! | `COMPARE_OP`, `IS_OP`, `CONTAINS_OP` | the operator; `COMPARE_OP not in` is `CONTAINS_OP not in` |
//! | `MAKE_FUNCTION` | a number, or `defaults`, `kwdefaults`, `annotations`, `closure` |
//! | `FORMAT_VALUE` | a number, or `!s`, `!r`, `!a`, `spec` |
//! | `CALL_FUNCTION_EX` | a number, or `kwargs` |
//! | `UNPACK_EX` | a number, or two: the numbers before and after the list |
//! | others | a number |
//!
//! Instead of a constant or a name, `@3` is an index. The assembler adds the `EXTENDED_ARG` prefixes
//! that are needed, after those that are written.
//!
//! # Lines in an object
//!
//! | line | meaning |
//! |---|---|
//! | `LABEL NAME` | a jump target |
//! | `LINE 12` | the source line of the instructions after it |
//! | `BYTES 00 05` | bytes that are not an instruction |
//!
//! # Lines directly after `DEFINE`
//!
//! | line | meaning | default |
//! |---|---|---|
//! | `ADD_ARG x` | a parameter; `ADD_ARG /` ends those passed by position only, `ADD_ARG *` begins those passed by name only, `*x` and `**x` take the other arguments | no parameters |
//! | `NAME x` | `co_name` | the label; `<module>` for the module |
//! | `FILE 'x.py'` | `co_filename` | that of the file |
//! | `FIRST_LINE 3` | `co_firstlineno` | the first `LINE`; without any, lines are those of this text |
//! | `DOC 'text'` | the first constant, which is `__doc__`; without an operand, there is none | `None` in a function, unless it is a comprehension |
//! | `FLAGS +X -Y` | flags to set and to clear, by name or number | see below |
//! | `STACK_SIZE 4` | `co_stacksize` | as the compiler computes it |
//! | `LOCALS_COUNT 2` | `co_nlocals` | the number of variables |
//! | `CELLS x, y` | `co_cellvars` | the variables in cells that are not free, sorted |
//! | `FREES x, y` | `co_freevars` | the variables of the closure with which the function is made |
//! | `CONST_AT 3 'x'` | the constant of an index | the order of first use, tuples of defaults last |
//! | `NAME_AT 3 x` | the name of an index | the order of first use |
//! | `LOCAL_AT 3 x` | the variable of an index | parameters, then the order of first use |
//! | `LINE_TABLE b'…'` | `co_lnotab` | according to the `LINE`s |
//!
//! An object of which a function is made right after `LOAD_BUILD_CLASS` is the body of a class. All
//! other objects except the module are functions, with the flag `NEWLOCALS`, and with `OPTIMIZED`
//! unless they have instructions such as `LOAD_NAME` that need a namespace. `NESTED` is set inside a
//! function, `NOFREE` without cells, `VARARGS` and `VARKEYWORDS` according to the parameters,
//! `GENERATOR` if the object yields, `COROUTINE` if it awaits, and `ASYNC_GENERATOR` if it does both.
//! An `async def` that never awaits needs `FLAGS +COROUTINE`.
//!
//! # Lines before the first `DEFINE`
//!
//! | line | meaning | default |
//! |---|---|---|
//! | `HEADER timestamp SECONDS BYTES`, `HEADER checked HASH`, `HEADER unchecked HASH` | the header | `timestamp 0 0` |
//! | `FILE 'x.py'` | `co_filename` of all objects | the name of the text |
//! | `FUTURE annotations` | flags of all objects | none |
//! | `SHARE …` | sharing, interning and marks of objects | as in a file of a CPython process that has just started |
//!
//! `SHARE held 'x', 'y'` lists strings that the process held in addition to the usual ones, and
//! `unheld` usual ones that it did not hold; `interned` and `plain` list constants that are or are
//! not interned. Other differences have the number of an object in the order of the file:
//! `SHARE @7 own`, `SHARE @9 is @3`, `SHARE @7 marked`, `unmarked`, `interned`, `plain`. None of this
//! has an effect on a program.
//!
//! # Round trip
//!
//! [`assemble`] turns the text that [`disassemble`] returns into the same bytes, for any code. What
//! the assembler would choose by itself is not printed.
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

pub mod cpython_dis;
pub mod json;
pub mod literal;
pub mod repr;
pub mod unit;

mod assemble;
mod keywords;
mod lift;
mod line;
mod parse;
mod print;
mod problems;
mod set_items;
mod sharing;

pub use parse::parse;
pub use print::{print, print_object};

use unit::{CodeObject, Unit};
use vm_base::{Diagnostic, LoadError, Place, Span};
use vm_py_code::object::{Id, Pool};
use vm_py_code::pyc::Pyc;

/// Assembles a text.
///
/// `file` is the name of the text in messages, and `co_filename` if the text does not give one.
///
/// # Errors
///
/// Returns an error with everything that is wrong in the text, up to 20 problems.
pub fn assemble(file: &str, text: &[u8]) -> Result<Pyc, LoadError> {
    let text = str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to();
        let bad = at..at + error.error_len().unwrap_or(1);
        let place = Place::in_bytes(file, text, bad, "not UTF-8");
        Diagnostic::error("the text is not UTF-8").at(place)
    })?;
    let unit = parse(file, text)?;
    assemble::assemble(&unit, file).map_err(|found| problems::load_error(found, file, text))
}

/// Returns the places in a text of instructions of the objects that were assembled from it.
///
/// Each item of `places` is a code object and the offset of an instruction, or `None` for the place
/// of the object.
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

/// Assembles a unit, which need not come from a text.
///
/// `file` is `co_filename` if the unit does not give one.
///
/// # Errors
///
/// Returns an error with everything that is wrong in the unit, up to 20 problems.
pub fn assemble_unit(unit: &Unit, file: &str) -> Result<Pyc, LoadError> {
    assemble::assemble(unit, file).map_err(problems::without_text)
}

/// Lifts a file to a unit, which [`assemble_unit`] turns into the same file.
///
/// # Errors
///
/// Returns an error for a few files that no compiler makes: those with a constant that contains
/// itself or a code object, or that is extremely long as text.
pub fn lift(pyc: Pyc) -> Result<Unit, LoadError> {
    lift::lift(pyc).map_err(|error| (*error).into())
}

/// Lifts a file to a unit that can be changed: all jumps go to labels.
///
/// [`assemble_unit`] may turn the unit into a file with other bytes, even if it is not changed.
///
/// # Errors
///
/// Returns an error for the same files as [`lift()`].
pub fn lift_to_change(pyc: Pyc) -> Result<Unit, LoadError> {
    lift::lift_to_change(pyc).map_err(|error| (*error).into())
}

/// Returns the text of a file, or a comment that says why it cannot be disassembled.
pub fn disassemble(pyc: &Pyc) -> String {
    match lift::lift(pyc.clone()) {
        Ok(unit) => print(&unit),
        Err(error) => format!("# {}\n", error.message),
    }
}

/// Returns the object with this label or qualified name (`Class.method.<locals>.function`), or the
/// only object whose label ends with it.
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

/// Returns the text of the instruction that has a byte at `offset`, shortened if it is very long.
///
/// ```
/// use vm_py_text::{assemble, instruction};
///
/// let text = b"DEFINE main\nLOAD_CONST 'x'\nSTORE_NAME here\nLOAD_CONST None\nRETURN_VALUE\nEND";
/// let pyc = assemble("main.cpyasm", text)?;
/// assert_eq!(instruction(&pyc.pool, pyc.code, 2).unwrap(), "STORE_NAME here");
/// assert_eq!(instruction(&pyc.pool, pyc.code, 8), None);
/// # Ok::<(), vm_base::LoadError>(())
/// ```
pub fn instruction(pool: &Pool, code: Id, offset: u32) -> Option<String> {
    lift::instruction(pool, code, offset)
}

/// Returns the words that can begin a line, in upper case.
pub fn line_words() -> impl Iterator<Item = &'static str> {
    keywords::Words::all()
}

/// Returns the code objects of a file with their labels.
pub fn labels(pyc: &Pyc) -> Vec<(Id, String)> {
    lift::labels(&pyc.pool, pyc.code)
}

/// Returns the first word and the operand of each line that is not blank, without comments. A line
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
