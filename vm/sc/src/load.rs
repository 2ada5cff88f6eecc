//! Loads programs, and converts between the binary form and the text.

use super::check::check;
use super::compile::compile;
use super::decode::decode as read_bytes;
use super::file::{File, encode};
use super::parse::parse;
use super::print::print;
use super::program::{Options, Program};
use super::quicken::QuickCode;
use super::source::{self, Source};
use vm_base::{Diagnostic, Host, Limits, LoadError, ReadError};

/// Loads the program in the file `entry`, named relative to the host's root. The file is binary if
/// it begins with the magic number or its name ends with `.sc`, and text otherwise.
///
/// ```
/// use vm_base::{Limits, MemoryHost};
/// use vm_sc as sc;
///
/// let text = "for i = 0 to 3\n    print(i, i * i)\nend\n";
/// let mut host = MemoryHost::new([("squares.sca", text)]);
/// let limits = Limits::default();
/// let program = sc::load(&mut host, "squares.sca", &limits).unwrap();
/// sc::run(&program, &mut host, &limits);
/// assert_eq!(host.output, b"0 0\n1 1\n2 4\n");
/// ```
pub fn load(host: &mut dyn Host, entry: &str, limits: &Limits) -> Result<Program, LoadError> {
    load_with(host, entry, &Options::default(), limits)
}

/// Loads a program as [`load`] does, with `options`: other functions, or without the extensions.
pub fn load_with(
    host: &mut dyn Host,
    entry: &str,
    options: &Options,
    limits: &Limits,
) -> Result<Program, LoadError> {
    let max_bytes = limits.source_bytes();
    let bytes = host.read(entry, max_bytes).map_err(|error| match error {
        ReadError::TooLong => Diagnostic::error(format!(
            "{entry} is longer than the limit of {max_bytes} bytes"
        )),
        ReadError::Denied(why) => Diagnostic::error(format!("cannot read {entry}: {why}")),
    })?;
    load_bytes(entry, bytes, options)
}

/// Loads a program from the contents of a file.
pub fn load_bytes(
    name: &str,
    bytes: impl Into<Vec<u8>>,
    options: &Options,
) -> Result<Program, LoadError> {
    let (file, source) = source::read(name, bytes.into())?;
    let labels = match check(&file, options.strict) {
        Ok(labels) => labels,
        Err(problems) => return Err(source.error(name, &file, problems)),
    };
    let Some(compiled) = compile(&file, &labels, &options.functions) else {
        return Err(Diagnostic::error(format!("{name} is too large to run")).into());
    };
    Ok(Program {
        name: name.to_owned(),
        source,
        quick: QuickCode::new(&compiled),
        compiled,
        functions: options.functions.clone(),
        file,
    })
}

/// Reads and checks the contents of a file.
fn checked(name: &str, bytes: Vec<u8>, strict: bool) -> Result<File, LoadError> {
    let (file, source) = source::read(name, bytes)?;
    match check(&file, strict) {
        Ok(_) => Ok(file),
        Err(problems) => Err(source.error(name, &file, problems)),
    }
}

/// Decodes and checks a binary file; `strict` refuses the extensions.
pub fn decode(name: &str, bytes: &[u8], strict: bool) -> Result<File, LoadError> {
    let file = read_bytes(name, bytes).map_err(|found| *found)?;
    match check(&file, strict) {
        Ok(_) => Ok(file),
        Err(problems) => {
            let source = Source::Binary(bytes.to_vec());
            Err(source.error(name, &file, problems))
        }
    }
}

/// Assembles a text to the bytes of a `.sc` file.
///
/// ```
/// let bytes = vm_sc::assemble("a.sca", "x = 1 + 2\n").unwrap();
/// assert!(bytes.starts_with(b".Sc."));
/// assert_eq!(vm_sc::disassemble("a.sc", &bytes).unwrap(), "x = 1 + 2\n");
/// ```
pub fn assemble(name: &str, text: &str) -> Result<Vec<u8>, LoadError> {
    let assembled = parse(name, text)?;
    let source = Source::Text(text.to_owned(), assembled.places);
    match check(&assembled.file, false) {
        Ok(_) => Ok(encode(&assembled.file)),
        Err(problems) => Err(source.error(name, &assembled.file, problems)),
    }
}

/// Disassembles a `.sc` file to a text that assembles to the same bytes. A text is accepted too,
/// and returned in its canonical form.
pub fn disassemble(name: &str, bytes: &[u8]) -> Result<String, LoadError> {
    checked(name, bytes.to_vec(), false).map(|file| print(&file))
}
