//! The layout of program text, and the forms of paths.

use super::Atom;

/// The layout of a program's files.
pub(super) struct Layout {
    indent: &'static str,
    blank: &'static str,
    ending: LineEnding,
    /// One of this number of lines has a comment, an empty line before it or blanks after it; 0 for
    /// none.
    decoration: u64,
    /// True if files begin with a byte order mark.
    mark: bool,
    /// True if the last line of a file has no ending.
    ragged: bool,
    /// True if the functions of a file are in the order in which they were written.
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
            decoration: [0, 0, 0, 16, 4][atom.below(5)],
            mark: atom.one_in(12),
            ragged: atom.one_in(8),
            callees_first: !atom.one_in(3),
            state: atom.rest() | 1,
        }
    }

    /// Returns a choice among `n` that does not change what the program does.
    fn layout_choice(&mut self, n: u64) -> u64 {
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

    /// Writes a line without an indent.
    pub(super) fn bare_line(&mut self, out: &mut String, mnemonic: &str, operand: &str) {
        out.push_str(mnemonic);
        if !operand.is_empty() {
            out.push_str(self.blank);
            out.push_str(operand);
        }
        if self.decoration > 0 && self.layout_choice(self.decoration) == 0 {
            let comment = COMMENTS[self.layout_choice(6) as usize];
            match self.layout_choice(4) {
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
            LineEnding::Mixed => self.layout_choice(2) == 0,
        };
        out.push_str(if carriage_return { "\r\n" } else { "\n" });
    }

    /// Returns the bytes of a file whose lines are written.
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

/// Returns a path from one file to another, in one of the forms of [`super::tables::PATHS`].
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
