//! How programs end: the one ending that is aimed at.

use super::{DEEPEST, Writer, tables};
use crate::engine::Ending;
use crate::generate::{Aim, Dice, Expected};

/// The exceptions that can be aimed at.
pub(super) const CODES: [&str; 21] = [
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
    "KeyError",
    "IndexError",
    "AttributeError",
    "NameError",
    "UnboundLocalError",
    "OverflowError",
    "StopIteration",
    "StopAsyncIteration",
    "RuntimeError",
    "AssertionError",
    "ImportError",
    "ModuleNotFoundError",
    "SystemError",
    "RecursionError",
    "UnicodeDecodeError",
    "NotImplementedError",
    "GeneratorExit",
    "Unusual",
];

/// Instructions that raise each. Any other is raised by its name.
#[rustfmt::skip]
const WAYS: [(&str, &[&str]); 18] = [
    ("TypeError", &[
        "LOAD_CONST 1; LOAD_CONST 'a'; BINARY_ADD; POP_TOP",
        "LOAD_CONST None; UNARY_NEGATIVE; POP_TOP",
        "LOAD_CONST 1; CALL_FUNCTION 0; POP_TOP",
        "LOAD_CONST 1; GET_ITER; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST (); COMPARE_OP <; POP_TOP",
        "BUILD_LIST 0; BUILD_SET 1; POP_TOP",
        "LOAD_CONST 5; RAISE_VARARGS 1",
        "LOAD_CONST 1; UNPACK_SEQUENCE 1; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2; CONTAINS_OP 0; POP_TOP",
        "@builtin len; LOAD_CONST (); LOAD_CONST (); CALL_FUNCTION 2; POP_TOP",
        "@builtin dict; BUILD_TUPLE 0; BUILD_MAP 0; LOAD_CONST 1; DICT_MERGE 1; CALL_FUNCTION_EX 1; POP_TOP",
        "BUILD_LIST 0; LOAD_CONST 1; LIST_EXTEND 1; POP_TOP",
        "LOAD_CONST 1; GET_AWAITABLE; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2; BINARY_MATRIX_MULTIPLY; POP_TOP",
    ]),
    ("ValueError", &[
        "LOAD_CONST (1, 2); UNPACK_SEQUENCE 3; POP_TOP; POP_TOP; POP_TOP",
        "LOAD_CONST (1,); UNPACK_EX 257; POP_TOP; POP_TOP; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST -1; BINARY_LSHIFT; POP_TOP",
        "LOAD_CONST 'a'; LOAD_CONST 'd'; FORMAT_VALUE 4; POP_TOP",
        "@builtin int; LOAD_CONST 'x'; CALL_FUNCTION 1; POP_TOP",
    ]),
    ("ZeroDivisionError", &[
        "LOAD_CONST 1; LOAD_CONST 0; BINARY_TRUE_DIVIDE; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 0; BINARY_FLOOR_DIVIDE; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 0; INPLACE_MODULO; POP_TOP",
        "LOAD_CONST 1.5; LOAD_CONST 0; BINARY_MODULO; POP_TOP",
        "LOAD_CONST 0; LOAD_CONST -1; BINARY_POWER; POP_TOP",
    ]),
    ("KeyError", &[
        "BUILD_MAP 0; LOAD_CONST $scalar; BINARY_SUBSCR; POP_TOP",
        "BUILD_MAP 0; LOAD_CONST $scalar; DELETE_SUBSCR",
    ]),
    ("IndexError", &[
        "LOAD_CONST (1, 2); LOAD_CONST 2; BINARY_SUBSCR; POP_TOP",
        "LOAD_CONST 'ab'; LOAD_CONST -3; BINARY_SUBSCR; POP_TOP",
        "LOAD_CONST 1; BUILD_LIST 0; LOAD_CONST 0; STORE_SUBSCR",
        "BUILD_LIST 0; LOAD_CONST 0; DELETE_SUBSCR",
        "LOAD_CONST (1,); LOAD_CONST 18446744073709551616; BINARY_SUBSCR; POP_TOP",
    ]),
    ("AttributeError", &[
        "LOAD_CONST 1; LOAD_ATTR missing; POP_TOP",
        "LOAD_CONST 1; LOAD_METHOD missing; CALL_METHOD 0; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2; STORE_ATTR missing",
        "LOAD_CONST 1; DELETE_ATTR missing",
        "LOAD_CONST 1; BEFORE_ASYNC_WITH; POP_TOP; POP_TOP",
    ]),
    ("NameError", &[
        "LOAD_GLOBAL missing; POP_TOP",
        "DELETE_GLOBAL missing",
        "LOAD_NAME missing; POP_TOP",
        "DELETE_NAME missing",
    ]),
    ("UnboundLocalError", &[
        "LOAD_FAST local; POP_TOP; LOAD_CONST None; STORE_FAST local",
        "DELETE_FAST local; LOAD_CONST None; STORE_FAST local",
    ]),
    ("OverflowError", &[
        "LOAD_CONST 1e308; LOAD_CONST 2; BINARY_POWER; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2000; BINARY_LSHIFT; LOAD_CONST 0.5; BINARY_MULTIPLY; POP_TOP",
        "@builtin int; LOAD_CONST inf; CALL_FUNCTION 1; POP_TOP",
        "LOAD_CONST 'a'; LOAD_CONST 9223372036854775808; BINARY_MULTIPLY; POP_TOP",
    ]),
    ("StopIteration", &[
        "@builtin next; LOAD_CONST (); GET_ITER; CALL_FUNCTION 1; POP_TOP",
    ]),
    ("RuntimeError", &[
        "RAISE_VARARGS 0",
    ]),
    ("AssertionError", &[
        "LOAD_ASSERTION_ERROR; RAISE_VARARGS 1",
        "LOAD_ASSERTION_ERROR; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1",
    ]),
    ("ImportError", &[
        "LOAD_CONST 0; LOAD_CONST ('missing',); IMPORT_NAME math; IMPORT_FROM missing; POP_TOP; POP_TOP",
    ]),
    ("ModuleNotFoundError", &[
        "LOAD_CONST 0; LOAD_CONST None; IMPORT_NAME missing; POP_TOP",
    ]),
    ("SystemError", &[
        "LOAD_CONST 1; LOAD_CONST $scalar; BUILD_CONST_KEY_MAP 1; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST ('a', 'b'); BUILD_CONST_KEY_MAP 1; POP_TOP",
    ]),
    ("RecursionError", &[
        "LOAD_GLOBAL endless; CALL_FUNCTION 0; POP_TOP",
    ]),
    ("UnicodeDecodeError", &[
        r"LOAD_CONST b'\xff'; LOAD_METHOD decode; CALL_METHOD 0; POP_TOP",
    ]),
    ("Unusual", &[
        "LOAD_GLOBAL Unusual; RAISE_VARARGS 1",
        "LOAD_GLOBAL Unusual; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1",
    ]),
];

/// By name, for all exceptions that need nothing to be made of.
const BY_NAME: [&str; 3] = [
    "@builtin #; RAISE_VARARGS 1",
    "@builtin #; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1",
    "@builtin #; @builtin KeyError; RAISE_VARARGS 2",
];

/// Where it is raised: `<fault>` stands for that.
#[rustfmt::skip]
const PLACES: [&str; 7] = [
    "<fault>",
    "LOAD_CONST 1; LOAD_CONST 2; <fault>; POP_TOP; POP_TOP",
    "SETUP_FINALLY {h}; <fault>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; @caught; RERAISE; LABEL {e}",
    "SETUP_FINALLY {h}; <fault>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; DUP_TOP; @builtin MemoryError; JUMP_IF_NOT_EXC_MATCH {n}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; JUMP_FORWARD {e}; LABEL {n}; RERAISE; LABEL {e}",
    "LOAD_CONST (1, 2); GET_ITER; LABEL {t}; FOR_ITER {e}; POP_TOP; <fault>; JUMP_ABSOLUTE {t}; LABEL {e}",
    "@helper M; LOAD_CONST 0; CALL_FUNCTION 1; SETUP_WITH {h}; POP_TOP; <fault>; POP_BLOCK; LOAD_CONST None; DUP_TOP; DUP_TOP; CALL_FUNCTION 3; POP_TOP; JUMP_FORWARD {e}; LABEL {h}; WITH_EXCEPT_START; POP_JUMP_IF_TRUE {s}; RERAISE; LABEL {s}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; POP_TOP; LABEL {e}",
    "SETUP_FINALLY {h}; @builtin KeyError; RAISE_VARARGS 1; LABEL {h}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; <fault>",
];

/// A class of its own, and a function that calls itself for ever.
const UNUSUAL: &str = "\
DEFINE Unusual_body
    LOAD_NAME __name__
    STORE_NAME __module__
    LOAD_CONST None
    RETURN_VALUE
END
";
const ENDLESS: &str = "\
DEFINE endless_body
    LOAD_GLOBAL endless
    CALL_FUNCTION 0
    RETURN_VALUE
END
";

/// Lines that no program is verified with, by what they break.
#[rustfmt::skip]
const SPOILS: [&[&str]; 12] = [
    &["POP_TOP"],
    &["BINARY_ADD"],
    &["JUMP_ABSOLUTE 3"],
    &["JUMP_ABSOLUTE 1000000"],
    &["POP_BLOCK"],
    &["POP_EXCEPT"],
    &["RERAISE"],
    &["RAISE_VARARGS 3"],
    &["LOAD_CONST @60000", "POP_TOP"],
    &["LOAD_NAME @60000", "POP_TOP"],
    &["LOAD_CONST 1", "YIELD_VALUE", "POP_TOP"],
    &["SETUP_FINALLY 0"],
];

/// What a program of its own free will aims at.
pub(super) fn aim(dice: &mut Dice) -> Aim {
    match dice.below(100) {
        0..45 => Aim::Return,
        45..80 => Aim::Fault(CODES[dice.below(CODES.len())]),
        _ => Aim::Wild,
    }
}

/// The ways to end, which are among the words.
pub(super) fn ways() -> impl Iterator<Item = (&'static str, &'static str)> {
    let each = |(code, ways): (&'static str, &'static [&'static str])| {
        ways.iter().map(move |&way| (code, way))
    };
    WAYS.into_iter().flat_map(each)
}

impl Writer {
    /// Writes the end of the program, so that it ends as aimed at.
    pub(super) fn tail(&mut self, aim: Aim, dice: &mut Dice) -> Option<Expected> {
        let expect = |ending, fault| Some(Expected { ending, fault });
        match aim {
            Aim::Wild => None,
            Aim::Refused => expect(Ending::Refused, None),
            Aim::Fault(code) if CODES.contains(&code) => {
                self.fault(code, dice);
                expect(Ending::Faulted, Some(code))
            }
            Aim::Any | Aim::Return | Aim::Fault(_) => expect(Ending::Returned, None),
        }
    }

    fn end_word(&mut self, code: &str, text: &str) {
        let at = ways().position(|way| way == (code, text));
        self.words
            .extend(at.map(|at| (tables::first_ending() + at) as u16));
    }

    fn fault(&mut self, code: &'static str, dice: &mut Dice) {
        let own = WAYS.iter().find(|(other, _)| *other == code);
        let own = own.map_or(&[][..], |(_, ways)| ways);
        let by_name = !matches!(code, "Unusual" | "UnicodeDecodeError");
        let way = dice.below(own.len() + if by_name { BY_NAME.len() } else { 0 });
        let way = match own.get(way) {
            Some(&text) => {
                self.end_word(code, text);
                text.to_owned()
            }
            None => BY_NAME[way - own.len()].replace('#', code),
        };
        let place = PLACES[dice.below(PLACES.len())].replace("<fault>", &way);
        match code {
            "Unusual" => {
                self.objects += UNUSUAL;
                self.write(
                    "LOAD_BUILD_CLASS; LOAD_CONST Unusual_body; LOAD_CONST 'Unusual'; MAKE_FUNCTION 0; LOAD_CONST 'Unusual'; LOAD_NAME Exception; CALL_FUNCTION 3; STORE_NAME Unusual",
                    dice,
                    DEEPEST,
                );
            }
            "RecursionError" => {
                self.objects += ENDLESS;
                self.write(
                    "LOAD_CONST endless_body; LOAD_CONST 'endless'; MAKE_FUNCTION 0; STORE_NAME endless",
                    dice,
                    DEEPEST,
                );
            }
            _ => {}
        }
        // What has slots is a function; in the module, names do as well.
        if code == "UnboundLocalError" || dice.one_in(3) && !way.contains("_NAME missing") {
            return self.write_in_function(&place, dice);
        }
        self.write(&place, dice, DEEPEST);
    }
}

/// The text with lines in front that no program is verified with.
pub(super) fn spoil(text: &str, dice: &mut Dice) -> String {
    let lines = SPOILS[dice.below(SPOILS.len())];
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    format!("{first}\n    {}\n{rest}", lines.join("\n    "))
}
