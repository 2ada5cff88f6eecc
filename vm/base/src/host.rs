//! The world as a machine sees it: files under a root, an output, perhaps a debugger.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What a machine may ask of the world.
pub trait Host {
    /// Reads a file, of which no more than `most` bytes may come. `path` is relative to the root,
    /// with `/` between names and neither `.`, `..` nor empty names in it (see [`resolve`]).
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, ReadError>;

    /// Takes what the program prints.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The person at the debugger, if there is one.
    fn debugger(&mut self) -> Option<&mut dyn DebugPort> {
        None
    }
}

/// A person at a debugger.
pub trait DebugPort {
    /// Shows text.
    fn show(&mut self, text: &str);
    /// Asks for a line; `None` is the end of input.
    fn read_line(&mut self, prompt: &str) -> Option<String>;
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is longer than allowed.
    TooLong,
    /// It is not there, or not to be read; the reason.
    Denied(String),
}

/// Resolves `path` by name alone, starting in the folder `from` (a resolved path, or empty for
/// the root); a path that begins with `/` starts at the root. `None` if it ever climbs above the
/// root, or names nothing.
///
/// ```
/// use vm_base::resolve;
/// assert_eq!(resolve("lib", "../a/./b.mmm").as_deref(), Some("a/b.mmm"));
/// assert_eq!(resolve("lib", "/b.mmm").as_deref(), Some("b.mmm"));
/// assert_eq!(resolve("lib", "../../lib/b.mmm"), None);
/// ```
pub fn resolve(from: &str, path: &str) -> Option<String> {
    let from = if path.starts_with('/') { "" } else { from };
    let mut names: Vec<&str> = Vec::new();
    for name in from.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            _ => names.push(name),
        }
    }
    (!names.is_empty()).then(|| names.join("/"))
}

/// A host in memory: files are given, output is kept.
#[derive(Clone, Debug, Default)]
pub struct MemoryHost {
    files: BTreeMap<String, Vec<u8>>,
    /// What the program printed.
    pub output: Vec<u8>,
}

impl MemoryHost {
    /// A host with these files, named relative to the root.
    pub fn new<N: Into<String>, B: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (N, B)>,
    ) -> MemoryHost {
        MemoryHost {
            files: files
                .into_iter()
                .map(|(name, bytes)| (name.into(), bytes.into()))
                .collect(),
            output: Vec::new(),
        }
    }
}

impl Host for MemoryHost {
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        match self.files.get(path) {
            Some(bytes) if bytes.len() as u64 > most => Err(ReadError::TooLong),
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ReadError::Denied("there is no such file".to_owned())),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.extend_from_slice(bytes);
        Ok(())
    }
}

/// A host that reads the files under one folder and no others.
pub struct DirHost<'a> {
    root: PathBuf,
    output: Box<dyn Write + 'a>,
    debugger: Option<Box<dyn DebugPort + 'a>>,
}

impl<'a> DirHost<'a> {
    /// A host for the folder `root`, printing to `output`.
    pub fn new(root: &Path, output: impl Write + 'a) -> io::Result<DirHost<'a>> {
        Ok(DirHost {
            root: fs::canonicalize(root)?,
            output: Box::new(output),
            debugger: None,
        })
    }

    /// Seats a person at the debugger.
    pub fn with_debugger(mut self, debugger: impl DebugPort + 'a) -> DirHost<'a> {
        self.debugger = Some(Box::new(debugger));
        self
    }

    /// Hands on what is still held back of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// The real file behind `path`, if it lies under the real root and is a plain file.
    fn find(&self, path: &str) -> io::Result<PathBuf> {
        let real = fs::canonicalize(self.root.join(path))?;
        if !real.starts_with(&self.root) {
            let why = "a symbolic link leads out of the root directory";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        // A pipe or device would be waited for, perhaps for ever.
        if !fs::metadata(&real)?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not a file",
            ));
        }
        Ok(real)
    }
}

impl Host for DirHost<'_> {
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let denied = |error: io::Error| {
            ReadError::Denied(match error.kind() {
                io::ErrorKind::NotFound => "there is no such file".to_owned(),
                _ => error.to_string(),
            })
        };
        let file = self.find(path).and_then(File::open).map_err(denied)?;
        let length = file.metadata().map_err(denied)?.len();
        if length > most {
            return Err(ReadError::TooLong);
        }
        let mut bytes = Vec::with_capacity(length as usize);
        file.take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(denied)?;
        match bytes.len() as u64 > most {
            true => Err(ReadError::TooLong),
            false => Ok(bytes),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)
    }

    fn debugger(&mut self) -> Option<&mut dyn DebugPort> {
        // A person at the debugger wants to see what was printed so far.
        let _ = self.output.flush();
        match &mut self.debugger {
            Some(debugger) => Some(&mut **debugger),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[track_caller]
    fn check(from: &str, path: &str, found: Option<&str>) {
        assert_eq!(
            resolve(from, path).as_deref(),
            found,
            "{path:?} from {from:?}"
        );
    }

    #[test]
    fn paths_resolve_by_name() {
        check("", "a", Some("a"));
        check("x/y", "a", Some("x/y/a"));
        check("x/y", "./../a", Some("x/a"));
        check("x/y", "/a//b/", Some("a/b"));
        check("", "no/such/../../a", Some("a"));
    }

    #[test]
    fn a_path_that_climbs_above_the_root_is_refused_even_if_it_comes_back() {
        check("", "../root/a", None);
        check("x", "../../a", None);
        check("x", "/../a", None);
        check("", "a/..", None);
        check("", "/", None);
    }
}
