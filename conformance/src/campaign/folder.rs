//! The folder of a machine's campaign: its state in `campaign.json`, and a folder for each finding.
//!
//! ```text
//! FINDINGS/MACHINE/campaign.json
//! FINDINGS/MACHINE/MACHINE-SEED-NUMBER/FINDING.md
//! FINDINGS/MACHINE/MACHINE-SEED-NUMBER/MACHINE-SEED-NUMBER.mmm          a program of one file
//! FINDINGS/MACHINE/MACHINE-SEED-NUMBER/MACHINE-SEED-NUMBER.case/…       a program of several
//! ```
//!
//! The cases lie where those of a corpus do. Files are written only under these names, and files of
//! an earlier session are removed only if they are still as that session wrote them.

use super::error::Error;
use super::files;
use super::finding::Finding;
use super::naming::is_one_file;
use super::options::Options;
use crate::case::Case;
use crate::machine::Machine;
use crate::report::finding;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file of a campaign's state.
const STATE: &str = "campaign.json";
/// The name under which a new state is written before it replaces the old one.
const NEW_STATE: &str = "campaign.json.new";
/// The page that describes a finding.
const PAGE: &str = "FINDING.md";
/// The maximal size of a state.
const MAX_STATE_BYTES: u64 = 256 << 20;

/// The folder of a machine's campaign in a folder of findings.
pub(super) struct Folder {
    findings: PathBuf,
    machine: Machine,
}

impl Folder {
    /// Returns the folder of a machine; it need not exist.
    pub(super) fn new(findings: &Path, machine: Machine) -> Folder {
        Folder {
            findings: findings.to_owned(),
            machine,
        }
    }

    /// Returns the path of the folder.
    fn path(&self) -> PathBuf {
        self.findings.join(self.machine.name())
    }

    /// Returns the path of the state.
    pub(super) fn state_path(&self) -> PathBuf {
        self.path().join(STATE)
    }

    /// Returns the path of a finding's folder.
    pub(super) fn finding_path(&self, case: &Case) -> PathBuf {
        self.path().join(&case.name)
    }

    /// Reads the state; `None` if there is none.
    pub(super) fn read_state(&self) -> Result<Option<Vec<u8>>, Error> {
        let path = self.state_path();
        let relative = Path::new(self.machine.name()).join(STATE);
        if !self.path().exists() {
            return Ok(None);
        }
        let result = match files::is_reached_by_folders(&self.findings, &relative) {
            true => files::read(&path, MAX_STATE_BYTES),
            false => Err(io::Error::other("its folder is a symbolic link")),
        };
        match result {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// Replaces the state; if that fails, the old one stays.
    pub(super) fn write_state(&self, bytes: &[u8]) -> Result<(), Error> {
        let write = || {
            self.create(Path::new(""))?;
            let new = self.path().join(NEW_STATE);
            files::write(&new, bytes)?;
            fs::rename(&new, self.state_path())
        };
        write().map_err(|source| Error::Write {
            path: self.path(),
            source,
        })
    }

    /// Writes a finding into its folder and returns that folder. `previous` is the case that an
    /// earlier session wrote there: those of its files that are still the same are removed.
    pub(super) fn write_finding(
        &self,
        options: &Options,
        finding: &Finding,
        previous: Option<&Case>,
    ) -> Result<PathBuf, Error> {
        let folder = self.finding_path(&finding.case);
        let written = self.try_write_finding(options, finding, previous, &folder);
        match written {
            Ok(()) => Ok(folder),
            Err(source) => Err(Error::Write {
                path: folder,
                source,
            }),
        }
    }

    fn try_write_finding(
        &self,
        options: &Options,
        finding: &Finding,
        previous: Option<&Case>,
        folder: &Path,
    ) -> io::Result<()> {
        let name = Path::new(&finding.case.name);
        self.create(name)?;
        let new = layout(&finding.case);
        let old = previous.filter(|case| case.name == finding.case.name);
        for (file, bytes) in old.map(layout).unwrap_or_default() {
            if !new.contains_key(&file) {
                files::remove_unchanged(folder, Path::new(&file), &bytes);
            }
        }
        for (file, bytes) in &new {
            let parent = Path::new(file).parent().unwrap_or(Path::new(""));
            self.create(&name.join(parent))?;
            files::write(&folder.join(file), bytes)?;
        }
        let page = finding::page(options, finding, folder);
        files::write(&folder.join(PAGE), page.as_bytes())
    }

    /// Creates a folder below this one.
    fn create(&self, relative: &Path) -> io::Result<()> {
        fs::create_dir_all(&self.findings)?;
        let relative = Path::new(self.machine.name()).join(relative);
        files::create_folders(&self.findings, &relative)
    }
}

/// Returns the files of a case in the folder of its finding.
fn layout(case: &Case) -> BTreeMap<String, Vec<u8>> {
    if is_one_file(case) {
        return case.files.clone();
    }
    let within = |file: &str| format!("{}.case/{file}", case.name);
    let mut files: BTreeMap<String, Vec<u8>> = case
        .files
        .iter()
        .map(|(file, bytes)| (within(file), bytes.clone()))
        .collect();
    let header = case.header_text() + &header_places(case);
    files.insert(within("case.header"), header.into_bytes());
    files
}

/// Returns the header lines for entry and root, where they are not the default ones.
fn header_places(case: &Case) -> String {
    let mut lines = String::new();
    if case.entry != case.machine.row().entry {
        let _ = writeln!(lines, "entry: {}", case.entry);
    }
    if case.root && case.entry.contains('/') {
        lines.push_str("root: .\n");
    }
    lines
}
