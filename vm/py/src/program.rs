//! Programs that can be run: files that are read or assembled, and verified.

use vm_base::{Diagnostic, Host, Limits, LoadError, Place, ReadError};
use vm_py_code::check::{CheckError, Checked, Finding, Shape, check, check_strict};
use vm_py_code::object::{Id, Pool};
use vm_py_code::pyc::{MAGIC, Pyc};
use vm_py_text as text;

/// A file that was read or assembled, and verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Program {
    /// The file.
    pub pyc: Pyc,
    /// What each of its code objects needs to run, in the order of their ids.
    pub shapes: Vec<Shape>,
    /// What is unusual in it, but harmless.
    pub warnings: Vec<Diagnostic>,
}

/// Loads the program in the file `entry` under the host's root: a `.pyc` file, or its text form.
///
/// # Errors
///
/// Returns an error if the host does not give the file, if it is longer than the limit, and for
/// anything that [`load_bytes`] refuses.
///
/// ```
/// use vm_base::{Limits, MemoryHost};
///
/// let text = "DEFINE main\nLOAD_CONST None\nRETURN_VALUE\nEND\n";
/// let mut host = MemoryHost::new([("main.cpyasm", text)]);
/// let program = vm_py::load(&mut host, "main.cpyasm", &Limits::default())?;
/// assert_eq!(program.shapes[0].depth, 1);
/// # Ok::<(), vm_base::LoadError>(())
/// ```
pub fn load(host: &mut dyn Host, entry: &str, limits: &Limits) -> Result<Program, LoadError> {
    let max_bytes = limits.source_bytes();
    let bytes = host.read(entry, max_bytes).map_err(|error| {
        Diagnostic::error(match error {
            ReadError::TooLong => {
                format!("{entry} is longer than the limit of {max_bytes} bytes")
            }
            ReadError::Denied(why) => format!("cannot read {entry}: {why}"),
        })
    })?;
    load_bytes(entry, &bytes)
}

/// Loads the program in `bytes`, a `.pyc` file or its text form, and verifies all of its code.
///
/// `name` is the name of the file in messages, and decides how bytes without a magic number are
/// read: as a `.pyc` file if it ends with `.pyc`, as text otherwise.
///
/// # Errors
///
/// Returns an error if the bytes are not a program, or if its code does not pass
/// [`check`].
pub fn load_bytes(name: &str, bytes: &[u8]) -> Result<Program, LoadError> {
    File::read(name, bytes)?.verify(check)
}

/// Loads a program as [`load_bytes`] does, with the checks of [`check_strict`].
///
/// # Errors
///
/// Returns an error if the bytes are not a program, or if its code does not pass [`check_strict`].
pub fn load_bytes_strict(name: &str, bytes: &[u8]) -> Result<Program, LoadError> {
    File::read(name, bytes)?.verify(check_strict)
}

/// Returns the bytes of the `.pyc` file that a text describes, without verifying its code. The
/// bytes of a `.pyc` file are read, and written again as the same bytes.
///
/// # Errors
///
/// Returns an error if the bytes are not a program.
pub fn assemble(name: &str, bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    Ok(File::read(name, bytes)?.pyc.write())
}

/// Returns the bytes of the `.pyc` file that a text describes, as [`assemble`] does, if its code
/// passes the verifier.
///
/// # Errors
///
/// Returns an error if the bytes are not a program, or if its code does not pass [`check`].
pub fn assemble_verified(name: &str, bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    Ok(load_bytes(name, bytes)?.pyc.write())
}

/// A file that is not yet verified.
struct File<'a> {
    name: &'a str,
    bytes: &'a [u8],
    is_text: bool,
    pyc: Pyc,
}

impl<'a> File<'a> {
    fn read(name: &'a str, bytes: &'a [u8]) -> Result<File<'a>, LoadError> {
        let is_text = !bytes.starts_with(&MAGIC) && !name.ends_with(".pyc");
        let pyc = match is_text {
            true => text::assemble(name, bytes)?,
            false => Pyc::read(name, bytes)?,
        };
        Ok(File {
            name,
            bytes,
            is_text,
            pyc,
        })
    }

    fn verify(
        self,
        check: impl Fn(&Pool, Id) -> Result<Checked, CheckError>,
    ) -> Result<Program, LoadError> {
        match check(&self.pyc.pool, self.pyc.code) {
            Ok(checked) => Ok(Program {
                warnings: self.diagnostics(&checked.warnings),
                shapes: checked.shapes,
                pyc: self.pyc,
            }),
            Err(error) => Err(self.diagnostics(error.findings()).into()),
        }
    }

    /// Returns the diagnostics of what the verifier found, with the places in the file.
    fn diagnostics(&self, findings: &[Finding]) -> Vec<Diagnostic> {
        let (name, bytes, pyc) = (self.name, self.bytes, &self.pyc);
        if findings.is_empty() {
            return Vec::new();
        }
        if !self.is_text {
            let file = Some((name, bytes, pyc.offsets.as_slice()));
            let findings = findings.iter();
            return findings
                .map(|finding| finding.diagnostic(&pyc.pool, file))
                .collect();
        }
        let places = findings.iter().map(|found| (found.code, found.offset));
        let spans = text::spans(name, bytes, &pyc.pool, places);
        let text = str::from_utf8(bytes).unwrap_or("");
        let locate = |(finding, span): (&Finding, Option<_>)| {
            let diagnostic = finding.diagnostic(&pyc.pool, None);
            match span {
                Some(span) => {
                    let label = finding.object.as_str();
                    diagnostic.at(Place::in_text(name, text, span, label))
                }
                None => diagnostic,
            }
        };
        findings.iter().zip(spans).map(locate).collect()
    }
}

impl Program {
    /// Returns the objects of the file.
    pub fn pool(&self) -> &Pool {
        &self.pyc.pool
    }

    /// Returns the code object of the module.
    pub fn code(&self) -> Id {
        self.pyc.code
    }

    /// Returns what a code object needs to run.
    pub fn shape(&self, code: Id) -> Option<Shape> {
        let at = self.shapes.binary_search_by_key(&code, |shape| shape.code);
        at.ok().map(|at| self.shapes[at])
    }

    /// Returns what is unusual in the program, but harmless.
    pub fn findings(&self) -> Vec<Diagnostic> {
        self.warnings.clone()
    }

    /// Returns the text form of the program.
    pub fn listing(&self) -> String {
        text::disassemble(&self.pyc)
    }
}
