//! Converts between the binary form and the text.

use super::check::check;
use super::decode::decode as read_bytes;
use super::file::{File, encode};
use super::parse::parse;
use super::print::print;
use super::source::{self, Source};
use vm_base::LoadError;

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
