//! The steps of the `sc` machine, on what a file holds: instructions, loops, expressions,
//! constants. What refers to something that goes, goes too or is renumbered.
//!
//! A text is taken apart as what it assembles to, and is text again as soon as it is put together.
//! Bytes become text first of all, if that is as interesting. A text that does not assemble, or is
//! interesting for the way in which it is written, is only letters here, and a file that cannot be
//! taken apart is only bytes.

mod exprs;
mod extract;
mod insns;
mod values;

use super::weight::{self, Weight};
use super::{Form, Step, Steps, files, generic, limits};
use crate::case::Case;
use crate::generate::sc::file::{Ast, Constant, File, Insn, NEG, NOT, Op, STORED, canonical};
use std::rc::Rc;

/// Steps on what a file holds.
const PASSES: &[super::Pass] = &[
    to_text,
    tidy,
    files::settings,
    limits::smaller,
    files::drop_files,
    files::move_home,
    insns::large_runs,
    extract::moments,
    insns::runs,
    insns::loops,
    insns::sets,
    exprs::parts,
    values::unused,
    values::constants,
    values::lengths,
];

/// Text as `mmm dis` writes it.
static TEXT: Form = Form {
    weigh: |case| weigh(case, 0),
    sound: |_| true,
    passes: PASSES,
};

/// Text written in another way, or that does not assemble.
static LOOSE: Form = Form {
    weigh: |case| Weight {
        form: 1,
        ..(generic::FORM.weigh)(case)
    },
    sound: |_| true,
    passes: &[
        to_text,
        files::settings,
        limits::smaller,
        files::drop_files,
        files::move_home,
        generic::lines,
        generic::words,
        generic::letters,
    ],
};

/// A binary file.
static BINARY: Form = Form {
    weigh: |case| weigh(case, 2),
    sound: |_| true,
    passes: PASSES,
};

/// Bytes that begin like a binary file, and are none.
static BYTES: Form = Form {
    weigh: |case| Weight {
        form: 3,
        ..(generic::FORM.weigh)(case)
    },
    sound: |_| true,
    passes: generic::FORM.passes,
};

/// How a case is taken apart.
pub(super) fn form(case: &Case) -> &'static Form {
    let Some(bytes) = case.files.get(&case.entry) else {
        return &BYTES;
    };
    match View::of(case) {
        Some(View { text: false, .. }) => &BINARY,
        Some(view) if view.text_of(&view.file).as_ref() == Some(bytes) => &TEXT,
        _ if is_binary(bytes) => &BYTES,
        _ => &LOOSE,
    }
}

/// How many instructions a program has, those of its expressions included.
pub(super) fn instructions(case: &Case) -> Option<u64> {
    let file = View::of(case)?.file;
    let ops: usize = file.asts.iter().map(|ast| ast.ops.len()).sum();
    Some((file.insns.len() + ops) as u64)
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(b".Sc.")
}

/// A case whose entry was taken apart.
struct View<'a> {
    case: &'a Case,
    file: File,
    /// Whether it is text.
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

    /// For steps: none if there is nothing that could be taken apart.
    fn shared(case: &'a Case) -> Option<Rc<View<'a>>> {
        View::of(case).map(Rc::new)
    }

    fn text_of(&self, file: &File) -> Option<Vec<u8>> {
        let text = vm::sc::disassemble(&self.case.entry, &file.encode());
        text.ok().map(String::into_bytes)
    }

    /// The case with another file in its place.
    fn with(&self, file: &File) -> Option<Case> {
        let bytes = match self.text {
            true => self.text_of(file)?,
            false => file.encode(),
        };
        Some(generic::with(self.case, &self.case.entry, bytes))
    }
}

/// The steps that one function makes of a view, none of a case that has none.
fn steps<'a, S>(case: &'a Case, of: impl FnOnce(Rc<View<'a>>) -> S) -> Steps<'a>
where
    S: Iterator<Item = Step<'a>> + 'a,
{
    match View::shared(case) {
        Some(view) => Box::new(of(view)),
        None => Box::new(std::iter::empty()),
    }
}

/// Puts plain text in the place of bytes, or of other text; bytes are at least called what they are.
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

/// The case with those bytes as its entry, whose name has that ending.
fn named(case: &Case, ending: &str, bytes: Vec<u8>) -> Option<Case> {
    let mut case = case.clone();
    case.files.remove(&case.entry);
    let home = case
        .entry
        .strip_suffix(".sc")
        .or(case.entry.strip_suffix(".sca"));
    case.entry = format!("{}.{ending}", home.unwrap_or(&case.entry));
    case.files.insert(case.entry.clone(), bytes);
    Some(case)
}

/// Stores everything where it is first used, and nothing else.
fn tidy(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        [Step::new(0, move || view.with(&canonical(&view.file)))].into_iter()
    })
}

/// How much there is to a file, for a reader.
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
    let asts = file.asts.iter().map(|ast| match ast.most {
        most if most == Ast::new(ast.ops.clone()).most => 4,
        _ => 5,
    });
    weight.words += file.constants.iter().map(constant).sum::<u64>() + asts.sum::<u64>();
    weight.layout = u64::from(canonical(&file) != file);
    weight
}

fn constant(constant: &Constant) -> u64 {
    match constant {
        Constant::Int(value) => 4 + weight::number(&value.to_string()),
        Constant::Float(bits) => 20 + weight::text(&values::float_text(*bits)),
        Constant::Str(text) => 16 + weight::text(text),
    }
}

/// The index of a constant, which is stored if it is not there yet.
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
