//! Reads the entry file and every file that it reaches through calls.

use super::insn::Fault;
use super::link::{Read, Targets, link};
use super::parse::parse;
use super::program::{Program, Source, State};
use std::collections::{BTreeMap, HashMap};
use vm_base::{Diagnostic, Host, Limits, LoadError, Place, ReadError, Span, resolve};

/// Loads the program whose entry is the file `entry`, named relative to the host's root.
///
/// A called file that cannot be read or does not load is not an error here: the call faults when it
/// is reached, and [`Program::findings`] reports it.
pub fn load(host: &mut dyn Host, entry: &str, limits: &Limits) -> Result<Program, LoadError> {
    let mut loader = Loader {
        host,
        bytes_left: limits.source_bytes(),
        files_left: limits.files,
        files: Vec::new(),
        numbers: BTreeMap::new(),
        waiting: Vec::new(),
    };
    loader.entry(entry)?;
    // A queue instead of recursion: `next` is the first file whose calls were not followed yet.
    let mut next = 0;
    while next < loader.files.len() {
        loader.called(next)?;
        next += 1;
    }
    let Loader { files, waiting, .. } = loader;
    Ok(link(files, &waiting))
}

struct Loader<'h> {
    host: &'h mut dyn Host,
    bytes_left: u64,
    files_left: u64,
    files: Vec<Read>,
    numbers: BTreeMap<String, u32>,
    /// For each file, the target of each of its calls: the number of a file, or why there is none.
    waiting: Vec<Targets>,
}

impl Loader<'_> {
    fn entry(&mut self, name: &str) -> Result<(), LoadError> {
        let text = match self.read(name) {
            Ok(text) => text,
            Err(Unread::Refused(why)) => {
                return Err(Diagnostic::error(format!("{name}: {why}")).into());
            }
            Err(Unread::Failed(State::Bad(errors))) => return Err(errors),
            Err(Unread::Failed(State::Unreadable(why))) => {
                return Err(Diagnostic::error(format!("cannot read {name}: {why}")).into());
            }
            Err(Unread::Failed(State::Loaded(_))) => {
                unreachable!("a file that was not read is not loaded")
            }
        };
        let file = parse(name, text)?;
        let has_main = file
            .functions
            .iter()
            .any(|function| file.function_name(function) == "main");
        if !has_main {
            let missing = Diagnostic::error(format!("{name} has no function 'main'"))
                .at(Place::in_text(
                    name,
                    &file.source,
                    Span::default(),
                    "no 'main' in this file",
                ))
                .help("a program starts at 'function main'");
            return Err(missing.into());
        }
        self.numbers.insert(name.to_owned(), 0);
        self.files.push(Read::Parsed(Box::new(file)));
        Ok(())
    }

    /// Reads the files that file number `caller` calls, unless they are read already.
    fn called(&mut self, caller: usize) -> Result<(), LoadError> {
        let mut targets: Targets = Vec::new();
        let Read::Parsed(file) = &mut self.files[caller] else {
            self.waiting.push(targets);
            return Ok(());
        };
        // The file is taken out so that others can be added meanwhile.
        let file = std::mem::take(&mut **file);
        let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut seen: HashMap<&str, Result<u32, Fault>> = HashMap::new();
        let mut last = ("", Err(Fault::FileAccess));
        for call in &file.calls {
            let path = call.path.of(&file.source);
            // Successive calls mostly name the same file.
            if last.0 != path {
                let target = match seen.get(path) {
                    Some(&target) => target,
                    None => match self.number(folder, path) {
                        Ok(target) => target,
                        Err(why) => {
                            let place =
                                Place::in_text(&*file.name, &file.source, call.path, "called here");
                            return Err(Diagnostic::error(why).at(place).into());
                        }
                    },
                };
                seen.insert(path, target);
                last = (path, target);
            }
            targets.push(last.1);
        }
        drop(seen);
        self.files[caller] = Read::Parsed(Box::new(file));
        self.waiting.push(targets);
        Ok(())
    }

    /// Returns the number of the file that `path` names, and reads it if necessary. An error
    /// refuses the whole program.
    fn number(&mut self, folder: &str, path: &str) -> Result<Result<u32, Fault>, String> {
        let Some(name) = resolve(folder, path) else {
            return Ok(Err(Fault::FileAccess));
        };
        if let Some(&number) = self.numbers.get(&name) {
            return Ok(Ok(number));
        }
        let read = match self.read(&name) {
            Ok(text) => match parse(&*name, text) {
                Ok(file) => Read::Parsed(Box::new(file)),
                Err(errors) => Read::Failed(Source::new(name.clone(), State::Bad(errors))),
            },
            Err(Unread::Failed(state)) => Read::Failed(Source::new(name.clone(), state)),
            Err(Unread::Refused(why)) => return Err(format!("{name}: {why}")),
        };
        let number = self.files.len() as u32;
        self.numbers.insert(name, number);
        self.files.push(read);
        Ok(Ok(number))
    }

    fn read(&mut self, name: &str) -> Result<String, Unread> {
        if self.files_left == 0 {
            return Err(Unread::Refused(
                "the program has more files than the limit".to_owned(),
            ));
        }
        let bytes = match self.host.read(name, self.bytes_left) {
            Ok(bytes) => bytes,
            Err(ReadError::Denied(why)) => return Err(Unread::Failed(State::Unreadable(why))),
            Err(ReadError::TooLong) => {
                return Err(Unread::Refused(
                    "the program has more bytes of source than the limit".to_owned(),
                ));
            }
        };
        self.files_left -= 1;
        self.bytes_left -= bytes.len() as u64;
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let place = Place::in_bytes(name, bytes, at..at + 1, "not UTF-8");
            let error = Diagnostic::error(format!("{name} is not UTF-8 text")).at(place);
            Unread::Failed(State::Bad(error.help("save it in UTF-8").into()))
        })
    }
}

/// Why the text of a file is missing.
enum Unread {
    /// The whole program is refused.
    Refused(String),
    /// Calls into the file will fail.
    Failed(State),
}
