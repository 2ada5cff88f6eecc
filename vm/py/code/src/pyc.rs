//! `.pyc` files: a header of 16 bytes and a marshalled code object.
//!
//! ```
//! use vm_py_code::pyc::{Header, MAGIC};
//!
//! let mut bytes = MAGIC.to_vec();
//! bytes.extend([0; 12]);
//! let header = Header::read("empty.pyc", &bytes)?;
//! assert_eq!(header, Header::Timestamp { mtime: 0, size: 0 });
//! assert_eq!(header.write()[..], bytes[..]);
//! # Ok::<(), vm_base::LoadError>(())
//! ```

use super::marshal;
use super::object::{Id, Pool};
use std::ops::Range;
use vm_base::{Diagnostic, LoadError, Place};

/// The first four bytes of a file of CPython 3.9.
pub const MAGIC: [u8; 4] = [0x61, 0x0d, 0x0d, 0x0a];

/// The length of the header; the code object follows it.
pub const HEADER_BYTES: usize = 16;

/// The header: how CPython finds out whether the file is up to date with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Header {
    /// By the modification time and the size of the source, each modulo 2^32.
    Timestamp {
        /// The modification time, in seconds since 1970.
        mtime: u32,
        /// The size, in bytes.
        size: u32,
    },
    /// By a hash of the source, or not at all.
    Hash {
        /// Whether CPython compares the hash.
        checked: bool,
        /// The SipHash-2-4 of the source, keyed by the magic number.
        hash: [u8; 8],
    },
}

/// The contents of a `.pyc` file.
#[derive(Clone, Debug)]
pub struct Pyc {
    /// The header.
    pub header: Header,
    /// The objects.
    pub pool: Pool,
    /// The code object of the module.
    pub code: Id,
    /// The offset of each object in the file that was read, by id; empty if no file was read.
    pub offsets: Vec<u32>,
}

impl Pyc {
    /// Reads a file. Bytes after the code object are ignored, as in CPython.
    ///
    /// `name` is the name of the file in messages.
    ///
    /// # Errors
    ///
    /// Returns an error for another magic number, for flags that CPython's importer refuses, for
    /// an object that is not a code object, and for anything that [`marshal::read`] refuses.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Pyc, LoadError> {
        let header = Header::read(name, bytes)?;
        let found = marshal::read(name, bytes, HEADER_BYTES)?;
        if found.pool.code(found.root).is_none() {
            let kind = found.pool.get(found.root).kind();
            let message = format!("the file must contain a code object, and contains {kind}");
            return Err(error(name, bytes, 16..17, message, "not a code object").into());
        }
        Ok(Pyc {
            header,
            pool: found.pool,
            code: found.root,
            offsets: found.offsets,
        })
    }

    /// Returns the bytes of the file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = self.header.write().to_vec();
        out.extend(marshal::write(&self.pool, self.code));
        out
    }
}

impl Header {
    /// Reads the first 16 bytes of a file.
    ///
    /// # Errors
    ///
    /// Returns an error for another magic number, for flags that CPython's importer refuses, and if
    /// there are fewer than 16 bytes.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Header, LoadError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(other_magic(name, bytes).into());
        }
        let Some((header, _)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            let message = format!(
                "the file ends inside the header: it has {} bytes, and the header has 16",
                bytes.len()
            );
            let end = bytes.len();
            return Err(error(name, bytes, end..end, message, "header").into());
        };
        let word = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        match word(4) {
            // Bit 1 has a meaning for hashes only.
            0b00 | 0b10 => Ok(Header::Timestamp {
                mtime: word(8),
                size: word(12),
            }),
            flags @ (0b01 | 0b11) => {
                let mut hash = [0; 8];
                hash.copy_from_slice(&header[8..]);
                Ok(Header::Hash {
                    checked: flags & 0b10 != 0,
                    hash,
                })
            }
            flags => {
                let message = format!(
                    "the flags of the header are {flags:#x}: only bits 0 and 1 are defined"
                );
                let found = error(name, bytes, 4..8, message, "flags");
                Err(found
                    .help("0 is a timestamp, 1 an unchecked hash, 3 a checked hash")
                    .into())
            }
        }
    }

    /// Returns the 16 bytes of the header.
    pub fn write(&self) -> [u8; HEADER_BYTES] {
        let (flags, rest) = match *self {
            Header::Timestamp { mtime, size } => (0u32, u64::from(size) << 32 | u64::from(mtime)),
            Header::Hash { checked, hash } => {
                (if checked { 0b11 } else { 0b01 }, u64::from_le_bytes(hash))
            }
        };
        let mut out = [0; HEADER_BYTES];
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&flags.to_le_bytes());
        out[8..].copy_from_slice(&rest.to_le_bytes());
        out
    }
}

/// Returns an error that shows the bytes of `range`.
fn error(
    name: &str,
    bytes: &[u8],
    range: Range<usize>,
    message: impl Into<String>,
    label: &str,
) -> Diagnostic {
    Diagnostic::error(message).at(Place::in_bytes(name, bytes, range, label))
}

/// Magic numbers of other versions of CPython: the first number, the last number and the version.
const MAGICS: [(u16, u16, &str); 21] = [
    (3000, 3131, "3.0"),
    (3140, 3151, "3.1"),
    (3160, 3180, "3.2"),
    (3190, 3230, "3.3"),
    (3250, 3310, "3.4"),
    (3320, 3351, "3.5"),
    (3360, 3379, "3.6"),
    (3390, 3399, "3.7"),
    (3400, 3419, "3.8"),
    (3420, 3424, "3.9 (before its release)"),
    (3430, 3449, "3.10"),
    (3450, 3499, "3.11"),
    (3500, 3549, "3.12"),
    (3550, 3599, "3.13"),
    (3600, 3649, "3.14"),
    (62011, 62021, "2.3"),
    (62041, 62061, "2.4"),
    (62071, 62131, "2.5"),
    (62151, 62161, "2.6"),
    (62171, 62211, "2.7"),
    (50823, 50824, "2.0"),
];

/// Returns the error for a file that does not begin with [`MAGIC`].
#[cold]
fn other_magic(name: &str, bytes: &[u8]) -> Diagnostic {
    let shown = 0..bytes.len().min(4);
    let [low, high, b'\r', b'\n', ..] = *bytes else {
        let message = "this is not a .pyc file: it does not begin with a magic number";
        let found = error(name, bytes, shown, message, "magic number");
        return found.help("a .pyc file of CPython 3.9 begins with 61 0d 0d 0a");
    };
    let magic = u16::from_le_bytes([low, high]);
    let row = MAGICS
        .iter()
        .find(|&&(first, last, _)| (first..=last).contains(&magic));
    let message = match row {
        Some((.., version)) => format!("this .pyc file is of Python {version}, not of Python 3.9"),
        None => format!("this .pyc file is of another Python: its magic number is {magic}"),
    };
    let found = error(name, bytes, shown, message, "magic number");
    found.help("compile it again with Python 3.9, whose magic number is 3425")
}
