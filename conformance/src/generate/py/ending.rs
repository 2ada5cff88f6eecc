//! The ending of a program: the code that leads to the intended exception or return.

use super::faults::{BY_NAME, PLACES, WAYS, ways};
use super::{MAX_DEPTH, Writer, vocabulary};
use crate::engine::Ending;
use crate::generate::{Aim, Dice, Expected};

/// The exceptions that a program can aim at.
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

/// The body of an exception class.
const UNUSUAL: &str = "\
DEFINE Unusual_body
    LOAD_NAME __name__
    STORE_NAME __module__
    LOAD_CONST None
    RETURN_VALUE
END
";
/// A function that calls itself forever.
const ENDLESS: &str = "\
DEFINE endless_body
    LOAD_GLOBAL endless
    CALL_FUNCTION 0
    RETURN_VALUE
END
";

/// Lines with which the verifier rejects any program.
#[rustfmt::skip]
const REFUSED_LINES: [&[&str]; 12] = [
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

/// Returns a random aim.
pub(super) fn choose_aim(dice: &mut Dice) -> Aim {
    match dice.below(100) {
        0..45 => Aim::Return,
        45..80 => Aim::Fault(CODES[dice.below(CODES.len())]),
        _ => Aim::Wild,
    }
}

impl Writer {
    /// Writes the end of the program, so that it ends as intended.
    pub(super) fn write_ending(&mut self, aim: Aim, dice: &mut Dice) -> Option<Expected> {
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

    /// Counts the word of a way to raise an exception.
    fn count_ending(&mut self, code: &str, text: &str) {
        let at = ways().position(|way| way == (code, text));
        self.words
            .extend(at.map(|at| (vocabulary::first_ending() + at) as u16));
    }

    /// Writes code that raises an exception and does not catch it.
    fn fault(&mut self, code: &'static str, dice: &mut Dice) {
        let own = WAYS.iter().find(|(other, _)| *other == code);
        let own = own.map_or(&[][..], |(_, ways)| ways);
        let by_name = !matches!(code, "Unusual" | "UnicodeDecodeError");
        let way = dice.below(own.len() + if by_name { BY_NAME.len() } else { 0 });
        let way = match own.get(way) {
            Some(&text) => {
                self.count_ending(code, text);
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
                    MAX_DEPTH,
                );
            }
            "RecursionError" => {
                self.objects += ENDLESS;
                self.write(
                    "LOAD_CONST endless_body; LOAD_CONST 'endless'; MAKE_FUNCTION 0; STORE_NAME endless",
                    dice,
                    MAX_DEPTH,
                );
            }
            _ => {}
        }
        // Local variables need a function; other code may be in one.
        if code == "UnboundLocalError" || dice.one_in(3) && !way.contains("_NAME missing") {
            return self.write_in_function(&place, dice);
        }
        self.write(&place, dice, MAX_DEPTH);
    }
}

/// Returns a text that begins with lines with which the verifier rejects it.
pub(super) fn with_refused_lines(text: &str, dice: &mut Dice) -> String {
    let lines = REFUSED_LINES[dice.below(REFUSED_LINES.len())];
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    format!("{first}\n    {}\n{rest}", lines.join("\n    "))
}
