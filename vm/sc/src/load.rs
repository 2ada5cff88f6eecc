//! Loads programs.

use super::check::check;
use super::compile::compile;
use super::program::{Options, Program};
use super::quicken::QuickCode;
use super::source;
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
