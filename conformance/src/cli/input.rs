//! The input of `mmm reduce`.

use super::args::Reduce;
use super::console::unreadable;
use super::entry;
use conformance::case::Case;
use conformance::engines::gather::gather;
use conformance::generate::case_from_text;
use conformance::machine::Machine;
use std::fs;
use vm::base::{Diagnostic, Limits};

/// The program to reduce.
pub(crate) struct Input {
    /// Its files.
    pub(crate) case: Case,
    /// It is not a program of a machine, but bytes of any kind.
    pub(crate) plain: bool,
    /// The name of the file that holds all of them, if they came packed in one.
    pub(crate) packed: Option<String>,
}

/// Reads the program that the flags name.
pub(crate) fn read(args: &Reduce) -> Result<Input, Diagnostic> {
    let bytes = || fs::read(&args.file).map_err(|error| unreadable(&args.file, &error));
    let name = args.file.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    if args.packed {
        let bytes = bytes()?;
        let machine = args.kind.machine.or(Machine::of_file(&name, &bytes));
        let mut case = case_from_text(machine.unwrap_or(Machine::Mmm), &bytes);
        case.limits = Default::default();
        return Ok(Input {
            case,
            plain: false,
            packed: Some(name),
        });
    }
    // A command accepts any file; engines need to know the machine.
    let anything = args.crash_of.is_some() || args.interesting.is_some();
    if anything && args.kind.machine.is_none() && !args.file.is_dir() {
        let bytes = bytes()?;
        let machine = Machine::of_file(&name, &bytes);
        if machine.is_none() {
            return Ok(Input {
                case: Case::single(Machine::Mmm, &name, bytes),
                plain: true,
                packed: None,
            });
        }
    }
    let root = args.root.as_deref();
    let entry = entry::find(&args.file, root, &args.kind, Limits::untrusted())?;
    let case = gather(&entry.root, &entry.name, &entry.loading)
        .map_err(|error| unreadable(&args.file, &error))?;
    Ok(Input {
        case,
        plain: false,
        packed: None,
    })
}

/// Returns true if only our own machine runs, and no other program.
pub(crate) fn is_ours(args: &Reduce) -> bool {
    let vm = &args.vm;
    let commands = [
        &args.crash_of,
        &args.interesting,
        &vm.vm,
        &vm.vm_serve,
        &vm.engine,
        &args.against,
    ];
    commands.iter().all(|command| command.is_none())
}
