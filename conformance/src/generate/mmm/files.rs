//! The files of a program.

use super::tables::*;
use super::{Builder, Function, Home, Open, ending};
use crate::case::{Case, Header};
use crate::generate::{Aim, Atom};
use crate::machine::Machine;
use std::collections::BTreeMap;

impl Builder {
    /// Returns the case.
    pub(super) fn case(&mut self, aim: Aim, atom: &mut Atom) -> Case {
        let main = std::mem::replace(&mut self.open, Open::new("main", 0));
        let refusal =
            (aim == Aim::Refused && atom.one_in(3)).then(|| atom.below(FILE_REFUSALS.len()));
        if let Some(refusal) = refusal {
            self.word(FIRST_FILE_REFUSAL, refusal);
        }
        let entry = Function {
            name: if refusal == Some(NO_MAIN) {
                "Main"
            } else {
                "main"
            },
            file: 0,
            body: main.body,
            cost: main.cost,
            returns: None,
            called: true,
        };
        self.functions.push(entry);
        if !self.layout.callees_first {
            self.functions.reverse();
        }
        let mut case = Case {
            name: "generated".to_owned(),
            machine: Machine::Mmm,
            entry: self.file_name(self.names[0]),
            files: BTreeMap::new(),
            root: self.home == Home::Deep,
            strict: false,
            limits: self.limits,
            header: Header::default(),
        };
        let called = self.called_files;
        for file in (0..self.files).filter(|file| called >> file & 1 == 1) {
            let mut text = String::with_capacity(512);
            let functions = std::mem::take(&mut self.functions);
            for function in functions.iter().filter(|function| function.file == file) {
                self.layout.bare_line(&mut text, "function", function.name);
                text.push_str(&function.body);
                self.layout.bare_line(&mut text, "end", "");
            }
            self.functions = functions;
            match refusal {
                _ if file > 0 || aim != Aim::Refused => {}
                Some(NO_MAIN | NOT_UTF8) => {}
                Some(refusal) => text.insert_str(0, FILE_REFUSALS[refusal]),
                None => text = self.with_refused_line(text, atom),
            }
            let name = self.file_name(self.names[file]);
            let mut bytes = self.layout.file(text);
            if file == 0 && refusal == Some(NOT_UTF8) {
                bytes.extend_from_slice(b"\n# \xff\n");
            }
            case.files.insert(name, bytes);
        }
        if let Some(index) = self.bad_file {
            let name = self.file_name(ending::BAD_FILE);
            case.files.insert(name, BAD_FILES[index].to_owned());
        }
        case
    }

    pub(super) fn file_name(&self, name: &str) -> String {
        match self.home {
            Home::Folder => format!("top/{name}"),
            Home::Root | Home::Deep => name.to_owned(),
        }
    }

    /// Returns a text with a line that no file loads with.
    fn with_refused_line(&mut self, mut text: String, atom: &mut Atom) -> String {
        let index = atom.below(LINE_REFUSALS.len());
        self.word(FIRST_LINE_REFUSAL, index);
        let lines = text.matches('\n').count();
        let nth = text.match_indices('\n').nth(atom.below(lines));
        let at = nth.map_or(0, |(at, _)| at + 1);
        text.insert_str(at, &format!("{}\n", LINE_REFUSALS[index]));
        text
    }
}
