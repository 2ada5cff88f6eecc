//! A module that may be run.

use vm_base::{Diagnostic, Host, Limits, LoadError, Place, ReadError};
use vm_py_code::check::{Problem, Shape, check};
use vm_py_code::object::{Id, Pool};
use vm_py_code::pyc::{MAGIC, Pyc};
use vm_py_text as text;

/// A file that was read or assembled, and verified.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file.
    pub pyc: Pyc,
    /// What each of its code objects needs, in the order of their ids.
    pub shapes: Vec<Shape>,
    /// What is odd in it, and harmless.
    pub warnings: Vec<Diagnostic>,
}

/// Loads the program in the file `entry` under the host's root: a `.pyc` file, or its text.
pub fn load(host: &mut dyn Host, entry: &str, limits: &Limits) -> Result<Program, LoadError> {
    let most = limits.source_bytes();
    let bytes = host.read(entry, most).map_err(|error| match error {
        ReadError::TooLong => {
            Diagnostic::error(format!("{entry} is longer than the limit of {most} bytes"))
        }
        ReadError::Denied(why) => Diagnostic::error(format!("cannot read {entry}: {why}")),
    })?;
    load_bytes(entry, &bytes)
}

/// Loads a program from what a file holds, and verifies all of its code.
pub fn load_bytes(name: &str, bytes: &[u8]) -> Result<Program, LoadError> {
    let (pyc, source) = read(name, bytes)?;
    let tell = |problems: Vec<Problem>, pyc: &Pyc| -> Vec<Diagnostic> {
        if problems.is_empty() {
            return Vec::new();
        }
        let told = problems.iter();
        match source {
            Source::Binary => {
                let file = Some((name, bytes, pyc.offsets.as_slice()));
                told.map(|found| found.diagnostic(&pyc.pool, file))
                    .collect()
            }
            Source::Text => {
                let places = told.clone().map(|found| (found.code, found.offset));
                let spans = text::spans(name, bytes, &pyc.pool, places);
                let text = str::from_utf8(bytes).unwrap_or("");
                told.zip(spans)
                    .map(|(found, span)| {
                        let diagnostic = found.diagnostic(&pyc.pool, None);
                        match span {
                            Some(span) => {
                                let label = found.object.as_str();
                                diagnostic.at(Place::in_text(name, text, span, label))
                            }
                            None => diagnostic,
                        }
                    })
                    .collect()
            }
        }
    };
    match check(&pyc.pool, pyc.code) {
        Ok((shapes, warnings)) => Ok(Program {
            warnings: tell(warnings, &pyc),
            pyc,
            shapes,
        }),
        Err(problems) => Err(tell(problems, &pyc).into()),
    }
}

/// What a file is written in.
enum Source {
    Binary,
    Text,
}

/// The objects in a file, not verified.
fn read(name: &str, bytes: &[u8]) -> Result<(Pyc, Source), Vec<Diagnostic>> {
    if bytes.starts_with(&MAGIC) || name.ends_with(".pyc") {
        let pyc = Pyc::read(name, bytes).map_err(|found| vec![*found])?;
        return Ok((pyc, Source::Binary));
    }
    Ok((text::assemble(name, bytes)?, Source::Text))
}

/// The bytes of the `.pyc` file that a text stands for. What is such a file already is read, and
/// written again as the same bytes.
pub fn assemble(name: &str, bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    Ok(read(name, bytes)?.0.write())
}

impl Program {
    /// The objects.
    pub fn pool(&self) -> &Pool {
        &self.pyc.pool
    }

    /// The module's code object.
    pub fn code(&self) -> Id {
        self.pyc.code
    }

    /// What a code object needs to run.
    pub fn shape(&self, code: Id) -> Option<Shape> {
        let at = self.shapes.binary_search_by_key(&code, |shape| shape.code);
        at.ok().map(|at| self.shapes[at])
    }

    /// What is odd in it, and harmless.
    pub fn findings(&self) -> Vec<Diagnostic> {
        self.warnings.clone()
    }

    /// Its text.
    pub fn listing(&self) -> String {
        text::disassemble(&self.pyc)
    }
}
