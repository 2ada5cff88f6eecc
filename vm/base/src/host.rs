//! Hosts: the files, the output and the debugger that a machine is given.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The outside world of a machine: a root directory with files, an output, perhaps a debugger.
///
/// A machine touches nothing else. [`MemoryHost`] and [`DirHost`] are ready to use; a host of your
/// own implements `read` and `write`.
pub trait Host {
    /// Returns the contents of a file of at most `max_bytes` bytes. `path` is relative to the root,
    /// with `/` between names, and without `.`, `..` and empty names (see [`resolve`]).
    fn read(&mut self, path: &str, max_bytes: u64) -> Result<Vec<u8>, ReadError>;

    /// Writes what the program prints.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Writes to the program's standard error. The default drops it; only Python programs have one.
    fn write_error(&mut self, bytes: &[u8]) -> io::Result<()> {
        let _ = bytes;
        Ok(())
    }

    /// Returns the next line of the program's standard input with its newline, or `None` at the end
    /// of the input, which is the default. Only Python programs read it.
    fn read_line(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// Returns the console of the debugger; `None`, the default, if there is no debugger.
    fn debugger(&mut self) -> Option<&mut dyn DebugPort> {
        None
    }
}

/// The console of a debugger, at which a person reads and types.
pub trait DebugPort {
    /// Shows a text.
    fn show(&mut self, text: &str);
    /// Shows a prompt and reads a line; returns `None` at the end of the input.
    fn read_line(&mut self, prompt: &str) -> Option<String>;
}

/// The reason why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The file is longer than allowed.
    TooLong,
    /// The file does not exist or may not be read; the reason.
    Denied(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::TooLong => f.write_str("the file is longer than allowed"),
            ReadError::Denied(why) => f.write_str(why),
        }
    }
}

impl Error for ReadError {}

/// Resolves a path by its names alone, without looking at any file.
///
/// `path` starts in the folder `from`, which is a resolved path or empty for the root; a path that
/// begins with `/` starts at the root. Returns `None` if the path climbs above the root at any
/// point, or if nothing is left of it.
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

/// A host in memory, which is given its files and keeps the output.
///
/// ```
/// use vm_base::{Host, MemoryHost, ReadError};
/// let mut host = MemoryHost::new([("lib/a.mmm", "function f\nend\n")]);
/// assert_eq!(host.read("lib/a.mmm", 100).unwrap(), b"function f\nend\n");
/// assert_eq!(host.read("lib/a.mmm", 5), Err(ReadError::TooLong));
/// host.write(b"printed").unwrap();
/// assert_eq!(host.output, b"printed");
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryHost {
    files: BTreeMap<String, Vec<u8>>,
    /// The output of the program.
    pub output: Vec<u8>,
}

impl MemoryHost {
    /// Returns a host with these files, whose names are relative to the root.
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
    fn read(&mut self, path: &str, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
        match self.files.get(path) {
            Some(bytes) if bytes.len() as u64 > max_bytes => Err(ReadError::TooLong),
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ReadError::Denied("there is no such file".to_owned())),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.extend_from_slice(bytes);
        Ok(())
    }
}

/// A host that reads the files under one folder of the file system, and no others.
///
/// A symbolic link that leads out of the folder is not followed, and only plain files are read.
pub struct DirHost<'a> {
    root: PathBuf,
    output: Box<dyn Write + 'a>,
    debugger: Option<Box<dyn DebugPort + 'a>>,
}

impl<'a> DirHost<'a> {
    /// Returns a host for the folder `root` that writes to `output`.
    pub fn new(root: &Path, output: impl Write + 'a) -> io::Result<DirHost<'a>> {
        Ok(DirHost {
            root: fs::canonicalize(root)?,
            output: Box::new(output),
            debugger: None,
        })
    }

    /// Attaches a debugger, which a `breakpoint` opens.
    pub fn with_debugger(mut self, debugger: impl DebugPort + 'a) -> DirHost<'a> {
        self.debugger = Some(Box::new(debugger));
        self
    }

    /// Flushes the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// Returns the real path of a plain file that lies under the real root.
    fn find(&self, path: &str) -> io::Result<PathBuf> {
        let real = fs::canonicalize(self.root.join(path))?;
        if !real.starts_with(&self.root) {
            let why = "a symbolic link leads out of the root directory";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        // Reading a pipe or a device could block forever.
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
    fn read(&mut self, path: &str, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
        let denied = |error: io::Error| {
            ReadError::Denied(match error.kind() {
                io::ErrorKind::NotFound => "there is no such file".to_owned(),
                _ => error.to_string(),
            })
        };
        let file = self.find(path).and_then(File::open).map_err(denied)?;
        let length = file.metadata().map_err(denied)?.len();
        if length > max_bytes {
            return Err(ReadError::TooLong);
        }
        let mut bytes = Vec::with_capacity(length as usize);
        file.take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(denied)?;
        match bytes.len() as u64 > max_bytes {
            true => Err(ReadError::TooLong),
            false => Ok(bytes),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)
    }

    fn debugger(&mut self) -> Option<&mut dyn DebugPort> {
        // The person at the debugger should see what was printed so far.
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
