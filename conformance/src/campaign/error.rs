//! The errors of campaigns.

use crate::machine::Machine;
use crate::report::visible::line;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a campaign could not be run, resumed, merged or saved.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No generator makes programs of this machine.
    NoGenerator(Machine),
    /// Only a machine with a binary format has files to damage.
    NoBinaryFormat(Machine),
    /// The engines could not be started.
    Engines(io::Error),
    /// A file could not be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file or folder could not be written.
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A `campaign.json` is not JSON of the right shape.
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A saved campaign has the right shape but holds a value that no campaign writes.
    Invalid {
        /// The field.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// Two campaigns that have to be the same one differ in a setting.
    Different {
        /// The setting.
        what: &'static str,
        /// The folders of the two, where they are known.
        folders: Option<(PathBuf, PathBuf)>,
        /// Its value in the saved campaign, or in the first of two.
        left: String,
        /// Its value in the options, or in the second.
        right: String,
    },
    /// A campaign that was merged from several parts cannot be resumed.
    SeveralParts,
    /// Two folders hold results of the same programs.
    Overlap {
        /// The first folder.
        left: PathBuf,
        /// What it holds.
        left_part: String,
        /// The second folder.
        right: PathBuf,
        /// What it holds.
        right_part: String,
    },
    /// There is nothing to merge.
    NothingToMerge,
}

impl Error {
    /// Returns the error for an invalid field of a saved campaign.
    pub(super) fn invalid(field: impl Into<String>, why: impl Into<String>) -> Error {
        Error::Invalid {
            field: field.into(),
            why: why.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoGenerator(machine) => write!(f, "there is no generator for {machine} yet"),
            Error::NoBinaryFormat(machine) => {
                write!(f, "{machine} has no binary files to damage")
            }
            Error::Engines(source) => write!(f, "cannot start the engines: {source}"),
            Error::Read { path, source } => write!(f, "cannot read '{}': {source}", path.display()),
            Error::Write { path, source } => {
                write!(f, "cannot write '{}': {source}", path.display())
            }
            Error::Parse { path, source } => write!(
                f,
                "'{}' is not a campaign that this version saved: {source}",
                path.display()
            ),
            Error::Invalid { field, why } => write!(f, "invalid '{field}': {why}"),
            Error::Different {
                what,
                folders: None,
                left,
                right,
            } => write!(
                f,
                "it is a campaign with another {what}: {}, not {}",
                line(left),
                line(right)
            ),
            Error::Different {
                what,
                folders: Some((first, second)),
                left,
                right,
            } => write!(
                f,
                "'{}' and '{}' are campaigns of different {what}: {} and {}",
                first.display(),
                second.display(),
                line(left),
                line(right)
            ),
            Error::SeveralParts => {
                f.write_str("it was merged from several parts; resume each of them instead")
            }
            Error::Overlap {
                left,
                left_part,
                right,
                right_part,
            } => write!(
                f,
                "'{}' ({left_part}) and '{}' ({right_part}) ran some of the same programs",
                left.display(),
                right.display()
            ),
            Error::NothingToMerge => f.write_str("there is nothing to merge"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Engines(source) | Error::Read { source, .. } | Error::Write { source, .. } => {
                Some(source)
            }
            Error::Parse { source, .. } => Some(source),
            _ => None,
        }
    }
}
