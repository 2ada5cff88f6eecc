//! Steps on programs of the `sc` machine: on instructions, loops, expressions and constants. A
//! reference to something that is removed is removed too, and other references are renumbered.
//!
//! A text is reduced as the file that it assembles to, and is written as text again. A binary file
//! becomes text first, if that is as interesting. A text that does not assemble, or that is
//! interesting because of its layout, is reduced as characters, and a binary file that cannot be
//! decoded as bytes.

mod exprs;
mod extract;
mod insns;
mod values;

use super::step::{Form, Pass, Step, Steps};
use super::weight::{self, Weight};
use super::{files, generic, limits};
use crate::case::Case;
use crate::generate::sc::file::{Ast, Constant, File, Insn, NEG, NOT, Op, STORED, canonical};
use std::rc::Rc;

/// The passes on the content of a file.
const PASSES: &[Pass] = &[
    to_text,
    normalize,
    files::settings,
    limits::smaller,
    files::remove_files,
    files::move_to_root,
    insns::large_runs,
    extract::instructions,
    insns::runs,
    insns::loops,
    insns::sets,
    exprs::parts,
    values::unused,
    values::constants,
    values::lengths,
];

/// Text with the layout of `mmm dis`.
static TEXT: Form = Form {
    weigh: |case| weigh(case, 0),
    is_sound: |_| true,
    passes: PASSES,
};

/// Text with another layout, or that does not assemble.
static OTHER_TEXT: Form = Form {
    weigh: |case| Weight {
        form: 1,
        ..(generic::FORM.weigh)(case)
    },
    is_sound: |_| true,
    passes: &[
        to_text,
        files::settings,
        limits::smaller,
        files::remove_files,
        files::move_to_root,
        generic::lines,
        generic::words,
        generic::characters,
    ],
};

/// A binary file.
static BINARY: Form = Form {
    weigh: |case| weigh(case, 2),
    is_sound: |_| true,
    passes: PASSES,
};

/// Bytes that begin like a binary file but cannot be decoded.
static BYTES: Form = Form {
    weigh: |case| Weight {
        form: 3,
        ..(generic::FORM.weigh)(case)
    },
    is_sound: |_| true,
    passes: generic::FORM.passes,
};

/// Returns how to reduce a case.
pub(super) fn form(case: &Case) -> &'static Form {
    let Some(bytes) = case.files.get(&case.entry) else {
        return &BYTES;
    };
    match View::of(case) {
        Some(View { text: false, .. }) => &BINARY,
        Some(view) if view.text_of(&view.file).as_ref() == Some(bytes) => &TEXT,
        _ if is_binary(bytes) => &BYTES,
        _ => &OTHER_TEXT,
    }
}

/// Returns the number of instructions of a program, including those of its expressions.
pub(super) fn instructions(case: &Case) -> Option<u64> {
    let file = View::of(case)?.file;
    let ops: usize = file.asts.iter().map(|ast| ast.ops.len()).sum();
    Some((file.insns.len() + ops) as u64)
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(b".Sc.")
}

/// A case whose entry is decoded.
struct View<'a> {
    case: &'a Case,
    file: File,
    /// Whether the entry is text.
    text: bool,
}

impl<'a> View<'a> {
    fn of(case: &'a Case) -> Option<View<'a>> {
        let bytes = case.files.get(&case.entry)?;
        let text = !is_binary(bytes);
        let file = match text {
            false => File::decode(bytes)?,
            true => {
                let text = std::str::from_utf8(bytes).ok()?;
                File::decode(&vm::sc::assemble(&case.entry, text).ok()?)?
            }
        };
        Some(View { case, file, text })
    }

    fn text_of(&self, file: &File) -> Option<Vec<u8>> {
        let text = vm::sc::disassemble(&self.case.entry, &file.encode());
        text.ok().map(String::into_bytes)
    }

    /// Returns the case with another file as its entry.
    fn with(&self, file: &File) -> Option<Case> {
        let bytes = match self.text {
            true => self.text_of(file)?,
            false => file.encode(),
        };
        Some(generic::with(self.case, &self.case.entry, bytes))
    }
}

/// Returns the steps that a function makes of a case's view; no steps if the entry cannot be decoded.
fn steps<'a, S>(case: &'a Case, of: impl FnOnce(Rc<View<'a>>) -> S) -> Steps<'a>
where
    S: Iterator<Item = Step<'a>> + 'a,
{
    match View::of(case) {
        Some(view) => Box::new(of(Rc::new(view))),
        None => Box::new(std::iter::empty()),
    }
}

/// Replaces a binary file by its text, or a text by the plain one; or gives a binary file the right
/// ending.
fn to_text(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let text = Rc::clone(&view);
        let text = Step::new(0, move || {
            named(text.case, "sca", text.text_of(&text.file)?)
        });
        let bytes = Step::new(1, move || {
            let misnamed = !view.text && !view.case.entry.ends_with(".sc");
            let bytes = misnamed.then(|| view.file.encode())?;
            named(view.case, "sc", bytes)
        });
        [text, bytes].into_iter()
    })
}

/// Returns the case with other bytes as its entry, and with another ending of its name.
fn named(case: &Case, ending: &str, bytes: Vec<u8>) -> Option<Case> {
    let mut case = case.clone();
    case.files.remove(&case.entry);
    let stem = case
        .entry
        .strip_suffix(".sc")
        .or(case.entry.strip_suffix(".sca"));
    case.entry = format!("{}.{ending}", stem.unwrap_or(&case.entry));
    case.files.insert(case.entry.clone(), bytes);
    Some(case)
}

/// Stores constants and asts in the order of their use, and nothing that is unused.
fn normalize(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        [Step::new(0, move || view.with(&canonical(&view.file)))].into_iter()
    })
}

/// Returns the weight of a file for a reader.
fn weigh(case: &Case, form: u8) -> Weight {
    let mut weight = Weight::of(case, form);
    let Some(View { file, .. }) = View::of(case) else {
        return weight;
    };
    let insns = file.insns.iter().map(|insn| match insn {
        Insn::Set(..) => 101,
        _ => 100,
    });
    let ops = file.asts.iter().flat_map(|ast| &ast.ops);
    let ops = ops.map(|op| match *op {
        Op::Const(0..STORED) => 8,
        Op::Const(_) => 10,
        Op::Operator(0x03 | NOT | NEG) => 20,
        Op::Operator(_) => 21,
        Op::Var(_) => 30,
        Op::Call(_, arguments) => 40 + arguments.min(9),
    });
    weight.lines = insns.sum::<u64>() + ops.sum::<u64>();
    let asts = file.asts.iter().map(|ast| match ast.max_height {
        height if height == Ast::new(ast.ops.clone()).max_height => 4,
        _ => 5,
    });
    weight.words += file.constants.iter().map(constant_weight).sum::<u64>() + asts.sum::<u64>();
    weight.layout = u64::from(canonical(&file) != file);
    weight
}

fn constant_weight(constant: &Constant) -> u64 {
    match constant {
        Constant::Int(value) => 4 + weight::number(&value.to_string()),
        Constant::Float(bits) => 20 + weight::text(&values::float_text(*bits)),
        Constant::Str(text) => 16 + weight::text(text),
    }
}

/// Returns the index of a constant, and stores it if it is not there yet.
fn stored(file: &mut File, constant: Constant) -> u64 {
    let there = file.constants.iter().position(|known| *known == constant);
    let at = there.unwrap_or_else(|| {
        file.constants.push(constant);
        file.constants.len() - 1
    });
    STORED + at as u64
}

#[cfg(test)]
mod tests;
