//! Reading a program on disk, with every file that it loads, as a case.

use super::machines::{self, LoadOptions};
use crate::case::Case;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use vm::base::{DirHost, Host, ReadError};

/// Reads the program whose entry is the file `entry` in the folder `root`.
///
/// # Errors
///
/// Returns an error if the folder or the entry cannot be read. A program that does not load is a case
/// as well.
pub fn gather(root: &Path, entry: &str, loading: &LoadOptions) -> io::Result<Case> {
    let mut host = Gatherer {
        host: DirHost::new(root, io::sink())?,
        files: BTreeMap::new(),
    };
    // A program that does not load is a case as well.
    drop(machines::load(&mut host, entry, loading));
    if host.files.is_empty() {
        return Err(io::Error::other("it is larger than a program may be"));
    }
    Ok(Case {
        files: host.files,
        root: true,
        strict: loading.strict,
        ..Case::single(loading.machine, entry, "")
    })
}

/// A host that keeps the files that are read.
struct Gatherer<'a> {
    host: DirHost<'a>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Host for Gatherer<'_> {
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let bytes = self.host.read(path, most)?;
        self.files.insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.host.write(bytes)
    }
}
