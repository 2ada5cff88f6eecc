//! What the tests of the built program share.

pub(crate) mod browser;
pub(crate) mod sample;
pub(crate) mod terminal;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The built program.
pub(crate) const MMM: &str = env!("CARGO_BIN_EXE_mmm");

/// A folder of files that is gone after the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.put(name, text);
        }
        folder
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// `mmm` in this folder, to be given arguments.
    pub(crate) fn mmm(&self) -> Command {
        let mut command = Command::new(MMM);
        command.current_dir(self.path()).env_remove("NO_COLOR");
        command
    }

    /// Runs `mmm` with a command line, and nothing on stdin.
    pub(crate) fn run(&self, line: &str) -> Seen {
        self.run_with(line, "")
    }

    /// Runs `mmm` with a command line and something on stdin.
    pub(crate) fn run_with(&self, line: &str, input: impl AsRef<[u8]>) -> Seen {
        let mut child = self
            .mmm()
            .args(shell_words::split(line).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.as_ref().to_vec();
        // A child that does not listen is no failure here.
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Seen::from(output)
    }
}

/// What was seen of a run of the program.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Seen {
    fn from(output: Output) -> Seen {
        Seen {
            status: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Seen {
    /// Checks status, stdout to the letter, and a part of stderr (all of it, if that is empty).
    #[track_caller]
    pub(crate) fn is(self, status: i32, out: &str, err: &str) -> Seen {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert_eq!(self.out, out, "{self:#?}");
        self.complains(err)
    }

    #[track_caller]
    pub(crate) fn complains(self, err: &str) -> Seen {
        match err.is_empty() {
            true => assert_eq!(self.err, "", "{self:#?}"),
            false => assert!(self.err.contains(err), "{err:?} is not in {self:#?}"),
        }
        self
    }
}
