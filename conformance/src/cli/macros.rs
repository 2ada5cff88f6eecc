//! `mmm macro`.

use super::args::Macro as Args;
use super::console::{self, Status};
use super::{python, text};
use std::fmt::Write as _;
use std::path::Path;
use vm::base::{Diagnostic, closest};
use vm::py::macros::{self, ALL, Macro, MacroError, Request, Takes, Unused};

/// The name and the summary of `unused`, which is not a macro: it changes nothing.
const UNUSED: (&str, &str) = (
    "unused",
    "report labels, variables, parameters and objects that are not used; change nothing",
);

pub(crate) fn apply(args: &Args) -> Result<Status, Diagnostic> {
    let Some(name) = args.name.as_deref().filter(|_| !args.list) else {
        return Ok(console::print(list().as_bytes()));
    };
    if name == UNUSED.0 {
        let file = args.file.as_deref().ok_or_else(|| no_file(name))?;
        return unused(file);
    }
    let found = macros::find(name).ok_or_else(|| unknown(name))?;
    let Some(file) = &args.file else {
        return Ok(console::print(about(found).as_bytes()));
    };
    if found.takes == Takes::Nothing && !args.set.is_empty() {
        return Err(Diagnostic::error(format!("{name} takes no --set")));
    }
    let output = args.output.as_deref().ok_or_else(|| {
        Diagnostic::error("the file to write is missing").help("name it: -o FILE")
    })?;
    let mut unit = match python::unit(file) {
        Ok(unit) => unit,
        Err(wrong) => return Ok(text::refuse(&wrong)),
    };
    let request = Request {
        function: args.function.clone(),
        set: args.set.clone(),
    };
    let changed = (found.apply)(&mut unit, &request).map_err(MacroError::diagnostic)?;
    let bytes = match python::encode(&unit, file, output) {
        Ok(bytes) => bytes,
        Err(wrong) => return Ok(text::refuse(&wrong)),
    };
    let status = text::write(Some(output), &bytes)?;
    eprintln!("{}", changes(name, changed));
    Ok(status)
}

fn changes(name: &str, changed: usize) -> String {
    match changed {
        0 => format!("{name}: nothing to change; 'mmm macro {name}' describes what it acts on"),
        1 => format!("{name}: 1 place changed"),
        _ => format!("{name}: {changed} places changed"),
    }
}

fn list() -> String {
    let known = ALL.iter().map(|known| (known.name, known.summary));
    let mut out = String::new();
    for (name, summary) in known.chain([UNUSED]) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name:8} {summary}");
    }
    out.push_str("\n'mmm macro NAME' describes a macro.\n");
    out
}

fn about(known: &Macro) -> String {
    let (name, summary) = (known.name, known.summary);
    let set = match known.takes {
        Takes::Nothing => "",
        Takes::Values => " --set NAME=VALUE…",
        Takes::Name => " --function NAME --set NAME[=VALUE]",
    };
    let usage = format!("mmm macro {name} FILE -o FILE{set}");
    format!("{name}: {summary}\n\n{}\n\n{usage}\n", known.example)
}

fn unknown(name: &str) -> Diagnostic {
    let names = ALL.iter().map(|known| known.name).chain([UNUSED.0]);
    let refused = Diagnostic::error(format!("there is no macro '{name}'"));
    match closest(name, names) {
        Some(near) => refused.help(format!("did you mean '{near}'?")),
        None => refused.help("'mmm macro --list' lists them"),
    }
}

fn no_file(name: &str) -> Diagnostic {
    Diagnostic::error("the file is missing").help(format!("mmm macro {name} FILE"))
}

fn unused(file: &Path) -> Result<Status, Diagnostic> {
    let unit = match python::unit(file) {
        Ok(unit) => unit,
        Err(wrong) => return Ok(text::refuse(&wrong)),
    };
    let mut out = String::new();
    for unused in macros::unused(&unit) {
        let _ = match unused {
            Unused::Object { object } => writeln!(out, "object {object}"),
            Unused::Label { object, label } => writeln!(out, "label {label} in {object}"),
            Unused::Variable { object, name } => writeln!(out, "variable {name} in {object}"),
            Unused::Parameter { object, name } => writeln!(out, "parameter {name} in {object}"),
        };
    }
    Ok(console::print(out.as_bytes()))
}
