//! How a program looks as text: layout, paths, operands that stand in no table.

use super::tables::{BOOLS, BYTE, CHAR, CHARS, FLOAT, INT, STRING};
use super::{Atom, Item};
use std::borrow::Cow;
use std::fmt::Write as _;

/// What of its layout a program is free to choose.
pub(super) struct Layout {
    indent: &'static str,
    blank: &'static str,
    ending: LineEnding,
    /// A line in so many has a comment, an empty line before it, blanks after it; 0 is none.
    fuss: u64,
    /// True if files begin with a byte order mark.
    mark: bool,
    /// True if the last line of a file has no ending.
    ragged: bool,
    /// True if the functions of a file stand in the order they were written in.
    pub(super) callees_first: bool,
    state: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum LineEnding {
    Lf,
    CrLf,
    Mixed,
}

const COMMENTS: [&str; 6] = [
    "# a comment",
    "#",
    "# it's \"fine",
    "#end",
    "#\t# é \\",
    "# function main",
];

impl Layout {
    pub(super) fn new(atom: &mut Atom) -> Layout {
        Layout {
            indent: atom.pick(&["    ", "\t", "", "  \t "]),
            blank: atom.pick(&[" ", " ", " ", "\t", "   "]),
            ending: atom.pick(&[
                LineEnding::Lf,
                LineEnding::Lf,
                LineEnding::Lf,
                LineEnding::Lf,
                LineEnding::CrLf,
                LineEnding::Mixed,
            ]),
            fuss: [0, 0, 0, 16, 4][atom.below(5)],
            mark: atom.one_in(12),
            ragged: atom.one_in(8),
            callees_first: !atom.one_in(3),
            state: atom.rest() | 1,
        }
    }

    /// Chooses among `n`, in ways that do not matter to what the program does.
    fn whim(&mut self, n: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % n
    }

    /// Writes a line of a body.
    pub(super) fn line(&mut self, out: &mut String, mnemonic: &str, operand: &str) {
        out.push_str(self.indent);
        self.bare_line(out, mnemonic, operand);
    }

    /// Writes a line of a file's own, without an indent.
    pub(super) fn bare_line(&mut self, out: &mut String, mnemonic: &str, operand: &str) {
        out.push_str(mnemonic);
        if !operand.is_empty() {
            out.push_str(self.blank);
            out.push_str(operand);
        }
        if self.fuss > 0 && self.whim(self.fuss) == 0 {
            let comment = COMMENTS[self.whim(6) as usize];
            match self.whim(4) {
                0 => out.push_str(" \t "),
                1 => {
                    self.end_line(out);
                    out.push_str(comment);
                }
                2 => {
                    self.end_line(out);
                    out.push_str("  ");
                }
                _ => {
                    out.push(' ');
                    out.push_str(comment);
                }
            }
        }
        self.end_line(out);
    }

    fn end_line(&mut self, out: &mut String) {
        let carriage_return = match self.ending {
            LineEnding::Lf => false,
            LineEnding::CrLf => true,
            LineEnding::Mixed => self.whim(2) == 0,
        };
        out.push_str(if carriage_return { "\r\n" } else { "\n" });
    }

    /// A file, once its lines are written.
    pub(super) fn file(&self, mut text: String) -> Vec<u8> {
        if self.ragged {
            let ended = text.trim_end_matches(['\r', '\n']).len();
            text.truncate(ended);
        }
        if self.mark {
            text.insert(0, '\u{feff}');
        }
        text.into_bytes()
    }
}

/// A path from one file to another, in one of the ways of [`super::tables::PATHS`].
pub(super) fn path(from: &str, to: &str, way: usize) -> String {
    let folder = from.rfind('/').map_or("", |at| &from[..=at]);
    let mut path = String::with_capacity(32);
    path.push_str(["", "/", "./", "no/../", "//", ""][way]);
    match (way, to.strip_prefix(folder)) {
        (1, _) => path.push_str(to),
        (4, _) => path.push_str(&to.replace('/', "//")),
        (_, Some(within)) => path.push_str(within),
        (_, None) => {
            path.push_str(&"../".repeat(folder.matches('/').count()));
            path.push_str(to);
        }
    }
    if way == 5 {
        path.push('/');
    }
    path
}

/// An operand of that literal instruction (and of `constexpr`) that stands in no table.
pub(super) fn random_literal(mnemonic: usize, atom: &mut Atom) -> (Cow<'static, str>, Item) {
    let value = atom.below(1 << 32) as u32 as i32 >> [28, 24, 16, 0][atom.below(4)];
    match mnemonic {
        INT => {
            let item = Item::Int(value.into(), value.into());
            (value.to_string().into(), item)
        }
        BYTE => (
            format!("0b{:b}", value as u8).into(),
            Item::Byte(value as u8),
        ),
        FLOAT => {
            let text = match atom.below(3) {
                0 => format!("{value}.{:03}", atom.below(1000)),
                1 => format!("{value}e{}", atom.below(40) as i32 - 20),
                // Seventeen digits and any exponent.
                _ => {
                    let bits = (value as u64) << 32 ^ atom.rest();
                    let float = f64::from_bits(bits);
                    match float.is_finite() {
                        true => format!("{float:e}")
                            .replacen('e', "e+", 1)
                            .replace("e+-", "e-"),
                        false => "1.5".to_owned(),
                    }
                }
            };
            (text.into(), Item::Float)
        }
        CHAR => {
            let c = char::from_u32(value as u32 % 0x11_0000).unwrap_or('x');
            (format!("'\\u{{{:x}}}'", u32::from(c)).into(), Item::Char)
        }
        STRING => {
            let mut text = "\"".to_owned();
            for _ in 0..atom.below(5) {
                match atom.below(3) {
                    0 => text.push((b'a' + atom.below(26) as u8) as char),
                    1 => {
                        let c = CHARS[atom.below(CHARS.len())];
                        match c {
                            "'\"'" => text.push_str("\\\""),
                            _ => text.push_str(&c[1..c.len() - 1]),
                        }
                    }
                    _ => {
                        let _ = write!(text, "\\u{{{:x}}}", atom.below(0x100));
                    }
                }
            }
            text.push('"');
            (text.into(), Item::Str)
        }
        _ => (BOOLS[atom.below(2)].into(), Item::Bool),
    }
}
