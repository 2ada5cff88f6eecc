//! A case: a program in files, and what it shows.
//!
//! On disk a case is a program file whose first comment lines are its header:
//!
//! ```text
//! # An Int prints in decimal.
//! # holds: mmm.print.int.1
//! # boundary: mmm.literal.int.2
//! # limits: fuel=10 call_depth=3
//! function main
//! ```
//!
//! A program of several files is a folder `NAME.case`, whose entry is `main.mmm` (or `main` with
//! another machine's ending). The header of a file that cannot contain one is in `FILE.header`
//! beside it, and that of a folder is in `case.header`, both without the `#`. There,
//! `entry: sub/main.mmm` names another entry; its folder is the root unless `root: .` says that the
//! case's own folder is. `strict: yes` asks for a load that refuses extensions.

use crate::Machine;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use vm_base::Limits;

/// A program and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// `machine/topic/name`; filters and snapshots refer to the case by it.
    pub name: String,
    /// The machine it is for.
    pub machine: Machine,
    /// The name in `files` of the file that is run.
    pub entry: String,
    /// The files by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// True if the root is the folder to which the names of `files` are relative; otherwise it is the
    /// entry's folder.
    pub root: bool,
    /// True if the program is loaded strictly: extensions of the machine's format are refused.
    pub strict: bool,
    /// The limits that the case sets.
    pub limits: CaseLimits,
    /// What the case claims to show.
    pub header: Header,
}

/// The limits that a case sets; the others are those of [`Limits::untrusted`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseLimits {
    /// The number of instructions.
    pub fuel: Option<u64>,
    /// The depth of calls.
    pub call_depth: Option<u64>,
    /// The number of bytes printed.
    pub output_bytes: Option<u64>,
    /// The number of bytes of values and calls.
    pub heap_bytes: Option<u64>,
}

/// What a case claims to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Lines that describe the case.
    pub about: Vec<String>,
    /// The clauses that the case shows to hold.
    pub holds: Vec<String>,
    /// The clauses that the program violates, which must stop it.
    pub breaks: Vec<String>,
    /// The clauses that the case shows at their boundary.
    pub boundary: Vec<String>,
}

/// A header sets a limit that does not exist, or to something that is not a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError(String);

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = &self.0;
        let mut limits = CaseLimits::default();
        let names = limits.fields().map(|(name, _)| name).join(", ");
        write!(
            f,
            "'{word}' is not a limit; write NAME=NUMBER, where NAME is one of {names}"
        )
    }
}

impl Error for HeaderError {}

impl CaseLimits {
    /// Returns `base` with these limits in place of its own.
    pub fn over(self, base: Limits) -> Limits {
        Limits {
            fuel: self.fuel.or(base.fuel),
            call_depth: self.call_depth.unwrap_or(base.call_depth),
            output_bytes: self.output_bytes.or(base.output_bytes),
            heap_bytes: self.heap_bytes.unwrap_or(base.heap_bytes),
            ..base
        }
    }

    /// Returns the fields with their names in headers and in the protocol.
    pub fn fields(&mut self) -> [(&'static str, &mut Option<u64>); 4] {
        [
            ("fuel", &mut self.fuel),
            ("call_depth", &mut self.call_depth),
            ("output_bytes", &mut self.output_bytes),
            ("heap_bytes", &mut self.heap_bytes),
        ]
    }
}

impl Header {
    /// Returns all clauses that the header names.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        [&self.holds, &self.breaks, &self.boundary]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

impl Case {
    /// Returns a program of one file, without a header.
    pub fn single(machine: Machine, entry: &str, text: impl Into<Vec<u8>>) -> Case {
        Case {
            name: entry.to_owned(),
            machine,
            entry: entry.to_owned(),
            files: BTreeMap::from([(entry.to_owned(), text.into())]),
            root: false,
            strict: false,
            limits: CaseLimits::default(),
            header: Header::default(),
        }
    }

    /// Reads header lines into the case: `key: value`, or a line that describes the case.
    ///
    /// # Errors
    ///
    /// Returns an error if the header sets a limit that does not exist or is not a number.
    pub fn read_header(&mut self, text: &str) -> Result<(), HeaderError> {
        for line in text.lines().filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once(':').unwrap_or(("", line));
            let clauses = value.split_whitespace().map(str::to_owned);
            match key {
                "holds" => self.header.holds.extend(clauses),
                "breaks" => self.header.breaks.extend(clauses),
                "boundary" => self.header.boundary.extend(clauses),
                "entry" => self.entry = value.trim().to_owned(),
                "root" if value.trim() == "." => self.root = true,
                "strict" if value.trim() == "yes" => self.strict = true,
                "limits" => {
                    for word in value.split_whitespace() {
                        self.set_limit(word)
                            .ok_or_else(|| HeaderError(word.to_owned()))?;
                    }
                }
                _ => self.header.about.push(line.to_owned()),
            }
        }
        Ok(())
    }

    /// Sets a limit written as `name=number`.
    fn set_limit(&mut self, word: &str) -> Option<()> {
        let (name, number) = word.split_once('=')?;
        let mut fields = self.limits.fields().into_iter();
        let (_, field) = fields.find(|(known, _)| *known == name)?;
        *field = Some(number.parse().ok()?);
        Some(())
    }

    /// Returns the header as lines, which [`Case::read_header`] reads back.
    pub fn header_text(&self) -> String {
        let mut text: String = self
            .header
            .about
            .iter()
            .map(|line| format!("{line}\n"))
            .collect();
        let header = &self.header;
        let lists = [
            ("holds", &header.holds),
            ("breaks", &header.breaks),
            ("boundary", &header.boundary),
        ];
        for (key, clauses) in lists {
            if !clauses.is_empty() {
                text.push_str(&format!("{key}: {}\n", clauses.join(" ")));
            }
        }
        if self.strict {
            text.push_str("strict: yes\n");
        }
        let mut limits = self.limits;
        let set = limits
            .fields()
            .map(|(name, field)| field.map(|most| format!("{name}={most}")));
        let set: Vec<String> = set.into_iter().flatten().collect();
        if !set.is_empty() {
            text.push_str(&format!("limits: {}\n", set.join(" ")));
        }
        text
    }

    /// Returns the limits with which the case is run: its own, and for those that it does not set,
    /// [`Limits::untrusted`].
    pub fn limits(&self) -> Limits {
        self.limits.over(Limits::untrusted())
    }

    /// Returns the folder that is the root: empty, or with a `/` at its end.
    pub fn root_prefix(&self) -> &str {
        match self.entry.rfind('/') {
            Some(at) if !self.root => &self.entry[..=at],
            _ => "",
        }
    }

    /// Returns the files in the root, with their names relative to it.
    pub fn rooted_files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let prefix = self.root_prefix();
        self.files
            .iter()
            .filter_map(move |(name, bytes)| Some((name.strip_prefix(prefix)?, bytes.as_slice())))
    }

    /// Returns the name of the entry relative to the root.
    pub fn rooted_entry(&self) -> &str {
        &self.entry[self.root_prefix().len()..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back() {
        let text =
            "It prints.\nholds: a.1 b.2\nboundary: c.3\nstrict: yes\nlimits: fuel=3 heap_bytes=9\n";
        let mut case = Case::single(Machine::Mmm, "a.mmm", "");
        case.read_header(text).unwrap();
        assert!(case.strict);
        assert_eq!(case.header.holds, ["a.1", "b.2"]);
        assert_eq!(case.limits.heap_bytes, Some(9));
        assert_eq!(case.header_text(), text);
        assert!(case.read_header("limits: full=3").is_err());
    }

    #[test]
    fn the_root_is_the_entrys_folder_unless_it_is_set() {
        let mut case = Case::single(Machine::Mmm, "a/b.mmm", "");
        case.files.insert("c.mmm".to_owned(), Vec::new());
        let names = |case: &Case| {
            case.rooted_files()
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (case.rooted_entry(), names(&case)),
            ("b.mmm", vec!["b.mmm".to_owned()])
        );
        case.root = true;
        assert_eq!(case.rooted_entry(), "a/b.mmm");
        assert_eq!(names(&case), ["a/b.mmm", "c.mmm"]);
    }
}
